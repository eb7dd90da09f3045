"""Sections of safe use in a report: the screen of a record, and the plan of its course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ketascope.dosing import load_regimen
from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.report.plan_page import plan_context
from ketascope.report.section import Section, Table
from ketascope.safety.plan import plan
from ketascope.safety.plan_record import plan_record
from ketascope.safety.rules import place_words
from ketascope.safety.screen import screen
from ketascope.safety.session_rules import JURISDICTIONS

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.patients.facts import Record
    from ketascope.safety.screen import Screening


@dataclass(frozen=True)
class SafeUse:
    """What a report needs to screen and to plan.

    Parameters
    ----------
    record : Record
    jurisdiction : str
    regimen : str, optional
        As it was asked for: words, a name or a file; needed where the words of the result are not
        in the regimen language.
    answers : path or mapping, optional
        A clinician's dated answers.
    start : date, optional
        Of day 1; the day of the screen without it.
    on : date, optional
        Day of the screen; today without it.
    """

    record: Record
    jurisdiction: str
    answers: Any = None
    start: date | None = None
    on: date | None = None
    regimen: str = ""


def safe_use_sections(result: xr.Dataset, asked: SafeUse) -> tuple[Section, Section]:
    """Return the section of the screen and that of the plan.

    Raises
    ------
    InputError
        If the jurisdiction, the record or the answers cannot be used.
    """
    day = asked.on or date.today()
    words = asked.regimen or str(result.attrs["regimen_name"]) or str(result.attrs["regimen"])
    regimen = load_regimen(words)
    found = screen(asked.record, regimen, asked.jurisdiction, asked.answers, day)
    return _screen(found), _plan(regimen, asked, day)


def gravest(screening: Section) -> list[str]:
    """Return a sentence for each finding that rules the course out: it stands first on the page."""
    return [
        f"Screening, contraindicated: {finding['title']}. {finding['message']}"
        for finding in screening.data["findings"]
        if finding["severity"] == "contraindicated"
    ]


def _screen(found: Screening) -> Section:
    data = found.data()
    rows = tuple(
        (
            finding["severity"],
            finding["message"],
            finding["action"],
            "; ".join(because["text"] for because in finding["because"]),
            f"{source(finding['source']).short}, {finding['section']}"
            + ("" if finding["label_read"] else f"; {finding['reading'].partition(';')[0]}"),
        )
        for finding in data["findings"]
    )
    return Section(
        "screening",
        "Screening",
        lead=_lead(data),
        tables=(
            Table(
                "What stands against it, and what to watch; gravest first",
                ("Severity", "Finding", "What to do", "Because of", "Source"),
                rows,
            ),
        )
        if rows
        else (),
        more=(
            ("Questions, gravest first", tuple(
                f"[{question['gravity']}] {question['text']}" for question in data["questions"]
            )),
            ("Not screened", tuple(
                f"{item['item']}: {item['reason']}" for item in data["not_screened"]
            )),
        ),
        sources=tuple(dict.fromkeys(finding["source"] for finding in data["findings"])),
        data=data,
    )  # fmt: skip


def _lead(data: Mapping[str, Any]) -> tuple[str, ...]:
    place = place_words(str(data["jurisdiction"]))
    worst = data["findings"][0]["severity"] if data["findings"] else None
    count = len(data["findings"])
    first = (
        f"By the rules of {place}: {count} finding{'s' * (count != 1)}, the gravest “{worst}”."
        if worst
        else f"By the rules of {place} that were judged, no rule applies. That is not “safe”."
    )
    rest = (
        f"The screen is not complete: {_count(len(data['questions']), 'question')} open, "
        f"{_count(len(data['not_screened']), 'item')} not screened."
        if not data["complete"]
        else "Nothing is open; the rules of this version were judged, no more than that."
    )
    off = tuple(f"Off-label here: {words}." for words in data["off_label"])
    return (first, rest, *off)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _plan(regimen: Any, asked: SafeUse, day: date) -> Section:
    title = "Plan"
    if asked.jurisdiction not in JURISDICTIONS:
        why = f"No plan: steps were read for {', '.join(JURISDICTIONS).upper()} only."
        return Section("plan", title, not_predicted=(why,))
    try:
        whole = plan(
            regimen, asked.record.covariates, jurisdiction=asked.jurisdiction,
            start=asked.start or day,
        )  # fmt: skip
    except InputError as error:
        return Section("plan", title, not_predicted=(f"No plan: {error}.",))
    context = plan_context(whole)
    return Section(
        "plan",
        title,
        lead=(
            f"{len(context['visits'])} sessions from {context['visits'][0]['date']}; times are "
            "of a session that begins at 09:00. Each step has its source; what no source answers "
            "is named as open.",
        ),
        tables=(_calendar(context), *map(_day, context["days"]), _range(context)),
        more=(
            *(
                ("At a session" if len(context["days"]) == 1 else f"At a session: {day['title']}",
                 tuple(
                    f"{title}: {step['text']} ({step['source_short']})"
                    for title, steps in day["by_what"]
                    for step in steps
                ))
                for day in context["days"]
            ),
            ("Over the course", tuple(
                f"{step.get('date', 'once')}: {step['text']} ({step['source_short']})"
                for step in (*context["checks"], *context["once"])
            )),
            ("Infusions", tuple(map(_infusion, context["infusions"]))),
            ("Whom to call", tuple(f"{h['name']}: {h['reach']}" for h in context["help_lines"])),
        ),
        not_predicted=tuple(context["open"]),
        sources=tuple(context["source_keys"]),
        data=plan_record(whole),
    )  # fmt: skip


def _calendar(context: Mapping[str, Any]) -> Table:
    return Table(
        "Calendar",
        ("Session", "Day", "Date", "Dose", "Leaves from", "Due"),
        tuple(
            (
                str(visit["number"]),
                str(visit["day"]),
                visit["date"],
                visit["dose"],
                visit["leaves"] or "set by the site",
                "; ".join(f"{item['what']} by {item['by']}" for item in visit["due"]) or "–",
            )
            for visit in context["visits"]
        ),
    )


def _day(day: Mapping[str, Any]) -> Table:
    return Table(
        f"A dosing day: {day['title']}",
        ("Time", "What", "Step", "Source"),
        tuple(
            (step["clock"], step["what"], step["text"], f"{step['source_short']}, {step['where']}")
            for step in day["moments"]
        ),
    )


def _range(context: Mapping[str, Any]) -> Table:
    return Table(
        "When a value is out of range",
        ("Level", "When", "What", "What to do", "Source"),
        tuple(
            (
                alert["level"],
                f"{alert['phase']} the dose",
                alert["message"],
                alert["action"],
                alert["source_short"],
            )
            for alert in context["out_of_range"]
        ),
    )


def _infusion(sheet: Mapping[str, Any]) -> str:
    return (
        f"{sheet['drug_mg']} mg of base: {sheet['drug_ml']} mL from {sheet['vial_mg_per_ml']} "
        f"mg/mL and {sheet['diluent_ml']} mL diluent, {sheet['rate_ml_per_h']} mL/h over "
        f"{sheet['minutes']} min. {' '.join(sheet['remarks'])}"
    )
