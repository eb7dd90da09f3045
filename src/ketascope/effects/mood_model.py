"""How MADRS follows from doses: the arithmetic of the calibrated course of depression.

A person's MADRS is ``cap * baseline * expit(start - improvement)`` where ``start`` is the value at
which it equals the baseline. The improvement adds up four parts on this scale, which has no end,
so that totals stay between 0 and ``cap`` times the baseline:

- what comes with taking part (``placebo``), there within hours and kept, and the hours after a
  visit (``visit``), both with or without the drug;
- what comes with time: a new oral antidepressant and whatever else comes beside it; a part of that
  (``alone``) comes where none is begun;
- the drug: each dose adds to an amount that rises within hours and decays over days, and the
  improvement saturates in that amount; beside a new antidepressant it is a part of that;
- what people differ by (``spread``, and ``spread_ad`` that grows with the new antidepressant).

Trials differ in how much the drug adds (a factor with SD ``trial_drug`` about 1) and in the
placebo part (SD ``trial_placebo``); trials in another setting than that of outpatients differ in
that part by more (SD ``setting``). Nothing here knows of dissociation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit, ndtr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

Theta = Mapping[str, "Values | float"]

HIGHEST: Final = 60.0
"""Highest total of the scale."""
REMISSION: Final = 12.0
"""Highest total that trials of esketamine count as remission."""
RESPONSE: Final = 0.5
"""Part of the baseline by which a responder's total has fallen."""
BASELINE_ENDS: Final = (20.0, 48.0)
"""Baselines outside are put at the end."""
_NODES: Final = 24


@dataclass(frozen=True, slots=True)
class Plan:
    """What an arm is given.

    Parameters
    ----------
    hours : tuple of float
        Start of each session, h after the first; also of a control arm.
    amounts : tuple of float
        mg of nasal esketamine, or mg/kg of the racemate by vein; 0 in a control arm.
    by_vein : bool
        Whether amounts are mg/kg of the racemate by vein.
    new_antidepressant : bool
        Whether an oral antidepressant is begun with the first session.
    """

    hours: tuple[float, ...]
    amounts: tuple[float, ...]
    by_vein: bool = False
    new_antidepressant: bool = False

    def control(self) -> Plan:
        """Return the same sessions without the drug."""
        none = (0.0,) * len(self.hours)
        return Plan(self.hours, none, self.by_vein, self.new_antidepressant)


def left(p: Theta, times: ArrayLike, plan: Plan) -> Values:
    """Return what is left of the doses, in multiples of the half-maximal dose.

    Parameters
    ----------
    p : mapping
        Parameters, each a number or of shape (draws, 1).
    times : array_like, shape (times,)
        h.
    plan : Plan

    Returns
    -------
    ndarray, shape (times,) or (draws, times)
    """
    t = np.asarray(times, dtype=float)
    decay, rise = 24.0 * np.asarray(p["decay_days"]), np.asarray(p["rise_hours"])
    worth = np.asarray(p["iv_worth"]) / 0.5 if plan.by_vein else 1.0
    total = np.zeros(np.broadcast_shapes(t.shape, np.shape(decay)))
    for hour, amount in zip(plan.hours, plan.amounts, strict=True):
        since = np.clip(t - hour, 0.0, None)
        part = np.exp(-since / decay) - np.exp(-since / rise)
        total = total + amount * np.where(t > hour, part, 0.0)
    return np.asarray(np.clip(total, 0.0, None) * worth / np.asarray(p["half_mg"]))


def drug_part(p: Theta, times: ArrayLike, plan: Plan) -> Values:
    """Return the improvement by the drug, shape (times,) or (draws, times)."""
    x = left(p, times, plan)
    beside = np.asarray(p["beside"]) if plan.new_antidepressant else 1.0
    return np.asarray(beside * np.asarray(p["strongest"]) * x / (1.0 + x))


def shared_part(p: Theta, times: ArrayLike, plan: Plan) -> Values:
    """Return the improvement of both arms, without differences between trials and people."""
    t = np.asarray(times, dtype=float)
    last = np.full(t.shape, np.inf)
    for hour in plan.hours:
        # a rating at the hour of a session is made before it
        last = np.where(t > hour, t - hour, last)
    visit = np.asarray(p["visit"]) * np.exp(-last / np.asarray(p["visit_hours"]))
    part = (np.asarray(p["placebo"]) + visit) * _begun(p, t)
    return np.asarray(part + np.asarray(p["antidepressant"]) * _taken_hold(p, t, plan))


