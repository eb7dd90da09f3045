"""Derive the distributions of age, height and body mass index from published tables.

Run from the root of the repository: ``python calibration/anthropometry.py``. It reads the
``published`` part of ``src/ketascope/patients/distributions.yaml``, writes
``calibration/results/anthropometry.yaml`` and prints the ``derived`` part, which is kept in
``distributions.yaml`` (a test compares the two).

Height
    Normal by sex: least squares of the nine printed percentiles on normal scores.
Body mass index
    A floor plus a log-normal part, by sex: the three numbers that make the smallest sum of squared
    relative differences to the nine printed percentiles. A plain log-normal misses the median by
    2 to 3 % and the 95th percentile by up to 4 %; the floor mends both.
Weight
    Body mass index times height squared, the two drawn independently. The printed percentiles of
    weight are not used in any fit; the result file shows how close the drawn weights come to them.
Age
    A normal distribution cut off at the lowest printed age. Two printed facts fix it: the median,
    and the highest age, taken as the median of the largest of n.

Standard errors come from the residuals of nine points, so they measure how well the form fits,
not the sampling error of the survey, which the printed standard error of the mean gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import brentq, least_squares
from scipy.special import ndtr, ndtri

ROOT = Path(__file__).resolve().parents[1]
INPUT = ROOT / "src" / "ketascope" / "patients" / "distributions.yaml"
RESULT = Path(__file__).parent / "results" / "anthropometry.yaml"


def fit_height(scores: np.ndarray, height: np.ndarray) -> dict[str, Any]:
    """Mean and standard deviation of height (cm) from percentiles at normal scores."""
    design = np.column_stack([np.ones_like(scores), scores])
    values, *_ = np.linalg.lstsq(design, height, rcond=None)
    residual = height - design @ values
    variance = residual @ residual / (len(height) - 2)
    se = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))
    return {"value": values, "se": se, "residual": residual}


def fit_bmi(scores: np.ndarray, bmi: np.ndarray) -> dict[str, Any]:
    """Floor (kg/m2) and mean and SD of log(BMI - floor) from percentiles at normal scores."""

    def model(p: np.ndarray) -> np.ndarray:
        return np.asarray(p[0] + np.exp(p[1] + p[2] * scores))

    fit = least_squares(
        lambda p: np.log(model(p) / bmi), [10.0, 2.8, 0.3], xtol=1e-14, ftol=1e-14, gtol=1e-14
    )
    variance = 2 * fit.cost / (len(bmi) - 3)
    se = np.sqrt(variance * np.diag(np.linalg.inv(fit.jac.T @ fit.jac)))
    return {"value": fit.x, "se": se, "residual": bmi - model(fit.x)}


def fit_age(median: float, low: float, high: float, n: int) -> tuple[float, float]:
    """Location and SD of the normal that, cut off at ``low``, has this median and largest of n."""
    upper = 0.5 ** (1.0 / n)  # the largest of n is below its median with this share of each

    def location(sd: float) -> float:
        def miss(m: float) -> float:
            below = ndtr((low - m) / sd)
            return float(m + sd * ndtri(below + 0.5 * (1 - below)) - median)

        return float(brentq(miss, low - 5 * sd, median + sd))

    def miss(sd: float) -> float:
        m = location(sd)
        below = ndtr((low - m) / sd)
        return float(m + sd * ndtri(below + upper * (1 - below)) - high)

    sd = float(brentq(miss, 5.0, 25.0))
    return location(sd), sd


def implied_weight(derived: dict[str, float], percents: np.ndarray) -> np.ndarray:
    """Percentiles of weight (kg) when height and body mass index are independent (quadrature)."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(41)
    height = (derived["height_mean"] + derived["height_sd"] * nodes) / 100.0
    mass = mass / mass.sum()

    def miss(weight: float, share: float) -> float:
        over = np.maximum(weight / height**2 - derived["bmi_floor"], 1e-300)
        score = (np.log(over) - derived["bmi_log_mean"]) / derived["bmi_log_sd"]
        return float(mass @ ndtr(score)) - share

    return np.array([brentq(miss, 20.0, 400.0, args=(p / 100,)) for p in percents])


def calibrate() -> dict[str, Any]:
    """Return the derived values with their standard errors and the fit."""
    published = yaml.safe_load(INPUT.read_text(encoding="utf-8"))["published"]
    body, people = published["body_size"], published["people"]
    percents = np.array(body["percents"], dtype=float)
    scores = ndtri(percents / 100)
    age = people["age"]
    location, sd = fit_age(age["median"], age["low"], age["high"], people["n"])
    derived: dict[str, Any] = {"age": {"location": round(location, 2), "sd": round(sd, 2)}}
    fits: dict[str, Any] = {}
    for sex in ("male", "female"):
        height = fit_height(scores, np.array(body[sex]["height"]["percentiles"]))
        bmi = fit_bmi(scores, np.array(body[sex]["bmi"]["percentiles"]))
        names = ("height_mean", "height_sd", "bmi_floor", "bmi_log_mean", "bmi_log_sd")
        values = [*height["value"], *bmi["value"]]
        digits = (2, 3, 2, 4, 4)
        derived[sex] = {
            k: round(float(v), d) for k, v, d in zip(names, values, digits, strict=True)
        }
        errors = [*height["se"], *bmi["se"]]
        weight = implied_weight(derived[sex], percents)
        printed = np.array(body[sex]["weight"]["percentiles"])
        fits[sex] = {
            "standard_errors": {k: _short(v) for k, v in zip(names, errors, strict=True)},
            "height_published_minus_fit_cm": [_short(v, 2) for v in height["residual"]],
            "bmi_published_minus_fit": [_short(v, 2) for v in bmi["residual"]],
            "weight_published_minus_implied_kg": [_short(v, 2) for v in printed - weight],
        }
    return {"derived": derived, "percents": [int(p) for p in percents], "fits": fits}


def _short(value: float, digits: int = 4) -> float:
    return round(float(value), digits)


def main() -> None:
    """Write the result file and print the derived part."""
    result = calibrate()
    header = (
        "# Written by calibration/anthropometry.py from the published tables in\n"
        "# src/ketascope/patients/distributions.yaml; derived from published percentiles.\n"
    )
    text = yaml.safe_dump(result, sort_keys=False, default_flow_style=None, width=100)
    RESULT.write_text(header + text, encoding="utf-8")
    print(yaml.safe_dump({"derived": result["derived"]}, sort_keys=False, default_flow_style=None))


if __name__ == "__main__":
    main()
