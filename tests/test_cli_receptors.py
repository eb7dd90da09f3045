"""The command ``ketascope receptors``."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from ketascope.cli import main

INFUSION = "ketamine 0.5 mg/kg iv over 40 min once"


def test_the_list_of_affinities(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receptors", "--target", "hcn1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "4–8" in lines[1]
    assert main(["receptors", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "ketascope/receptors/1"
    one = next(row for row in data["items"] if row["id"] == "ebert_1997.ketamine.S.nmda")
    assert (one["value"], one["unit"], one["status"]) == (0.3, "umol/L", "checked")


def test_the_block_of_a_regimen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receptors", INFUSION, "--typical"]) == 0
    out = capsys.readouterr().out
    assert "nmda_in_vivo  22     16–29" in out
    assert "not predicted: glun2c_mg" in out
    assert "assumed: ketamine: 0.53 of total plasma" in out
    assert "glun2c_mg     2" not in out


def test_json_and_what_was_not_checked(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["receptors", INFUSION, "--typical", "--unchecked", "--format", "json"]
    assert main([*arguments, "--target", "glun2c_mg"]) == 0
    printed = capsys.readouterr()
    data = json.loads(printed.out)
    assert data["schema"] == "ketascope/receptor-block/1"
    item = data["items"][0]
    assert item["block"] == pytest.approx(0.251, abs=0.002)
    assert item["values"] == {"ketamine": 1}
    assert any("kotermanski_johnson_2009" in text for text in data["warnings"])
    assert "kotermanski_johnson_2009" in printed.err


def test_the_course_goes_into_a_file(tmp_path: Path) -> None:
    arguments = ["receptors", INFUSION, "-n", "3", "--target", "nmda", "-o"]
    for name in ("block.csv", "block.parquet", "block.nc"):
        assert main([*arguments, str(tmp_path / name)]) == 0
    table = pd.read_csv(tmp_path / "block.csv")
    assert list(table.columns) == [
        "id", "time", "driving_ketamine", "block_nmda", "block_nmda_low", "block_nmda_high",
    ]  # fmt: skip
    same = pd.read_parquet(tmp_path / "block.parquet")
    assert (table["block_nmda"] - same["block_nmda"]).abs().max() < 1e-12
    with xr.open_dataset(tmp_path / "block.nc", engine="h5netcdf") as data:
        assert data["block"].dims == ("target", "bound", "subject", "time")
        assert json.loads(data.attrs["sources"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "nmdar"], "is not a target"),
        (["-o", "x.csv"], "give the regimen too"),
        ([INFUSION, "--typical", "--binding", "some"], "lowest or highest"),
        ([INFUSION, "--typical", "--drive", "cerebrospinal fluid"], "no concentration"),
        ([INFUSION, "--typical", "-o", "x.txt"], "names no format"),
        (["esketamine 84 mg intranasal once", "--typical", "--target", "hcn1"], "no published"),
    ],
)
def test_bad_input_ends_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["receptors", *arguments]) == 2
    assert message in capsys.readouterr().err
