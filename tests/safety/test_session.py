"""A session: single paths by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.safety.session import (
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
        session = apply(session, Observe(at(110 + 20 * k), "n", systolic=high, diastolic=low))
    judged = {one.criterion: one for one in session.readiness(at(170))}
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
    assert left.trace[-1].why[:2] == ("override: left against advice", "alone")
    assert left.trace[-1].why[2].startswith("time: not met (50 min since the last spray")
    assert len(left.trace[-1].why) == 2 + len(left.rule.criteria)


def test_a_reason_for_leaving_when_the_rule_is_met_is_no_override() -> None:
    session = run(
        spray(), *DOSED, Observe(at(110), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(111), "doctor", **WELL),
    )  # fmt: skip
    left = apply(session, Leave(at(131), "doctor", "fetched by her sister"))
    assert left.overridden == ""


def judged_at(session: Session, minutes: float) -> dict[str, str]:
    return {one.criterion: one.state for one in session.readiness(at(minutes))}


def test_what_was_judged_before_the_peak_holds_for_nothing() -> None:
    """A whole set of good findings a minute after the last spray, and nothing more."""
    session = run(
        spray(), *DOSED, Observe(at(11), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(11), "doctor", **WELL),
    )  # fmt: skip
    states = judged_at(session, 200)
    assert states.pop("time") == "met"
    assert set(states.values()) == {"unknown"}
    with pytest.raises(InputError, match="sooner than 90 min after the last spray"):
        apply(session, Leave(at(200), "doctor"))


def test_what_was_judged_while_an_infusion_ran_holds_for_nothing() -> None:
    session = run(
        drip(), Prepare(at(0), "n", systolic=124, diastolic=78), Dose(at(0), "n"),
        Observe(at(5), "n", systolic=120, diastolic=70, moaas=5), Assess(at(5), "doctor", **WELL),
        EndDose(at(40), "n"),
    )  # fmt: skip
    states = judged_at(session, 100)
    assert states.pop("time") == "met"
    assert set(states.values()) == {"unknown"}
    after = run(
        session, Observe(at(100), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(100), "doctor", **WELL),
    )  # fmt: skip
    assert after.state == "ready"


def test_who_is_not_well_is_not_well_however_early_it_was_seen() -> None:
    said = dict.fromkeys(WELL, False)
    states = judged_at(run(spray(), *DOSED, Assess(at(11), "doctor", **said)), 200)
    assert states["stable"] == states["dissociation"] == states["respiration"] == "not met"


@pytest.mark.parametrize("route", ["intravenous", "subcutaneous"])
def test_an_infusion_that_was_not_ended_runs(route: str) -> None:
    rule_ = readiness_rule("ketamine", route, site_hours=1.0, site_reason="protocol 4")
    started = run(Session(rule_, "us"), Prepare(at(0), "n"), Dose(at(5), "n"))
    assert started.clock is None
    # one ends and the next begins in the same minute
    again = run(started, EndDose(at(45), "n"), Dose(at(45), "n"))
    assert again.clock is None
    assert judged_at(again, 300)["time"] == "not met"


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        ({"systolic": 118}, "unknown"),
        ({"diastolic": 128}, "unknown"),
        ({"systolic": 182, "diastolic": 88}, "not met"),
        ({"systolic": 170, "diastolic": 112}, "not met"),
    ],
)
def test_half_a_pressure_or_a_marked_one_never_counts_as_fallen(
    reading: dict[str, int], state: str
) -> None:
    session = run(
        spray(), Prepare(at(0), "n", systolic=190, diastolic=115), *DOSED[1:],
        Observe(at(110), "n", systolic=188, diastolic=114), Observe(at(140), "n", **reading),
    )  # fmt: skip
    assert judged_at(session, 150)["pressure"] == state


def test_of_two_at_the_same_time_the_worse_counts() -> None:
    rated = run(spray(), *DOSED, Observe(at(140), "n", moaas=5, cadss=12))
    both = run(rated, Assess(at(140), "d", sedation_resolved=False, dissociation_resolved=True))
    states = judged_at(both, 150)
    assert states["sedation"] == states["dissociation"] == "not met"
    later = run(both, Assess(at(145), "d", sedation_resolved=True, dissociation_resolved=True))
    states = judged_at(later, 150)
    assert states["sedation"] == states["dissociation"] == "met"
    assert judged_at(run(spray(), *DOSED, Observe(at(140), "n", cadss=0)), 150)[
        "dissociation"
    ] == "unknown"  # fmt: skip


def test_a_dose_after_all_takes_readiness_away() -> None:
    ready = run(
        spray(), *DOSED, Observe(at(140), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(141), "doctor", **WELL),
    )  # fmt: skip
    assert ready.state == "ready"
    again = apply(ready, Dose(at(150), "n", "28 mg"))
    assert again.state == "observed"
    assert again.clock == at(150)


def test_a_reading_that_is_entered_late_is_not_lost() -> None:
    waiting = run(
        spray(), *DOSED, Observe(at(110), "n", systolic=120, diastolic=70, moaas=5),
        Assess(at(111), "doctor", **WELL),
    )  # fmt: skip
    ready = check_again(waiting, at(131))
    assert ready.state == "ready"
    late = apply(ready, Observe(at(125), "n", systolic=190, diastolic=100, moaas=5))
    assert late.state == "observed"
    assert "pressure_marked" in {alert.rule for alert in late.alerts}
    with pytest.raises(InputError, match="before what was recorded"):
        check_again(late, at(120))


def test_hours_are_hours_when_the_clock_is_changed() -> None:
    zone = ZoneInfo("America/New_York")
    dosed = datetime(2027, 3, 14, 1, 30, tzinfo=zone)  # 02:00 becomes 03:00
    session = run(spray(), Prepare(dosed, "n"), Dose(dosed, "n"))
    for clock, minutes, state in (((3, 30), 60, "not met"), ((4, 29), 119, "not met"),
                                  ((4, 30), 120, "met")):  # fmt: skip
        now = dosed.replace(hour=clock[0], minute=clock[1])
        judged = next(one for one in session.readiness(now) if one.criterion == "time")
        assert judged.why.startswith(f"{minutes} min")
        assert judged.state == state


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("US", None), "no jurisdiction 'US'"),
        (("us", -3.0), "no age"),
        (("us", math.nan), "no age"),
    ],
)
def test_a_session_whose_alerts_would_be_silent_is_refused(
    given: tuple[str, float | None], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        Session(readiness_rule("esketamine", "intranasal"), *given)


def test_a_dose_without_a_pressure_before_it_is_told() -> None:
    for start, count in ((spray(), 1), (drip(), 1)):
        half = run(start, Prepare(at(0), "n", systolic=120), Dose(at(5), "n"), Dose(at(9), "n"))
        assert [a.because for a in half.alerts] == ["no diastolic pressure before the dose"] * count
    assert run(spray(), *DOSED).alerts == ()


def test_a_rise_is_told_of_each_pressure_from_its_own_reading() -> None:
    session = run(
        spray(), Prepare(at(0), "n", systolic=120, diastolic=70), Prepare(at(1), "n", systolic=122),
        Dose(at(5), "n"), Observe(at(40), "n", diastolic=95),
    )  # fmt: skip
    assert [a.rule for a in session.alerts] == ["pressure_rise"]


def test_a_place_without_a_limit_before_a_dose_says_so() -> None:
    event = Prepare(at(0), "n", systolic=200, diastolic=120)
    swiss = apply(Session(readiness_rule("esketamine", "intranasal"), "ch"), event)
    assert swiss.alerts == ()
    assert "no limit of pressure before esketamine was read for ch" in swiss.trace[-1].why[0]
    assert apply(spray(), event).trace[-1].why == ()
    ketamine = readiness_rule("ketamine", "intravenous", site_hours=1.0, site_reason="protocol 4")
    (alert,) = apply(Session(ketamine, "ch"), event).alerts
    assert (alert.level, alert.rule) == ("urgent", "pressure_before_ketamine_ch")


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
    told = [(r.source, r.where, r.how) for r in readiness_rules()]
    for source, where, how in (*told, *((a.source, a.where, a.how) for a in alert_rules())):
        assert source in sources()
        assert where
        assert how
