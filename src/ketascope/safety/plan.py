"""The plan of a course for one patient: when, what before, what during, what after, who to call.

Every step carries its source. What the patient's own simulation gives (pressure, dissociation,
readiness) stands beside the label's rule and never instead of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from ketascope.dosing import load_regimen, schedule
from ketascope.errors import InputError
from ketascope.safety.infusion import Sheet, infusion_sheet
from ketascope.safety.plan_data import COUNTRIES, HelpLine, Step, Way, plan_data
from ketascope.safety.plan_open import open_points
from ketascope.safety.session_rules import (
    JURISDICTIONS,
    AlertRule,
    alert_rules,
    readiness_rules,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ketascope.dosing import RegimenLike
    from ketascope.dosing.schedule import Administration, Schedule
    from ketascope.patients import Patient

SCHEMA: Final = "ketascope/plan/1"
NINE: Final = time(9)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at a time of a session."""

    at: datetime
    until: datetime | None
    step: Step


@dataclass(frozen=True, slots=True)
class Visit:
    """One dosing session of a plan.

    Parameters
    ----------
    number, day : int
        From 1.
    start, end : datetime
        First spray or start of the infusion; last spray or its end.
    dose : str
    leave_from : datetime or None
        Earliest time by the rule of a source; None where none sets one.
    moments : tuple of Moment
        In order of time.
    steps : tuple of Step
        Without a time of their own.
    due : tuple of (Step, date)
        Forms and the day by which each is due.
    """

    number: int
    day: int
    start: datetime
    end: datetime
    dose: str
    leave_from: datetime | None
    moments: tuple[Moment, ...]
    steps: tuple[Step, ...]
    due: tuple[tuple[Step, date], ...]


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screen of the record found before the plan was made.

    Parameters
    ----------
    bars : tuple of str
        What is contraindicated, each in a sentence with its source.
    questions : int
        Open questions of the screen.
    """

    bars: tuple[str, ...]
    questions: int

    @property
    def text(self) -> str:
        """Say it in one sentence."""
        if self.bars:
            return f"The screen of the record finds this contraindicated: {' '.join(self.bars)}"
        return (
            "The screen of the record finds no contraindication among the rules it judged; "
            f"{self.questions} questions are open, so that is not all."
            if self.questions
            else "The screen of the record finds no contraindication among the rules it judged."
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan.

    Parameters
    ----------
    regimen, jurisdiction, country : str
    visits : tuple of Visit
    checks : tuple of (date, Step)
        Reviews and checks over the course, in order.
    once : tuple of Step
        What is done once.
    alerts : tuple of AlertRule
        Values out of range and what to do.
    help_lines : tuple of HelpLine
    sheets : tuple of Sheet
        One for each different infusion.
    open : tuple of str
        What no source answers, or could not be worked out, and why.
    screened : Screened or None
        What a screen found; None where nobody was screened.
    """

    regimen: str
    jurisdiction: str
    country: str
    visits: tuple[Visit, ...]
    checks: tuple[tuple[date, Step], ...]
    once: tuple[Step, ...]
    alerts: tuple[AlertRule, ...]
    help_lines: tuple[HelpLine, ...]
    sheets: tuple[Sheet, ...]
    open: tuple[str, ...]
    screened: Screened | None = None


