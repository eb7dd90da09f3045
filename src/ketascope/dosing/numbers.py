"""Numbers as the regimen language takes and prints them."""

from __future__ import annotations

import math
from decimal import Decimal

from ketascope.errors import InputError

#: Numbers outside this range are typing errors whatever the unit.
SMALLEST, LARGEST = 1e-6, 1e6
#: Longest count of days, weeks or doses that a phase may name; schedules are limited further.
MOST = 100_000


def check_number(value: float, what: str) -> None:
    """Refuse what is not a number greater than zero in a sane range (InputError)."""
    if not math.isfinite(value) or value <= 0:
        raise InputError(
            f"{what} must be a number greater than zero, not {value:g}", hint="give one such as 0.5"
        )
    if not SMALLEST <= value <= LARGEST:
        raise InputError(
            f"{what} of {value:g} is outside the range that can be meant",
            hint=f"give a number from {SMALLEST:g} to {LARGEST:,.0f}",
        )


def check_count(value: float, what: str, most: int = MOST) -> None:
    """Refuse what is not a whole number from 1 to ``most`` (InputError)."""
    if value != int(value) or not 1 <= value <= most:
        raise InputError(f"{what} must be a whole number from 1 to {most:,}, not {value}")


def number_words(value: float) -> str:
    """Print a float so that it reads back to the same float, without an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
