"""Hijazi 2003: the constants of programs against the abstract, solved apart, and pinned."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketascope as ks
from ketascope.evidence.published import published
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


def test_the_steady_state_of_others_in_intensive_care_is_twice_that_of_this_model():
    """The defect that the page tells, by closed form: rate over clearance, 1.2 mg/kg/h."""
    koppel = next(
        v for v in published() if v.id == "intensive_care.koppel_1990.ketamine.concentration.72h"
    )
    other = get("clements_1981")
    here, healthy = (
        1.2 / (60 * m.parameter("V1").value * m.parameter("k10").value) for m in (MODEL, other)
    )
    assert (here, healthy) == (pytest.approx(0.556, abs=0.001), pytest.approx(1.047, abs=0.001))
    assert koppel.to("mg/L") / here == pytest.approx(2.16, abs=0.01)
    assert "0.56 mg/L" in MODEL.defects[1]
    assert "1.05 mg/L" in MODEL.defects[1]
