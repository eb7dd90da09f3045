"""Published dissociation (CADSS) and sedation (MOAA/S) beside what the calibrations say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope import draws
from ketascope.checks.effects import Prediction, at_readings, exposure_of
from ketascope.effects.acute import acute_effects
from ketascope.effects.calibrated import calibration
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.evidence.published import PublishedValue

    Values = NDArray[np.float64]
    Counted = Callable[[Values], NDArray[np.bool_]]

FIRST: Final = "dissociation.glue_2018_week_1.cadss_total.score.1h"
"""Level before waning: fitted with the ratio of a late session to it."""
PEOPLE: Final = 512
DRAWS: Final = 50
"""Draws of the calibrated parameters behind an interval."""
CUTS: Final = {"total above 4": 4.5, "total above 4 and change above 0": 4.5}
BELOW: Final = {"below 5": 5.0, "0": 0.5}
REPEATS: Final = 5
"""Sets of sensitivities given to the same simulated people for the centre."""
RATED: Final = {"cadss": (2 / 3, 1.5), "sedation": (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)}
"""Hours of a session at which the trials of the spray rated; the levels each quarter is taken."""


def predict(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published CADSS total, or of a share by it.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    if value.role == "placebo":
        return _without_drug(value)
    if value.quantity == "ratio" or value.id == FIRST:
        return _late(value)
    if " sc" in value.conditions.regimen:
        raise Unsupported("no model of exposure has doses under the skin")
    if value.quantity == "proportion":
        cut = CUTS.get(str(value.cut))
        if cut is None:
            raise Unsupported("this share is not one of people above a total")
        return _share(value, "cadss", lambda seen: seen > cut, "placebo_above_4")
    if value.statistic != "mean":
        raise Unsupported("only means and shares of totals are predicted")
    settings = _who(value)
    course = _clouds(value, "cadss", settings)
    if value.taken == "at a time":
        hour = float(value.conditions.time or 0.0)
        return _mean_at(course, hour, "")
    if value.taken == "single rating":
        return _single(value, course)
    raise Unsupported("when the total was taken is not one of those predicted")


def predict_moaas(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published share by the level of the MOAA/S.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    cut = BELOW.get(str(value.cut))
    if cut is None or value.quantity != "proportion":
        raise Unsupported("only shares of people below a level of the MOAA/S are predicted")
    if value.role == "placebo":
        return _without_drug(value)
    own = "placebo_below_5" if cut == 5.0 else None
    return _share(value, "sedation", lambda seen: seen < cut, own)


def _who(value: PublishedValue) -> dict[str, float]:
    """What was rated is a single rating, not the level behind it."""
    healthy = {"healthy": 1.0} if "healthy" in value.conditions.people else {}
    return {"rated": 1.0, **healthy}


def _clouds(
    value: PublishedValue, effect: str, settings: dict[str, float]
) -> tuple[Values, list[Values], xr.Dataset]:
    """Times, curves at the estimates and under each draw, and the exposure."""
    result = at_readings(exposure_of(value.conditions))
    times = result["time"].to_numpy()
    names = [effect]

    def curve(**more: Any) -> Values:
        found = acute_effects(result, names=names, settings=settings, **more)
        return np.asarray(found[effect].transpose("subject", "time"))

    middle = np.concatenate([curve(uncertainty="central", seed=s) for s in range(1, REPEATS + 1)])
    return times, [middle, *(curve(draw=k) for k in range(DRAWS))], result


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(low), float(high)


def _mean_at(course: tuple[Values, list[Values], xr.Dataset], hour: float, note: str) -> Prediction:
    times, curves, _ = course
    means = [float(np.interp(hour, times, one.mean(axis=0))) for one in curves]
    low, high = _interval(means[1:])
    return Prediction(means[0], low, high, "dissociation", note)


def _single(value: PublishedValue, course: tuple[Values, list[Values], xr.Dataset]) -> Prediction:
    """A rating whose minute is not stated: over the second half of the infusion, or its end."""
    from json import loads

    times, curves, result = course
    end = max(s["end"] for s in loads(str(result.attrs["sessions"])))
    after = 0.5 if "end of the infusion" in value.conditions.regimen else 0.0
    span = (end, end + after) if after else (end / 2, end)
    inside = np.linspace(*span, 7)
    means = np.asarray([np.interp(inside, times, one.mean(axis=0)) for one in curves])
    low, high = _interval(list(means[1:].ravel()))
    note = f"minute not stated: mean over {60 * span[0]:.0f} to {60 * span[1]:.0f} min"
    return Prediction(float(means[0].mean()), low, high, "dissociation", note)


def _share(value: PublishedValue, effect: str, above: Counted, own: str | None) -> Prediction:
    """People with it after any session; the share after placebo adds to it by chance."""
    from json import loads

    times, curves, result = _clouds(value, effect, _who(value))
    name = "dissociation" if effect == "cadss" else "sedation"
    if value.taken != "at any time":
        return _share_at(value, times, curves, above, name)
    starts = [s["time"] for s in loads(str(result.attrs["sessions"]))]
    hours = np.add.outer(starts, RATED[effect]).ravel()
    rated = np.unique([int(np.argmin(np.abs(times - hour))) for hour in hours])
    fitted = calibration(name)
    without = [0.0] * (DRAWS + 1)
    if own is not None:
        drawn = fitted.draws(DRAWS, int(result.attrs["seed"]))[own]
        without = [fitted.central()[own], *(float(x) for x in drawn)]
    shares = [
        1 - (1 - float(above(one[:, rated]).any(axis=1).mean())) * (1 - chance)
        for one, chance in zip(curves, without, strict=True)
    ]
    low, high = _interval(shares[1:])
    return Prediction(shares[0], low, high, name, f"after any of {len(starts)} sessions")


def _share_at(
    value: PublishedValue,
    times: Values,
    curves: list[Values],
    above: Counted,
    name: str,
) -> Prediction:
    hour = value.conditions.time
    if hour is None:
        hour = float(times[0]) + _last_end(value) + 0.25
    at = int(np.argmin(np.abs(times - hour)))
    shares = [float(above(one[:, at]).mean()) for one in curves]
    low, high = _interval(shares[1:])
    return Prediction(shares[0], low, high, name, f"at {60 * times[at]:.0f} min")


def _last_end(value: PublishedValue) -> float:
    return max((d.time + d.duration for d in value.conditions.doses), default=0.0)


def late_scores(p: Mapping[str, float], z: Values, share_zero: float) -> tuple[float, float]:
    """Mean score of a first and of a late session under the skin, of which no model is.

    Parameters
    ----------
    p : mapping
        Parameters; ``late_strength`` is the mean strength of the first session.
    z : ndarray, shape (people, 3)
        Standard normal; the second column moves strength, the third the total before.
    share_zero : float
        Share of people at nought before the drug.
    """
    from ketascope.effects.dissociation import baseline, score, waned

    base = baseline(z[:, 2], p["baseline_sd"], share_zero)
    spread = float(np.hypot(p["sensitivity_sd"], p["rating_sd"]))
    felt = p["late_strength"] * np.exp(spread * z[:, 1] - spread**2 / 2)
    late = felt * waned(p["waning"], p["late_sessions"])
    return float(score(base, felt).mean()), float(score(base, late).mean())


def _late(value: PublishedValue) -> Prediction:
    """Score of the first week, and that of a late one over it: of the waning and a level alone."""
    fitted = calibration("dissociation")
    z = draws.normal(1, np.arange(3 * PEOPLE), "cadss:late").reshape(PEOPLE, 3)
    drawn = fitted.draws(DRAWS, 1)
    each = [fitted.central(), *({k: float(v[i]) for k, v in drawn.items()} for i in range(DRAWS))]
    found = []
    for p in each:
        first, late = late_scores(p, z, p["baseline_zero"])
        found.append(late / first if value.quantity == "ratio" else first)
    low, high = _interval(found[1:])
    note = "level and number of sessions (13 to 26) fitted; doses under the skin have no model"
    return Prediction(found[0], low, high, "dissociation", note)


def _without_drug(value: PublishedValue) -> Prediction:
    """What was fitted to people without the drug."""
    name, own = {
        ("cadss_total", "score"): ("dissociation", "saline_mean"),
        ("cadss_total", "proportion"): ("dissociation", "placebo_above_4"),
        ("moaas", "proportion"): ("sedation", "placebo_below_5"),
    }.get((str(value.effect), value.quantity), ("", ""))
    if not own or (value.quantity == "proportion" and value.taken != "at any time"):
        raise Unsupported("shares after a single saline infusion are not in the calibration")
    fitted = calibration(name)
    low, high = _interval([float(x) for x in fitted.draws(DRAWS, 1)[own]])
    return Prediction(fitted.central()[own], low, high, name)
