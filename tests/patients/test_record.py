"""Records from plain files, folders and bulk exports; and all synthetic records of a folder."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from needs import need
from patients.fhir_cases import (
    RXNORM,
    SNOMED,
    TODAY,
    bundle,
    concept,
    condition,
    patient,
    pressure,
    request,
)

from ketascope.errors import InputError
from ketascope.patients.facts import Record
from ketascope.patients.fhir import Export
from ketascope.patients.record import parse_record, read_record

PLAIN = b"""\
id: 17
born: 1980-05-02
sex: F
conditions:
  present: [hypertension, {concept: stroke, on: 2024-02-01, course: past}, Paranoid schizophrenia]
  denied: [bipolar_disorder, aneurysmal_vascular_disease]
medicines:
  present: [sertraline, {medicine: Valium, on: 2026-01-10}, aspirin]
  denied: [opioid]
allergies: {denied: [ketamine]}
observations:
  systolic: [{value: 128, unit: mmHg, on: 2026-11-20}, {value: 18, unit: kPa, on: 2026-11-01}]
  weight: 154 [lb_av]
  heart_rate: 70
  phq9_total: 17
facts: {present: [escort_home], denied: [at_home]}
"""


def plain(text: bytes) -> Record:
    return parse_record(text, "r", on=TODAY)


def test_a_plain_record_says_what_is_present_denied_and_measured() -> None:
    record = plain(PLAIN)
    asked = {
        "present": ["hypertension", "schizophrenia", "psychosis", "benzodiazepine", "escort_home"],
        "denied": ["bipolar_disorder", "aortic_aneurysm", "opioid", "hypersensitivity_ketamine"],
        "unknown": ["stroke", "epilepsy", "hypersensitivity_esketamine", "suicidality"],
    }
    for answer, names in asked.items():
        assert {name: record.state(name, TODAY) for name in names} == dict.fromkeys(names, answer)
    assert record.state("stroke", TODAY, "ever") == "present"
    newest = record.latest("systolic", TODAY)
    assert newest is not None
    assert (newest.value, newest.on) == (128.0, date(2026, 11, 20))
    (words,) = record.of("schizophrenia")
    assert (words.code, words.because) == ("text", "r: conditions, present: Paranoid schizophrenia")
    assert record.covariates is not None
    assert record.covariates.weight == pytest.approx(69.853, abs=1e-3)
    assert record.covariates.age == pytest.approx(46.57, abs=0.01)
    assert (record.id, record.sex) == ("17", "female")
    assert [(note.item, note.reason.split(",")[0]) for note in record.not_screened] == [
        ("medicines: aspirin", "no rule or question speaks of it under this name"),
        ("observations: heart_rate", "has no unit"),
    ]


def test_json_says_the_same_as_yaml() -> None:
    content = {
        "age": 46,
        "conditions": {"denied": ["psychosis"], "present": []},
        "observations": {"systolic": {"value": 128, "unit": "mmHg"}},
    }
    record = plain(json.dumps(content).encode())
    assert record.state("schizophrenia") == "denied"
    assert record.facts[-1].value == 128.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"conditions: [a]", "'conditions' is not a list of names with values"),
        (b"conditions: {presnt: [a]}", "'conditions' holds 'presnt'; write present and denied"),
        (b"conditions: {present: stroke}", "'present' of 'conditions' is not a list"),
        (b"conditions: {present: [schizofrenia]}", "did you mean schizophrenia"),
        (b"conditions: {present: [{concept: stroke, when: 3}]}", "has 'when'"),
        (b"conditions: {present: [{on: 2024-01-01}]}", "names nothing"),
        (b"conditions: {present: [{concept: stroke, on: soon}]}", "'on' is no date"),
        (b"conditions: {present: [{concept: stroke, course: gone}]}", "the course of stroke"),
        (b"observations: {sistolic: 120}", "did you mean systolic"),
        (b"observations: {stroke: 120}", "'stroke' is no measurement"),
        (b"observations: {systolic: high}", "the value of 'systolic' is no number"),
        (b"observations: {systolic: {valeu: 1}}", "'systolic' has 'valeu'"),
        (b"condition: {present: [stroke]}", "condition"),
        (b"age: -3", "age -3 is outside"),
        (b"born: 1980\nborn: 1981", "the key 'born' is given twice"),
        (b"[1, 2]", "the file holds a list"),
        (b"x" * 1_000_001, "the file is larger than 1 MB, and is no FHIR"),
    ],
)
def test_each_mistake_in_a_plain_record_gets_its_sentence(text: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        plain(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("r")


def test_what_is_of_the_future_or_impossible_is_not_screened() -> None:
    record = plain(b"conditions: {present: [{concept: stroke, on: 2030-01-01}]}\n"
                   b"observations: {weight: -70 kg}\n")  # fmt: skip
    assert record.facts == ()
    reasons = [note.reason for note in record.not_screened]
    assert reasons[0] == "is dated 2030-01-01, which is after 2026-11-27"
    assert reasons[1].startswith("-70 kg is not possible")


def test_files_are_read_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "record.txt"
    path.write_bytes(bundle(patient(), pressure(130, 80)))
    assert read_record(path, on=TODAY).state("systolic") == "present"
    path.write_bytes(PLAIN)
    assert read_record(path, on=TODAY).state("hypertension") == "present"
    with pytest.raises(InputError, match="there is no such file"):
        read_record(tmp_path / "none.json")


# -- bulk exports --------------------------------------------------------------------------------


def export(folder: Path, people: int) -> Path:
    """Write a bulk export; every third patient has diazepam, by a Medication of its own file."""
    lines: dict[str, list[dict[str, object]]] = {"Patient": [], "Condition": [], "Medication": []}
    lines |= {"MedicationRequest": [], "Claim": [{"resourceType": "Claim"}] * 2}
    lines["Medication"] = [
        {"resourceType": "Medication", "id": "d", "code": concept(RXNORM, "3322", "Diazepam")}
    ]
    for number in range(people):
        name = f"p{number}"
        about = {"subject": {"reference": f"Patient/{name}"}}
        lines["Patient"].append(patient(name))
        lines["Condition"].append({**condition(concept(SNOMED, "59621000")), **about})
        if number % 3 == 0:
            one = {**request({}), **about, "medicationReference": {"reference": "Medication/d"}}
            del one["medicationCodeableConcept"]
            lines["MedicationRequest"].append(one)
    for kind, rows in lines.items():
        text = "\n".join(json.dumps(row) for row in rows) + "\n"
        (folder / f"{kind}.000.ndjson").write_text(text, encoding="utf-8")
    return folder


def test_an_export_gives_each_patient_a_record(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    whole = Export(export(tmp_path, 7), on=TODAY, progress=lambda at, of: seen.append((at, of)))
    assert len(whole) == 7
    records = list(whole.records())
    assert [record.id for record in records if isinstance(record, Record)] == list(whole.patients)
    states = [r.state("benzodiazepine") for r in records if isinstance(r, Record)]
    assert states == ["present", "unknown", "unknown"] * 2 + ["present"]
    assert whole.not_screened == (("Claim, 2 times", "resources of this kind are not read"),)
    assert seen[-1][0] == seen[-1][1] > 0
    assert whole.record("p3").state("hypertension") == "present"
    assert read_record(tmp_path, patient="p1", on=TODAY).id == "p1"


def test_what_is_wrong_in_an_export_is_said(tmp_path: Path) -> None:
    folder = export(tmp_path, 2)
    with (folder / "Condition.000.ndjson").open("a", encoding="utf-8") as file:
        file.write('{"resourceType": "Condition", "id": "x"}\n{bad\n')
    with (folder / "Patient.000.ndjson").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**patient("p9"), "gender": 7}) + "\n" + json.dumps(patient("p0")))
    whole = Export(folder, on=TODAY)
    reasons = dict(whole.not_screened)
    assert reasons["Condition.000.ndjson, line 3"] == "does not say whom it is about"
    assert "is not valid JSON" in reasons["Condition.000.ndjson, line 4"]
    assert reasons["Patient.000.ndjson, line 4"] == "is the patient 'p0' once more"
    results = list(whole.records())
    assert isinstance(results[2], InputError)
    assert "gender" in str(results[2])
    with pytest.raises(InputError, match="the export holds 3 patients; name one"):
        read_record(folder)
    with pytest.raises(InputError, match="holds no patient 'nobody'"):
        whole.record("nobody")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no \.ndjson file"):
        Export(tmp_path / "empty")


# -- all records of a folder ---------------------------------------------------------------------


@pytest.mark.outside_data
def test_every_synthetic_record_is_read_and_nothing_is_dropped_in_silence() -> None:
    folder = need("fhir")
    paths = sorted(folder.rglob("*.json"))
    assert len(paths) >= 25
    for path in paths:
        record = read_record(path, on=TODAY)
        content = json.loads(path.read_bytes())
        kinds = {entry["resource"]["resourceType"] for entry in content["entry"]}
        told = " ".join(fact.because for fact in record.facts)
        told += " ".join(note.item for note in record.not_screened)
        assert all(kind in told for kind in kinds - {"Patient", "Medication"}), path.name
        assert not [n for n in record.not_screened if "not valid FHIR" in n.reason], path.name
        assert record.born is not None
        assert all(fact.because and fact.code for fact in record.facts)


# What a clinician would see at once in a record: by the beginning of its name.
SEEN = {
    "27c911c6": {"hypertension": "present", "antihypertensive": "present"},
    "8a417ce8": {"hypertension": "present", "pregnancy": "unknown"},
    "fc712d1f": {"epilepsy": "present", "benzodiazepine": "present", "cyp3a4_inducer": "present"},
    "54a45132": {"drug_overdose": "present", "tobacco_use": "denied"},
    "eda17701": {"myocardial_infarction": "present", "opioid": "present"},
    "00347da0": {"bladder_disease": "unknown", "tobacco_use": "denied"},
    "6ece62f3": {"opioid_use_disorder": "present", "antidepressant_oral": "present",
                 "dementia": "present", "opioid": "present"},
    "69042923": {"hypothyroidism": "present", "thyroid_hormone": "present"},
    "074c3873": {"pregnancy": "present", "schizophrenia": "unknown"},
    "a4a401d1": {"sleep_apnoea": "present", "alcohol_use": "present"},
    "9fe3de76": {"hypertension": "present", "sympathomimetic": "present"},
    "3af3708d": {"epilepsy": "present", "benzodiazepine": "present"},
    "79a66c97": {"ischaemic_heart_disease": "present", "kidney_disease": "present"},
}  # fmt: skip


@pytest.mark.outside_data
@pytest.mark.parametrize("name", SEEN)
def test_what_a_clinician_sees_in_a_synthetic_record(name: str) -> None:
    (path,) = need("fhir").rglob(f"{name}*.json")
    record = read_record(path, on=TODAY)
    assert {key: record.state(key, TODAY) for key in SEEN[name]} == SEEN[name]
