"""Hijazi 2003: the constants of programs against the abstract, solved apart, and pinned."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketascope as ks
from ketascope.models import get

MODEL = get("hijazi_2003")
V1, K10, K12, K21 = (MODEL.parameter(name).value for name in ("V1", "k10", "k12", "k21"))


def test_the_constants_give_clearance_half_life_and_volume_of_the_abstract():
    clearance = V1 * K10
    total = K10 + K12 + K21
    slow = (total - np.sqrt(total**2 - 4 * K10 * K21)) / 2
    # 36.0 mL/min/kg (SD 13.3), 4.9 h (SD 1.6) and V-beta 16.0 L/kg (SD 8.6) in 12 patients
    assert 1000 * clearance == pytest.approx(36.0, abs=0.05)
    assert np.log(2) / slow / 60 == pytest.approx(4.9, abs=0.05)
    assert clearance / slow == pytest.approx(16.0, rel=0.05)
    assert clearance / slow == pytest.approx(15.4, abs=0.05)
    assert "15.4 L/kg" in MODEL.readings[0]


@pytest.mark.parametrize("weight", [50.0, 70.0, 110.0])
def test_a_bolus_is_that_of_the_matrix_exponential(weight):
    times = np.array([0.05, 0.5, 5.0, 20.0])
    result = ks.simulate(
        "ketamine 1 mg/kg iv bolus once", ks.Patient(weight=weight), model=MODEL.name, times=times
    )
    rates = 60 * np.array([[-(K10 + K12), K21], [K12, -K21]])
    expected = [1000 / V1 * expm(rates * t)[0, 0] for t in times]
    assert result["ketamine"].to_numpy()[0] == pytest.approx(expected, rel=1e-9)


def test_pinned():
    result = ks.simulate("ketamine 1 mg/kg iv bolus once", model=MODEL.name, times=[1.0])
    assert float(result["ketamine"].squeeze()) == pytest.approx(83.2105118, rel=1e-6)