def plan(
    regimen: str | RegimenLike,
    patient: Patient | None = None,
    *,
    jurisdiction: str,
    start: date,
    at: time = NINE,
    zone: ZoneInfo | None = None,
    country: str | None = None,
    vial: float = 50.0,
    target: float = 1.0,
) -> Plan:
    """Lay a course out in the calendar with all that each session asks for.

    Parameters
    ----------
    regimen : str or regimen
    patient : Patient, optional
        Weight, height and sex for doses by weight; age for limits by age.
    jurisdiction : {"us", "eu", "uk", "ch"}
    start : date
        Of day 1.
    at : time
        When sessions begin; a convention of the plan, 09:00 without it.
    zone : ZoneInfo, optional
        Time zone; without it times are local to wherever the plan is read.
    country : str, optional
        For help lines; by default that of the jurisdiction.
    vial, target : float
        Vial and run concentration of infusions, mg/mL.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the regimen cannot be read, the jurisdiction is not known, or ``at`` has a zone.
    """
    if jurisdiction not in JURISDICTIONS:
        raise InputError(
            f"there is no jurisdiction '{jurisdiction}'", hint=f"choose {', '.join(JURISDICTIONS)}"
        )
    if at.tzinfo is not None:
        raise InputError(f"{at} has a zone of its own", hint="name the zone of the plan")
    where = country or jurisdiction
    if where not in COUNTRIES:
        raise InputError(f"no help lines of '{where}' are held", hint=", ".join(COUNTRIES))
    whole = load_regimen(regimen) if isinstance(regimen, str) else regimen
    laid = schedule(whole)
    given = _by_session(laid)
    first = datetime.combine(start, at, tzinfo=zone)
    visits = tuple(_visit(laid, k, doses, first, jurisdiction) for k, doses in enumerate(given))
    ways = tuple(dict.fromkeys(map(_way, laid.administrations)))
    steps = [s for s in plan_data().steps if any(s.applies(way, jurisdiction) for way in ways)]
    sheets, without = _sheets(laid, patient, vial, target)
    return Plan(
        regimen=str(whole),
        jurisdiction=jurisdiction,
        country=where,
        visits=visits,
        checks=_checks(steps, visits, given),
        once=tuple(s for s in steps if s.when == "course"),
        alerts=_alerts(laid, jurisdiction, None if patient is None else patient.age),
        help_lines=tuple(line for line in plan_data().help_lines if line.country == where),
        sheets=sheets,
        open=(*without, *open_points(ways, jurisdiction, where)),
    )


def _by_session(laid: Schedule) -> list[list[Administration]]:
    found: list[list[Administration]] = [[] for _ in laid.sessions]
    for dose in laid.administrations:
        found[dose.session].append(dose)
    return found


def _way(dose: Administration) -> Way:
    return Way(dose.drug, dose.route, dose.form)


def _alerts(laid: Schedule, jurisdiction: str, age: float | None) -> tuple[AlertRule, ...]:
    return tuple(
        alert
        for alert in alert_rules()
        if any(alert.applies(drug=d, jurisdiction=jurisdiction, age=age) for d in laid.drugs)
    )


def _visit(
    laid: Schedule, k: int, doses: Sequence[Administration], first: datetime, jurisdiction: str
) -> Visit:
    session = laid.sessions[k]
    start = later(first, session.time)
    ways = {_way(dose) for dose in doses}
    here = [
        s for s in plan_data().steps
        if (s.when == "session" or (s.when == "first session" and k == 0))
        and any(s.applies(way, jurisdiction) for way in ways)
    ]  # fmt: skip
    moments = [_moment(s, doses, first) for s in here if s.at_h is not None]
    moments.sort(key=lambda moment: moment.at)
    return Visit(
        number=k + 1,
        day=session.day,
        start=start,
        end=later(first, session.end),
        dose=session.label.partition(": ")[2] or session.label,
        leave_from=_leave(doses, first, session.end),
        moments=tuple(moments),
        steps=tuple(s for s in here if s.at_h is None and s.due_days is None),
        due=tuple(
            (s, (start + timedelta(days=s.due_days)).date()) for s in here if s.due_days is not None
        ),
    )


def _moment(step: Step, doses: Sequence[Administration], first: datetime) -> Moment:
    """A step by the clock of the doses that it is for."""
    mine = [dose for dose in doses if step.is_of(_way(dose))]
    at_end = step.clock == "end"
    clock = max(dose.end for dose in mine) if at_end else min(dose.time for dose in mine)
    until = None if step.until_h is None else later(first, clock + step.until_h)
    return Moment(later(first, clock + (step.at_h or 0.0)), until, step)


