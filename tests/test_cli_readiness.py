"""The command readiness, as a user runs it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from ketascope.cli import app

NASAL = ["readiness", "esketamine 84 mg intranasal once", "-n", "40", "--seed", "3"]


def test_text_tells_times_shares_and_conventions() -> None:
    said = CliRunner().invoke(app, NASAL).output
    assert "Middle person" in said
    assert "ready by" in said
    assert "comes last" in said
    assert "convention" in said
    assert "never instead of it" in said


def test_json_is_the_report() -> None:
    found = json.loads(CliRunner().invoke(app, [*NASAL, "--format", "json"]).stdout)
    [made] = found["items"]
    assert made["people"] == 40
    assert made["rule"]["id"] == "effects"
    assert [one["hours"] for one in made["shares"]] == [1.0, 1.5, 2.0, 3.0, 4.0]


def test_a_rule_that_there_is_not_is_one_sentence() -> None:
    done = CliRunner().invoke(app, [*NASAL, "--rule", "soon"])
    assert done.exit_code != 0
    assert "no rule of readiness 'soon'" in str(done.exception or done.output)
