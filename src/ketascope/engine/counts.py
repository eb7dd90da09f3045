"""Whole numbers that a run is asked for, apart from what runs: importing this loads nothing."""

from ketascope.errors import InputError


def check_count(what: str, value: int) -> int:
    """Return a whole number from 1 up; InputError for anything else."""
    if not hasattr(value, "__index__") or isinstance(value, bool) or value < 1:
        raise InputError(f"{what} is {value!r}", hint="give a whole number from 1 up")
    return int(value)
