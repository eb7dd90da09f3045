"""libroadrunner on the case linear24h (run as a module: one JSON line).

The model is SBML with a rate rule for each state, which libroadrunner compiles; the infusion ends
by an event. For each person the model is reset, two parameters are set and the course is
simulated with the default integrator (CVODE) at its default tolerances: of the ways its
documentation shows, the quickest here (reactions instead of rules, the Adams method, two calls
without an event and the newer compiler were slower or no faster).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.exact import by_exponential, error
from benchmarks.linear24h import CHECKED
from benchmarks.people import CONSTANTS, DOSE, HOURS, MEDIANS, RATES, STATES, TIMES, people
from benchmarks.sbml import document
from benchmarks.timed import arguments, spread, tell, timed


def sbml() -> str:
    """The model, its infusion running from time 0 and ended by an event."""
    values = {**MEDIANS, **CONSTANTS, "RATE": DOSE / HOURS, **dict.fromkeys(STATES, 0.0)}
    return document("linear24h", RATES, values, [(HOURS, 0.0)])


def simulate(model: Any, clearance: Any, volume: Any) -> Any:
    """Every state of every person, shape (people, times, states)."""
    result = np.empty((len(clearance), len(TIMES), len(STATES)))
    for i in range(len(clearance)):
        model.reset()
        model["CL"], model["V1"], model["RATE"] = clearance[i], volume[i], DOSE / HOURS
        result[i] = model.simulate(0.0, TIMES[-1], len(TIMES))
    return result


def main() -> None:
    """Time the warm loop over people, then hold its numbers against the exact ones."""
    import roadrunner

    given = arguments()
    clearance, volume, origin = people(given.people)
    model = roadrunner.RoadRunner(sbml())
    model.timeCourseSelections = list(STATES)
    found, timing = timed(lambda: simulate(model, clearance, volume), given.runs)
    checked = spread(given.people, CHECKED)
    errors = [error(found[i].T, by_exponential(clearance[i], volume[i])) for i in checked]
    version = roadrunner.__version__
    tell({**timing, "cores": 1, "people": origin, "version": version, "error": max(errors)})


if __name__ == "__main__":
    main()