def _begun(p: Theta, t: Values) -> Values:
    """Part of what comes with taking part that has set in."""
    return np.asarray(1.0 - np.exp(-np.clip(t, 0.0, None) / np.asarray(p["onset_hours"])))


def _taken_hold(p: Theta, t: Values, plan: Plan) -> Values:
    """Part that is there of what comes with time, of which some comes without a new medicine."""
    days = np.asarray(p["antidepressant_days"])
    held = 1.0 - np.exp(-np.clip(t, 0.0, None) / (24.0 * days))
    return np.asarray(held if plan.new_antidepressant else np.asarray(p["alone"]) * held)


def spreads(p: Theta, times: ArrayLike, plan: Plan) -> tuple[Values, Values]:
    """Return the SDs between people: of the first part, and of that of the antidepressant."""
    t = np.asarray(times, dtype=float)
    first = np.asarray(p["spread"]) * _begun(p, t)
    return np.asarray(first), np.asarray(p["spread_ad"]) * _taken_hold(p, t, plan)


def improvement(
    p: Theta, times: ArrayLike, plan: Plan, drug: ArrayLike = 0.0, placebo: ArrayLike = 0.0
) -> tuple[Values, Values]:
    """Return mean and SD over people of the improvement.

    Parameters
    ----------
    p, times, plan
        As in :func:`left`.
    drug, placebo : array_like
        Where a trial lies among trials, in SDs; shape of a parameter.

    Returns
    -------
    mean, sd : ndarray, shape (times,) or (draws, times)
    """
    t = np.asarray(times, dtype=float)
    begun = _begun(p, t)
    factor = 1.0 + np.asarray(p["trial_drug"]) * np.asarray(drug)
    shift = np.asarray(p["trial_placebo"]) * np.asarray(placebo) * begun
    mean = shared_part(p, t, plan) + shift + factor * drug_part(p, t, plan)
    first, second = spreads(p, t, plan)
    return np.asarray(mean), np.hypot(first, second)


def total(p: Theta, baseline: ArrayLike, better: ArrayLike) -> Values:
    """Return MADRS of people with a baseline, improved by so much; shapes broadcast."""
    cap = np.asarray(p["cap"])
    start = -np.log(cap - 1.0)
    found = cap * np.asarray(baseline) * expit(start - np.asarray(better))
    return np.asarray(np.clip(found, 0.0, HIGHEST))


@dataclass(frozen=True, slots=True)
class Group:
    """What is expected of a group of people; arrays of shape (times,) or (draws, times)."""

    change: Values
    sd: Values
    response: Values
    remission: Values


def expected(
    p: Theta, mean: Values, sd: Values, baseline: tuple[float, float] | None = None
) -> Group:
    """Return mean and SD of the change, response and remission of a large group.

    Parameters
    ----------
    p : mapping
    mean, sd : ndarray
        Of the improvement over people.
    baseline : (float, float), optional
        Mean and SD; by default those of the calibration.

    Notes
    -----
    Response has a closed form; the rest is worked out by Gauss-Hermite quadrature.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    middle, wide = baseline or (_number(p["baseline_mean"]), _number(p["baseline_sd"]))
    # held, so one number for all draws
    cap = _number(p["cap"])
    start = -np.log(cap - 1.0)
    shape = (..., None)
    part = 1.0 - cap * expit(start - mean[shape] - sd[shape] * nodes)
    first, second = (part * weights).sum(-1), (part**2 * weights).sum(-1)
    variance = (middle**2 + wide**2) * second - (middle * first) ** 2
    response = _beyond(mean, sd, start + np.log(cap / RESPONSE - 1.0))
    bases = np.clip(middle + wide * nodes, *BASELINE_ENDS)
    need = start + np.log(cap * bases / REMISSION - 1.0)
    remission = (_beyond(mean[shape], sd[shape], need) * weights).sum(-1)
    return Group(-middle * first, np.sqrt(np.clip(variance, 0.0, None)), response, remission)


def _beyond(mean: Values, sd: Values, need: ArrayLike) -> Values:
    """Share of people whose improvement is at least so much; nought before anything began."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = ndtr((mean - np.asarray(need)) / sd)
    return np.where(sd > 0, share, 0.0)


def _number(value: Values | float) -> float:
    return float(np.asarray(value).ravel()[0])
