"""The split of studies of effects into what may be fitted and what is kept as a check."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from ketascope.errors import InputError
from ketascope.evidence.published import published, read_published

EFFECTS = [value for value in published() if value.effect is not None]
_DATA = files("ketascope.evidence") / "data" / "effects_split.yaml"
STUDIES = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["studies"]
DOCS = Path(__file__).parents[2] / "docs"


def test_every_row_is_used_as_the_split_says() -> None:
    wrong = [v.id for v in EFFECTS if STUDIES[v.study]["side"] != v.used_for]
    assert wrong == []


def test_every_study_of_the_split_has_rows_a_side_and_a_reason() -> None:
    assert set(STUDIES) == {v.study for v in EFFECTS}
    for study in STUDIES.values():
        assert study["side"] in ("fit", "check")
        assert len(study["reason"]) > 15


def test_no_study_is_on_both_sides() -> None:
    sides = {(v.study, v.used_for) for v in EFFECTS}
    assert max(Counter(study for study, _ in sides).values()) == 1


def test_trials_that_share_people_are_on_one_side() -> None:
    fitted = ("transform_1", "transform_2", "transform_1_2", "sustain_1")
    assert {STUDIES[name]["side"] for name in fitted} == {"fit"}
    assert {STUDIES[name]["side"] for name in ("transform_3", "sustain_2")} == {"check"}


def test_enough_is_kept_back() -> None:
    assert sum(v.used_for == "check" for v in EFFECTS) >= 60


def test_the_page_says_what_the_data_say() -> None:
    made = subprocess.run(
        [sys.executable, str(DOCS / "make_evidence_split.py"), "--print"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert made == (DOCS / "evidence-split.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        (
            "dissociation.goldway_2025_ketamine_post.cadss_total.score.0.333333h",
            24.94,
            "at a time",
        ),
        ("blood_pressure.zhou_2021_infusions.systolic_change.change", 7.4, "maximum of the mean"),
        (
            "blood_pressure.transform_3_esketamine_65.systolic_change.change",
            16.0,
            "mean of individual maxima",
        ),
        ("course.daly_2018_esk84.madrs.change.24h", -16.4, "at a time"),
    ],
)
def test_an_effect_is_as_printed(name: str, value: float, taken: str) -> None:
    found = next(v for v in EFFECTS if v.id == name)
    assert (found.value, found.taken) == (value, taken)


ROW = "{quantity: score, statistic: mean, value: 3, unit: '1', used_for: fit, source: s, where: w, \
how: h, regimen: r, people: p, "


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("effect: madrs}", "needs its study"),
        ("effect: madrs, study: a, role: drug, taken: at any time}", "needs its scale"),
        ("effect: madrs, study: a, role: drug, taken: at a time, scale: MADRS}", "needs its time"),
        ("effect: madrs, analyte: ketamine}", "not of both"),
        ("role: drug}", "are of an effect"),
        ("effect: joy, study: a, role: drug, taken: at any time}", "effect"),
    ],
)
def test_a_row_of_an_effect_that_lacks_something_is_refused(more: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_published(f"arms: [{{id: a, values: [{ROW}{more}]}}]", "x.yaml")
