"""Shares of people in two arms: their difference, and how many are treated for one more.

>>> difference(20, 100, 10, 100)
Estimate(value=0.1, low=0.0001..., high=0.1994...)
>>> needed(difference(142, 346, 21, 222)).text
'3.2 (2.7 to 4.0)'
>>> needed(difference(10, 100, 9, 100)).text
'no difference shown'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from ketascope.effects.scores import Estimate, wilson

TOLERANCE: Final = 0.0006
"""Largest distance of a printed share from count over n: half of 0.1 %, and rounding."""
NO_DIFFERENCE: Final = "no difference shown"
NO_COUNTS: Final = "counts not known"


def difference(count: int, n: int, other_count: int, other_n: int, level: float = 0.95) -> Estimate:
    """Difference of two independent shares with the interval of Newcombe (1998, his method 10).

    Parameters
    ----------
    count, n : int
        People with it, and in all, in the first arm.
    other_count, other_n : int
        The same in the arm it is compared with.
    level : float
        Confidence of the interval.

    Returns
    -------
    Estimate
        First less second, as fractions; NaN for an empty arm.
    """
    one, other = wilson(count, n, level), wilson(other_count, other_n, level)
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - down, value + up)


@dataclass(frozen=True, slots=True)
class Needed:
    """How many people are treated for one more with it, or one fewer.

    Parameters
    ----------
    number, low, high : float or None
        1 over the difference and over the ends of its interval, all positive; None where the
        interval of the difference holds 0, and no single number can be given.
    more : bool or None
        Whether the first arm has more; None where no difference is shown.
    """

    number: float | None
    low: float | None
    high: float | None
    more: bool | None

    @property
    def text(self) -> str:
        """In words: ``3.2 (2.7 to 4.0)``, or that no difference was shown."""
        if self.number is None or self.low is None or self.high is None:
            return NO_DIFFERENCE
        return f"{_short(self.number)} ({_short(self.low)} to {_short(self.high)})"


def needed(found: Estimate) -> Needed:
    """Return the number needed to treat, or to harm, of a difference.

    The interval is that of the difference, turned over (Altman 1998). Where it holds 0 it would
    run through infinity: then nothing is given but that no difference was shown.
    """
    if not (found.low > 0 or found.high < 0):
        return Needed(None, None, None, None)
    ends = sorted((1 / abs(found.low), 1 / abs(found.high)))
    return Needed(1 / abs(found.value), ends[0], ends[1], found.value > 0)


def count_of(share: float, n: int | None) -> int | None:
    """Return the whole number of people that a printed share is of; None if none fits it alone.

    >>> count_of(0.2696, 115), count_of(0.5, 3), count_of(0.41, None)
    (31, None, None)
    """
    if n is None:
        return None
    nearest = round(share * n)
    # in large arms several counts print alike: the nearest may be off by less than the rounding
    return nearest if abs(nearest / n - share) <= TOLERANCE else None


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
