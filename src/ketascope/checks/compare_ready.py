"""Readiness to leave in several arms, under the same draws of the calibrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.checks.compare_lines import Ends, Line, around, ends
from ketascope.effects.readiness import Readiness, part_display, readiness
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    import xarray as xr

HOURS: Final = (1.5, 2.0)
DRAWS: Final = 50


def ready_lines(results: Sequence[xr.Dataset], settings: Mapping[str, float]) -> list[Line]:
    """Return shares of people ready at 1.5 and 2 h and the hours to readiness, first session."""
    found: list[Readiness | None] = []
    notes: list[str] = []
    for k, result in enumerate(results):
        letter = chr(ord("A") + k)
        try:
            one = readiness(result, settings=settings, draws=DRAWS)
        except (InputError, Unsupported) as error:
            found.append(None)
            notes.append(f"{letter} is not predicted: {error.message}.")
            continue
        found.append(one)
        if one.not_predicted:
            missing = ", ".join(part_display(name) for name in one.not_predicted)
            notes.append(f"{letter} leaves out what is not predicted: {missing}.")
    if not any(one is not None for one in found):
        return []
    note = " ".join(notes).replace("..", ".")
    return [*(_share(found, hour, note) for hour in HOURS), _hours(found, note)]


def _share(found: Sequence[Readiness | None], hour: float, note: str) -> Line:
    values: list[Ends | None] = []
    for one in found:
        cloud = [] if one is None else [100 * draw.share(hour) for draw in one.draws]
        values.append(None if one is None else around(100 * one.ready.share(hour), cloud))
    first = found[0]
    differences: list[Ends | None] = []
    for one in found[1:]:
        if one is None or first is None:
            differences.append(None)
            continue
        drawn = [
            100 * (b.share(hour) - a.share(hour))
            for a, b in zip(first.draws, one.draws, strict=True)
        ]
        gap = 100 * (one.ready.share(hour) - first.ready.share(hour))
        differences.append(around(gap, drawn))
    return Line("readiness", f"Ready by {hour:g} h", "% of people", tuple(values),
                tuple(differences), "difference", "fit", note)  # fmt: skip


def _hours(found: Sequence[Readiness | None], note: str) -> Line:
    """Hours to readiness, person by person; who is not ready in the window is left out."""
    times = [None if one is None else np.asarray(one.ready.hours, dtype=float) for one in found]
    first = times[0]
    differences = tuple(
        None if one is None or first is None or len(one) != len(first) else ends(one - first)
        for one in times[1:]
    )
    late = [k for k, one in enumerate(times) if one is not None and not np.isfinite(one).all()]
    if late:
        names = ", ".join(chr(ord("A") + k) for k in late)
        note = f"{note} Some of {names} are not ready in the hours followed and not in the times."
    return Line("readiness", "Time until ready", "h",
                tuple(None if one is None else ends(one) for one in times), differences,
                "difference", "people", note.strip())  # fmt: skip
