"""libroadrunner on the case full28d (run as a module: one JSON line).

As for linear24h: SBML with a rate rule for each state; infusions begin and end by events, at which
the integrator (CVODE) stops, so none is stepped over. Its relative and absolute tolerance are the
one that is asked for, or its defaults (1e-6 and 1e-12).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import people as linear
from benchmarks.course28d import CONSTANTS, INITIAL, RATES, STATES, SWITCHES, TIMES
from benchmarks.full28d import errors
from benchmarks.sbml import document
from benchmarks.timed import arguments, tell, timed


def sbml() -> str:
    """The model, its first infusion running from time 0."""
    rate = SWITCHES[0][1]
    values = {**linear.MEDIANS, **CONSTANTS, "RATE": rate, **INITIAL}
    return document("full28d", RATES, values, SWITCHES[1:])


def loaded(tolerance: float | None = None) -> Any:
    """The compiled model, its tolerances set."""
    import roadrunner

    model = roadrunner.RoadRunner(sbml())
    model.timeCourseSelections = list(STATES)
    if tolerance is not None:
        model.integrator.relative_tolerance = tolerance
        model.integrator.absolute_tolerance = tolerance
    return model


def simulate(model: Any, clearance: Any, volume: Any) -> Any:
    """Every state of every person, shape (people, times, states)."""
    result = np.empty((len(clearance), len(TIMES), len(STATES)))
    rate = SWITCHES[0][1]
    for i in range(len(clearance)):
        model.reset()
        model["CL"], model["V1"], model["RATE"] = clearance[i], volume[i], rate
        result[i] = model.simulate(0.0, TIMES[-1], len(TIMES))
    return result


def main() -> None:
    """Time the warm loop over people, then hold its numbers against the references."""
    import roadrunner

    given = arguments()
    clearance, volume, origin = linear.people(given.people)
    model = loaded(given.tolerance)
    found, timing = timed(lambda: simulate(model, clearance, volume), given.runs)
    told = errors(np.moveaxis(found, 0, 2), clearance, volume)
    tell({**timing, **told, "cores": 1, "people": origin, "version": roadrunner.__version__})


if __name__ == "__main__":
    main()
