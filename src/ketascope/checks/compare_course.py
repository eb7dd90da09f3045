"""The course of depression in several arms: each over its own control, under the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.checks.compare_lines import Ends, Line, around
from ketascope.effects.mood import large_groups
from ketascope.effects.mood_arms import plan_of
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import xarray as xr

HOURS: Final = ((24.0, "24 h"), (648.0, "day 28"))
"""When the arms are compared."""
MEASURES: Final = (
    ("change", "MADRS, change over that of the control", "points", 1.0),
    ("response", "Response over that of the control", "% of people", 100.0),
    ("remission", "Remission over that of the control", "% of people", 100.0),
)


def course_lines(results: Sequence[xr.Dataset], seed: int) -> list[Line]:
    """Return what each arm adds to its own control at 24 h and day 28, and how arms differ.

    A draw holds the calibration and the trial, and is the same in every arm.
    """
    gaps: list[dict[str, Any] | None] = []
    notes: list[str] = []
    for k, result in enumerate(results):
        letter = chr(ord("A") + k)
        try:
            plan, comparator, _ = plan_of(result, None, None)
        except Unsupported as error:
            gaps.append(None)
            notes.append(f"{letter} is not predicted: {error.message}.")
            continue
        drug, control = large_groups(plan, np.array([h for h, _ in HOURS]), seed)
        gaps.append({name: getattr(drug, name) - getattr(control, name) for name, *_ in MEASURES})
        notes.append(f"{letter} against {comparator}.")
    if not any(gap is not None for gap in gaps):
        return []
    note = " ".join(notes).replace("..", ".")
    return [
        _line(f"{title}, {when}", unit, scale, [gap and gap[name][:, k] for gap in gaps], note)
        for name, title, unit, scale in MEASURES
        for k, (_, when) in enumerate(HOURS)
    ]


def _line(title: str, unit: str, scale: float, gaps: Sequence[Any], note: str) -> Line:
    first = gaps[0]
    values = tuple(_ends(gap, scale) for gap in gaps)
    differences = tuple(
        None if gap is None or first is None else _ends(gap - first, scale) for gap in gaps[1:]
    )
    return Line("course", title, unit, values, differences, "difference", "trials", note)


def _ends(cloud: Any, scale: float) -> Ends | None:
    if cloud is None:
        return None
    return around(scale * float(np.median(cloud)), scale * cloud)
