"""Every number of a report is traced: to a source that is listed, or to a calibration that exists.

Two reports that are meant to tell the whole story are built once and walked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import ketascope as ks
from ketascope.effects.acute import known_effects
from ketascope.effects.calibrated import calibration
from ketascope.evidence import sources
from ketascope.models import library
from ketascope.patients.record import read_record
from ketascope.report import data as gathering
from ketascope.report import make_report
from ketascope.report.references import reference
from ketascope.report.safe_use import SafeUse

ROOT = Path(__file__).parents[2]
STORY = ("effects", "readiness", "course_of_mood", "reactions", "long_term", "other_treatments")
SAFE_USE = ("screening", "plan")
CALIBRATED = ("effects", "readiness", "course_of_mood")
REGIMENS = {
    "spray": "label:spravato-trd-us",
    "infusions": "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks",
}
OF_NUMBERS = r"Calibration of this project\b.*\b(printed|published number).*\d"
"""How the text of a calibration begins that is put together from printed numbers, not fitted."""
DAY = date(2026, 11, 23)
RECORD = "age: 60\nweight: 80 kg\nheight: 170 cm\nsex: female\n"


@dataclass(frozen=True)
class Report:
    """A page, and the data beside it."""

    page: str
    data: dict[str, Any]

    def section(self, name: str) -> str:
        """Text of a section of the page."""
        found = re.search(
            rf'<section aria-labelledby="{name}"[^>]*>(.*?)</section>', self.page, flags=re.DOTALL
        )
        assert found, name
        bare = re.sub(r"<svg\b.*?</svg>", "", found[1], flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


@pytest.fixture(scope="module", params=list(REGIMENS))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One report for each regimen; the page and the data come from one gathering."""
    file = tmp_path_factory.mktemp("record") / "person.yaml"
    file.write_text(RECORD, encoding="utf-8")
    asked = SafeUse(read_record(str(file)), "us", start=DAY, on=DAY)
    kept: list[dict[str, Any]] = []

    def keep(*told: Any) -> gathering.Gathered:
        found = gathering.gather(*told)
        kept.append(found.data)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ketascope.report.page.gather", keep)
        result = ks.simulate(REGIMENS[request.param], people=30, seed=1)
        page = make_report(result, as_of=DAY.isoformat(), safe_use=asked)
    return Report(page, kept[0])


