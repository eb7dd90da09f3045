"""Findings, groups of use and other treatments: whole, sourced, and in order."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.evidence.findings import TOPICS, Finding, Number, findings
from ketascope.evidence.long_use import MONTH, Group, long_use
from ketascope.evidence.other_treatments import Outcome, Pooled, Share, Trial, trials


@pytest.mark.parametrize("one", findings(), ids=lambda f: f"{f.topic}.{f.id}")
def test_a_finding_is_sourced_or_says_that_it_is_not_known(one: Finding) -> None:
    if one.kind == "unknown":
        assert not one.source
    else:
        assert one.source in sources()


def test_every_topic_has_a_measurement_and_ids_differ() -> None:
    for topic in TOPICS:
        rows = findings(topic)
        assert len({row.id for row in rows}) == len(rows)
        assert "measured" in {row.kind for row in rows}


def test_driving_keeps_the_rule_apart_from_measurements() -> None:
    kinds = {one.id: one.kind for one in findings("driving")}
    assert kinds["label_rule"] == "rule"
    assert kinds["healthy_8h"] == "measured"
    assert kinds["other_routes"] == "unknown"


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(InputError, match="not a topic"):
        findings("weather")


@pytest.mark.parametrize(
    "row",
    [
        {"what": "x"},
        {"what": "x", "value": 1.0, "unit": "h", "count": 1, "n": 2},
        {"what": "x", "count": 3, "n": 2},
        {"what": "x", "count": 3},
        {"what": "x", "value": 1.0},
        {"what": "x", "value": 1.0, "unit": "cm", "interval": (2.0, 3.0)},
    ],
)
def test_a_number_that_does_not_hold_together_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Number(**row)


def test_a_measurement_without_people_or_source_is_refused() -> None:
    whole: dict[str, Any] = {
        "id": "a", "topic": "bladder", "kind": "measured", "what": "a sentence of some length",
        "pattern": "clinic", "people": "p", "dose": "d", "source": "s", "where": "w", "how": "h",
    }  # fmt: skip
    Finding(**whole)
    for key in ("people", "dose", "source", "where", "how"):
        with pytest.raises(ValidationError):
            Finding(**{**whole, key: ""})
    with pytest.raises(ValidationError):
        Finding(**{**whole, "kind": "unknown", "values": [{"what": "x", "value": 1, "unit": "h"}]})


@pytest.mark.parametrize("group", long_use(), ids=lambda g: g.id)
def test_a_group_is_sourced_and_says_what_was_found(group: Group) -> None:
    assert group.source in sources()
    assert 0 < group.monthly[0] <= group.monthly[1]
    assert group.harm


def test_grams_a_month_follow_from_what_is_given() -> None:
    by_id = {group.id: group for group in long_use()}
    assert by_id["users_imaging"].monthly[0] == pytest.approx(2.4 * 365.25 / 12)
    weekly = by_id["spray_weekly"].monthly
    assert weekly == pytest.approx((4 * 0.056 * MONTH / 28, 4 * 0.084 * MONTH / 28))
    hundred = by_id["spray_100_sessions"].monthly
    assert hundred == pytest.approx((129 * 0.056 / 30, 129 * 0.084 / 30), rel=2e-3)
    # 300 mg five times a day to 750 mg six times a day
    case = by_id["user_case"].range
    assert case == (0.3 * 5, 0.75 * 6)


def test_treatment_lies_below_misuse() -> None:
    clinic = [g.monthly[1] for g in long_use() if not g.misuse]
    misuse = [g.monthly[0] for g in long_use() if g.misuse]
    assert max(clinic) < min(misuse)


def test_a_group_names_findings_that_there_are() -> None:
    row = long_use()[0].model_dump()
    with pytest.raises(ValidationError, match="no finding"):
        Group(**{**row, "harm": ["bladder.nothing"]})


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.id)
def test_a_trial_is_sourced_and_compared_in_words(trial: Trial) -> None:
    assert trial.source in sources()
    assert all(len(text) > 8 for text in trial.comparable)


def test_what_is_from_memory_says_so() -> None:
    for trial in trials():
        for outcome in trial.outcomes:
            assert outcome.checked == ("memory" not in outcome.how), (trial.id, outcome.what)


def test_counts_that_were_worked_out_print_as_the_shares_that_were_read() -> None:
    by_id = {trial.id: trial for trial in trials()}

    def percent(trial: str, outcome: int, arm: str) -> float:
        share = by_id[trial].outcomes[outcome].arms[arm]
        assert share.count is not None
        assert share.n is not None
        return round(100 * share.count / share.n, 1)

    assert (percent("elekt_d", 0, "ketamine"), percent("elekt_d", 0, "other")) == (55.4, 41.2)
    assert (percent("escape_trd", 1, "ketamine"), percent("escape_trd", 1, "other")) == (21.7, 14.1)
    assert percent("psilocybin_phase_2", 0, "other") == 29.1
    assert percent("psilocybin_phase_2", 1, "other") == 20.3
    assert percent("psilocybin_phase_2", 1, "control") == 10.1


def test_a_trial_that_does_not_hold_together_is_refused() -> None:
    with pytest.raises(ValidationError):
        Share()
    with pytest.raises(ValidationError):
        Share(count=5, n=4)
    with pytest.raises(ValidationError):
        Pooled(what="x", measure="OR", value=1, low=2, high=3, good=True, where="w", how="h")
    outcome = Outcome(what="x", definition="d", week=1, good=True, where="w", how="h",
                      arms={"other": Share(percent=1.0)})  # fmt: skip
    whole: dict[str, Any] = {
        "id": "a", "title": "A", "kind": "indirect", "treatment": "t", "people": "ten people or so",
        "masking": "open", "arms": {"other": "o"}, "outcomes": [outcome],
        "comparable": ["it is not"], "source": "s",
    }  # fmt: skip
    Trial(**whole)
    for change in ({"outcomes": []}, {"kind": "head-to-head"}, {"arms": {"another": "o"}}):
        with pytest.raises(ValidationError):
            Trial(**{**whole, **change})
