"""Long runs: many people, long courses, many replicates. Part of `make soak`."""

import numpy as np
import pytest

import ketascope as ks
from ketascope.models import get

pytestmark = pytest.mark.soak


def test_a_hundred_thousand_people_are_those_of_a_small_run():
    regimen = "esketamine 84 mg intranasal once"
    times = np.linspace(0, 24, 49)
    many = ks.simulate(regimen, people=100_000, seed=3, times=times)["esketamine"].to_numpy()
    few = ks.simulate(regimen, people=300, seed=3, times=times)["esketamine"].to_numpy()
    assert np.array_equal(many[:300], few)
    assert np.isfinite(many).all()
    assert many.min() >= 0


def test_nine_years_of_weekly_sessions_repeat_themselves():
    """A linear model with a rest of a week: every session is like the first, to rounding."""
    regimen = "esketamine 84 mg intranasal weekly for 470 weeks"
    times = (np.arange(470)[:, None] * 168.0 + np.array([0.5, 1.0, 4.0, 24.0])).reshape(-1)
    result = ks.simulate(regimen, people=20, seed=5, times=times)
    values = result["esketamine"].to_numpy().reshape(20, 470, 4)
    assert values[:, 400] == pytest.approx(values[:, 3], rel=1e-3)
    # hours near 79,000 are themselves only known to 1.5e-11
    assert values[:, 469] == pytest.approx(values[:, 400], rel=1e-10)


def test_replicates_spread_as_the_printed_standard_errors_say():
    result = ks.simulate(
        "esketamine 20 mg iv over 20 min once", model="simons_2022", replicates=400, times=[0, 1]
    )
    assert result.sizes["replicate"] == 400
    curve = result["esketamine"].to_numpy()[:, 0, 1]
    printed = get("simons_2022").parameter("CLK1")
    clearance = result["p_CLK1"].to_numpy().reshape(400) / 60.0
    assert clearance.std() == pytest.approx(printed.se, rel=0.15)
    assert np.median(clearance) == pytest.approx(printed.value, rel=0.02)
    assert np.corrcoef(clearance, curve)[0, 1] < -0.2
