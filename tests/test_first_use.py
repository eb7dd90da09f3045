"""What someone meets who uses the program for the first time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ketascope.cli import app, main

DOCS = Path(__file__).parent.parent / "docs"
OLDER = """\
born: 1961-04-15
sex: F
weight: 81 kg
conditions:
  present: [hypertension, aortic_aneurysm]
"""


def names() -> list[str]:
    return [one.callback.__name__ for one in app.registered_commands if one.callback]


@pytest.fixture
def record(tmp_path: Path) -> str:
    path = tmp_path / "record.yaml"
    path.write_text(OLDER, encoding="utf-8")
    return str(path)


def plan(record: str, place: str) -> int:
    return main(["plan", record, "--for", "label:spravato-trd-us", "--jurisdiction", place,
                 "--start", "2027-03-01", "--no-simulation"])  # fmt: skip


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr()
    assert "Commands" in shown.out
    assert all(re.search(rf"\b{name}\b", shown.out) for name in names())
    assert not shown.err


def test_every_command_stands_on_the_page_of_the_command_line() -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    table = page.partition("## Commands")[2].partition("\n## ")[0]
    assert [name for name in names() if f"`ketascope {name}" not in table] == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[a-z/-]+$", index, flags=re.MULTILINE))
    pages = {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for path in DOCS.rglob("*.md")
        if not path.relative_to(DOCS).as_posix().startswith(("models/", "_"))
    } - {"index"}
    assert pages - listed == set()


def test_an_age_is_told_in_completed_years(record: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["screen", record, "--for", "label:spravato-trd-us", "--jurisdiction", "us",
          "--on", "2026-11-27"])  # fmt: skip
    shown = capsys.readouterr().out
    assert "age 65 years" in shown  # 65.6
    assert "age 66" not in shown
    assert "Rules of the United States" in shown


def test_a_place_stands_in_a_sentence(record: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["screen", record, "--for", "label:spravato-trd-us", "--jurisdiction", "ch"])
    assert "Rules of Switzerland" in capsys.readouterr().out


def test_a_plan_says_what_a_screen_rules_out(
    record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(record, "US") == 0
    told = capsys.readouterr()
    assert "finds this contraindicated: Aneurysm." in told.err
    assert "A plan screens nobody" in told.err
    assert "finds this contraindicated: Aneurysm." in told.out


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no", "no steps of a session were read for Norway"),
        ("de", "'de' is not a jurisdiction that is known here"),
    ],
)
def test_a_plan_says_why_a_place_cannot_be_had(
    record: str, place: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(record, place) == 2
    assert said in capsys.readouterr().err


def test_nobody_is_sent_home_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readiness", "ketamine 0.2 mg/kg im once", "-n", "20"]) == 2
    assert "without it people would seem ready too early" in capsys.readouterr().err


def test_a_course_is_of_people_of_an_age(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "esketamine 84 mg intranasal once", "--age", "300", "-n", "5"]) == 2
    assert "'--age': Input should be less than or equal to 120" in capsys.readouterr().err
