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
    from ketascope.safety.session import Dose

    early = session.state in ("scheduled", "prepared", "cancelled") or isinstance(event, Dose)
    phase = "before" if early else "after"
    found = []
    for rule in alert_rules():
        if rule.phase != phase:
            continue
        drug = session.rule.drug
        if not rule.applies(drug=drug, jurisdiction=session.jurisdiction, age=session.age):
            continue
        because = _missing(session, event) if rule.pressure_missing else _because(
            rule, event, {name: _before(session, name) for name in ("systolic", "diastolic")}
        )  # fmt: skip
        if because:
            found.append(
                Alert(rule.level, event.at, rule.message, rule.action, because, rule.id,
                      rule.source)
            )  # fmt: skip
    order = {"urgent": 0, "caution": 1, "watch": 2}
    return tuple(sorted(found, key=lambda alert: order[alert.level]))


def _before(session: Session, name: str) -> float | None:
    """The last reading of one pressure before the dose."""
    from ketascope.safety.session import Prepare

    found = [getattr(e, name) for e in session.events if isinstance(e, Prepare)]
    return next((value for value in reversed(found) if value is not None), None)


def _missing(session: Session, event: Event) -> str:
    """Which pressure is missing when the first dose is given, in words; empty if none is."""
    from ketascope.safety.session import Dose

    doses = [e for e in session.events if isinstance(e, Dose)]
    if not isinstance(event, Dose) or len(doses) > 1:
        return ""
    gone = [n for n in ("systolic", "diastolic") if _before(session, n) is None]
    return f"no {' and no '.join(gone)} pressure before the dose" if gone else ""


def _because(rule: AlertRule, event: Any, before: dict[str, float | None]) -> str:
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
        start = before[name]
        if rise is not None and start is not None and value - start >= rise:
            told.append(f"{name} {value:g} {unit}, {value - start:g} above the one before the dose")
    for name, words in (("moaas", "MOAA/S"), ("saturation", "oxygen saturation, %:")):
        value, bound = getattr(event, name, None), getattr(rule, f"{name}_below")
        if value is not None and bound is not None and value < bound:
            told.append(f"{words} {value:g}")
    return "; ".join(told)
