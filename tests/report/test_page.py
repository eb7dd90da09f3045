"""The page: what it says, that it is whole, safe, repeatable and small."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import xarray as xr

import ketascope as ks
from ketascope.report import make_report, report_data

VOID = {"meta", "link", "br", "hr", "img", "input"}
DAY = "2026-11-23"


@pytest.fixture(scope="module")
def page(results: dict[str, xr.Dataset]) -> str:
    return make_report(unwarned(results["course"]), as_of=DAY, command="ketascope report ...")


def unwarned(result: xr.Dataset) -> xr.Dataset:
    """The same simulation without its warnings, which have tests of their own."""
    return result.assign_attrs(warnings="[]")


class Checker(HTMLParser):
    """Checks that elements are closed in order and ids are unique; collects text and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.refers: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), (tag, attrs)
        for name, value in attrs:
            value = value or ""
            if name == "id":
                self.ids.append(value)
            elif name in ("aria-labelledby", "aria-describedby"):
                self.refers.extend(value.split())
            elif name in ("href", "src"):
                self.links.append(value)
            self.refers.extend(re.findall(r"url\(#([^)]+)\)", value))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


@pytest.mark.parametrize("name", ["course", "once", "infusions", "film", "year", "daily", "long"])
def test_every_page_is_well_formed_small_and_loads_nothing(
    name: str, page_of: Callable[[str], str], beside: str
) -> None:
    page = beside if name == "infusions" else page_of(name)
    found = read(page)
    assert len(set(found.ids)) == len(found.ids)
    local = {link[1:] for link in found.links if link.startswith("#")}
    assert (local | set(found.refers)) <= set(found.ids)
    outside = [link for link in found.links if link[:1] != "#" and link != "data:,"]
    assert all(link.startswith("https://") for link in outside)
    assert not re.search(
        r"<(?:img|iframe|object|embed|base|audio|video)\b|@import|@font-face", page
    )
    without_links = re.sub(r'<a href="https://[^"]*"', "", page)
    assert "http://" not in re.sub(
        r'createElementNS|"http://www.w3.org/2000/svg"', "", without_links
    )
    # seven figures, each in two widths, and the tables of reactions, of trials and of long use
    assert len(page.encode()) < 900_000
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_sections_stand_in_order(page: str) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert headings == [
        "At a glance", "Who and what", "Highest concentration and area", "Calendar",
        "Plasma concentration, first session",
        "Over the course", "Exposure", "Acute effects", "Readiness to leave",
        "Course of depression", "Common reactions, as published", "Long term",
        "Other treatments beside it", "The model", "Sources", "The same report again",
    ]  # fmt: skip


def test_the_page_says_what_it_is_and_what_it_is_not(page: str) -> None:
    text = read(page).text
    assert "Research, teaching and decision support; not a medical device." in text
    assert "nothing in it says that a dose is safe" in text
    assert "84 mg is 3 devices of 28 mg, 5 min apart" in text
    assert "784 mg in 12 sessions over 50 days." in text
    assert "Concentrations are venous" in text
    assert "Must not be used for" in text
    assert "Known defects" in text
    assert "10.1007/s40262-020-00953-4" in text
    assert "ketascope report ..." in text
    assert "Seed 3" in text
    assert f'<time datetime="{DAY}">' in page


def test_a_flagged_figure_carries_its_note_at_the_row(page: str) -> None:
    rows = re.findall(r'<tr class="flagged">(.*?)</tr>', page)
    assert len(rows) == 2
    assert all("AUC0-24" in row and "<sup>1</sup>" in row for row in rows)
    assert page.count("Over-predicted: 37 to 56 % above") == 2


def test_a_model_without_spread_says_so(beside: str, page_of: Callable[[str], str]) -> None:
    assert "prints no spread between people" in beside
    regimen = ks.parse_regimen("ketamine 35 mg iv over 40 min once")
    many = make_report(ks.simulate(regimen, n=20, seed=1))
    assert "the bands show covariates only" in many
    assert "true spread is unknown, not zero" in many
    assert "One typical person: no random effects" in page_of("once")


def test_warnings_come_first_and_only_if_there_are_any(
    page: str, page_of: Callable[[str], str]
) -> None:
    assert 'class="warnings"' not in page
    film = page_of("film")
    assert film.index('class="warnings"') < film.index('id="who"')
    assert "outside the 19 to 32 years" in read(film).text


