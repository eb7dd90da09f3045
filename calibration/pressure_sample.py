"""A sample of the parameters of ``calibration/pressure.py`` from their likelihood and priors.

The likelihood bends along the ridge of ``ec50`` and the highest rises and is open towards a large
``offset``: draws from the covariance put bands too low. So points are drawn from a wide t about the
estimate and weighted by how likely they are over how often they are drawn; a second and a third t
follow what the points so far show; a sample is taken by weight from all of them.

Points lie in coordinates in which the likelihood is nearer to a normal one
    Instead of the highest rises, the mean rises that they lead to after 84 mg of the spray. Instead
    of the strength of the racemate in a series, the root of the mean systolic rise there. Instead
    of the scatter of a middle person, on its logarithm, the mean scatter. What is flat on the
    scales of the parameters stays so: the weights hold the volume of these coordinates.
What no point tells (another series of infusions) is as assumed, and drawn beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from fitting import Free, off, on
from pressure_model import TIMES, at, infusion, predicted, simulated
from pressure_points import INFUSED, KINDS, SERIES_AGE, listed
from sampling import by_weight, moments
from scipy.special import logsumexp, ndtri
from scipy.stats import multivariate_t, qmc

from ketascope.effects.opposed import drive
from ketascope.effects.pressure import AGE, age_factor, response

ROWS = 1000
"""Rows of the sample."""
ROUNDS = (800, 800, 2000)
WIDER = 1.3
"""Factor on the variances of the fit, for the first round."""
FREEDOM = 8
PEOPLE = 1024
"""As many as in the fit: with half of them rises would lie 2 % lower."""
UNSEEN = "infusions"
STEP = 0.01
TINY = 1e-9
SEED = 20261127
FILE = "pressure_sample.csv"

Named = dict[str, np.ndarray]
"""Parameters by name, each of shape (points,)."""


def _left(p: Named, concentrations: np.ndarray) -> np.ndarray:
    """What tolerance leaves of one curve, shape (points, times)."""
    plasma = np.broadcast_to(concentrations, (len(p["ke0"]), TIMES.size))
    return drive(TIMES, plasma, *(np.exp(p[name]) for name in ("ke0", "offset", "ktol")))


def _mean(p: Named) -> np.ndarray:
    """Log of the mean sensitivity over that of a middle person."""
    return np.asarray(np.exp(2 * p["sensitivity_sd"]) / 2)


def _rise(p: Named) -> np.ndarray:
    """Log of the largest mean rise over the highest one, after 84 mg at their mean level."""
    left = _left(p, simulated()[1].mean(axis=0)).max(axis=1)
    return np.log(np.maximum(response(left, np.exp(p["ec50"])), TINY)) + _mean(p)


def _series(p: Named, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Logs of what is left over ``ec50``, and of the rise over its part, in a series of 1."""
    hour = at((INFUSED[name][1],))[0]
    left = np.log(np.maximum(_left(p, infusion()[0])[:, hour], TINY))
    older = np.log(age_factor(SERIES_AGE.get(name, AGE), p["age_slope"]))
    return left + p["racemate_potency"] - p["ec50"], p["highest_systolic"] + _mean(p) + older


def _named(names: list[str], x: np.ndarray) -> Named:
    return {name: np.array(x[:, k]) for k, name in enumerate(names)}


def turned(names: list[str], x: np.ndarray) -> np.ndarray:
    """Return points in the coordinates of the draws, shape (points, parameters)."""
    p = _named(names, x)
    found, rise, scatter = dict(p), _rise(p), np.exp(2 * p["noise_spread"]) / 2
    for name in INFUSED:
        odds, most = _series(p, name)
        odds = np.exp(odds + p[f"series_{name}"])
        found[f"series_{name}"] = np.sqrt(np.exp(most) * odds / (1 + odds))
    for kind in KINDS:
        found[f"highest_{kind}"] = np.exp(p[f"highest_{kind}"] + rise)
        found[f"noise_{kind}"] = p[f"noise_{kind}"] + scatter
    return np.stack([found[name] for name in names], axis=1)


