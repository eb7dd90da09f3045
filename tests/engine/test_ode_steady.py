"""Steady states of differential equations against closed forms and many doses."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from engine.ode_toys import (
    LINEAR,
    SATURABLE,
    Answering,
    Counting,
    Linear,
    Step,
    drawn,
    of,
    walk,
)
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from ketascope.engine.ode_numerics import Numerics
from ketascope.errors import NotConverged
from ketascope.models.structure import Concentration
from ketascope.models.user import UserOdeModel, parameter


def test_steady_states_of_a_linear_model_have_closed_forms() -> None:
    p = {name: v[[0] * 5] for name, v in drawn(LINEAR, 1).items()}
    a = Linear.matrix(of(p, 0))
    identity = np.eye(4)
    rows = [
        (0, 12.0, 12.0, 0, 100.0, 0.0, 0.0),
        (1, 12.0, 4.5, 0, 100.0, 0.0, 0.0),
        (2, 12.0, 5.0, 1, 0.0, 20.0, 3.0),
        (3, 8.0, 1.0, 1, 0.0, 20.0, 19.0),
        (4, np.inf, np.inf, 1, 0.0, 20.0, np.inf),
    ]
    people = [[Step(2.0), Step(0.0, steady=i + 1)] for i in range(5)]
    result = walk(LINEAR, p, people, *rows)
    found = result.states[1]
    assert 0 < result.steady_state_error < 1e-8

    def after(hours: float, rate: float) -> np.ndarray:
        """What an infusion of some hours into the central compartment leaves at its end."""
        return np.linalg.solve(a, (expm(a * hours) - identity) @ np.array([0, rate, 0, 0]))

    def summed(x: np.ndarray, interval: float) -> np.ndarray:
        return np.linalg.solve(identity - expm(a * interval), x)

    dose = np.array([100.0, 0, 0, 0])
    expected = [
        expm(a * 12.0) @ summed(dose, 12.0),
        expm(a * 4.5) @ summed(dose, 12.0),
        expm(a * 2.0) @ summed(after(3.0, 20.0), 12.0),
        # begun 1, 9 and 17 h ago and still running; the one of 25 h ago ended 6 h ago
        after(17.0, 20.0) + after(9.0, 20.0) + after(1.0, 20.0)
        + expm(a * 6.0) @ summed(after(19.0, 20.0), 8.0),
        np.linalg.solve(-a, [0, 20.0, 0, 0]),
    ]  # fmt: skip
    np.testing.assert_allclose(found.T, expected, rtol=1e-8, atol=1e-9)


def test_saturable_steady_state_is_that_of_five_hundred_doses() -> None:
    p = drawn(SATURABLE, 2, 0.15) | {"SWING": np.array([0.0, 0.3])}
    rows = [(0, 12.0, 7.0, 0, 90.0, 0.0, 0.0), (1, 24.0, 24.0, 0, 150.0, 0.0, 0.0)]
    people = [[Step(steady=1), Step(4.0)], [Step(steady=2)]]
    steady = walk(SATURABLE, p, people, *rows, begin=24.0 * 500).states[0]
    for i, (_, interval, since, _, size, _, _) in enumerate(rows):
        # the clock of the last dose is that of the steady state, so that daily swings agree
        begin = 24.0 * 500 - since - 499 * interval
        doses = [Step(jump=(size, 0.0)), *[Step(interval, jump=(size, 0.0))] * 499, Step(since)]
        own = {name: v[i : i + 1] for name, v in p.items()}
        given = walk(SATURABLE, own, [doses], begin=begin).states[-1, :, 0]
        np.testing.assert_allclose(steady[:, i], given, rtol=1e-7)


class Bound(UserOdeModel):
    """Drug that binds its target tightly and goes with it."""

    name = "bound"
    solver = "stiff"
    parameters = (
        parameter("KON", 0.2),
        parameter("KOFF", 0.02),
        parameter("KDEG", 0.05),
        parameter("KINT", 0.03),
        parameter("KEL", 0.01),
        parameter("R0", 10.0),
    )
    compartments: ClassVar = {"drug": "", "target": "", "both": ""}
    initial: ClassVar = {"target": "R0"}

    def derivatives(self, t, x, p):
        bound = p.KON * x.drug * x.target - p.KOFF * x.both
        return {
            "drug": -p.KEL * x.drug - bound,
            "target": p.KDEG * (p.R0 - x.target) - bound,
            "both": bound - p.KINT * x.both,
        }

    def outputs(self, p):
        return {"CP": Concentration("drug", 1.0)}


def test_steady_state_of_a_stiff_model_is_that_of_sixty_doses() -> None:
    model = Bound()
    p = {q.name: np.full(2, q.value) for q in model.parameters}
    rows = [(i, 168.0, 24.0, 0, dose, 0.0, 0.0) for i, dose in enumerate((60.0, 150.0))]
    steady = walk(model, p, [[Step(steady=i + 1)] for i in range(2)], *rows, numerics=Numerics())
    for i, (_, interval, since, _, size, _, _) in enumerate(rows):
        x = np.array([0.0, 10.0, 0.0])

        def rates(t: float, x: np.ndarray) -> list[float]:
            bound = 0.2 * x[0] * x[1] - 0.02 * x[2]
            return [-0.01 * x[0] - bound, 0.05 * (10.0 - x[1]) - bound, bound - 0.03 * x[2]]

        for hours in [*[interval] * 60, since]:
            x[0] += size
            x = solve_ivp(rates, (0.0, hours), x, "LSODA", rtol=1e-11, atol=1e-12).y[:, -1]
        np.testing.assert_allclose(steady.states[0, :, i], x, rtol=1e-7)


def test_overlapping_infusions_of_a_saturable_model() -> None:
    own = {name: v[:1] for name, v in drawn(SATURABLE, 1, 0.15).items()} | {"SWING": np.zeros(1)}
    steady = walk(SATURABLE, own, [[Step(steady=1)]], (0, 8.0, 2.0, 1, 0.0, 3.0, 11.0))
    doses: list[Step] = []
    for _ in range(300):
        # two run for 3 h of each interval, then one
        doses += [Step(3.0, feed=(0.0, 6.0)), Step(5.0, feed=(0.0, 3.0))]
    given = walk(SATURABLE, own, [[*doses, Step(2.0, feed=(0.0, 6.0))]]).states[-1, :, 0]
    np.testing.assert_allclose(steady.states[0, 1, 0], given[1], rtol=1e-7)


def test_constant_infusion_of_a_saturable_model_has_a_closed_form() -> None:
    own = {name: v[:1] for name, v in drawn(SATURABLE, 1, 0.15).items()} | {"SWING": np.zeros(1)}
    rate = 0.93 * own["VMAX"][0]
    steady = walk(SATURABLE, own, [[Step(3.0, steady=1)]], (0, np.inf, 1.0, 1, 0.0, rate, np.inf))
    expected = own["V"] * own["KM"] * rate / (own["VMAX"] - rate)
    np.testing.assert_allclose(steady.states[0, 1], expected, rtol=1e-8)
    assert abs(steady.states[0, 0, 0]) < 1e-9


def test_a_steady_state_replaces_or_is_added_and_then_doses_come() -> None:
    p = {q.name: np.array([q.value]) for q in LINEAR.parameters}
    row = (0, 12.0, 12.0, 0, 100.0, 0.0, 0.0)
    before = [Step(jump=(70.0,)), Step(3.0)]
    plain = walk(LINEAR, p, [before]).states[-1, :, 0]
    steady = walk(LINEAR, p, [[Step(steady=1)]], row).states[-1, :, 0]
    for add in (False, True):
        step = Step(0.0, jump=(100.0,), steady=1, add=add)
        found = walk(LINEAR, p, [[*before, step]], row).states[-1, :, 0]
        expected = steady + (plain if add else 0.0) + [100.0, 0, 0, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_at_steady_state_responses_have_settled_and_hazards_begin_anew() -> None:
    model = Answering()
    p = {q.name: np.array([q.value]) for q in model.parameters}
    row = (0, 12.0, 5.0, 0, 60.0, 0.0, 0.0)
    steady = walk(model, p, [[Step(9.0, steady=1), Step(1.0)]], row, numerics=Numerics(1e-10))
    doses = [Step(12.0, jump=(60.0,)) for _ in range(60)]
    given = walk(model, p, [[*doses, Step(5.0), Step(1.0)]], numerics=Numerics(1e-10))
    np.testing.assert_allclose(steady.states[0, 2], given.states[-2, 2], rtol=1e-7)
    assert steady.states[0, 3, 0] == 0.0
    assert steady.states[1, 3, 0] > 0.0
    # an added steady state brings amounts only; the responses stay as they are
    added = walk(model, p, [[Step(9.0), Step(0.0, steady=1, add=True)]], row)
    np.testing.assert_array_equal(added.states[1, 2:], added.states[0, 2:])


@pytest.mark.parametrize("dose", [(0, 12.0, 12.0, 0, 200.0, 0.0, 0.0),
                                  (0, np.inf, 1.0, 1, 0.0, 13.0, np.inf)])  # fmt: skip
def test_more_than_can_be_eliminated_has_no_steady_state(dose: tuple[Any, ...]) -> None:
    p = {q.name: np.array([q.value]) for q in SATURABLE.parameters}
    with pytest.raises(NotConverged, match=r"ID 10, time 6 h: there is no steady .*'central'"):
        walk(SATURABLE, p, [[Step(6.0, steady=1)]], dose, numerics=Numerics())


def test_a_compartment_that_only_collects_has_no_steady_state() -> None:
    p = {q.name: np.array([q.value]) for q in SATURABLE.parameters}
    with pytest.raises(NotConverged, match="no steady state: 'auc' of the model counting goes on"):
        walk(Counting(), p, [[Step(steady=1)]], (0, 12.0, 12.0, 0, 50.0, 0.0, 0.0))
