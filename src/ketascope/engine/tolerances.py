"""Tolerances of numerical solutions, apart from what solves them: importing them loads nothing."""

from ketascope.errors import InputError

RTOL, ATOL = 1e-6, 1e-9
"""Default tolerances of a step of the responses, relative and absolute in their unit."""
FINEST, SMALLEST = 1e-13, 1e-300
"""Smallest tolerances: relative, below which roundings are as large, and absolute."""


def check_tolerance(word: str, value: float, least: float) -> None:
    """Refuse what is no tolerance: it must be a number from ``least`` to below 1."""
    number = isinstance(value, (int, float))
    if not number or not least <= value < 1.0:
        raise InputError(
            f"the {word} tolerance is {f'{value:g}' if number else repr(value)}",
            hint=f"take a small number such as 1e-8, {least:g} or more",
        )
