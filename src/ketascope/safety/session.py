"""One treatment session as a state machine: scheduled, prepared, dosed, observed, ready, left.

It is pure: an event gives a new session and leaves the old one as it was. What was done, when, by
whom and why stands in its trace. A criterion that was not recorded is unknown, and unknown is not
met. Nobody leaves before every criterion of the rule is met, except by an override with a reason.

>>> from datetime import datetime, timedelta
>>> from ketascope.safety.session import Dose, Prepare, Session, apply
>>> from ketascope.safety.session_rules import readiness_rule
>>> nine = datetime(2027, 1, 4, 9)
>>> session = Session(rule=readiness_rule("esketamine", "intranasal"), jurisdiction="us")
>>> session = apply(session, Prepare(nine, "nurse", systolic=128, diastolic=79))
>>> session = apply(session, Dose(nine + timedelta(minutes=5), "nurse", words="56 mg"))
>>> session.state
'dosed'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from ketascope.dosing.values import TIMED_ROUTES
from ketascope.errors import InputError
from ketascope.safety.session_alerts import Alert, alerts_for
from ketascope.safety.session_ready import Judged, hours_between, judge
from ketascope.safety.session_rules import JURISDICTIONS, limit_before

if TYPE_CHECKING:
    from ketascope.safety.session_rules import ReadinessRule

State = Literal["scheduled", "prepared", "dosed", "observed", "ready", "left", "cancelled"]
STATES: Final[tuple[State, ...]] = (
    "scheduled", "prepared", "dosed", "observed", "ready", "left", "cancelled",
)  # fmt: skip
RANGES: Final[dict[str, tuple[float, float]]] = {
    "systolic": (40, 300),
    "diastolic": (20, 200),
    "heart_rate": (20, 300),
    "saturation": (30, 100),
    "respiratory_rate": (0, 80),
    "moaas": (0, 5),
    "cadss": (0, 92),
}
"""Readings outside these are mistakes of typing: mmHg, 1/min, %, 1/min, points, points."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, and who says so."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings(Event):
    """What was measured at one time; None is not measured."""

    systolic: float | None = None
    diastolic: float | None = None
    heart_rate: float | None = None
    saturation: float | None = None
    respiratory_rate: float | None = None
    moaas: float | None = None
    cadss: float | None = None


@dataclass(frozen=True, slots=True)
class Prepare(Readings):
    """The patient is prepared: readings before the dose."""


@dataclass(frozen=True, slots=True)
class Dose(Event):
    """A dose was given, or began: a spray device, an injection, the start of an infusion."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class EndDose(Event):
    """An infusion ended; sprays and injections end when they are given."""


@dataclass(frozen=True, slots=True)
class Observe(Readings):
    """Readings after the dose has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess(Event):
    """A clinician's judgement; None is not judged.

    Parameters
    ----------
    stable : bool or None
        Clinically stable.
    sedation_resolved, dissociation_resolved, respiration_resolved : bool or None
    """

    stable: bool | None = None
    sedation_resolved: bool | None = None
    dissociation_resolved: bool | None = None
    respiration_resolved: bool | None = None


@dataclass(frozen=True, slots=True)
class Leave(Event):
    """The patient leaves; ``reason`` is asked for where the rule is not met."""

    reason: str = ""
    accompanied: bool | None = None


