"""Published dissociation and alertness: predicted as the same statistic, or with a reason."""

from __future__ import annotations

import pytest

from ketascope.checks.effects import predict
from ketascope.errors import Unsupported
from ketascope.evidence.published import published

ROWS = {v.id: v for v in published() if v.effect in ("cadss_total", "moaas")}
QUICK = (
    "dissociation.goldway_2025_ketamine_pre.cadss_total.score.0h",
    "dissociation.goldway_2025_ketamine_post.cadss_total.score.0.333333h",
    "dissociation.goldway_2025_ketamine_end.cadss_total.score",
    "dissociation.goldway_2025_ketamine_end.cadss_total.proportion",
    "dissociation.goldway_2025_saline_post.cadss_total.score",
    "dissociation.transform_1_placebo.cadss_total.proportion",
    "dissociation.glue_2018_ratio.cadss_total.ratio.1h",
    "dissociation.van_schalkwyk_2018_infusion.cadss_total.score",
)


@pytest.mark.parametrize("name", QUICK)
def test_an_interval_holds_its_centre(name: str) -> None:
    found = predict(ROWS[name])
    assert found.low is not None
    assert found.high is not None
    assert found.low - 1e-9 <= found.centre <= found.high + 1e-9
    assert found.model == "dissociation"


def test_what_was_fitted_is_met() -> None:
    for name in QUICK[1:3]:
        found, row = predict(ROWS[name]), ROWS[name]
        assert found.centre == pytest.approx(row.value, rel=0.1)


def test_a_count_after_eight_sessions_is_more_than_after_one() -> None:
    row = ROWS["dissociation.transform_1_esk56.moaas.proportion"]
    once = row.conditions.model_copy(update={"regimen": "esketamine 56 mg intranasal once"})
    many, one = predict(row), predict(row.model_copy(update={"conditions": once}))
    assert one.centre < many.centre
    assert "8 sessions" in many.note


def test_doses_under_the_skin_are_not_predicted() -> None:
    with pytest.raises(Unsupported, match="under the skin"):
        predict(ROWS["dissociation.glue_2018_week_14.cadss_total.score.1h"])


def test_what_was_fitted_of_waning_is_met() -> None:
    """A level under the skin has a parameter of its own, and so has the fall from it."""
    first = predict(ROWS["dissociation.glue_2018_week_1.cadss_total.score.1h"])
    ratio = predict(ROWS["dissociation.glue_2018_ratio.cadss_total.ratio.1h"])
    assert first.centre == pytest.approx(20.0, rel=0.05)
    assert ratio.centre == pytest.approx(0.44, rel=0.05)
    for one in (first, ratio):
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.centre < one.high


def test_a_single_saline_share_is_not_predicted() -> None:
    with pytest.raises(Unsupported, match="single saline"):
        predict(ROWS["dissociation.goldway_2025_saline_post.cadss_total.proportion"])
