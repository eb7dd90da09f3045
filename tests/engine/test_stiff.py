"""Rates of very different size, long intervals, repeated, tiny and absent rates."""

import math
from itertools import pairwise

import jax
import numpy as np
import pytest
from engine.exact import diffrax_step
from engine.toys import chain, dose, number, run, toy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import expm

from ketascope.engine.propagator import exponential
from ketascope.models.structure import OUT

WEEK = 168.0


def error(fastest, hours):
    """Rounding that squaring a matrix as often as needed cannot avoid, relative."""
    return 1e-12 + 4e-16 * fastest * hours


compiled = jax.jit(exponential, static_argnums=2)


def of(matrix, hours):
    """exp(matrix * hours) by the engine, for one person."""
    with jax.enable_x64(True):
        return np.asarray(compiled(np.asarray(matrix, float)[:, :, None], hours, 0))[:, :, 0]


def fast_and_slow(fast=1e4, slow=1e-3):
    """A fast exchange, a slow loss; everything that leaves is collected."""
    return toy(
        ["here", "there", "gone"],
        lambda p: {
            ("here", "there"): p.fast,
            ("there", "here"): p.fast / 4,
            ("here", "gone"): p.slow,
        },
        "here",
        parameters=[number("fast", fast), number("slow", slow)],
    )


@pytest.mark.parametrize("hours", [1e-6, 1e-3, 1.0, 24.0, 8 * WEEK])
def test_a_fast_exchange_beside_a_slow_loss(hours):
    """The two eigenvalues in closed form, without the difference of large numbers."""
    fast, slow = 1e4, 1e-3
    here, there, gone = run(fast_and_slow(), [dose(0.0, 35.0)], [0.0, hours])[0, :, 1]
    total = 1.25 * fast + slow
    one = (total + math.sqrt(total**2 - fast * slow)) / 2
    two = fast / 4 * slow / one
    gap = one - two
    left = math.exp(-one * hours) * (one - fast / 4) + math.exp(-two * hours) * (fast / 4 - two)
    assert here == pytest.approx(35.0 * left / gap, rel=error(fast, hours))
    moved = fast * -math.expm1(-gap * hours) * math.exp(-two * hours) / gap
    assert there == pytest.approx(35.0 * moved, rel=error(fast, hours))
    assert here + there + gone == pytest.approx(35.0, rel=error(fast, hours))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"fast": 1e4, "slow": 0.0},
        {"fast": 0.0, "slow": 0.0},
        {"fast": 1e-9, "slow": 1e-12},
        {"fast": 1e6, "slow": 1e6},
    ],
)
@pytest.mark.parametrize("hours", [0.0, 2.0])
def test_nothing_is_lost_and_nothing_is_negative(values, hours):
    times = np.array([0.0, 1e-6, 0.1, 2.0, 24.0, WEEK, 8 * WEEK, 52 * WEEK])
    found = run(fast_and_slow(), [dose(0.0, 35.0, hours)], times, values)[0]
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    given_so_far = 35.0 * (np.clip(times / hours, 0, 1) if hours else np.ones_like(times))
    fastest = 2 * max([1e4, *values.values()]) if not values else 2 * max(values.values())
    bound = error(fastest, np.maximum.accumulate(np.diff(times, prepend=0.0)).max())
    assert found.sum(axis=0) == pytest.approx(given_so_far, rel=max(bound, 1e-11), abs=1e-12)


def test_without_flows_an_amount_stays_to_the_last_bit():
    found = run(fast_and_slow(), [dose(0.0, 35.0)], [0.0, 1.0, 52 * WEEK],
                {"fast": 0.0, "slow": 0.0})[0]  # fmt: skip
    assert (found == np.array([[35.0], [0.0], [0.0]])).all()


