"""Fit absorption to published peaks, peak times and bioavailabilities, on a borrowed disposition.

Run from the root of the repository: ``python calibration/absorption.py``. It reads
``src/ketascope/evidence/data/published/absorption.yaml`` and models of the library, writes
``calibration/results/absorption.yaml`` and prints the values that the models
``*_calibrated.py`` carry (a test compares the two).

Model
    A published model of the IV drug, unchanged, and a way into its central compartment: a
    fraction F of the dose, absorbed at first order (ka), after a tablet has released it at a
    steady rate for D hours, if it is one that does.
    The curve is a sum of exponentials, worked out from the eigenvalues of the rates, apart from
    the engine of the package.
Points
    The logarithms of what is printed, each with the standard error of its mean: SD / sqrt(n), the
    logarithm of a geometric SD / sqrt(n), or, where no spread is printed, 0.5 / sqrt(n), which is a
    convention. A printed bioavailability is a point like the others.
Fit
    Weighted least squares of the logarithms. Where the points disagree by more than their errors
    (chi square above its degrees of freedom) all errors are widened by the same factor, as is usual
    for discrepant data. With no degree of freedom left, that cannot be seen.
Uncertainty
    Standard errors and their correlation from the Jacobian, and the interval in which the widened
    chi square rises by less than 3.84 when the other parameters are fitted anew. They say how well
    these points fix these parameters **if** the disposition is right; they leave out that of the
    disposition, the choice of the way in, and that people of other studies differ. Figures of the
    same people count as independent, which they are not, and most fits have one degree of freedom:
    95 % is approximate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import brentq, least_squares, minimize_scalar

from ketascope.dosing.language import parse_regimen
from ketascope.evidence.published import PublishedValue, read_published
from ketascope.models import get
from ketascope.models.structure import OUT, Covariates, Individual, internal
from ketascope.units import convert

ROOT = Path(__file__).resolve().parents[1]
INPUT = ROOT / "src" / "ketascope" / "evidence" / "data" / "published" / "absorption.yaml"
RESULT = Path(__file__).parent / "results" / "absorption.yaml"
NO_SPREAD = 0.5
"""SD of a logarithm where a study prints none: a convention, of the size that others print."""
FARTHEST = 50.0
"""A profile is followed so far, as a factor either way; beyond it a value counts as not bounded."""
STEP = 0.05
HOURS = np.arange(0.0, 24.0, STEP)


@dataclass(frozen=True)
class Fit:
    """One fit: whose disposition, which arms, what is free.

    Parameters
    ----------
    lender : str
        Model of the library whose disposition is used.
    arms : tuple of str
        Arms of ``absorption.yaml``.
    start : mapping
        Free parameters and where the search begins: F, and ka (1/h) or D (h).
    fixed : mapping
        Parameters that are not fitted.
    """

    lender: str
    arms: tuple[str, ...]
    start: Mapping[str, float]
    fixed: Mapping[str, float] = field(default_factory=dict)


# What a prolonged-release tablet sets free is absorbed as fast as the oral fit says; a test holds
# that the two numbers are one.
FITS: dict[str, Fit] = {
    "intramuscular": Fit("clements_1981", ("im_half_mg_per_kg",), {"ka": 4.0}, {"F": 0.93}),
    "oral": Fit("clements_1981", ("oral",), {"F": 0.23, "ka": 1.5}),
    "prolonged release": Fit(
        "clements_1981", ("prolonged_release_40mg",), {"F": 0.15, "D": 6.0}, {"ka": 1.543}
    ),
    "sublingual": Fit("clements_1981", ("sublingual",), {"F": 0.3, "ka": 1.5}),
    "nasal": Fit(
        "herd_2007",
        (
            "nasal_3mg_per_kg_children",
            "nasal_9mg_per_kg_children",
            "nasal_spray_children",
            "nasal_spray_adults",
        ),
        {"F": 0.4, "ka": 3.0},
    ),
    "rectal": Fit("herd_2007", ("rectal_children",), {"F": 0.25, "ka": 1.5}),
}


class Curve:
    """Concentration (ng/mL) after one dose of one person, as a sum of exponentials."""

    def __init__(
        self, lender: str, way: Mapping[str, float], dose: float, patient: Mapping[str, Any]
    ) -> None:
        borrowed, central, volume = _disposition(
            lender, float(patient.get("age", 45.0)), float(patient["weight"])
        )
        rates = dict(borrowed)
        self.duration = way.get("D", 0.0)
        rates[("depot", central)] = way["ka"]
        names = sorted({name for pair in rates for name in pair} - {OUT})
        at = {name: i for i, name in enumerate(names)}
        matrix = np.zeros((len(names), len(names)))
        for (origin, goal), rate in rates.items():
            matrix[at[origin], at[origin]] -= rate
            if goal != OUT:
                matrix[at[goal], at[origin]] += rate
        given = np.zeros(len(names))
        given[at["depot"]] = way["F"] * dose
        self.values, vectors = np.linalg.eig(matrix)
        self.shares = vectors[at[central]] * np.linalg.solve(vectors, given) * 1000.0 / volume

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """Concentrations at ``times`` (h)."""
        t = np.atleast_1d(times)[:, None]
        if not self.duration:
            return np.asarray((np.exp(self.values * t) @ self.shares).real)
        # amount per unit released until now or until the release ended, then carried on
        run = np.minimum(t, self.duration)
        grown = np.expm1(self.values * run) / (self.values * self.duration)
        return np.asarray(((grown * np.exp(self.values * (t - run))) @ self.shares).real)

    def peak(self) -> tuple[float, float]:
        """Time (h) and height (ng/mL) of the peak."""
        near = HOURS[int(self(HOURS).argmax())]
        found = minimize_scalar(
            lambda t: -float(self(np.array([t]))[0]),
            bounds=(max(near - STEP, 0.0), near + STEP),
            method="bounded",
            options={"xatol": 1e-7},
        )
        return float(found.x), float(-found.fun)

    def area(self) -> float:
        """Area to infinity, ng*h/mL."""
        return float((-self.shares / self.values).sum().real)


@lru_cache(maxsize=64)
def _disposition(
    lender: str, age: float, weight: float
) -> tuple[dict[tuple[str, str], float], str, float]:
    """Rates (1/h), central compartment and volume (L) of a model for one person."""
    model = get(lender)
    who = Covariates(age, weight, 170.0, "female", "white")
    typical = Individual({p.name: internal(p) for p in model.parameters})
    p = model.individual(typical, who)
    rates = {pair: float(rate) for pair, rate in model.flows(p).items()}
    measured = model.outputs(p)[model.drug]
    return rates, measured.compartment, float(measured.volume)


@lru_cache(maxsize=64)
def dose_of(regimen: str, weight: float) -> float:
    """Dose in mg of a regimen of one dose, for a weight in kg."""
    (phase,) = parse_regimen(regimen).phases
    (component,) = phase.components
    amount = component.amount
    return amount.value * (weight if amount.unit == "mg/kg" else 1.0)


def error_of(value: PublishedValue) -> float:
    """Standard error of the logarithm of a printed value."""
    root = np.sqrt(value.conditions.n or 1)
    if value.sd is not None:
        return float(value.sd / value.value / root)
    if value.gsd is not None:
        return float(np.log(value.gsd) / root)
    return float(NO_SPREAD / root)


def predicted(fit: Fit, way: Mapping[str, float], value: PublishedValue) -> float:
    """What the model says for a printed value, in the value's unit."""
    if value.quantity == "bioavailability":
        return way["F"]
    patient = value.conditions.patient
    curve = Curve(
        fit.lender, way, dose_of(value.conditions.regimen, float(patient["weight"])), patient
    )
    if value.quantity == "auc":
        return curve.area() * per_unit("ng*h/mL", value.unit)
    time, height = curve.peak()
    if value.quantity == "tmax":
        return time * per_unit("h", value.unit)
    return height * per_unit("ng/mL", value.unit)


