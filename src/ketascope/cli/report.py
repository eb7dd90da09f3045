"""The command ``report``: one page about a course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.asked import people_asked_for, simulated, told_settings
from ketascope.console import command_line, progress_bar, say, show_warnings
from ketascope.errors import InputError
from ketascope.options import (
    CountOption,
    ForceOption,
    ModelOption,
    PatientOption,
    PeopleOption,
    RegimenArgument,
    SeedOption,
    SetOption,
    ToldOption,
    TypicalOption,
    WithOption,
    WorkersOption,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ketascope.report.safe_use import SafeUse


def report(
    regimen: RegimenArgument,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="HTML file; - is standard output.")
    ] = "report.html",
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelOption = None,
    with_drugs: WithOption = None,
    told: ToldOption = None,
    jurisdiction: Annotated[
        str | None,
        typer.Option(
            "--jurisdiction",
            metavar="PLACE",
            help="Screen by the rules of us, eu, uk, ch, no, ca, au, nz or jp, and plan in the "
            "first four; needs --patient.",
        ),
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option(
            "--answers", metavar="FILE", help="Dated answers to the questions of a screen."
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Date of day 1, as 2027-01-31.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", metavar="FILE", help="Also write the numbers as JSON.")
    ] = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
) -> None:
    """Write one self-contained HTML report of a course."""
    from ketascope.engine.export import check_writable, to_json, write_text

    if output != "-" and not output.lower().endswith((".html", ".htm")):
        raise InputError(
            f"'{output}' is not the name of an HTML file",
            where="-o",
            hint="use .html; a browser prints it to PDF",
        )
    for path in (output, data):
        if path is not None:
            check_writable(path)
    if data is not None and (output == data or Path(output).resolve() == Path(data).resolve()):
        raise InputError(
            f"the report and its data both go to '{output}'",
            where="--data",
            hint="give them different files",
        )
    day = date_of(start)
    known = told_settings(told)
    screened = _safe_use(regimen, patient, jurisdiction, answers, day)
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        regimen,
        options,
        seed=seed,
        model=model,
        force=force,
        workers=workers,
        with_drugs=with_drugs,
    )
    from ketascope.report.data import gather
    from ketascope.report.page import page_of

    beside = tuple(with_drugs or ())
    how: dict[str, Any] = {"seed": seed, "force": force, "beside": beside}
    others = other_models(regimen, options, result, **how)
    say_who_is_left_out(result, others)
    show_warnings(result)
    names = [model or str(result.attrs["model"]), *(str(o.attrs["model"]) for o in others)]
    across = spread_of(regimen, options, names, workers=workers, **how)
    without = without_medicines(regimen, options, result, model, workers=workers, **how)
    command = command_line()
    if day is not None:
        result.attrs["start"] = day.isoformat()
    given: dict[str, Any] = {
        "alternatives": others, "command": command, "across": across, "without": without,
        "settings": known, "safe_use": screened, "contrasts": True,
    }  # fmt: skip
    with progress_bar("Working out effects"):
        gathered = gather(result, **given)
    write_text(page_of(gathered), output)
    if data is not None:
        write_text(to_json(gathered.data), data)
    say(f"Wrote {output}{f' and {data}' if data else ''}.", quiet="-" in (output, data))


def _safe_use(
    regimen: str, patient: str | None, jurisdiction: str | None, answers: str | None, start: Any
) -> SafeUse | None:
    """Return what the report needs to screen and plan; None where no place was named."""
    if jurisdiction is None:
        if answers is not None:
            raise InputError(
                "answers are of a screen", where="--answers", hint="add --jurisdiction"
            )
        return None
    if patient is None or patient == "-":
        raise InputError(
            "a screen is of a patient's record",
            where="--jurisdiction",
            hint="name a file: --patient",
        )
    from ketascope.patients.record import read_record
    from ketascope.report.safe_use import SafeUse
    from ketascope.safety.rules import jurisdiction as known_place

    place = known_place(jurisdiction, "--jurisdiction")
    return SafeUse(read_record(patient), place, answers, start, regimen=regimen)


def other_models(
    regimen: str, options: dict[str, Any], result: xr.Dataset, *, seed: int, **how: Any
) -> list[xr.Dataset]:
    """Return what the other models that could answer give the same people, without randomness.

    A model that does not predict what medicines beside it do, where the chosen one does, is left
    out: its curve would be read as one with the medicine.
    """
    import json

    from ketascope.engine.prepare import who_is_simulated
    from ketascope.engine.simulate import simulate as run

    people, _ = who_is_simulated(**options, seed=seed)
    times = result["time"].to_numpy()
    found = [
        run(regimen, people, typical=True, model=name, times=times, **how)
        for name in json.loads(result.attrs["alternatives"])
    ]
    mine = changing(result)
    return [other for other in found if mine <= changing(other)]


def say_who_is_left_out(result: xr.Dataset, others: list[xr.Dataset]) -> None:
    """Warn of models that could answer, but do not predict the medicines that the result holds."""
    import json

    shown = {str(other.attrs["model"]) for other in others}
    left = [name for name in json.loads(result.attrs["alternatives"]) if name not in shown]
    if left:
        medicines = " and ".join(sorted(changing(result)))
        said = (
            f"Not drawn beside it, because exposure with {medicines} is not predicted by it: "
            f"{', '.join(left)}."
        )
        warnings = [*json.loads(result.attrs["warnings"]), said]
        result.attrs["warnings"] = json.dumps(warnings)


def changing(result: xr.Dataset) -> set[str]:
    """Return the medicines whose effect on exposure a result holds."""
    import json

    return {told["medicine"] for told in json.loads(result.attrs["beside"]) if told["multiply"]}


def without_medicines(
    regimen: str,
    options: dict[str, Any],
    result: xr.Dataset,
    model: str | None,
    *,
    beside: tuple[str, ...],
    **how: Any,
) -> xr.Dataset | None:
    """Return the same run without the medicines taken beside it; None where they change nothing."""
    from ketascope.engine.simulate import simulate as run

    if not changing(result):
        return None
    times = result["time"].to_numpy()
    return run(regimen, **options, model=model, times=times, **how)


def spread_of(
    regimen: str, options: dict[str, Any], names: list[str], **arguments: Any
) -> pd.DataFrame | None:
    """Return how far models and people are apart; None for one model, or a handful of people."""
    from ketascope.engine.across import across_models
    from ketascope.engine.prepare import FEW, who_is_simulated

    people, random = who_is_simulated(**options, seed=arguments["seed"])
    # quantiles over a handful of people say little of others
    if len(names) < 2 or 1 < len(people) < FEW:
        return None
    return across_models(regimen, people, typical=not random, models=names, **arguments)


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
