"""A sample of the parameters of ``calibration/dissociation.py`` from their likelihood and priors.

The points fix how far ratings spread in all, so that neither of its two parts can exceed that by
much, and neither has a lower end but the one assumed: draws from a covariance have a part of the
people's sensitivity that the points exclude. So points are drawn from a wide t distribution,
weighted by how likely they are, the distribution is moved to what they show, and from the last of
these rounds a sample is taken by weight. Proposals are made in coordinates that the points bound
one by one: the logarithm of the spread in all and the logit of the people's part of its variance,
the strength at each kind of rating, what tolerance leaves late of what it leaves early, how much a
late score has waned, and the share with placebo.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from dissociation import (
    BETWEEN_TRIALS,
    FREE,
    INFUSION,
    RATED,
    at_hour,
    infusion,
    predicted,
    racemate,
    sites,
    spray,
)
from dissociation_points import listed, unprinted
from fitting import misses
from sampling import by_weight, moments
from scipy.special import expit, log_expit, logit, logsumexp
from scipy.stats import multivariate_t

ROWS = 1000
"""Rows of the sample."""
ROUNDS = (2_500, 3_500, 6_500)
FREEDOM = 8
HELD = 150
"""Draws that what was known before a round counts for when the distribution is moved."""
BATCH = 200
SEED = 20261127
FILE = "dissociation_sample.csv"
NAMES = tuple(FREE)
OWN, RATING, POTENCY, PATIENTS, RACEMATE, HALF, OFFSET, KE0, KTOL, WANING, LATE, PLACEBO = (
    NAMES.index(name)
    for name in (
        "sensitivity_sd", "rating_sd", "esketamine_potency", "patients", "patients_racemate",
        "half", "offset", "ke0", "ktol", "waning", "late_sessions", "placebo_above_4",
    )
)  # fmt: skip
MOST = 0.9
"""Part offset beyond which it moves the coordinates of strength no more: they stay positive."""


@lru_cache(maxsize=1)
def typical() -> tuple[np.ndarray, list[int]]:
    """Concentrations of the ratings, and when: volunteers early and late, infusion, spray."""
    plasma = [racemate()[0], racemate()[0], infusion()[0], spray(56)[:, 0].mean(axis=0)]
    return np.array(plasma), [at_hour(h) for h in (1 / 3, INFUSION + 0.25, 0.5, RATED[0])]


def both_sites(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What lies at both sites at these times, each of shape (n, 4)."""
    plasma, seen = typical()
    found = np.empty((2, len(x), len(seen)))
    for k, one in enumerate(x):
        for parts, kept in zip(sites(np.exp(one[KE0]), np.exp(one[KTOL])), found, strict=True):
            kept[k] = np.einsum("ij,ji->i", plasma, parts[:, seen])
    return found[0], found[1]


def spread_out(x: np.ndarray) -> np.ndarray:
    """Return the coordinates of proposals, of parameters on their scales; shape (n, parameters)."""
    y = np.array(x, dtype=float)
    site, late = both_sites(x)
    offset = np.exp(x[:, OFFSET])
    y[:, OWN] = np.logaddexp(2 * x[:, OWN], 2 * x[:, RATING]) / 2
    y[:, RATING] = 2 * (x[:, OWN] - x[:, RATING])
    y[:, OFFSET] = (site[:, 1] - offset * late[:, 1]) / (site[:, 0] - offset * late[:, 0])
    strength = np.log(site - np.minimum(offset, MOST)[:, None] * late) - x[:, HALF, None]
    y[:, HALF] = strength[:, 0]
    y[:, RACEMATE] = x[:, RACEMATE] + strength[:, 2]
    y[:, PATIENTS] = x[:, PATIENTS] + x[:, POTENCY] + strength[:, 3]
    y[:, WANING] = np.exp(x[:, WANING] + x[:, LATE])
    y[:, PLACEBO] = expit(x[:, PLACEBO])
    return y


def taken_back(y: np.ndarray) -> np.ndarray:
    """Return parameters on their scales, of the coordinates of proposals; not finite if none."""
    x = np.array(y, dtype=float)
    site, late = both_sites(y)
    with np.errstate(all="ignore"):
        ratio = y[:, OFFSET]
        offset = (site[:, 1] - ratio * site[:, 0]) / (late[:, 1] - ratio * late[:, 0])
        left = site - np.minimum(offset, MOST)[:, None] * late
        x[:, OWN] = y[:, OWN] + log_expit(y[:, RATING]) / 2
        x[:, RATING] = y[:, OWN] + log_expit(-y[:, RATING]) / 2
        x[:, OFFSET] = np.log(offset)
        x[:, HALF] = np.log(left[:, 0]) - y[:, HALF]
        strength = np.log(left) - x[:, HALF, None]
        x[:, RACEMATE] = y[:, RACEMATE] - strength[:, 2]
        x[:, PATIENTS] = y[:, PATIENTS] - y[:, POTENCY] - strength[:, 3]
        x[:, WANING] = np.log(y[:, WANING]) - y[:, LATE]
        x[:, PLACEBO] = logit(y[:, PLACEBO])
    return x