def test_a_stiff_model_against_an_implicit_method():
    model = toy(
        ["a", "b", "c"],
        lambda p: {("a", "b"): 1e4, ("b", "a"): 3e3, ("b", "c"): 20.0, ("c", "b"): 2e-3,
                   ("c", OUT): 1e-3},
        "a",
    )  # fmt: skip
    matrix = np.array([[-1e4, 3e3, 0.0], [1e4, -3020.0, 2e-3], [0.0, 20.0, -3e-3]])
    step = diffrax_step(3, "Kvaerno5")
    times = [0.0, 0.01, 0.3, 1.0]
    x, expected = np.array([35.0, 0.0, 0.0]), [np.array([35.0, 0.0, 0.0])]
    for begin, end in pairwise(times):
        x = step(matrix, np.zeros(3), x, end - begin)
        expected.append(x)
    found = run(model, [dose(0.0, 35.0)], times)[0]
    most = np.array(expected).max(axis=0)
    assert (np.abs(found.T - expected) <= 1e-10 * most).all()


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.parametrize("k", [1e-3, 1.0, 1e4])
def test_repeated_rates_over_weeks_keep_the_mass(n, k):
    times = np.array([0.0, 1e-4, 1.0, 24.0, WEEK, 4 * WEEK])
    found = run(chain(n, k), [dose(0.0, 35.0)], times)[0]
    assert (found >= 0).all()
    assert found.sum(axis=0) == pytest.approx(np.full(6, 35.0), rel=error(k, 3 * WEEK))


@pytest.mark.parametrize("small", [1e-3, 1e-8, 1e-30])
def test_every_entry_is_right_to_its_own_size(small):
    """The last of five equal steps holds (k t)^5/5! of the dose, however little that is."""
    matrix = np.diag([-1.0] * 6) + np.diag([1.0] * 5, -1)
    column = of(matrix, small)[:, 0]
    exact = [small**i / math.factorial(i) * math.exp(-small) for i in range(6)]
    assert column == pytest.approx(exact, rel=1e-14, abs=0)


def test_no_time_is_the_identity_to_the_last_bit():
    assert (of([[-3.0, 1.0], [2.0, -1e4]], 0.0) == np.eye(2)).all()


def test_an_hour_without_end_leaves_nothing():
    found = of([[-3.0, 1.0], [2.0, -4.0]], 1e6)
    assert (found == 0.0).all()


SIZES = arrays(float, (4, 4), elements=st.floats(0.0, 10.0) | st.just(0.0) | st.just(2.5))


@settings(max_examples=60)
@given(SIZES, arrays(float, 4, elements=st.floats(0.0, 5.0)), st.floats(0.0, 20.0))
def test_any_flow_graph_against_scipy(flows, losses, hours):
    matrix = flows.copy()
    np.fill_diagonal(matrix, 0.0)
    matrix -= np.diag(matrix.sum(axis=0) + losses)
    found = of(matrix, hours)
    assert (found >= 0).all()
    assert (found.sum(axis=0) <= 1.0 + 1e-12).all()
    assert found == pytest.approx(expm(matrix * hours), rel=0, abs=1e-12)


@settings(max_examples=40)
@given(SIZES, st.floats(0.01, 5.0), st.floats(0.01, 5.0))
def test_two_steps_are_one_long_step(flows, first, second):
    matrix = flows.copy()
    np.fill_diagonal(matrix, 0.0)
    matrix -= np.diag(matrix.sum(axis=0) + 0.1)
    together = of(matrix, first + second)
    product = of(matrix, second) @ of(matrix, first)
    assert product == pytest.approx(together, rel=1e-11, abs=1e-250)


def test_people_do_not_see_their_neighbours():
    """Alone or beside someone whose rates need twenty squarings more: the same bits."""
    slow = np.array([[-0.3, 0.1], [0.2, -0.5]])
    fast = slow * 1e6
    with jax.enable_x64(True):
        alone = np.asarray(compiled(np.stack([slow] * 8, axis=-1), 1.0, 0))
        beside = np.asarray(compiled(np.stack([slow, fast] * 4, axis=-1), 1.0, 0))
    assert (alone[:, :, ::2] == beside[:, :, ::2]).all()
