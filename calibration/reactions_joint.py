"""The joint posterior of how far trials are apart and of the shares of a middle trial.

Model
    The logit of a reaction in a trial is ``mean + spread * (sqrt(r) * trial + sqrt(1 - r) * own)``:
    one normal deviate of the trial for all its reactions, and one of each reaction of its own. The
    spread is the standard deviation between trials, r the part of its variance that all reactions
    of a trial share. Means are flat on the logit, so that only the difference d of the two trials'
    deviates meets the counts; given spread, r and d the reactions are independent.
Grid
    Spreads evenly spaced in their logarithm with the weights that go with it; r by Gauss and
    Legendre; d in steps. The likelihood of each count lies on a grid of logits and is folded with
    the own deviates by Fourier transform, which is exact for any spread down to 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, ndtr

Counts = dict[str, dict[str, tuple[int, int]]]
TRIALS = ("transform_1", "sustain_1")
STEP = 0.05
LOGITS = np.arange(-40.0, 20.0 + STEP / 2, STEP)
CENTRE = -10.0
"""Moments are taken about this logit, so that rounding stays small."""
APART = np.arange(-240, 241) * STEP
SPREADS = np.exp(np.arange(np.log(0.003), np.log(8.0), 0.1))
_X, _W = np.polynomial.legendre.leggauss(8)
SHARED, SHARED_WEIGHTS = (_X + 1) / 2, _W / 2
SIZE = 4096
WAVES = 2 * np.pi * np.fft.rfftfreq(SIZE, STEP)
ADDED = 0.5
"""People with, and as many without, added to each reaction, half of them to each trial."""
Prior = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Grid:
    """Log likelihood over spread and r, and moments of the means there, d integrated out."""

    names: tuple[str, ...]
    log_likelihood: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class Posterior:
    """Of the logarithm of the spread and of the means, in this order, and of r.

    ``quantiles``: the 5, 50 and 95 % points of the spread.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    covariance: np.ndarray
    quantiles: tuple[float, float, float]
    shared: float


def half_normal(scale: float) -> Prior:
    """Return the density, but for its constant, of a half-normal spread."""
    return lambda spread: np.exp(-0.5 * (spread / scale) ** 2)


def flat(spread: np.ndarray) -> np.ndarray:
    """Return the density, but for its constant, of a spread of which nothing is assumed."""
    return np.ones_like(spread)


def half_cauchy(scale: float) -> Prior:
    """Return the density, but for its constant, of a half-Cauchy spread."""
    return lambda spread: 1 / (1 + (spread / scale) ** 2)


def likelihood(count: float, n: float) -> np.ndarray:
    """Of a count over LOGITS, its largest value 1."""
    logs = count * log_expit(LOGITS) + (n - count) * log_expit(-LOGITS)
    return np.asarray(np.exp(logs - logs.max()))


def folded(waves: np.ndarray, sd: float) -> np.ndarray:
    """Return a likelihood, given as its transform, with a normal deviate integrated out."""
    found = np.fft.irfft(waves * np.exp(-0.5 * (sd * WAVES) ** 2), SIZE)[: LOGITS.size]
    return np.asarray(np.clip(found, 0.0, None))


