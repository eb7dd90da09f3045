"""Patient files and --set options: what is right, and what each mistake is told."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from patients.fuzz_patient import fuzz

from ketascope.errors import InputError
from ketascope.patients import Patient, parse_patient, parse_settings, read_patient

PERSON = Patient(45.0, 70.0, 170.0, "female", "white", setting="clinic")
YAML = "age: 45\nweight: 70 kg\nheight: 1.7 m\nsex: F\nrace: Caucasian\nsetting: clinic\n"


@pytest.mark.parametrize(
    "text",
    [
        YAML,
        "\ufeff" + YAML,
        YAML.replace("\n", "\r\n"),
        "# a comment\n---\n" + YAML,
        YAML.replace("age", "Age"),
        "{age: 45, weight: 70, height: 170, sex: F, race: white, setting: clinic}",
        json.dumps(PERSON.as_dict()),
        json.dumps(PERSON.as_dict(), indent="\t"),
    ],
)
def test_reads_yaml_and_json_by_content(tmp_path: Path, text: str) -> None:
    file = tmp_path / "patient"
    file.write_text(text, encoding="utf-8", newline="")
    assert read_patient(file) == PERSON


def test_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"age: 45")))
    assert read_patient("-") == Patient(age=45)


def test_reads_notes_and_an_id() -> None:
    read = parse_patient(b"id: 17\nnotes:\n  - one\n  - two\nweight: unknown\n")
    assert read == Patient(name="17", notes=("one", "two"))


MALFORMED = {
    "empty": (b"", "p: the file is empty"),
    "blank": (b" \n\t\n", "p: the file is empty"),
    "comment": (b"# nothing\n", "p: the file is empty"),
    "null": (b"null", "p: the file holds one value, not keys with values"),
    "empty object": (b"{}", "p: the file holds no values"),
    "list": (b"- age: 45\n", "p: the file holds a list"),
    "json list": (b'[{"age": 45}]', "p: the file holds a list, not one patient"),
    "word": (b"age 45\n", "p: the file holds one value"),
    "binary": (b"\x00\x01\x02\xff", "p, line 1: the file is not UTF-8 text"),
    "nul": (b"age: 45\nsex: \x00F", "p, line 2: the file holds the control character 0x0"),
    "utf-16": ("age: 45".encode("utf-16"), "p, line 1: the file is not UTF-8 text"),
    "huge": (b"age: 45\n" + b"#" * 1_000_000, "p: the file is larger than 1 MB"),
    "twice": (b"age: 45\nweight: 70\nage: 46\n", "p, line 3: the key 'age' is given twice"),
    "twice in json": (
        b'{"age": 45,\n "weight": 70,\n "age": 46}',
        "p, line 3: the key 'age' is given twice",
    ),
    "unknown key": (
        b"age: 45\nwieght: 70\n",
        "p, line 2: the key 'wieght' is not known; perhaps 'weight' is meant.",
    ),
    "unknown key in json": (
        b'{"age": 45,\n "wt": 70}',
        "p, line 2: the key 'wt' is not known; perhaps 'weight' is meant.",
    ),
    "number as key": (b"3: 4", "p, line 1: the key '3' is not known"),
    "list as key": (b"? [a, b]\n: 4", "p, line 1: a key is not a word"),
    "nan": (b"weight: .nan", "p, line 1: weight is not a finite number"),
    "inf": (b"age: 45\nweight: .inf", "p, line 2: weight is not a finite number"),
    "nan in json": (b'{"weight": NaN}', "p, line 1: weight is not a finite number"),
    "inf in json": (b'{"weight": 1e999}', "p, line 1: weight is not a finite number"),
    "long integer": (b"weight: " + b"9" * 5000, "p, line 1: the value of 'weight' cannot be"),
    "long integer in json": (b'{"weight": ' + b"9" * 5000 + b"}", "p: the JSON cannot be read"),
    "mapping as value": (b"weight: {kg: 70}", "p, line 1: weight is {'kg': 70}, which is not a"),
    "object in json": (b'{"weight": {"kg": 70}}', "p, line 1: weight is {'kg': 70}, which is not"),
    "truth": (b"sex: yes", "p, line 1: sex True is not one that the published models know"),
    "date": (b"age: 1980-01-01", "p, line 1: age is datetime.date(1980, 1, 1), which is not a"),
    "tag": (b"age: !!python/object/apply:os.system ['true']", "p, line 1: tags (words that"),
    "bad date": (b"age: 2001-02-30", "p, line 1: the value of 'age' cannot be read"),
    "many keys": (
        b"{" + b",".join(b'"k%d": 1' % i for i in range(101)) + b"}",
        "p: the file holds more than one patient needs",
    ),
    "alias": (b"age: &a 45\nweight: *a\n", "p, line 1: anchors and aliases"),
    "bomb": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "p, line 1: anchors and aliases",
    ),
    "deep": (b"notes: " + b"[" * 2000, "p, line 1: the file holds more than one patient needs"),
    "deep json": (b'{"notes": ' + b"[" * 100_000, "p"),
    "many": (b"notes: [" + b"a, " * 5000 + b"a]", "p, line 1: the file holds more than"),
    "documents": (b"age: 45\n---\nage: 46\n", "it holds more than one document"),
    "layout": (b"age: 45\n weight: 70\n", "p, line 2: this is not valid YAML"),
    "open quote": (b"sex: 'F\n", "this is not valid YAML"),
    "json comma": (b'{"age": 45,}', "p, line 1: this is not valid JSON"),
    "json cut off": (b'{"age": 45,\n"weight": ', "p, line 2: this is not valid JSON"),
    "size": (b"weight: 70\nheight: 50\n", "p, line 1: weight 70 kg and height 50 cm give a body"),
    "metres": (
        b"height: 1.7",
        "p, line 1: height 1.7 is outside 30 to 250 cm; give a number in cm",
    ),
    "fhir": (
        b'{"resourceType": "Bundle", "entry": []}',
        "p: a bundle of the type 'None' is not read; the types collection",
    ),
}


@pytest.mark.parametrize(("content", "message"), MALFORMED.values(), ids=MALFORMED)
def test_each_mistake_gets_its_sentence(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_patient(content, "p")
    text = str(caught.value)
    assert message in text
    assert text.startswith("p")
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 400


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file; check the path"):
        read_patient(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="the file cannot be read"):
        read_patient(tmp_path)
    with pytest.raises(InputError, match="the file cannot be read"):
        read_patient("a\0b")


def test_settings() -> None:
    assert parse_settings([]) == {}
    assert parse_settings(["age=45", " Weight = 154 lb", "sex=woman", "setting=a=b"]) == {
        "age": 45.0,
        "weight": pytest.approx(69.853, abs=1e-3),
        "sex": "female",
        "setting": "a=b",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["age"], "--set age: the option is not of the form key=value; write --set age=45."),
        (["age="], "not of the form key=value"),
        (["=45"], "not of the form key=value"),
        (["wt=70"], "--set wt=70: the key 'wt' is not known; perhaps 'weight' is meant."),
        (["age=45", "age=46"], "--set age=46: 'age' is set twice"),
        (["age=old"], "--set age=old: age 'old' is not understood"),
        (["age=unknown"], "--set age=unknown: 'age' is set to nothing"),
        (["weight=70", "height=50"], "--set: weight 70 kg and height 50 cm"),
        (["race=klingon"], "--set race=klingon: race 'klingon' is not one"),
    ],
)
def test_settings_that_are_refused(options: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(options)
    assert message in str(caught.value)


people = st.fixed_dictionaries(
    {},
    optional={
        "age": st.floats(18, 120),
        "weight": st.floats(40, 120),
        "height": st.floats(140, 200),
        "sex": st.sampled_from(["female", "male"]),
        "race": st.sampled_from(["white", "black", "asian", "japanese", "other"]),
        "setting": st.sampled_from(["clinic", "day ward", "Ärztehaus"]),
        "notes": st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["C"])), max_size=3
        ),
    },
).filter(bool)


@given(people)
def test_what_is_written_reads_back(person: dict[str, object]) -> None:
    expected = Patient.of(person)
    assert parse_patient(json.dumps(person).encode()) == expected
    assert parse_patient(yaml.safe_dump(person, allow_unicode=True).encode()) == expected


@given(st.binary(max_size=200))
def test_random_bytes_never_do_worse_than_an_input_error(content: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_patient(content)


def test_mutated_files_never_do_worse_than_an_input_error() -> None:
    assert fuzz(2_000, seed=1) > 0


@pytest.mark.soak
def test_many_mutated_files_never_do_worse_than_an_input_error() -> None:
    assert fuzz(100_000, seed=2) > 0


def test_a_whole_record_is_read_for_its_size_and_age(tmp_path: Path) -> None:
    path = tmp_path / "record.yaml"
    path.write_text(
        "weight: 80 kg\nsex: female\nconditions: {present: [hypertension]}\nborn: 1980-01-01\n",
        encoding="utf-8",
    )
    found = read_patient(path)
    assert found.weight == 80
    assert found.sex == "female"
    assert found.age is not None
    assert found.age > 46
