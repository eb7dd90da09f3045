"""The command ``simulate``: a table of concentrations, of a regimen or of a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.asked import people_asked_for, simulated
from ketascope.console import progress_bar, say, show_warnings
from ketascope.errors import InputError
from ketascope.options import (
    ALL_MODELS,
    AtolOption,
    Carry,
    CarryOption,
    CountOption,
    DataOption,
    ForceOption,
    ModelsOption,
    PatientOption,
    PeopleOption,
    RegimenOrData,
    ResidualOption,
    RtolOption,
    SeedOption,
    SetOption,
    Summary,
    TypicalOption,
    WithOption,
    WorkersOption,
)

if TYPE_CHECKING:
    import xarray as xr


def simulate(
    regimen: RegimenOrData = None,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=".parquet, .csv or .nc; - is CSV on standard output.",
        ),
    ] = "-",
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelsOption = None,
    with_drugs: WithOption = None,
    times: Annotated[
        str | None,
        typer.Option("--times", metavar="A:B:STEP", help="Hours, B included; or a list 0,0.5,1."),
    ] = None,
    summary: Annotated[
        Summary | None,
        typer.Option("--summary", help="Exposure of each person, or quantiles over people."),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            metavar="R",
            help="Redraw typical values from their standard errors R times.",
        ),
    ] = None,
    effects: Annotated[
        bool, typer.Option("--effects", help="Also acute effects, a column each.")
    ] = False,
    data: DataOption = None,
    carry: CarryOption = None,
    residual: ResidualOption = False,
    rtol: RtolOption = None,
    atol: AtolOption = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
) -> None:
    """Write concentrations over time: columns id, time (h), then each analyte in ng/mL.

    With --effects: then the acute effects that are predicted; see ketascope effects.

    With --data: columns ID, TIME (h), then each output, a row for each record of the data set.
    """
    _check_wishes(output, summary, times, replicates)
    if effects and (summary, replicates, data) != (None, None, None):
        raise InputError(
            "effects are curves of people",
            where="--effects",
            hint="leave out --summary, --replicates and --data",
        )
    how: dict[str, Any] = {
        "model": model,
        "seed": seed,
        "replicates": replicates,
        "workers": workers,
        # left out, they are those of what is solved: responses, or differential equations
        **{name: x for name, x in (("rtol", rtol), ("atol", atol)) if x is not None},
    }
    if data is not None:
        clash: dict[str, Any] = {
            "a REGIMEN": regimen,
            "--patient": patient,
            "--set": settings,
            "--people": people,
            "-n": count,
            "--with": with_drugs,
            "--times": times,
            "--summary": summary,
            "--force": force,
        }
        _refuse_beside_data(data, output, model, clash)
        _write_records(data, output, carry=carry, typical=typical, residual=residual, **how)
    else:
        words = _regimen_without_data(regimen, covariates=carry, residual=residual)
        who = people_asked_for(patient, settings, people, count, typical)
        how |= {"force": force, "with_drugs": with_drugs}
        if model == ALL_MODELS:
            _write_all_models(words, output, who, summary, how)
        else:
            _write_course(words, output, who, times, summary, how, effects=effects)
    say(f"Wrote {output}.", quiet=output == "-")


def _check_wishes(
    output: str, summary: Summary | None, times: str | None, replicates: int | None
) -> None:
    """Refuse an output that cannot be written, and what does not go with a summary."""
    from ketascope.engine import export

    kind = export.format_of(output)
    if output == "-" and sys.stdout.isatty():
        raise InputError(
            "the table would fill the terminal",
            where="-o",
            hint="name a file, or send standard output elsewhere with | or >",
        )
    if summary is Summary.nca and times is not None:
        raise InputError(
            "exposure is worked out on the default times, which are fine around the peak",
            where="--times",
            hint="leave --times out",
        )
    if kind == "nc" and summary is Summary.nca:
        raise InputError(
            "a table of exposure is not NetCDF", where="-o", hint="use .csv or .parquet"
        )
    if summary is Summary.nca and replicates is not None:
        raise InputError(
            "exposure is of one set of typical values",
            where="--replicates",
            hint="leave it out, or take --summary quantiles",
        )
    export.check_writable(output)


def _write_course(
    regimen: str,
    output: str,
    who: dict[str, Any],
    times: str | None,
    summary: Summary | None,
    how: dict[str, Any],
    *,
    effects: bool,
) -> None:
    """Simulate a regimen and write its table."""
    from ketascope.engine import export
    from ketascope.engine.grid import parse_times
    from ketascope.engine.summary import QUANTILES, all_exposure

    hours = None if times is None else parse_times(times)
    if effects:
        export.write(_with_effects(regimen, who, hours, how), output)
        return
    result = simulated(
        regimen,
        who,
        times=hours,
        quantiles=QUANTILES if summary is Summary.quantiles else None,
        **how,
    )
    show_warnings(result)
    if summary is Summary.nca:
        export.write_table(export.table_of(all_exposure(result), result), output)
    else:
        export.write(result, output)


def _with_effects(regimen: str, who: dict[str, Any], hours: Any, how: dict[str, Any]) -> xr.Dataset:
    """Concentrations and then effects; those are worked out on fine times, whatever is written."""
    import json

    import numpy as np

    from ketascope.dosing import load_regimen, schedule
    from ketascope.effects.acute import acute_effects
    from ketascope.engine.grid import default_times

    fine = None
    if hours is not None:
        plan = schedule(load_regimen(regimen))
        fine = np.union1d(default_times(plan), hours)
    result = simulated(regimen, who, times=fine, **how)
    found = acute_effects(result)
    for name in found.data_vars:
        result[name] = found[name].assign_attrs(response=str(name))
    missing = json.loads(found.attrs["not_predicted"])
    told = [f"{name.replace('_', ' ')} is not predicted: {why}" for name, why in missing.items()]
    result.attrs["warnings"] = json.dumps([*json.loads(result.attrs["warnings"]), *told])
    show_warnings(result)
    return result if hours is None else result.sel(time=hours)


def _write_all_models(
    regimen: str, output: str, who: dict[str, Any], summary: Summary | None, how: dict[str, Any]
) -> None:
    """Write the exposure of the same people under every model that may answer."""
    import json

    import pandas as pd

    from ketascope.engine import export
    from ketascope.engine.summary import all_exposure

    if summary is not Summary.nca:
        raise InputError(
            "curves of several models do not make one table",
            where="--model all",
            hint="add --summary nca, or name one model",
        )
    first = simulated(regimen, who, **how | {"model": None})
    names = [str(first.attrs["model"]), *json.loads(first.attrs["alternatives"])]
    frames, warnings = [], []
    for name in names:
        result = first if name == names[0] else simulated(regimen, who, **how | {"model": name})
        frame = all_exposure(result)
        frame.insert(0, "model", name)
        frames.append(frame)
        warnings += json.loads(result.attrs["warnings"])
    # what is of one model alone would be wrong of the whole table
    of_one = ("model_title", "model_status", "model_why", "alternatives", "sampling", "matrix",
              "variability", "sources")  # fmt: skip
    told = first.assign_attrs(
        model=", ".join(names), warnings=json.dumps(list(dict.fromkeys(warnings)))
    )
    for key in of_one:
        told.attrs.pop(key, None)
    show_warnings(told)
    export.write_table(export.table_of(pd.concat(frames, ignore_index=True), told), output)


def _regimen_without_data(regimen: str | None, **only_data: Any) -> str:
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


def _refuse_beside_data(data: str, output: str, model: str | None, clash: dict[str, Any]) -> None:
    """Refuse a table that would replace the data set, no model, and what the data set says itself.

    Parameters
    ----------
    clash : dict
        Options that say who gets what, which the data set does, by their names.
    """
    from ketascope.engine.export import format_of

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


def _write_records(data: str, output: str, *, carry: Carry | None, **how: Any) -> None:
    """Simulate a data set and write a row for each record."""
    from ketascope.engine.data import simulate_data
    from ketascope.engine.export import table_of, write_table

    covariates: Any = (carry or Carry.backward).value
    with progress_bar("Simulating people") as progress:
        frame = simulate_data(data=data, covariates=covariates, progress=progress, **how)
    write_table(table_of(frame, frame), output)