def paired(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood over APART of a reaction of two trials, and its mean and variance there.

    ``a`` stands half of APART above the mean, ``b`` half below it.
    """
    powers = (LOGITS - CENTRE) ** np.arange(3)[:, None]
    of_a, of_b = np.fft.rfft(a * powers, SIZE), np.conj(np.fft.rfft(b * powers, SIZE))
    products = [
        of_a[0] * of_b[0],
        (of_a[1] * of_b[0] + of_a[0] * of_b[1]) / 2,
        (of_a[2] * of_b[0] + 2 * of_a[1] * of_b[1] + of_a[0] * of_b[2]) / 4,
    ]
    lags = np.rint(APART / STEP).astype(int) % SIZE
    total, first, second = np.fft.irfft(np.array(products), SIZE)[:, lags]
    seen = total > 1e-11 * total.max()
    kept = np.where(seen, total, 1e-30 * total.max())
    mean = np.where(seen, first / kept, 0.0)
    variance = np.where(seen, second / kept - mean**2, 0.0)
    return np.log(kept), mean + CENTRE, variance


def common(sd: float) -> np.ndarray:
    """Log of the probability of each step of APART where each trial's deviate has this SD."""
    edges = np.append(APART - STEP / 2, APART[-1] + STEP / 2)
    return np.asarray(np.log(np.diff(ndtr(edges / (np.sqrt(2) * max(sd, 1e-9)))) + 1e-300))


def transforms(found: Counts, added: float = ADDED) -> list[list[np.ndarray]]:
    """Return the transformed likelihoods of both trials of each reaction; ``added`` is as ADDED."""
    pairs = [[trials[name] for name in TRIALS] for trials in found.values()]
    return [
        [np.fft.rfft(likelihood(count + added / 2, n + added), SIZE) for count, n in pair]
        for pair in pairs
    ]


def grid(found: Counts, added: float = ADDED) -> Grid:
    """Return likelihood and moments over SPREADS and SHARED; the means in the order of ``names``.

    ``found`` holds both trials of each reaction; ``added`` is as ADDED.
    """
    waves = transforms(found, added)
    shape = (SPREADS.size, SHARED.size)
    logs, mean = np.zeros(shape), np.zeros((*shape, len(found)))
    covariance = np.zeros((*shape, len(found), len(found)))
    for i, spread in enumerate(SPREADS):
        for k, shared in enumerate(SHARED):
            own = float(spread * np.sqrt(1 - shared))
            of_trial = float(spread * np.sqrt(shared))
            pairs = [paired(*(folded(w, own) for w in two)) for two in waves]
            total = common(of_trial) + sum(p[0] for p in pairs)
            means = np.array([p[1] for p in pairs])
            weight = np.exp(total - total.max())
            logs[i, k] = total.max() + np.log(weight.sum())
            weight /= weight.sum()
            mean[i, k] = means @ weight
            moved = means - mean[i, k][:, None]
            within = np.array([p[2] for p in pairs]) @ weight
            # the middle of the two trials' deviates meets no count: it is added to every mean
            covariance[i, k] = (moved * weight) @ moved.T + np.diag(within) + of_trial**2 / 2
    return Grid(tuple(found), logs, mean, covariance)


def with_shared(found: Counts, shared: float, prior: Prior) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % points of the spread with r held, 0 and 1 among what it may be."""
    waves = transforms(found)
    logs = np.empty(SPREADS.size)
    for i, spread in enumerate(SPREADS):
        own, of_trial = (float(spread * np.sqrt(part)) for part in (1 - shared, shared))
        total = common(of_trial) + sum(paired(*(folded(w, own) for w in two))[0] for two in waves)
        logs[i] = total.max() + np.log(np.exp(total - total.max()).sum())
    weight = np.exp(logs - logs.max()) * SPREADS * prior(SPREADS)
    return ends((weight / weight.sum())[:, None])


def weights(found: Grid, prior: Prior) -> np.ndarray:
    """Return the probability of each spread and r under a prior of the spread; r is flat."""
    weight = np.exp(found.log_likelihood - found.log_likelihood.max()) * SHARED_WEIGHTS[None, :]
    weight *= (SPREADS * prior(SPREADS))[:, None]
    return np.asarray(weight / weight.sum())


def posterior(found: Grid, prior: Prior) -> Posterior:
    """Return the moments of the posterior under a prior of the spread; r is flat from 0 to 1."""
    logs = np.log(SPREADS)
    weight = weights(found, prior)
    wide = np.broadcast_to(logs[:, None, None], (*weight.shape, 1))
    values = np.concatenate([wide, found.mean], axis=2)
    mean = np.einsum("ij,ijk->k", weight, values)
    moved = values - mean
    covariance = np.einsum("ij,ijk,ijl->kl", weight, moved, moved)
    covariance[1:, 1:] += np.einsum("ij,ijkl->kl", weight, found.covariance)
    return Posterior(
        found.names, mean, covariance, ends(weight), float(weight.sum(axis=0) @ SHARED)
    )


def ends(weight: np.ndarray) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % points of the spread under weights over SPREADS and SHARED."""
    of_spread = weight.sum(axis=1)
    below = np.cumsum(of_spread) - of_spread / 2
    low, middle, high = (np.interp(q, below, np.log(SPREADS)) for q in (0.05, 0.5, 0.95))
    return float(np.exp(low)), float(np.exp(middle)), float(np.exp(high))