@dataclass(frozen=True, slots=True)
class Cancel(Event):
    """The session does not take place."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the trace."""

    at: datetime
    by: str
    what: str
    before: State
    after: State
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session: its rule, where it stands, and all that was recorded.

    Parameters
    ----------
    rule : ReadinessRule
    jurisdiction : str
        Whose alerts are told: us, eu, uk, ch.
    age : float or None
        Years; alerts by age are told of every group where it is unknown.

    Raises
    ------
    InputError
        For a jurisdiction that there is not, whose alerts would be silent, and for no age.
    """

    rule: ReadinessRule
    jurisdiction: str
    age: float | None = None
    state: State = "scheduled"
    events: tuple[Event, ...] = ()
    alerts: tuple[Alert, ...] = ()
    trace: tuple[Entry, ...] = ()
    overridden: str = ""

    def __post_init__(self) -> None:
        if self.jurisdiction not in JURISDICTIONS:
            raise InputError(
                f"there is no jurisdiction '{self.jurisdiction}'",
                hint=f"choose {', '.join(JURISDICTIONS)}",
            )
        if self.age is not None and not 0 <= self.age <= 130:
            raise InputError(f"{self.age:g} is no age", hint="give years, or leave it out")

    @property
    def clock(self) -> datetime | None:
        """When the hours of observation begin: the last dose, or its end; None while it runs.

        By a route on which a dose may run for a while (into a vein, under the skin, inhaled) it
        runs until it is recorded to have ended, in the order of the records: a dose that began in
        the minute in which another ended is running.
        """
        given = [e for e in self.events if isinstance(e, Dose | EndDose)]
        if not any(isinstance(e, Dose) for e in given):
            return None
        if self.rule.route in TIMED_ROUTES and isinstance(given[-1], Dose):
            return None
        return given[-1].at

    def readiness(self, now: datetime) -> tuple[Judged, ...]:
        """Return every criterion of the rule at a time: met, not met or unknown, and why."""
        return judge(self, now)


def apply(session: Session, event: Event) -> Session:
    """Return the session after an event.

    Raises
    ------
    InputError
        If the event cannot happen now, its time lies before what was recorded, a reading is no
        possible value, or a reason is missing. The session is not changed.
    """
    _check(session, event)
    after = _NEXT[type(event)](session, event)
    held = replace(session, events=(*session.events, event), state=after)
    if isinstance(event, Leave) and _open(session, event.at):
        held = replace(held, overridden=event.reason.strip())
    told = alerts_for(held, event)
    why = _why(held, event)
    if held.state in ("observed", "ready"):
        judged = judge(held, event.at)
        ready = all(one.state == "met" for one in judged)
        held = replace(held, state="ready" if ready else "observed")
        why = (*why, *(f"{one.criterion}: {one.state} ({one.why})" for one in judged))
    entry = Entry(event.at, event.by, type(event).__name__, session.state, held.state, why)
    return replace(held, alerts=(*held.alerts, *told), trace=(*held.trace, entry))


def check_again(session: Session, now: datetime, by: str = "clock") -> Session:
    """Return the session as time passes: whether the rule is met now, without a new reading.

    Raises
    ------
    InputError
        If ``now`` lies before what was recorded.
    """
    _check_time(session, now)
    if session.trace and hours_between(session.trace[-1].at, now) < 0:
        raise InputError(f"{now:%Y-%m-%d %H:%M} lies before the last look at the clock")
    if session.state not in ("observed", "ready"):
        return session
    judged = judge(session, now)
    state: State = "ready" if all(one.state == "met" for one in judged) else "observed"
    if state == session.state:
        return session
    why = tuple(f"{one.criterion}: {one.state} ({one.why})" for one in judged)
    entry = Entry(now, by, "Clock", session.state, state, why)
    return replace(session, state=state, trace=(*session.trace, entry))


def _why(session: Session, event: Event) -> tuple[str, ...]:
    if isinstance(event, Leave):
        told = [session.overridden and f"override: {session.overridden}"]
        with_whom = {True: "accompanied", False: "alone", None: "company not recorded"}
        left_open = (
            f"{one.criterion}: {one.state} ({one.why})" for one in _open(session, event.at)
        )
        return tuple(filter(None, [*told, with_whom[event.accompanied], *left_open]))
    if isinstance(event, Prepare):
        drug, place = session.rule.drug, session.jurisdiction
        if not limit_before(drug=drug, jurisdiction=place):
            return (f"no limit of pressure before {drug} was read for {place}: the site judges",)
    if isinstance(event, Cancel):
        return (event.reason.strip(),)
    return ()


def _check(session: Session, event: Event) -> None:
    if type(event) not in _NEXT:
        raise InputError(f"'{type(event).__name__}' is no event of a session")
    if not event.by.strip():
        raise InputError("who recorded it is missing", where=type(event).__name__)
    _check_time(session, event.at)
    if isinstance(event, Readings):
        _check_readings(event)


def _open(session: Session, at: datetime) -> tuple[Judged, ...]:
    return tuple(one for one in judge(session, at) if one.state != "met")


def _check_time(session: Session, at: datetime) -> None:
    """Events are in order; one that came late may lie before a look at the clock."""
    last = session.events[-1].at if session.events else None
    if last is None:
        return
    if (last.tzinfo is None) != (at.tzinfo is None):
        raise InputError("one time has a zone and another has none", hint="give every time alike")
    passed = hours_between(last, at)
    if passed < 0:
        raise InputError(
            f"{at:%Y-%m-%d %H:%M} lies before what was recorded at {last:%Y-%m-%d %H:%M}",
            hint="record events in their order",
        )
    if passed > 48:
        raise InputError(
            f"{at:%Y-%m-%d %H:%M} lies more than two days after the last record",
            hint="a session is of one day",
        )


def _check_readings(event: Any) -> None:
    for name, (low, high) in RANGES.items():
        value = getattr(event, name)
        if value is not None and not low <= value <= high:
            raise InputError(
                f"{value:g} is no possible {name.replace('_', ' ')}",
                where=type(event).__name__,
                hint=f"give {low:g} to {high:g}",
            )
    both = event.systolic is not None and event.diastolic is not None
    if both and event.diastolic >= event.systolic:
        raise InputError(
            f"a diastolic of {event.diastolic:g} is not below a systolic of {event.systolic:g}",
            where=type(event).__name__,
        )


def _refuse(session: Session, what: str, hint: str) -> InputError:
    return InputError(f"{what} while the session is {session.state}", hint=hint)


def _prepare(session: Session, event: Event) -> State:
    if session.state not in ("scheduled", "prepared"):
        raise _refuse(session, "a session cannot be prepared", "record readings with Observe")
    return "prepared"


def _dose(session: Session, event: Event) -> State:
    """A dose that is given to someone who was ready takes the readiness away."""
    if session.state not in ("prepared", "dosed", "observed", "ready"):
        raise _refuse(session, "no dose can be given", "prepare the session first")
    return "dosed" if session.state in ("prepared", "dosed") else "observed"


def _end(session: Session, event: Event) -> State:
    if session.state not in ("dosed", "observed"):
        raise _refuse(session, "no dose can end", "give the dose first")
    return session.state


def _observe(session: Session, event: Event) -> State:
    if session.state not in ("dosed", "observed", "ready"):
        raise _refuse(session, "nothing can be observed after a dose", "give the dose first")
    return "observed"


def _leave(session: Session, event: Event) -> State:
    assert isinstance(event, Leave)
    if session.state not in ("dosed", "observed", "ready"):
        raise _refuse(session, "nobody can leave", "cancel a session without a dose")
    open_ones = _open(session, event.at)
    if open_ones and not event.reason.strip():
        raise InputError(
            "the rule for leaving is not met: "
            + "; ".join(f"{one.criterion} ({one.why})" for one in open_ones),
            hint="wait, record what is missing, or give a reason to override",
        )
    return "left"


def _cancel(session: Session, event: Event) -> State:
    assert isinstance(event, Cancel)
    if session.state not in ("scheduled", "prepared"):
        raise _refuse(session, "a session cannot be cancelled", "after a dose the patient leaves")
    if not event.reason.strip():
        raise InputError("a reason is missing", where="Cancel", hint="say why it does not happen")
    return "cancelled"


_NEXT: Final[dict[type[Event], Callable[[Session, Event], State]]] = {
    Prepare: _prepare,
    Dose: _dose,
    EndDose: _end,
    Observe: _observe,
    Assess: _observe,
    Leave: _leave,
    Cancel: _cancel,
}
