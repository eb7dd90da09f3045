"""Published rises of blood pressure, and shares with large ones, beside what is predicted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.checks.effects import Prediction, at_readings, exposure_of
from ketascope.checks.effects_reactions import predict_reaction
from ketascope.effects.acute import acute_effects, driving_from
from ketascope.effects.calibrated import calibration
from ketascope.effects.pressure_readings import (
    READ,
    levels_before,
    mean_of_largest,
    share_changed,
    share_high,
    with_sensitivity,
)
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.evidence.published import Conditions, PublishedValue

    Values = NDArray[np.float64]
    Theta = Mapping[str, float]
    Told = Callable[[Values, Theta, Values], float]
    """Of rises, parameters, and standard normal numbers of people's sensitivity."""

DRAWS: Final = 50
"""Draws of the calibrated parameters behind an interval."""
SAMPLES: Final = 50
"""Groups of the size of the published one behind each draw."""
SESSIONS: Final = 8
SERIES: Final = {
    "yale_bp_2024": "series_yale", "zhou_2021": "series_zhou", "riva_posse_2018": "series_riva",
}  # fmt: skip
"""Series of infusions that were fitted, each with a factor of its own."""
MIXED: Final = "transform_1_2"
"""Trials of which a third had 56 mg and the others 84 mg."""
CHANGE_SD: Final = {"drug": 10.0, "placebo": 8.0}
"""SD between people (mmHg) of their largest change, for the sampling error of its mean: about that
of Yale 2024 (11.2 and 8.45), rounded down as the largest of several readings scatters less."""
MEAN_PRESSURE: Final = 85.0
HELD: Final = (1959.0, 1.0, 25.0)
"""Level (ng/mL), hours at it and age (y) of the men of the study in anaesthesia."""
_CUT: Final = re.compile(r"(systolic|diastolic) (rise of )?(\d+) mmHg or more")


