"""Ketascope on the case full28d (run as a module: one JSON line)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import course28d, ours
from benchmarks.exact import error
from benchmarks.people import people
from benchmarks.timed import arguments, spread, tell, timed

CHECKED = 20
"""People whose every state is held against SciPy at tolerances of 1e-12."""


def errors(found: Any, clearance: Any, volume: Any) -> dict[str, Any]:
    """Hold some people, shape (times, states, people), against the references.

    Against SciPy's for some of them, and against the outside data where it is given.
    """
    checked = spread(found.shape[2], CHECKED)
    told: dict[str, Any] = {
        "checked": len(checked),
        "error": max(
            error(found[:, :, i].T, course28d.reference(clearance[i], volume[i])) for i in checked
        ),
    }
    outside = course28d.outside_reference()
    if outside is not None:
        count = min(found.shape[2], len(outside))
        told["error_outside"] = max(error(found[:, :, i].T, outside[i]) for i in range(count))
        told["error"] = max(told["error"], told["error_outside"])
    return told


def main() -> None:
    """Time the warm call, then hold its numbers against the references."""
    given = arguments()
    clearance, volume, origin = people(given.people)
    found, timing = timed(prepared(clearance, volume), given.runs)
    told = errors(found, clearance, volume)
    tell({**timing, **told, "cores": given.cores, "people": origin, "numbers": int(found.size)})


def prepared(clearance: Any, volume: Any) -> Callable[[], Any]:
    """Return the call to be timed; its array has shape (times, states, people)."""
    doses, times = ours.infusions(course28d.STARTS), course28d.TIMES
    return ours.prepared(ours.benchmark_model(), course28d.STATES, doses, times, clearance, volume)


if __name__ == "__main__":
    main()
