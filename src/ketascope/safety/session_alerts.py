"""Alerts of a session: readings that are told at once, by rules with a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ketascope.safety.session_rules import AlertRule, Level, alert_rules

if TYPE_CHECKING:
    from datetime import datetime

    from ketascope.safety.session import Event, Session


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: how grave, when, what, what to do, and by which rule and source."""

    level: Level
    at: datetime
    message: str
    action: str
    because: str
    rule: str
    source: str


def alerts_for(session: Session, event: Event) -> tuple[Alert, ...]:
    """Return the alerts of one event, gravest first; ``session`` holds the event already."""
    phase = "before" if session.state in ("scheduled", "prepared") else "after"
    found = []
    for rule in alert_rules():
        if rule.phase != phase:
            continue
        drug = session.rule.drug
        if not rule.applies(drug=drug, jurisdiction=session.jurisdiction, age=session.age):
            continue
        because = _because(rule, event, _before(session))
        if because:
            found.append(
                Alert(rule.level, event.at, rule.message, rule.action, because, rule.id,
                      rule.source)
            )  # fmt: skip
    order = {"urgent": 0, "caution": 1, "watch": 2}
    return tuple(sorted(found, key=lambda alert: order[alert.level]))


def _before(session: Session) -> Any | None:
    """The last readings of pressure before the dose."""
    from ketascope.safety.session import Prepare

    found = [e for e in session.events if isinstance(e, Prepare) and e.systolic is not None]
    return found[-1] if found else None


def _because(rule: AlertRule, event: Any, before: Any | None) -> str:
    """What in the event triggers the rule, in words; empty if nothing does."""
    told = []
    for name, unit in (("systolic", "mmHg"), ("diastolic", "mmHg")):
        value = getattr(event, name, None)
        if value is None:
            continue
        above, at_least = getattr(rule, f"{name}_above"), getattr(rule, f"{name}_from")
        if (above is not None and value > above) or (at_least is not None and value >= at_least):
            told.append(f"{name} {value:g} {unit}")
        rise = getattr(rule, f"{name}_rise_from")
        start = getattr(before, name, None)
        if rise is not None and start is not None and value - start >= rise:
            told.append(f"{name} {value:g} {unit}, {value - start:g} above the one before the dose")
    for name, words in (("moaas", "MOAA/S"), ("saturation", "oxygen saturation, %:")):
        value, bound = getattr(event, name, None), getattr(rule, f"{name}_below")
        if value is not None and bound is not None and value < bound:
            told.append(f"{words} {value:g}")
    return "; ".join(told)