def back(names: list[str], y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points on the scales of the parameters, and the log of the volume they have for one.

    Rises below nought or above the highest one belong to no point: their volume is nought.
    """
    p = _named(names, y)
    rise, scatter = _rise(p), np.exp(2 * p["noise_spread"]) / 2
    inside, volume = np.ones(len(y), dtype=bool), np.zeros(len(y))
    for kind in KINDS:
        mean = p[f"highest_{kind}"]
        inside &= mean > 0
        mean = np.log(np.maximum(mean, TINY))
        p[f"highest_{kind}"] = mean - rise
        p[f"noise_{kind}"] -= scatter
        volume -= mean
    for name in INFUSED:
        odds, most = _series(p, name)
        root = p[f"series_{name}"]
        part = root**2 / np.exp(most)
        inside &= (root > 0) & (part < 1)
        root, part = np.maximum(root, TINY), np.clip(part, TINY, 1 - TINY)
        p[f"series_{name}"] = np.log(part / (1 - part)) - odds
        # slope of the root by the log of the strength is root * (1 - part) / 2
        volume -= np.log(root) + np.log(1 - part)
    x = np.stack([p[name] for name in names], axis=1)
    return x, np.where(inside, volume, -np.inf)


def log_likely(free: Mapping[str, Free], x: np.ndarray, people: int = PEOPLE) -> np.ndarray:
    """Log of likelihood and priors, but for a constant, of points of shape (n, parameters)."""
    points = listed()
    priors = {n: (on(f.scale, f.prior[0]), f.prior[1]) for n, f in free.items() if f.prior}
    found = np.empty(len(x))
    for k, row in enumerate(x):
        here = dict(zip(free, row, strict=True))
        p = {name: off(free[name].scale, float(v)) for name, v in here.items()}
        said = predicted(p | {"people": people})
        z = [q.z(max(said[q.id], TINY)) for q in points]
        z += [(here[name] - middle) / sd for name, (middle, sd) in priors.items()]
        found[k] = -np.sum(np.square(z)) / 2
    return found


def start(free: Mapping[str, Free], fit: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimate and the covariance of the points as seen in these coordinates."""
    names = list(free)
    middle = np.array([on(f.scale, fit["values"][name]) for name, f in free.items()])
    steps = STEP * np.eye(middle.size)
    slope = (turned(names, middle + steps) - turned(names, middle - steps)).T / (2 * STEP)
    kept = [list(fit["values"]).index(name) for name in names]
    spread = np.asarray(fit["covariance"])[np.ix_(kept, kept)]
    return turned(names, middle[None])[0], slope @ spread @ slope.T


def weighted(free: Mapping[str, Free], fit: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return points on the scales of the parameters, and their weights, which add up to one.

    ``fit`` as ``fitting.fit`` returns it; the likelihood is as much flatter as it is widened.
    """
    rng, names = np.random.default_rng(SEED), list(free)
    middle, spread = start(free, fit)
    spread = WIDER * spread
    shapes: list[Any] = []
    y, x, likely = np.empty((0, len(names))), np.empty((0, len(names))), np.empty(0)
    for count in ROUNDS:
        # the covariance of a t is wider than its scale
        shapes.append(multivariate_t(middle, spread, df=FREEDOM))
        drawn = shapes[-1].rvs(count, random_state=rng)
        found, volume = back(names, drawn)
        there = np.isfinite(volume)
        y, x = np.vstack([y, drawn[there]]), np.vstack([x, found[there]])
        own = log_likely(free, found[there]) / fit["widened"] ** 2 + volume[there]
        likely = np.append(likely, own)
        often = [np.log(n) + one.logpdf(y) for n, one in zip(ROUNDS, shapes, strict=False)]
        weight = likely - logsumexp(often, axis=0)
        weight = np.exp(weight - logsumexp(weight))
        middle, spread = moments(y, weight)
    return x, weight


def sample(free: Mapping[str, Free], fit: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``rows`` of shape (ROWS, parameters) on their scales, and how good the weights were.

    ``behind``: how many unweighted draws the weighted ``points`` are worth. ``deviates``: standard
    normal, shape (ROWS, 2), for what else is put on top of the sample.
    """
    seen = {name: one for name, one in free.items() if name != UNSEEN}
    x, weight = weighted(seen, fit)
    chosen = by_weight(weight, ROWS, np.random.default_rng(SEED).random())
    beside = qmc.Sobol(3, seed=SEED).random_base2(10)[:ROWS]
    z = ndtri(np.clip(beside, 1e-6, 1 - 1e-6))
    middle, sd = free[UNSEEN].prior or (1.0, 0.0)
    own = on(free[UNSEEN].scale, middle) + sd * z[:, 0]
    where = list(free).index(UNSEEN)
    spread = np.insert(np.insert(moments(x, weight)[1], where, 0.0, axis=0), where, 0.0, axis=1)
    spread[where, where] = sd**2
    return {
        "rows": np.insert(x[chosen], where, own, axis=1), "covariance": spread,
        "behind": float(1 / np.sum(weight**2)), "points": len(x), "deviates": z[:, 1:],
    }  # fmt: skip
