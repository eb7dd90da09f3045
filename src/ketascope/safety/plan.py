"""The plan of a course for one patient: when, what before, what during, what after, who to call.

Every step carries its source. What the patient's own simulation gives (pressure, dissociation,
readiness) stands beside the label's rule and never instead of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from ketascope.dosing import load_regimen, schedule
from ketascope.errors import InputError
from ketascope.safety.infusion import Sheet, infusion_sheet
from ketascope.safety.plan_data import COUNTRIES, HelpLine, LookedFor, Step, plan_data
from ketascope.safety.session_rules import AlertRule, alert_rules, readiness_rules

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ketascope.dosing import RegimenLike
    from ketascope.dosing.schedule import Schedule
    from ketascope.patients import Patient

SCHEMA: Final = "ketascope/plan/1"
JURISDICTIONS: Final = ("us", "eu", "uk", "ch")
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
        If the regimen cannot be read, or the jurisdiction is not known.
    """
    if jurisdiction not in JURISDICTIONS:
        raise InputError(
            f"there is no jurisdiction '{jurisdiction}'", hint=f"choose {', '.join(JURISDICTIONS)}"
        )
    where = country or jurisdiction
    if where not in COUNTRIES:
        raise InputError(f"no help lines of '{where}' are held", hint=", ".join(COUNTRIES))
    whole = load_regimen(regimen) if isinstance(regimen, str) else regimen
    laid = schedule(whole)
    drug, routes = laid.drugs[0], laid.routes
    steps = [s for s in plan_data().steps if s.applies(drug, routes, jurisdiction)]
    first = datetime.combine(start, at, tzinfo=zone)
    visits = tuple(_visit(laid, k, first, steps) for k in range(len(laid.sessions)))
    age = None if patient is None else patient.age
    sheets, without = _sheets(laid, patient, vial, target)
    return Plan(
        regimen=str(whole),
        jurisdiction=jurisdiction,
        country=where,
        visits=visits,
        checks=_checks(steps, visits, start),
        once=tuple(s for s in steps if s.when == "course"),
        alerts=tuple(
            a for a in alert_rules() if a.applies(drug=drug, jurisdiction=jurisdiction, age=age)
        ),
        help_lines=tuple(line for line in plan_data().help_lines if line.country == where),
        sheets=sheets,
        open=(*without, *_open(laid, where)),
    )


def _visit(laid: Schedule, k: int, first: datetime, steps: Sequence[Step]) -> Visit:
    session = laid.sessions[k]
    start = _later(first, session.time)
    end = _later(first, session.end)
    here = [s for s in steps if s.when == "session" or (s.when == "first session" and k == 0)]
    moments = []
    for step in here:
        if step.at_h is None:
            continue
        clock = start if step.clock == "start" else end
        until = None if step.until_h is None else _later(clock, step.until_h)
        moments.append(Moment(_later(clock, step.at_h), until, step))
    moments.sort(key=lambda moment: moment.at)
    return Visit(
        number=k + 1,
        day=session.day,
        start=start,
        end=end,
        dose=session.label.partition(": ")[2] or session.label,
        leave_from=_leave(laid, k, end),
        moments=tuple(moments),
        steps=tuple(s for s in here if s.at_h is None and s.due_days is None),
        due=tuple(
            (s, (start + timedelta(days=s.due_days)).date()) for s in here if s.due_days is not None
        ),
    )


def _later(at: datetime, hours: float) -> datetime:
    """Wall-clock time so many hours later; days keep their hour over a change of the clock."""
    days = math.floor(hours / 24.0)
    rest = timedelta(minutes=round(60 * (hours - 24.0 * days), 3))
    moved = at + timedelta(days=days) + rest
    return moved.replace(second=0, microsecond=0)


def _leave(laid: Schedule, k: int, end: datetime) -> datetime | None:
    """Earliest time to leave by a sourced rule; None where a dose has none."""
    waits = []
    for dose in laid.of_session(k):
        rule = next(
            (
                r
                for r in readiness_rules()
                if (r.drug, r.route, r.form) == (dose.drug, dose.route, dose.form)
            ),
            None,
        )
        if rule is None:
            return None
        waits.append(rule.observe_h)
    return _later(end, max(waits))


def _checks(
    steps: Sequence[Step], visits: Sequence[Visit], start: date
) -> tuple[tuple[date, Step], ...]:
    last = visits[-1].start.date()
    found = []
    for step in steps:
        if not step.when.startswith("week "):
            continue
        day = start + timedelta(weeks=int(step.when.removeprefix("week ")))
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
        if dose.route != "intravenous" or not dose.duration:
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
            missing[f"No preparation sheet: {error}."] = None
    return tuple(sheets.values()), tuple(missing)


def _weight(patient: Patient | None, basis: str) -> float:
    import pandas as pd

    from ketascope.patients import weight_for

    if patient is None or patient.weight is None:
        raise InputError("the weight of the patient is unknown")
    row = {"id": [1], "weight": [patient.weight], "height": [patient.height], "sex": [patient.sex]}
    return float(weight_for(pd.DataFrame(row), basis)[0])


def _open(laid: Schedule, country: str) -> tuple[str, ...]:
    told = [
        f"{_capital(item.what)}: {item.found}."
        for item in _looked_for(laid)
    ]  # fmt: skip
    if not any(line.country == country for line in plan_data().help_lines):
        told.append(f"Help lines of {country.upper()}: none was read; give the local one.")
    return tuple(told)


def _looked_for(laid: Schedule) -> list[LookedFor]:
    nasal = all(r == "intranasal" for r in laid.routes) and laid.drugs == ("esketamine",)
    items = plan_data().looked_for
    return [item for item in items if not nasal or "bladder" in item.what]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
