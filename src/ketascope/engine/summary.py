"""Summaries of a simulation: exposure of each person, and quantiles over people.

Exposure follows non-compartmental practice: the area by the linear-up log-down trapezoidal rule,
the apparent half-life by log-linear regression from 12 to 24 h after the last spray or the end of
the infusion (the last two thirds of the interval where the next session comes sooner).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.errors import InputError
from ketascope.models.choose import MEASURES as NAMES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
AUC_HOURS = 24.0
HALF_LIFE_HOURS = (12.0, 24.0)
MEASURES = {
    "cmax": (NAMES["cmax"], "ng/mL", "highest concentration of the session"),
    "tmax": (NAMES["tmax"], "h", "time of Cmax after the session starts"),
    "auc24": (NAMES["auc24"], "ng h/mL", "area under the curve over 24 h"),
    "half_life": (NAMES["half_life"], "h", "apparent, from 12 to 24 h after the end of the dose"),
    "last": (NAMES["last"], "ng/mL", "at the end of the course"),
}


def values_of(result: xr.Dataset) -> list[str]:
    """Return the analytes of a simulation, then its responses, in order."""
    kinds = ("analyte", "response")
    return [str(n) for kind in kinds for n in result.data_vars if kind in result[n].attrs]


def analytes_of(result: xr.Dataset) -> list[str]:
    """Return the analytes of a simulation, in order."""
    return [str(name) for name in result.data_vars if "analyte" in result[name].attrs]


def exposure(result: xr.Dataset, session: int = 0) -> pd.DataFrame:
    """Return Cmax, Tmax, AUC0-24, half-life and last concentration of each person.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`, without replicates.
    session : int
        Zero-based dosing session; -1 is the last.

    Returns
    -------
    pandas.DataFrame
        Columns id, analyte, session (1-based), cmax (ng/mL), tmax (h after the session starts),
        auc24 (ng h/mL), half_life (h), last (ng/mL, at the end of the course, so of the last
        session only) and note (a known defect of the model that concerns the row); NaN where a
        figure cannot be had from the times simulated.

    Raises
    ------
    InputError
        If there is no such session, or no time in it was simulated.
    """
    import pandas as pd

    if "replicate" in result.dims:
        raise InputError("exposure is of one replicate", hint="choose one with .isel(replicate=0)")
    window = session_window(result, session)
    times = result["time"].to_numpy()
    inside = window.holds(times)
    if not inside.any():
        raise InputError(f"no time of session {window.number} was simulated", where="times")
    after = times[inside] - window.start
    flags = _flags(result)
    frames = []
    for name in analytes_of(result):
        whole = result[name].transpose("subject", "time").to_numpy()
        values = whole[:, inside]
        frames.append(
            pd.DataFrame(
                {
                    "id": result["id"].to_numpy(),
                    "analyte": name,
                    "session": window.number,
                    "cmax": values.max(axis=1),
                    "tmax": after[values.argmax(axis=1)],
                    "auc24": _area_of_a_day(after, values, window),
                    "half_life": half_life(
                        times[inside] - window.end,
                        values,
                        min(window.stop - window.end, AUC_HOURS),
                    ),
                    "last": np.nan if window.followed else whole[:, -1],
                    "note": flags.get(name, ""),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _flags(result: xr.Dataset) -> dict[str, str]:
    """Return what is known to be wrong with figures of each analyte, from the model."""
    from ketascope.models import library

    model = library().get(str(result.attrs.get("model")))
    notes: dict[str, list[str]] = {}
    for (analyte, measure), sentence in (model.flags if model else {}).items():
        notes.setdefault(analyte, []).append(f"{MEASURES[measure][0]}: {sentence}")
    return {analyte: " ".join(told) for analyte, told in notes.items()}


def _area_of_a_day(after: Values, values: Values, window: Window) -> Values:
    """Area over 24 h from the start of a session; NaN if the times do not cover it.

    The moment the next session starts belongs to that session, so where it comes at 24 h the last
    piece is drawn on as it fell before.
    """
    missing = np.full(values.shape[0], np.nan)
    day = after <= AUC_HOURS + 1e-9
    after, values = after[day], values[:, day]
    if len(after) < 3 or after[0] > 1e-9 or window.length < AUC_HOURS - 1e-6:
        return missing
    rest = AUC_HOURS - after[-1]
    if rest < 1e-6:
        return area(after, values)
    step = after[-1] - after[-2]
    if not window.followed or rest > max(step, after[-2] - after[-3]) + 1e-6:
        return missing
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values[:, -1] / values[:, -2]
        drawn_on = np.where(values[:, -2] > 0, values[:, -1] * ratio ** (rest / step), 0.0)
    return area(np.append(after, AUC_HOURS), np.column_stack([values, drawn_on]))


def all_exposure(result: xr.Dataset) -> pd.DataFrame:
    """Return :func:`exposure` for every session that was simulated, one below the other."""
    import pandas as pd

    last = float(result["time"][-1])
    sessions = [s for s in json.loads(result.attrs["sessions"]) if s["time"] <= last]
    return pd.concat([exposure(result, s["index"]) for s in sessions], ignore_index=True)


def quantile_records(found: xr.Dataset) -> pd.DataFrame:
    """Return quantiles as rows: quantile, time (h), one column an analyte (ng/mL).

    With replicates, their number (from 1) comes first.
    """
    frame = found.to_dataframe().reset_index()
    keys = ["quantile", "time"]
    if "replicate" in found.dims:
        frame["replicate"] += 1
        keys = ["replicate", *keys]
    return frame.sort_values(keys, ignore_index=True)[[*keys, *values_of(found)]]


@dataclass(frozen=True, slots=True)
class Window:
    """One session in time.

    ``start``, ``end`` (last spray or end of infusion) and ``stop`` (start of the next session, or
    24 h after the end) in h; ``number`` from 1; whether another session follows.
    """

    start: float
    end: float
    stop: float
    number: int
    followed: bool

    @property
    def length(self) -> float:
        """Hours from the start of the session to the next, or to 24 h after its end."""
        return self.stop - self.start

    def holds(self, times: Values) -> NDArray[np.bool_]:
        """Which times are of this session: to 24 h after its end, its successor's start not."""
        latest = min(self.stop, max(self.end, self.start) + AUC_HOURS)
        inside = (times >= self.start - 1e-9) & (times <= latest + 1e-9)
        return inside & (times < self.stop - 1e-9) if self.followed else inside


def session_window(result: xr.Dataset, session: int) -> Window:
    """Return where a session lies in time (zero-based index; -1 is the last)."""
    sessions = json.loads(result.attrs["sessions"])
    if not -len(sessions) <= session < len(sessions):
        raise InputError(
            f"there is no session {session + 1}", hint=f"the course has {len(sessions)}"
        )
    index = session % len(sessions)
    start, end = float(sessions[index]["time"]), float(sessions[index]["end"])
    followed = index + 1 < len(sessions)
    stop = sessions[index + 1]["time"] if followed else end + AUC_HOURS
    return Window(start, end, float(stop), index + 1, followed)


def area(times: Values, values: Values) -> Values:
    """Area under curves by the linear-up log-down rule.

    Parameters
    ----------
    times : ndarray, shape (t,), h
    values : ndarray, shape (people, t), ng/mL

    Returns
    -------
    ndarray, shape (people,), ng h/mL
    """
    step = np.diff(times)
    left, right = values[:, :-1], values[:, 1:]
    falling = (right < left) & (right > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = (left - right) / np.log1p((left - right) / right)
    mean: Values = np.where(falling, log, 0.5 * (left + right))
    total: Values = mean @ step
    return total


def half_life(times: Values, values: Values, interval: float) -> Values:
    """Apparent half-life by regression of the logarithm; NaN without three falling points.

    Parameters
    ----------
    times : ndarray, shape (t,), h after the end of the session (last spray, end of infusion)
    values : ndarray, shape (people, t), ng/mL
    interval : float
        Hours from there to the next session; where it is under 24 h its last two thirds are used.

    Returns
    -------
    ndarray, shape (people,), h
    """
    begin, end = HALF_LIFE_HOURS if interval >= HALF_LIFE_HOURS[1] else (interval / 3, interval)
    late = (times >= begin - 1e-9) & (times <= end + 1e-9)
    missing = np.full(values.shape[0], np.nan)
    if late.sum() < 3:
        return missing
    t = times[late] - times[late].mean()
    usable = (values[:, late] > 0).all(axis=1)
    logs = np.log(values[usable][:, late])
    slope = logs @ t / (t @ t)
    found = np.full(slope.shape, np.nan)
    np.divide(np.log(2.0), -slope, out=found, where=slope < 0)
    missing[usable] = found
    return missing


def quantiles(result: xr.Dataset, levels: tuple[float, ...] = QUANTILES) -> xr.Dataset:
    """Return quantiles over people, with a dim ``quantile`` in place of ``subject``.

    Parameters
    ----------
    result : xarray.Dataset
    levels : tuple of float
        From 0 to 1.
    """
    import xarray as xr

    if not levels or not all(0 <= level <= 1 for level in levels):
        raise InputError(f"the quantiles {levels} are not usable", hint="give numbers from 0 to 1")
    variables: dict[str, Any] = {}
    for name in values_of(result):
        variable = result[name]
        axis = variable.dims.index("subject")
        dims = ("quantile", *(d for d in variable.dims if d != "subject"))
        found = np.quantile(variable.to_numpy(), levels, axis=axis)
        variables[name] = (dims, found, variable.attrs)
    coordinates = {"time": result["time"], "quantile": list(levels)}
    return xr.Dataset(variables, coordinates, result.attrs)


def exposure_table(
    result: xr.Dataset, session: int = 0, levels: tuple[float, ...] = QUANTILES
) -> pd.DataFrame:
    """Return quantiles over people of each exposure figure of a session.

    Returns
    -------
    pandas.DataFrame
        Columns analyte, measure, unit, n (people with the figure), and one a quantile (``q05``,
        ``q25``, ...).
    """
    import pandas as pd

    people = exposure(result, session)
    rows = []
    for name in analytes_of(result):
        mine = people[people["analyte"] == name]
        for measure, (_, unit, _) in MEASURES.items():
            values = mine[measure].to_numpy(dtype=float)
            values = values[np.isfinite(values)]
            found = np.quantile(values, levels) if values.size else [np.nan] * len(levels)
            rows.append(
                {"analyte": name, "measure": measure, "unit": unit, "n": values.size}
                | {_column(q): float(v) for q, v in zip(levels, found, strict=True)}
            )
    return pd.DataFrame(rows)


def _column(level: float) -> str:
    """Name the column of a quantile: q05, q50, q97.5."""
    text = f"{100 * level:.10g}"
    return f"q{text.zfill(2) if '.' not in text else text}"
