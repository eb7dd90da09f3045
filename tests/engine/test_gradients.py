"""Derivatives of the propagator: against formulas and against finite differences."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from engine.toys import chain, dose, one_compartment, run
from scipy.linalg import expm_frechet

from ketascope.engine.propagator import Course, exponential, segment

LIMIT = 30


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


def one_person(matrix):
    return jnp.asarray(matrix)[:, :, None]


@partial(jax.jit, static_argnums=2)
def power(matrix, hours, limit=LIMIT):
    return exponential(one_person(matrix), hours, 0, limit)[:, :, 0]


by_matrix_forward = jax.jit(jax.jacfwd(power))
by_matrix_reverse = jax.jit(jax.jacrev(power))
by_hours = jax.jit(jax.jacfwd(power, argnums=1))


MATRICES = {
    "different": [[-3.0, 1.0, 0.0], [2.0, -1.5, 0.2], [1.0, 0.5, -0.7]],
    "repeated": [[-2.0, 0.0, 0.0], [2.0, -2.0, 0.0], [0.0, 2.0, -2.0]],
    "stiff": [[-1e4, 3.0, 0.0], [1e4, -3.5, 0.2], [0.0, 0.5, -1e-3]],
    "none": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
}


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("hours", [0.01, 1.7])
def test_every_derivative_of_the_exponential(name, hours):
    """Against SciPy's Fréchet derivative, in forward and in reverse mode."""
    matrix = np.array(MATRICES[name])
    forward = np.asarray(by_matrix_forward(matrix, hours))
    reverse = np.asarray(by_matrix_reverse(matrix, hours))
    for i in range(3):
        for j in range(3):
            direction = np.zeros((3, 3))
            direction[i, j] = hours
            exact = expm_frechet(matrix * hours, direction, compute_expm=False)
            size = np.abs(exact).max()
            assert forward[:, :, i, j] == pytest.approx(exact, rel=0, abs=1e-9 * size)
            assert reverse[:, :, i, j] == pytest.approx(exact, rel=0, abs=1e-9 * size)


@pytest.mark.parametrize("name", MATRICES)
def test_the_derivative_with_respect_to_the_length_of_the_step(name):
    matrix = np.array(MATRICES[name])
    slope = np.asarray(by_hours(matrix, 0.3))
    exact = matrix @ np.asarray(power(matrix, 0.3))
    assert slope == pytest.approx(exact, rel=0, abs=1e-10 * max(np.abs(exact).max(), 1.0))


@pytest.mark.parametrize("hours", [0.0, 1.0, 24.0])
def test_the_limit_does_not_change_the_value(hours):
    matrix = np.array(MATRICES["stiff"])
    free = np.asarray(exponential(one_person(matrix), hours, 0))
    assert (np.asarray(exponential(one_person(matrix), hours, 0, LIMIT)) == free).all()


def test_a_limit_too_small_gives_no_number():
    needed = int(np.ceil(np.log2(1e4 / 0.5)))
    assert np.isfinite(np.asarray(power(np.array(MATRICES["stiff"]), 1.0, needed))).all()
    assert np.isnan(np.asarray(power(np.array(MATRICES["stiff"]), 1.0, needed - 1))).all()


def test_a_limit_too_small_concerns_only_the_person_who_needs_more():
    pair = np.stack([MATRICES["different"], MATRICES["stiff"]], axis=-1)
    found = np.asarray(exponential(jnp.asarray(pair), 1.0, 0, 6))
    assert np.isfinite(found[:, :, 0]).all()
    assert np.isnan(found[:, :, 1]).all()


HOURS = np.array([0.5, 2.0, 6.5])
"""Steps of the segments below; what they reach is at 0.5, 2.5 and 9 h."""
AT = np.cumsum(HOURS)


def after(matrix, start, rate=None):
    """Amounts of one person after each step, through the engine's segment.

    ``rate`` is an input per hour into the first compartment, which runs all the time.
    """
    size, fed = len(start), 0 if rate is None else 1
    whole = jnp.zeros((size + fed, size + fed)).at[:size, :size].set(matrix)
    course = Course(
        lengths=jnp.asarray(HOURS),
        which=jnp.arange(3, dtype=jnp.int32),
        runs=jnp.arange(4, dtype=jnp.int32),
        feed=jnp.zeros(3, dtype=jnp.int32),
        feeds=jnp.full((1, fed, 1), rate or 0.0),
        jump=jnp.zeros(3, dtype=jnp.int32),
        jumps=jnp.zeros((1, size, 1)),
        own=None,
        pieces=0,
        distinct=3,
    )
    values, _ = segment(
        (whole.at[0, size].set(1.0) if fed else whole)[:, :, None],
        course,
        jnp.asarray(start)[:, None],
        jnp.ones((size, 1)),
        rows=tuple(range(size)),
        limit=LIMIT,
    )
    return values[:, :, 0]


