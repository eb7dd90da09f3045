"""Arithmetic of outcome scores: change, shares, intervals, bounds for what is missing.

Scores are totals in points, higher is worse; arrays have one number for each person, NaN where
it is missing. Nothing here reads or prints.

>>> wilson(6, 10)
Estimate(value=0.6, low=0.3126..., high=0.8318...)
>>> percent_of_mean(np.array([20.0, 10.0]), np.array([5.0, 10.0])).value
50.0
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rule = Callable[[Floats, Floats], Flags]


class Estimate(NamedTuple):
    """A number and the two ends of its confidence interval; NaN where there is none."""

    value: float
    low: float
    high: float


def mean_interval(values: Floats, level: float = 0.95) -> Estimate:
    """Mean with the interval of Student's t.

    Parameters
    ----------
    values : array (person,)
        Without NaN.
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    Estimate
        In the unit of the values; no interval for fewer than two people.
    """
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    mean = float(np.mean(values))
    if n == 1:
        return Estimate(mean, math.nan, math.nan)
    half = _t(n - 1, level) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half)


def wilson(count: int, n: int, level: float = 0.95) -> Estimate:
    """Share of 1 with Wilson's score interval, without continuity correction."""
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    z = _z(level)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # the ends are exact there, and rounding must not leave the estimate outside
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == n else min(1.0, middle + half)
    return Estimate(share, low, high)


def percent_of_mean(pre: Floats, post: Floats, level: float = 0.95) -> Estimate:
    """Reduction of the mean, in % of the mean at baseline, by the delta method.

    The ratio of the two means R has the variance of ``post - R pre`` over ``n mean(pre)²``; its
    interval is that of t with n - 1 degrees of freedom.

    Parameters
    ----------
    pre, post : array (person,)
        Of the same people, without NaN.
    level : float

    Returns
    -------
    Estimate
        %; a fall is positive. NaN where the mean at baseline is 0.
    """
    n = len(pre)
    base = float(np.mean(pre)) if n else 0.0
    if base == 0:
        return Estimate(math.nan, math.nan, math.nan)
    ratio = float(np.mean(post)) / base
    value = 100 * (1 - ratio)
    if n == 1:
        return Estimate(value, math.nan, math.nan)
    spread = float(np.std(post - ratio * pre, ddof=1))
    half = 100 * _t(n - 1, level) * spread / (math.sqrt(n) * base)
    return Estimate(value, value - half, value + half)


def percent_of_mean_bootstrap(
    pre: Floats, post: Floats, level: float = 0.95, *, seed: int = 0, draws: int = 4000
) -> Estimate:
    """Return the same with a percentile bootstrap over people, repeatable by its seed."""
    value = percent_of_mean(pre, post, level).value
    n = len(pre)
    if n < 2 or math.isnan(value):
        return Estimate(value, math.nan, math.nan)
    # people in a fixed order, so that the order of a file does not change the numbers
    order = np.lexsort((post, pre))
    rng = np.random.default_rng(seed)
    ratios = []
    for _ in range(draws):
        drawn = order[rng.integers(0, n, n)]
        base = float(np.sum(pre[drawn]))
        if base > 0:
            ratios.append(100 * (1 - float(np.sum(post[drawn])) / base))
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high))


def percent_of_persons(pre: Floats, post: Floats) -> Floats:
    """Each person's reduction, in % of the person's own baseline; NaN where that is 0."""
    base = np.where(pre > 0, pre, np.nan)
    reduction: Floats = 100 * (pre - post) / base
    return reduction


def reliable_points(sd: float, reliability: float, level: float = 0.95) -> float:
    """Change that measurement error alone exceeds in 1 - ``level`` of people (Jacobson and Truax).

    Parameters
    ----------
    sd : float
        Standard deviation at baseline, points.
    reliability : float
        Between 0 and 1.
    level : float
        0.95 gives the usual 1.96 standard errors of the difference.

    Returns
    -------
    float
        Points.
    """
    return _z(level) * math.sqrt(2) * sd * math.sqrt(1 - reliability)


def regression_to_the_mean(baseline: float, population: float, reliability: float) -> float:
    """Fall that is expected of people chosen for a high score, without any treatment.

    Parameters
    ----------
    baseline : float
        Mean of the people chosen, points.
    population : float
        Mean of those they were chosen from, points.
    reliability : float
        Correlation of two measurements with nothing between them.

    Returns
    -------
    float
        Points; ``(1 - reliability) (baseline - population)``.
    """
    return (1 - reliability) * (baseline - population)


def response(percent: float) -> Rule:
    """Rule: the score fell by so many per cent of the baseline; never from a baseline of 0."""
    return lambda pre, post: (pre > 0) & (100 * (pre - post) >= percent * pre)


def at_most(cut: float) -> Rule:
    """Rule: the later score is at most so many points."""
    return lambda _, post: post <= cut


def fell_by(points: float) -> Rule:
    """Rule: the score fell by so many points or more."""
    return lambda pre, post: pre - post >= points


def rose_by(points: float) -> Rule:
    """Rule: the score rose by so many points or more."""
    return lambda pre, post: post - pre >= points


def both(first: Rule, second: Rule) -> Rule:
    """Rule: two rules hold."""
    return lambda pre, post: first(pre, post) & second(pre, post)


def extremes(
    pre: Floats, post: Floats, limits: tuple[float, float]
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Fill what is missing once as badly and once as well as the scale allows.

    Parameters
    ----------
    pre, post : array (person,)
        NaN where missing.
    limits : (float, float)
        Lowest and highest score of the scale.

    Returns
    -------
    worst, best : (pre, post)
        A low baseline with a high later score, and the other way round.
    """
    low, high = limits
    worst = (np.where(np.isnan(pre), low, pre), np.where(np.isnan(post), high, post))
    best = (np.where(np.isnan(pre), high, pre), np.where(np.isnan(post), low, post))
    return worst, best


def _t(freedom: int, level: float) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, freedom))


def _z(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)
