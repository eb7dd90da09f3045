"""Models on a borrowed disposition: the calibration is repeated, and the numbers are carried."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.linalg import expm

import ketascope as ks
from ketascope.evidence.published import published
from ketascope.models import get, library
from ketascope.models.borrowed import LOUD, Borrowed
from ketascope.models.choose import choose, model_warnings

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = runpy.run_path(str(ROOT / "calibration" / "absorption.py"))
STORED = yaml.safe_load((ROOT / "calibration/results/absorption.yaml").read_text(encoding="utf-8"))
BORROWED = [model for model in library().values() if isinstance(model, Borrowed)]
CARRIED = {
    # fit: where its parameters are carried, by the name they have there
    "intramuscular": [("ketamine_im_calibrated", {"ka": "ka"})],
    "oral": [("ketamine_oral_calibrated", {"F": "F", "ka": "ka"})],
    "prolonged release": [("ketamine_oral_calibrated", {"F": "Fer", "D": "Der"})],
    "sublingual": [("ketamine_sublingual_calibrated", {"F": "F", "ka": "ka"})],
    "nasal": [
        ("ketamine_nasal_calibrated", {"F": "F", "ka": "ka"}),
        ("ketamine_nasal_children_calibrated", {"F": "F", "ka": "ka"}),
    ],
    "rectal": [("ketamine_rectal_calibrated", {"F": "F", "ka": "ka"})],
}
PEAKS = [
    # regimen, age, weight, pinned peak (ng/mL) and its time (min)
    ("ketamine_im_calibrated", "ketamine 0.5 mg/kg im once", 45, 70, 130.1826, 27.9),
    ("ketamine_oral_calibrated", "ketamine 0.5 mg/kg oral once", 45, 70, 26.49484, 43.0),
    ("ketamine_sublingual_calibrated", "ketamine 25 mg sublingual once", 45, 70, 28.02563, 40.4),
    ("ketamine_nasal_calibrated", "ketamine 30 mg intranasal once", 45, 70, 58.3739, 26.4),
    (
        "ketamine_nasal_children_calibrated",
        "ketamine 0.5 mg/kg intranasal once",
        5,
        20,
        87.63826,
        12.7,
    ),
    ("ketamine_rectal_calibrated", "ketamine 9 mg/kg rectal once", 5, 20, 537.594, 38.9),
]


@pytest.mark.parametrize("name", STORED)
def test_the_calibration_gives_what_is_kept_and_carried(name):
    fit = SCRIPT["FITS"][name]
    found = SCRIPT["run"](fit, intervals=name == "sublingual")
    kept = STORED[name]
    for key in ("values", "standard_errors", "intervals_95" if name == "sublingual" else "fixed"):
        for parameter, value in found[key].items():
            assert value == pytest.approx(kept[key][parameter], rel=2e-3), (key, parameter)
    if name == "prolonged release":
        assert fit.fixed["ka"] == STORED["oral"]["values"]["ka"]
    for model, names in CARRIED[name]:
        for fitted, carried in names.items():
            parameter = get(model).parameter(carried)
            assert parameter.status == "calibrated"
            assert parameter.value == kept["values"][fitted]
            assert parameter.se == pytest.approx(kept["standard_errors"][fitted], rel=5e-3)


def test_every_fit_is_kept_and_every_calibrated_number_comes_from_one():
    assert set(SCRIPT["FITS"]) == set(STORED) == set(CARRIED)
    carried = {(m, n) for ways in CARRIED.values() for m, names in ways for n in names.values()}
    calibrated = {
        (model.name, p.name)
        for model in library().values()
        for p in model.parameters
        if p.status == "calibrated"
    }
    assert carried == calibrated


def test_the_joint_uncertainty_is_that_of_the_fit():
    for name, ways in CARRIED.items():
        for model, names in ways:
            joint = get(model).joint
            if len(names) < 2:
                continue
            at = [joint.names.index(n) for n in names.values()]
            part = np.array(joint.matrix)[np.ix_(at, at)]
            kept = np.array(STORED[name]["covariance_of_logarithms"])
            assert part == pytest.approx(kept, rel=5e-3)


def test_drops_and_spray_fitted_apart_lie_outside_the_common_interval_as_the_pages_say():
    fit = SCRIPT["FITS"]["nasal"]
    drops, spray = (
        SCRIPT["run"](replace(fit, arms=arms), intervals=False)["values"]
        for arms in (fit.arms[:2], fit.arms[2:3])
    )
    low, high = STORED["nasal"]["intervals_95"]["ka"]
    assert drops["ka"] < low < high < spray["ka"]
    said = (
        f"drops give a bioavailability of {drops['F']:.2f} and {drops['ka']:.1f} 1/h, the spray "
        f"{spray['F']:.2f} and {spray['ka']:.1f} 1/h"
    )
    for name, _ in CARRIED["nasal"]:
        assert said in get(name).defects[-1]


def test_no_point_is_both_fitted_and_checked():
    values = [v for v in published() if v.effect is None]
    fitted = {
        (v.source, v.conditions.regimen, v.conditions.beside, v.analyte, v.quantity)
        for v in values
        if v.used_for == "fit"
    }
    checked = {
        (v.source, v.conditions.regimen, v.conditions.beside, v.analyte, v.quantity)
        for v in values
        if v.used_for == "check"
    }
    assert not fitted & checked
    used = {point for fit in STORED.values() for point in fit["points"]}
    assert used == {v.id for v in values if v.id.startswith("absorption.")}


@pytest.mark.parametrize("model", BORROWED, ids=lambda m: m.name)
def test_it_says_loudly_what_it_is(model):
    assert "calibrated" in model.title
    assert model.readings[0] == LOUD
    assert model.name.endswith("_calibrated")
    people = pd.DataFrame({"age": [5.0 if model.people.children else 45.0], "weight": [20.0]})
    told = model_warnings(model, people, random=False)[0]
    assert told.startswith(f"{model.name}: a calibration of this project, not a published model")
    lender = model.disposition
    assert {p.name for p in lender.parameters} < {p.name for p in model.parameters}
    for parameter in lender.parameters:
        assert model.parameter(parameter.name) is parameter


@pytest.mark.parametrize(("name", "regimen", "age", "weight", "peak", "minutes"), PEAKS)
def test_peaks_by_the_engine_and_by_the_script(name, regimen, age, weight, peak, minutes):
    """The script sums exponentials, the engine multiplies matrices: they agree, and are pinned."""
    model = get(name)
    patient = {"age": age, "weight": weight}
    way = {"F": model.parameter("F").value, "ka": model.parameter("ka").value}
    dose = SCRIPT["dose_of"](regimen, float(weight))
    curve = SCRIPT["Curve"](model.disposition.name, way, dose, patient)
    time, height = curve.peak()
    assert (height, time * 60) == (pytest.approx(peak, rel=1e-5), pytest.approx(minutes, abs=0.1))
    times = np.array([0.1, time, 1.0, 3.0])
    result = ks.simulate(
        regimen, ks.Patient.of(patient), model=name, typical=True, times=times, force=True
    )
    assert result["ketamine"].to_numpy()[0] == pytest.approx(curve(times), rel=1e-9)


def test_the_prolonged_release_tablet_by_the_matrix_exponential():
    """A third solution: steady release into the gut, with the release as a state."""
    k10, k12, k21 = 0.0109 * 60, 0.0186 * 60, 0.0137 * 60
    share, hours, dose, ka = 0.1262, 5.849, 40.0, 1.543
    rates = np.array(
        [
            [-(k10 + k12), k21, ka, 0.0],
            [k12, -k21, 0.0, 0.0],
            [0.0, 0.0, -ka, share * dose / hours],
            [0.0, 0.0, 0.0, 0.0],
        ]
    )
    end = expm(rates * hours) @ [0.0, 0.0, 0.0, 1.0]
    later = expm(rates[:3, :3] * 2.0) @ end[:3]
    result = ks.simulate(
        "ketamine 40 mg oral extended-release tablet once", typical=True, times=[hours, hours + 2.0]
    )
    assert result.attrs["model"] == "ketamine_oral_calibrated"
    found = result["ketamine"].to_numpy()[0]
    assert found == pytest.approx(np.array([end[0], later[0]]) * 1000 / (1.7522 * 70), rel=1e-9)
    assert found[0] == pytest.approx(8.08681, rel=1e-5)


def test_the_form_decides_how_it_is_absorbed():
    fast, slow = (
        ks.simulate(f"ketamine 40 mg oral {form} once", typical=True)
        for form in ("solution", "extended-release tablet")
    )
    assert float(fast["ketamine"].max()) > 3 * float(slow["ketamine"].max())


@pytest.mark.parametrize(
    ("regimen", "source", "quantity"),
    [
        ("ketamine 1 mg/kg im once", "hirlinger_1984", "cmax"),
        ("ketamine 0.5 mg/kg oral once", "grant_1981", "cmax"),
        ("ketamine 25 mg sublingual wafer once", "rolan_2014", "tmax"),
        ("ketamine 10 mg oral extended-release tablet once", "hasan_meeting", "cmax"),
        ("ketamine 80 mg oral extended-release tablet once", "hasan_meeting", "cmax"),
    ],
)
def test_figures_that_were_kept_back_are_within_twofold(regimen, source, quantity):
    (value,) = (
        v
        for v in published()
        if (v.source, v.conditions.regimen, v.quantity) == (source, regimen, quantity)
        and v.used_for == "check"
        and v.analyte == "ketamine"
    )
    times = np.arange(0, 12, 1 / 120)
    curve = ks.simulate(regimen, typical=True, times=times)["ketamine"].to_numpy()[0]
    said = curve.max() if quantity == "cmax" else times[curve.argmax()]
    seen = value.to("ng/mL" if quantity == "cmax" else "h")
    assert 0.5 < said / seen < 2.0


@pytest.mark.parametrize("model", BORROWED, ids=lambda m: m.name)
def test_iv_doses_are_those_of_the_lender_who_answers_for_them(model):
    patient = ks.Patient.of(get(model.name).reference or {"age": 45, "weight": 70})
    mine, theirs = (
        ks.simulate("ketamine 10 mg iv over 10 min once", patient, model=name, typical=True,
                    times=[0.1, 0.5, 2.0])
        for name in (model.name, model.disposition.name)
    )  # fmt: skip
    assert mine["ketamine"].to_numpy() == pytest.approx(theirs["ketamine"].to_numpy(), rel=1e-12)
    ages = (5.0,) if model.people.children else ()
    choice = choose("ketamine", ["intravenous"], ages=ages)
    assert model not in (choice.model, *choice.alternatives)


def test_a_course_of_two_routes_has_a_model():
    choice = choose("ketamine", ["intravenous", "oral"])
    assert choice.model.name == "ketamine_oral_calibrated"


@pytest.mark.parametrize(
    ("dose", "medians"), [(0.25, [167, 92, 82.5, 46]), (0.5, [238, 189, 135, 118])]
)
def test_the_lender_is_near_the_iv_levels_of_those_who_gave_it_im(dose, medians):
    result = ks.simulate(
        f"ketamine {dose} mg/kg iv bolus once",
        model="clements_1981",
        typical=True,
        times=[5 / 60, 10 / 60, 0.25, 0.5],
    )
    assert result["ketamine"].to_numpy()[0] == pytest.approx(np.array(medians), rel=0.5)
