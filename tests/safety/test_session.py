"""A session: single paths by hand, then any order of events against an independent account."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.safety.session import (
    STATES,
    Assess,
    Cancel,
    Dose,
    EndDose,
    Leave,
    Observe,
    Prepare,
    Session,
    apply,
    check_again,
)
from ketascope.safety.session_rules import alert_rules, readiness_rule, readiness_rules

NINE = datetime(2027, 1, 4, 9, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def spray(**more: Any) -> Session:
    return Session(readiness_rule("esketamine", "intranasal"), "us", **more)


def drip() -> Session:
    found = readiness_rule("ketamine", "intravenous", site_hours=1.0, site_reason="protocol 4")
    return Session(found, "us")


def run(session: Session, *events: Any) -> Session:
    for event in events:
        session = apply(session, event)
    return session


WELL = {"stable": True, "dissociation_resolved": True, "respiration_resolved": True}
DOSED = (
    Prepare(at(0), "nurse", systolic=124, diastolic=78, saturation=98),
    Dose(at(5), "nurse", "28 mg"),
    Dose(at(10), "nurse", "28 mg"),
)


def test_a_session_as_it_should_go() -> None:
    session = run(
        spray(), *DOSED,
        Observe(at(50), "nurse", systolic=141, diastolic=88, moaas=4),
        Observe(at(100), "nurse", systolic=128, diastolic=80, moaas=5),
        Assess(at(110), "doctor", **WELL),
    )  # fmt: skip
    assert session.state == "observed"
    waiting = [one.criterion for one in session.readiness(at(110)) if one.state != "met"]
    assert waiting == ["time"]
    assert check_again(session, at(129)).state == "observed"
    ready = check_again(session, at(130))
    assert ready.state == "ready"
    left = apply(ready, Leave(at(135), "doctor", accompanied=True))
    assert left.state == "left"
    assert not left.overridden
    assert [entry.after for entry in left.trace][-2:] == ["ready", "left"]


def test_the_hours_begin_at_the_last_spray() -> None:
    assert run(spray(), *DOSED).clock == at(10)
    assert run(drip(), Prepare(at(0), "n"), Dose(at(5), "n")).clock is None
    ended = run(drip(), Prepare(at(0), "n"), Dose(at(5), "n"), EndDose(at(45), "n"))
    assert ended.clock == at(45)


@pytest.mark.parametrize("missing", ["stable", "dissociation_resolved", "respiration_resolved"])
def test_what_was_not_judged_is_unknown_and_not_met(missing: str) -> None:
    said = {name: value for name, value in WELL.items() if name != missing}
    session = run(
        spray(), *DOSED, Observe(at(140), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(150), "doctor", **said),
    )  # fmt: skip
    assert session.state == "observed"
    assert [one.state for one in session.readiness(at(150))].count("unknown") == 1
    with pytest.raises(InputError, match="not judged since the dose"):
        apply(session, Leave(at(151), "doctor"))


def test_a_judgement_before_the_last_dose_counts_for_nothing() -> None:
    session = run(
        spray(), *DOSED[:2], Assess(at(6), "doctor", **WELL, sedation_resolved=True), DOSED[2],
        Observe(at(200), "n", systolic=120, diastolic=70),
    )  # fmt: skip
    states = {one.criterion: one.state for one in session.readiness(at(200))}
    assert states["stable"] == states["sedation"] == "unknown"
    assert states["time"] == states["pressure"] == "met"


@pytest.mark.parametrize(
    ("readings", "state"),
    [
        ([(150, 90)], "unknown"),
        ([(120, 70)], "met"),
        ([(150, 90), (140, 85)], "met"),
        ([(140, 85), (150, 90)], "not met"),
        ([(150, 90), (150, 90)], "not met"),
        ([(150, 85), (145, 95)], "not met"),
        ([], "unknown"),
    ],
)
def test_pressure_must_be_seen_to_fall(readings: list[tuple[int, int]], state: str) -> None:
    session = run(spray(), *DOSED)
    for k, (high, low) in enumerate(readings):
        session = apply(session, Observe(at(40 + 20 * k), "n", systolic=high, diastolic=low))
    judged = {one.criterion: one for one in session.readiness(at(100))}
    assert judged["pressure"].state == state


def test_a_later_reading_can_take_readiness_away() -> None:
    ready = run(
        spray(), *DOSED, Observe(at(140), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(141), "doctor", **WELL),
    )  # fmt: skip
    assert ready.state == "ready"
    again = apply(ready, Observe(at(145), "n", systolic=120, diastolic=70, moaas=3))
    assert again.state == "observed"


def test_an_override_needs_a_reason_and_is_kept() -> None:
    session = run(spray(), *DOSED)
    with pytest.raises(InputError, match="rule for leaving is not met"):
        apply(session, Leave(at(60), "doctor", "  "))
    left = apply(session, Leave(at(60), "doctor", "left against advice", accompanied=False))
    assert left.overridden == "left against advice"
    assert left.trace[-1].why == ("override: left against advice", "alone")


def test_alerts_say_what_by_which_rule_and_source() -> None:
    session = run(
        spray(), Prepare(at(0), "n", systolic=146, diastolic=84), Dose(at(5), "n"),
        Observe(at(45), "n", systolic=190, diastolic=100, moaas=4),
    )  # fmt: skip
    told = [(alert.level, alert.rule) for alert in session.alerts]
    assert told == [
        ("caution", "pressure_before"), ("urgent", "pressure_marked"),
        ("caution", "pressure_rise"), ("watch", "sedated"),
    ]  # fmt: skip
    assert "44 above the one before the dose" in session.alerts[2].because


def test_the_limit_before_a_dose_is_of_the_place_and_the_age() -> None:
    event = Prepare(at(0), "n", systolic=145, diastolic=80)
    rule_eu = readiness_rule("esketamine", "intranasal")
    for age, alerts in ((50, 1), (70, 0), (None, 1)):
        assert len(apply(Session(rule_eu, "eu", age), event).alerts) == alerts
    assert len(apply(Session(rule_eu, "us", 70), event).alerts) == 1
    assert apply(drip(), event).alerts == ()


def test_no_hours_are_invented() -> None:
    with pytest.raises(InputError, match="no source sets how long"):
        readiness_rule("ketamine", "intravenous")
    with pytest.raises(InputError, match="no source sets how long"):
        readiness_rule("ketamine", "oral", site_hours=1.0)
    with pytest.raises(InputError, match="less than the 2 h"):
        readiness_rule("esketamine", "intranasal", site_hours=1.5)
    assert readiness_rule("esketamine", "intranasal", site_hours=3).observe_h == 3


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((Dose(at(0), "n"),), "prepare the session first"),
        ((Observe(at(0), "n"),), "give the dose first"),
        ((Leave(at(0), "n"),), "cancel a session"),
        ((*DOSED, Cancel(at(20), "n", "late")), "cannot be cancelled"),
        ((Cancel(at(0), "n"),), "reason is missing"),
        ((*DOSED, Observe(at(3), "n")), "before what was recorded"),
        ((*DOSED, Observe(at(9000), "n")), "two days"),
        ((*DOSED, Observe(datetime(2027, 1, 4, 9, 30), "n")), "has a zone"),
        ((*DOSED, Observe(at(20), " ")), "who recorded it"),
        ((*DOSED, Observe(at(20), "n", systolic=900)), "no possible systolic"),
        ((*DOSED, Observe(at(20), "n", systolic=80, diastolic=90)), "not below a systolic"),
        ((Prepare(at(0), "n"), Cancel(at(1), "n", "ill"), Dose(at(2), "n")), "prepare"),
    ],
)
def test_what_cannot_happen_is_refused_in_a_sentence(events: tuple[Any, ...], said: str) -> None:
    session = run(spray(), *events[:-1])
    with pytest.raises(InputError, match=said):
        apply(session, events[-1])


def test_every_rule_has_a_source() -> None:
    for rule_ in (*readiness_rules(), *alert_rules()):
        assert rule_.source in sources()
        assert rule_.where
        assert rule_.how


class AnyOrder(RuleBasedStateMachine):
    """Events in any order, against a plain account of what may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.session = spray()
        self.minutes = 0.0
        self.doses: list[float] = []
        self.since: dict[str, Any] = {}
        self.expected = "scheduled"

    def do(self, kind: type[Any], allowed: bool, **values: Any) -> bool:
        before = self.session
        try:
            self.session = apply(before, kind(at(self.minutes), "n", **values))
        except InputError:
            assert not allowed
            assert self.session is before
            return False
        assert allowed
        return True

    @rule(minutes=st.floats(0, 45))
    def wait(self, minutes: float) -> None:
        self.minutes += minutes
        self.session = check_again(self.session, at(self.minutes))

    @rule()
    def prepare(self) -> None:
        if self.do(Prepare, self.expected in ("scheduled", "prepared"), systolic=120, diastolic=80):
            self.expected = "prepared"

    @rule()
    def dose(self) -> None:
        allowed = self.session.state in ("prepared", "dosed", "observed")
        if self.do(Dose, allowed):
            self.doses.append(self.minutes)
            self.since = {}
            self.expected = "dosed"

    @rule(high=st.integers(100, 220), moaas=st.integers(0, 5))
    def observe(self, high: int, moaas: int) -> None:
        allowed = bool(self.doses) and self.expected != "left"
        if self.do(Observe, allowed, systolic=high, diastolic=60, moaas=moaas):
            self.since |= {"systolic": high, "moaas": moaas}

    @rule(well=st.booleans())
    def assess(self, well: bool) -> None:
        allowed = bool(self.doses) and self.expected != "left"
        said = dict.fromkeys(WELL, well)
        if self.do(Assess, allowed, **said):
            self.since |= {"well": well}

    @precondition(lambda self: self.expected != "left")
    @rule()
    def leave_without_reason(self) -> None:
        if self.do(Leave, bool(self.doses) and self.may_leave()):
            self.expected = "left"

    @precondition(lambda self: bool(self.doses) and self.expected != "left")
    @rule()
    def leave_against_the_rule(self) -> None:
        if self.do(Leave, True, reason="against advice"):
            self.expected = "left"

    def may_leave(self) -> bool:
        """The rule again, in the plainest words."""
        judged = {one.criterion: one.state for one in self.session.readiness(at(self.minutes))}
        waited = self.minutes - self.doses[-1] >= 120 - 1e-6
        assert (judged["time"] == "met") == waited
        assert (judged["sedation"] == "met") == (self.since.get("moaas") == 5)
        assert (judged["stable"] == "met") == bool(self.since.get("well"))
        return waited and all(state == "met" for state in judged.values())

    @invariant()
    def ready_means_that_every_criterion_is_met(self) -> None:
        assert self.session.state in STATES
        if self.session.state == "ready":
            assert self.may_leave()
        if self.session.state == "left" and not self.session.overridden:
            assert self.session.trace[-1].before == "ready" or self.may_leave()

    @invariant()
    def the_trace_is_whole(self) -> None:
        steps = [(entry.before, entry.after) for entry in self.session.trace]
        for (_, after), (before, _) in itertools.pairwise(steps):
            assert after == before
        assert not steps or steps[-1][1] == self.session.state


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
