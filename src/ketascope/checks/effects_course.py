"""Published courses of depression beside what the calibration of MADRS says of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope import draws
from ketascope.checks.effects import Prediction
from ketascope.effects.calibrated import calibration
from ketascope.effects.mood import NAME, central_groups, large_groups
from ketascope.effects.mood_arms import LAST, plan_of
from ketascope.effects.mood_model import Group, Plan
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.evidence.published import PublishedValue

    Values = NDArray[np.float64]

DRAWS: Final = 1000
SEED: Final = 1
NEW: Final = "oral antidepressant with placebo spray"
SETTINGS: Final = {
    "transform_1": NEW, "transform_2": NEW, "transform_3": NEW, "transform_1_2": NEW,
    "aspire_1_2": NEW, "canuso_2018": NEW,
}  # fmt: skip
"""Trials in which an antidepressant was begun or changed beside the spray; other trials: none."""
ELSEWHERE: Final = {
    "aspire_1_2": "suicidal inpatients; admission and full care are not in the model",
    "canuso_2018": "suicidal inpatients; admission and full care are not in the model",
    "karma_dep_2": "inpatients, with whatever else they were given",
    "ketect_2022": "inpatients, with whatever else they were given",
    "lii_2023": "surgery and anaesthesia are not in the model",
    "takahashi_2021": "Japan; fitted trials were of other regions",
}
"""Trials in another setting than that of outpatients in North America and Europe."""
TRIALS: Final = (
    "daly_2018", "singh_2016_repeat", "transform_1", "transform_2", "trd4006", "canuso_2018",
    "lii_2023",
)  # fmt: skip
"""Fitted trials; where each lies among trials stands in the calibration."""
AWAY: Final = ("canuso_2018", "lii_2023")
"""Those of them in another setting than that of outpatients."""
POOLS: Final = {
    ("transform_1_2", "drug"): {"transform_1": 2 / 3, "transform_2": 1 / 3},
    ("transform_1_2", "placebo"): {"transform_1": 1 / 2, "transform_2": 1 / 2},
}
"""Shares of trials in arms of a pool."""
BASELINE_SD: Final = 5.6
"""Women and men of TRANSFORM-1 and -2 together (Jones 2022, Table 4)."""
ASSUMED_BASELINES: Final = {"singh_2016_repeat": (35.0, BASELINE_SD)}
"""Mean and SD of trials whose baseline was not read: a convention, in the fit as well."""
SIZES: Final = {"karma_dep_2": 62 / 2, "singh_2016_repeat": 67 / 4}
"""People in an arm where the trial's whole alone was read: an equal part, a convention."""
CONTRASTS: Final = {
    "transform_2": "esketamine 84 mg intranasal twice weekly for 4 weeks",
    "aspire_1_2": "esketamine 84 mg intranasal twice weekly for 4 weeks",
    "canuso_2018": "esketamine 84 mg intranasal twice weekly for 4 weeks",
    "trd4006": "esketamine {dose} mg intranasal twice weekly for 4 weeks",
    "takahashi_2021": "esketamine {dose} mg intranasal twice weekly for 4 weeks",
    "karma_dep_2": "ketamine 0.5 mg/kg iv over 40 min twice weekly for 4 weeks",
}
"""What was compared with placebo, where the words of a contrast are free; sessions of a control."""
VISITS: Final = "esketamine 84 mg intranasal twice weekly for 4 weeks"
MEASURES: Final = {"madrs": "change", "response": "response", "remission": "remission"}
ADJUSTED: Final = "LS mean"
"""Statistic of a change that is adjusted to the baseline of all arms."""


