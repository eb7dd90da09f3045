"""Perez-Ruixo 2021: what its abstract derives, and one pinned curve."""

import numpy as np
import pytest

import ketascope as ks
from ketascope.models import get

MODEL = get("perez_ruixo_2021")
VALUE = {p.name: p.value for p in MODEL.parameters}


def extraction():
    intrinsic = VALUE["Vh"] * (VALUE["kel"] + VALUE["kmet"])
    return intrinsic / (VALUE["Qh"] + intrinsic)


@pytest.mark.parametrize(("devices", "printed"), [(2, 0.54), (3, 0.51)])
def test_the_bioavailability_of_the_abstract(devices, printed):
    """F = FRn + (1 - FRn) Fgut (1 - E), averaged over the devices of a session."""
    nose = [VALUE["FRn"] * (1 if k == 0 else VALUE["later_device"]) for k in range(devices)]
    share = [f + (1 - f) * VALUE["Fgut"] * (1 - extraction()) for f in nose]
    assert np.mean(share) == pytest.approx(printed, abs=0.005)


def test_the_volume_of_the_abstract():
    assert VALUE["Vc"] + VALUE["Vp1"] + VALUE["Vp2"] == pytest.approx(752)
    assert VALUE["Vcn_F"] + VALUE["Vpn_F"] == pytest.approx(185)


def test_the_clearance_follows_from_the_liver():
    """CL = Qh E is 109 L/h; the abstract prints 114, the label 89: within 5 % of its own paper."""
    assert VALUE["Qh"] * extraction() == pytest.approx(114, rel=0.05)


def test_the_area_after_iv_is_the_dose_over_that_clearance():
    times = np.concatenate([np.arange(0, 2, 0.001), np.arange(2, 400, 0.05)])
    result = ks.simulate(
        "esketamine 28 mg iv over 40 min once", model="perez_ruixo_2021", times=times
    )
    area = np.trapezoid(result["esketamine"].to_numpy()[0], times)
    assert area == pytest.approx(1000 * 28 / (VALUE["Qh"] * extraction()), rel=1e-4)


def test_pinned():
    """Values of the same equations written out by hand and integrated with SciPy's DOP853."""
    nasal = ks.simulate("esketamine 84 mg intranasal once", times=[0.5, 1, 4, 24])
    assert nasal["esketamine"].to_numpy()[0] == pytest.approx(
        [94.9230753, 96.5673124, 24.6845281, 2.0292668], rel=1e-7
    )
    assert nasal["esnorketamine"].to_numpy()[0] == pytest.approx(
        [33.9371048, 132.9576717, 96.7464374, 10.1064272], rel=1e-7
    )
    oral = ks.simulate(
        "esketamine 84 mg oral solution once", model="perez_ruixo_2021", times=[1.0, 2.0]
    )
    assert oral["esketamine"].to_numpy()[0] == pytest.approx([23.1809627, 23.7247711], rel=1e-7)
