"""Ketascope on the course of full28d, only quantiles over people kept (one JSON line)."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import course28d, ours
from benchmarks.people import drawn
from benchmarks.timed import arguments, tell, timed

QUANTILES = (0.05, 0.5, 0.95)
CHECKED = (0, 1, 76, 671)
"""Times at which everybody's values are kept once, after the timed runs, to check the quantiles."""


def main() -> None:
    """Time the warm call, then hold some of its numbers against NumPy's."""
    from ketascope.engine.stream import streamed_quantiles

    given = arguments()
    clearance, volume, origin = drawn(given.people)
    doses, times = ours.infusions(course28d.STARTS), course28d.TIMES
    run, names = ours.runner(ours.benchmark_model(), doses, times, clearance, volume)
    passes = [0]

    def produce(consume: ours.Keep) -> None:
        passes[0] += 1
        run(consume)

    shape = (len(names), len(times))
    found, timing = timed(
        lambda: streamed_quantiles(produce, shape, given.people, QUANTILES), given.runs
    )
    told = {
        "error": largest_difference(found[:, :, CHECKED], run, given.people),
        "passes": passes[0] / (given.runs + 1),
    }
    tell({**timing, **told, "cores": given.cores, "people": origin, "quantiles": len(QUANTILES)})


def largest_difference(found: Any, run: Any, people: int) -> float:
    """Largest difference from NumPy's quantiles at some times, relative to the state's maximum."""
    kept = np.empty((len(CHECKED), found.shape[1], people))

    def keep(first: int, values: Any) -> None:
        kept[:, :, first : first + values.shape[-1]] = values[CHECKED, :, :]

    run(keep)
    expected = np.quantile(kept, QUANTILES, axis=-1).swapaxes(1, 2)
    most = np.abs(expected).max(axis=(0, 2), keepdims=True)
    return float((np.abs(found - expected) / np.where(most > 0, most, 1.0)).max())


if __name__ == "__main__":
    main()
