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
STEP = 0.025
LOGITS = np.arange(-40.0, 20.0 + STEP / 2, STEP)
CENTRE = -10.0
"""Moments are taken about this logit, so that rounding stays small."""
APART = np.arange(-480, 481) * STEP
SPREADS = np.exp(np.arange(np.log(0.003), np.log(8.0), 0.1))
_X, _W = np.polynomial.legendre.leggauss(8)
SHARED, SHARED_WEIGHTS = (_X + 1) / 2, _W / 2
SIZE = 8192
WAVES = 2 * np.pi * np.fft.rfftfreq(SIZE, STEP)
ADDED = 0.5
"""People with, and as many without, added to each reaction, in parts over its trials."""
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


def single(count: float, n: float, trial: str) -> tuple[np.ndarray, float]:
    """Mean over APART, and variance, of a reaction that one trial alone prints."""
    weight = likelihood(count, n)
    weight /= weight.sum()
    at = float(weight @ LOGITS)
    sign = 1.0 if trial == TRIALS[0] else -1.0
    return at - sign * APART / 2, float(weight @ (LOGITS - at) ** 2)


def common(sd: float) -> np.ndarray:
    """Probability of each step of APART where each trial's deviate has this SD."""
    edges = np.append(APART - STEP / 2, APART[-1] + STEP / 2)
    return np.asarray(np.log(np.diff(ndtr(edges / (np.sqrt(2) * sd))) + 1e-300))


def grid(found: Counts, added: float = ADDED) -> Grid:
    """Return likelihood and moments over SPREADS and SHARED; the means in the order of ``names``.

    ``added`` is as ADDED.
    """
    both = {r: t for r, t in found.items() if len(t) == len(TRIALS)}
    one = {r: t for r, t in found.items() if len(t) == 1}
    waves = {
        r: [
            np.fft.rfft(likelihood(t[j][0] + added / 2, t[j][1] + added), SIZE)
            for j in TRIALS
        ]
        for r, t in both.items()
    }  # fmt: skip
    alone = [single(c + added, n + 2 * added, j) for t in one.values() for j, (c, n) in t.items()]
    names = (*both, *one)
    shape = (SPREADS.size, SHARED.size)
    logs, mean = np.zeros(shape), np.zeros((*shape, len(names)))
    covariance = np.zeros((*shape, len(names), len(names)))
    for i, spread in enumerate(SPREADS):
        for k, shared in enumerate(SHARED):
            own = float(spread * np.sqrt(1 - shared))
            of_trial = float(spread * np.sqrt(shared))
            pairs = [paired(*(folded(w, own) for w in waves[r])) for r in both]
            total = common(of_trial) + sum(p[0] for p in pairs)
            means = np.array([p[1] for p in pairs] + [a[0] for a in alone])
            within = [p[2] for p in pairs] + [np.full(APART.size, v + own**2) for _, v in alone]
            weight = np.exp(total - total.max())
            logs[i, k] = total.max() + np.log(weight.sum())
            weight /= weight.sum()
            mean[i, k] = means @ weight
            moved = means - mean[i, k][:, None]
            # the middle of the two trials' deviates meets no count: it is added to every mean
            covariance[i, k] = (
                (moved * weight) @ moved.T + np.diag(np.array(within) @ weight) + of_trial**2 / 2
            )
    return Grid(names, logs, mean, covariance)


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
