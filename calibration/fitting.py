"""What the calibrations of effects share: least squares with known errors, and their file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import least_squares
from scipy.stats import chi2

DATA = Path(__file__).resolve().parents[1] / "src" / "ketascope" / "effects" / "data"

STEP = 0.1
"""Step on the scale of a parameter over which slopes are taken."""


@dataclass(frozen=True)
class Free:
    """A parameter to be fitted: where the search begins, on which scale, and how it is described.

    Parameters
    ----------
    start : float
    scale : str
        identity, log or logit.
    unit, meaning : str
    prior : (float, float) or None
        Centre in ``unit`` and SD on the scale: an assumption, used as one more residual.
    """

    start: float
    scale: str
    unit: str
    meaning: str
    prior: tuple[float, float] | None = None


@dataclass(frozen=True)
class Point:
    """A published number as the fit sees it: ``error`` on ``scale``.

    Residuals are taken from ``target`` where it is given (a share with what small counts ask for).
    """

    id: str
    value: float
    error: float
    unit: str = "1"
    scale: str = "identity"
    target: float | None = None

    def z(self, said: float) -> float:
        """Return how far what is said lies above the point, in errors."""
        aim = self.value if self.target is None else self.target
        return (on(self.scale, said) - on(self.scale, aim)) / self.error


def on(scale: str, value: float) -> float:
    """Return a value on its scale."""
    if scale == "log":
        return float(np.log(value))
    if scale == "logit":
        return float(np.log(value / (1 - value)))
    if scale == "arcsine":
        return float(np.arcsin(np.sqrt(value)))
    return value


def off(scale: str, value: float) -> float:
    """Return a value from its scale."""
    if scale == "log":
        return float(np.exp(value))
    if scale == "logit":
        return float(1 / (1 + np.exp(-value)))
    return value


def misses(
    free: Mapping[str, Free],
    points: list[Point],
    predicted: Callable[[dict[str, float]], dict[str, float]],
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the residuals as a function of parameters on their scales: of points, then priors."""

    def miss(x: np.ndarray) -> np.ndarray:
        now = {
            name: off(one.scale, float(v)) for (name, one), v in zip(free.items(), x, strict=True)
        }
        said = predicted(now)
        z = [p.z(said[p.id]) for p in points]
        for name, one in free.items():
            if one.prior is not None:
                centre, sd = one.prior
                z.append((on(one.scale, now[name]) - on(one.scale, centre)) / sd)
        return np.asarray(z)

    return miss


def fit(
    free: Mapping[str, Free],
    points: list[Point],
    predicted: Callable[[dict[str, float]], dict[str, float]],
) -> dict[str, Any]:
    """Return estimates, covariance on their scales, residuals and chi square.

    The chi square holds the residuals of the priors; errors are widened by its root over the
    degrees of freedom where points disagree by more than chance has it (above its 90 % point).
    """
    names = list(free)
    priors = [name for name in names if free[name].prior is not None]

    def values(x: np.ndarray) -> dict[str, float]:
        return {name: off(free[name].scale, float(v)) for name, v in zip(names, x, strict=True)}

    miss = misses(free, points, predicted)
    start = np.array([on(free[n].scale, free[n].start) for n in names])
    found = least_squares(miss, start, diff_step=1e-3, xtol=1e-8, ftol=1e-8, gtol=1e-8)
    freedom = len(points) + len(priors) - len(names)
    chi = float(found.fun @ found.fun)
    apart = freedom > 0 and chi > chi2.ppf(0.9, freedom)
    widened = chi / freedom if apart else 1.0
    slopes = jacobian(miss, found.x)
    covariance = widened * np.linalg.inv(slopes.T @ slopes)
    best = values(found.x)
    return {
        "values": best, "covariance": covariance, "z": found.fun[: len(points)],
        "prior_z": dict(zip(priors, found.fun[len(points) :], strict=True)),
        "said": predicted(best), "chi_square": chi, "freedom": freedom,
        "widened": float(np.sqrt(widened)),
    }  # fmt: skip


def jacobian(miss: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Return slopes of the residuals over steps of about an error, so that kinks do not count."""
    columns = []
    for k in range(at.size):
        step = np.zeros(at.size)
        step[k] = STEP
        columns.append((miss(at + step) - miss(at - step)) / (2 * STEP))
    return np.stack(columns, axis=1)


def short(value: float, digits: int = 5) -> float:
    """Return a number with few digits, for a file that people read."""
    return float(f"{value:.{digits}g}")


def assumed(one: Free, error: float) -> str:
    """Return what was assumed of a parameter, and the part of its variance that points took away.

    Where they took away next to nothing, the parameter is the assumption and no result of the fit.
    """
    if one.prior is None:
        return ""
    centre, sd = one.prior
    taken = max(0.0, 1.0 - (error / sd) ** 2)
    of = {"log": " of its logarithm", "logit": " of its logit"}.get(one.scale, "")
    # a sample tells the variance to some per cent
    little = "none" if taken < 0.005 else "next to nothing"
    said = little if taken < 0.05 else f"{100 * taken:.0f} %"
    return f"{centre:.4g} (SD {sd:.3g}{of}); of that variance the points took away {said}"


def document(
    head: Mapping[str, Any],
    free: Mapping[str, Free],
    held: list[dict[str, Any]],
    points: list[Point],
    found: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the calibration as its file holds it; ``head`` is put before and after the fit."""
    covariance = found["covariance"]
    # by the points alone, before other uncertainty was put on top
    alone = np.sqrt(np.diag(found.get("of_points", covariance)))
    parameters = [
        {
            "name": name, "value": short(found["values"][name]), "unit": one.unit,
            "scale": one.scale, "se": short(float(np.sqrt(covariance[k, k]))),
            "meaning": one.meaning,
            **({"assumed": assumed(one, alone[k])} if one.prior else {}),
        }
        for k, (name, one) in enumerate(free.items())
    ]  # fmt: skip
    return {
        "name": head["name"], "title": head["title"], "script": head["script"],
        "method": head["method"],
        "parameters": parameters + held,
        "covariance": [[short(float(x), 6) for x in row] for row in covariance],
        "points": [
            {
                "id": p.id, "published": p.value, "fitted": short(found["said"][p.id], 4),
                "unit": p.unit, "error": short(p.error, 4), "z": short(float(z), 3),
            }
            for p, z in zip(points, found["z"][: len(points)], strict=True)
        ],
        "studies": head["studies"],
        "chi_square": short(found["chi_square"], 4),
        "degrees_of_freedom": found["freedom"],
        "widened_by": short(found["widened"], 4),
        "limits": head["limits"],
        "sources": head["sources"],
    }  # fmt: skip


def write(content: Mapping[str, Any]) -> Path:
    """Write a calibration to its file and return where."""
    path = DATA / f"{content['name']}.yaml"
    header = f"# Written by {content['script']}. Not to be edited by hand.\n"
    text = yaml.safe_dump(dict(content), sort_keys=False, default_flow_style=None, width=100)
    DATA.mkdir(exist_ok=True)
    path.write_text(header + text, encoding="utf-8")
    return path
