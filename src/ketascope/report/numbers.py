"""Numbers as a report prints them: three significant digits, always with a unit."""

from __future__ import annotations

import math

#: Below this a concentration is printed as "below 0.01": no assay reads it.
FAINT = 0.01


def sig(value: float, digits: int = 3) -> str:
    """Print a number with so many significant digits, without an exponent.

    >>> sig(76.349), sig(1234.5), sig(0.01234), sig(80.0)
    ('76.3', '1,230', '0.0123', '80.0')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    # 99.96 rounds up to a number with one digit more before the point
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(decimals, 0)}f}"


def plain(value: float) -> str:
    """Print a number as it was given, without trailing zeros.

    >>> plain(56.0), plain(0.5), plain(1234567.0)
    ('56', '0.5', '1,234,567')
    """
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text or "0"


def concentration(value: float) -> str:
    """Print a concentration in ng/mL, without its unit: three digits, at most three decimals."""
    if 0 <= value < FAINT:
        return f"<{FAINT:g}"
    return f"{value:.3f}" if value < 1 else sig(value)


def duration(hours: float) -> str:
    """Print a time: in min under 2 h, else in h.

    >>> duration(2 / 3), duration(2.5), duration(8.25)
    ('40 min', '2.5 h', '8.25 h')
    """
    if not math.isfinite(hours):
        return "–"
    if abs(hours) < 2:
        return f"{round(hours * 60)} min"
    return f"{plain(float(f'{hours:.3g}'))} h"


def rounded(value: float, digits: int = 4) -> float | None:
    """Round to significant digits for data; None for what is not finite."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def join(words: list[str] | tuple[str, ...]) -> str:
    """List words: ``a, b and c``."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
