"""Three values after Kleene: what holds of every condition; how facts, days and values count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.patients.facts import Fact, Record
from ketascope.patients.patient import Patient
from ketascope.safety.conditions import Condition, read_condition
from ketascope.safety.evaluate import Case, Verdict, both, either, judge, opposite

ON = date(2026, 11, 27)
# none of these implies another
NAMES = ("psychosis", "epilepsy", "porphyria", "pregnancy", "copd")
VALUES = {"no": 0, "unknown": 1, "yes": 2}
answers = st.sampled_from(sorted(VALUES))
states = st.fixed_dictionaries(
    {name: st.sampled_from(["present", "denied", None]) for name in NAMES}
)


def trees() -> st.SearchStrategy[dict[str, object]]:
    leaf = st.sampled_from(NAMES).map(lambda name: {"fact": name})
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda ones: {"all": ones}),
            st.lists(inner, min_size=2, max_size=3).map(lambda ones: {"any": ones}),
            inner.map(lambda one: {"not": one}),
        ),
        max_leaves=8,
    )


def record(known: dict[str, str | None]) -> Record:
    return Record(
        tuple(
            Fact(name, "present" if state == "present" else "denied")
            for name, state in known.items()
            if state is not None
        )
    )


def answer(tree: dict[str, object] | Condition, known: dict[str, str | None]) -> str:
    condition = read_condition(tree) if isinstance(tree, dict) else tree
    return judge(condition, Case(record(known), ON)).answer


@given(st.lists(answers, min_size=1, max_size=5))
def test_all_is_the_least_and_any_the_greatest(given_answers: list[str]) -> None:
    verdicts = [Verdict(one) for one in given_answers]  # type: ignore[arg-type]
    numbers = [VALUES[one] for one in given_answers]
    assert VALUES[both(verdicts).answer] == min(numbers)
    assert VALUES[either(verdicts).answer] == max(numbers)
    assert [VALUES[opposite(one).answer] for one in verdicts] == [2 - n for n in numbers]


@given(trees(), states)
def test_de_morgan(tree: dict[str, object], known: dict[str, str | None]) -> None:
    inside = {"any": [{"not": tree}, {"not": {"fact": "copd"}}]}
    outside = {"not": {"all": [tree, {"fact": "copd"}]}}
    assert answer(inside, known) == answer(outside, known)


@given(trees(), states)
def test_not_of_not_is_the_same(tree: dict[str, object], known: dict[str, str | None]) -> None:
    assert answer({"not": {"not": tree}}, known) == answer(tree, known)


@given(trees(), states, st.sampled_from(NAMES), st.sampled_from(["present", "denied"]))
def test_knowing_more_never_turns_yes_into_no(
    tree: dict[str, object], known: dict[str, str | None], name: str, state: str
) -> None:
    before = answer(tree, {**known, name: None})
    after = answer(tree, {**known, name: state})
    assert before in ("unknown", after)


@given(trees(), states)
def test_an_unknown_names_what_would_decide_it(
    tree: dict[str, object], known: dict[str, str | None]
) -> None:
    verdict = judge(read_condition(tree), Case(record(known), ON))
    if verdict.answer == "unknown":
        assert verdict.open
        assert all(known[name] is None for name in verdict.open)
        told = {**known, **dict.fromkeys(verdict.open, "present")}
        told_not = {**known, **dict.fromkeys(verdict.open, "denied")}
        assert "unknown" not in (answer(tree, told), answer(tree, told_not))
    else:
        assert not verdict.open
        assert verdict.facts


@given(trees(), st.permutations(NAMES), states)
def test_the_order_of_facts_does_not_matter(
    tree: dict[str, object], order: list[str], known: dict[str, str | None]
) -> None:
    assert answer(tree, {name: known[name] for name in order}) == answer(tree, known)


MI = {"fact": "myocardial_infarction", "when": "ever", "within_days": 42}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (Fact("myocardial_infarction", "present", on=ON - timedelta(days=42)), "yes"),
        (Fact("myocardial_infarction", "present", on=ON - timedelta(days=43)), "no"),
        (Fact("myocardial_infarction", "present"), "unknown"),
        # told three years ago, so it was not in the last six weeks, whenever it was
        (Fact("myocardial_infarction", "present", said=ON - timedelta(days=1000)), "no"),
        (Fact("myocardial_infarction", "present", said=ON - timedelta(days=3)), "yes"),
        (Fact("myocardial_infarction", "denied", said=ON), "no"),
    ],
)
def test_a_recent_event_counts_by_its_day(fact: Fact, expected: str) -> None:
    assert judge(read_condition(MI), Case(Record((fact,)), ON)).answer == expected


PRESSURE = {"fact": "systolic", "above": 140, "within_days": 365, "fresh_days": 1}


@pytest.mark.parametrize(
    ("value", "days", "expected"),
    [
        (141, 0, "yes"),
        (140, 0, "no"),
        (140, 1, "no"),
        (140, 2, "unknown"),
        (180, 365, "yes"),
        (180, 366, "unknown"),
    ],
)
def test_an_old_value_may_warn_but_never_reassures(value: float, days: int, expected: str) -> None:
    fact = Fact("systolic", "present", value, "mmHg", on=ON - timedelta(days=days))
    assert judge(read_condition(PRESSURE), Case(Record((fact,)), ON)).answer == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (ON, "no"),
        (ON - timedelta(days=30), "no"),
        (ON - timedelta(days=31), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_denial_of_what_changes_goes_stale(said: date | None, expected: str) -> None:
    fact = Fact("pregnancy", "denied", said=said)
    asked = read_condition({"fact": "pregnancy", "fresh_days": 30})
    assert judge(asked, Case(Record((fact,)), ON)).answer == expected


def test_age_weight_and_sex_are_unknown_without_a_record_of_them() -> None:
    for tree, name in (
        ({"age": {"below": 18}}, "age"),
        ({"weight": {"above": 100}}, "weight"),
        ({"sex": "male"}, "sex"),
        ({"regimen": "total", "above": 1}, "weight"),
        ({"regimen": "doses", "above": 1}, "regimen"),
    ):
        assert judge(read_condition(tree), Case(Record(), ON)).open == (name,)
    person = Record(covariates=Patient(age=17.0, weight=101.0, sex="male"))
    for tree in ({"age": {"below": 18}}, {"weight": {"above": 100}}, {"sex": "male"}):
        assert judge(read_condition(tree), Case(person, ON)).answer == "yes"


def test_a_birthday_decides_the_age() -> None:
    adult = read_condition({"age": {"at_least": 65}})
    record = Record(born=date(1961, 11, 27))
    assert judge(adult, Case(record, date(2026, 11, 28))).answer == "yes"
    assert judge(adult, Case(record, date(2026, 11, 25))).answer == "no"
