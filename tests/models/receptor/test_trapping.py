"""Open-channel block with trapping: closed forms, another solver, detailed balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from ketascope.errors import InputError
from ketascope.models.receptor.trapping import (
    Blocker,
    blocked,
    blocker,
    equilibrium,
    time_constants,
)

KETAMINE, MEMANTINE = blocker("ketamine"), blocker("memantine")


def test_rates_are_as_printed() -> None:
    assert (KETAMINE.kon, KETAMINE.koff, KETAMINE.trapped) == (0.15, 0.22, 1.0)
    assert (MEMANTINE.kon, MEMANTINE.koff, MEMANTINE.trapped) == (0.32, 0.53, 0.8)
    assert KETAMINE.half == pytest.approx(1.467, abs=0.001)
    assert blocker("ketamine", "ic50").half == pytest.approx(0.71)
    assert blocker("ketamine", "ic50").koff == KETAMINE.koff


def test_ketamine_blocks_as_one_exponential() -> None:
    times = np.array([0.0, 0.3, 1.0, 5.0])
    found = blocked(KETAMINE, times, [10.0, 10.0, 10.0])
    rate = 0.15 * 10 + 0.22
    expected = 0.15 * 10 / rate * (1 - np.exp(-rate * times))
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12)
    assert (found[:, 1] == 0).all()
    assert time_constants(KETAMINE, 10.0) == pytest.approx((1 / rate,))


def test_trapped_ketamine_stays_and_leaves_again_with_agonist() -> None:
    edges = [0.0, 100.0, 200.0, 210.0]
    found = blocked(KETAMINE, edges, [10.0, 0.0, 0.0], [1.0, 0.0, 1.0]).sum(axis=-1)
    assert found[2] == found[1]
    assert found[3] == pytest.approx(found[2] * np.exp(-0.22 * 10), rel=1e-12)


def test_a_fifth_of_memantine_leaves_when_agonist_goes() -> None:
    edges = [0.0, 1000.0, 1000.79, 1100.0]
    found = blocked(MEMANTINE, edges, [10.0, 0.0, 0.0], [1.0, 0.0, 0.0]).sum(axis=-1)
    left = (found[1] - found[2:]) / found[1]
    assert left[-1] == pytest.approx(0.2, rel=1e-9)
    assert left[0] == pytest.approx(0.2 * (1 - np.exp(-1)), rel=1e-9)


@pytest.mark.parametrize("drug", [KETAMINE, MEMANTINE, blocker("memantine", "ic50")])
def test_another_solver_finds_the_same(drug: Blocker) -> None:
    edges = np.array([0.0, 0.5, 2.0, 2.5, 30.0])
    given_c, active = np.array([10.0, 0.3, 0.0, 1.0]), np.array([1.0, 0.2, 0.0, 0.05])
    kd, ld, ks, ls = drug.rates
    state, expected = np.zeros(2), [np.zeros(2)]
    for k in range(4):
        c, a = given_c[k], active[k]

        def slope(_: float, y: np.ndarray, c: float = c, a: float = a) -> list[float]:
            free = 1 - y[0] - y[1]
            return [a * (kd * c * free - ld * y[0]), ks * c * free - ls * y[1]]

        solved = solve_ivp(slope, (edges[k], edges[k + 1]), state, rtol=1e-11, atol=1e-13)
        state = solved.y[:, -1]
        expected.append(state)
    found = blocked(drug, edges, given_c, active)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.floats(0, 1e3), min_size=1, max_size=6),
    st.lists(st.sampled_from([0.0, 1e-4, 0.3, 1.0]), min_size=6, max_size=6),
    st.floats(1e-3, 1e5),
    st.floats(0.0, 1.0),
    st.floats(0.1, 10.0),
)
def test_shares_stay_shares(
    concentrations: list[float],
    activities: list[float],
    step: float,
    trapped: float,
    release: float,
) -> None:
    drug = Blocker(0.3, 0.5, trapped, release)
    n = len(concentrations)
    found = blocked(drug, step * np.arange(n + 1), concentrations, activities[:n])
    assert (found >= -1e-12).all()
    assert (found.sum(axis=-1) <= 1 + 1e-12).all()


@given(st.floats(1e-3, 1e3), st.sampled_from([1.0, 0.1, 1e-3]))
def test_where_block_settles_does_not_depend_on_activity(c: float, activity: float) -> None:
    for drug in (KETAMINE, MEMANTINE):
        found = blocked(drug, [0.0, 1e7], [c], [activity])[-1]
        assert found.sum() == pytest.approx(float(equilibrium(drug, c)), rel=1e-9)
        assert found[0] == pytest.approx(drug.trapped * found.sum(), rel=1e-9)


def test_the_slow_time_constant_is_that_of_the_solution() -> None:
    for c, a in ((10.0, 1.0), (0.3, 0.1)):
        fast, slow = time_constants(MEMANTINE, c, a)
        assert fast < slow
        # late enough, the distance from rest falls by e in one slow time constant
        edges = np.array([0.0, 8 * slow, 9 * slow])
        found = blocked(MEMANTINE, edges, [c, c], a).sum(axis=-1)
        away = float(equilibrium(MEMANTINE, c)) - found[1:]
        assert away[1] / away[0] == pytest.approx(np.exp(-1), rel=1e-3)
    assert time_constants(MEMANTINE, 0.0, 0.0) == pytest.approx((0.79,))
    assert time_constants(KETAMINE, 1.0, 0.0) == ()


def test_people_are_solved_together() -> None:
    edges = [0.0, 1.0, 4.0]
    both = blocked(MEMANTINE, edges, [[1.0, 2.0], [5.0, 0.0]])
    for k, one in enumerate(([1.0, 2.0], [5.0, 0.0])):
        np.testing.assert_array_equal(both[k], blocked(MEMANTINE, edges, one))


@pytest.mark.parametrize(
    ("edges", "c", "a", "message"),
    [
        ([0.0, 0.0], [1.0], 1.0, "do not increase"),
        ([0.0, 1.0], [-1.0], 1.0, "negative"),
        ([0.0, 1.0], [np.nan], 1.0, "missing"),
        ([0.0, 1.0], [1.0], 1.5, "outside 0 to 1"),
        ([0.0, 1.0], [1.0, 2.0], 1.0, "one concentration for each"),
    ],
)
def test_a_bad_protocol_is_refused(
    edges: list[float], c: list[float], a: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        blocked(KETAMINE, edges, c, a)


def test_an_unknown_ligand_or_variant_is_refused() -> None:
    with pytest.raises(InputError, match="no rates of block"):
        blocker("norketamine")
    with pytest.raises(InputError, match="not a variant"):
        blocker("ketamine", "guess")  # type: ignore[arg-type]
