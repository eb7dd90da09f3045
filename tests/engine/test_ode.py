"""Differential equations against SciPy and matrix exponentials."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
from engine.ode_toys import (
    FINE,
    LINEAR,
    SATURABLE,
    Answering,
    Counting,
    Linear,
    Saturable,
    Step,
    drawn,
    of,
    walk,
)
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from ketascope.engine.ode import respond
from ketascope.engine.ode_numerics import Numerics
from ketascope.errors import InputError, NotConverged
from ketascope.models.structure import Concentration, Individual
from ketascope.models.user import UserOdeModel, parameter


@pytest.mark.parametrize("solver", ["explicit", "stiff"])
def test_a_linear_model_agrees_with_matrix_exponentials(solver: str) -> None:
    rng = np.random.default_rng(1)
    people, p = [], drawn(LINEAR, 5)
    for i in range(5):
        person = [Step(jump=(100.0, 0.0, 0.0, 0.0))]
        for k in range(6 + 3 * i):
            feed = tuple(rng.uniform(0, 9, 4) * (rng.random(4) < 0.3))
            jump = tuple(rng.uniform(0, 9, 4) * (rng.random(4) < 0.3))
            hours = float(rng.choice([0.0, 0.25, 1.0, 7.3, 24.0]))
            person.append(Step(hours, feed, jump, reset=k == 4, pset=int(rng.integers(5))))
        people.append(person)
    # the implicit method has the lower order and would need very many steps
    numerics = FINE if solver == "explicit" else Numerics(1e-10, 1e-12)
    numerics = Numerics(numerics.rtol, numerics.atol, solver)
    found = walk(LINEAR, p, people, numerics=numerics).states
    for i, person in enumerate(people):
        x = np.zeros(4)
        for k, step in enumerate(person):
            a = Linear.matrix(of(p, i if step.pset is None else step.pset))
            u = np.zeros(4)
            u[: len(step.feed)] = step.feed
            wide = expm(np.block([[a, u[:, None]], [np.zeros((1, 5))]]) * step.hours)
            x = wide[:4, :4] @ x + wide[:4, 4]
            x = np.zeros(4) if step.reset else x
            x[: len(step.jump)] += step.jump
            np.testing.assert_allclose(found[k, :, i], x, rtol=1e-8, atol=1e-10)
        assert (found[len(person) - 1 :, :, i] == found[len(person) - 1, :, i]).all()


def scipy(rates: Any, x: Any, begin: float, end: float, method: str = "DOP853") -> np.ndarray:
    """Carry a state by SciPy."""
    if end <= begin:
        return np.array(x, dtype=float)
    done = solve_ivp(rates, (begin, end), x, method=method, rtol=1e-12, atol=1e-14)
    assert done.success
    return done.y[:, -1]


def test_saturable_elimination_on_the_clock_agrees_with_scipy() -> None:
    p = {**drawn(SATURABLE, 3), "SWING": np.array([0.0, 0.4, -0.6])}
    person = [Step(jump=(80.0, 0.0)), Step(3.0), Step(2.0, feed=(0.0, 30.0)), Step(0.0),
              Step(9.0, reset=True, jump=(0.0, 5.0)), Step(30.0)]  # fmt: skip
    found = walk(SATURABLE, p, [person] * 3, begin=5.0).states
    for i in range(3):
        own, x, clock = of(p, i), np.array([1.0, p["BASE"][i]]), 5.0
        for k, step in enumerate(person):
            feed = step.feed[1] if step.feed else 0.0
            x = scipy(Saturable.right_side(own, feed), x, clock, clock + step.hours)
            clock += step.hours
            x = np.array([1.0, own["BASE"]]) if step.reset else x
            x = x + (np.array(step.jump) if step.jump else 0.0)
            np.testing.assert_allclose(found[k, :, i], x, rtol=1e-8, atol=1e-11)


class Robertson(UserOdeModel):
    name = "robertson"
    solver = "stiff"
    parameters = (parameter("A", 0.04), parameter("B", 3e7), parameter("C", 1e4))
    compartments: ClassVar = {"x": "", "y": "", "z": ""}
    initial: ClassVar = {"x": 1.0}

    def derivatives(self, t, x, p):
        first, second, third = p.A * x.x, p.B * x.y**2, p.C * x.y * x.z
        return {"x": third - first, "y": first - third - second, "z": second}

    def outputs(self, p):
        return {"X": Concentration("x", 1.0)}


def test_a_stiff_system_agrees_with_radau() -> None:
    def rates(t: float, x: np.ndarray) -> list[float]:
        first, second, third = 0.04 * x[0], 3e7 * x[1] ** 2, 1e4 * x[1] * x[2]
        return [third - first, first - third - second, second]

    times = [0.0, 0.4, 40.0, 4000.0]
    people = [[Step(hours) for hours in np.diff(times)]]
    p = {"A": 0.04, "B": 3e7, "C": 1e4}
    found = walk(Robertson(), p, people, numerics=Numerics(1e-9, 1e-13)).states
    x: Any = [1.0, 0.0, 0.0]
    for k in range(3):
        x = solve_ivp(
            rates, times[k : k + 2], x, method="Radau", rtol=1e-11, atol=1e-15
        ).y[:, -1]  # fmt: skip
        np.testing.assert_allclose(found[k, :, 0], x, rtol=1e-7)


def test_too_few_steps_name_the_person_the_time_and_the_remedy() -> None:
    with pytest.raises(NotConverged) as caught:
        walk(Robertson(), {"A": 0.04, "B": 3e7, "C": 1e4}, [[Step(40.0)]],
             numerics=Numerics(solver="explicit", max_steps=200), begin=2.0)  # fmt: skip
    text = str(caught.value)
    assert text.startswith("ID 10, time 2.")
    assert "in 200 solver steps" in text
    assert 'solver = "stiff"' in text


class Broken(UserOdeModel):
    name = "broken"
    parameters = (parameter("K", 1.0),)
    compartments: ClassVar = {"central": ""}

    def derivatives(self, t, x, p):
        return {"central": -p.K * jnp.sqrt(x.central)}

    def outputs(self, p):
        return {"CP": Concentration("central", 1.0)}


def test_a_rate_that_is_no_number_names_the_person_and_the_compartment() -> None:
    people = [[Step(jump=(4.0,)), Step(1.0)], [Step(jump=(4.0,)), Step(1.0), Step(jump=(-9.0,)),
              Step(3.0), Step(1.0)]]  # fmt: skip
    with pytest.raises(NotConverged, match=r"ID 20, time 1 h: .*broken.*'central' is nan; look"):
        walk(Broken(), {"K": np.array([1.0, 1.0])}, people)


class Explosive(Broken):
    name = "explosive"

    def derivatives(self, t, x, p):
        return {"central": p.K * x.central**2}


def test_a_solution_that_ends_says_when() -> None:
    with pytest.raises(NotConverged, match=r"ID 10, time 2 h: .*explosive has no solution"):
        walk(Explosive(), {"K": 0.5}, [[Step(jump=(1.0,)), Step(1.0), Step(4.0)]])


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"rtol": 0.0}, "relative tolerance is 0"),
        ({"atol": 2.0}, "absolute tolerance is 2"),
        ({"steady_tol": -1.0}, "steady-state tolerance is -1"),
        ({"solver": "magic"}, "no solver 'magic'"),
        ({"max_steps": 0}, "number of solver steps is 0"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        Numerics(**settings)


def test_responses_with_a_memory_are_states_of_their_own() -> None:
    model = Answering()
    p = drawn(model, 2, 0.1) | {"SWING": np.zeros(2)}
    person = [Step(jump=(60.0, 0.0)), Step(1.0), Step(5.0), Step(2.0, reset=True), Step(6.0)]
    found = walk(model, p, [person] * 2)
    for i in range(2):
        own = of(p, i)
        pharmacokinetics = Saturable.right_side(own)

        def rates(t: float, x: np.ndarray, own=own, rest=pharmacokinetics) -> list[float]:
            c = max(1000.0 * x[1] / own["V"], 0.0)
            block = 0.8 * c**1.5 / (700.0**1.5 + c**1.5)
            score = 4.0 * (1.0 - block) - 0.5 * x[2]
            return [*rest(t, x[:2]), score, 0.01 * x[2] + 1e-3 * x[0] * (t > 1.0)]

        start = np.array([1.0, own["BASE"], 8.0, 0.0])
        x, clock = start + np.array([60.0, 0, 0, 0]), 0.0
        for k in range(1, 5):
            x = scipy(rates, x, clock, clock + person[k].hours)
            clock += person[k].hours
            x = start.copy() if person[k].reset else x
            np.testing.assert_allclose(found.states[k, :, i], x, rtol=1e-8, atol=1e-10)
        seen = respond(model, Individual(own), found.states[-1:, :, i], np.array([14.0]))
        c = 1000.0 * x[1] / own["V"]
        expected = [0.8 * c**1.5 / (700.0**1.5 + c**1.5), x[2], x[3], np.exp(-x[3])]
        assert list(seen) == ["block", "score", "event", "event_survival"]
        np.testing.assert_allclose([v[0] for v in seen.values()], expected, rtol=1e-8)


def test_nobodys_numbers_depend_on_the_block() -> None:
    count = 150
    p = drawn(SATURABLE, count)
    rng = np.random.default_rng(4)
    people = [
        [Step(jump=(50.0, 0.0)), *(Step(float(h)) for h in rng.uniform(0, 9, rng.integers(1, 20)))]
        for _ in range(count)
    ]
    whole = walk(SATURABLE, p, people, numerics=Numerics()).states
    for part in ([149], [3, 140, 77], list(range(20, 90))):
        own = {name: v[part] for name, v in p.items()}
        found = walk(SATURABLE, own, [people[i] for i in part], numerics=Numerics()).states
        np.testing.assert_allclose(found, whole[: len(found)][:, :, part], rtol=1e-12, atol=0)


def test_derivatives_must_name_the_compartments() -> None:
    class Short(Counting):
        name = "short"

        def derivatives(self, t, x, p):
            return {"depot": -x.depot, "central": 0.0}

    p = {q.name: np.array([q.value]) for q in SATURABLE.parameters}
    with pytest.raises(InputError, match=r"do not agree about auc; return one rate"):
        walk(Short(), p, [[Step(1.0)]])


def test_initial_amounts_must_name_compartments_and_parameters() -> None:
    class Odd(Saturable):
        name = "odd"
        initial: ClassVar = {"central": "THERE"}

    p = {q.name: np.array([q.value]) for q in SATURABLE.parameters}
    with pytest.raises(InputError, match="initial amount 'THERE' of 'central' cannot be used"):
        walk(Odd(), p, [[Step(1.0)]])


def test_a_first_step_that_all_but_arrives_is_no_failure():
    """The solver's own first step may end a few roundings before the end, and the next is tiny."""

    class Depot(UserOdeModel):
        name = "depot"
        parameters = (parameter("KA", 1.5, "1/h"), parameter("K", 0.0575150715, "1/h"))
        compartments: ClassVar = {"depot": "mg", "central": "mg"}

        def derivatives(self, t, x, p):
            return {"depot": -p.KA * x.depot, "central": p.KA * x.depot - p.K * x.central}

        def outputs(self, p):
            return {}

    before, hours = (100.00000152, 52.6770301), (12.08 - 12.0) / 8
    p = {"KA": 1.5, "K": 0.0575150715}
    found = walk(Depot(), p, [[Step(jump=before), Step(hours)]], numerics=Numerics()).states
    assert found[1, 0, 0] == pytest.approx(before[0] * np.exp(-1.5 * hours), rel=1e-9)
