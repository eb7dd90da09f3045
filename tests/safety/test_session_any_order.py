"""A session under any order of events, against an independent account of what may happen."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ketascope.errors import InputError
from ketascope.safety.session import (
    STATES,
    Assess,
    Dose,
    Leave,
    Observe,
    Prepare,
    Session,
    apply,
    check_again,
)
from ketascope.safety.session_rules import readiness_rule

WELL = ("stable", "dissociation_resolved", "respiration_resolved")


def at(minutes: float) -> datetime:
    return datetime(2027, 1, 4, 9, tzinfo=UTC) + timedelta(minutes=minutes)


def spray() -> Session:
    return Session(readiness_rule("esketamine", "intranasal"), "us")


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
        allowed = self.session.state in ("prepared", "dosed", "observed", "ready")
        if self.do(Dose, allowed):
            self.doses.append(self.minutes)
            self.since = {}
            self.expected = "dosed"

    @rule(high=st.integers(100, 220), moaas=st.integers(0, 5))
    def observe(self, high: int, moaas: int) -> None:
        allowed = bool(self.doses) and self.expected != "left"
        if self.do(Observe, allowed, systolic=high, diastolic=60, moaas=moaas):
            self.since |= {"systolic": high, "moaas": moaas, "rated": self.minutes}

    @rule(well=st.booleans())
    def assess(self, well: bool) -> None:
        allowed = bool(self.doses) and self.expected != "left"
        said = dict.fromkeys(WELL, well)
        if self.do(Assess, allowed, **said):
            self.since |= {"well": well, "judged": self.minutes}

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
        late = self.doses[-1] + 90 - 1e-6
        rated, well = self.since.get("rated", 0) >= late, self.since.get("judged", 0) >= late
        assert (judged["sedation"] == "met") == (rated and self.since.get("moaas") == 5)
        assert (judged["stable"] == "met") == (well and bool(self.since.get("well")))
        if judged["pressure"] == "met":
            assert rated
            assert self.since["systolic"] < 180
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