def log_volume(x: np.ndarray) -> np.ndarray:
    """Log of the volume in coordinates of proposals over that of parameters on their scales."""
    site, late = both_sites(x)
    offset = np.exp(x[:, OFFSET])
    slope = late[:, 0] * site[:, 1] - late[:, 1] * site[:, 0]
    moved = np.log(offset * np.abs(slope) / (site[:, 0] - offset * late[:, 0]) ** 2)
    share = log_expit(x[:, PLACEBO]) + log_expit(-x[:, PLACEBO])
    return np.asarray(np.log(2.0) + moved + share + x[:, WANING] + x[:, LATE])


def log_likely(x: np.ndarray) -> np.ndarray:
    """Log of likelihood and priors, but for a constant, of parameters of shape (n, parameters)."""
    miss = misses(FREE, [*listed(), *unprinted()], predicted)
    # a share of all or none lies beyond everything that was assumed of it
    with np.errstate(divide="ignore"):
        return np.array([-np.sum(np.square(miss(one))) / 2 for one in x])


def _log_weight(y: np.ndarray) -> np.ndarray:
    """Log of likelihood and priors per volume of the coordinates of proposals."""
    x = taken_back(y)
    found = np.full(len(y), -np.inf)
    sound = np.isfinite(x).all(axis=1)
    found[sound] = log_likely(x[sound]) - log_volume(x[sound])
    return found


def weighted(fit: Mapping[str, Any]) -> dict[str, Any]:
    """Return the last round: coordinates, their weights, and how good these are.

    ``behind``: how many unweighted draws the weighted points are worth.
    """
    rng = np.random.default_rng(SEED)
    at = np.asarray(fit["at"])
    middle = spread_out(at[None])[0]
    steps = 1e-4 * np.eye(at.size)
    turn = (spread_out(at + steps) - spread_out(at - steps)) / 2e-4
    spread = turn.T @ np.asarray(fit["covariance"]) @ turn
    behind, y, weight = 0.0, np.empty(0), np.empty(0)
    # few draws tell little of a covariance, so that each round moves it by what it is worth
    for count in ROUNDS:
        # the covariance of a t is wider than its scale
        shape = multivariate_t(middle, spread, df=FREEDOM)
        y = shape.rvs(count, random_state=rng)
        parts = np.split(y, range(BATCH, count, BATCH))
        log_weight = np.concatenate([_log_weight(part) for part in parts]) - shape.logpdf(y)
        weight = np.exp(log_weight - logsumexp(log_weight))
        # no point counts for more than one of the root of their number
        most = float(weight.max())
        weight = np.minimum(weight, 1 / np.sqrt(count))
        weight = weight / weight.sum()
        behind = float(1 / np.sum(weight**2))
        keep = HELD / (HELD + behind)
        seen, around = moments(y, weight)
        spread = keep * spread + (1 - keep) * around
        middle = keep * middle + (1 - keep) * seen
        print(
            f"{count} points are worth {behind:.0f} draws, the heaviest was {most:.3f}", flush=True
        )
    return {"y": y, "weight": weight, "behind": behind}


def sample(fit: Mapping[str, Any], low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    """Return ``rows`` of shape (ROWS, parameters) on their scales, and covariances.

    Besides the points they hold, each as a normal deviate of its own: how the split between person
    and occasion moves the estimates (fitted at ``low`` and at ``high``), and how trials differ.
    ``of_points`` is the covariance without these.
    """
    found = weighted(fit)
    y, weight = found["y"], found["weight"]
    rng = np.random.default_rng(SEED + 1)
    step = np.diff(spread_out(np.stack([low, high])), axis=0) / 2
    x = taken_back(y + rng.standard_normal((len(y), 1)) * step)
    x[:, HALF] += BETWEEN_TRIALS * rng.standard_normal(len(y))
    sound = np.isfinite(x).all(axis=1) & (weight > 0)
    x, weight = x[sound], weight[sound] / weight[sound].sum()
    alone = taken_back(y)[sound]
    chosen = by_weight(weight, ROWS, rng.random())
    return {
        "rows": x[chosen], "covariance": moments(x, weight)[1],
        "of_points": moments(alone, weight)[1], "behind": found["behind"], "points": len(y),
    }  # fmt: skip
