"""The command ``screen``: formats, exit codes, answers, and bulk exports."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ketascope.cli import main

SPRAY = "esketamine 56 mg intranasal twice weekly for 4 weeks"
ON = ("--on", "2026-11-27")


def resources(number: int, *codes: str) -> dict[str, list[dict[str, Any]]]:
    """One patient with conditions by ICD-10-CM code."""
    name = f"p{number}"
    found: dict[str, list[dict[str, Any]]] = {
        "Patient": [{"resourceType": "Patient", "id": name, "birthDate": "1980-03-01",
                     "gender": "male"}],
        "Condition": [
            {"resourceType": "Condition", "id": f"{name}-{code}",
             "subject": {"reference": f"Patient/{name}"},
             "clinicalStatus": {"coding": [{"code": "active",
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]},
             "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]},
             "onsetDateTime": "2020-01-02"}
            for code in codes
        ],
    }  # fmt: skip
    return found


def bundle(tmp_path: Path, *codes: str) -> str:
    entries = [{"resource": one} for many in resources(1, *codes).values() for one in many]
    path = tmp_path / "patient.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return str(path)


def export(folder: Path, people: int, every: int) -> str:
    """A bulk export in which each so-manieth patient has an aneurysm of the aorta."""
    folder.mkdir()
    with (
        (folder / "Patient.ndjson").open("w") as patients,
        (folder / "Condition.ndjson").open("w") as conditions,
    ):
        for number in range(people):
            codes = ["I71.4"] if number % every == 0 else ["I10"]
            found = resources(number, *codes)
            patients.write(json.dumps(found["Patient"][0]) + "\n")
            conditions.write(json.dumps(found["Condition"][0]) + "\n")
    return str(folder)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["screen", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def test_an_aneurysm_ends_with_1_and_its_reason(run: Run, tmp_path: Path) -> None:
    path = bundle(tmp_path, "I71.4")
    code, out, _ = run(path, "--for", SPRAY, "--jurisdiction", "us", *ON)
    assert code == 1
    assert "CONTRAINDICATED  aneurysm  [spravato_us_aneurysm]" in out
    assert "matched by ICD-10-CM I71.4" in " ".join(out.split())
    assert "current label not read" in out
    assert "Not complete" in out
    assert "QUESTIONS, gravest first" in out


@pytest.mark.parametrize(
    ("fail_on", "code"), [("contraindicated", 0), ("avoid", 0), ("caution", 1), ("inform", 1)]
)
def test_the_exit_code_follows_fail_on(run: Run, tmp_path: Path, fail_on: str, code: int) -> None:
    path = bundle(tmp_path, "I10")
    found = run(path, "--for", SPRAY, "--jurisdiction", "us", "--fail-on", fail_on, *ON)
    assert found[0] == code


def test_json_keeps_the_contract(run: Run, tmp_path: Path) -> None:
    path, output = bundle(tmp_path, "F20.9"), tmp_path / "out.json"
    code, out, err = run(path, "--for", SPRAY, "--jurisdiction", "eu", "-o", str(output), *ON)
    assert (code, out) == (0, "")
    assert "Wrote" in err
    data = json.loads(output.read_text())
    assert data["schema"] == "ketascope/screen/1"
    assert (data["as_of"], data["jurisdiction"], data["complete"]) == ("2026-11-27", "eu", False)
    (psychosis,) = [f for f in data["findings"] if f["rule"] == "spravato_eu_leaflet_psychosis"]
    assert psychosis["severity"] == "caution"
    assert psychosis["because"][0]["code"] == "icd10cm|F20.9"
    assert data["questions"][0]["gravity"] == "contraindicated"


def test_answers_close_questions(run: Run, tmp_path: Path) -> None:
    path, answers = bundle(tmp_path, "F33.2"), tmp_path / "answers.yaml"
    options = ("--for", SPRAY, "--jurisdiction", "us", "--format", "json", *ON)
    before = json.loads(run(path, *options)[1])
    assert "vessels" in {one["id"] for one in before["questions"]}
    answers.write_text("on: 2026-11-26\nby: A\nvessels: no\nallergy: no\n")
    after = json.loads(run(path, *options, "--answers", str(answers))[1])
    asked = {one["id"] for one in after["questions"]}
    assert asked == {one["id"] for one in before["questions"]} - {"vessels", "allergy"}
    answers.write_text("vessels: yes\n")
    code, _, err = run(path, *options, "--answers", str(answers))
    assert code == 2
    assert "does not say which" in err


def test_a_page_is_whole_and_escaped(run: Run, tmp_path: Path) -> None:
    path, output = bundle(tmp_path, "I71.4"), tmp_path / "screen.html"
    evil = tmp_path / "evil.yaml"
    evil.write_text("name: '<script>alert(1)</script>'\nage: 70\nsex: male\n")
    code, _, _ = run(path, "--for", SPRAY, "--jurisdiction", "us", "-o", str(output), *ON)
    page = output.read_text()
    assert code == 1
    assert "Contraindicated: aneurysm" in page
    assert "Source" in page
    assert not re.findall(r"<(?:script|iframe|object|embed)|src=", page)
    assert "default-src 'none'" in page
    # findings by age, by regimen and on exposure have other parts than those by a code
    long_course = "esketamine 15 mg oral weekly for 10 weeks"
    evil.write_text(evil.read_text() + "medicines:\n  present: [clarithromycin]\n")
    assert run(str(evil), "--for", long_course, "--jurisdiction", "eu", "--simulate",
               "-o", str(output), *ON)[0] == 0  # fmt: skip
    assert "Simulated here: peak" in output.read_text()
    run(str(evil), "--for", SPRAY, "--jurisdiction", "us", "-o", str(output), *ON)
    assert "<script>" not in output.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--jurisdiction", "mars"), "known are us"),
        (("--jurisdiction", "us", "--fail-on", "bad"), "is not a severity"),
        (("--jurisdiction", "us", "--on", "soon"), "--on: 'soon' is not a day"),
        (("--jurisdiction", "us", "--answers", "none.yaml"), "none.yaml: cannot be read"),
        ((), "--jurisdiction"),
    ],
)
def test_bad_options_are_one_sentence(
    run: Run, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    code, out, err = run(bundle(tmp_path, "I10"), "--for", SPRAY, *options)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_bulk_export_gives_one_line_each(run: Run, tmp_path: Path) -> None:
    folder = export(tmp_path / "export", people=40, every=10)
    output = tmp_path / "screened.ndjson"
    code, out, err = run(folder, "--for", SPRAY, "--jurisdiction", "us", "-o", str(output), *ON)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert (code, out) == (1, "")
    assert len(rows) == 40
    grave = [
        number
        for number, row in enumerate(rows)
        if any(one["severity"] == "contraindicated" for one in row["findings"])
    ]
    assert grave == [0, 10, 20, 30]
    assert "Screened 40 patients; 4 with contraindicated findings or graver." in err
    one = run(folder, "--for", SPRAY, "--jurisdiction", "us", "--id", "p1", "--format", "json", *ON)
    assert one[0] == 0
    assert json.loads(one[1])["findings"] == rows[1]["findings"]


def test_answers_to_a_bulk_export_are_refused(run: Run, tmp_path: Path) -> None:
    folder = export(tmp_path / "export", people=2, every=2)
    code, _, err = run(folder, "--for", SPRAY, "--jurisdiction", "us", "--answers", "a.yaml")
    assert code == 2
    assert "answers are one patient's" in err


def test_memory_does_not_grow_with_the_export(run: Run, tmp_path: Path) -> None:
    """Four times the patients, much less than twice the memory at its peak."""
    peaks = []
    for people in (30, 120):
        folder = export(tmp_path / f"export{people}", people=people, every=people)
        tracemalloc.start()
        run(folder, "--for", SPRAY, "--jurisdiction", "us", "-o",
            str(tmp_path / f"{people}.ndjson"), *ON)  # fmt: skip
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 300_000


def test_an_ending_that_names_no_format_is_refused(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "screen.docx"
    ask = ("--for", SPRAY, "--jurisdiction", "us", "-o", str(out), *ON)
    code, _, err = run(bundle(tmp_path, "I10"), *ask)
    assert code == 2
    assert "names no format that can be written; use .txt, .html, .htm or .json" in err
    code, _, err = run(export(tmp_path / "export", people=2, every=2), *ask)
    assert code == 2
    assert "use .jsonl, .ndjson or .json" in err
    assert not out.exists()


def test_text_says_how_an_entry_was_matched(run: Run, tmp_path: Path) -> None:
    _, out, _ = run(bundle(tmp_path, "I71.4"), "--for", SPRAY, "--jurisdiction", "us", *ON)
    assert "(matched by ICD-10-CM I71.4)" in " ".join(out.split())
    path = tmp_path / "plain.yaml"
    path.write_text(
        "age: 50\nconditions: {present: [hypertension]}\nmedicines: {present: [Valium]}\n"
    )
    _, out, _ = run(str(path), "--for", SPRAY, "--jurisdiction", "us", *ON)
    text = " ".join(out.split())
    assert "hypertension (matched by name)" in text
    assert "benzodiazepine: Valium (matched by words, without a code)" in text
