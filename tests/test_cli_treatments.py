"""The commands ``reactions``, ``longterm``, ``findings`` and ``treatments``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ketascope.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def items(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, list[Any]]:
    data = json.loads(run(capsys, *arguments, "--format", "json"))
    return data["schema"], data["items"]


def test_reactions(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "reactions", "esketamine 84 mg intranasal once")
    assert "dissociation" in out
    assert "142/346" in out
    assert "no difference shown" in out
    schema, found = items(capsys, "reactions", "--drug", "esketamine", "--route", "nasal")
    assert schema == "ketascope/reactions/1"
    assert len(found[0]["tables"]) > 8


def test_reactions_of_a_route_without_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "reactions", "ketamine 100 mg oral once")
    assert "ketamine 100 mg oral: not predicted: no table" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a regimen, or --drug and --route"),
        (["esketamine 84 mg intranasal once", "--drug", "ketamine"], "give a regimen"),
        (["--drug", "ketamine"], "--drug and --route go together"),
        (["--drug", "ketamine", "--route", "post"], "not a route"),
    ],
)
def test_reactions_refuse(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reactions", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_longterm(capsys: pytest.CaptureFixture[str]) -> None:
    words = "esketamine 84 mg intranasal weekly for 4 weeks"
    out = run(capsys, "longterm", words, "--racemate-factor", "2")
    assert "Not predicted: The risk of harm for one person" in out
    assert "Counted as racemate, times 2 as you say: 0.67 g in a month." in out
    schema, found = items(capsys, "longterm", words)
    assert schema == "ketascope/longterm/1"
    assert found[0]["course"]["total"]["q50"] == pytest.approx(0.336)
    _, heavy = items(capsys, "longterm", "ketamine 1 mg/kg im once", "--set", "weight=90")
    assert heavy[0]["course"]["total"]["q95"] == pytest.approx(0.09)


def test_findings(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "findings", "driving")
    assert "[rule; esketamine nasal spray] Do not drive" in out
    assert "SDLP less placebo at 18 h: -0.23 cm, 95 % CI -1.04 to 0.58" in out
    schema, found = items(capsys, "findings")
    assert schema == "ketascope/findings/1"
    assert len({row["topic"] for row in found}) == 8
    assert main(["findings", "weather"]) == 2


def test_treatments(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "treatments")
    assert "AGAINST KETAMINE OR ESKETAMINE" in out
    assert "from memory, not checked" in out
    schema, found = items(capsys, "treatments")
    assert schema == "ketascope/treatments/1"
    assert found[0]["id"] == "elekt_d"
