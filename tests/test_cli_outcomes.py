"""The command ``ketascope outcomes``."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ketascope.cli import main

WIDE = "id,scale,pre,post\n1,PHQ-9,20,4\n2,PHQ-9,18,9\n3,PHQ-9,16,\n1,PCL-5,60,20\n2,PCL-5,50,45\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "scores.csv"
    path.write_text(WIDE, encoding="utf-8")
    return str(path)


def test_text(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes", file]) == 0
    out = capsys.readouterr().out
    assert "PHQ-9, pre to post: 3 people, 2 with both scores, 1 without the later one" in out
    assert "Warning: There is no control arm here" in out
    assert "Warning: PHQ-9: 1 of 3 people lack a score" in out
    assert "Warning: PCL-5: remission is not worked out" in out
    assert "percent reduction of the mean" in out
    assert "65.8 %" in out
    assert "2 of 2" in out


def test_json(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes", file, "--scale", "phq9", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "ketascope/outcomes/1"
    assert data["counts"][0]["without_later"] == 1
    item = next(row for row in data["items"] if row["measure"] == "response")
    assert (item["count"], item["n"], item["people"]) == (2, 2, 3)
    assert item["worst"] == pytest.approx(200 / 3)
    assert item["source"] == "coley_2020"
    assert "kroenke_2001" in data["sources"]


def test_into_files(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("out.csv", "out.parquet"):
        assert main(["outcomes", file, "-o", str(tmp_path / name)]) == 0
    table, same = pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    assert list(table.columns) == list(same.columns)
    assert table["estimate"].sub(same["estimate"]).abs().max() < 1e-9
    capsys.readouterr()
    assert main(["outcomes", file, "--by-person", "-o", "-"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith('"scale","id","baseline","later","change"')
    assert len(printed) == 6


def test_by_person(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes", file, "--by-person", "--scale", "PHQ-9"]) == 0
    out = capsys.readouterr().out
    assert "below mild" in out
    assert "yes" in out


def test_the_scales(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes"]) == 0
    out = capsys.readouterr().out
    assert "MADRS" in out
    assert "no bands" in out
    assert main(["outcomes", "--scale", "MADRS", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "ketascope/scales/1"
    assert [cut["at_most"] for cut in data["items"][0]["remission"]] == [12, 10, 9]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scale", "HAMD"], "'HAMD' is not a scale"),
        (["--at", "week 9"], "no visit 'week 9'"),
        (["--level", "95"], "level 95"),
        (["--carry-forward"], "only where visits are numbers"),
        (["-o", "out.nc"], "use .csv or .parquet"),
        (["-o", "out.txt"], "names no format"),
        (["--format", "xml"], "xml"),
    ],
)
def test_bad_input_ends_with_2(
    file: str, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["outcomes", file, *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes", "nowhere.csv"]) == 2
    assert "nowhere.csv: there is no such file" in capsys.readouterr().err
    assert main(["outcomes", "-o", "out.csv"]) == 2
