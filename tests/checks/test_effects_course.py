"""Published courses of depression: what is predicted, and what is not with its reason."""

from __future__ import annotations

import pytest

from ketascope.checks.effects_course import predict
from ketascope.errors import Unsupported
from ketascope.evidence.published import PublishedValue, published


def _row(name: str) -> PublishedValue:
    return next(v for v in published() if v.id == name)


def test_a_fitted_arm_is_what_the_calibration_says() -> None:
    found = predict(_row("course.transform_1_pbo_d28.remission.proportion.648h"))
    assert found.centre == pytest.approx(0.31, abs=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.centre < found.high


def test_a_contrast_is_drug_less_control() -> None:
    found = predict(_row("course.transform_2_t2_diff.madrs.change.648h"))
    assert -8 < found.centre < -3


def test_midazolam_is_told_to_be_placebo() -> None:
    assert (
        "midazolam" in predict(_row("course.karma_dep_2_karma_mid.response.proportion.672h")).note
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("course.murrough_2013_six_relapse.relapse.half_life", "stable after 16 weeks"),
        ("course.dwyer_2021_dwyer_ket.madrs.score.24h", "under 18"),
        ("practice.phillips_2019_course.response.proportion", "not stated"),
        ("practice.feder_2021_ptsd_mid.response.proportion.336h", "post-traumatic"),
    ],
)
def test_what_is_not_predicted_says_why(name: str, told: str) -> None:
    with pytest.raises(Unsupported, match=told):
        predict(_row(name))
