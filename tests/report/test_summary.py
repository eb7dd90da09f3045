"""The first page: each figure is that of its section, gaps are named, it fills one sheet."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

import ketascope as ks
from ketascope.patients.record import read_record
from ketascope.report.data import Gathered, gather
from ketascope.report.numbers import duration
from ketascope.report.page import page_of
from ketascope.report.safe_use import SafeUse
from ketascope.report.section import Tile
from ketascope.report.summary import NOT_PLANNED, NOT_SCREENED, summary

DAY = date(2026, 11, 23)
RECORD = """
born: 1974-05-02
sex: F
height: 165 cm
conditions: {present: [hypertension, aortic_aneurysm, intracerebral_haemorrhage]}
medicines: {present: [Valium]}
observations: {weight: {value: 80, unit: kg, on: 2026-11-20}}
"""


@pytest.fixture(scope="module")
def spray(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """A course of the spray in a person with an aneurysm."""
    file = tmp_path_factory.mktemp("record") / "person.yaml"
    file.write_text(RECORD, encoding="utf-8")
    record = read_record(str(file), on=DAY)
    result = ks.simulate("label:spravato-trd-us", record.covariates, n=30, seed=1)
    asked = SafeUse(record, "us", start=DAY, on=DAY, regimen="label:spravato-trd-us")
    return gather(result, settings={"hypertension": 1.0}, safe_use=asked, as_of=DAY.isoformat())


@pytest.fixture(scope="module")
def infusions(results: dict[str, xr.Dataset]) -> Gathered:
    return gather(results["infusions"])


def tiles_of(gathered: Gathered) -> dict[str, Tile]:
    return {tile.title: tile for _, tile in summary(gathered)["tiles"]}


def effect(gathered: Gathered, name: str, session: int = 1) -> dict[str, Any]:
    rows = gathered.data["effects"]["table"]
    (row,) = [r for r in rows if r["effect"] == name and r["session"] == session]
    found: dict[str, Any] = row
    return found


def numbers(text: str) -> list[float]:
    return [float(n.replace("\u2212", "-")) for n in re.findall(r"[-\u2212]?\d+(?:\.\d+)?", text)]


def two(*values: float) -> list[float]:
    """To two significant digits."""
    return [float(f"{value:.2g}") for value in values]


@pytest.mark.parametrize(
    ("title", "name"), [("Dissociation", "cadss"), ("Blood pressure", "systolic_change")]
)
def test_an_effect_is_that_of_its_section(spray: Gathered, title: str, name: str) -> None:
    tile, row = tiles_of(spray)[title], effect(spray, name)
    lines, peak, cut = dict(tile.lines), row["peak"], row["shares"][0]
    assert numbers(tile.value) == two(peak["q50"])
    assert numbers(tile.band) == two(peak["q05"], peak["q95"], peak["low"], peak["high"])
    assert lines["reached after"] == duration(row["time"]["q50"])
    assert numbers(lines[cut["cut"]])[0] == round(100 * cut["share"])
    last = effect(spray, name, 12)["peak"]
    assert numbers(lines["session 12"]) == two(last["q50"], last["q05"], last["q95"])
    assert tile.basis == "calibration"


def test_the_diastolic_rise_stands_beside_the_systolic(spray: Gathered) -> None:
    lines, row = dict(tiles_of(spray)["Blood pressure"].lines), effect(spray, "diastolic_change")
    peak = row["peak"]
    assert numbers(lines["diastolic rise"]) == two(peak["q50"], peak["q05"], peak["q95"])
    share = round(100 * row["shares"][0]["share"])
    assert numbers(lines["diastolic rise of 25 or more"])[0] == share


def test_readiness_and_the_course_are_those_of_their_sections(spray: Gathered) -> None:
    found = tiles_of(spray)
    ready, course = spray.data["readiness"], spray.data["course_of_mood"]
    by = {one["hours"]: one for one in ready["shares"]}
    tile = found["Readiness to leave"]
    assert numbers(tile.value) == [round(100 * by[2.0]["share"])]
    assert numbers(dict(tile.lines)["at 1.5 h"])[0] == round(100 * by[1.5]["share"])
    assert dict(tile.lines)["middle person"].startswith(duration(ready["time"]["q50"])[:2])
    assert "does not replace" in tile.note
    gap = course["table"][-1]["change"]["difference"]
    tile = found["Course of depression"]
    assert numbers(tile.value + tile.band) == [round(gap[k], 1) for k in ("q50", "q05", "q95")]
    assert course["comparator"] in tile.note


def test_exposure_is_that_of_the_tables(spray: Gathered) -> None:
    tile = tiles_of(spray)["Highest concentration"]
    rows = [t["rows"][0] for t in spray.data["exposure"]]
    assert [row["measure"] for row in rows] == ["cmax", "cmax"]
    for text, row in ((f"{tile.value} {tile.band}", rows[0]), (tile.lines[-1][1], rows[1])):
        assert numbers(text) == pytest.approx([row["q50"], row["q05"], row["q95"]], rel=5e-3)


def test_what_stands_against_it_counts_and_names(spray: Gathered) -> None:
    text = " ".join(summary(spray)["stands"])
    data = spray.data["screening"]
    bars = [f["title"] for f in data["findings"] if f["severity"] == "contraindicated"]
    assert len(bars) == 2
    assert f"{len(data['findings'])} findings: 2 contraindicated" in text
    assert all(title in text for title in bars)
    assert f"Complete: no; open questions: {len(data['questions'])}" in text
    assert not any("contraindicated" in line for line in summary(spray)["warnings"])


def test_what_safe_use_asks_is_of_the_plan(spray: Gathered) -> None:
    first = spray.data["plan"]["visits"][0]
    text = " ".join(summary(spray)["asks"])
    assert f"begins at {first['start'][11:16]} is left from {first['leave_from'][11:16]}" in text
    staff = [step["text"] for step in first["steps"] if step["what"] == "staff"]
    assert staff
    assert all(words in text for words in staff)


def test_gaps_are_named_and_nothing_stands_for_them(infusions: Gathered) -> None:
    found = summary(infusions)
    tile = tiles_of(infusions)["Sedation"]
    assert not tile.predicted
    assert (tile.value, tile.unit, tile.band, tile.lines) == ("not predicted", "", "", ())
    assert tile.note
    assert {"alertness", "breathing", "heart rate"} <= set(found["not_predicted"])
    assert found["stands"] == []
    assert found["asks"] == []
    page = unescape(page_of(infusions))
    assert NOT_SCREENED in page
    assert NOT_PLANNED in page


def test_a_course_that_is_not_predicted_says_why() -> None:
    old = gather(ks.simulate("label:spravato-trd-us", ks.Patient.of({"age": 70}), n=20, seed=1))
    why = old.data["course_of_mood"]["why"]
    tile = tiles_of(old)["Course of depression"]
    assert tile.value == "not predicted"
    assert len(tile.note) > 20
    assert tile.note in why
    assert "not predicted" not in tile.note


def test_a_handful_of_people_have_no_quantiles() -> None:
    few = gather(ks.simulate("esketamine 84 mg intranasal once", n=5, seed=1))
    found = summary(few)
    assert "lowest to highest" in found["brackets"]
    text = str(found["tiles"]) + found["brackets"]
    assert "90 %" not in text
    assert "95 % of people" not in text


def test_every_tile_leads_to_its_section(spray: Gathered) -> None:
    page = page_of(spray)
    start = page.index('<section aria-labelledby="summary"')
    part = page[start : page.index("</section>", start)]
    anchors = set(re.findall(r'href="#([^"]+)"', part))
    assert {"exposure", "effects", "readiness", "course_of_mood", "screening", "plan"} <= anchors
    assert part.count('class="tile') == len(summary(spray)["tiles"]) + 1
    for anchor in anchors:
        assert f'id="{anchor}"' in page


@pytest.mark.browser
def test_it_fills_one_sheet_of_paper(browser: Any, spray: Gathered, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of(spray), encoding="utf-8")
    browser.get(file.as_uri())
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    # A4 without its margins, 96 to the inch
    size = {"width": 680, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    script = "return document.querySelector('.summary').getBoundingClientRect().bottom"
    try:
        assert browser.execute_script(script) < (297 - 15 - 17) / 25.4 * 96
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
