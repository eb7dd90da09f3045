"""A sample from the joint posterior of ``reactions_joint.py``, each step by inversion on its grid.

A row draws the spread (within a step of its grid too) and r, then the difference d of the two
trials' deviates, then each mean given these, as the reactions are independent there. The middle of
the two deviates meets no count and is drawn as the model has it.
Rows are points of a scrambled Sobol sequence, which fill the distribution evenly.
"""

from __future__ import annotations

import numpy as np
from reactions_joint import (
    APART,
    LOGITS,
    SHARED,
    SPREADS,
    STEP,
    Counts,
    Grid,
    Prior,
    common,
    folded,
    paired,
    transforms,
    weights,
)
from scipy.special import ndtri
from scipy.stats import qmc

POWER = 12
"""Rows drawn are 2 to this power: medians are taken of all of them."""
ROWS = 1024
"""Of these, the first so many are written; they fill the distribution evenly by themselves."""
SEED = 20261127
FILE = "reactions_sample.csv"


def inverted(density: np.ndarray, at: np.ndarray, step: float, level: float) -> float:
    """Return the quantile of a density given at evenly spaced points, each a step wide."""
    below = np.concatenate([[0.0], np.cumsum(density)])
    edges = np.append(at - step / 2, at[-1] + step / 2)
    # flat parts have no inverse; a level inside lies on a rising one
    rising = np.concatenate([[True], density > 0])
    return float(np.interp(level * below[-1], below[rising], edges[rising]))


def sizes(found: Counts) -> int:
    """Return how many numbers from 0 to 1 a row needs."""
    return 4 + len(found)


def spreads(weight: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the step of SPREADS and the spread itself at these levels of its posterior."""
    below = np.cumsum(weight.sum(axis=1))
    step = np.minimum(np.searchsorted(below, levels * below[-1]), below.size - 1)
    inside = (levels * below[-1] - below[step]) / weight.sum(axis=1)[step] + 0.5
    return step, SPREADS[step] * (SPREADS[1] / SPREADS[0]) ** inside


def sample(found: Counts, on: Grid, prior: Prior, points: np.ndarray) -> np.ndarray:
    """Return rows of the logarithm of the spread and of the means, in the order of the grid.

    Parameters
    ----------
    found : Counts
    on : Grid
        Of these counts.
    prior : Prior
        Of the spread.
    points : ndarray, shape (rows, sizes(found))
        Numbers between 0 and 1.
    """
    waves = transforms(found)
    weight = weights(on, prior)
    steps, spread = spreads(weight, points[:, 0])
    rows = np.empty((len(points), 1 + len(found)))
    for k, (of_shared, of_apart, of_middle, *levels) in enumerate(points[:, 1:]):
        below = np.cumsum(weight[steps[k]])
        shared = SHARED[np.searchsorted(below[:-1], of_shared * below[-1])]
        own, of_trial = (float(spread[k] * np.sqrt(part)) for part in (1 - shared, shared))
        pairs = [[folded(w, own) for w in two] for two in waves]
        logs = common(of_trial) + sum(paired(*two)[0] for two in pairs)
        apart = inverted(np.exp(logs - logs.max()), APART, STEP, of_apart)
        middle = of_trial / np.sqrt(2) * ndtri(of_middle)
        means = []
        for (a, b), level in zip(pairs, levels, strict=True):
            density = np.interp(LOGITS + apart / 2, LOGITS, a) * np.interp(
                LOGITS - apart / 2, LOGITS, b
            )
            means.append(inverted(density, LOGITS, STEP, level))
        rows[k, 0], rows[k, 1:] = np.log(spread[k]), np.array(means) + middle
    return rows


def points_of(arms: list[Counts]) -> list[np.ndarray]:
    """Return the points of each kind of arm, of one sequence, so that the arms are independent."""
    ends = np.cumsum([sizes(found) for found in arms])
    every = qmc.Sobol(int(ends[-1]), seed=SEED).random_base2(POWER)
    return np.split(np.clip(every, 1e-9, 1 - 1e-9), ends[:-1], axis=1)
