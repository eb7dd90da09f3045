"""Flint 2017: steady state by clearances, the printed spread, solved apart, and pinned."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketascope as ks
from ketascope.models import get

MODEL = get("flint_2017")
CHILD = ks.Patient(age=0.42, weight=7)
DAYS = "esketamine 2.4 mg/kg/h iv over 120 h once"


def test_a_long_infusion_settles_at_the_rate_over_the_clearance():
    result = ks.simulate(DAYS, CHILD, model=MODEL.name, times=[100.0], force=True)
    clearance, metabolite = (c * 0.1**0.75 for c in (112, 53.2))
    rate = 1000 * 2.4 * 7
    assert float(result["esketamine"].squeeze()) == pytest.approx(rate / clearance, rel=1e-4)
    # as at the first dose; after 100 h the paper's own clearance is 1 + 0.0087 * 100 times as high
    assert float(result["esnorketamine"].squeeze()) == pytest.approx(rate / metabolite, rel=1e-4)


def test_it_warns_of_the_clearance_that_rises_and_of_the_children_it_was_made_from():
    result = ks.simulate(DAYS, CHILD, model=MODEL.name, times=[100.0], force=True)
    told = result.attrs["warnings"]
    assert "critically ill children on a ventilator" in told
    assert "Divide by 1 + 0.0087 t" in told
    for hours, factor in ((24, "1.21"), (48, "1.42"), (96, "1.84")):
        assert f"{1 + 0.0087 * hours:.2f}" == factor
        assert factor in MODEL.readings[0]


def test_the_printed_spread_and_correlation_are_drawn():
    result = ks.simulate(DAYS, CHILD, n=20_000, model=MODEL.name, seed=3, times=[1.0], force=True)
    logs = [np.log(result[f"p_{name}"].to_numpy()) for name in ("CL", "CLn_F")]
    assert np.corrcoef(*logs)[0, 1] == pytest.approx(0.506, abs=0.02)
    for values, cv in zip(logs, (0.402, 1.04), strict=True):
        assert values.std() == pytest.approx(np.sqrt(np.log1p(cv**2)), rel=0.03)


def test_a_bolus_is_that_of_the_matrix_exponential():
    times = np.array([0.02, 0.2, 1.0, 5.0])
    result = ks.simulate("esketamine 1 mg/kg iv bolus once", CHILD, model=MODEL.name, times=times)
    v1, v2, vn = (v * 0.1 for v in (7.73, 545.0, 1.0))
    cl, q, cln = (c * 0.1**0.75 for c in (112.0, 196.0, 53.2))
    rates = np.array([[-(cl + q) / v1, q / v2, 0], [q / v1, -q / v2, 0], [cl / v1, 0, -cln / vn]])
    states = np.array([expm(rates * t)[:, 0] * 7 for t in times])
    assert result["esketamine"].to_numpy()[0] == pytest.approx(1000 * states[:, 0] / v1, rel=1e-8)
    assert result["esnorketamine"].to_numpy()[0] == pytest.approx(
        1000 * states[:, 2] / vn, rel=1e-8
    )


def test_pinned():
    result = ks.simulate("esketamine 1 mg/kg iv bolus once", CHILD, model=MODEL.name, times=[0.5])
    assert float(result["esketamine"].squeeze()) == pytest.approx(46.37013, rel=1e-6)
    assert float(result["esnorketamine"].squeeze()) == pytest.approx(97.8605, rel=1e-6)


def test_the_defect_after_a_bolus_is_as_stated():
    """A child of Weber 2004: 2 mg/kg, S-ketamine 1,860 ng/mL at 3 min, metabolite 429 at 40 min."""
    child = ks.Patient(age=4, weight=18)
    result = ks.simulate(
        "esketamine 2 mg/kg iv bolus once", child, model=MODEL.name, times=np.arange(0, 121) / 3600
    )
    assert float(result["esketamine"].max()) == pytest.approx(18.1e3, rel=0.01)
    assert float(result["esnorketamine"].max()) == pytest.approx(16e3, rel=0.05)
    assert "18 mg/L" in MODEL.defects[0]
    assert "16 mg/L within 2 min" in MODEL.defects[0]
    assert {("esketamine", "cmax"), ("esnorketamine", "cmax")} <= set(MODEL.flags)
