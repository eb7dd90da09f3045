"""Differential equations against SciPy, matrix exponentials and closed forms; steady states too."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from ketascope.engine.ode import Walked, respond, walk_ode
from ketascope.engine.ode_solve import Numerics
from ketascope.engine.timeline import SteadyStates, Steps
from ketascope.errors import InputError, NotConverged
from ketascope.models.responses import Direct, Hazard, Turnover, emax
from ketascope.models.structure import OUT, Concentration, Individual, Structure
from ketascope.models.user import UserModel, UserOdeModel, parameter

FINE = Numerics(rtol=1e-11, atol=1e-13)


class Step:
    """What happens in one step of one person."""

    def __init__(
        self,
        hours: float = 0.0,
        feed: tuple[float, ...] = (),
        jump: tuple[float, ...] = (),
        reset: bool = False,
        steady: int = 0,
        add: bool = False,
        pset: int | None = None,
    ) -> None:
        self.hours, self.feed, self.jump = hours, feed, jump
        self.reset, self.steady, self.add, self.pset = reset, steady, add, pset


def lay(people: list[list[Step]], n: int, begin: float = 0.0) -> Steps:
    """Put the steps of people side by side, filled up with nothing; person i has set i."""
    size = (max(len(person) for person in people), len(people))
    ints, flags = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    wide = np.zeros((size[0], n, size[1]))
    steps = Steps(
        np.zeros(size), np.full(size, begin), ints + np.arange(size[1]), wide.copy(), flags.copy(),
        ints.copy(), flags.copy(), wide.copy(), ints - 1,
    )  # fmt: skip
    for i, person in enumerate(people):
        clock = begin
        for k, step in enumerate(person):
            steps.dt[k, i], steps.start[k, i] = step.hours, clock
            clock += step.hours
            steps.feed[k, : len(step.feed), i] = step.feed
            steps.jump[k, : len(step.jump), i] = step.jump
            steps.reset[k, i], steps.steady[k, i] = step.reset, step.steady
            steps.add[k, i] = step.add
            if step.pset is not None:
                steps.pset[k, i] = step.pset
    return steps


def repeats(*rows: tuple[Any, ...]) -> SteadyStates:
    """Steady states: (person, interval, since, compartment, size, rate, duration)."""
    table = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0)] * 7
    person, interval, since, into, size, rate, duration = table
    whole = np.int64
    return SteadyStates(
        person.astype(whole), person.astype(whole), interval.astype(float), since.astype(float),
        into.astype(whole), size.astype(float), rate.astype(float), duration.astype(float),
    )  # fmt: skip


def walk(
    model: Structure,
    p: dict[str, Any],
    people: list[list[Step]],
    *rows: tuple[Any, ...],
    numerics: Numerics = FINE,
    begin: float = 0.0,
) -> Walked:
    steps = lay(people, len(model.compartments), begin)
    ids = [f"{10 * (i + 1)}" for i in range(len(people))]
    return walk_ode(model, Individual(p), steps, repeats(*rows), ids=ids, numerics=numerics)


class Linear(UserModel):
    name = "linear"
    parameters = (
        parameter("KA", 1.1),
        parameter("CL", 5.0),
        parameter("Q", 8.0),
        parameter("V1", 20.0),
        parameter("V2", 50.0),
        parameter("KE", 0.3),
    )
    compartments: ClassVar = {"depot": "", "central": "", "tissue": "", "effect": ""}

    def flows(self, p):
        return {
            ("depot", "central"): p.KA,
            ("central", OUT): p.CL / p.V1,
            ("central", "tissue"): p.Q / p.V1,
            ("tissue", "central"): p.Q / p.V2,
            ("effect", OUT): p.KE,
        }

    def drives(self, p):
        return {("central", "effect"): p.KE}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V1)}

    @staticmethod
    def matrix(p: dict[str, float]) -> np.ndarray:
        k10, k12, k21 = p["CL"] / p["V1"], p["Q"] / p["V1"], p["Q"] / p["V2"]
        return np.array(
            [
                [-p["KA"], 0, 0, 0],
                [p["KA"], -k10 - k12, k21, 0],
                [0, k12, -k21, 0],
                [0, p["KE"], 0, -p["KE"]],
            ]
        )


def drawn(model: Structure, people: int, spread: float = 0.3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    factors = np.exp(spread * rng.standard_normal((len(model.parameters), people)))
    return {q.name: q.value * f for q, f in zip(model.parameters, factors, strict=True)}


def of(p: dict[str, np.ndarray], i: int) -> dict[str, float]:
    return {name: float(v[i]) for name, v in p.items()}


LINEAR = Linear()


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


class Saturable(UserOdeModel):
    name = "saturable"
    parameters = (
        parameter("KA", 1.0),
        parameter("VMAX", 12.0),
        parameter("KM", 1.5),
        parameter("V", 30.0),
        parameter("BASE", 2.0),
        parameter("SWING", 0.0),
    )
    compartments: ClassVar = {"depot": "", "central": ""}
    initial: ClassVar = {"depot": 1.0, "central": "BASE"}

    def derivatives(self, t, x, p):
        c = x.central / p.V
        rate = p.VMAX * (1.0 + p.SWING * jnp.sin(t * 2.0 * jnp.pi / 24.0)) * c / (p.KM + c)
        return {"depot": -p.KA * x.depot, "central": p.KA * x.depot - rate}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V)}

    @staticmethod
    def right_side(p: dict[str, float], feed: float = 0.0):
        def rates(t: float, x: np.ndarray) -> list[float]:
            c = x[1] / p["V"]
            rate = p["VMAX"] * (1 + p["SWING"] * np.sin(t * 2 * np.pi / 24)) * c / (p["KM"] + c)
            return [-p["KA"] * x[0], p["KA"] * x[0] - rate + feed]

        return rates


SATURABLE = Saturable()


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


class Answering(Saturable):
    name = "answering"

    def responses(self, p):
        return {
            "block": Direct(lambda s: emax(s.CP, maximum=0.8, half=700.0, hill=1.5)),
            "score": Turnover(lambda s: 4.0 * (1.0 - s.block), lambda s: 0.5, 8.0),
            "event": Hazard(lambda s: 0.01 * s.score + 1e-3 * s.depot * (s.time > 1.0)),
        }


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


class Counting(Saturable):
    name = "counting"
    compartments: ClassVar = {"depot": "", "central": "", "auc": ""}

    def derivatives(self, t, x, p):
        return {**super().derivatives(t, x, p), "auc": x.central / p.V}


def test_a_compartment_that_only_collects_has_no_steady_state() -> None:
    p = {q.name: np.array([q.value]) for q in SATURABLE.parameters}
    with pytest.raises(NotConverged, match="no steady state: 'auc' of the model counting goes on"):
        walk(Counting(), p, [[Step(steady=1)]], (0, 12.0, 12.0, 0, 50.0, 0.0, 0.0))


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
