"""Arms side by side: the same people, differences, burden, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import ketascope as ks
from ketascope.checks.compare import GROUPS, Comparison, _remarks
from ketascope.dosing.observation import observed_hours
from ketascope.engine.summary import exposure
from ketascope.errors import InputError
from ketascope.patients import Patient
from ketascope.report.compare_page import compare_page
from ketascope.report.draw_compare import ARMS, DASHES

LOW = "esketamine 56 mg intranasal twice weekly for 2 weeks"
HIGH = "esketamine 84 mg intranasal twice weekly for 2 weeks"
DRIP = "ketamine 0.5 mg/kg iv over 40 min once"


@pytest.fixture(scope="module")
def found() -> Comparison:
    return ks.compare([LOW, HIGH, DRIP], n=60, seed=4)


def line(found: Comparison, words: str) -> dict[str, Any]:
    return next(row for row in found.records() if words in row["quantity"])


def test_the_same_people_go_through_every_arm(found: Comparison) -> None:
    a, b, c = (arm.result for arm in found.arms)
    assert np.array_equal(a["weight"], b["weight"])
    assert np.array_equal(a["p_CL_F"] if "p_CL_F" in a.coords else a["age"],
                          b["p_CL_F"] if "p_CL_F" in b.coords else b["age"])  # fmt: skip
    assert np.array_equal(a["age"], c["age"])


def test_a_difference_is_a_persons_own(found: Comparison) -> None:
    a, b = (
        exposure(arm.result).query("analyte == 'esketamine'")["cmax"].to_numpy()
        for arm in found.arms[:2]
    )
    shown = line(found, "Cmax")["against_first"]["B"]
    assert shown["q50"] == pytest.approx(np.median(b / a))
    assert shown["q05"] == pytest.approx(np.quantile(b / a, 0.05))
    assert shown["q05"] > 1.0


def test_concentrations_of_different_drugs_are_not_compared(found: Comparison) -> None:
    row = line(found, "Cmax")
    assert row["against_first"]["C"] is None
    assert "Different drugs" in row["note"]
    assert any("different drugs" in text for text in found.remarks)


def test_burden_is_counted_by_hand(found: Comparison) -> None:
    assert line(found, "Visits")["values"]["A"]["q50"] == 4
    assert line(found, "Visits")["against_first"]["C"]["q50"] == -3
    assert line(found, "first to the last")["values"]["A"]["q50"] == 11
    given = line(found, "given, median person")
    assert given["values"]["B"]["q50"] == pytest.approx(4 * 84)
    # the third arm gives another drug
    assert given["against_first"] == {"B": None, "C": None}
    assert "Different drugs" in given["note"]
    # two devices 5 min apart, then 2 h; three devices take 5 min more
    assert line(found, "hours on site")["values"]["A"]["q50"] == pytest.approx(4 * (2 + 5 / 60))
    assert line(found, "hours on site")["against_first"]["B"]["q50"] == pytest.approx(4 * 5 / 60)
    assert line(found, "hours on site")["values"]["C"] is None


def test_no_observation_time_is_made_up() -> None:
    session = {"index": 0, "time": 0.0, "end": 0.7}
    drip = {"session": 0, "drug": "ketamine", "route": "intravenous", "form": None}
    hours, why = observed_hours([session], [drip])
    assert hours is None
    assert "the site sets it" in why


def test_an_arm_beside_itself_differs_by_nothing() -> None:
    same = ks.compare([LOW, LOW], n=40, seed=1)
    for row in same.records():
        for difference in row["against_first"].values():
            if difference is not None:
                neutral = 1.0 if row["kind"] == "ratio" else 0.0
                assert difference["q50"] == pytest.approx(neutral, abs=1e-12), row["quantity"]


def test_patients_side_by_side() -> None:
    people = [Patient.of({"age": 30}), Patient.of({"age": 75})]
    found = ks.compare([LOW], people, n=30, seed=2)
    assert [arm.who for arm in found.arms] == [
        "30 virtual people: age 30", "30 virtual people: age 75",
    ]  # fmt: skip
    assert found.arms[0].regimen == found.arms[1].regimen


def test_lines_are_json_and_in_the_order_of_their_groups(found: Comparison) -> None:
    rows = found.records()
    assert json.loads(json.dumps(rows)) == rows
    order = [list(GROUPS).index(row["group"]) for row in rows]
    assert order == sorted(order)
    for row in rows:
        for value in row["values"].values():
            if value is not None and value["q05"] is not None:
                assert value["q05"] <= value["q50"] <= value["q95"]


def test_one_arm_and_too_many_are_refused() -> None:
    with pytest.raises(InputError, match="one arm"):
        ks.compare([LOW])
    with pytest.raises(InputError, match="7 arms do not fit"):
        ks.compare([LOW] * 7)


def test_the_drug_given_heeds_the_cap_and_the_weight_of_the_dose() -> None:
    arms = ["0.5 mg/kg iv over 40 min once", "1 mg/kg iv over 40 min at most 40 mg once",
            "1 mg/kg of ideal weight iv over 40 min once"]  # fmt: skip
    found = ks.compare([f"ketamine {arm}" for arm in arms], n=50, seed=3)
    row = line(found, "Ketamine given, median person")
    people = found.arms[0].result
    weight = people["weight"].to_numpy()
    assert row["values"]["A"]["q50"] == pytest.approx(np.median(0.5 * weight))
    assert row["values"]["B"]["q50"] == pytest.approx(np.median(np.minimum(weight, 40.0)))
    size = people["height"].to_numpy() / 2.54 - 60
    ideal = np.where(people["sex"].to_numpy() == "female", 45.5, 50.0) + 2.3 * size
    assert row["values"]["C"]["q50"] == pytest.approx(np.median(ideal), rel=1e-3)
    assert row["against_first"]["B"] is not None


def test_remarks_say_what_the_people_of_the_arms_share() -> None:
    mixed = ks.compare(["ketamine 50 mg iv over 40 min once", "ketamine 50 mg iv bolus once",
                        "esketamine 56 mg intranasal once"], n=5)  # fmt: skip
    models = {str(arm.result.attrs["model"]) for arm in mixed.arms}
    assert len(models) > 1
    assert any("different models of exposure" in text for text in mixed.remarks)
    alone = ks.compare([LOW, HIGH], n=1)
    assert any("One person" in text for text in alone.remarks)
    assert not any("different models of exposure" in text for text in alone.remarks)


@pytest.mark.parametrize(
    ("variability", "said"),
    [("covariates only", True), ("people", False), ("people and occasions", False),
     ("none", False)],
)  # fmt: skip
def test_only_a_model_without_spread_is_said_to_have_none(
    found: Comparison, variability: str, said: bool
) -> None:
    arm = found.arms[0]
    other = replace(arm, result=arm.result.assign_attrs(variability=variability))
    assert any("knows no spread" in text for text in _remarks([other])) == said


def test_the_page_says_that_the_site_sets_what_no_label_does(found: Comparison) -> None:
    page = compare_page(found, as_of="2027-01-01")
    row = page.partition("Least hours on site")[2].partition("</tr>")[0]
    assert "set by the site" in row
    assert "not predicted" not in row


def test_six_arms_differ_without_their_colours() -> None:
    assert len(ARMS) == len(DASHES) == len({str(dash) for dash in DASHES})
