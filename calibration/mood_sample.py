"""A sample of the parameters of ``calibration/mood.py`` from their likelihood and priors.

The likelihood is not near enough to a normal one for draws from the covariance: those shift the
middle of predictions by a tenth toward nought and shorten their far ends. So points are drawn
from a wide t distribution about the estimate, weighted by how likely they are, the distribution is
moved to what they show, and from the last of these rounds a sample is taken by weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mood
import numpy as np
from fitting import off, on
from mood_points import listed
from sampling import by_weight, moments
from scipy.special import logsumexp
from scipy.stats import multivariate_t

FILE = "mood_sample.csv"
ROWS = 1000
"""Rows of the sample."""
ROUNDS = (6_000, 6_000, 12_000, 24_000)
FREEDOM = 6
BATCH = 100
SEED = 20261127


def log_likely(x: np.ndarray) -> np.ndarray:
    """Log of likelihood and priors, but for a constant, of points of shape (n, parameters)."""
    return np.concatenate([_batch(part) for part in np.split(x, range(BATCH, len(x), BATCH))])


def _batch(x: np.ndarray) -> np.ndarray:
    unit = np.eye(mood.PLACES)
    z = np.vstack([np.zeros((1, mood.PLACES)), unit, -unit])
    own = {
        name: np.array([off(one.scale, float(v)) for v in x[:, k]])
        for k, (name, one) in enumerate(mood.FREE.items())
    }
    each = {name: np.repeat(v, len(z))[:, None] for name, v in own.items()}
    values = mood.predicted_in(each, np.tile(z, (len(x), 1)))
    points = listed()
    said = np.stack(
        [np.log(values[q.id]) if q.scale == "log" else values[q.id] for q in points]
    ).reshape(len(points), len(x), len(z))  # fmt: skip
    miss = said[:, :, 0].T - np.array([on(q.scale, q.value) for q in points])
    half = mood.PLACES + 1
    slope = np.moveaxis(said[:, :, 1:half] - said[:, :, half:], 0, 1) / 2
    v = np.diag([q.error**2 for q in points]) + slope @ np.swapaxes(slope, 1, 2)
    found = np.einsum("wi,wi->w", miss, np.linalg.solve(v, miss[..., None])[..., 0])
    found = found + np.linalg.slogdet(v)[1]
    for k, one in enumerate(mood.FREE.values()):
        if one.prior is not None:
            centre, sd = one.prior
            found = found + ((x[:, k] - on(one.scale, centre)) / sd) ** 2
    return np.asarray(-found / 2)


def sample(fit: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``rows`` of shape (ROWS, parameters) on their scales, and how good the weights were.

    ``behind``: how many unweighted draws the weighted ``points`` are worth.
    """
    rng = np.random.default_rng(SEED)
    middle, spread = np.asarray(fit["at"]), np.asarray(fit["covariance"])
    behind, x, weight = 0.0, np.empty(0), np.empty(0)
    for count in ROUNDS:
        # the covariance of a t is wider than its scale
        shape = multivariate_t(middle, spread, df=FREEDOM)
        x = shape.rvs(count, random_state=rng)
        log_weight = log_likely(x) - shape.logpdf(x)
        weight = np.exp(log_weight - logsumexp(log_weight))
        behind = float(1 / np.sum(weight**2))
        middle, spread = moments(x, weight)
    chosen = by_weight(weight, ROWS, rng.random())
    return {"rows": x[chosen], "behind": behind, "points": len(x), "covariance": spread}


def with_normal(rows: np.ndarray, found: Mapping[str, Any], scales: list[str]) -> np.ndarray:
    """Put columns beside the sample for parameters of another fit, whose errors are normal."""
    at = [on(scale, v) for scale, v in zip(scales, found["values"].values(), strict=True)]
    rng = np.random.default_rng(SEED + 1)
    return np.hstack([rows, rng.multivariate_normal(at, found["covariance"], len(rows))])
