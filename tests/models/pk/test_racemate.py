"""The three typical-value models of the IV racemate: clearance, volume, half-life, pinned peak."""

import numpy as np
import pytest

import ketascope as ks

REGIMEN = "ketamine 0.5 mg/kg iv over 40 min once"
DERIVED = {
    # model: clearance L/h and steady-state volume L at 70 kg, from the printed constants
    "clements_1981": (1.7522 * 0.0109 * 60 * 70, 1.7522 * (1 + 0.0186 / 0.0137) * 70),
    "domino_1984": (
        0.063 * 0.4381 * 60 * 70,
        0.063 * (1 + 0.5921 / 0.247 + 0.59 / 0.0146) * 70,
    ),
    "kamp_2020": (84.0, 25.0 + 56.0 + 157.0),
}


@pytest.mark.parametrize("name", DERIVED)
def test_area_and_mean_residence_give_clearance_and_volume(name):
    times = np.concatenate([np.arange(0, 4, 0.004), np.arange(4, 200, 0.05)])
    result = ks.simulate(REGIMEN, model=name, times=times)
    curve = result["ketamine"].to_numpy()[0]
    area = np.trapezoid(curve, times)
    residence = np.trapezoid(curve * times, times) / area - 20 / 60
    clearance = 1000 * 35 / area
    assert clearance == pytest.approx(DERIVED[name][0], rel=1e-3)
    assert clearance * residence == pytest.approx(DERIVED[name][1], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "peak"), [("clements_1981", 177.313), ("domino_1984", 240.331), ("kamp_2020", 253.052)]
)
def test_pinned_peak_of_the_antidepressant_infusion(name, peak):
    result = ks.simulate(REGIMEN, model=name, times=[40 / 60])
    assert float(result["ketamine"].squeeze()) == pytest.approx(peak, rel=1e-5)


@pytest.mark.parametrize("name", DERIVED)
@pytest.mark.parametrize("weight", [45.0, 120.0])
def test_a_dose_per_kg_gives_everyone_the_same_curve(name, weight):
    """All three scale with weight in proportion, so weight and a dose per kg cancel."""
    mine, usual = (
        ks.simulate(REGIMEN, ks.Patient(weight=w), model=name, times=[0.3, 1.0, 5.0])
        for w in (weight, 70.0)
    )
    assert mine["ketamine"].to_numpy() == pytest.approx(usual["ketamine"].to_numpy(), rel=1e-12)


def test_they_say_that_they_are_typical_values_only():
    for name in DERIVED:
        result = ks.simulate(REGIMEN, 5, model=name, times=[1.0])
        assert result.attrs["model_status"] == "typical values only"
        assert result.attrs["variability"] == "covariates only"
