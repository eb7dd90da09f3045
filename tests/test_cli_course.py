"""The command ``course``."""

from __future__ import annotations

import json

import pytest

from ketascope.cli import main


def test_the_table_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = "esketamine 56 mg intranasal twice weekly for 4 weeks"
    assert main(["course", words, "-n", "20", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["comparator"] == "oral antidepressant with placebo spray"
    assert len(found["relapse"]) == 3


def test_text_says_calibration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "ketamine 0.5 mg/kg iv over 40 min once", "-n", "20"]) == 0
    assert "calibration" in capsys.readouterr().out


def test_a_route_without_data_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "ketamine 1 mg/kg oral once"]) == 2
    assert "not predicted" in capsys.readouterr().err
