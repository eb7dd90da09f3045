"""The equations and the course of the case full28d, the same for every program.

Those of linear24h (:mod:`benchmarks.people`), a response that the effect site drives and a
tolerance to it; eight infusions in four weeks.
"""

from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks import people as linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

DOSE, HOURS = linear.DOSE, linear.HOURS
STARTS = (0.0, 72.0, 168.0, 240.0, 336.0, 408.0, 504.0, 576.0)
"""Hours at which an infusion begins."""
TIMES = np.arange(673.0)
STATES = (*linear.STATES, "RESP", "TOL")
CONSTANTS = {
    **linear.CONSTANTS,
    "KOUT": 2.0, "E0": 100.0, "EMAX": 1.0, "EC50": 100.0, "KTOL": 0.05, "T50": 50.0,
}  # fmt: skip
INITIAL = {**dict.fromkeys(STATES, 0.0), "RESP": 100.0}
RATES = {
    **linear.RATES,
    "RESP": "KOUT * E0 * (1 + EMAX * CE / (EC50 * (1 + TOL / T50) + CE)) - KOUT * RESP",
    "TOL": "KTOL * (CE - TOL)",
}
SWITCHES = [(t + late, rate) for t in STARTS for late, rate in ((0.0, DOSE / HOURS), (HOURS, 0.0))]
"""Hours and the rate of infusion, mg/h, from then on."""


def slope() -> Callable[..., Any]:
    """Return the right-hand sides as a function of time, states, CL, V1 and RATE."""
    text = f"""def f(t, x, CL, V1, RATE):
        {", ".join(STATES)} = x.tolist()
        return [{", ".join(RATES[name] for name in STATES)}]"""
    scope: dict[str, Any] = dict(CONSTANTS)
    exec(text, scope)
    function: Callable[..., Any] = scope["f"]
    return function


def integrated(CL: float, V1: float, times: Values = TIMES, **how: Any) -> Values:
    """Every state at every time by SciPy from one switch to the next, shape (states, times).

    ``how`` goes to ``scipy.integrate.solve_ivp``.
    """
    f = slope()
    x = np.array([INITIAL[name] for name in STATES])
    found = np.empty((len(STATES), len(times)))
    found[:, times == 0.0] = x[:, None]
    switches = [*SWITCHES, (float(times[-1]), 0.0)]
    for (begin, rate), (end, _) in pairwise(switches):
        inside = (times > begin) & (times <= end)
        asked = np.unique([*times[inside], end])
        y = solve_ivp(f, (begin, end), x, t_eval=asked, args=(CL, V1, rate), **how).y
        found[:, inside] = y[:, np.isin(asked, times[inside])]
        x = y[:, -1]
    return found


def reference(CL: float, V1: float) -> Values:
    """The same at tolerances of 1e-12.

    LSODA: between its steps it interpolates as exactly as it steps; methods of Runge and Kutta
    (DOP853) lose four digits there for quick people.
    """
    return integrated(CL, V1, method="LSODA", rtol=1e-12, atol=1e-12)


def outside_reference() -> Values | None:
    """The first people of the outside data, shape (people, states, times), where it is given."""
    folder = os.environ.get("KETASCOPE_BENCH_DATA")
    if not folder:
        return None
    with Path(folder, "reference_first20.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    values = np.array([[float(row[name]) for name in STATES] for row in rows])
    return values.reshape(-1, len(TIMES), len(STATES)).swapaxes(1, 2)