@jax.jit
def bolus(k):
    return after(jnp.array([[-1.0]]) * k, [35.0])[:, 0]


@jax.jit
def infusion(k):
    return after(jnp.array([[-1.0]]) * k, [0.0], rate=10.0)[:, 0]


@jax.jit
def absorption(rates):
    """The body, one row down from the gut."""
    ka, k = rates
    gut = jnp.array([[-1.0, 0.0], [1.0, 0.0]])
    body = jnp.array([[0.0, 0.0], [0.0, -1.0]])
    return after(gut * ka + body * k, [35.0, 0.0])[:, 1]


absorption_forward = jax.jit(jax.jacfwd(absorption))
absorption_reverse = jax.jit(jax.jacrev(absorption))


def test_elimination_after_a_bolus():
    slope = np.asarray(jax.jit(jax.jacrev(bolus))(0.3))
    assert slope == pytest.approx(-35.0 * AT * np.exp(-0.3 * AT), rel=1e-12)
    _, tangent = jax.jvp(bolus, (0.3,), (1.0,))
    assert np.asarray(tangent) == pytest.approx(slope, rel=1e-13)


def test_elimination_during_an_infusion():
    k = 0.3
    exact = 10.0 * (AT * np.exp(-k * AT) / k + np.expm1(-k * AT) / k**2)
    assert np.asarray(jax.jit(jax.jacrev(infusion))(k)) == pytest.approx(exact, rel=1e-11)
    assert np.asarray(jax.jit(jax.jacfwd(infusion))(k)) == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize(("ka", "k"), [(1.7, 0.3), (0.3, 0.3), (0.3, 0.3 + 1e-7), (1e3, 1e-3)])
def test_absorption_and_elimination(ka, k):
    """Central differences; where both rates are one, also the formula's limit."""
    rates = jnp.array([ka, k])
    forward = np.asarray(absorption_forward(rates))
    reverse = np.asarray(absorption_reverse(rates))
    assert reverse == pytest.approx(forward, rel=1e-9, abs=1e-12)
    for i in range(2):
        h = 1e-5 * float(rates[i])
        step = np.zeros(2)
        step[i] = h
        numeric = np.asarray(absorption(rates + step) - absorption(rates - step)) / (2 * h)
        # amounts carry the rounding of the squarings, their difference over h so much more
        noise = 35.0 * (1e-14 + 4e-16 * ka * AT[-1]) / h
        assert forward[:, i] == pytest.approx(numeric, rel=1e-6, abs=noise)
    if ka == k:
        amount = 35.0 * np.exp(-k * AT)
        assert forward[:, 0] == pytest.approx(amount * (AT - k * AT**2 / 2), rel=1e-10)
        assert forward[:, 1] == pytest.approx(-amount * k * AT**2 / 2, rel=1e-10)


def test_segment_and_engine_give_the_same():
    """What is differentiated here is what a simulation runs."""
    times = np.concatenate([[0.0], AT])
    simulated = run(one_compartment(0.3), [dose(0.0, 35.0)], times)[0, 0]
    assert np.asarray(bolus(0.3)) == pytest.approx(simulated[1:], rel=1e-13)
    steps = run(chain(2, 0.3), [dose(0.0, 35.0)], times)[0, 1]
    assert np.asarray(absorption(jnp.array([0.3, 0.3]))) == pytest.approx(steps[1:], rel=1e-13)


def test_people_do_not_mix_in_a_gradient():
    def total(k):
        matrix = -k[None, None, :]
        return exponential(matrix, 2.0, 0, LIMIT)[0, 0].sum()

    k = jnp.array([0.1, 5.0, 300.0])
    found = np.asarray(jax.jit(jax.grad(total))(k))
    assert found == pytest.approx(-2.0 * np.exp(-2.0 * np.asarray(k)), rel=1e-10, abs=1e-250)
