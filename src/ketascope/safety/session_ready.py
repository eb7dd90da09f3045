"""Whether each criterion for leaving is met, not met or unknown, from what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ketascope.safety.session import Session
    from ketascope.safety.session_rules import Criterion

Met = Literal["met", "not met", "unknown"]
ALERT = 5.0
"""MOAA/S of a person who answers readily when called by name."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion, how it stands, and why."""

    criterion: Criterion
    state: Met
    why: str


def judge(session: Session, now: datetime) -> tuple[Judged, ...]:
    """Return every criterion of the session's rule at a time."""
    return tuple(Judged(name, *_JUDGES[name](session, now)) for name in session.rule.criteria)


def _time(session: Session, now: datetime) -> tuple[Met, str]:
    start, rule = session.clock, session.rule
    if start is None:
        return "not met", "the dose has not ended"
    passed = (now - start).total_seconds() / 3600
    told = f"{60 * passed:.0f} min since {rule.clock}, {60 * rule.observe_h:.0f} min asked for"
    return ("met" if passed >= rule.observe_h - 1e-9 else "not met"), told


def _after(session: Session, name: str) -> list[Any]:
    """Records after the first dose in which a value or a judgement was given, in order."""
    from ketascope.safety.session import Dose

    started = False
    found = []
    for event in session.events:
        started = started or isinstance(event, Dose)
        if started and getattr(event, name, None) is not None:
            found.append(event)
    return found


def _since_dose(session: Session, name: str) -> Any | None:
    """The last record of a value after the last dose began; an earlier one says nothing of it."""
    from ketascope.safety.session import Dose

    last = max(k for k, event in enumerate(session.events) if isinstance(event, Dose))
    found = [e for e in session.events[last + 1 :] if getattr(e, name, None) is not None]
    return found[-1] if found else None


def _pressure(session: Session, now: datetime) -> tuple[Met, str]:
    """Falling: no higher than before the dose, or than the reading before the last."""
    last = _since_dose(session, "systolic")
    if last is None:
        return "unknown", "no pressure recorded since the dose"
    before, readings = _before_dose(session), _after(session, "systolic")
    if before is not None and not _higher(last, before):
        return "met", f"{_said(last)}, not above {_said(before)} before the dose"
    if len(readings) < 2:
        return "unknown", f"one reading, {_said(last)}, cannot show that pressure falls"
    if _higher(last, readings[-2]):
        return "not met", f"rose from {_said(readings[-2])} to {_said(last)}"
    highest = max(readings, key=lambda reading: reading.systolic)
    if last.systolic == highest.systolic:
        return "not met", f"still at its highest, {_said(last)}"
    return "met", f"{_said(last)}, highest {_said(highest)}"


def _before_dose(session: Session) -> Any | None:
    from ketascope.safety.session import Prepare

    found = [e for e in session.events if isinstance(e, Prepare) and e.systolic is not None]
    return found[-1] if found else None


def _higher(one: Any, other: Any) -> bool:
    """Whether either pressure is above the other's."""
    both = one.diastolic is not None and other.diastolic is not None
    return bool(one.systolic > other.systolic or (both and one.diastolic > other.diastolic))


def _said(reading: Any) -> str:
    below = "" if reading.diastolic is None else f"/{reading.diastolic:g}"
    return f"{reading.systolic:g}{below} mmHg"


def _judgement(name: str, words: str) -> Callable[[Session, datetime], tuple[Met, str]]:
    def found(session: Session, now: datetime) -> tuple[Met, str]:
        last = _since_dose(session, name)
        if last is None:
            return "unknown", f"{words} not judged since the dose"
        if getattr(last, name):
            return "met", f"judged by {last.by} at {last.at:%H:%M}"
        return "not met", f"not so, {last.by} at {last.at:%H:%M}"

    return found


def _sedation(session: Session, now: datetime) -> tuple[Met, str]:
    """By the newer of a MOAA/S and a judgement."""
    scored, judged = _since_dose(session, "moaas"), _since_dose(session, "sedation_resolved")
    if scored is not None and (judged is None or scored.at >= judged.at):
        if scored.moaas < ALERT:
            return "not met", f"MOAA/S {scored.moaas:g} at {scored.at:%H:%M}"
        return "met", f"MOAA/S 5 at {scored.at:%H:%M}"
    return _judgement("sedation_resolved", "sedation")(session, now)


_JUDGES: dict[Criterion, Callable[[Session, datetime], tuple[Met, str]]] = {
    "time": _time,
    "pressure": _pressure,
    "stable": _judgement("stable", "clinical stability"),
    "sedation": _sedation,
    "dissociation": _judgement("dissociation_resolved", "dissociation"),
    "respiration": _judgement("respiration_resolved", "breathing"),
}
