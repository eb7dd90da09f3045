"""Rise of blood pressure over time, and what readings make of it: closed forms and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketascope as ks
from ketascope.effects import pressure
from ketascope.effects.acute import driving_from
from ketascope.effects.calibrated import calibration
from ketascope.effects.effect import Driving, Given, Occasion
from ketascope.effects.pressure_readings import (
    below,
    largest,
    levels_before,
    mean_of_largest,
    share_changed,
    share_high,
    with_sensitivity,
)

TIMES = np.linspace(0, 6, 361)


def driving(
    concentration: np.ndarray, *, drug: str = "esketamine", people: int = 1, **more: object
) -> Driving:
    """Return people who all have this concentration."""
    dose = Given(0, 0.0, drug, "intravenous", None, 40.0, "mg", 40.0)
    told = {
        "times": TIMES, "drug": drug, "doses": (dose,), "sampling": "venous",
        "concentrations": {drug: np.tile(concentration, (people, 1))},
        "sessions": (Occasion(0, 0.0, 1.0, 1),), "covariates": {"age": np.full(people, 46.0)},
        "index": np.arange(people), "seed": 3, "random": people > 1,
    }  # fmt: skip
    return Driving(**{**told, **more})  # type: ignore[arg-type]


def theta(people: int = 1, **changed: float) -> dict[str, np.ndarray]:
    values = {**calibration("pressure").central(), **changed}
    return {key: np.full(people, value) for key, value in values.items()}


class TestRise:
    def test_without_drug_there_is_none(self) -> None:
        quiet = driving(np.zeros(TIMES.size))
        assert np.all(pressure.systolic(quiet, theta()) == 0)
        assert np.all(pressure.diastolic(quiet, theta()) == 0)

    def test_the_middle_person_without_tolerance_by_hand(self) -> None:
        p = theta(offset=0.0, ke0=np.inf)
        found = pressure.systolic(driving(np.full(TIMES.size, 100.0)), p)[0]
        assert found == pytest.approx(
            p["highest_systolic"][0] * 100 / (p["ec50"][0] + 100), rel=1e-12
        )

    def test_it_never_exceeds_the_highest(self) -> None:
        p = theta()
        found = pressure.systolic(driving(np.full(TIMES.size, 1e7)), p)
        assert found.max() <= p["highest_systolic"][0]
        assert found.max() == pytest.approx(p["highest_systolic"][0], rel=1e-3)

    def test_racemate_counts_by_its_potency(self) -> None:
        p = theta()
        level = np.full(TIMES.size, 80.0)
        one = pressure.systolic(driving(level, drug="ketamine"), p)
        other = pressure.systolic(driving(p["racemate_potency"][0] * level), p)
        assert one == pytest.approx(other, rel=1e-12)

    def test_age(self) -> None:
        p = theta()
        level = np.full(TIMES.size, 80.0)
        old = driving(level, covariates={"age": np.array([66.0])})
        ratio = pressure.systolic(old, p)[0, -1] / pressure.systolic(driving(level), p)[0, -1]
        assert ratio == pytest.approx(np.exp(20 * p["age_slope"][0]))

    @given(st.floats(0, 500), st.floats(1, 500))
    def test_more_drug_raises_it_more(self, level: float, more: float) -> None:
        low, high = (
            pressure.systolic(driving(np.full(TIMES.size, c)), theta(offset=0.0))[0, -1]
            for c in (level, level + more)
        )
        assert high > low

    def test_people_do_not_depend_on_the_batch(self) -> None:
        level = np.full(TIMES.size, 80.0)
        many = pressure.systolic(driving(level, people=6), theta(6))
        few = pressure.systolic(driving(level, people=3), theta(3))
        assert np.array_equal(many[:3], few)
        assert np.ptp(many[:, -1]) > 0

    def test_half_of_the_variance_is_of_the_session(self) -> None:
        level = np.full(TIMES.size, 80.0)
        two = (Occasion(0, 0.0, 1.0, 1), Occasion(1, 3.0, 4.0, 1))
        found = pressure.systolic(
            driving(level, people=4000, sessions=two), theta(4000, offset=0.0, ke0=np.inf)
        )
        logs = np.log(found[:, [10, -1]])
        assert np.corrcoef(logs.T)[0, 1] == pytest.approx(0.5, abs=0.05)
        assert logs.std() == pytest.approx(theta()["sensitivity_sd"][0], rel=0.05)


class TestWhyNot:
    level = np.full(TIMES.size, 80.0)

    def test_what_was_fitted_is_predicted(self) -> None:
        assert pressure.why_not(driving(self.level)) is None

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"drug": "arketamine"}, "arketamine"),
            ({"sampling": "arterial"}, "arterial"),
            ({"covariates": {"age": np.array([15.0])}}, "under 18"),
            ({"concentrations": {}}, "does not give"),
            ({"doses": (Given(0, 0.0, "esketamine", "oral", None, 40, "mg", 0),)}, "oral"),
            ({"doses": (Given(0, 0.0, "ketamine", "intravenous", None, 40, "mg", 0),)}, "together"),
        ],
    )
    def test_a_reason(self, more: dict[str, object], said: str) -> None:
        assert said in str(pressure.why_not(driving(self.level, **more)))

    def test_far_above(self) -> None:
        assert "2000" in str(pressure.why_not(driving(np.full(TIMES.size, 5000.0))))


class TestReadings:
    sd = np.array([6.0, 6.0])

    def test_one_reading_is_a_normal_difference(self) -> None:
        from scipy.stats import norm

        rise = np.full((2, 1, 1), 8.0)
        assert below(rise, self.sd, 20.0) == pytest.approx(
            norm.cdf((20 - 8) / (6 * np.sqrt(2))), abs=1e-4
        )
        assert largest(rise, self.sd) == pytest.approx(8.0, abs=0.02)

    def test_the_largest_of_three_is_above_the_truth(self) -> None:
        """Mean of the largest of three standard normal numbers: 3 / (2 sqrt(pi))."""
        quiet = np.zeros((2, 1, 3))
        assert largest(quiet, self.sd) == pytest.approx(6 * 1.5 / np.sqrt(np.pi), abs=0.001)

    def test_by_drawing(self) -> None:
        rng = np.random.default_rng(1)
        rise = np.array([[[9.0, 7.0, 3.5], [12.0, 9.0, 5.0]]])
        e = rng.normal(0, 6, (200_000, 2, 4))
        change = (rise + e[:, :, 1:]) - e[:, :, :1]
        drawn = (change.max(axis=(1, 2)) >= 25).mean()
        assert share_changed(rise, [6.0], 25.0) == pytest.approx(drawn, abs=0.004)
        high = (120 + rise + e[:, :, 1:]).max(axis=(1, 2)) >= 140
        assert share_high(rise, [6.0], [120.0], 140.0) == pytest.approx(high.mean(), abs=0.004)
        assert mean_of_largest(rise, [6.0], 10**9) == pytest.approx(
            change[:, 0].max(axis=1).mean(), abs=0.1
        )

    def test_levels_before_are_cut_off(self) -> None:
        z = np.array([-2.0, 0.0, 5.0])
        found = levels_before("systolic", 118.0, 11.0, z)
        assert found.max() <= 140
        assert np.all(np.diff(found) > 0)

    def test_levels_go_together_with_sensitivity(self) -> None:
        z, own = np.random.default_rng(3).normal(size=(2, 100_000))
        for correlation in (0.0, 0.4, -0.7):
            found = with_sensitivity(z, own, float(np.arctanh(correlation)))
            assert np.corrcoef(found, own)[0, 1] == pytest.approx(correlation, abs=0.01)
            assert found.std() == pytest.approx(1, abs=0.01)

    def test_a_level_of_each_session(self) -> None:
        """The same level in all sessions is one level of the person."""
        rise = np.full((2, 3, 2), 20.0)
        level = np.array([120.0, 130.0])
        each = np.tile(level[:, None], 3)
        assert share_high(rise, self.sd, each, 150.0) == share_high(rise, self.sd, level, 150.0)
        assert share_high(rise, self.sd, level, 150.0) > share_high(rise, self.sd, level - 9, 150.0)


@pytest.mark.parametrize(
    "regimen", ["ketamine 0.5 mg/kg iv over 40 min once", "esketamine 84 mg intranasal once"]
)
def test_it_peaks_near_40_min(regimen: str) -> None:
    result = ks.simulate(regimen, n=40, seed=2)
    found = ks.acute_effects(result, names=["systolic_change"], uncertainty="central")
    mean = found["systolic_change"].mean("subject").to_numpy()
    peak = float(found["time"].to_numpy()[mean.argmax()])
    assert 0.45 <= peak <= 0.8
    assert driving_from(result).routes in (("intravenous",), ("intranasal",))


def test_an_infusion_of_esketamine_is_of_another_series_as_well() -> None:
    """By vein it has the factor of another series, as a spray has not."""
    flat = np.full(TIMES.size, 50.0)

    def rise(route: str, **more: float) -> float:
        doses = (Given(0, 0.0, "esketamine", route, None, 40.0, "mg", 40.0),)
        return float(pressure.systolic(driving(flat, doses=doses), theta(**more)).max())

    assert rise("intravenous") == pytest.approx(rise("intranasal"))
    assert rise("intravenous", infusions=2.0) > 1.5 * rise("intravenous")
    assert rise("intranasal", infusions=2.0) == pytest.approx(rise("intranasal"))
