"""Typical people against the numbers their own publications print (reproductions, not checks)."""

import numpy as np
import pytest

import ketascope as ks
from ketascope.engine.summary import area
from ketascope.evidence.published import published
from ketascope.units import convert

TABLE_4 = [v for v in published() if v.source == "perez_ruixo_2021" and v.place.where == "Table 4"]
FILM = [v for v in published() if v.source == "simons_2022" and v.place.where == "Table 2"]
OTTO = [v for v in published() if v.source == "otto_2021" and v.quantity == "concentration"]


def simulated(value, times):
    patient = ks.Patient.of(value.conditions.patient)
    result = ks.simulate(
        value.conditions.regimen, patient, typical=True, model=value.model, times=times
    )
    return result[value.analyte].to_numpy()[0]


def auc(value, times, unit):
    start, end = value.conditions.window
    keep = (times >= start) & (times <= end)
    curve = simulated(value, times)[keep]
    return convert(float(area(times[keep], curve[None])[0]), "ng*h/mL", unit)


def test_all_of_table_4_is_here():
    assert len(TABLE_4) == 6 * 3 * 4


@pytest.mark.parametrize("value", [v for v in TABLE_4 if v.quantity == "cmax"], ids=lambda v: v.id)
def test_nasal_peaks_within_one_per_cent(value):
    peak = simulated(value, np.arange(0, 24.001, 0.01)).max()
    assert peak == pytest.approx(value.value, rel=0.01)


@pytest.mark.parametrize(
    "value",
    [v for v in TABLE_4 if v.quantity == "auc" and v.analyte == "esketamine"],
    ids=lambda v: v.id,
)
def test_nasal_areas_within_one_per_cent(value):
    assert auc(value, np.arange(0, 24.001, 0.01), value.unit) == pytest.approx(
        value.value, rel=0.01
    )


@pytest.mark.parametrize(
    "value",
    [v for v in TABLE_4 if v.quantity == "auc" and v.analyte == "esnorketamine"],
    ids=lambda v: v.id,
)
def test_the_noresketamine_area_keeps_the_defect_of_the_printed_parameters(value):
    """The parameters stay as printed: 37 to 56 % above the paper's own table, as its page says."""
    ratio = auc(value, np.arange(0, 24.001, 0.01), value.unit) / value.value
    assert 1.37 <= ratio <= 1.56


@pytest.mark.parametrize("value", [v for v in FILM if v.quantity != "tmax"], ids=lambda v: v.id)
def test_the_film_is_met_as_closely_as_a_linear_model_can(value):
    """Means of people at sampling times against a typical person: within about 20 %.

    The measured exposure rises less than the dose, so 50 mg comes out low and 100 mg high.
    """
    times = np.array([0, 5, 10, 20, 40, 60, 90, 120, 180, 240, 300, 360]) / 60.0
    found = simulated(value, times).max() if value.quantity == "cmax" else auc(
        value, times, value.unit)  # fmt: skip
    assert found == pytest.approx(value.value, rel=0.21)


def test_the_arterial_peak_of_the_infusion_after_a_film():
    result = ks.simulate(
        "esketamine 20 mg iv over 20 min once", ks.Patient.of(weight=73), typical=True,
        model="simons_2022",
    )  # fmt: skip
    peak = float(result["esketamine"].max())
    assert peak == pytest.approx(260, rel=0.05)


@pytest.mark.parametrize("value", OTTO, ids=lambda v: v.id)
def test_otto_medians_read_off_the_figure(value):
    """Figure readings are about 10 % precise, and the S-ketamine part was not fitted to them."""
    times = np.array([0.0, value.conditions.time])
    assert simulated(value, times)[1] == pytest.approx(value.value, rel=0.25)
