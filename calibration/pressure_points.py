"""The points of ``calibration/pressure.py``: published values, their errors, what is assumed.

Numbers of the same people go together: six of each arm of the spray (r of 0.5 assumed), systolic
and diastolic of a series of infusions (0.7). Their errors are larger by the root of 1 + (k - 1) r.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from fitting import Point
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import norm

from ketascope.checks.effects_pressure import CHANGE_SD
from ketascope.effects.pressure import AGE, age_factor
from ketascope.evidence.published import PublishedValue, published

SERIES = ("yale", "zhou", "riva")
TOP = 50.3
"""Highest mean systolic rise, mmHg, times the mean of sensitivity: that of the fit, in step."""
PRIOR = 1.0
"""Scale of the half-normal prior of how far series differ, of the logarithm: assumed."""
SERIES_AGE = {"riva": 56.7}
"""Mean age (y) where it was read; of the others that of the spray is taken."""
SAME_ARM = float(np.sqrt(1 + 5 * 0.5))
SAME_SERIES = float(np.sqrt(1 + 0.7))
"""Factors on the errors of numbers of the same people."""
KINDS = ("systolic", "diastolic")
RISE = {"systolic": 40.0, "diastolic": 25.0}
HIGH = {"systolic": 180.0, "diastolic": 110.0}
SHORT = {"systolic": "sbp", "diastolic": "dbp"}
ESK = "blood_pressure.transform_1_2_esketamine.{}_change.change"
PBO = "blood_pressure.transform_1_2_placebo.{}_change.change"
EVENT = "blood_pressure.transform_1_2_{}_{}{:.0f}.blood_pressure_event.proportion"
YALE = "blood_pressure.yale_bp_2024_infusions.{}_change.change.0.6667h"
INFUSED = {
    "yale": (YALE, 2 / 3),
    "zhou": ("blood_pressure.zhou_2021_infusions.{}_change.change", 2 / 3),
    "riva": ("blood_pressure.riva_posse_2018_infusions.{}_change.change.0.5h", 0.5),
}
"""Series of infusions: the id of their means, and the hour of them."""
LANGSJO = "blood_pressure.langsjo_2005_anaesthesia.mean_pressure_change.change"
ODDS_AGE, ODDS_LOW, ODDS_HIGH = 1.04, 1.02, 1.05
"""Odds of a surge for each year of age: note of the published arm of infusions."""


def age_prior() -> tuple[float, float]:
    """Slope of the logarithm of the rise by age, and its error, from the odds of a surge.

    Changes of a logistic distribution with the printed mean m and SD s: odds of lying above any
    cut that grow by log(OR) a year mean that m grows by log(OR) s sqrt(3) / pi. Half as much again
    goes into the error: the cut, and whether people or sessions were counted, are not stated.
    """
    value = read()[YALE.format("systolic")]
    scale = float(value.sd or 0) * np.sqrt(3) / np.pi / value.value
    slope = np.log(ODDS_AGE) * scale
    error = (np.log(ODDS_HIGH) - np.log(ODDS_LOW)) / (2 * 1.96) * scale
    return float(slope), float(np.hypot(error, 0.5 * slope))


def between_series() -> float:
    """SD between series of infusions of the logarithm of how strong the racemate was.

    From the largest mean systolic rises at the age of the trials of the spray, by the response of
    the model: the logarithm of the odds of the mean rise over the highest.
    """
    slope, _ = age_prior()
    means = np.array([
        read()[of.format("systolic")].value / age_factor(SERIES_AGE.get(name, AGE), slope)
        for name, (of, _) in INFUSED.items()
    ])  # fmt: skip
    return float(np.std(np.log(means / (TOP - means)), ddof=1))


def another_series(scale: float = PRIOR) -> float:
    """SD of a normal factor whose 5 and 95 % are those of what three series tell of another one.

    Three means hardly tell an SD: it is integrated out, with a half-normal prior of that scale on
    the logarithm. The same SD is assumed of the fitted series, so that how little three tell of
    the middle of all is in the covariance of the fit and does not count again in another series.
    """
    freedom = len(SERIES) - 1
    spread = np.exp(np.linspace(np.log(0.01), np.log(50.0), 4001))
    likely = spread**-freedom * np.exp(-freedom * (between_series() / spread) ** 2 / 2)
    # even in the logarithm
    weight = likely * np.exp(-((spread / scale) ** 2) / 2) * spread
    weight = weight / weight.sum()
    end = brentq(lambda at: float(weight @ ndtr(at / spread)) - 0.95, 0.01, 200.0)
    return float(end / norm.ppf(0.95))


@lru_cache(maxsize=1)
def read() -> dict[str, PublishedValue]:
    """Published values of pressure for fitting, by id."""
    return {
        v.id: v for v in published()
        if v.id.startswith("blood_pressure.") and v.used_for == "fit"
    }  # fmt: skip


def listed() -> list[Point]:
    """Return the points with their errors."""
    values = read()
    found = []
    for kind in KINDS:
        # SE of the mean of about 10 mmHg of SD, and 0.5 for what the largest day adds
        for one, size in ((ESK, CHANGE_SD["drug"]), (PBO, CHANGE_SD["placebo"])):
            v = values[one.format(kind)]
            error = SAME_ARM * float(np.hypot(size / np.sqrt(v.conditions.n or 1), 0.5))
            found.append(Point(v.id, v.value, error, "mmHg"))
        for of, _ in INFUSED.values():
            v = values[of.format(kind)]
            size = v.sd or float(values[YALE.format(kind)].sd or 0)
            error = SAME_SERIES * size / float(np.sqrt(v.conditions.n or 1))
            found.append(Point(v.id, v.value, error, "mmHg"))
        v = values[YALE.format(kind)]
        n = v.conditions.n or 2
        # whose SD it is (people or infusions) is not stated: 0.15 more; both kinds are taken as
        # apart, which the limits tell with what it matters
        sd_error = float(np.hypot(1 / np.sqrt(2 * n - 2), 0.15))
        found.append(Point(f"{v.id}:sd", float(v.sd or 0), sd_error, "mmHg", "log"))
        for who in ("esk", "pbo"):
            for cut in (RISE[kind], HIGH[kind]):
                found.append(_share(values[EVENT.format(who, SHORT[kind], cut)]))
    found.append(Point(LANGSJO, values[LANGSJO].value, 0.3, scale="log"))
    return found


def _share(v: PublishedValue) -> Point:
    """A share on the scale of its arcsine, on which its error is the same whatever is expected.

    A binomial error at what was seen would call a share far below what was seen likely, where next
    to none are expected. The target is Anscombe's: (x + 3/8) / (n + 3/4).
    """
    n = v.conditions.n or 1
    target = (round(v.value * n) + 3 / 8) / (n + 3 / 4)
    error = SAME_ARM / (2 * float(np.sqrt(n + 0.5)))
    return Point(v.id, v.value, error, scale="arcsine", target=target)
