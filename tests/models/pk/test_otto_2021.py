"""Otto 2021: areas from clearances, effects of weight, correlations, and one pinned curve."""

import numpy as np
import pytest

import ketascope as ks

TIMES = np.concatenate([np.arange(0, 4, 0.004), np.arange(4, 300, 0.05)])
REGIMEN = "esketamine 10 mg iv over 30 min once"


@pytest.mark.parametrize(("analyte", "clearance"), [("esketamine", 95.2), ("esnorketamine", 57.72)])
@pytest.mark.parametrize("weight", [50.0, 70.0, 110.0])
def test_the_area_is_the_dose_over_the_clearance(analyte, clearance, weight):
    result = ks.simulate(REGIMEN, ks.Patient(weight=weight), model="otto_2021", times=TIMES)
    area = np.trapezoid(result[analyte].to_numpy()[0], TIMES)
    assert area == pytest.approx(10e3 / (clearance * (weight / 70) ** 0.75), rel=1e-3)


def test_the_printed_covariances_are_drawn():
    result = ks.simulate(
        REGIMEN, ks.Patient(weight=70), n=20_000, model="otto_2021", times=[1.0], seed=4
    )
    log = {name: np.log(result[f"p_{name}"].to_numpy()) for name in ("V1", "CL", "Vn", "CLn")}
    assert np.cov(log["V1"], log["CL"]) == pytest.approx(
        np.array([[0.084177, 0.02261], [0.02261, 0.026048]]), rel=0.06
    )
    assert np.cov(log["Vn"], log["CLn"]) == pytest.approx(
        np.array([[0.040426, 0.04456], [0.04456, 0.10319]]), rel=0.06
    )
    assert abs(np.corrcoef(log["V1"], log["Vn"])[0, 1]) < 0.03


def test_pinned():
    """Values of the same equations written out by hand and integrated with SciPy's DOP853."""
    result = ks.simulate(REGIMEN, model="otto_2021", times=[0.5, 1.0, 8.0])
    assert result["esketamine"].to_numpy()[0] == pytest.approx(
        [49.8659175, 26.9787721, 2.1665575], rel=1e-7
    )
    assert result["esnorketamine"].to_numpy()[0] == pytest.approx(
        [11.4897373, 20.4624489, 7.2654509], rel=1e-7
    )
