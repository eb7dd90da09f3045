"""Shares of two arms: against published worked examples and an independent computation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from ketascope.effects.scores import wilson
from ketascope.effects.shares import NO_DIFFERENCE, count_of, difference, needed

Z = 1.959963984540054


def wilson_by_search(count: int, n: int) -> tuple[float, float]:
    """Ends at which the score test of the true share just rejects, found by bisection."""

    def miss(p: float) -> float:
        return (count / n - p) ** 2 - Z * Z * p * (1 - p) / n

    share = count / n
    low = 0.0 if count == 0 else brentq(miss, 0.0, share, xtol=1e-15)
    high = 1.0 if count == n else brentq(miss, share, 1.0, xtol=1e-15)
    return float(low), float(high)


@pytest.mark.parametrize(("count", "n"), [(56, 70), (9, 10), (1, 222), (142, 346), (5, 56)])
def test_wilson_inverts_the_score_test(count: int, n: int) -> None:
    found = wilson(count, n)
    assert (found.low, found.high) == pytest.approx(wilson_by_search(count, n), abs=1e-9)


@pytest.mark.parametrize(
    ("arms", "low", "high"),
    [
        # Newcombe 1998, Table II, method 10: 56/70 and 48/80, 9/10 and 3/10, 10/10 and 0/20
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ],
)
def test_the_interval_is_that_of_newcombe(
    arms: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = difference(*arms)
    assert found.value == pytest.approx(arms[0] / arms[1] - arms[2] / arms[3])
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(one=counts, other=counts)
def test_turned_round_it_is_its_mirror(one: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = difference(*one, *other), difference(*other, *one)
    assert -1 - 1e-12 <= there.low <= there.value + 1e-12
    assert there.value - 1e-12 <= there.high <= 1 + 1e-12
    mirror = (-back.value, -back.high, -back.low)
    assert tuple(there) == pytest.approx(mirror, abs=1e-12)


@given(one=counts, other=counts)
def test_a_number_needed_is_one_over_the_difference_or_is_not_given(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = difference(*one, *other)
    turned = needed(found)
    if found.low <= 0 <= found.high:
        assert turned.number is None
        assert turned.text == NO_DIFFERENCE
    else:
        assert turned.number == pytest.approx(1 / abs(found.value))
        assert turned.low is not None
        assert turned.high is not None
        assert 1 - 1e-9 <= turned.low <= turned.number * (1 + 1e-9)
        assert turned.number <= turned.high * (1 + 1e-9)
        assert turned.more == (found.value > 0)


def test_a_number_needed_by_hand() -> None:
    # 91/336 and 60/340: difference 0.094363, so 10.60 people
    found = needed(difference(91, 336, 60, 340))
    assert found.number == pytest.approx(1 / (91 / 336 - 60 / 340))
    assert found.text == "11 (6.4 to 32)"


def test_counts_come_back_from_printed_shares() -> None:
    assert count_of(0.2696, 115) == 31
    assert count_of(0.0, 145) == 0
    assert count_of(0.27, 115) == 31
    assert count_of(0.265, 10) is None
    assert count_of(0.41, None) is None


def test_an_empty_arm_has_no_difference() -> None:
    found = difference(0, 0, 3, 10)
    assert math.isnan(found.value)
    assert needed(found).number is None
