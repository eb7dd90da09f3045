"""The command plan, as it is called."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from icalendar import Calendar

from ketascope.cli import main

SPRAY = "label:spravato-trd-us"


@pytest.fixture
def patient(tmp_path: Path) -> str:
    path = tmp_path / "p.yaml"
    path.write_text("age: 60\nweight: 80 kg\nheight: 170 cm\nsex: female\n", encoding="utf-8")
    return str(path)


def ask(patient: str, *more: str) -> list[str]:
    return ["plan", patient, "--for", SPRAY, "--jurisdiction", "us", "--start", "2027-03-01", *more]


def test_text_says_when_what_and_by_whom(patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ask(patient, "--no-simulation")) == 0
    text = capsys.readouterr().out
    assert "Mon 1 Mar 2027  09:00" in text
    assert "leaves from 11:05; form due by Mon 8 Mar 2027" in text
    assert "[Spravato label (US)]" in text
    assert "988" in text


def test_json_html_and_ics(patient: str, tmp_path: Path) -> None:
    for ending in ("json", "html", "ics"):
        out = tmp_path / f"plan.{ending}"
        assert main(ask(patient, "--no-simulation", "--tz", "Europe/Zurich", "-o", str(out))) == 0
        text = out.read_text(encoding="utf-8")
        if ending == "json":
            assert json.loads(text)["schema"] == "ketascope/plan/1"
        elif ending == "html":
            assert text.startswith("<!DOCTYPE html>")
            assert not re.search(r"<(?:script|img|iframe|object|embed|base)\b|@import", text)
        else:
            assert len(Calendar.from_ical(text).walk("VEVENT")) > 12


def test_the_simulation_stands_beside_the_rules(
    patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ask(patient, "--format", "json")) == 0
    found = json.loads(capsys.readouterr().out)["predicted"]
    assert "300 virtual people who share the patient's age" in found["who"]
    assert any("Dissociation" in text for text in found["lines"])
    assert main(ask(patient)) == 0
    assert "beside the rules and never instead of them" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--tz", "Mars/Olympus"], "no time zone"),
        (["--at", "25:00"], "no time of day"),
        (["--at", "09:00+02:00"], "no time of day"),
        (["--start", "2027-02-30"], "not a date"),
        (["--country", "zz"], "no help lines"),
        (["--vial", "33"], "no vial of 33"),
    ],
)
def test_bad_input_is_one_sentence(
    change: list[str], said: str, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ask(patient, "--no-simulation", *change)
    if "--vial" in change:
        asked[asked.index(SPRAY)] = "ketamine 0.5 mg/kg iv over 40 min once"
        assert main(asked) == 0
        assert said in capsys.readouterr().out
        return
    assert main(asked) == 2
    assert said in capsys.readouterr().err


def test_a_contraindication_stands_in_every_form_of_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "r.yaml"
    record.write_text(
        "age: 60\nweight: 80 kg\nsex: female\nconditions: {present: [intracranial_aneurysm]}\n",
        encoding="utf-8",
    )
    for ending in ("html", "ics", "json", "txt"):
        out = tmp_path / f"plan.{ending}"
        assert main(ask(str(record), "--no-simulation", "-o", str(out))) == 0
        text = out.read_text(encoding="utf-8").replace("\r\n ", "").replace("\n ", "")
        assert "aneurysm" in text.lower(), ending
    assert "contraindicated" in capsys.readouterr().err


def test_nobody_is_said_to_be_free_of_contraindications(
    patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ask(patient, "--no-simulation")) == 0
    assert "questions are open, so that is not all" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["plan.docx", "plan.pdf", "plan"])
def test_an_ending_that_names_no_format_is_refused(
    name: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    assert main(ask(patient, "--no-simulation", "-o", str(out))) == 2
    said = capsys.readouterr().err
    assert "names no format that can be written; use .txt, .html, .json or .ics" in said
    assert not out.exists()
