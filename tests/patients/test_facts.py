"""Present, denied, unknown: which answer holds on which day."""

from __future__ import annotations

from datetime import date

import pytest

from ketascope.errors import InputError
from ketascope.patients.concepts import above, below, concept, concepts
from ketascope.patients.facts import Fact, Record

EARLY, LATE, NOW = date(2020, 1, 1), date(2024, 1, 1), date(2026, 11, 27)


def test_no_record_of_a_thing_is_not_its_absence() -> None:
    assert Record().state("schizophrenia") == "unknown"
    assert Record().state("schizophrenia", when="ever") == "unknown"


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        (("present", EARLY), ("denied", LATE), "denied"),
        (("present", LATE), ("denied", EARLY), "present"),
        (("present", None), ("denied", EARLY), "denied"),
        (("present", EARLY), ("denied", None), "present"),
        (("present", EARLY), ("denied", EARLY), "present"),
        (("present", None), ("denied", None), "present"),
    ],
)
def test_the_later_dated_answer_holds_and_of_a_day_the_graver(
    first: tuple[str, date | None], second: tuple[str, date | None], answer: str
) -> None:
    facts = tuple(Fact("epilepsy", state, on=on) for state, on in (first, second))  # type: ignore[arg-type]
    assert Record(facts).state("epilepsy", NOW) == answer
    assert Record(facts[::-1]).state("epilepsy", NOW) == answer


def test_when_it_was_said_counts_not_only_since_when_it_is_so() -> None:
    old = Fact("hypertension", "present", on=EARLY, said=NOW)
    assert Record((old, Fact("hypertension", "denied", on=LATE))).state("hypertension") == "present"


def test_a_narrower_concept_implies_the_wider_and_a_wider_denial_the_narrower() -> None:
    record = Record((Fact("schizophrenia", "present"), Fact("substance_use_disorder", "denied")))
    assert record.state("psychosis") == "present"
    assert record.state("ketamine_use_disorder") == "denied"
    narrow = Record((Fact("schizophrenia", "denied"),))
    assert narrow.state("psychosis") == "unknown"


def test_what_is_over_is_unknown_now_and_was_present_once() -> None:
    over = Record((Fact("pregnancy", "present", on=EARLY, until=LATE, course="past"),))
    assert over.state("pregnancy", NOW) == "unknown"
    assert over.state("pregnancy", date(2022, 1, 1)) == "present"
    assert over.state("pregnancy", NOW, "ever") == "present"
    assert over.state("pregnancy", date(2019, 1, 1), "ever") == "unknown"


def test_the_newest_value_within_the_days_that_are_asked_for() -> None:
    facts = tuple(
        Fact("systolic", "present", value=value, unit="mmHg", on=on)
        for value, on in ((150.0, EARLY), (131.0, LATE), (99.0, None))
    )
    record = Record(facts)
    newest = record.latest("systolic", NOW)
    assert newest is not None
    assert newest.value == 131.0
    earlier = record.latest("systolic", date(2021, 1, 1))
    assert earlier is not None
    assert earlier.value == 150.0
    assert record.latest("systolic", NOW, within_days=30) is None


def test_further_facts_are_added_and_age_is_counted() -> None:
    record = Record(born=date(1980, 5, 2)).told([Fact("escort_home", "present", on=NOW)])
    assert record.state("escort_home") == "present"
    assert record.age(date(2026, 5, 2)) == pytest.approx(46.0, abs=0.003)


def test_concepts_are_whole_and_imply_no_circle() -> None:
    for name, one in concepts().items():
        assert name not in above(name)
        assert all(name in below(parent) for parent in one.parents)
        assert not one.parents or concept(one.parents[0])
    with pytest.raises(InputError, match="did you mean schizophrenia"):
        concept("schizofrenia")


def test_the_sign_of_a_concept_is_a_measurement_with_a_source() -> None:
    from ketascope.evidence import sources
    from ketascope.patients.concepts import concept, concepts

    signs = {name: one.sign for name, one in concepts().items() if one.sign is not None}
    assert set(signs) == {"suicidality"}
    for sign in signs.values():
        low, high = concept(sign.concept).limits or (0.0, 0.0)
        assert low < sign.at_least <= high
        assert sign.source in sources()
