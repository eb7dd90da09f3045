"""Data sets with a linear model and responses, against SciPy and against the same as equations."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from engine.test_data import COLUMNS, SCENARIOS, Reversible, dosed, seen, table
from engine.test_ode_data import AMOUNTS, MODEL, Written
from scipy.integrate import solve_ivp

import ketascope as ks
from ketascope.engine.data_blocks import Task, blocks
from ketascope.engine.ode_solve import TILE
from ketascope.engine.parameter_sets import Drawing, find_columns
from ketascope.models.individuals import typical_values
from ketascope.models.responses import Direct, Hazard, Turnover, emax, indirect_response, logistic
from ketascope.models.user import parameter

KIN, KOUT, HALF = 12.0, 0.3, 20.0


def responses(self, p):
    """One of each kind; the last ones read those before."""
    effect = lambda s: emax(s.A2, maximum=0.9, half=HALF, hill=1.5)  # noqa: E731
    kinds = {
        f"R{kind}": indirect_response(kind, kin=KIN, kout=KOUT, effect=effect)
        for kind in (1, 2, 3, 4)
    }
    return {
        "direct": Direct(effect),
        **kinds,
        "tolerance": Turnover(lambda s: 0.1 * s.R1, lambda s: 0.1, KIN / KOUT),
        "chance": Direct(lambda s: logistic(0.1 * (s.R1 - s.tolerance))),
        "event": Hazard(lambda s: 0.02 * s.chance),
    }


class Linear(Reversible):
    """The reversible model, solved exactly, and responses."""

    name = "linear"
    responses = responses


class Equations(Written):
    """The same as differential equations."""

    name = "equations"
    responses = responses


MEMORY = ["R1", "R2", "R3", "R4", "tolerance", "event"]


def rates(t, y, feed):
    """All that has a memory, written once more by hand."""
    depot, central, periphery, r1, r2, r3, r4, tolerance, _ = y
    away, back = 8.0 / 20.0 * central, 8.0 / 40.0 * periphery
    power = max(central, 0.0) ** 1.5
    effect = 0.9 * power / (HALF**1.5 + power)
    chance = 1.0 / (1.0 + np.exp(-0.1 * (r1 - tolerance)))
    return np.array([
        -0.8 * depot, 0.8 * depot - 5.0 / 20.0 * central - away + back + feed, away - back,
        KIN * (1 - effect) - KOUT * r1, KIN - KOUT * (1 - effect) * r2,
        KIN * (1 + effect) - KOUT * r3, KIN - KOUT * (1 + effect) * r4,
        0.1 * (r1 - tolerance), 0.02 * chance,
    ])  # fmt: skip


BEGIN = np.array([0.0] * 3 + [KIN / KOUT] * 5 + [0.0])


def carried(state, pieces):
    """Carry a state through (hours, rate into the central compartment)."""
    for hours, feed in pieces:
        solved = solve_ivp(rates, (0, hours), state, "DOP853", rtol=1e-12, atol=1e-13, args=(feed,))
        state = solved.y[:, -1]
    return state


def test_every_kind_agrees_with_scipy():
    records = [
        dosed(cmt=1),
        *seen([1.0, 5.0]),
        dosed(6.0, amt=60.0, rate=20.0),
        *seen([7.5, 20.0]),
        {"time": 24.0, "evid": 3},
        *seen([26.0]),
        dosed(30.0, evid=4, amt=40.0),
        *seen([33.0, 200.0]),
    ]
    found = ks.simulate_data(Linear(), table(records))
    state = BEGIN + np.eye(9)[0] * 100.0
    wanted = [state]
    for pieces in ([(1, 0)], [(4, 0)], [(1, 0)], [(1.5, 20)], [(1.5, 20), (11, 0)]):
        wanted.append(carried(wanted[-1], pieces))
    wanted += [BEGIN, carried(BEGIN, [(2, 0)]), BEGIN + np.eye(9)[1] * 40.0]
    wanted += [carried(wanted[-1], [(3, 0)]), carried(wanted[-1], [(170, 0)])]
    np.testing.assert_allclose(
        found[AMOUNTS + MEMORY], np.array(wanted), rtol=2e-7, atol=1e-9, err_msg="1e-7 is asked for"
    )
    chance = 1.0 / (1.0 + np.exp(-0.1 * (found["R1"] - found["tolerance"])))
    np.testing.assert_allclose(found["chance"], chance, rtol=1e-12)
    np.testing.assert_allclose(found["event_survival"], np.exp(-found["event"]), rtol=1e-12)


def test_a_steady_state_is_where_many_doses_lead():
    days = [{"addl": 199, "ii": 12.0}, {"ss": 1, "ii": 12.0}]
    times = [199 * 12.0, 0.0]
    found = [
        ks.simulate_data(Linear(), table([dosed(cmt=1, **how), *seen([t, t + 5.0, t + 11.0])]))
        for how, t in zip(days, times, strict=True)
    ]
    columns = [*AMOUNTS, *MEMORY[:-1]]
    np.testing.assert_allclose(found[1][columns][1:], found[0][columns][1:], rtol=1e-7)
    hazard = [one["event"].diff()[2:] for one in found]
    np.testing.assert_allclose(hazard[1], hazard[0], rtol=1e-7)
    assert 0 < found[1].attrs["steady_state_error"] < 1e-8


@pytest.mark.parametrize("covariates", ["backward", "forward", "linear"])
def test_amounts_are_those_of_the_model_alone(covariates):
    data = table(*SCENARIOS.values())
    found = ks.simulate_data(Linear(), data, covariates=covariates)
    alone = ks.simulate_data(MODEL, data, covariates=covariates)
    same = 0.0 if covariates != "linear" else 2e-7
    np.testing.assert_allclose(found[AMOUNTS], alone[AMOUNTS], rtol=same, atol=same)
    written = ks.simulate_data(Equations(), data, covariates=covariates)
    np.testing.assert_allclose(found[MEMORY], written[MEMORY], rtol=2e-6, atol=1e-9)


def test_tolerances_are_options():
    """Errors follow what is allowed, in responses of a model solved exactly too."""
    data = table([dosed(cmt=1), *seen([1.0, 5.0, 20.0])])
    for model in (Linear(), Equations()):
        fine = ks.simulate_data(model, data, rtol=1e-12, atol=1e-12)[MEMORY].to_numpy()
        errors = [
            np.abs(ks.simulate_data(model, data, rtol=r, atol=r)[MEMORY].to_numpy() - fine).max()
            for r in (1e-3, 1e-6, 1e-9)
        ]
        assert errors[0] > 10 * errors[1] > 20 * errors[2]
        assert errors[1] < 1e-4


@pytest.mark.parametrize("covariates", ["linear", "backward"])
def test_large_errors_may_be_allowed(covariates):
    """What the solver leaves open does not count as covariates that change too fast."""
    records = [{**r, "WT": 60.0 + r["time"]} for r in ({**COLUMNS, **r} for r in seen([4, 9, 20]))]
    data = table([dosed(WT=60.0), *records])
    found = ks.simulate_data(Linear(), data, covariates=covariates, rtol=1e-4)
    fine = ks.simulate_data(Linear(), data, covariates=covariates)
    np.testing.assert_allclose(found[MEMORY], fine[MEMORY], rtol=1e-2, atol=1e-6)


class Stepwise(Linear):
    """Takes more steps of the solver than are allowed: the rate of loss is too high for them."""

    name = "stepwise"
    parameters = (*Reversible.parameters, parameter("FAST", 1e7, "1/h", "loss"))
    compartments: ClassVar = Reversible.compartments

    def responses(self, p):
        return {"fast": Turnover(lambda s: p.FAST * s.A2, lambda s: p.FAST, 1.0)}


def test_the_hint_names_an_option_that_there_is():
    with pytest.raises(
        ks.InputError, match=r"^data, row 2, ID 1, time .*add records.*rtol"
    ) as told:
        ks.simulate_data(Stepwise(), table([dosed(), *seen([50.0])]))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("model", [Linear(), Equations()])
def test_people_are_solved_by_full_tiles(model):
    records = ks.dosing.records.read_records(table(*[[dosed()]] * (2 * TILE)))
    drawing = Drawing(model, records, find_columns(model, records), 0, False, typical_values(model))
    assert [len(part) for part in blocks(Task(drawing), workers=2)] == [TILE, TILE]
