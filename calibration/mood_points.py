"""The points of ``calibration/mood.py``: published values, their arms and their errors.

Errors
    Changes: the printed error, or SD / sqrt(n). Totals of Lii 2023: SD / sqrt(n). The arms of
    Canuso 2018: the printed error of their difference over the root of 2 (its difference is then
    no point of its own). The differences of TRD4006: the SD between people that the printed effect
    sizes give (difference over effect size), and the sizes of its arms.
    Standard deviations: 1 / sqrt(2 n - 2) of the logarithm. Shares: binomial. Where k numbers are
    of the same people and go together (r of 0.7 assumed), their errors are larger by the root of
    1 + (k - 1) r, so that all k together say as much as their mean does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from fitting import Point, short
from relapse import together

from ketascope.checks.effects_course import (
    BASELINE_SD,
    CONTRASTS,
    NEW,
    POOLS,
    SETTINGS,
    SIZES,
    VISITS,
    baseline_of,
)
from ketascope.dosing import load_regimen, schedule
from ketascope.effects.mood_model import Plan
from ketascope.evidence.published import PublishedValue, published

TRIALS = (
    "daly_2018", "singh_2016_repeat", "transform_1", "transform_2", "trd4006", "canuso_2018",
    "lii_2023",
)  # fmt: skip
AWAY = ("canuso_2018", "lii_2023")
"""Those of them in another setting than that of outpatients."""
BASELINE_MEAN = 37.4
SAME_PEOPLE = {
    "daly_2018": 3, "transform_1": 3, "transform_2": 4, "transform_1_2": 4, "trd4006": 2,
    "lii_2023": 6,
}  # fmt: skip
"""How many numbers of the same people there are: times; change, response and remission; of
TRANSFORM-2 also the difference."""
BEHIND_ERRORS = ("daly_2018",)
"""Trials whose printed errors are turned to SDs."""
ONCE = "ketamine 0.5 mg/kg iv over 40 min once"
TRD4006_SD = (5.1 / 0.48, 6.8 / 0.63)
"""SD between people of the change: differences over effect sizes (Janik 2025, abstract)."""
TRD4006_N = {"56": 86, "84": 95, "placebo": 197}
"""People of its arms, as a page of news on the publication prints them (mintdora.com, 26 July
2025)."""
POOLED_SD: dict[str, float] = {}
"""SDs of the change that errors of a trial take instead of each arm's own; none as it is."""
LEFT_OUT: tuple[str, ...] = ()
"""Trials whose numbers are not fitted; none as it is."""
MEAN_DOSES: dict[str, float] = {}
"""mg of each session that a trial is taken to have given instead of its regimen; none as it is."""


@dataclass(frozen=True)
class Arm:
    """An arm of a trial: who, what they were given, and the shares of trials in a pool."""

    study: str
    plan: Plan
    baseline: tuple[float, float]
    weights: tuple[float, ...]
    n: float


@lru_cache(maxsize=1)
def read() -> tuple[PublishedValue, ...]:
    """Published values of MADRS, response and remission for fitting."""
    wanted = ("madrs", "response", "remission")
    return tuple(
        v for v in published()
        if v.study in (*TRIALS, "transform_1_2") and v.used_for == "fit" and v.effect in wanted
        and not (v.study == "canuso_2018" and v.role == "contrast")
        and not (v.quantity == "score" and v.conditions.time == 0)
    )  # fmt: skip


def arm_of(value: PublishedValue, role: str | None = None) -> Arm:
    """Return the arm of a value; of a contrast, its arm of that role."""
    study, role = str(value.study), role or str(value.role)
    words = value.conditions.regimen
    if value.role == "contrast":
        dose = next((d for d in ("56", "84") if f"{d} mg" in words), "84")
        words = CONTRASTS[study].format(dose=dose)
    elif role == "placebo":
        words = ONCE if study == "lii_2023" else VISITS
    doses = schedule(load_regimen(words))
    by_vein = doses.administrations[0].route == "intravenous"
    amounts = tuple(sum(d.amount.value for d in doses.of_session(s.index)) for s in doses.sessions)
    if study in MEAN_DOSES:
        amounts = (MEAN_DOSES[study],) * len(amounts)
    new = SETTINGS.get(study) == NEW
    plan = Plan(tuple(s.time for s in doses.sessions), amounts, by_vein, new)
    if role == "placebo":
        plan = plan.control()
    base = baseline_of(value) or (BASELINE_MEAN, BASELINE_SD)
    shares = POOLS.get((study, role), {study: 1.0})
    weights = tuple(shares.get(t, 0.0) for t in TRIALS)
    return Arm(study, plan, base, weights, value.conditions.n or SIZES.get(study, 0.0))


@lru_cache(maxsize=1)
def arms() -> dict[str, tuple[Arm, ...]]:
    """The arm of each value; two of a contrast."""
    return {
        v.id: (arm_of(v, "drug"), arm_of(v, "placebo")) if v.role == "contrast" else (arm_of(v),)
        for v in read()
    }


@lru_cache(maxsize=1)
def _canuso_error() -> float:
    """Error of the difference of Canuso 2018 as printed."""
    return next(
        float(v.se or 0.0) for v in published()
        if v.study == "canuso_2018" and v.role == "contrast" and v.effect == "madrs"
    )  # fmt: skip


def _error(value: PublishedValue, n: float) -> float:
    if value.effect != "madrs":
        return float(np.sqrt(value.value * (1 - value.value) / n))
    if value.study == "canuso_2018":
        return _canuso_error() / float(np.sqrt(2))
    if value.study == "trd4006":
        words = value.conditions.regimen
        own = next(TRD4006_N[dose] for dose in ("56", "84") if f"{dose} mg" in words)
        return float(np.mean(TRD4006_SD) * np.sqrt(1 / own + 1 / TRD4006_N["placebo"]))
    sd = POOLED_SD.get(str(value.study), value.sd)
    return value.se or float(sd or 0) / float(np.sqrt(n))


@lru_cache(maxsize=1)
def listed() -> tuple[Point, ...]:
    """Return the points with their errors, without what trials differ by."""
    found = []
    for value in read():
        if value.study in LEFT_OUT:
            continue
        n = arms()[value.id][0].n
        more = together(SAME_PEOPLE.get(str(value.study), 1))
        found.append(Point(value.id, value.value, _error(value, n) * more))
        if has_spread(value):
            spread = 1 / np.sqrt(2 * n - 2) * (more if value.sd is None else 1)
            found.append(Point(f"{value.id}:sd", spread_of(value, n), spread, scale="log"))
    return tuple(found)


def has_spread(value: PublishedValue) -> bool:
    """Whether an SD of the change is printed; that of a total is no SD of the change.

    Of Daly 2018 it is the printed error times the root of n: of changes adjusted for the baseline,
    which takes some 3 % of the SD away.
    """
    behind = value.study in BEHIND_ERRORS and value.role != "contrast" and value.se is not None
    return (value.sd is not None or behind) and value.quantity == "change"


def spread_of(value: PublishedValue, n: float) -> float:
    """Return the SD of the change, printed or behind the printed error."""
    return value.sd if value.sd is not None else short(float((value.se or 0) * np.sqrt(n)), 4)
