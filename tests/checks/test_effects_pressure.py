"""Published rises of pressure: predicted as the same statistic, or with a reason."""

from __future__ import annotations

import math

import pytest

from ketascope.checks.effects import predict
from ketascope.effects.calibrated import calibration
from ketascope.errors import Unsupported
from ketascope.evidence.published import published

ROWS = {v.id.removeprefix("blood_pressure."): v for v in published()}
QUICK = (
    "yale_bp_2024_infusions.systolic_change.change.0.6667h",
    "zhou_2021_infusions.systolic_change.change",
    "transform_1_2_placebo.systolic_change.change",
    "transform_1_2_pbo_dbp25.blood_pressure_event.proportion",
    "langsjo_2005_anaesthesia.mean_pressure_change.change",
    "riva_posse_2018_infusions.systolic_change.change.0.5h",
)


@pytest.mark.parametrize("name", QUICK)
def test_an_interval_holds_its_centre(name: str) -> None:
    found = predict(ROWS[name])
    assert found.low is not None
    assert found.high is not None
    assert found.low - 1e-9 <= found.centre <= found.high + 1e-9
    assert found.model == "pressure"


def test_what_was_fitted_is_met() -> None:
    for name in (QUICK[0], QUICK[1]):
        assert predict(ROWS[name]).centre == pytest.approx(ROWS[name].value, rel=0.12)


def test_each_series_has_its_own_factor() -> None:
    row = ROWS[QUICK[0]]
    central = calibration("pressure").central()
    other, none = (
        row.model_copy(update={"study": study}) for study in ("zhou_2021", "another_series")
    )

    def left(rise: float) -> float:
        """Concentration left by tolerance that gives a mean rise, turned back from the response."""
        highest = central["highest_systolic"] * math.exp(central["sensitivity_sd"] ** 2 / 2)
        return rise / (highest - rise)

    yale, zhou, middle = (left(predict(x).centre) for x in (row, other, none))
    # few people: their mean sensitivity is not that of many
    assert yale / middle == pytest.approx(central["series_yale"], rel=0.05)
    assert zhou / middle == pytest.approx(central["series_zhou"], rel=0.05)


def test_another_series_is_less_certain_than_a_fitted_one() -> None:
    row = ROWS[QUICK[0]]
    here, there = predict(row), predict(row.model_copy(update={"study": "another_series"}))
    wide = [x.high / x.low for x in (here, there)]  # type: ignore[operator]
    assert wide[1] > 2 * wide[0]


def test_the_largest_change_of_people_is_more_than_the_mean_rise() -> None:
    row = ROWS["zhou_2021_infusions.systolic_change.change"]
    most = row.model_copy(update={"taken": "mean of individual maxima"})
    assert predict(most).centre > predict(row).centre + 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zhou_2021_infusions.pulse_change.change", "heart rate"),
        ("dissociation.rems_2024_sessions.blood_pressure_event.proportion", "sessions"),
    ],
)
def test_a_reason_where_there_is_no_number(name: str, said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        predict(ROWS[name])


def test_the_drug_part_at_65_and_more_is_too_large_and_the_limits_say_so() -> None:
    """The spray by itself comes out right; less placebo it is twice what was found."""
    for kind, words in (("systolic", "10.3"), ("diastolic", "7.1")):
        spray, placebo = (
            ROWS[f"transform_3_{arm}_65.{kind}_change.change"] for arm in ("esketamine", "placebo")
        )
        said = predict(spray).centre - predict(placebo).centre
        assert said > 2 * (spray.value - placebo.value)
        assert words in " ".join(calibration("pressure").limits)
        assert said == pytest.approx(float(words), abs=0.05)