def predict(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published change, total, response, remission or relapse.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    if value.effect == "relapse":
        return _relapse(value)
    if value.effect in ("response", "remission") and value.role == "contrast":
        raise Unsupported("differences of shares are not predicted")
    if value.study == "feder_2021":
        raise Unsupported("response of post-traumatic stress is not one of depression")
    if value.taken != "at a time" or value.conditions.time is None:
        raise Unsupported("when the rating was is not stated")
    if value.conditions.time > LAST:
        raise Unsupported("fitted trials end after four weeks")
    hour = float(value.conditions.time)
    if hour == 0:
        raise Unsupported("totals before the first dose are taken from the trial, not predicted")
    plan = _plan(value)
    at, bases, away = np.array([hour]), baseline_of(value), _elsewhere(value)
    central = central_groups(plan, at, bases, **_place(value))
    drawn = large_groups(
        plan, at, SEED, count=DRAWS, baseline=bases, elsewhere=away is not None
    )  # fmt: skip
    field = MEASURES[str(value.effect)]
    middle, cloud = (_number(value, pair, field, bases) for pair in (central, drawn))
    own = central[int(value.role not in ("drug", "contrast"))]
    low, high = _with_sampling(value, cloud, float(own.sd[0]))
    return Prediction(float(middle[0]), low, high, NAME, _note(value, away))


def _elsewhere(value: PublishedValue) -> str | None:
    """Why a number lies outside what was fitted, or None."""
    told = ELSEWHERE.get(str(value.study))
    if told is None and value.role == "comparator":
        told = "fitted control arms had placebo"
    return told


def _place(value: PublishedValue) -> dict[str, float]:
    """Where the fitted trials of an arm lie among trials (SDs); empty for others."""
    shares = POOLS.get((str(value.study), str(value.role)), {str(value.study): 1.0})
    if not set(shares) <= set(TRIALS):
        return {}
    held = calibration(NAME).central()
    found = {
        part: sum(share * held[f"{part}_in_{trial}"] for trial, share in shares.items())
        for part in ("drug", "placebo")
    }
    for trial in set(shares) & set(AWAY):
        shift = held["setting"] / held["trial_placebo"]
        found["placebo"] += shares[trial] * held[f"setting_in_{trial}"] * shift
    return found


def _number(
    value: PublishedValue, pair: tuple[Group, Group], field: str, bases: tuple[float, float] | None
) -> Values:
    drug, control = (np.asarray(getattr(group, field))[..., 0].reshape(-1) for group in pair)
    if value.role == "contrast":
        return np.asarray(drug - control)
    own = drug if value.role == "drug" else control
    if value.quantity != "score":
        return own
    start = bases[0] if bases else calibration(NAME).central()["baseline_mean"]
    return np.asarray(start + own)


def _plan(value: PublishedValue) -> Plan:
    words, study = value.conditions.regimen, str(value.study)
    if value.role == "contrast":
        if study not in CONTRASTS:
            raise Unsupported("what was compared is told in free words alone")
        dose = next((d for d in ("28", "56", "84") if f"{d} mg" in words), "84")
        words = CONTRASTS[study].format(dose=dose)
    elif value.role != "drug":
        words = VISITS
    if "children" in value.conditions.people or "13 to 17" in value.conditions.people:
        raise Unsupported("people under 18 have no fitted trial")
    age = value.conditions.patient.get("age")
    plan, _, _ = plan_of(words, SETTINGS.get(study, "placebo"), None if age is None else float(age))
    return plan


@lru_cache(maxsize=1)
def _starts() -> dict[str, float]:
    """Totals before the first dose, by arm, where they are published."""
    from ketascope.evidence.published import published

    return {
        v.id.rsplit(".madrs.", 1)[0]: v.value
        for v in published()
        if v.effect == "madrs" and v.quantity == "score" and v.conditions.time == 0
    }


@lru_cache(maxsize=1)
def _common() -> dict[str, float]:
    """Total before the first dose of all arms together, of trials that print adjusted changes."""
    from ketascope.evidence.published import published

    arms: dict[str, dict[str, tuple[float, float]]] = {}
    for v in published():
        if v.role == "contrast":
            # its baseline is of both arms already
            continue
        if v.effect == "madrs" and v.statistic == ADJUSTED and v.baseline is not None:
            arm = v.id.rsplit(".madrs.", 1)[0]
            arms.setdefault(str(v.study), {})[arm] = (v.baseline, float(v.conditions.n or 1))
    return {
        study: sum(base * n for base, n in found.values()) / sum(n for _, n in found.values())
        for study, found in arms.items()
    }


def baseline_of(value: PublishedValue) -> tuple[float, float] | None:
    """Return mean and SD before the first dose of the arm of a value, or None where not read.

    Of an adjusted change (least-squares mean) those of all arms together: it is adjusted to them.
    """
    arm = value.id.rsplit(f".{value.effect}.", 1)[0]
    found = value.baseline if value.baseline is not None else _starts().get(arm)
    if value.statistic == ADJUSTED:
        found = _common().get(str(value.study), found)
    return ASSUMED_BASELINES.get(str(value.study)) if found is None else (found, BASELINE_SD)


def _with_sampling(value: PublishedValue, cloud: Values, sd: float) -> tuple[float, float]:
    """Widen the draws by what a group of this size scatters, where its size is known.

    ``sd`` is the predicted SD between people, used where none is printed.
    """
    n = value.conditions.n or SIZES.get(str(value.study))
    if value.role == "contrast":
        # the size of a contrast may be that of the whole trial
        n = SIZES.get(str(value.study), n)
    error = np.zeros(cloud.shape)
    if value.se is not None:
        error = np.full(cloud.shape, value.se)
    elif value.role == "contrast" and value.interval_kind == "95% CI" and value.interval:
        error = np.full(cloud.shape, (value.interval[1] - value.interval[0]) / 3.92)
    elif n is not None and value.quantity == "proportion":
        error = np.sqrt(cloud * (1 - cloud) / n)
    elif n is not None:
        arms = 2 if value.role == "contrast" else 1
        error = np.full(cloud.shape, (value.sd or sd) * np.sqrt(arms / n))
    moved = cloud + error * draws.normal(SEED, np.arange(cloud.size), f"course:{value.id}")
    if value.quantity == "proportion":
        moved = np.clip(moved, 0.0, 1.0)
    low, high = np.quantile(moved, (0.05, 0.95))
    return float(low), float(high)


def _note(value: PublishedValue, away: str | None) -> str:
    told = ["new trial, with its sampling error where known"]
    if _place(value):
        told.append("the middle is of this fitted trial, where it lies among trials")
    if value.role == "comparator":
        told.append("midazolam predicted as placebo")
    if away is not None:
        told.append(f"another setting: {away}; the band holds what another setting may shift")
    return "; ".join(told)


def _relapse(value: PublishedValue) -> Prediction:
    """What was fitted to SUSTAIN-1; no other relapse is of people like those."""
    if value.study != "sustain_1":
        raise Unsupported(
            "relapse was fitted to people stable after 16 weeks who kept their antidepressant"
        )
    fitted = calibration(NAME)
    drawn: dict[str, Values] = fitted.draws(DRAWS, SEED)
    at = {name: np.array([x]) for name, x in fitted.central().items()}
    middle, cloud = (_relapse_of(value, p) for p in (at, drawn))
    low, high = np.quantile(cloud, (0.05, 0.95))
    return Prediction(float(middle[0]), float(low), float(high), NAME)


def _relapse_of(value: PublishedValue, p: dict[str, Values]) -> Values:
    if value.quantity == "ratio":
        who = "responders" if "responders" in value.conditions.regimen else "remitters"
        return p[f"hazard_ratio_{who}"]
    if value.quantity == "half_life":
        return p["relapse_half_life"]
    rate = np.log(2) / p["relapse_half_life"] * p["follow_up"]
    ratio = p["hazard_ratio_remitters"] if value.role == "drug" else 1.0
    return np.asarray(1 - np.exp(-rate * ratio))