per_unit = lru_cache(maxsize=16)(partial(convert, 1.0))
"""Factor from one unit to another."""


def solve(fit: Fit, points: list[PublishedValue], held: Mapping[str, float]) -> Any:
    """Least squares of the parameters that are not held, on their logarithms."""
    free = [name for name in fit.start if name not in held]
    fixed = {**fit.fixed, **held}
    errors = np.array([error_of(v) for v in points])
    seen = np.log([v.value for v in points])

    def miss(logs: np.ndarray) -> np.ndarray:
        way = {**fixed, **dict(zip(free, np.exp(logs), strict=True))}
        said = np.log([predicted(fit, way, v) for v in points])
        return np.asarray((said - seen) / errors)

    if not free:
        residual = miss(np.empty(0))
        return {"cost": float(residual @ residual), "residual": residual}
    found = least_squares(
        miss, np.log([fit.start[n] for n in free]), xtol=1e-10, ftol=1e-10, gtol=1e-10,
        diff_step=1e-4,
    )  # fmt: skip
    values = dict(zip(free, (float(x) for x in np.exp(found.x)), strict=True))
    return {"cost": 2 * found.cost, "residual": found.fun, "jacobian": found.jac, "values": values}


def profile(
    fit: Fit, points: list[PublishedValue], best: Mapping[str, float], name: str, limit: float
) -> list[float | None]:
    """Lowest and highest value of a parameter at which chi square is below ``limit``."""
    ends: list[float | None] = []
    for sign in (-1.0, 1.0):

        def above(step: float, sign: float = sign) -> float:
            value = best[name] * np.exp(sign * step)
            return float(solve(fit, points, {name: value})["cost"]) - limit

        far = float(np.log(FARTHEST))
        end = (
            None
            if above(far) < 0
            else best[name] * np.exp(sign * brentq(above, 0.0, far, xtol=1e-5))
        )
        ends.append(None if end is None else float(end))
    return ends


