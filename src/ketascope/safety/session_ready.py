"""Whether each criterion for leaving is met, not met or unknown, from what was recorded.

A judgement or a reading holds for leaving only if it was made late enough: not before the dose had
ended, and not before the time of the rule (``judged_from_h``). One that says that somebody is *not*
well always counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

from ketascope.safety.session_rules import marked_pressure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ketascope.safety.session import Session
    from ketascope.safety.session_rules import Criterion

Met = Literal["met", "not met", "unknown"]
ALERT = 5.0
"""MOAA/S of a person who answers readily when called by name."""
DISSOCIATED = 4.0
"""CADSS above which trials of the spray speak of dissociation; it speaks against a judgement that
dissociation has resolved, and a score at or below it makes none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion, how it stands, and why."""

    criterion: Criterion
    state: Met
    why: str


def judge(session: Session, now: datetime) -> tuple[Judged, ...]:
    """Return every criterion of the session's rule at a time."""
    return tuple(Judged(name, *_JUDGES[name](session, now)) for name in session.rule.criteria)


def hours_between(start: datetime, end: datetime) -> float:
    """Return the hours that pass, over a change of the clock too where times have a zone."""
    if start.tzinfo is not None and end.tzinfo is not None:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    return (end - start).total_seconds() / 3600


def _time(session: Session, now: datetime) -> tuple[Met, str]:
    start, rule = session.clock, session.rule
    if start is None:
        return "not met", "the dose has not ended"
    passed = hours_between(start, now)
    told = (
        f"{int(60 * passed + 1e-6)} min since {rule.clock}, {60 * rule.observe_h:g} min asked for"
    )
    return ("met" if passed >= rule.observe_h - 1e-9 else "not met"), told


def _since_dose(session: Session, *names: str) -> list[Any]:
    """Records after the last dose began in which one of the values was given, in order."""
    from ketascope.safety.session import Dose

    doses = [k for k, event in enumerate(session.events) if isinstance(event, Dose)]
    after = session.events[doses[-1] + 1 :] if doses else ()
    return [e for e in after if any(getattr(e, name, None) is not None for name in names)]


def _too_early(session: Session, record: Any) -> str:
    """Why a record is too early to hold for leaving; empty if it is not."""
    start, rule = session.clock, session.rule
    if start is None or hours_between(start, record.at) < 0:
        return f"at {record.at:%H:%M}, before the dose had ended"
    if hours_between(start, record.at) < rule.judged_from_h - 1e-9:
        return (
            f"at {record.at:%H:%M}, sooner than {60 * rule.judged_from_h:g} min after {rule.clock}"
        )
    return ""


def _late_enough(session: Session, record: Any, told: str) -> tuple[Met, str]:
    early = _too_early(session, record)
    return ("unknown", f"{told}, but {early}") if early else ("met", told)


def _pressure(session: Session, now: datetime) -> tuple[Met, str]:
    """Falling: no higher than before the dose, or than the reading before the last."""
    taken = _since_dose(session, "systolic", "diastolic")
    if not taken:
        return "unknown", "no pressure recorded since the dose"
    last = taken[-1]
    if not _whole(last):
        return "unknown", f"the reading at {last.at:%H:%M} is not whole: both pressures are needed"
    high, low = marked_pressure()
    if last.systolic >= high or last.diastolic >= low:
        return "not met", f"{_said(last)} is markedly raised ({high:g} or {low:g})"
    before, readings = _before_dose(session), [one for one in _all_readings(session) if _whole(one)]
    if before is not None and not _higher(last, before):
        told = f"{_said(last)}, not above {_said(before)} before the dose"
        return _late_enough(session, last, told)
    if len(readings) < 2:
        return "unknown", f"one reading, {_said(last)}, cannot show that pressure falls"
    if _higher(last, readings[-2]):
        return "not met", f"rose from {_said(readings[-2])} to {_said(last)}"
    highest = max(readings, key=lambda reading: reading.systolic)
    if last.systolic == highest.systolic:
        return "not met", f"still at its highest, {_said(last)}"
    return _late_enough(session, last, f"{_said(last)}, highest {_said(highest)}")


def _all_readings(session: Session) -> list[Any]:
    """Every reading of pressure after the first dose began."""
    from ketascope.safety.session import Dose

    first = next(k for k, event in enumerate(session.events) if isinstance(event, Dose))
    return [e for e in session.events[first + 1 :] if getattr(e, "systolic", None) is not None]


def _whole(reading: Any) -> bool:
    return reading.systolic is not None and reading.diastolic is not None


def _before_dose(session: Session) -> Any | None:
    from ketascope.safety.session import Prepare

    found = [e for e in session.events if isinstance(e, Prepare) and _whole(e)]
    return found[-1] if found else None


def _higher(one: Any, other: Any) -> bool:
    """Whether either pressure is above the other's."""
    return bool(one.systolic > other.systolic or one.diastolic > other.diastolic)


def _said(reading: Any) -> str:
    return f"{reading.systolic:g}/{reading.diastolic:g} mmHg"


def _judgement(name: str, words: str) -> Callable[[Session, datetime], tuple[Met, str]]:
    def found(session: Session, now: datetime) -> tuple[Met, str]:
        judged = _since_dose(session, name)
        if not judged:
            return "unknown", f"{words} not judged since the dose"
        last = judged[-1]
        if not getattr(last, name):
            return "not met", f"not so, {last.by} at {last.at:%H:%M}"
        return _late_enough(session, last, f"judged by {last.by} at {last.at:%H:%M}")

    return found


def _sedation(session: Session, now: datetime) -> tuple[Met, str]:
    """By the newer of a MOAA/S and a judgement; of two at the same time, by the worse."""
    scores, judged = _since_dose(session, "moaas"), _since_dose(session, "sedation_resolved")
    if not scores or (judged and judged[-1].at > scores[-1].at):
        return _judgement("sedation_resolved", "sedation")(session, now)
    last = scores[-1]
    told = f"MOAA/S {last.moaas:g} at {last.at:%H:%M}"
    if last.moaas < ALERT:
        return "not met", told
    if judged and judged[-1].at == last.at and not judged[-1].sedation_resolved:
        return _judgement("sedation_resolved", "sedation")(session, now)
    return _late_enough(session, last, told)


def _dissociation(session: Session, now: datetime) -> tuple[Met, str]:
    """By judgement; a CADSS that was rated no sooner may speak against it."""
    scores, judged = _since_dose(session, "cadss"), _since_dose(session, "dissociation_resolved")
    if scores and scores[-1].cadss > DISSOCIATED:
        last = scores[-1]
        if not judged or judged[-1].at <= last.at:
            return "not met", f"CADSS {last.cadss:g} at {last.at:%H:%M}"
    return _judgement("dissociation_resolved", "dissociation")(session, now)


_JUDGES: dict[Criterion, Callable[[Session, datetime], tuple[Met, str]]] = {
    "time": _time,
    "pressure": _pressure,
    "stable": _judgement("stable", "clinical stability"),
    "sedation": _sedation,
    "dissociation": _dissociation,
    "respiration": _judgement("respiration_resolved", "breathing"),
}
