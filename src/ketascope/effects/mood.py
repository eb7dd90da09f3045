"""The course of depression under a regimen, beside its control arm: ``ketascope.course``.

Everything here is a calibration of this project (``calibration/mood.py``), not a published model.
It is driven by doses alone, not by concentrations and not by dissociation: see
``evidence/data/dissociation_and_benefit.yaml`` for what trials found on that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope import draws
from ketascope.effects.calibrated import calibration
from ketascope.effects.mood_arms import LAST, OLD, plan_of, plan_record, share_older
from ketascope.effects.mood_model import (
    BASELINE_ENDS,
    REMISSION,
    RESPONSE,
    Group,
    Plan,
    expected,
    improvement,
    spreads,
    total,
)
from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

NAME: Final = "mood"
DRAWS: Final = 2000
"""Draws of the parameters and of trials behind each interval."""
QUANTILES: Final = (0.05, 0.5, 0.95)
SPREADS: Final = ("within trial", "between trials", "other setting")
"""What an interval holds: the calibration alone, also how far trials of outpatients are apart, or
also how far another setting (inpatients, surgery, another region) shifts both arms."""
ARMS: Final = ("drug", "control")
TWO_WEEKS: Final = 15 * 24.0
"""h up to which more than one trial without a new antidepressant was fitted."""
WEEK: Final = 168.0
MOST_A_WEEK: Final = 3
"""Sessions a week at most in the fitted trials."""
MOST: Final = 100_000
TEXT: Final = (
    "A calibration of this project, fitted to seven trials: esketamine in Daly 2018, TRANSFORM-1 "
    "and -2, TRD4006 and Canuso 2018, ketamine in Singh 2016 and Lii 2023; driven by doses, not by "
    "dissociation."
)

OUTSIDE: Final = (
    "The band between trials is of a new trial of outpatients; among inpatients, after surgery, in "
    "other regions or in practice both arms shift together by more, as the band 'other setting' "
    "shows. That the difference between the arms is alike there is assumed: most trials elsewhere "
    "found a smaller one."
)


def course(
    regimen: Any,
    comparator: str | None = None,
    *,
    n: int = 1000,
    seed: int = 0,
    times: Sequence[float] | None = None,
    age: float | None = None,
) -> xr.Dataset:
    """Predict MADRS, response and remission over four weeks, beside a control arm.

    Parameters
    ----------
    regimen : str, RegimenLike or Dataset
        Words, a regimen, or the result of :func:`ketascope.simulate`.
    comparator : str, optional
        ``"oral antidepressant with placebo spray"`` (both arms begin a new oral antidepressant;
        the default for nasal esketamine) or ``"placebo"`` (the default for infusions).
    n : int
        People in each arm.
    seed : int
    times : sequence of float, optional
        h after the first dose, from 0 to 672.
    age : float, optional
        y; by default the median of a result, or that of its youngest person if under 18.

    Returns
    -------
    Dataset
        ``madrs``, ``response`` (a fall of at least half) and ``remission`` (12 or less), dims
        (arm, subject, time): each person with an own draw of the calibration and an own trial;
        ``baseline`` (subject). Of large groups, 5, 50 and 95 %: ``mean_change``,
        ``response_share`` and ``remission_share``, dims (spread, arm, quantile, time), and their
        differences between the arms, ``difference_change`` and so on, without ``arm``; ``spread``
        is ``"within trial"`` (the calibration alone), ``"between trials"`` (with how far trials
        of outpatients are apart) or ``"other setting"`` (also with what another setting shifts
        both arms by). Changes and shares are of people still rated, as trials print them.
        ``time`` in h.

    Raises
    ------
    InputError
        For a comparator, a time or a number of people that cannot be.
    Unsupported
        Where no data support a curve, with the reason.

    Examples
    --------
    >>> found = course("esketamine 84 mg intranasal twice weekly for 4 weeks", n=50, seed=1)
    >>> dict(found["madrs"].sizes)["arm"], found.attrs["comparator"]
    (2, 'oral antidepressant with placebo spray')
    """
    import xarray as xr

    if not 1 <= n <= MOST:
        raise InputError(f"{n} people cannot be predicted", hint=f"give 1 to {MOST}")
    seed = draws.check_seed(seed)
    plan, named, words = plan_of(regimen, comparator, age)
    at = _times(plan, times)
    baseline, madrs = people(plan, at, n, seed)
    data: dict[str, Any] = {
        "madrs": (("arm", "subject", "time"), madrs, {"units": "points"}),
        "response": (("arm", "subject", "time"), madrs <= (1 - RESPONSE) * baseline[:, None]),
        "remission": (("arm", "subject", "time"), madrs <= REMISSION),
        "baseline": ("subject", baseline, {"units": "points"}),
    }
    data |= _grouped(plan, at, seed)
    found = xr.Dataset(
        data,
        {"arm": list(ARMS), "subject": np.arange(n), "time": at, "quantile": list(QUANTILES),
         "spread": list(SPREADS)},
    )  # fmt: skip
    found["time"].attrs["units"] = "h"
    found.attrs = _attributes(plan, named, words, seed)
    found.attrs["warnings"] = json.dumps(
        _warnings(plan, float(at[-1]), regimen, age), ensure_ascii=False
    )
    return found


def _times(plan: Plan, times: Sequence[float] | None) -> Values:
    if times is not None:
        at = np.unique(np.asarray(times, dtype=float))
        if not at.size or not np.all(np.isfinite(at)) or at[0] < 0:
            raise InputError("times are hours from 0 on", where="times")
        if at[-1] > LAST:
            raise InputError(
                f"{at[-1]:g} h is not predicted: fitted trials end after four weeks",
                where="times", hint=f"give at most {LAST:g} h",
            )  # fmt: skip
        return at
    end = min(LAST, plan.hours[-1] + 168.0)
    early = np.array([0, 0.5, 1, 2, 3, 4, 6, 8, 12, 18, 24])
    sessions = [h + d for h in plan.hours for d in (0.0, 2.0, 6.0, 24.0)]
    at = np.unique(np.concatenate([early, np.arange(36, end, 12.0), sessions, [648.0, end]]))
    return np.asarray(at[at <= end])


def people(plan: Plan, at: Values, n: int, seed: int) -> tuple[Values, Values]:
    """Return baselines (n,) and totals (2, n, times) of people with the drug and without."""
    index = np.arange(n)
    p = {k: v[:, None] for k, v in calibration(NAME).draws_of(index, seed).items()}
    z = {
        name: draws.normal(seed, index, f"effect:mood:{name}")[:, None]
        for name in ("baseline", "first", "antidepressant", "trial drug", "trial placebo")
    }
    baseline = np.clip(p["baseline_mean"] + p["baseline_sd"] * z["baseline"], *BASELINE_ENDS)
    found = []
    for arm in (plan, plan.control()):
        mean, _ = improvement(p, at, arm, z["trial drug"], z["trial placebo"])
        first, second = spreads(p, at, arm)
        better = mean + first * z["first"] + second * z["antidepressant"]
        found.append(total(p, baseline, better))
    return baseline[:, 0], np.stack(found)


def large_groups(
    plan: Plan,
    at: Values,
    seed: int,
    *,
    count: int = DRAWS,
    between: bool = True,
    baseline: tuple[float, float] | None = None,
    elsewhere: bool = False,
) -> tuple[Group, Group]:
    """Return what large groups with the drug and without it come to, shape (draws, times).

    ``between``: with how far trials are apart; ``elsewhere``: also with what a setting unlike that
    of the fitted trials shifts both arms by.
    """
    index = np.arange(count)
    p = {k: v[:, None] for k, v in calibration(NAME).draws_of(index, seed).items()}
    u, v = (
        draws.normal(seed, index, f"mood:{name}")[:, None] * float(between)
        for name in ("trial drug", "trial placebo")
    )
    if elsewhere:
        z = draws.normal(seed, index, "mood:setting")[:, None]
        # in SDs between trials, as improvement takes it
        v = v + z * p["setting"] / p["trial_placebo"]
    arms = []
    for arm in (plan, plan.control()):
        mean, sd = improvement(p, at, arm, u, v)
        arms.append(expected(p, mean, np.broadcast_to(sd, mean.shape), baseline))
    return arms[0], arms[1]


def central_groups(
    plan: Plan,
    at: Values,
    baseline: tuple[float, float] | None = None,
    *,
    drug: float = 0.0,
    placebo: float = 0.0,
) -> tuple[Group, Group]:
    """Return the same at the estimates, in a trial that lies so among trials (SDs); (times,)."""
    p = calibration(NAME).central()
    with_drug, control = (
        expected(p, *improvement(p, at, arm, drug, placebo), baseline)
        for arm in (plan, plan.control())
    )
    return with_drug, control


MEASURES: Final = {
    "mean_change": "change", "response_share": "response", "remission_share": "remission",
}  # fmt: skip


def _grouped(plan: Plan, at: Values, seed: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    each = [
        large_groups(plan, at, seed, between=between, elsewhere=elsewhere)
        for between, elsewhere in ((False, False), (True, False), (True, True))
    ]
    for name, field in MEASURES.items():
        of_arms = np.stack([np.stack([getattr(g, field) for g in pair]) for pair in each])
        ends = np.moveaxis(np.quantile(of_arms, QUANTILES, axis=2), 0, 2)
        found[name] = (("spread", "arm", "quantile", "time"), ends)
        gap = np.moveaxis(np.quantile(of_arms[:, 0] - of_arms[:, 1], QUANTILES, axis=1), 0, 1)
        short = f"difference_{field}"
        found[short] = (("spread", "quantile", "time"), gap)
    return found


def _attributes(plan: Plan, comparator: str, words: str, seed: int) -> dict[str, Any]:
    from ketascope import __version__

    fitted = calibration(NAME)
    return {
        "title": "Ketascope course of depression",
        "regimen": words,
        "comparator": comparator,
        "seed": seed,
        "version": __version__,
        "how": TEXT,
        "kind": "calibrated",
        "plan": plan_record(plan),
        "limits": json.dumps(list(fitted.limits), ensure_ascii=False),
        "sources": json.dumps(list(fitted.sources)),
    }


def _warnings(plan: Plan, last: float, regimen: Any, age: float | None) -> list[str]:
    """What to know of a plan that is predicted up to ``last`` (h)."""
    told = [OUTSIDE]
    if not plan.new_antidepressant and last > TWO_WEEKS:
        told.append(
            "Without a new antidepressant, more than two weeks rest on the differences of one "
            "trial of the spray (TRD4006), which were smaller than what is shown here."
        )
    if plan.by_vein and any(abs(a - 0.5) > 1e-9 for a in plan.amounts):
        told.append("By vein 0.5 mg/kg was fitted; other doses borrow the nasal dose-response.")
    if plan.by_vein:
        told.append(
            "An infusion is taken to rise and decay as a spray does: outpatients were fitted on "
            "day 15 alone."
        )
    elif plan.new_antidepressant:
        told.append(
            "Beside a new antidepressant day 28 was fitted; hours and days before carry over what "
            "the spray does alone."
        )
    if plan.by_vein and plan.new_antidepressant:
        told.append(
            "No fitted trial gave infusions beside a new antidepressant: what the drug adds there "
            "is borrowed from the spray."
        )
    hours = np.asarray(plan.hours)
    if max(np.sum((hours >= h) & (hours < h + WEEK)) for h in hours) > MOST_A_WEEK:
        told.append(
            "Fitted trials gave at most three sessions a week; with more, the curve rests on how "
            "doses are taken to add up."
        )
    older = share_older(regimen) if age is None else 0.0
    if older > 0:
        told.append(
            f"{100 * older:.0f} % of the people are {OLD:.0f} or older, whose one trial found far "
            "less response in both arms; the curve is of younger people."
        )
    if plan.hours[-1] > LAST:
        told.append("Totals are predicted for four weeks; sessions after that are not in them.")
    return told
