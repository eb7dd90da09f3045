"""The commands compare and effects, as they are called."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from ketascope.cli import main

LOW = "esketamine 56 mg intranasal once"
HIGH = "esketamine 84 mg intranasal once"


def test_compare_writes_a_page_and_its_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "c.html", tmp_path / "c.json"
    code = main(
        ["compare", LOW, HIGH, "-n", "30", "-o", str(page), "--data", str(data), "--format", "json"]
    )
    assert code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "2 arms side by side" in text
    assert not re.search(r"<(?:script|img|iframe|object|embed|base)\b|@import", text)
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["schema"] == "ketascope/compare/1"
    assert [arm["letter"] for arm in told["arms"]] == ["A", "B"]
    printed = json.loads(capsys.readouterr().out)
    assert printed["items"] == told["items"]
    assert told["sources"]


def test_compare_escapes_what_it_is_given(tmp_path: Path) -> None:
    page = tmp_path / "c.html"
    patient = tmp_path / "p.yaml"
    patient.write_text("age: 40\n", encoding="utf-8")
    code = main(
        ["compare", LOW, HIGH, "--patient", str(patient), "-n", "10", "-o", str(page)]
    )  # fmt: skip
    assert code == 0
    assert "age 40" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([LOW, "-o", "x.html"], "one arm"),
        ([LOW, HIGH, "-o", "x.pdf"], "not the name of an HTML file"),
        ([LOW, HIGH, "-o", "x.html", "--data", "x.html"], "cannot go to one place"),
        ([LOW, HIGH, "-o", "-", "--data", "-"], "cannot go to one place"),
        ([LOW, HIGH, "--told", "moon=1", "-o", "x.html"], "no setting 'moon'"),
        ([LOW, HIGH, "--told", "opioid=yes", "-o", "x.html"], "not KEY=0"),
    ],
)
def test_compare_refuses_in_a_sentence(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *arguments, "-n", "5"]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_effects_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "e.csv"
    assert main(["effects", HIGH, "-n", "20", "-o", str(table), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = {row["effect"] for row in found["items"]}
    head = rows_of(table)[0]
    assert head[:2] == ["id", "time"]
    assert set(head[2:]) == names
    assert not names & set(found["not_predicted"])


def test_simulate_gives_effects_after_the_analytes(tmp_path: Path) -> None:
    plain, more = tmp_path / "a.csv", tmp_path / "b.csv"
    ask = ["simulate", HIGH, "-n", "5", "--times", "0:2:0.5"]
    assert main([*ask, "-o", str(plain)]) == 0
    assert main([*ask, "--effects", "-o", str(more)]) == 0
    short, wide = rows_of(plain), rows_of(more)
    assert len(short) == len(wide)
    assert wide[0][: len(short[0])] == short[0]
    assert len(wide[0]) > len(short[0])
    for a, b in zip(short[1:], wide[1:], strict=True):
        # times that others are asked for change nothing but the rounding
        assert [float(x) for x in b[: len(a)]] == pytest.approx([float(x) for x in a], rel=1e-9)


def test_effects_go_with_no_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "x.csv")
    assert main(["simulate", HIGH, "--effects", "--summary", "nca", "-o", out]) == 2
    assert "effects are curves of people" in capsys.readouterr().err
