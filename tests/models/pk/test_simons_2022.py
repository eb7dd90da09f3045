"""Simons 2022: the share of a film that reaches plasma, mass balance, and one pinned curve."""

import numpy as np
import pytest

import ketascope as ks
from ketascope.evidence.substances import molar_mass
from ketascope.models import get

MODEL = get("simons_2022")
TIMES = np.concatenate([np.arange(0, 6, 0.004), np.arange(6, 200, 0.05)])


def area(regimen, analyte):
    result = ks.simulate(regimen, model="simons_2022", times=TIMES)
    return np.trapezoid(result[analyte].to_numpy()[0], TIMES)


def test_the_printed_bioavailability_of_the_film():
    """26.3 % of a film reaches plasma as S-ketamine, against the same dose IV."""
    ratio = area("esketamine 50 mg sublingual film once", "esketamine") / area(
        "esketamine 50 mg iv over 20 min once", "esketamine"
    )
    assert ratio == pytest.approx(0.263, rel=1e-3)


def test_the_metabolite_area_keeps_moles():
    """AUC of S-norketamine = dose fm / CLN1, with moles kept, whatever the chains between."""
    moles = 20e3 / molar_mass("esketamine")
    expected = 0.8 * moles / 60.0 * molar_mass("esnorketamine")
    found = area("esketamine 20 mg iv over 20 min once", "esnorketamine")
    assert found == pytest.approx(expected, rel=1e-3)


def test_sublingual_and_buccal_are_pooled_as_in_the_paper():
    under, cheek = (
        ks.simulate(f"esketamine 50 mg {place} film once", times=[0.5, 1.0])
        for place in ("sublingual", "buccal")
    )
    assert np.array_equal(under["esketamine"], cheek["esketamine"])


def test_occasions_differ_within_a_person():
    result = ks.simulate("esketamine 50 mg sublingual film daily for 3 days", 4, times=[1.0, 25.0])
    assert result["p_KA1"].dims == ("occasion", "subject")
    assert result["p_KA1"].shape == (3, 4)
    assert np.ptp(result["p_KA1"].to_numpy(), axis=0).min() > 0
    assert result["p_VK1"].dims == ("subject",)


def test_pinned():
    """Values of the same equations written out by hand, by integration and to 40 digits."""
    result = ks.simulate("esketamine 50 mg sublingual film once", times=[0.25, 1.0, 4.0])
    expected = [
        [83.8441661, 45.2759415, 7.9918645],
        [10.7604325, 250.5761352, 72.8412213],
        [1.6146505, 87.2794062, 67.1068885],
    ]
    for analyte, curve in zip(MODEL.analytes, expected, strict=True):
        assert result[analyte].to_numpy()[0] == pytest.approx(curve, rel=1e-7)
