"""A sample of the parameters of ``calibration/sedation.py``, a row for each of dissociation's.

A row keeps the acute tolerance of that row of ``dissociation_sample.csv``: the points of alertness
say nothing of it. Given tolerance the points nearly decide the rest. So what is assumed (spread,
placebo, place in the range) is drawn as assumed, two of the points are drawn within their errors,
and both thresholds are those that give them; one of the candidates is taken by what the third point
says of it and by how steeply the points follow the thresholds, which are flat on their logarithm.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from dissociation import OCCASION_PART, PEOPLE, SESSIONS, normals
from dissociation_points import place
from fitting import Point, off, on
from scipy.special import ndtr
from sedation import BELOW, BORROWED, FREE, NONE, highest, listed, points_read

from ketascope.effects.calibrated import calibration

FILE = "sedation_sample.csv"
CANDIDATES = 48
SEED = 20261127
STEP = 0.2
GRID = np.arange(-2.0, 6.0, STEP)
"""Logarithms of thresholds over the middle of what tolerance leaves of 84 mg at most."""


def over(most: np.ndarray, sd: float, thresholds: np.ndarray) -> np.ndarray:
    """Share of people who exceed each of the thresholds, given by their logarithm, as ``reached``.

    ``most``: logarithm of what tolerance leaves at most of both sessions, shape (people, 2).
    """
    person = sd * np.sqrt(1 - OCCASION_PART) * normals(PEOPLE)[:, 1]
    below = (thresholds[:, None, None] - (most + person[:, None])) / (sd * np.sqrt(OCCASION_PART))
    first, later = np.moveaxis(ndtr(below), 2, 0)
    return np.asarray(1 - (first * later ** (SESSIONS - 1)).mean(axis=1))


def crossing(curve: np.ndarray, aim: float, at: np.ndarray) -> tuple[float, float]:
    """Where a falling curve has a value, and its slope there; nan where it never has."""
    k = int(np.searchsorted(-curve, -aim))
    if not 0 < k < curve.size or curve[k - 1] - curve[k] <= 0:
        return float("nan"), float("nan")
    slope = (curve[k - 1] - curve[k]) / STEP
    return float(at[k - 1] + (curve[k - 1] - aim) / slope), float(slope)


def share_said(reached: np.ndarray, dose: int, own: dict[str, float]) -> np.ndarray:
    """What the model says of the printed share below 5, where so many exceed the threshold."""
    moved = own["arms_place"] * place(points_read()[BELOW[dose]])
    return 1 - (1 - reached) * (1 - own["placebo_below_5"]) - moved


def candidate(
    most: dict[int, np.ndarray], at: np.ndarray, rng: np.random.Generator
) -> tuple[dict[str, float], float]:
    """Return one set of own parameters that gives two of the points as drawn, and its weight."""
    upper, lower, lost = (listed_by()[name] for name in (BELOW[84], BELOW[56], NONE))
    own = {}
    for name in ("sensitivity_sd", "placebo_below_5", "arms_place"):
        centre, sd = FREE[name].prior or (0.0, 1.0)
        scale = FREE[name].scale
        own[name] = off(scale, on(scale, centre) + sd * rng.standard_normal())
    reached = over(most[84], own["sensitivity_sd"], at)
    aim = upper.value + upper.error * rng.standard_normal()
    threshold, steep = crossing(share_said(reached, 84, own), aim, at)
    aim = np.log(lost.value) + lost.error * rng.standard_normal()
    with np.errstate(divide="ignore"):
        far, rare = crossing(np.log(reached), float(aim), at)
    if not far > threshold:
        return own, 0.0
    smaller = over(most[56], own["sensitivity_sd"], np.array([threshold]))
    miss = float(share_said(smaller, 56, own)[0] - lower.value) / lower.error
    own |= {"threshold": float(np.exp(threshold)), "ratio": float(np.exp(far - threshold))}
    return own, float(np.exp(-(miss**2) / 2) / (steep * rare))


@lru_cache(maxsize=1)
def listed_by() -> dict[str, Point]:
    """Points by id."""
    return {point.id: point for point in listed()}


def candidates(
    tolerance: dict[str, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return sets of own parameters, in the order of FREE on their scales, and their weights."""
    with np.errstate(divide="ignore"):
        most = {dose: np.log(highest(tolerance, dose)) for dose in BELOW}
    at = float(np.median(most[84][:, 1])) + GRID
    drawn = [candidate(most, at, rng) for _ in range(CANDIDATES)]
    fine = [(own, weight) for own, weight in drawn if weight > 0]
    rows = [[on(one.scale, own[n]) for n, one in FREE.items()] for own, _ in fine]
    return np.array(rows), np.array([weight for _, weight in fine])


def sample(added: np.ndarray) -> np.ndarray:
    """Return rows of own and borrowed parameters on their scales, shape (rows, parameters).

    ``added``: directions of own parameters, shape (n, own), each moved by a normal deviate of its
    own for what is no point: the split of sensitivity, other trials.
    """
    source = calibration("dissociation")
    given = source.sampled()
    scales = {p.name: p.scale for p in source.fitted}
    count = len(given[BORROWED[0]])
    found = np.empty((count, len(FREE) + len(BORROWED)))
    for k in range(count):
        rng = np.random.default_rng([SEED, k])
        tolerance = {name: float(given[name][k]) for name in BORROWED}
        rows, weight = candidates(tolerance, rng)
        if not len(weight):
            raise SystemExit(f"no candidate fits with row {k} of dissociation")
        one = int(rng.choice(len(weight), p=weight / weight.sum()))
        own = rows[one] + rng.standard_normal(len(added)) @ added
        found[k] = [*own, *(on(scales[name], tolerance[name]) for name in BORROWED)]
    return found
