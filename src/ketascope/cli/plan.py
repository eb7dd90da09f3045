"""The command ``plan``: a course in the calendar, with all that each session asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.report import date_of
from ketascope.console import progress_bar, say
from ketascope.errors import InputError
from ketascope.options import SeedOption

if TYPE_CHECKING:
    from ketascope.patients import Patient
    from ketascope.patients.facts import Record
    from ketascope.safety.plan import Plan, Screened


PLACES_HELP = (
    "us, eu, uk or ch; steps of a session were read for no other place, rules of a screen were."
)


class PlanFormat(StrEnum):
    """Formats of a plan."""

    text = "text"
    json = "json"
    html = "html"
    ics = "ics"


def plan(
    patient: Annotated[
        str,
        typer.Argument(metavar="PATIENT", help="FHIR bundle, YAML or JSON; - is standard input."),
    ],
    regimen: Annotated[str, typer.Option("--for", metavar="REGIMEN", help="What is to be given.")],
    jurisdiction: Annotated[str, typer.Option("--jurisdiction", metavar="PLACE", help=PLACES_HELP)],
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Date of day 1; today without it.")
    ] = None,
    at: Annotated[
        str, typer.Option("--at", metavar="HH:MM", help="When sessions begin.")
    ] = "09:00",
    zone: Annotated[
        str | None, typer.Option("--tz", metavar="ZONE", help="Time zone, as Europe/Zurich.")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option("--country", metavar="CODE", help="For help lines: us, uk, ie, ch."),
    ] = None,
    vial: Annotated[
        float, typer.Option("--vial", metavar="MG/ML", help="Strength of the vial of an infusion.")
    ] = 50.0,
    target: Annotated[
        float, typer.Option("--target", metavar="MG/ML", help="Concentration that is run.")
    ] = 1.0,
    simulation: Annotated[
        bool,
        typer.Option("--simulation/--no-simulation", help="What the simulation gives beside it."),
    ] = True,
    seed: SeedOption = 0,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=".txt, .html, .json or .ics; - is standard output.",
        ),
    ] = "-",
    output_format: Annotated[
        PlanFormat | None, typer.Option("--format", help="By the ending of -o; text for -.")
    ] = None,
) -> None:
    """Plan a course: calendar, preparation, observation, forms, checks, whom to call."""
    from ketascope.engine.export import check_writable, write_text
    from ketascope.patients.record import read_record
    from ketascope.safety.plan import plan as lay_out

    check_writable(output)
    place = _place(jurisdiction)
    kind = output_format or _format_of(output)
    day = date_of(start) or date.today()
    record = read_record(patient)
    who = record.covariates
    found = lay_out(
        regimen, who, jurisdiction=place, start=day, at=_time(at), zone=_zone(zone),
        country=country, vial=vial, target=target,
    )  # fmt: skip
    predicted = (
        _predicted(regimen, who, seed) if simulation and kind is not PlanFormat.ics else None
    )
    found = replace(found, screened=_screened(record, regimen, place))
    owner = f"{record.id}|{record.covariates}"
    write_text(_written(found, kind, predicted, owner), output)
    say(f"Wrote {output}.", quiet=output == "-")
    if found.screened is not None and found.screened.bars:
        say(f"Warning: {found.screened.text}")
    say("A plan screens nobody in full; 'ketascope screen' lists findings and questions.")


def _place(name: str) -> str:
    """Return the place of a plan; a screen knows more of them."""
    from ketascope.safety.rules import jurisdiction, place_words
    from ketascope.safety.session_rules import JURISDICTIONS

    place = jurisdiction(name, "--jurisdiction")
    if place not in JURISDICTIONS:
        raise InputError(
            f"no steps of a session were read for {place_words(place)}; 'ketascope screen' knows "
            "rules of it",
            where="--jurisdiction",
            hint=f"a plan is for {', '.join(JURISDICTIONS)}",
        )
    return place


def _screened(record: Record, regimen: str, place: str) -> Screened:
    """Return what a screen of the record finds at its gravest."""
    from ketascope.evidence import source
    from ketascope.safety.plan import Screened
    from ketascope.safety.screen import screen

    found = screen(record, regimen, place)
    bars = tuple(
        f"{one.rule.title[0].upper()}{one.rule.title[1:]}. {one.message} "
        f"({source(one.rule.source).short}, {one.rule.section})"
        for one in found.findings
        if one.severity == "contraindicated"
    )
    return Screened(bars, len(found.questions))


def _written(found: Plan, kind: PlanFormat, predicted: dict[str, Any] | None, owner: str) -> str:
    from ketascope.engine.export import to_json
    from ketascope.report.plan_page import plan_context, plan_page, plan_text
    from ketascope.safety.plan_record import plan_ics, plan_record

    if kind is PlanFormat.json:
        return to_json(plan_record(found, predicted=predicted))
    if kind is PlanFormat.html:
        return plan_page(found, predicted=predicted)
    if kind is PlanFormat.ics:
        return plan_ics(found, owner=owner).decode("utf-8")
    return plan_text(plan_context(found, predicted=predicted)) + "\n"


def _format_of(output: str) -> PlanFormat:
    from ketascope.engine.export import text_ending

    ending = text_ending(output, ("txt", "html", "json", "ics"))
    return PlanFormat(ending) if ending in ("json", "html", "ics") else PlanFormat.text


def _time(text: str) -> Any:
    from datetime import time

    try:
        found = time.fromisoformat(text)
        if found.tzinfo is not None or found.second or found.microsecond:
            raise ValueError(text)
        return found
    except ValueError:
        raise InputError(f"'{text}' is no time of day", where="--at", hint="write 09:30") from None


def _zone(name: str | None) -> Any:
    from zoneinfo import ZoneInfo

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"there is no time zone '{name}'", where="--tz", hint="as Europe/Zurich"
        ) from None


def _predicted(regimen: str, who: Patient | None, seed: int) -> dict[str, Any] | None:
    """What the patient's own simulation gives; a reason in its place where it cannot be run."""
    from ketascope.engine.simulate import simulate
    from ketascope.patients import Patient
    from ketascope.report.plan_predicted import first_session_times, predicted_for

    try:
        with progress_bar("Simulating the patient"):
            result = simulate(
                regimen, who or Patient(), n=300, seed=seed, force=True,
                times=first_session_times(regimen),
            )  # fmt: skip
    except InputError as error:
        return {"who": "", "lines": [], "not_predicted": [str(error)], "table": []}
    return predicted_for(result)
