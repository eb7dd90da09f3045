"""The example of ticlopidine: an independent solution, and the paper's own claims."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

import ketascope as ks
from ketascope.evidence.published import published
from ketascope.models import get
from ketascope.models.interactions import effect
from ketascope.models.load import load_model

FILE = "examples/models/ashraf_2018_ticlopidine.py"
WEIGHT, LAST, KETAMINE = 62.0, 132.0, 133.0
AFTER = np.array([0.1, 0.2, 0.33, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24])


def table(taken):
    """250 mg twice daily for 6 days if it is taken, then 0.2 mg/kg of S-ketamine after 1 h."""
    doses = [(t, 1, 250.0, 7, 250.0) for t in np.arange(0.0, LAST + 1, 12.0)] if taken else []
    rows = [*doses, (KETAMINE, 1, 0.2 * WEIGHT, 1, 0.0)]
    rows += [(KETAMINE + t, 0, 0.0, 1, 0.0) for t in AFTER]
    rows += [(LAST + 24.0 * day, 0, 0.0, 1, 0.0) for day in (3, 4, 5, 6)] if taken else []
    frame = pd.DataFrame(sorted(rows), columns=["TIME", "EVID", "AMT", "CMT", "TIC"])
    return frame.assign(ID=1, WT=WEIGHT)


@pytest.fixture(scope="module")
def beside():
    return ks.simulate_data(load_model(FILE), table(True), typical=True)


@pytest.fixture(scope="module")
def alone():
    return ks.simulate_data(load_model(FILE), table(False), typical=True)


def samples(frame, name):
    picked = frame[frame["TIME"].isin(KETAMINE + AFTER)]
    return picked[name].to_numpy()


def equations(t, y):
    """The equations of supplement S2 by way of nlmixr2lib, written out once more with numbers."""
    flow = 3.75 * WEIGHT**0.75
    villi, portal, artery = 0.192 * flow, 0.75 * flow, 0.25 * flow
    gut, c, s, d, nk, nkd, dep, t1, t2, t3, t4, wall, pv, liver, tic, ticd = y
    dose = 250.0 if t <= LAST else 0.0
    unbound = 0.02 * (pv + 3.3 * dose / flow)
    a = 1 / (1 + unbound / 0.031)
    b = 0.017 / (0.017 + 18 * unbound / (0.57 + unbound))
    clint = 301 * (a * b * 0.63 + 0.37)
    q_gut = villi * 4.1 / (villi + 4.1)
    f_gut, e_liver = q_gut / (q_gut + 1.19), 1.4 * clint / (flow + 1.4 * clint)
    into = 1.76 * gut
    a_liver = artery / 14.4 * c + (f_gut * into + portal / 14.4 * c)
    f_nk = flow / (flow + 36.75)
    nk_liver = (
        artery / 88.4 * nk + (1 - f_gut) * into * villi / (villi + 44.4) + portal / 88.4 * nk
        + e_liver * a_liver
    )  # fmt: skip
    f_tic = flow / (flow + 0.02 * 1505)
    one, two = 287 * (c / 14.4 - s / 102), 22.4 * (c / 14.4 - d / 180)
    three, four = 19.9 * (nk / 88.4 - nkd / 88.9), 26.3 * (tic / 50.3 - ticd / 191)
    return [
        -into, (1 - e_liver) * a_liver - flow / 14.4 * c - one - two, one, two,
        f_nk * nk_liver - flow / 88.4 * nk - three, three,
        -3.3 * dep, 3.3 * (dep - t1), 3.3 * (t1 - t2), 3.3 * (t2 - t3), 3.3 * (t3 - t4),
        3.3 * t4 - villi * wall, villi * wall + portal * (tic / 50.3 - pv),
        portal * pv + artery / 50.3 * tic - flow * liver,
        f_tic * flow * liver - flow / 50.3 * tic - four, four,
    ]  # fmt: skip


def integrated():
    y, start = np.zeros(16), 0.0
    how = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-12, "max_step": 1.0}
    for when in [*np.arange(0.0, LAST + 1, 12.0), KETAMINE]:
        if when > start:
            y = solve_ivp(equations, (start, when), y, **how).y[:, -1]
        start = when
        y[6] += 250.0 if when <= LAST else 0.0
        y[0] += 0.2 * WEIGHT if when == KETAMINE else 0.0
    end = KETAMINE + AFTER[-1]
    return solve_ivp(equations, (KETAMINE, end), y, t_eval=KETAMINE + AFTER, **how).y


def test_an_independent_solution(beside):
    y = integrated()
    for name, row, volume in (("SK", 1, 14.4), ("NK", 4, 88.4), ("TICLOPIDINE", 14, 50.3)):
        assert samples(beside, name) == pytest.approx(1000 * y[row] / volume, rel=1e-5)


def test_alone_it_is_the_model_of_the_library(alone):
    """Without ticlopidine the interaction is nothing, so the exact solution of flows holds."""
    exact = ks.simulate(
        "esketamine 0.2 mg/kg oral solution once", ks.Patient.of({"age": 24, "weight": WEIGHT}),
        typical=True, model="ashraf_2018", times=[0.0, *AFTER],
    )  # fmt: skip
    assert samples(alone, "SK") == pytest.approx(exact["esketamine"].to_numpy()[0, 1:], rel=1e-5)
    assert samples(alone, "NK") == pytest.approx(exact["esnorketamine"].to_numpy()[0, 1:], rel=1e-5)
    assert alone["CYP2B6"].to_numpy() == pytest.approx(100.0)


def test_the_claims_of_the_paper(beside):
    """CYP2B6 all but gone, intrinsic clearance 304 to 113 L/h, recovery in 4 to 5 days."""
    at = beside[beside["TIME"] == KETAMINE].iloc[-1]
    assert at["CYP2B6"] < 1.0
    assert at["CLINT"] == pytest.approx(113, rel=0.03)
    left = beside.set_index("TIME")["CYP2B6"]
    assert left[LAST + 72.0] < 90.0
    assert left[LAST + 120.0] > 95.0


def test_the_ratio_of_areas_beside_the_observed_one(beside, alone):
    """Observed 2.4 to infinity, and 54 over 21 in 24 h; the sampling here is that of 24 h."""
    areas = [
        np.trapezoid(np.concatenate([[0.0], samples(f, "SK")]), np.concatenate([[0.0], AFTER]))
        for f in (beside, alone)
    ]
    printed = {v.id: v.value for v in published() if v.source == "ashraf_2018"}
    with_it = printed["ashraf_2018.oral_with_ticlopidine_measured.esketamine.auc"]
    without = printed["ashraf_2018.oral_measured.esketamine.auc"]
    assert areas[0] == pytest.approx(with_it, rel=0.06)
    assert areas[1] == pytest.approx(without, rel=0.06)
    assert areas[0] / areas[1] == pytest.approx(with_it / without, rel=0.06)
    assert 1.0 < areas[0] / areas[1] / 2.4 < 1.15


def test_the_multiplier_of_the_library_is_what_is_left_while_it_is_taken(beside):
    told = effect(get("ashraf_2018"), "ticlopidine", ["oral"])
    at = beside[beside["TIME"] == KETAMINE].iloc[-1]
    assert told.multiply["CLint_H"] == pytest.approx(at["CLINT"] / 301, abs=0.005)
