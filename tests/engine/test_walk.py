"""Steady states and steps of linear models against closed forms."""

import numpy as np
import pytest
from scipy.linalg import expm

from ketascope.engine import compiled
from ketascope.engine.timeline import SteadyStates, Steps
from ketascope.engine.walk import distinct, solve, steady_states, walk


def problems(rows):
    """Steady states of (interval, since, size, rate, duration), each with its own parameter set."""
    values = np.array(rows, dtype=float).T
    count = np.arange(values.shape[1])
    return SteadyStates(
        person=count, pset=count, interval=values[0], since=values[1],
        compartment=np.zeros_like(count), size=values[2], rate=values[3], duration=values[4],
    )  # fmt: skip


def settled(rates, steady):
    with compiled.double_precision():
        return steady_states(rates, steady)


@pytest.mark.parametrize("k", [1e-6, 0.03, 0.7, 900.0])
def test_one_compartment_by_closed_forms(k):
    bolus = [(12.0, since, 5.0, 0.0, 0.0) for since in (12.0, 1e-3, 7.0)]
    infusion = [(12.0, since, 0.0, 5.0, 4.0) for since in (12.0, 3.0, 4.0, 9.0)]
    overlap = [(12.0, since, 0.0, 5.0, 28.0) for since in (12.0, 3.0, 9.0)]
    constant = [(np.inf, np.inf, 0.0, 5.0, np.inf), (12.0, 5.0, 0.0, 5.0, 24.0)]
    steady = problems(bolus + infusion + overlap + constant)
    found, exists = settled(np.full((1, 1, len(steady.person)), -k), steady)
    assert exists.all()

    def pulse(since):
        """Amount while one infusion of 4 h comes every 12 h."""
        before = 5.0 / k * -np.expm1(-4.0 * k) * np.exp(-8.0 * k) / -np.expm1(-12.0 * k)
        during = min(since, 4.0)
        now = before * np.exp(-k * during) + 5.0 / k * -np.expm1(-k * during)
        return now * np.exp(-k * (since - during))

    wanted = [5.0 * np.exp(-k * since) / -np.expm1(-12.0 * k) for _, since, *_ in bolus]
    wanted += [pulse(since) for _, since, *_ in infusion]
    wanted += [2 * 5.0 / k + pulse(since) for _, since, *_ in overlap]
    wanted += [5.0 / k, 2 * 5.0 / k]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-11 if k > 1e-3 else 1e-9, atol=1e-300)


def test_only_what_a_dose_reaches_must_lose_it():
    """0 <-> 1 with a way out of 1; 2 drives 3, which keeps all; neither is reached from 0."""
    rates = np.zeros((4, 4, 1))
    rates[0, 0], rates[1, 0], rates[0, 1], rates[1, 1] = -0.5, 0.5, 0.2, -0.3
    rates[3, 2] = 1.0
    steady = problems([(6.0, 6.0, 5.0, 0.0, 0.0)])
    found, exists = settled(rates, steady)
    assert exists.all()
    part = expm(6.0 * rates[:2, :2, 0])
    wanted = part @ np.linalg.solve(np.eye(2) - part, [5.0, 0.0])
    np.testing.assert_allclose(found[:, 0], [*wanted, 0.0, 0.0], rtol=1e-12)


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {(0, 0): -0.4, (1, 0): 0.4},
        {(0, 0): -0.4, (1, 0): 0.4, (0, 1): 0.1, (1, 1): -0.1},
        {(0, 0): -0.4, (1, 0): 3.0},
        {(0, 0): -1e5 - 0.1, (1, 0): 1e5 + 0.1, (0, 1): 1e-4, (1, 1): -1e-4},
    ],
    ids=["nothing flows", "a trap", "a closed pair", "a sum over time", "a stiff closed pair"],
)
def test_what_is_never_eliminated_has_no_steady_state(entries):
    rates = np.zeros((2, 2, 2))
    rates[0, 0, 0] = -0.1
    for (i, j), value in entries.items():
        rates[i, j, 1] = value
    steady = problems([(6.0, 6.0, 5.0, 0.0, 0.0)] * 2)
    assert settled(rates, steady)[1].tolist() == [True, False]


def test_slow_elimination_is_still_elimination():
    rates = np.array([[-1e5 - 1e-3, 1e-2], [1e5, -1e-2]])[:, :, None]
    found, exists = settled(rates, problems([(np.inf, np.inf, 0.0, 5.0, np.inf)]))
    assert exists.all()
    np.testing.assert_allclose(found[:, 0], [5.0 / 1e-3, 5.0 / 1e-3 * 1e5 / 1e-2], rtol=1e-7)


def test_solve_agrees_with_a_general_solver():
    rng = np.random.default_rng(5)
    matrix = -rng.uniform(0.0, 1.0, (5, 5, 9))
    for i in range(5):
        matrix[i, i] = 0.3 - matrix[:, i].sum(axis=0) + matrix[i, i]
    right = rng.uniform(0.0, 1.0, (5, 9))
    with compiled.double_precision():
        found, regular = solve(matrix, right)
    assert np.asarray(regular).all()
    wanted = np.linalg.solve(matrix.transpose(2, 0, 1), right.T[:, :, None])[:, :, 0].T
    np.testing.assert_allclose(found, wanted, rtol=1e-11)


def steps_of(dt, n, people=1):
    """Steps of one length for each row, in which nothing happens."""
    lengths = np.repeat(np.asarray(dt, dtype=float)[:, None], people, axis=1)
    shape = lengths.shape
    return Steps(
        dt=lengths, start=np.cumsum(lengths, axis=0) - lengths,
        pset=np.zeros(shape, dtype=np.int64), feed=np.zeros((len(dt), n, people)),
        reset=np.zeros(shape, dtype=bool), steady=np.zeros(shape, dtype=np.int64),
        add=np.zeros(shape, dtype=bool), jump=np.zeros((len(dt), n, people)),
        record=np.full(shape, -1),
    )  # fmt: skip


def test_lengths_that_differ_by_roundings_are_one():
    times = np.arange(500) * 0.1
    steps = steps_of(np.diff(times), 1)
    assert len(np.unique(steps.dt)) > 2
    pset, length, which = distinct(steps)
    assert length.tolist() == [0.1]
    assert pset.tolist() == [0]
    assert not which.any()


def test_many_steps_and_people_at_once():
    """More than one program holds of each: 300 steps, 100 people, each with rates of their own."""
    steps = steps_of(np.full(300, 0.25), 2, people=100)
    steps.pset[:] = np.arange(100)
    steps.jump[0, 0] = 1.0
    steps.feed[:100, 1] = 2.0
    k = np.linspace(0.1, 3.0, 100)
    rates = np.zeros((2, 2, 100))
    rates[0, 0], rates[1, 0], rates[1, 1] = -k, k, -0.5 * k
    with compiled.double_precision():
        found = walk(rates, [1], steps, np.zeros((2, 0)))
    after = 0.25 * np.arange(300)[:, None]
    first = np.exp(-k * after)
    second = 2.0 * (np.exp(-0.5 * k * after) - first)
    hours = 0.25 + after
    begun, over = np.minimum(hours, 25.0), np.maximum(hours - 25.0, 0.0)
    second += 2.0 / (0.5 * k) * -np.expm1(-0.5 * k * begun) * np.exp(-0.5 * k * over)
    np.testing.assert_allclose(found[:, 0], first, rtol=1e-12)
    np.testing.assert_allclose(found[:, 1], second, rtol=1e-11)
