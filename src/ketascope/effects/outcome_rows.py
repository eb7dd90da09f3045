"""The rows of an outcome table: each measure of one scale, with interval, bounds and source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketascope.effects import scores as s
from ketascope.evidence.scales import Cut, Points, Scale, default

COLUMNS = (
    "scale", "measure", "rule", "estimate", "unit", "low", "high", "count", "n", "people",
    "worst", "best", "method", "source", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scores of one scale before and after, for everybody with any row of it.

    Parameters
    ----------
    scale : Scale
    pre, post : array (person,)
        Points; NaN where missing.
    observed : array (person,)
        ``post`` before any score was carried forward; the bounds rest on it.
    first, last : str
        The two visits, as written.
    level : float
    seed : int or None
        Of the bootstrap; None takes the delta method.
    """

    scale: Scale
    pre: s.Floats
    post: s.Floats
    observed: s.Floats
    first: str
    last: str
    level: float
    seed: int | None

    @property
    def complete(self) -> s.Flags:
        """Who has both scores."""
        return ~(np.isnan(self.pre) | np.isnan(self.post))

    @property
    def completers(self) -> tuple[s.Floats, s.Floats]:
        """Both scores of those who have both."""
        return self.pre[self.complete], self.post[self.complete]

    @property
    def extremes(self) -> tuple[tuple[s.Floats, s.Floats], tuple[s.Floats, s.Floats]]:
        """Both scores of everybody, the missing ones as bad and as good as the scale allows."""
        return s.extremes(self.pre, self.observed, self.scale.range)


def rows(one: Pairs) -> list[dict[str, Any]]:
    """Return every measure of one scale, in the order in which they are read."""
    pre, post = one.completers
    (worst, best) = one.extremes
    found = [
        _mean(one, f"mean at {one.first}", pre, (worst[0], best[0])),
        _mean(one, f"mean at {one.last}", post, (worst[1], best[1])),
        _mean(one, "change of the mean", post - pre, (worst[1] - worst[0], best[1] - best[0])),
        _spread(one, post - pre),
        _percent_of_mean(one),
        _percent_of_persons(one),
    ]
    for fall in one.scale.response:
        found.append(
            _share(one, "response", f"fell by {fall.percent:g} % or more",
                   s.response(fall.percent), fall)
        )  # fmt: skip
    for cut in one.scale.remission:
        rule = cut.name or f"at most {cut.at_most}"
        found.append(_share(one, "remission", rule, s.at_most(cut.at_most), cut))
    for points in one.scale.important_difference:
        rule = f"fell by {points.points:g} points or more"
        found.append(_share(one, "important difference", rule, s.fell_by(points.points), points))
    found += _reliable(one)
    found += _bands(one, one.first, one.pre, one.pre)
    return found + _bands(one, one.last, one.post, one.observed)


def _row(one: Pairs, measure: str, estimate: s.Estimate, unit: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "scale": one.scale.name, "measure": measure, "rule": "",
        "estimate": estimate.value, "unit": unit, "low": estimate.low, "high": estimate.high,
        "count": math.nan, "n": int(one.complete.sum()), "people": len(one.pre),
        "worst": math.nan, "best": math.nan, "method": "", "source": one.scale.source, "status": "",
    }  # fmt: skip
    return row | more


def _mean(
    one: Pairs, measure: str, values: s.Floats, filled: tuple[s.Floats, s.Floats]
) -> dict[str, Any]:
    return _row(
        one,
        measure,
        s.mean_interval(values, one.level),
        "points",
        worst=float(np.mean(filled[0])),
        best=float(np.mean(filled[1])),
        method="t",
    )


def _spread(one: Pairs, change: s.Floats) -> dict[str, Any]:
    value = float(np.std(change, ddof=1)) if len(change) > 1 else math.nan
    estimate = s.Estimate(value, math.nan, math.nan)
    return _row(one, "standard deviation of change", estimate, "points", method="completers")


def _percent_of_mean(one: Pairs) -> dict[str, Any]:
    pre, post = one.completers
    if one.seed is None:
        estimate, method = s.percent_of_mean(pre, post, one.level), "delta method"
    else:
        estimate = s.percent_of_mean_bootstrap(pre, post, one.level, seed=one.seed)
        method = f"bootstrap, seed {one.seed}"
    worst, best = (s.percent_of_mean(*filled, one.level).value for filled in one.extremes)
    name = "percent reduction of the mean"
    return _row(one, name, estimate, "%", worst=worst, best=best, method=method)


