"""A clinician's dated answers become facts, and close the questions that they answer."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ketascope.errors import InputError
from ketascope.patients.facts import Fact, Record
from ketascope.safety.answers import answered
from ketascope.safety.screen import screen

ON = date(2026, 11, 27)
SPRAY = "esketamine 56 mg intranasal twice weekly for 4 weeks"


def states(record: Record, *names: str) -> list[str]:
    return [record.state(name, ON) for name in names]


def test_answers_are_dated_facts_with_who_gave_them() -> None:
    content = {
        "on": "2026-11-20",
        "by": "A. Clinician",
        "psychosis": True,
        "epilepsy": "no",
        "systolic": 128,
        "suicide_attempt": {"answer": "past", "since": "2019-03-01"},
    }
    record = answered(Record(), content, ON)
    psychosis, epilepsy, systolic, attempt = record.facts
    assert (psychosis.state, psychosis.said) == ("present", date(2026, 11, 20))
    assert psychosis.because == "answered by A. Clinician on 2026-11-20"
    assert epilepsy.state == "denied"
    assert (systolic.value, systolic.unit, systolic.on) == (128, "mmHg", date(2026, 11, 20))
    assert (attempt.course, attempt.on) == ("past", date(2019, 3, 1))
    assert record.state("suicide_attempt", ON, "ever") == "present"


def test_no_to_a_group_denies_all_but_what_was_there() -> None:
    known = Record((Fact("aortic_aneurysm", "present", on=date(2019, 1, 1)),))
    record = answered(known, {"vessels": False}, ON)
    assert states(record, "aneurysmal_vascular_disease", "aortic_aneurysm") == ["present"] * 2
    assert states(record, "intracranial_aneurysm") == ["unknown"]
    assert states(record, "arteriovenous_malformation", "intracerebral_haemorrhage") == [
        "denied",
        "denied",
    ]


def test_yes_to_a_group_asks_which() -> None:
    with pytest.raises(InputError, match="does not say which; answer each: aneurysmal"):
        answered(Record(), {"vessels": "yes"}, ON)


def test_a_complete_list_of_medicines_denies_the_others() -> None:
    known = Record((Fact("opioid", "present", detail="morphine"),))
    record = answered(known, {"medicines_complete": "yes"}, ON)
    assert states(record, "opioid", "cns_depressant", "maoi", "memantine") == [
        "present", "present", "denied", "denied",
    ]  # fmt: skip


def test_unknown_leaves_the_question_open() -> None:
    assert answered(Record(), {"psychosis": "unknown", "vessels": "?"}, ON) == Record()


def test_age_and_sex_can_be_answered() -> None:
    record = answered(Record(), {"age": 71, "sex": "female"}, ON)
    assert (record.age(ON), record.sex) == (71, "female")


def test_files_are_yaml_or_json(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        "on": "2026-11-20",
        "answers": {"psychosis": {"answer": "no", "by": "B"}},
    }
    by_json, by_yaml = tmp_path / "a.json", tmp_path / "a.yaml"
    by_json.write_text(json.dumps(rows))
    by_yaml.write_text("on: 2026-11-20\nanswers:\n  psychosis: {answer: no, by: B}\n")
    assert answered(Record(), by_json, ON) == answered(Record(), by_yaml, ON)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"psychosiss": "no"}, "answers, psychosiss: 'psychosiss' is not a concept"),
        ({"psychosis": "maybe"}, "answers, psychosis: 'maybe' does not answer the question"),
        ({"psychosis": {"answer": "no", "on": "2026-11-28"}}, "dated 2026-11-28, after the day"),
        ({"on": "soon", "psychosis": "no"}, "answers, on: 'soon' is not a day"),
        ({"systolic": "high"}, "answers, systolic: 'high' is not a number; write it in mmHg"),
        ({"systolic": True}, "'True' is not a number"),
        ({"systolic": 1280}, "1280 mmHg is outside 40 to 350"),
        ({"psychosis": {"reply": "no"}}, "'reply' is not part of an answer"),
        ({"answers": ["psychosis"]}, "one line for each question"),
    ],
)
def test_what_is_no_answer_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        answered(Record(), content, ON)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "neither YAML nor JSON"), (b"- a\n", "holds no answers"), (b"{", "neither")],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        answered(Record(), path, ON)
    with pytest.raises(InputError, match="cannot be read"):
        answered(Record(), tmp_path / "none.yaml", ON)


def test_answering_every_question_completes_a_screen() -> None:
    """Ask, answer, ask again: it ends, and only then is the screen complete."""
    record, rounds = Record(), 0
    while not (found := screen(record, SPRAY, "us", on=ON)).complete:
        rounds += 1
        assert rounds < 6
        record = answered(record, {one.id: reply(one.id) for one in found.questions}, ON)
    assert rounds >= 1
    # what still applies is of the regimen or of the answers given here
    assert {one.rule.id for one in found.findings} == {"spravato_us_alone"}


def reply(name: str) -> object:
    """Answer as for a healthy adult with treatment-resistant depression, in a certified clinic."""
    fixed = {"age": 40, "sex": "male", "systolic": 120, "diastolic": 75}
    yes = ("treatment_resistant_depression", "major_depression", "certified_setting", "fasted",
           "rems_enrolled", "oximeter_on_site", "observed_after_dose", "escort_home", "nasal_free",
           "resuscitation_on_site")  # fmt: skip
    return fixed.get(name, "yes" if name in yes else "no")
