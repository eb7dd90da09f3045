"""The points of ``calibration/dissociation.py``: published values and their errors.

Numbers of the same rating of the same people go together (r of 0.6; mean and SD of the model do by
0.55 to 0.68, skewness over the root of kurtosis less 1): their errors are larger by the root of
1 + (k - 1) r.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from fitting import Point

from ketascope.evidence.published import PublishedValue, published

POST = "dissociation.goldway_2025_ketamine_post.cadss_total.score.0.333333h"
END = "dissociation.goldway_2025_ketamine_end.cadss_total.score"
ABOVE = "dissociation.goldway_2025_ketamine_end.cadss_total.proportion"
PRE = "dissociation.goldway_2025_ketamine_pre.cadss_total.score.0h"
SALINE = tuple(f"dissociation.goldway_2025_saline_{k}.cadss_total.score" for k in
               ("pre", "post", "end"))  # fmt: skip
SPRAY = {d: f"dissociation.transform_1_esk{d}.cadss_total.proportion" for d in (56, 84)}
PLACEBO = "dissociation.transform_1_placebo.cadss_total.proportion"
SCHALKWYK = "dissociation.van_schalkwyk_2018_infusion.cadss_total.score"
UNSTATED = 0.15
"""More error where the minute of a rating is not stated, of the value or its logarithm."""
FIRST = "dissociation.glue_2018_week_1.cadss_total.score.1h"
GLUE = "dissociation.glue_2018_ratio.cadss_total.ratio.1h"
SAME_PEOPLE = {POST: float(np.sqrt(1.6)), END: float(np.sqrt(2.2)), SCHALKWYK: float(np.sqrt(1.6))}
"""Factors on the errors of mean and SD, of the last rating also of its share."""
KURTOSIS = {POST: 3.4, END: 4.9, SCHALKWYK: 7.8}
"""Fourth moment of ratings over the squared variance, of the model at the estimates: 3 if normal.
"""
CORRELATION = (0.24, 27)
"""Of the ratings after the bolus and at the end, and its n: note of the published arm."""


@lru_cache(maxsize=1)
def points_read() -> dict[str, PublishedValue]:
    """Published values of dissociation for fitting, by id."""
    return {
        v.id: v for v in published() if v.id.startswith("dissociation.") and v.used_for == "fit"
    }


def listed() -> list[Point]:
    """Return the points with their errors."""
    read = points_read()
    found = [_mean(read[one]) for one in (POST, END, PRE, *SALINE)]
    found += [_sd(read[one]) for one in (POST, END)]
    found += [share(read[one]) for one in (ABOVE, SPRAY[56], SPRAY[84], PLACEBO)]
    found[-4] = replace(found[-4], error=SAME_PEOPLE[END] * found[-4].error)
    rated = read[SCHALKWYK]
    for point in (_mean(rated), _sd(rated)):
        more = UNSTATED * (rated.value if point.scale == "identity" else 1.0)
        both = np.hypot(point.error, SAME_PEOPLE[SCHALKWYK] * more)
        found.append(replace(point, error=float(both)))
    found.append(Point(FIRST, read[FIRST].value, 0.22, scale="log"))
    found.append(Point(GLUE, read[GLUE].value, 0.28, scale="log"))
    return found


def unprinted() -> list[Point]:
    """Return what counts in the fit and is no printed number of an arm.

    The last two are assumptions of what words mean and are told with the assumptions.
    """
    r, n = CORRELATION
    return [
        Point(f"{END}:correlation", r, (1 - r**2) / np.sqrt(n - 2)),
        Point("resolved", 0.10, 0.75, scale="logit"),
        Point("resolved_infusion", 0.10, 0.75, scale="logit"),
    ]


def _mean(v: PublishedValue) -> Point:
    error = float(v.sd or 0) / np.sqrt(v.conditions.n or 1)
    # the three saline ratings are of the same people: their means count as one
    same = np.sqrt(3) if "saline" in v.id else SAME_PEOPLE.get(v.id, 1.0)
    return Point(v.id, v.value, float(error * same))


def _sd(v: PublishedValue) -> Point:
    """Return an SD on its logarithm, whose error grows with how far single ratings lie out."""
    chance = np.sqrt((KURTOSIS[v.id] - 1) / (4 * (v.conditions.n or 2)))
    return Point(f"{v.id}:sd", float(v.sd or 0), float(SAME_PEOPLE[v.id] * chance), scale="log")


def share(v: PublishedValue) -> Point:
    """Return a share with its binomial error, and of a range what is open of its place alone."""
    n = v.conditions.n or 1
    value, doubt = placed(v)
    # the part of the doubt that both arms have in common is a parameter
    own = float(np.sqrt(doubt**2 - place(v) ** 2))
    return Point(v.id, value, float(np.hypot(np.sqrt(value * (1 - value) / n), own)))


def place(v: PublishedValue) -> float:
    """Return the SD of where both arms of a range lie: two even draws in order have r of 0.5."""
    ranged = v.statistic == "range" and v.role != "placebo"
    return float(placed(v)[1] * np.sqrt(0.5)) if ranged else 0.0


def placed(v: PublishedValue) -> tuple[float, float]:
    """Where a share lies, and the SD of that besides chance: of a range, of which arm is unread.

    Of two arms anywhere in a range the smaller dose has the smaller share: two even draws, in
    order, lie at a third and two thirds, with an SD of the range over the root of 18.
    """
    if v.statistic != "range" or v.interval is None:
        return v.value, 0.0
    low, high = v.interval
    if v.role == "placebo":
        return v.value, (high - low) / float(np.sqrt(12))
    third = 1 if "84 mg" not in v.conditions.regimen else 2
    return low + third * (high - low) / 3, (high - low) / float(np.sqrt(18))