def predict(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published rise of blood pressure.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    if value.effect == "pulse_change":
        raise Unsupported(
            "heart rate is not predicted: a mean of infusions and one of anaesthesia give no course"
        )
    if value.effect == "mean_pressure_change":
        return _spread(_anaesthetised, "after an hour at the level, from 85 mmHg, at 25 years")
    if value.statistic not in ("mean", "range"):
        raise Unsupported("only means of pressure are predicted")
    kind = str(value.effect).removesuffix("_change")
    if value.taken == "mean of individual maxima":
        people = value.conditions.n or 100
        return _of_readings(
            value, kind,
            lambda rise, theta, _: mean_of_largest(rise, _scatter(theta, kind, rise), people),
            "largest of readings at 40 min, 1 h and 1.5 h, on the largest of the days",
        )  # fmt: skip
    if value.role == "placebo":
        raise Unsupported("of placebo, only readings and their largest change are predicted")
    if value.taken == "at a time":
        hour = float(value.conditions.time or 0.0)
        return _mean(value, lambda times, mean: float(np.interp(hour, times, mean)))
    if value.taken == "maximum of the mean":
        return _mean(value, lambda _, mean: float(mean.max()))
    raise Unsupported("how the rise was taken over time is not one of those predicted")


def predict_event(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published share of people with a large rise or a high reading.

    Where no reading is named, people had pressure as a reported reaction: that is pooled.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    if value.cut is None:
        return predict_reaction(value)
    found = _CUT.fullmatch(str(value.cut))
    if found is None or value.quantity != "proportion" or value.role == "contrast":
        raise Unsupported("only shares of people beyond a pressure, or a rise, are predicted")
    kind, rise_asked, cut = found[1], bool(found[2]), float(found[3])

    def told(rise: Values, theta: Theta, sensitivity: Values) -> float:
        sd = _scatter(theta, kind, rise)
        if rise_asked:
            return share_changed(rise, sd, cut)
        own = _normals(rise.shape[0], 2 if kind == "systolic" else 3)
        z = with_sensitivity(own, sensitivity, theta["rise_with_before"])
        before = levels_before(kind, theta[f"before_{kind}"], theta[f"before_{kind}_sd"], z)
        return share_high(rise, sd, before, cut)

    note = "at any reading (40 min, 1 h, 1.5 h) of eight sessions"
    if not rise_asked:
        note += "; pressure before the dose as in the trials under 65 years"
    return _of_readings(value, kind, told, note)


def _theta(draw: int | None, seed: int) -> Theta:
    """Parameters at the estimate, or of one draw, as effects under that draw have them."""
    fitted = calibration("pressure")
    if draw is None:
        return fitted.central()
    return {name: float(v[0]) for name, v in fitted.draws_of([draw], seed).items()}


def _normals(count: int, stream: int) -> Values:
    """Standard normal numbers of people, each stream in its own order."""
    from scipy.special import ndtri

    order = np.random.default_rng(stream).permutation(count)
    return np.asarray(ndtri((order + 0.5) / count))


def _scatter(theta: Theta, kind: str, rise: Values) -> Values:
    z = _normals(rise.shape[0], 1)
    return np.asarray(theta[f"noise_{kind}"] * np.exp(theta["noise_spread"] * z))


def _of_readings(value: PublishedValue, kind: str, told: Told, note: str) -> Prediction:
    if value.role == "placebo":
        quiet = np.zeros((200, SESSIONS, len(READ)))
        any_of = _normals(200, 4)
        clouds = [told(quiet, _theta(draw, 1), any_of) for draw in (None, *range(DRAWS))]
        return _prediction(_sampled(value, clouds), note)
    result = at_readings(exposure_of(value.conditions))
    seed = int(result.attrs["seed"])
    starts = [s["time"] for s in json.loads(str(result.attrs["sessions"]))]
    times = result["time"].to_numpy()
    at = [[int(np.argmin(np.abs(times - start - hour))) for hour in READ] for start in starts]
    sensitivity = driving_from(result).normal("pressure:sensitivity")
    numbers = []
    for draw in (None, *range(DRAWS)):
        found = _curves(value, kind, draw)
        numbers.append(told(found[:, np.asarray(at)], _theta(draw, seed), sensitivity))
    return _prediction(_sampled(value, numbers), note)


def _sampled(value: PublishedValue, numbers: list[float]) -> list[float]:
    """Draws with what a group of this size scatters, where its size is known."""
    n = value.conditions.n
    if n is None:
        return numbers
    draw = np.random.default_rng(1)
    if value.quantity != "proportion":
        error = (value.sd or CHANGE_SD[str(value.role)]) / np.sqrt(n)
        moved = np.asarray(numbers[1:])[:, None] + error * draw.normal(size=(1, SAMPLES))
        return [numbers[0], *moved.ravel().tolist()]
    shares = np.clip(numbers[1:], 0.0, 1.0)
    counts = draw.binomial(int(n), shares[:, None], (shares.size, SAMPLES))
    return [numbers[0], *(counts / n).ravel().tolist()]


def _curves(value: PublishedValue, kind: str, draw: int | None) -> Values:
    """Rises over time at the estimate or under one draw, shape (people, times)."""
    name = f"{kind}_change"
    found = []
    for conditions in _given(value):
        result = at_readings(exposure_of(conditions))
        effect = acute_effects(result, names=[name], uncertainty="central", draw=draw)
        found.append(np.asarray(effect[name].transpose("subject", "time").to_numpy()))
    if len(found) == 1:
        return found[0]
    third = np.arange(found[0].shape[0]) % 3 == 0
    return np.where(third[:, None], found[1], found[0])


def _in_series(value: PublishedValue, kind: str, draw: int | None, series: str) -> Values:
    """The same with the strength of the racemate in a fitted series instead of another one."""
    from ketascope.effects.pressure import diastolic, systolic

    result = at_readings(exposure_of(value.conditions))
    driving = driving_from(result)
    theta = _theta(draw, int(result.attrs["seed"]))
    theta = {**theta, "infusions": theta[series]}
    curve = {"systolic": systolic, "diastolic": diastolic}[kind]
    return curve(driving, {name: np.full(driving.people, x) for name, x in theta.items()})


def _given(value: PublishedValue) -> list[Conditions]:
    """What people were given: of the pool with two doses, the larger, and what a third had."""
    given = value.conditions
    if value.study != MIXED:
        return [given]
    return [given, given.model_copy(update={"regimen": given.regimen.replace("84 mg", "56 mg")})]


def _mean(value: PublishedValue, told: Callable[[Values, Values], float]) -> Prediction:
    kind = str(value.effect).removesuffix("_change")
    times = at_readings(exposure_of(value.conditions))["time"].to_numpy()
    series = SERIES.get(str(value.study))
    numbers = []
    for draw in (None, *range(DRAWS)):
        curves = _in_series(value, kind, draw, series) if series else _curves(value, kind, draw)
        numbers.append(told(times, curves.mean(axis=0)))
    note = "mean over people"
    numbers = _sampled(value, numbers)
    return _prediction(numbers, f"{note}, with the factor of this series" if series else note)


def _anaesthetised(theta: Theta) -> float:
    """Rise of mean pressure over the level before, at the level of anaesthesia."""
    from ketascope.effects.opposed import drive
    from ketascope.effects.pressure import age_factor, response

    level, hours, age = HELD
    times = np.linspace(0, hours, 61)
    left = drive(
        times, np.full((1, times.size), level), theta["ke0"], theta["offset"], theta["ktol"]
    )
    part = float(response(left, theta["ec50"]).max()) * float(age_factor(age, theta["age_slope"]))
    part *= float(np.exp(theta["sensitivity_sd"] ** 2 / 2))
    most = (theta["highest_systolic"] + 2 * theta["highest_diastolic"]) / 3
    return most * part / MEAN_PRESSURE


def _spread(told: Callable[[Theta], float], note: str) -> Prediction:
    return _prediction([told(_theta(draw, 1)) for draw in (None, *range(DRAWS))], note)


def _prediction(numbers: list[float], note: str) -> Prediction:
    """The first number is at the estimate, the others are under draws."""
    low, high = np.quantile(numbers[1:], (0.05, 0.95))
    return Prediction(numbers[0], float(low), float(high), "pressure", note)
