"""Numbers as they are printed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.report.numbers import concentration, duration, join, plain, rounded, sig


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (99.96, "100"), (9.996, "10.0"), (0.0099996, "0.0100"), (1234.5, "1,230"),
        (76.349, "76.3"), (math.nan, "–"), (-3.14159, "-3.14"),
    ],
)  # fmt: skip
def test_three_significant_digits(value: float, text: str) -> None:
    assert sig(value) == text


@given(st.floats(1e-6, 1e9))
def test_what_is_printed_is_within_half_a_digit(value: float) -> None:
    assert float(sig(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


def test_faint_concentrations_are_not_spelled_out() -> None:
    assert concentration(1e-7) == "<0.01"
    assert concentration(0.0321) == "0.032"
    assert concentration(0.99999) == "1.000"
    assert concentration(32.1) == "32.1"


def test_times_are_in_minutes_under_two_hours() -> None:
    assert duration(1.999) == "120 min"
    assert duration(2.0) == "2 h"
    assert duration(7.8461) == "7.85 h"


def test_lists_and_given_numbers() -> None:
    assert join(["a", "b", "c"]) == "a, b and c"
    assert plain(0.5) == "0.5"
    assert plain(1000.0) == "1,000"
    assert rounded(math.inf) is None