def later(at: datetime, hours: float, *, up: bool = False) -> datetime:
    """Return the time so many hours later, to the minute.

    Whole days keep their hour over a change of the clock; what is left passes as it passes.

    Parameters
    ----------
    at : datetime
    hours : float
        Negative for earlier.
    up : bool
        Up to the next minute, where a part of one is left; else to the nearest.
    """
    days = math.floor(hours / 24.0) if hours >= 0 else 0
    minutes = round(60 * (hours - 24.0 * days), 3)
    whole = math.ceil(minutes) if up else math.floor(minutes + 0.5)
    moved, rest = at + timedelta(days=days), timedelta(minutes=whole)
    if moved.tzinfo is None:
        return moved + rest
    return (moved.astimezone(UTC) + rest).astimezone(moved.tzinfo)


def _leave(doses: Sequence[Administration], first: datetime, end: float) -> datetime | None:
    """Earliest time to leave by a sourced rule; None where a dose has none."""
    rules = {Way(r.drug, r.route, r.form): r.observe_h for r in readiness_rules()}
    waits = [rules.get(_way(dose)) for dose in doses]
    known = [wait for wait in waits if wait is not None]
    return later(first, end + max(known), up=True) if len(known) == len(waits) else None


def _checks(
    steps: Sequence[Step], visits: Sequence[Visit], given: Sequence[Sequence[Administration]]
) -> tuple[tuple[date, Step], ...]:
    """Checks by the week, from the first to the last visit with a dose that they are for."""
    found = []
    for step in steps:
        if not step.when.startswith("week "):
            continue
        mine = [
            visit.start.date()
            for visit, doses in zip(visits, given, strict=True)
            if any(step.is_of(_way(dose)) for dose in doses)
        ]
        first, last = mine[0], mine[-1]
        day = first + timedelta(weeks=int(step.when.removeprefix("week ")))
        if day > last + timedelta(weeks=1):
            continue
        found.append((day, step))
        while step.every_weeks and (day := day + timedelta(weeks=step.every_weeks)) <= last:
            found.append((day, step))
    return tuple(sorted(found, key=lambda pair: (pair[0], pair[1].id)))


def _sheets(
    laid: Schedule, patient: Patient | None, vial: float, target: float
) -> tuple[tuple[Sheet, ...], tuple[str, ...]]:
    """A sheet for each different infusion of ketamine, and why one is missing."""
    sheets: dict[Any, Sheet] = {}
    missing: dict[str, None] = {}
    for dose in laid.administrations:
        if not dose.duration:
            continue
        if dose.route != "intravenous":
            missing[
                f"No preparation sheet for {dose.drug} {dose.route} over time: the label that was "
                "read prepares infusions into a vein."
            ] = None
            continue
        if dose.drug != plan_data().infusion.drug:
            missing[
                f"No preparation sheet for {dose.drug}: the strengths of its vials were not read."
            ] = None
            continue
        amount = dose.amount
        key = (amount.value, amount.unit, amount.basis, amount.cap_mg, dose.duration)
        if key in sheets:
            continue
        try:
            weight = _weight(patient, amount.basis) if amount.unit == "mg/kg" else None
            sheets[key] = infusion_sheet(
                amount.value, amount.unit, minutes=60 * dose.duration, weight=weight,
                basis=amount.basis, cap_mg=amount.cap_mg, vial=vial, target=target,
                patient=patient,
            )  # fmt: skip
        except InputError as error:
            missing[f"No preparation sheet: {str(error).rstrip('.')}."] = None
    return tuple(sheets.values()), tuple(missing)


def _weight(patient: Patient | None, basis: str) -> float:
    import pandas as pd

    from ketascope.patients import weight_for

    if patient is None or patient.weight is None:
        raise InputError("the weight of the patient is unknown")
    row = {"id": [1], "weight": [patient.weight], "height": [patient.height], "sex": [patient.sex]}
    return float(weight_for(pd.DataFrame(row), basis)[0])
