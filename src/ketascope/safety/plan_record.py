"""A plan as plain values and as an iCalendar file."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ketascope import __version__
from ketascope.safety.plan import SCHEMA, Plan, Screened, Visit

if TYPE_CHECKING:
    from ketascope.safety.infusion import Sheet
    from ketascope.safety.plan_data import Step

DISCLAIMER = "Research, teaching and decision support; not a medical device."


def plan_record(
    plan: Plan, *, as_of: str | None = None, predicted: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a plan as ``ketascope plan --format json`` gives it.

    Parameters
    ----------
    plan : Plan
    as_of : str, optional
        Date, ``2027-01-31``; today without it.
    predicted : dict, optional
        What the patient's own simulation gives; it stands under ``predicted``, beside the rules.

    Returns
    -------
    dict
        ``schema``, ``version``, ``as_of``, ``disclaimer``, ``regimen``, ``jurisdiction``,
        ``country``, ``visits`` (number, day, start, end, dose, leave_from, moments, steps, due),
        ``checks``, ``once``, ``out_of_range``, ``help_lines``, ``infusions``, ``open``,
        ``screened`` (None, or ``contraindicated``, ``questions``, ``text``), ``predicted``. Times
        are ISO 8601; each step has text, source, where, how, checked.
    """
    return {
        "schema": SCHEMA,
        "version": __version__,
        "as_of": as_of or date.today().isoformat(),
        "disclaimer": DISCLAIMER,
        "regimen": plan.regimen,
        "jurisdiction": plan.jurisdiction,
        "country": plan.country,
        "visits": [_visit(visit) for visit in plan.visits],
        "checks": [{"date": day.isoformat(), **_step(step)} for day, step in plan.checks],
        "once": [_step(step) for step in plan.once],
        "out_of_range": [
            {"rule": a.id, "level": a.level, "phase": a.phase, "message": a.message,
             "action": a.action, "source": a.source, "where": a.where}
            for a in plan.alerts
        ],
        "help_lines": [line.model_dump() for line in plan.help_lines],
        "infusions": [_sheet(sheet) for sheet in plan.sheets],
        "open": list(plan.open),
        "screened": None if plan.screened is None else {
            "contraindicated": list(plan.screened.bars),
            "questions": plan.screened.questions,
            "text": plan.screened.text,
        },
        "predicted": predicted,
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "what": step.what,
        "text": step.text.strip(),
        "interval": step.interval,
        "reads": list(step.reads),
        "source": step.source,
        "where": step.where,
        "how": step.how,
        "checked": step.checked,
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "number": visit.number,
        "day": visit.day,
        "start": visit.start.isoformat(),
        "end": visit.end.isoformat(),
        "dose": visit.dose,
        "leave_from": visit.leave_from.isoformat() if visit.leave_from else None,
        "moments": [
            {
                "at": moment.at.isoformat(),
                "until": moment.until.isoformat() if moment.until else None,
                **_step(moment.step),
            }
            for moment in visit.moments
        ],
        "steps": [_step(step) for step in visit.steps],
        "due": [{"by": day.isoformat(), **_step(step)} for step, day in visit.due],
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {name: getattr(sheet, name) for name in sheet.__dataclass_fields__} | {
        "remarks": list(sheet.remarks)
    }


def plan_ics(plan: Plan, *, stamp: datetime | None = None, owner: str = "") -> bytes:
    """Return the plan as an iCalendar file (RFC 5545): an event a visit, a form and a check.

    Parameters
    ----------
    plan : Plan
    stamp : datetime, optional
        When it was made; now without it. The same plan and stamp give the same bytes.
    owner : str, optional
        What tells this patient from others, such as the id of the record: two patients with one
        regimen at one time must not share ids of events, or a calendar takes one for the other. It
        enters the ids as a hash alone.

    Notes
    -----
    It names no patient: calendars are shared.
    """
    from icalendar import Calendar, Event

    made = (stamp or datetime.now(UTC)).replace(microsecond=0)
    mark = f"{owner}|{plan.regimen}|{plan.jurisdiction}|{plan.visits[0].start.isoformat()}"
    calendar = Calendar()
    calendar.add("prodid", f"-//Ketascope//{__version__}//EN")
    calendar.add("version", "2.0")
    for visit in plan.visits:
        event = Event()
        event.add("uid", _uid(mark, f"visit{visit.number}"))
        event.add("dtstamp", made)
        event.add("summary", f"Session {visit.number}: {visit.dose}")
        event.add("dtstart", visit.start)
        until = visit.leave_from or visit.end
        if until > visit.start:  # an end must be later than the start: an injection has none
            event.add("dtend", until)
        event.add("description", _description(visit, plan.screened))
        calendar.add_component(event)
        for step, day in visit.due:
            calendar.add_component(_whole_day(mark, f"{step.id}{visit.number}", day, step, made))
    for k, (day, step) in enumerate(plan.checks):
        calendar.add_component(_whole_day(mark, f"{step.id}-{k}", day, step, made))
    # changes of the clock for as long as the plan lasts: by default they end in 2038
    first, last = plan.visits[0].start.date(), plan.visits[-1].start.date()
    year = timedelta(days=366)
    calendar.add_missing_timezones(first_date=first - year, last_date=last + year)
    return bytes(calendar.to_ical())


def _whole_day(mark: str, name: str, day: date, step: Step, made: datetime) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", _uid(mark, name))
    event.add("dtstamp", made)
    event.add("summary", f"{step.what.capitalize()}: {step.text.strip()[:70]}")
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("description", f"{step.text.strip()} ({step.source}, {step.where})")
    return event


def _description(visit: Visit, screened: Screened | None) -> str:
    lines = [DISCLAIMER]
    if screened is not None and screened.bars:
        lines.append(screened.text)
    lines += [f"{moment.at:%H:%M} {moment.step.text.strip()}" for moment in visit.moments]
    lines += [step.text.strip() for step in visit.steps]
    if visit.leave_from is None:
        lines.append("No source sets when the patient may leave: the site does.")
    else:
        lines.append(
            f"May leave from {visit.leave_from:%H:%M} at the earliest, if the rule is met."
        )
    return "\n".join(lines)


def _uid(mark: str, name: str) -> str:
    text = f"{mark}|{name}"
    return f"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}@ketascope"