def test_other_models_are_named_with_their_sources(beside: str) -> None:
    text = read(beside).text
    assert "Other models shown" in text
    assert "Domino" in text
    assert "between the lowest and the highest model" in text


ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'& {{ 7*7 }} \u2028"


def test_user_text_is_escaped_everywhere(results: dict[str, xr.Dataset]) -> None:
    result = results["course"].copy()
    sessions = json.loads(result.attrs["sessions"])
    for session in sessions:
        session["label"] = f"day {session['day']}: {ATTACK}"
    listed = json.dumps([ATTACK])
    result.attrs = result.attrs | {
        "regimen": ATTACK, "warnings": listed, "notes": listed, "regimen_notes": listed,
        "sessions": json.dumps(sessions),
    }  # fmt: skip
    page = make_report(result, command=ATTACK, as_of=ATTACK, regimen_notes=[ATTACK])
    found = read(page)
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "onerror=alert(2)> " not in re.sub(r"&gt;", "", page).replace("&#34;", "")
    assert "{{ 7*7 }}" in found.text
    json.loads(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)[0])


def test_the_script_is_the_one_its_policy_allows(page: str) -> None:
    import base64
    import hashlib

    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.replace("&#39;", "'")
    assert script.count("\n") < 150


def test_the_same_input_gives_the_same_bytes(page: str, results: dict[str, xr.Dataset]) -> None:
    again = make_report(unwarned(results["course"]), as_of=DAY, command="ketascope report ...")
    assert again == page
    later = make_report(
        unwarned(results["course"]), as_of="2027-01-01", command="ketascope report ..."
    )
    assert later.replace("2027-01-01", DAY) == page


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import ketascope as ks, hashlib\n"
        "r = ks.simulate(ks.parse_regimen('esketamine 84 mg intranasal once'), n=20, seed=1)\n"
        "print(hashlib.sha256(ks.make_report(r, as_of='2026-11-23').encode()).hexdigest())"
    )
    seen = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                       env={"PYTHONHASHSEED": seed, "PATH": ""}).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1


def test_replicates_are_refused(results: dict[str, xr.Dataset]) -> None:
    with pytest.raises(ks.InputError, match="one replicate"):
        make_report(xr.concat([results["once"]] * 2, dim="replicate", combine_attrs="override"))


def test_the_data_say_what_the_page_says(results: dict[str, xr.Dataset], page: str) -> None:
    data = report_data(results["course"], as_of=DAY)
    json.dumps(data, allow_nan=False)
    assert data["schema"] == "ketascope/report/1"
    assert data["as_of"] == DAY
    assert data["people"]["n"] == 60
    assert data["regimen"]["total_mg"] == 784
    assert data["reproduce"]["seed"] == 3
    assert {"ketascope", "python", "jax", "numpy"} == set(data["reproduce"]["versions"])
    first, last = data["exposure"]
    assert (first["session"], last["session"]) == (1, 12)
    table = ks.exposure_table(results["course"], 0)
    row = table[(table["analyte"] == "esketamine") & (table["measure"] == "cmax")].iloc[0]
    assert first["rows"][0]["q50"] == pytest.approx(row["q50"], rel=1e-3)
    shown = [r for r in last["rows"] if r["flagged"]]
    assert [(r["analyte"], r["measure"]) for r in shown] == [("esnorketamine", "auc24")]
    curves = data["curves"]["first_session"]
    assert len(curves["time_h"]) == len(curves["analytes"]["esketamine"]["q50"])
    assert {item["id"] for item in data["sources"]} >= {"perez_ruixo_2021", "fryar_2025"}


def test_the_highest_dose_is_shown_if_it_is_neither_first_nor_last() -> None:
    regimen = ks.parse_regimen(
        "esketamine 28 mg intranasal on day 1 for 7 days then 84 mg weekly for 2 weeks "
        "then 56 mg weekly for 2 weeks"
    )
    data: dict[str, Any] = report_data(ks.simulate(regimen))
    assert [table["dose"] for table in data["exposure"]] == ["28 mg", "84 mg", "56 mg"]


def test_the_report_is_imported_lightly() -> None:
    heavy = "jax pandas matplotlib pint scipy xarray pyarrow pydantic numpy jinja2".split()
    code = f"import sys, ketascope.report; print([m for m in {heavy} if m in sys.modules], end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]"