def keys_in(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every source key under ``source`` or ``sources``, with where it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "source" and isinstance(item, str):
                yield (*path, name), item
            elif name == "sources" and isinstance(item, list):
                yield from (((*path, name), key) for key in item if isinstance(key, str))
            else:
                yield from keys_in(item, (*path, str(name)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from keys_in(item, (*path, str(number)))


def cited(report: Report) -> list[tuple[tuple[str, ...], str]]:
    """Keys that the data cite, apart from the list of sources itself."""
    return list(keys_in({k: v for k, v in report.data.items() if k != "sources"}))


def exists(name: str) -> None:
    """A calibration of this name is there, with the script that wrote it and published points."""
    found = calibration(name)
    assert (ROOT / found.script).is_file(), found.script
    assert (ROOT / "src/ketascope/effects/data" / f"{name}.yaml").is_file()
    assert found.points
    assert found.sources
    assert set(found.sources) <= set(sources())
    assert any(p.fitted for p in found.parameters)


def test_the_walk_finds_keys_wherever_they_stand() -> None:
    tree = {"a": [{"source": "x"}, {"b": {"sources": ["y", "z"]}}], "sources": ["v"]}
    assert sorted(key for _, key in keys_in(tree)) == ["v", "x", "y", "z"]


def test_every_section_names_its_sources(report: Report) -> None:
    by_section: dict[str, set[str]] = {}
    for path, key in cited(report):
        by_section.setdefault(path[0], set()).add(key)
    for name in (*STORY, "screening", "model"):
        assert by_section[name] - {""}, name


def test_every_key_is_a_source_and_is_listed_on_the_page(report: Report) -> None:
    listed = {item["id"] for item in report.data["sources"]}
    assert listed <= set(sources())
    shown = report.section("sources")
    spaced = {key: " ".join(reference(sources()[key]).split()) for key in listed}
    for path, key in cited(report):
        if key:
            assert key in listed, (path, key)
    assert [key for key, text in spaced.items() if text not in shown] == []


def test_only_what_nobody_knows_has_no_source(report: Report) -> None:
    """A finding without a source is a gap, and gives no number."""
    for rows in report.data["long_term"]["findings"].values():
        for row in rows:
            assert row["source"] or (row["kind"] == "unknown" and not row["numbers"]), row["id"]
    empty = [path for path, key in cited(report) if not key]
    assert all(path[:2] == ("long_term", "findings") for path in empty)


def test_exposure_is_that_of_a_model_whose_parameters_have_sources(report: Report) -> None:
    model = report.data["model"]
    assert library()[model["name"]].source == model["source"]
    assert model["parameters"]
    for parameter in model["parameters"]:
        assert parameter["status"] in ("published", "derived", "calibrated", "assumed")
        assert parameter["source"] in sources(), parameter["name"]
        assert parameter["where"]
        assert parameter["how"]
    analytes = {row["analyte"] for table in report.data["exposure"] for row in table["rows"]}
    assert analytes <= set(report.data["curves"]["first_session"]["analytes"])


def test_every_effect_has_a_kind_sources_and_a_text(report: Report) -> None:
    known = known_effects()
    rows = report.data["effects"]["table"]
    assert {row["session"] for row in rows} == {1, len(report.data["sessions"])}
    assert "cadss" in {row["effect"] for row in rows}
    for row in rows:
        assert row["kind"] in ("published", "calibrated")
        assert row["kind"] == known[row["effect"]].kind
        assert row["sources"]
        assert row["text"]
        assert row["limits"]
        if row["kind"] == "calibrated" and row["calibration"] is None:
            # nothing was fitted, so there is no file; the text names the numbers that it is of
            assert re.match(OF_NUMBERS, row["text"]), row["effect"]
        elif row["kind"] == "calibrated" and row["calibration"] is None:
            # made of printed numbers that are not used as printed; nothing was fitted
            assert re.search(r"Calibration of this project, of .*published number", row["text"])
        elif row["kind"] == "calibrated":
            exists(row["calibration"])
            assert set(calibration(row["calibration"]).sources) <= set(row["sources"])
            assert row["peak"]["low"] is not None
        else:
            assert row["calibration"] is None
    shown = {row["effect"] for row in rows}
    assert shown | set(report.data["effects"]["not_predicted"]) == set(known)
    assert all(report.data["effects"]["not_predicted"].values())


def test_every_calibrated_effect_says_so_on_the_page(report: Report) -> None:
    said = report.section("effects")
    for row in report.data["effects"]["table"]:
        basis = {"calibrated": "calibration of this project", "published": "published relation"}
        assert f"{row['display']} ({basis[row['kind']]}): {row['text']}" in said


@pytest.mark.parametrize("name", CALIBRATED)
def test_calibrated_sections_say_the_word(report: Report, name: str) -> None:
    assert "calibration" in report.section(name)


def test_readiness_and_the_course_name_their_calibrations(report: Report) -> None:
    ready, mood = report.data["readiness"], report.data["course_of_mood"]
    assert set(ready["calibrations"]) == set(ready["of"])
    for effect, name in ready["calibrations"].items():
        assert (ready["kinds"][effect] == "calibrated") == (name is not None)
        if name is not None:
            exists(name)
            assert set(calibration(name).sources) <= set(ready["sources"])
    assert mood["predicted"]
    exists(mood["calibration"])
    assert set(calibration(mood["calibration"]).sources) <= set(mood["sources"])
    assert {row["link"] for row in mood["dissociation"]} == {"yes", "no", "mixed"}
    for row in mood["table"]:
        for measure in ("change", "response", "remission"):
            gap = row[measure]["difference"]
            assert gap["q05"] <= gap["q50"] <= gap["q95"]
            assert len(gap["within"]) == 2


def test_published_rows_say_where_they_were_read(report: Report) -> None:
    tables = [t for dose in report.data["reactions"]["doses"] for t in dose["tables"]]
    assert tables
    for row in (row for table in tables for row in table["rows"]):
        assert row["source"] in sources()
        assert row["where"]
        assert row["how"]
    trials = report.data["other_treatments"]["trials"]
    assert {trial["kind"] for trial in trials} >= {"head-to-head", "indirect"}
    for trial in trials:
        numbers = [*trial["outcomes"], *trial["scores"], *trial["pooled"]]
        assert numbers, trial["id"]
        assert all(one["where"] and one["how"] for one in numbers)


def test_sections_stand_in_order_with_the_screen_and_the_plan(report: Report) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", report.page)
    assert [one for one in headings if one != "Warnings"] == [
        "At a glance", "Who and what", "Screening", "Highest concentration and area", "Calendar",
        "Plasma concentration, first session", "Over the course", "Exposure", "Acute effects",
        "Readiness to leave", "Course of depression", "Common reactions, as published",
        "Long term", "Other treatments beside it", "Plan", "The model", "Sources",
        "The same report again",
    ]  # fmt: skip