def _percent_of_persons(one: Pairs) -> dict[str, Any]:
    def usable(pre: s.Floats, post: s.Floats) -> s.Floats:
        each = s.percent_of_persons(pre, post)
        return each[~np.isnan(each)]

    each = usable(*one.completers)
    # from an unknown baseline any percentage could follow, so there is no bound
    known = not np.isnan(one.pre).any()
    ends = [usable(*filled) if known else np.array([]) for filled in one.extremes]
    worst, best = (float(np.mean(end)) if len(end) else math.nan for end in ends)
    return _row(
        one,
        "mean of persons' percent reductions",
        s.mean_interval(each, one.level),
        "%",
        n=len(each),
        worst=worst,
        best=best,
        method="t",
    )


def _share(one: Pairs, measure: str, text: str, rule: s.Rule, placed: Any) -> dict[str, Any]:
    met = rule(*one.completers)
    count, n = int(met.sum()), len(met)
    worst, best = (float(np.mean(rule(*filled))) for filled in one.extremes)
    return _row(
        one,
        measure,
        _hundred(s.wilson(count, n, one.level)),
        "%",
        rule=text,
        count=count,
        worst=100 * worst,
        best=100 * best,
        method="Wilson",
        source=placed.source,
        status=placed.status,
    )


def threshold(one: Pairs) -> tuple[float, Points | None]:
    """Points of a reliable change: published, or from the spread of this baseline.

    Returns
    -------
    points : float
        NaN where neither can be had.
    published : Points or None
    """
    published = default(one.scale.reliable_change)
    if published is not None:
        return published.points, published
    return from_spread(one), None


def from_spread(one: Pairs) -> float:
    """Points of a reliable change from the published reliability and this baseline's spread."""
    known = default(one.scale.reliability)
    base = one.pre[~np.isnan(one.pre)]
    if known is None or len(base) < 2:
        return math.nan
    return s.reliable_points(float(np.std(base, ddof=1)), known.value)


def _reliable(one: Pairs) -> list[dict[str, Any]]:
    """Reliable change in both directions by each published threshold and by this spread."""
    found = []
    spread, known = from_spread(one), default(one.scale.reliability)
    thresholds: list[tuple[float, Any, str]] = [
        (points.points, points, f"{points.points:g}") for points in one.scale.reliable_change
    ]
    if known is not None and spread > 0:
        text = f"{spread:.1f} (own spread)"
        thresholds.append((spread, known, text))
    for points, placed, text in thresholds:
        better, worse = s.fell_by(points), s.rose_by(points)
        name = "reliable improvement"
        found.append(_share(one, name, f"fell by {text} points or more", better, placed))
        found.append(
            _share(one, "reliable worsening", f"rose by {text} points or more", worse, placed)
        )
    points, _ = threshold(one)
    for cut in one.scale.significant_change if points > 0 else ():
        found.append(_significant(one, points, cut))
    return found


def _significant(one: Pairs, points: float, cut: Cut) -> dict[str, Any]:
    rule = s.both(s.fell_by(points), s.at_most(cut.at_most))
    text = f"fell by {points:g} points or more, to at most {cut.at_most}"
    return _share(one, "clinically significant change", text, rule, cut)


def _bands(one: Pairs, visit: str, values: s.Floats, observed: s.Floats) -> list[dict[str, Any]]:
    """Shares of those with a score at a visit that lie in each band."""
    known = values[~np.isnan(values)]
    place = one.scale.bands_place
    ends = [*(band.start for band in one.scale.bands), one.scale.range[1] + 1][1:]
    found = []
    for band, end in zip(one.scale.bands, ends, strict=True):
        count = int(((known >= band.start) & (known < end)).sum())
        seen = int(((observed >= band.start) & (observed < end)).sum())
        missing = int(np.isnan(observed).sum())
        found.append(
            _row(
                one, f"severity at {visit}", _hundred(s.wilson(count, len(known), one.level)), "%",
                rule=f"{band.name}, {band.start} to {end - 1}", count=count, n=len(known),
                worst=100 * seen / len(values), best=100 * (seen + missing) / len(values),
                method="Wilson", source=place.source, status="",
            )
        )  # fmt: skip
    return found


def _hundred(share: s.Estimate) -> s.Estimate:
    return s.Estimate(*(100 * part for part in share))
