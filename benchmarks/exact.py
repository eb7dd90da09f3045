"""Two independent answers to the case linear24h: a matrix exponential and a closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import expm

from benchmarks.people import CONSTANTS, DOSE, HOURS, TIMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def matrix(CL: float, V1: float) -> Values:
    """Rates of the six states, 1/h, and in the last column what the infusion adds, per h."""
    c = CONSTANTS
    a = np.zeros((7, 7))
    a[0, :3] = -(CL + c["Q2"] + c["Q3"]) / V1, c["Q2"] / c["V2"], c["Q3"] / c["V3"]
    a[1, :2] = c["Q2"] / V1, -c["Q2"] / c["V2"]
    a[2, [0, 2]] = c["Q3"] / V1, -c["Q3"] / c["V3"]
    a[3, [0, 3]] = c["FM"] * CL / V1, -c["CLN"] / c["VN"]
    a[4, [3, 4]] = c["CLN"] / c["VN"], -c["CLH"] / c["VH"]
    a[5, [0, 5]] = c["KE0"] * 1000.0 / V1, -c["KE0"]
    a[0, 6] = DOSE / HOURS
    return a


def by_exponential(CL: float, V1: float, times: Values = TIMES) -> Values:
    """Every state at every time by SciPy's matrix exponential, shape (states, times)."""
    on = matrix(CL, V1)
    off = on.copy()
    off[:, 6] = 0.0
    start = np.zeros(7)
    start[6] = 1.0
    at_end = expm(on * HOURS) @ start
    columns = [
        expm(on * t) @ start if t <= HOURS else expm(off * (t - HOURS)) @ at_end for t in times
    ]
    return np.array(columns).T[:6]


def by_formula(CL: float, V1: float, times: Values = TIMES) -> Values:
    """Every state at every time from the poles and residues of its transfer function."""
    c = CONSTANTS
    k10, k12, k13 = CL / V1, c["Q2"] / V1, c["Q3"] / V1
    k21, k31 = c["Q2"] / c["V2"], c["Q3"] / c["V3"]
    kn, kh, ke = c["CLN"] / c["VN"], c["CLH"] / c["VH"], c["KE0"]
    cubic = [
        1.0,
        k10 + k12 + k13 + k21 + k31,
        k10 * (k21 + k31) + k21 * k31 + k12 * k31 + k13 * k21,
        k10 * k21 * k31,
    ]
    poles = np.roots(cubic)
    poles = poles - np.polyval(cubic, poles) / np.polyval(np.polyder(cubic), poles)
    central = np.polymul([1.0, k21], [1.0, k31])
    # (zeros' polynomial, further poles) of each state for a unit dose into the central volume
    states = [
        (central, []),
        (k12 * np.array([1.0, k31]), []),
        (k13 * np.array([1.0, k21]), []),
        (c["FM"] * k10 * central, [-kn]),
        (c["FM"] * k10 * kn * central, [-kn, -kh]),
        (ke * 1000.0 / V1 * central, [-ke]),
    ]
    return np.stack([_response(top, np.append(poles, more), times) for top, more in states])


def _response(top: Values, poles: Values, times: Values) -> Values:
    """Response to the infusion, from a transfer function with simple poles."""
    during, after = np.minimum(times, HOURS), np.clip(times - HOURS, 0.0, None)
    total = np.zeros_like(times)
    for i, pole in enumerate(poles):
        residue = np.polyval(top, pole) / np.prod(pole - np.delete(poles, i))
        total += residue * np.expm1(pole * during) / pole * np.exp(pole * after)
    return DOSE / HOURS * total


def error(found: Values, expected: Values) -> float:
    """Largest difference of any state, relative to the state's maximum; shapes (states, times)."""
    most = np.abs(expected).max(axis=1, keepdims=True)
    return float((np.abs(found - expected) / most).max())