def calibrate() -> dict[str, Any]:
    """Return every fit: values, errors, intervals, and the points beside what is fitted."""
    return {name: run(fit) for name, fit in FITS.items()}


def run(fit: Fit, *, intervals: bool = True) -> dict[str, Any]:
    """Return one fit as it is written to the result file; intervals take most of the time."""
    listed = read_published(INPUT.read_text(encoding="utf-8"), INPUT.name)
    points = [v for v in listed if v.id.split(".")[1] in fit.arms]
    found = solve(fit, points, {})
    freedom = len(points) - len(fit.start)
    widened = max(1.0, found["cost"] / freedom) if freedom else 1.0
    covariance = widened * np.linalg.inv(found["jacobian"].T @ found["jacobian"])
    errors = np.sqrt(np.diag(covariance))
    limit = found["cost"] + 3.84 * widened
    best = found["values"]
    way = {**fit.fixed, **best}
    return {
        "lender": fit.lender,
        "values": {name: _short(value) for name, value in best.items()},
        "fixed": dict(fit.fixed),
        "standard_errors": {
            name: _short(best[name] * error) for name, error in zip(best, errors, strict=True)
        },
        "intervals_95": {
            name: [None if end is None else _short(end) for end in ends]
            for name in best
            if intervals
            for ends in [profile(fit, points, best, name, limit)]
        },
        "covariance_of_logarithms": [[_short(float(x)) for x in row] for row in covariance],
        "chi_square": _short(found["cost"]),
        "degrees_of_freedom": freedom,
        "errors_widened_by": _short(float(np.sqrt(widened))),
        "points": {
            v.id: {
                "published": v.value,
                "unit": v.unit,
                "fitted": _short(predicted(fit, way, v)),
                "log_error": _short(error_of(v)),
            }
            for v in points
        },
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> None:
    """Write the result file and print the fitted values."""
    result = calibrate()
    header = (
        "# Written by calibration/absorption.py from the points in\n"
        "# src/ketascope/evidence/data/published/absorption.yaml. A null end of an interval: the\n"
        "# points set no bound there.\n"
    )
    text = yaml.safe_dump(result, sort_keys=False, default_flow_style=None, width=100)
    RESULT.write_text(header + text, encoding="utf-8")
    for name, fit in result.items():
        print(name, fit["values"], fit["standard_errors"], fit["intervals_95"])


if __name__ == "__main__":
    main()
