"""Published figures of receptors beside what the receptor models give."""

from __future__ import annotations

from ketascope.checks.comparison import Row


def receptor_rows() -> list[Row]:
    """Return a row for each published figure of a receptor."""
    return []
