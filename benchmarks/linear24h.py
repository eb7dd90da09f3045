"""Ketascope on the case linear24h (run as a module: one JSON line)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import ours
from benchmarks.exact import by_exponential, by_formula, error
from benchmarks.people import STATES, TIMES, people
from benchmarks.timed import arguments, spread, tell, timed

CHECKED = 50
"""People whose every state is held against the exact answers."""


def main() -> None:
    """Time the warm call, then hold its numbers against the exact ones."""
    given = arguments()
    clearance, volume, origin = people(given.people)
    found, timing = timed(prepared(clearance, volume), given.runs)
    checked = spread(given.people, CHECKED)
    errors = [
        [error(found[:, :, i].T, exact(clearance[i], volume[i])) for i in checked]
        for exact in (by_exponential, by_formula)
    ]
    tell(
        {
            **timing,
            "cores": given.cores,
            "people": origin,
            "error": max(errors[0]),
            "error_formula": max(errors[1]),
            "checked": len(checked),
            "numbers": int(found.size),
        }
    )


def prepared(clearance: Any, volume: Any) -> Callable[[], Any]:
    """Return the call to be timed; its array has shape (times, states, people)."""
    doses = ours.infusions([0.0])
    return ours.prepared(ours.linear_model(), STATES, doses, TIMES, clearance, volume)


if __name__ == "__main__":
    main()
