"""Data sets with a model written as differential equations, against the same one solved exactly."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from engine.test_data import MODEL, SCENARIOS, Reversible, dosed, people, seen, table
from hypothesis import given, settings
from hypothesis import strategies as st

import ketascope as ks
from ketascope.errors import NotConverged
from ketascope.models.load import load_model
from ketascope.models.responses import Direct, Hazard, Turnover
from ketascope.models.user import UserOdeModel

DEPOT = Path(__file__).parents[2] / "examples/models/one_compartment_depot.py"


class Written(UserOdeModel):
    """The reversible model as equations, with responses."""

    name = "written"
    parameters = Reversible.parameters
    compartments: ClassVar = Reversible.compartments
    covariates = Reversible.covariates
    individual = Reversible.individual
    entries = Reversible.entries
    outputs = Reversible.outputs

    def derivatives(self, t, x, p):
        absorbed, away, back = p.KA * x.depot, p.Q / p.V * x.central, p.Q / p.V2 * x.periphery
        return {
            "depot": -absorbed,
            "central": absorbed - p.CL / p.V * x.central - away + back,
            "periphery": away - back,
        }


ODE = Written()
AMOUNTS = ["A1", "A2", "A3"]


def check(*persons, covariates="backward", rtol=2e-7):
    data = table(*persons)
    found = ks.simulate_data(ODE, data, covariates=covariates)
    exact = ks.simulate_data(MODEL, data, covariates=covariates)[AMOUNTS].to_numpy()
    np.testing.assert_allclose(
        found[AMOUNTS].to_numpy(), exact, rtol=rtol, atol=1e-9 * np.abs(exact).max()
    )
    return found


@pytest.mark.parametrize("covariates", ["backward", "forward", "linear"])
def test_scenarios(covariates):
    found = check(*SCENARIOS.values(), covariates=covariates)
    assert 0.0 < found.attrs["steady_state_error"] < 1e-8


@settings(max_examples=15)
@given(st.lists(people(), min_size=1, max_size=3))
def test_random_tables(persons):
    check(*persons)


@pytest.mark.parametrize("how", [{"block": 1}, {"block": 7, "workers": 2}])
def test_the_blocks_do_not_change_a_bit(how):
    data = table(*SCENARIOS.values())
    whole = ks.simulate_data(ODE, data)["A2"].tolist()
    assert ks.simulate_data(ODE, data, **how)["A2"].tolist() == whole


@pytest.mark.outside_data
def test_nonmem(nonmem_data):
    """NONMEM's answers, printed with five digits."""
    linear = load_model(DEPOT)

    class Equations(UserOdeModel):
        name = "equations"
        parameters = linear.parameters
        compartments = linear.compartments
        covariates = linear.covariates

        def entries(self, p, who):
            return linear.entries(p, who)

        def outputs(self, p):
            return linear.outputs(p)

        def derivatives(self, t, x, p):
            absorbed = p.KA * x.depot
            return {"depot": -absorbed, "central": absorbed - p.CL / p.V * x.central}

    found = ks.simulate_data(Equations(), nonmem_data / "events.csv")
    answers = pd.read_csv(nonmem_data / "nonmem_output.csv")
    np.testing.assert_allclose(found["CP"], answers["CP"], rtol=5e-5, atol=1e-9)


class Answering(Written):
    name = "answering"

    def responses(self, p):
        return {
            "half": Direct(lambda s: 0.5 * s.A2),
            "score": Turnover(lambda s: 1.0 + 0.0 * s.half, lambda s: 0.25, 8.0),
            "event": Hazard(lambda s: 0.01 * s.score / 4.0 + 0.0 * s.time),
        }


def test_responses_are_columns():
    found = ks.simulate_data(Answering(), table([dosed(), *seen([0.0, 3.0, 8.0])]))
    time = np.array([0.0, 0.0, 3.0, 8.0])
    assert found.columns.tolist()[5:] == ["half", "score", "event", "event_survival"]
    np.testing.assert_allclose(found["half"], 0.5 * found["A2"], rtol=1e-12)
    np.testing.assert_allclose(found["score"], 4.0 + 4.0 * np.exp(-0.25 * time), rtol=1e-7)
    hazard = 0.01 * (time + 4.0 * (1.0 - np.exp(-0.25 * time)))
    np.testing.assert_allclose(found["event"], hazard, rtol=1e-7)
    np.testing.assert_allclose(found["event_survival"], np.exp(-hazard), rtol=1e-9)


class Growing(Written):
    name = "growing"

    def derivatives(self, t, x, p):
        return {**super().derivatives(t, x, p), "periphery": 0.01 * x.periphery**2 + 1.0}


def test_what_cannot_be_solved_names_the_person_and_the_time():
    data = table([dosed(), *seen([5.0])], [dosed(), *seen([5.0, 400.0])])
    with pytest.raises(
        NotConverged, match=r"^data, row \d, ID 2, time 15\.\d+ h: the model growing has no"
    ):
        ks.simulate_data(Growing(), data)
