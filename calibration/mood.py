"""Fit the course of MADRS after esketamine and ketamine to published trials.

Run from the root of the repository: ``python calibration/mood.py`` (about half a minute). It reads
published values of ``effects/course.yaml`` that are for fitting, by their ids, and writes
``src/ketascope/effects/data/mood.yaml``.

Model (``ketascope.effects.mood_model``)
    Improvement on a scale without ends: placebo, visit, new antidepressant, drug, people.
Trials
    Each trial has a factor on the drug's part (1 + trial_drug * u) and a shift of the placebo
    part (trial_placebo * v); u and v are standard normal and are integrated out: the slopes of
    the points in them add to the covariance of the residuals. The two SDs are fitted with the rest
    by the likelihood of that covariance, each with a wide prior.
Points
    Changes (printed error, or SD / sqrt(n)), standard deviations (1 / sqrt(2 n - 2) of the
    logarithm), shares (binomial). Where several numbers are of the same people, their errors are
    larger by the root of 2 (TRANSFORM) or of 1.5 (three times of Daly 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from fitting import Free, Point, document, off, on, short, write
from scipy.optimize import minimize

from ketascope.dosing import load_regimen, schedule
from ketascope.effects.mood_model import Group, Plan, expected, improvement
from ketascope.evidence.published import PublishedValue, published

STEP = 0.05
TRIALS = ("daly_2018", "singh_2016_repeat", "transform_1", "transform_2")
BASELINES = {"singh_2016_repeat": (35.0, 5.3)}
"""Of trials whose baseline was not read."""
SINGH_N = 67 / 4
SAME_PEOPLE = {
    "daly_2018": np.sqrt(1.5), "transform_1": np.sqrt(2), "transform_2": np.sqrt(2),
    "transform_1_2": np.sqrt(2),
}  # fmt: skip

FREE = {
    "placebo": Free(0.5, "identity", "1", "improvement that comes with taking part, kept"),
    "visit": Free(0.5, "log", "1", "further improvement just after a session, with or without "
                  "the drug", (0.5, 0.7)),
    "antidepressant": Free(1.3, "log", "1", "improvement with a new antidepressant and whatever "
                           "else comes with time beside it, in the end"),
    "antidepressant_days": Free(14.0, "log", "day", "time constant of that", (14.0, 0.4)),
    "strongest": Free(1.2, "log", "1", "largest improvement by the drug"),
    "half_mg": Free(20.0, "log", "mg", "nasal esketamine that has half of it", (28.0, 0.8)),
    "decay_days": Free(5.0, "log", "day", "time constant with which a dose decays", (5.0, 0.7)),
    "rise_hours": Free(1.0, "log", "h", "time constant with which a dose rises", (1.5, 0.7)),
    "iv_worth": Free(45.0, "log", "mg", "nasal esketamine that 0.5 mg/kg of the racemate over "
                     "40 min is worth", (45.0, 0.5)),
    "spread": Free(0.9, "log", "1", "SD between people of the improvement"),
    "spread_ad": Free(1.5, "log", "1", "SD between people that a new antidepressant adds in the "
                      "end"),
    "trial_drug": Free(0.4, "log", "1", "SD between trials of the drug's part, over its mean",
                       (0.4, 0.5)),
    "trial_placebo": Free(0.3, "log", "1", "SD between trials of the placebo part", (0.3, 0.5)),
}  # fmt: skip
HELD_VALUES = {"cap": 1.25, "baseline_mean": 37.4, "baseline_sd": 5.3}


@dataclass(frozen=True)
class Arm:
    """An arm of a trial: who, what they were given, and the shares of trials in a pool."""

    study: str
    plan: Plan
    baseline: tuple[float, float]
    weights: tuple[float, float, float, float]
    n: float


@lru_cache(maxsize=1)
def read() -> tuple[PublishedValue, ...]:
    """Published values of MADRS, response and remission for fitting."""
    wanted = ("madrs", "response", "remission")
    return tuple(
        v for v in published()
        if v.id.startswith("course.") and v.used_for == "fit" and v.effect in wanted
    )  # fmt: skip


def arm_of(value: PublishedValue, role: str | None = None) -> Arm:
    """Return the arm of a value; of a contrast, its arm of that role."""
    study, role = str(value.study), role or str(value.role)
    new = study.startswith("transform")
    words = value.conditions.regimen
    if role == "placebo":
        words = "esketamine 56 mg intranasal twice weekly for 4 weeks"
    elif value.role == "contrast":
        words = "esketamine 84 mg intranasal twice weekly for 4 weeks"
    doses = schedule(load_regimen(words))
    by_vein = doses.administrations[0].route == "intravenous"
    amounts = [
        sum(d.amount.value for d in doses.administrations if d.session == s.index)
        for s in doses.sessions
    ]
    plan = Plan(tuple(s.time for s in doses.sessions), tuple(amounts), by_vein, new)
    if role == "placebo":
        plan = plan.control()
    base = BASELINES.get(study, (HELD_VALUES["baseline_mean"], HELD_VALUES["baseline_sd"]))
    if value.baseline is not None:
        base = (value.baseline, HELD_VALUES["baseline_sd"])
    pool = (0.0, 0.0, 2 / 3, 1 / 3) if role == "drug" else (0.0, 0.0, 1 / 2, 1 / 2)
    own = tuple(float(t == study) for t in TRIALS)
    n = value.conditions.n or SINGH_N
    return Arm(study, plan, base, pool if study == "transform_1_2" else own, n)  # type: ignore[arg-type]


def group(p: dict[str, float], arm: Arm, hour: float, u: np.ndarray, v: np.ndarray) -> Group:
    """What the model says of an arm at one time, in trials that lie so among trials."""
    w = np.asarray(arm.weights)
    mean, sd = improvement(p, [hour], arm.plan, float(w @ u), float(w @ v))
    return expected(p, mean, sd, arm.baseline)


@lru_cache(maxsize=1)
def arms() -> dict[str, tuple[Arm, ...]]:
    """The arm of each value; two of a contrast."""
    return {
        v.id: (arm_of(v, "drug"), arm_of(v, "placebo")) if v.role == "contrast" else (arm_of(v),)
        for v in read()
    }


def predicted(
    p: dict[str, float], u: np.ndarray | None = None, v: np.ndarray | None = None
) -> dict[str, float]:
    """What the model says of every point."""
    u = np.zeros(len(TRIALS)) if u is None else u
    v = np.zeros(len(TRIALS)) if v is None else v
    full = HELD_VALUES | p
    found: dict[str, float] = {}
    for value in read():
        hour = float(value.conditions.time or 0.0)
        said = [group(full, arm, hour, u, v) for arm in arms()[value.id]]
        name = {"madrs": "change"}.get(str(value.effect), str(value.effect))
        numbers = [float(getattr(one, name)[0]) for one in said]
        found[value.id] = numbers[0] - numbers[1] if len(numbers) == 2 else numbers[0]
        if value.sd is not None:
            found[f"{value.id}:sd"] = float(said[0].sd[0])
    return found


def listed() -> list[Point]:
    """Return the points with their errors, without what trials differ by."""
    found = []
    for value in read():
        n = arms()[value.id][0].n
        more = SAME_PEOPLE.get(str(value.study), 1.0)
        if value.effect == "madrs":
            error = value.se or float(value.sd or 0) / np.sqrt(n)
        else:
            error = float(np.sqrt(value.value * (1 - value.value) / n))
        found.append(Point(value.id, value.value, float(error * more)))
        if value.sd is not None:
            spread = 1 / np.sqrt(2 * n - 2)
            found.append(Point(f"{value.id}:sd", value.sd, float(spread), scale="log"))
    return found


def residuals(p: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the residuals and their covariance, trials integrated out."""
    points = listed()

    def said(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        values = predicted(p, u, v)
        return np.array([on(q.scale, values[q.id]) for q in points])

    none = np.zeros(len(TRIALS))
    slopes = []
    for k in range(len(TRIALS)):
        one = none.copy()
        one[k] = 1.0
        slopes += [(said(one, none) - said(-one, none)) / 2, (said(none, one) - said(none, -one)) / 2]
    j = np.stack(slopes, axis=1)
    miss = said(none, none) - np.array([on(q.scale, q.value) for q in points])
    return miss, np.diag([q.error**2 for q in points]) + j @ j.T


def values_at(x: np.ndarray) -> dict[str, float]:
    """Return parameters from their scales."""
    return {name: off(f.scale, float(v)) for (name, f), v in zip(FREE.items(), x, strict=True)}


def objective(x: np.ndarray) -> float:
    """Twice the negative logarithm of the likelihood, with the priors."""
    p = values_at(x)
    miss, v = residuals(p)
    found = float(miss @ np.linalg.solve(v, miss) + np.linalg.slogdet(v)[1])
    for name, one in FREE.items():
        if one.prior is not None:
            centre, sd = one.prior
            found += ((on(one.scale, p[name]) - on(one.scale, centre)) / sd) ** 2
    return found


def hessian(x: np.ndarray) -> np.ndarray:
    """Second differences of the objective over steps that are small beside the errors."""
    count = x.size
    steps = STEP * np.eye(count)
    h = np.empty((count, count))
    for i in range(count):
        for k in range(i + 1):
            a, b = steps[i], steps[k]
            h[i, k] = h[k, i] = (
                objective(x + a + b) - objective(x + a - b) - objective(x - a + b)
                + objective(x - a - b)
            ) / (4 * STEP**2)  # fmt: skip
    return h


def run() -> dict[str, Any]:
    """Return the fit as ``fitting.document`` wants it."""
    start = np.array([on(f.scale, f.start) for f in FREE.values()])
    found = minimize(objective, start, method="L-BFGS-B", options={"maxiter": 200})
    best = values_at(found.x)
    miss, v = residuals(best)
    covariance = 2 * np.linalg.inv(hessian(found.x))
    points = listed()
    priors = sum(f.prior is not None for f in FREE.values())
    full = np.sqrt(np.diag(v))
    return {
        "values": best, "covariance": covariance, "z": miss / full, "said": predicted(best),
        "chi_square": float(miss @ np.linalg.solve(v, miss)),
        "freedom": len(points) + priors - len(FREE), "widened": 1.0, "full": full,
        "at": found.x, "objective": float(found.fun),
    }  # fmt: skip


if __name__ == "__main__":
    import time
    t=time.time()
    f=run()
    print(time.time()-t, f["objective"], f["chi_square"], f["freedom"])
    for n,(k,v) in zip(FREE, f["values"].items()):
        i=list(FREE).index(k); print(k, round(v,3), round(float(np.sqrt(f["covariance"][i,i])),3))
    for q,z,e in zip(listed(), f["z"], f["full"]):
        print(q.id, q.value, round(f["said"][q.id],3), "z",round(float(z),2), "raw", round(q.error,3), round(float(e),3))
