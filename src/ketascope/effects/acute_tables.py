"""Acute effects in figures: peaks, when, how many people, how soon over, with intervals.

Two kinds of interval stand side by side. *People*: 5 to 95 % of simulated people, each with a draw
of the calibrated parameters. *Fit*: the middle of people, or a share of them, under draws of
the parameters, one draw for everybody: what the calibration does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.effects.acute import (
    acute_effects,
    driving_from,
    known_effects,
    sources_behind,
    theta_for,
)
from ketascope.effects.calibrated import calibration

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.effects.effect import Effect

    Values = NDArray[np.float64]

DRAWS: Final = 100
"""Draws of the calibrated parameters behind an interval of a fit."""
MOST_PEOPLE: Final = 200
"""People over whom each draw is worked out."""
WINDOW: Final = 24.0
"""Hours after the start of a session that belong to it, if the next one does not begin sooner."""
CLOCK: Final = (1.0, 1.5, 2.0, 4.0)
"""Hours after the start of a session at which people are counted."""
MEMORY: Final = 168.0
"""Hours before the last session that are worked out with it: what a delay or acute tolerance may
still hold of earlier doses is gone within a week."""
_LEVELS: Final = (0.05, 0.5, 0.95)


def effect_table(
    result: xr.Dataset,
    *,
    names: Iterable[str] | None = None,
    settings: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
) -> list[dict[str, Any]]:
    """Summarise acute effects of the first session, and of the last where there are several.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.
    names, settings, seed
        As in :func:`ketascope.effects.acute.acute_effects`.
    draws : int
        Draws of the parameters behind an interval of the fit.

    Returns
    -------
    list of dict
        One for each effect and session: ``effect``, ``display``, ``unit``, ``extreme`` (which end
        is the strongest effect), ``kind``, ``calibration`` (its name, or None), ``text``,
        ``limits``, ``sources``, ``session`` (from 1), ``day``; ``peak`` and ``time`` (h after the
        start of the session), each with ``q05``,
        ``q50``, ``q95`` over people and ``low``, ``high`` of the median over the fit; ``shares``:
        ``cut``, ``level``, ``share``, ``low``, ``high``; ``gone``: None, or ``level``, ``q05`` to
        ``q95`` (h; null where that person is not back in the window) and ``by``: ``hours``,
        ``share``, ``low``, ``high``. A published relation has no interval of a fit: its ``low`` and
        ``high`` are null.

    Raises
    ------
    InputError, Unsupported
        As :func:`ketascope.effects.acute.acute_effects`.
    """
    sessions = json.loads(str(result.attrs["sessions"]))
    predicted = _predicted(result, names, settings, seed)
    result = result.isel(time=np.flatnonzero(needed(result, sessions)))
    found = acute_effects(result, names=predicted, settings=settings, seed=seed)
    shown = sessions if len(sessions) == 1 else [sessions[0], sessions[-1]]
    windows = [(s, _window(result, s, sessions)) for s in shown]
    known = known_effects()
    rows = []
    for name in found.data_vars:
        effect = known[str(name)]
        clouds = _clouds(result, effect, windows, settings=settings, draws=draws, seed=seed)
        for (session, where), cloud in zip(windows, clouds, strict=True):
            values = found[name].transpose("subject", "time").to_numpy()[:, where]
            times = result["time"].to_numpy()[where] - session["time"]
            rows.append(_row(effect, session, measures(effect, times, values), cloud))
    return rows


def _predicted(
    result: xr.Dataset,
    names: Iterable[str] | None,
    settings: Mapping[str, float] | None,
    seed: int | None,
) -> list[str]:
    """Effects that the whole course allows; all that were asked for if none, for the reasons."""
    known = known_effects()
    asked = list(known) if names is None else list(names)
    driving = driving_from(result, settings=settings, seed=seed)
    there = [name for name in asked if name in known and known[name].why_not(driving) is None]
    return asked if len(there) == 0 or not set(asked) <= set(known) else there


def needed(result: xr.Dataset, sessions: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """Return the times on which the first and the last session depend, shape (times,).

    A course of years is not worked out whole for two of its days.
    """
    times = result["time"].to_numpy()
    first, last = sessions[0]["time"], sessions[-1]["time"]
    before = min([last - MEMORY, *(s["time"] for s in sessions[-2:-1])])
    early = (times >= first - 1e-9) & (times <= first + WINDOW + 1e-9)
    late = (times >= before - 1e-9) & (times <= last + WINDOW + 1e-9)
    return np.asarray(early | late)


def _window(result: xr.Dataset, session: dict[str, Any], sessions: list[dict[str, Any]]) -> Any:
    """Which times belong to a session."""
    times = result["time"].to_numpy()
    later = [s["time"] for s in sessions if s["time"] > session["time"]]
    # the value at the start of the next session is that just after its dose
    end = min([session["time"] + WINDOW + 1e-9, *(time - 1e-9 for time in later)])
    return (times >= session["time"] - 1e-9) & (times <= end)


def _clouds(
    result: xr.Dataset,
    effect: Effect,
    windows: list[tuple[dict[str, Any], Any]],
    *,
    settings: Mapping[str, float] | None,
    draws: int,
    seed: int | None,
) -> list[list[dict[str, Any]]]:
    """Measures under each draw of the parameters, for each session."""
    if effect.calibration is None or not calibration(effect.calibration).fitted:
        return [[] for _ in windows]
    few = result.isel(subject=slice(0, MOST_PEOPLE))
    driving = driving_from(few, settings=settings, seed=seed)
    clouds: list[list[dict[str, Any]]] = [[] for _ in windows]
    for draw in range(draws):
        values = np.asarray(effect.curve(driving, theta_for(effect, driving, draw=draw)))
        for (session, where), cloud in zip(windows, clouds, strict=True):
            cloud.append(measures(effect, driving.times[where] - session["time"], values[:, where]))
    return clouds


def measures(effect: Effect, times: Values, values: Values) -> dict[str, Any]:
    """Return each person's peak, its time and when it is gone, and shares of people.

    Parameters
    ----------
    effect : Effect
    times : ndarray, shape (times,)
        h after the start of the session.
    values : ndarray, shape (people, times)

    Returns
    -------
    dict
        ``peak``, ``time``, ``gone`` of shape (people,), or None; ``shares`` by cut; ``by`` by hour.
    """
    down = effect.extreme == "lowest"
    at = values.argmin(axis=1) if down else values.argmax(axis=1)
    peak = values[np.arange(len(values)), at]
    strong = -values if down else values
    found: dict[str, Any] = {"peak": peak, "time": times[at]}
    found["shares"] = [
        float(np.mean(peak < level if down else peak > level)) for _, level in effect.cuts
    ]
    if effect.resolved is None:
        return found | {"gone": None, "by": []}
    level = np.full(len(strong), -effect.resolved if down else effect.resolved)
    if effect.within_start > 0:
        level = np.maximum(level, strong[:, 0] + effect.within_start)
    gone = back_at(times, strong, level)
    return found | {"gone": gone, "by": [float(np.mean(gone <= hour)) for hour in CLOCK]}


def back_at(times: Values, strong: Values, level: float | Values) -> Values:
    """Return when each curve is at or below a level for good; 0 if it never was above, else inf.

    Parameters
    ----------
    times : ndarray, shape (times,)
    strong : ndarray, shape (people, times)
        Higher is stronger.
    level : float or ndarray, shape (people,)

    Returns
    -------
    ndarray, shape (people,)
        Between two times by a straight line; infinite where the last value is above the level.

    >>> back_at(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 4.0, 0.0], [0, 1, 1], [0, 0, 9]]), 2.0)
    array([1.5, 0. , inf])
    """
    own = np.broadcast_to(level, len(strong))
    above = strong > own[:, None]
    end = above.shape[1] - 1
    last = end - above[:, ::-1].argmax(axis=1)
    ever, at_end = above.any(axis=1), above[:, end]
    gone = np.where(at_end, np.inf, 0.0)
    who = np.flatnonzero(ever & ~at_end)
    k = last[who]
    high, low = strong[who, k], strong[who, k + 1]
    gone[who] = times[k] + (times[k + 1] - times[k]) * (high - own[who]) / (high - low)
    return gone


def _row(
    effect: Effect, session: dict[str, Any], found: dict[str, Any], cloud: list[dict[str, Any]]
) -> dict[str, Any]:
    row = {
        "effect": effect.name,
        "display": effect.display,
        "unit": effect.unit,
        "extreme": effect.extreme,
        "kind": effect.kind,
        "calibration": effect.calibration,
        "text": effect.text,
        "limits": list(effect.limits),
        "sources": list(sources_behind(effect)),
        "session": session["index"] + 1,
        "day": session["day"],
        "peak": _spread(found["peak"], [one["peak"] for one in cloud]),
        "time": _spread(found["time"], [one["time"] for one in cloud]),
        "shares": [],
        "gone": None,
    }
    for k, (words, level) in enumerate(effect.cuts):
        span = _ends([one["shares"][k] for one in cloud])
        row["shares"].append(
            {"cut": words, "level": level, "share": found["shares"][k], **span}
        )  # fmt: skip
    if found["gone"] is not None:
        row["gone"] = {
            "level": effect.resolved,
            **_spread(found["gone"], [one["gone"] for one in cloud]),
            "by": [
                {"hours": hour, "share": found["by"][k], **_ends([one["by"][k] for one in cloud])}
                for k, hour in enumerate(CLOCK)
            ],
        }
    return row


def _spread(people: Values, cloud: list[Values]) -> dict[str, float | None]:
    """Quantiles over people, and the interval of the median over the fit."""
    low, middle, high = np.quantile(people, _LEVELS, method="nearest")
    found = {"q05": _plain(low), "q50": _plain(middle), "q95": _plain(high)}
    return found | _ends([float(np.quantile(one, 0.5, method="nearest")) for one in cloud])


def _ends(values: list[float]) -> dict[str, float | None]:
    if not values:
        return {"low": None, "high": None}
    low, high = np.quantile(values, (0.05, 0.95), method="nearest")
    return {"low": _plain(low), "high": _plain(high)}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def effect_records(found: xr.Dataset) -> pd.DataFrame:
    """Return one row for each person and time: ``id``, ``time`` (h), then the effects."""
    import pandas as pd

    people, count = found.sizes["subject"], found.sizes["time"]
    columns: dict[str, Any] = {
        "id": np.repeat(found["id"].to_numpy(), count),
        "time": np.tile(found["time"].to_numpy(), people),
    }
    for name in found.data_vars:
        columns[str(name)] = found[name].transpose("subject", "time").to_numpy().reshape(-1)
    return pd.DataFrame(columns)
