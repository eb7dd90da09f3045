"""The models of examples/models, each against an independent solution of its own equations."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import lambertw

import ketascope as ks
from ketascope.models.load import load_model
from ketascope.models.structure import Covariates, Individual, internal

TIMES = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 48.0])


def values(model, **changed):
    return Individual({p.name: internal(p) for p in model.parameters}).replace(**changed)


def events(amount, compartment, **columns):
    """One dose at time 0, then samples."""
    times = np.concatenate([[0.0], TIMES])
    first = np.arange(len(times)) == 0
    return {
        "ID": np.ones(len(times)),
        "TIME": times,
        "EVID": first.astype(int),
        "AMT": np.where(first, amount, 0.0),
        "CMT": np.full(len(times), compartment),
        **{name: np.full(len(times), value) for name, value in columns.items()},
    }


def integrate(right, start, times=TIMES):
    solution = solve_ivp(right, (0.0, times[-1]), start, "LSODA", times, rtol=1e-11, atol=1e-11)
    return solution.y


def test_indirect_response():
    """Against the four equations integrated as a whole."""
    model = load_model("examples/models/indirect_response.py")
    p = values(model)

    def right(t, y):
        depot, central, peripheral, r = y
        c = 1000.0 * central / p.V2
        there = p.Q / p.V2 * central - p.Q / p.V3 * peripheral
        return [
            -p.KA * depot,
            p.KA * depot - p.CL / p.V2 * central - there,
            there,
            p.KIN * (1.0 - p.IMAX * c / (p.IC50 + c)) - p.KOUT * r,
        ]

    _, central, _, r = integrate(right, [100.0, 0.0, 0.0, p.KIN / p.KOUT])
    found = ks.simulate_data(model, events(100.0, 1), typical=True).iloc[1:]
    assert found["CP"].to_numpy() == pytest.approx(1000.0 * central / p.V2, rel=1e-7, abs=1e-6)
    assert found["R"].to_numpy() == pytest.approx(r, rel=1e-6)
    assert found["R"].iloc[0] == pytest.approx(40.0)
    assert found["R"].min() < 20.0


@pytest.mark.parametrize(("age", "lbm"), [(40.0, 55.0), (80.0, 45.0), (20.0, 70.0)])
def test_minto(age, lbm):
    """An infusion of 10 minutes, by rate constants written from the paper's equations in min."""
    v1 = 5.1 - 0.0201 * (age - 40) + 0.072 * (lbm - 55)
    v2 = 9.82 - 0.0811 * (age - 40) + 0.108 * (lbm - 55)
    v3 = 5.42
    cl = 2.6 - 0.0162 * (age - 40) + 0.0191 * (lbm - 55)
    q2, q3 = 2.05 - 0.0301 * (age - 40), 0.076 - 0.00113 * (age - 40)
    ke0, ec50 = 0.595 - 0.007 * (age - 40), 13.1 - 0.148 * (age - 40)
    minutes = np.array([0.0, 1.0, 2.0, 5.0, 10.0, 12.0, 15.0, 20.0, 40.0, 90.0])
    rate = 0.14 * 2.0

    def right(t, y):
        c1, c2, c3, site = y
        given = rate if t < 10.0 else 0.0
        return [
            (given - cl * c1 - q2 * (c1 - c2) - q3 * (c1 - c3)) / v1,
            q2 * (c1 - c2) / v2,
            q3 * (c1 - c3) / v3,
            ke0 * (c1 - site),
        ]

    during = integrate(right, np.zeros(4), minutes[:5])
    after = integrate(lambda t, y: right(t + 10.0, y), during[:, -1], minutes[4:] - 10.0)
    expected = 1000.0 * np.concatenate([during, after[:, 1:]], axis=1)
    table = events(10.0 * rate, 1, AGE=age, LBM=lbm)
    table["TIME"] = np.concatenate([[0.0], minutes]) / 60.0
    table["RATE"] = np.where(table["EVID"] == 1, 60.0 * rate, 0.0)
    model = load_model("examples/models/minto_1997.py")
    found = ks.simulate_data(model, table, typical=True).iloc[1:]
    assert found["CP"].to_numpy() == pytest.approx(expected[0], rel=1e-7, abs=1e-7)
    ratio = (np.maximum(expected[3], 0.0) / ec50) ** 2.44
    edge = 20.0 - 14.5 * ratio / (1.0 + ratio)
    assert found["SEF"].to_numpy() == pytest.approx(edge, rel=1e-7)
    assert found["SEF"].min() < 10.0


def test_minto_agrees_with_the_abstract():
    """V1 and clearance fall by approximately 25 % and 33 % from 20 to 85 years, EC50 and ke0 by
    approximately half."""
    model = load_model("examples/models/minto_1997.py")
    age = np.array([20.0, 85.0])
    unknown = np.full(2, np.nan)
    who = Covariates(*[unknown] * 5, more={"AGE": age, "LBM": np.full(2, 55.0)})
    p = model.individual(values(model), who)
    for name, fall, within in (("V1", 25, 3), ("CL", 33, 4), ("EC50", 50, 13), ("ke0", 50, 13)):
        assert 100 * (1 - p[name][1] / p[name][0]) == pytest.approx(fall, abs=within), name


def test_the_spread_of_minto_multiplies_the_typical_value_of_each_person():
    model = load_model("examples/models/minto_1997.py")
    who = Covariates(*[np.nan] * 5, more={"AGE": 80.0, "LBM": 45.0})
    twice = model.individual(values(model, CL=2 * 60 * 2.6), who)
    assert twice.CL == pytest.approx(2 * model.individual(values(model), who).CL)


def test_lean_body_mass():
    import sys

    model = load_model("examples/models/minto_1997.py")
    formula = sys.modules[type(model).__module__].lean_body_mass
    found = formula(np.array([70.0, 70.0]), np.array([170.0, 170.0]), np.array([True, False]))
    assert found == pytest.approx([55.297, 49.806], abs=2e-3)


def test_saturable_elimination_after_a_bolus():
    """The closed form of Michaelis-Menten elimination, with Lambert's W."""
    model = load_model("examples/models/saturable_elimination.py")
    p = values(model)
    found = ks.simulate_data(model, events(900.0, 2), typical=True).iloc[1:]
    first = 1000.0 * 900.0 / p.V
    lost = 1000.0 * p.VMAX * TIMES / p.V
    expected = p.KM * lambertw(first / p.KM * np.exp((first - lost) / p.KM)).real
    assert found["CP"].to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-4)


def test_saturable_elimination_by_mouth():
    model = load_model("examples/models/saturable_elimination.py")
    p = values(model)

    def right(t, y):
        c = 1000.0 * y[1] / p.V
        return [-p.KA * y[0], p.KA * y[0] - p.VMAX * c / (p.KM + c)]

    found = ks.simulate_data(model, events(600.0, 1), typical=True).iloc[1:]
    expected = 1000.0 * integrate(right, [600.0, 0.0])[1] / p.V
    assert found["CP"].to_numpy() == pytest.approx(expected, rel=1e-5, abs=1e-3)
