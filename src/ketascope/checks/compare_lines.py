"""Lines of a comparison: a quantity in every arm, and how each arm differs from the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Kind = Literal["difference", "ratio"]
Interval = Literal["people", "fit", "trials", "none"]
Ends = dict[str, float | None]


@dataclass(frozen=True)
class Line:
    """One quantity.

    Parameters
    ----------
    group : str
        A key of :data:`ketascope.checks.compare.GROUPS`.
    quantity, unit : str
    values : tuple of dict or None
        For each arm ``q05``, ``q50``, ``q95``; None where it is not predicted.
    differences : tuple of dict or None
        For each arm after the first, against the first.
    kind : {"difference", "ratio"}
        What a difference is.
    interval : {"people", "fit", "trials", "none"}
        What the ends of values and differences are.
    note : str
        What to know, or why it is not predicted.
    """

    group: str
    quantity: str
    unit: str
    values: tuple[Ends | None, ...]
    differences: tuple[Ends | None, ...]
    kind: Kind
    interval: Interval
    note: str = ""

    def record(self, letters: list[str]) -> dict[str, Any]:
        """Return the line as plain values, arms by letter."""
        return {
            "group": self.group,
            "quantity": self.quantity,
            "unit": self.unit,
            "kind": self.kind,
            "interval": self.interval,
            "values": dict(zip(letters, self.values, strict=True)),
            "against_first": dict(zip(letters[1:], self.differences, strict=True)),
            "note": self.note,
        }


def ends(values: ArrayLike) -> Ends | None:
    """Return the 5, 50 and 95 % quantile; None where nothing is finite.

    >>> ends([1.0, 2.0, 3.0])["q50"]
    2.0
    """
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found)]
    if not found.size:
        return None
    low, middle, high = np.quantile(found, (0.05, 0.5, 0.95))
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def around(value: float, cloud: ArrayLike) -> Ends:
    """Return an estimate with the 5 and 95 % quantile of its draws; null ends without draws."""
    found = np.asarray(cloud, dtype=float)
    found = found[np.isfinite(found)]
    if not found.size:
        return {"q05": None, "q50": float(value), "q95": None}
    low, high = np.quantile(found, (0.05, 0.95))
    return {"q05": float(low), "q50": float(value), "q95": float(high)}
