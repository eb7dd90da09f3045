"""How far placebo response differs between trials of other antidepressants.

Run from the root of the repository: ``python calibration/placebo.py``. It reads
``calibration/placebo_arms.csv`` (placebo arms of Cipriani 2018, no ketamine among them) and gives
the SD between trials of the probit of the share that responds, by maximum likelihood: binomial
within a trial, normal between trials. ``calibration/mood.py`` takes its assumption from here.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import numpy as np
from fitting import short
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

FILE = Path(__file__).with_name("placebo_arms.csv")
PEOPLE_SD = (0.95, 1.96)
"""SD between people of the improvement in control arms of this model: at two weeks without, and at
eight weeks with a new antidepressant. Those of the placebo arms of other trials lie between. The
first is of an earlier fit (1.04 of the present one): with that, no prediction of the sensitivity
table moves by more than 0.2 points."""
DESIGN = {"multicentre": (0.313, 0.413), "no placebo arm": 1.79}
"""Two differences in design and what they do to response: shares of which one is 1.32 times the
other, with the mean of the placebo arms between them (Furukawa 2016), and an odds ratio (Rutherford
2009)."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_STEP = 1e-3


def arms() -> tuple[np.ndarray, np.ndarray]:
    """Return people and responders of each placebo arm."""
    lines = [s for s in FILE.read_text(encoding="utf-8").splitlines() if not s.startswith("#")]
    rows = list(csv.DictReader(lines))
    people, responders = (
        np.array([float(row[name]) for row in rows]) for name in ("people", "responders")
    )
    return people, responders


def deviance(at: np.ndarray) -> float:
    """Negative logarithm of the likelihood of mean and log SD of the probit, trials integrated."""
    people, responders = arms()
    share = np.clip(ndtr(at[0] + np.exp(at[1]) * _NODES), 1e-12, 1 - 1e-12)
    log = responders[:, None] * np.log(share) + (people - responders)[:, None] * np.log1p(-share)
    most = log.max(axis=1)
    return -float((most + np.log((np.exp(log - most[:, None]) * _WEIGHTS).sum(axis=1))).sum())


@lru_cache(maxsize=1)
def between_trials() -> tuple[float, float, float]:
    """Return the mean of the probit, its SD between trials, and the error of the log of that."""
    found = minimize(
        deviance, [-0.4, -1.5], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8}
    )
    a, b = _STEP * np.eye(2)
    x = found.x

    def second(one: np.ndarray, two: np.ndarray) -> float:
        far = deviance(x + one + two) - deviance(x + one - two)
        return (far - deviance(x - one + two) + deviance(x - one - two)) / (4 * _STEP**2)

    h = np.array([[second(a, a), second(a, b)], [second(a, b), second(b, b)]])
    return float(x[0]), float(np.exp(x[1])), float(np.sqrt(np.linalg.inv(h)[1, 1]))


def placebo_prior() -> tuple[float, float]:
    """Return centre and log SD of what is assumed of ``trial_placebo``."""
    _, sd, error = between_trials()
    low, high = PEOPLE_SD
    wide = np.log(high / low) / 2
    return short(sd * np.sqrt(low * high), 2), short(float(np.hypot(error, wide)), 2)


def setting_sd() -> float:
    """Return the SD of what another setting shifts: as large as two designs were seen to shift it.

    A probit is 0.61 of a logit there, as the SDs between the same trials on both scales are.
    """
    single, many = DESIGN["multicentre"]  # type: ignore[misc]
    shifts = [ndtri(many) - ndtri(single), 0.61 * np.log(DESIGN["no placebo arm"])]
    return short(float(np.sqrt(np.mean(np.square(shifts)) * np.prod(PEOPLE_SD))), 2)


if __name__ == "__main__":
    people, responders = arms()
    mean, sd, error = between_trials()
    print(f"{people.size} arms, {people.sum():.0f} people; half respond in {ndtr(mean):.3f}")
    print(f"probit {mean:.3f}, SD between trials {sd:.3f} (error of the logarithm {error:.3f})")
    print(f"on the scale of improvement {placebo_prior()}; another setting {setting_sd()}")
