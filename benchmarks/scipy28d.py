"""SciPy's LSODA on the case full28d (run as a module: one JSON line).

``solve_ivp`` from one switch of the infusion to the next, with the right-hand sides in Python.
"""

from __future__ import annotations

import scipy

from benchmarks.course28d import integrated
from benchmarks.full28d import errors
from benchmarks.people import people
from benchmarks.timed import arguments, tell, timed

TOLERANCE = 1e-6


def main() -> None:
    """Time the loop over people, then hold its numbers against the references."""
    import numpy as np

    given = arguments()
    tolerance = given.tolerance or TOLERANCE
    clearance, volume, origin = people(given.people)
    how = {"method": "LSODA", "rtol": tolerance, "atol": tolerance}
    found, timing = timed(
        lambda: [integrated(*who, **how) for who in zip(clearance, volume, strict=True)],
        given.runs,
    )
    told = errors(np.stack(found, axis=2).swapaxes(0, 1), clearance, volume)
    tell({**timing, **told, "cores": 1, "people": origin, "version": scipy.__version__})


if __name__ == "__main__":
    main()
