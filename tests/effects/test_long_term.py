"""Grams of a course, beside groups: by hand, by weight, and never as a risk."""

from __future__ import annotations

import json

import numpy as np
import pytest

import ketascope as ks
from ketascope.effects.known import known
from ketascope.effects.long_term import NOT_PREDICTED, long_term, report_long_term
from ketascope.effects.other_treatments import other_treatments, report_other_treatments
from ketascope.errors import InputError
from ketascope.patients import Patient, sample_population

IV = "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks"


def test_grams_by_hand() -> None:
    course = long_term("esketamine 84 mg intranasal twice weekly for 52 weeks")["course"]
    assert course["total"]["q50"] == pytest.approx(104 * 0.084)
    # 30.44 days hold nine doses of a twice-weekly rhythm at most
    assert course["month"]["q50"] == pytest.approx(9 * 0.084)
    # 365.25 days hold all: the last is given on day 361
    assert course["year"]["q50"] == pytest.approx(104 * 0.084)
    assert course["sessions"] == 104


def test_a_year_is_less_than_a_longer_course() -> None:
    course = long_term("esketamine 56 mg intranasal weekly for 104 weeks")["course"]
    assert course["total"]["q50"] == pytest.approx(104 * 0.056)
    assert course["year"]["q50"] == pytest.approx(53 * 0.056)
    assert course["month"]["q50"] == pytest.approx(5 * 0.056)


def test_a_dose_per_kg_goes_by_weight() -> None:
    one = long_term(IV, patient=Patient.of({"weight": 80.0}))["course"]
    assert one["total"] == pytest.approx({"q05": 0.24, "q50": 0.24, "q95": 0.24})
    many = long_term(IV, n=500, seed=3)["course"]
    weights = sample_population(500, 3).data["weight"].to_numpy()
    expected = np.quantile(6 * 0.5 * weights / 1000, (0.05, 0.5, 0.95))
    assert list(many["total"].values()) == pytest.approx(list(expected))
    assert many["by_weight"]


def test_a_cap_holds() -> None:
    words = "ketamine 0.5 mg/kg up to 30 mg iv over 40 min once"
    assert long_term(words, patient=Patient.of({"weight": 100.0}))["course"]["total"][
        "q50"
    ] == pytest.approx(0.030)


def test_ratios_are_group_over_course() -> None:
    found = long_term("esketamine 84 mg intranasal once")
    users = next(g for g in found["groups"] if g["id"] == "users_imaging")
    assert users["ratio"]["low"] == pytest.approx(2.4 * 365.25 / 12 / 0.084)
    assert users["total"] == pytest.approx([2.4 * 365.25 * 2.0, 2.4 * 365.25 * 9.7])
    misuse = [g["ratio"] for g in found["groups"] if g["misuse"]]
    assert found["gap"]["low"] == min(r["low"] for r in misuse)
    assert found["gap"]["high"] == max(r["high"] for r in misuse)


def test_a_result_and_its_people_say_the_same() -> None:
    result = ks.simulate(IV, people=20, seed=5)
    found = report_long_term(result)
    expected = np.quantile(6 * 0.5 * result["weight"].to_numpy() / 1000, 0.95)
    assert found["course"]["total"]["q95"] == pytest.approx(float(expected))
    assert json.loads(json.dumps(found)) == found


def test_a_racemate_equivalent_is_only_given_where_it_is_asked_for() -> None:
    words = "esketamine 56 mg intranasal once"
    assert long_term(words)["as_racemate"] is None
    asked = long_term(words, racemate_factor=2.0)["as_racemate"]
    assert asked["factor"] == 2.0
    assert asked["month"]["q50"] == pytest.approx(0.112)
    assert long_term(IV, racemate_factor=2.0)["as_racemate"] is None
    with pytest.raises(InputError, match="not a factor"):
        long_term(words, racemate_factor=0)


def test_no_risk_is_given() -> None:
    found = long_term(IV)
    assert found["not_predicted"] == NOT_PREDICTED
    keys = json.dumps(sorted(found))
    assert "risk" not in keys.replace("not_predicted", "")
    assert "not of risks" in found["gap"]["text"]


def test_a_result_without_doses_is_refused() -> None:
    import xarray as xr

    with pytest.raises(InputError, match="no doses"):
        long_term(xr.Dataset())


def test_shares_of_findings_carry_intervals_of_their_counts() -> None:
    found = {row["id"]: row for row in known("bladder")}
    number = found["hundred_sessions"]["numbers"][0]
    assert (number["value"], number["count"], number["n"]) == (20.0, 4, 20)
    # score interval of 4 of 20, from (20 p - 4)² = z² 20 p (1 - p)
    z2 = 1.959963984540054**2
    a, b, c = 400 + 20 * z2, -(160 + 20 * z2), 16.0
    root = (b * b - 4 * a * c) ** 0.5
    ends = [100 * (-b - root) / (2 * a), 100 * (-b + root) / (2 * a)]
    assert [number["low"], number["high"]] == pytest.approx(ends)


def test_head_to_head_trials_come_first_and_agree_with_what_they_print() -> None:
    found = other_treatments()
    kinds = [one["kind"] for one in found]
    assert kinds == sorted(kinds, key=["head-to-head", "reference", "indirect"].index)
    elekt = next(one for one in found if one["id"] == "elekt_d")["outcomes"][0]["difference"]
    # printed: 14.2 points, 95 % interval 3.9 to 24.2, by another method
    printed = pytest.approx((0.142, 0.039, 0.242), abs=0.002)
    assert (elekt["value"], elekt["low"], elekt["high"]) == printed
    ketect = next(one for one in found if one["id"] == "ketect")["outcomes"][0]["difference"]
    # printed: 2 to 30 points in favour of ECT
    assert (round(100 * ketect["low"]), round(100 * ketect["high"])) == (-30, -2)


def test_numbers_needed_are_worked_out_or_the_reason_is_said() -> None:
    by_id = {one["id"]: one for one in other_treatments()}
    escape = by_id["escape_trd"]["outcomes"]
    assert escape[0]["needed_to_treat"]["number"] == pytest.approx(1 / (91 / 336 - 60 / 340))
    assert escape[2]["needed_to_treat"]["text"] == "counts not known"
    first, second = by_id["transform_1"]["outcomes"]
    assert first["needed_to_treat"]["number"] == pytest.approx(100 / 14.2)
    assert first["needed_to_treat"]["high"] == pytest.approx(100 / 0.68)
    assert second["needed_to_treat"]["text"] == "no difference shown"
    assert by_id["psilocybin_phase_2"]["outcomes"][0]["needed_to_treat"]["text"].startswith("no c")


def test_the_report_of_other_treatments_is_plain() -> None:
    found = report_other_treatments()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"title", "text", "trials", "sources"}
    assert len(other_treatments("head-to-head")) == 3
