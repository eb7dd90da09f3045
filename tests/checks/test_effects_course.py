"""Published courses of depression: what is predicted, and what is not with its reason."""

from __future__ import annotations

import pytest

from ketascope.checks.effects_course import BASELINE_SD, baseline_of, predict
from ketascope.effects.calibrated import calibration
from ketascope.errors import Unsupported
from ketascope.evidence.published import PublishedValue, published


def _row(name: str) -> PublishedValue:
    return next(v for v in published() if v.id == name)


def test_a_fitted_arm_is_what_the_calibration_says() -> None:
    found = predict(_row("course.transform_1_pbo_d28.remission.proportion.648h"))
    assert found.centre == pytest.approx(0.306, abs=0.03)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.centre < found.high


def test_a_contrast_is_drug_less_control() -> None:
    found = predict(_row("course.transform_2_t2_diff.madrs.change.648h"))
    assert -8 < found.centre < -3


def test_baselines_are_of_their_trial() -> None:
    assert calibration("mood").central()["baseline_sd"] == BASELINE_SD
    # two trials under one name, each contrast with the middle of its own arms
    assert baseline_of(_row("course.aspire_1_2_fu_2020_diff.madrs.change.24h")) == (
        41.15, BASELINE_SD,
    )  # fmt: skip
    assert baseline_of(_row("course.aspire_1_2_ionescu_2021_diff.madrs.change.24h")) == (
        39.7, BASELINE_SD,
    )  # fmt: skip
    # adjusted changes of arms: all arms together
    daly = baseline_of(_row("course.daly_2018_esk28.madrs.change.2h"))
    assert daly is not None
    assert daly[0] == pytest.approx((33 * 35.0 + 11 * 31.3 + 11 * 33.2 + 12 * 35.0) / 67)


def test_no_difference_where_placebo_did_very_well_lies_outside_the_band() -> None:
    found = predict(_row("course.takahashi_2021_japan_56_diff.madrs.change.648h"))
    assert found.high is not None
    assert found.centre < found.high < 0.6


def test_midazolam_is_told_to_be_placebo() -> None:
    assert (
        "midazolam" in predict(_row("course.karma_dep_2_karma_mid.response.proportion.672h")).note
    )


def test_another_setting_is_named_and_has_a_wider_band() -> None:
    here = predict(_row("course.singh_2016_repeat_pbo2.madrs.change.336h"))
    there = predict(_row("course.takahashi_2021_japan_pbo.madrs.change.648h"))
    assert "another setting: Japan" in there.note
    assert "another setting" not in here.note
    assert there.high - there.low > here.high - here.low  # type: ignore[operator]


def test_the_trial_of_four_weeks_of_the_spray_alone_is_fitted_and_no_other_setting() -> None:
    value = _row("adverse_events.trd4006_alone_84.madrs.change.648h")
    assert value.used_for == "fit"
    note = predict(value).note
    assert "this fitted trial" in note
    assert "another setting" not in note


def test_a_fitted_trial_is_shown_where_it_lies() -> None:
    value = _row("course.transform_1_pbo_d28.response.proportion.648h")
    found = predict(value)
    held = next(p for p in calibration("mood").points if p.id == value.id)
    assert abs(found.centre - value.value) < abs(held.fitted - value.value)
    assert "this fitted trial" in found.note


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("course.murrough_2013_six_relapse.relapse.half_life", "stable after 16 weeks"),
        ("course.lii_2023_lii_ket.madrs.score.0h", "taken from the trial"),
        ("course.dwyer_2021_dwyer_ket.madrs.score.24h", "under 18"),
        ("practice.phillips_2019_course.response.proportion", "not stated"),
        ("practice.feder_2021_ptsd_mid.response.proportion.336h", "post-traumatic"),
    ],
)
def test_what_is_not_predicted_says_why(name: str, told: str) -> None:
    with pytest.raises(Unsupported, match=told):
        predict(_row(name))
