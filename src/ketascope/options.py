"""What a command asks for: its options, and the people and the simulation they mean."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.console import progress_bar
from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import xarray as xr


DEFAULT_PEOPLE = 1000


class Format(StrEnum):
    """Formats of listings."""

    text = "text"
    json = "json"


class Summary(StrEnum):
    """Summaries of a simulation."""

    nca = "nca"
    quantiles = "quantiles"


class Carry(StrEnum):
    """Which covariates hold between two records of a data set."""

    backward = "backward"
    forward = "forward"
    linear = "linear"


RegimenArgument = Annotated[
    str,
    typer.Argument(
        metavar="REGIMEN",
        help="In words, label:NAME or a YAML file; see 'ketascope regimen'.",
    ),
]
RegimenOrData = Annotated[
    str | None,
    typer.Argument(
        metavar="[REGIMEN]",
        help="In words, label:NAME or a YAML file; see 'ketascope regimen'. Or give --data.",
    ),
]
PatientOption = Annotated[
    str | None, typer.Option("--patient", metavar="FILE", help="YAML or JSON; - is standard input.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Fix one covariate, for example age=45."),
]
PeopleOption = Annotated[
    str | None,
    typer.Option("--people", metavar="FILE", help="CSV or Parquet, one row a person."),
]
CountOption = Annotated[
    int | None, typer.Option("-n", metavar="N", help="Number of virtual people (default 1000).")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random numbers.")]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Instead of the default model.")
]
TypicalOption = Annotated[
    bool, typer.Option("--typical", help="One person, typical parameters, no random effects.")
]
WithOption = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="DRUG", help="Another medicine taken (not predicted yet)."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Go on with a dose above its sourced bound.")
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Threads (default: all cores).")
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="Data set with events, instead of a regimen; needs --model, which may be FILE.py.",
    ),
]
CarryOption = Annotated[
    Carry | None,
    typer.Option("--covariates", help="Covariates between records of a data set (backward)."),
]
ResidualOption = Annotated[
    bool, typer.Option("--residual", help="With --data: add columns with residual error.")
]
RtolOption = Annotated[
    float | None,
    typer.Option(
        "--rtol", metavar="X", help="With --data: relative tolerance of numerical solutions (1e-8)."
    ),
]
AtolOption = Annotated[
    float | None,
    typer.Option("--atol", metavar="X", help="With --data: absolute tolerance (1e-10)."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


def people_asked_for(
    patient: str | None,
    settings: list[str] | None,
    people: str | None,
    count: int | None,
    typical: bool,
) -> dict[str, Any]:
    """Resolve who is simulated: arguments ``people``, ``n`` and ``typical`` of simulate."""
    from ketascope.patients import Patient, Population, parse_settings, read_patient

    if people is not None:
        clash = [
            name
            for name, value in (("--patient", patient), ("--set", settings), ("-n", count))
            if value is not None
        ]
        if clash:
            raise InputError(f"--people cannot go with {clash[0]}", hint="the file says who it is")
        return {"people": Population.read(people), "typical": typical}
    if typical and count is not None:
        raise InputError("--typical is one person and -n asks for many", hint="leave one out")
    if count is not None and count < 1:
        raise InputError(f"{count} people were asked for", where="-n", hint="give 1 or more")
    who = read_patient(patient) if patient else Patient()
    if settings:
        who = who.updated(parse_settings(settings))
    if typical:
        return {"people": who}
    return {"people": who, "n": count or DEFAULT_PEOPLE}


def simulated(
    regimen: str,
    options: dict[str, Any],
    *,
    with_drugs: list[str] | None,
    quantiles: tuple[float, ...] | None = None,
    **arguments: Any,
) -> xr.Dataset:
    """Simulate with a progress bar; medicines taken beside are said not to be predicted.

    With quantiles, only those over people are worked out, and nobody's curve is held.
    """
    import json

    from ketascope.engine.simulate import simulate
    from ketascope.engine.simulate_quantiles import simulate_quantiles

    run: Callable[..., xr.Dataset] = simulate
    if quantiles is not None:
        run = partial(simulate_quantiles, quantiles=quantiles)

    with progress_bar("Simulating people") as progress:
        result = run(regimen, **options, **arguments, progress=progress)
    if with_drugs:
        warnings = json.loads(result.attrs["warnings"]) + [
            f"{drug}: its effect on exposure is not predicted by this version; the concentrations "
            "shown are those without it."
            for drug in with_drugs
        ]
        result.attrs["warnings"] = json.dumps(warnings)
    return result


def regimen_without_data(regimen: str | None, **only_data: Any) -> str:
    """Return the regimen; refuse none, and what only a data set can have, by name of option."""
    for option, value in only_data.items():
        name = f"--{option}"
        if value not in (None, False):
            raise InputError(f"{name} is for data sets", hint="give one with --data, or leave it")
    if regimen is None:
        raise InputError(
            "there is neither a REGIMEN nor a data set",
            hint='give one in quotes, such as "esketamine 56 mg intranasal once", or --data FILE',
        )
    return regimen


def data_simulated(
    data: str,
    model: str | None,
    clash: dict[str, Any],
    carry: Carry | None,
    output: str,
    **arguments: Any,
) -> pa.Table:
    """Simulate a data set with a progress bar; refuse what is asked for beside it.

    Parameters
    ----------
    clash : dict
        Options that say who gets what, which the data set does, by their names.
    output : str
        Where the table will go.
    """
    from ketascope.engine.data import simulate_data
    from ketascope.engine.export import format_of, table_of

    given = [name for name, value in clash.items() if value]
    if given:
        raise InputError(
            f"--data cannot go with {given[0]}", hint="the data set says who gets what and when"
        )
    if "-" not in (data, output) and Path(output).resolve() == Path(data).resolve():
        raise InputError(
            f"the table would take the place of the data set '{data}'",
            where="-o",
            hint="give another file",
        )
    if format_of(output) == "nc":
        raise InputError("records are a table", where="-o", hint="use .csv or .parquet")
    if model is None:
        raise InputError(
            "a data set needs a model", where="--data", hint="give --model FILE.py, or a name"
        )
    with progress_bar("Simulating people") as progress:
        frame = simulate_data(
            model, data, covariates=(carry or Carry.backward).value, progress=progress, **arguments
        )
    return table_of(frame, frame)


def other_models(
    regimen: str, options: dict[str, Any], result: xr.Dataset, *, seed: int, force: bool
) -> list[xr.Dataset]:
    """Return what the other models that could answer give the same people, without randomness."""
    import json

    from ketascope.engine.simulate import simulate as run
    from ketascope.engine.simulate import who_is_simulated

    people, _ = who_is_simulated(**options, seed=seed)
    times = result["time"].to_numpy()
    return [
        run(regimen, people, typical=True, model=name, times=times, force=force)
        for name in json.loads(result.attrs["alternatives"])
    ]


def date_of(text: str | None) -> Any:
    """Read the date of day 1, or None; InputError for what is no date."""
    import datetime

    if text is None:
        return None
    try:
        day = datetime.date.fromisoformat(text)
        # a course may last ten years
        day + datetime.timedelta(days=3660)
        return day
    except (ValueError, OverflowError):
        raise InputError(
            f"'{text}' is not a date", where="--start", hint="write it as 2027-01-31"
        ) from None
