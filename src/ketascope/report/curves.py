"""What the figures draw: quantiles over people at the times that a figure can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.summary import QUANTILES, analytes_of, session_window
from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.models import library
from ketascope.report.course import Given, sessions_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MEDIAN = QUANTILES.index(0.5)
#: Fewer people than this are drawn one by one: their quantiles would say little.
FEWEST = 20
_FEW_LEVELS = (0.0, 0.0, 0.5, 1.0, 1.0)
_WINDOWS = (4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
_CHUNK = 4_000_000
#: Most values of a curve that a figure draws: about two for each pixel of the wide figure.
MOST_POINTS = 1400
#: Sessions nearer than this many pixels of the narrow figure are shown by their peaks alone.
_NEAREST_PX = 12.0
_NARROW_PX = 270.0


@dataclass(frozen=True, slots=True)
class Other:
    """Curves of another model, typical person: ``values`` by analyte, at ``times`` (h)."""

    model: str
    short: str
    sampling: str
    times: Values
    values: Mapping[str, Values]

    def at(self, name: str, times: Values) -> Values:
        """Values at other times, by interpolation (ng/mL)."""
        found: Values = np.interp(times, self.times, self.values[name])
        return found


@dataclass(frozen=True, slots=True)
class Curves:
    """Quantile curves by analyte.

    Parameters
    ----------
    times : ndarray, shape (t,)
        Hours: after the session starts (``first``), or after the first dose (``course``).
    bands : mapping
        Analyte to an array of shape (quantiles, t), ng/mL, at the levels of ``QUANTILES``; of few
        people the lowest twice, the median, and the highest twice.
    spread : bool
        Whether people differ.
    sampling : str
        Where the model's samples were drawn.
    short : str
        The model's author and year.
    session : Given or None
        The session shown; None for the course.
    others : tuple of Other
        Other models, on the same clock.
    lines : mapping
        Of few people who differ: analyte to the curve of each, shape (people, t); else empty.
    """

    times: Values
    bands: Mapping[str, Values]
    spread: bool
    sampling: str
    short: str = ""
    session: Given | None = None
    others: tuple[Other, ...] = ()
    lines: Mapping[str, Values] = field(default_factory=dict)

    @property
    def analytes(self) -> tuple[str, ...]:
        """Analytes, in order."""
        return tuple(self.bands)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Highest concentration of each session, and the lowest before the next.

    ``peaks`` and ``troughs`` map an analyte to shape (quantiles, sessions), ng/mL; ``times`` (h)
    are the starts of the sessions. ``lines`` has the peaks of each of few people, as in ``Curves``.
    """

    times: Values
    peaks: Mapping[str, Values]
    troughs: Mapping[str, Values]
    spread: bool
    sampling: str
    lines: Mapping[str, Values] = field(default_factory=dict)

    @property
    def analytes(self) -> tuple[str, ...]:
        """Analytes, in order."""
        return tuple(self.peaks)


def few(people: int) -> bool:
    """Whether people are so few that each is drawn and no quantile is given."""
    return 1 < people < FEWEST


def chosen(result: xr.Dataset, analytes: Iterable[str] | None) -> list[str]:
    """Return the analytes asked for.

    Raises
    ------
    InputError
        For one that the result does not have, or a result with replicates.
    """
    if "replicate" in result.dims:
        raise InputError("a report is of one replicate", hint="choose one with .isel(replicate=0)")
    known = analytes_of(result)
    names = known if analytes is None else list(analytes)
    missing = [name for name in names if name not in known]
    if missing or not names:
        raise InputError(
            f"the result has no analyte '{missing[0]}'" if missing else "no analyte was asked for",
            hint=f"it has {', '.join(known)}",
        )
    return names


def matrix(result: xr.Dataset, name: str) -> Values:
    """Concentrations of an analyte, shape (subject, time)."""
    found: Values = result[name].transpose("subject", "time").to_numpy()
    return found


def over_people(values: Values) -> Values:
    """Quantiles over the first axis, in pieces so that little memory is needed.

    Of few people the lowest and the highest stand in for the quantiles at either side.
    """
    people, count = values.shape
    if people == 1:
        return np.repeat(values, len(QUANTILES), axis=0)
    found = np.empty((len(QUANTILES), count))
    levels = _FEW_LEVELS if few(people) else QUANTILES
    step = max(1, _CHUNK // people)
    for first in range(0, count, step):
        part = values[:, first : first + step]
        found[:, first : first + step] = np.quantile(part, levels, axis=0)
    return found


def differ(bands: Iterable[Values]) -> bool:
    """Whether the quantiles are further apart than rounding."""
    return any(np.any(b[-1] - b[0] > 1e-6 * np.max(b, initial=1e-12)) for b in bands)


def session_curves(
    result: xr.Dataset,
    session: int = 0,
    hours: float | None = None,
    analytes: Iterable[str] | None = None,
    alternatives: Sequence[xr.Dataset] | None = None,
) -> Curves:
    """Quantile curves of one session; without ``hours``, for as long as there is much to see."""
    names = chosen(result, analytes)
    window = session_window(result, session)
    times = result["time"].to_numpy()
    given, start = sessions_of(result)[window.number - 1], window.start
    until = start + (24.0 if hours is None else hours)
    inside = np.flatnonzero(window.holds(times) & (times <= until + 1e-9))
    if inside.size < 2:
        raise InputError(
            f"fewer than two times of session {window.number} were simulated", where="times"
        )
    everyone = {name: matrix(result, name)[:, inside] for name in names}
    bands = {name: over_people(values) for name, values in everyone.items()}
    after = times[inside] - start
    if hours is None:
        end = _window(after, [b[MEDIAN] for b in bands.values()], given.end - given.time)
        keep = after <= end + 1e-9
        after, bands = after[keep], {name: b[:, keep] for name, b in bands.items()}
        everyone = {name: values[:, keep] for name, values in everyone.items()}
    others = tuple(
        other for other in (_other(a, names, start, float(after[-1])) for a in alternatives or ())
        if other is not None
    )  # fmt: skip
    spread = differ(bands.values())
    return Curves(after, bands, spread, _sampling(result), short_name(str(result.attrs["model"])),
                  given, others, _lines(everyone, spread=spread))  # fmt: skip


def _lines(everyone: Mapping[str, Values], *, spread: bool) -> Mapping[str, Values]:
    """The curves of each person, where they are few and differ."""
    people = next(iter(everyone.values())).shape[0]
    return everyone if spread and few(people) else {}


def _window(after: Values, medians: Sequence[Values], lasts: float) -> float:
    """First round number of hours that shows the infusion and the fall of every analyte.

    Of the first analyte to a tenth of its highest median, of the others to half.
    """
    enough = 1.5 * lasts
    for k, median in enumerate(medians):
        high = np.flatnonzero(median > (0.5 if k else 0.1) * median.max())
        enough = max(enough, float(after[high[-1]]) if high.size else 0.0)
    return next((w for w in _WINDOWS if w >= enough - 1e-9), float(after[-1]))


def _sampling(result: xr.Dataset) -> str:
    """Where blood was drawn, and what of it was measured where that is not plasma."""
    site = str(result.attrs.get("sampling", "not stated"))
    matrix = str(result.attrs.get("matrix", "not stated"))
    if matrix in ("plasma", "not stated"):
        return site
    return matrix if site == "not stated" else f"{site} {matrix}"


def short_name(model: str) -> str:
    """Author and year of a published model; the name of one put together here or by a user."""
    if model not in library():
        return model
    known = library()[model]
    return source(known.source).short if known.source == known.name else model.replace("_", " ")


def _other(result: xr.Dataset, names: Sequence[str], start: float, length: float) -> Other | None:
    """Curves of another model from the start of a session; None if it has none of the analytes."""
    shared = [name for name in names if name in result.data_vars]
    if not shared:
        return None
    times = result["time"].to_numpy()
    inside = (times >= start - 1e-9) & (times <= start + length + 1e-9)
    values = {name: np.median(matrix(result, name)[:, inside], axis=0) for name in shared}
    name = str(result.attrs["model"])
    return Other(name, short_name(name), _sampling(result), times[inside] - start, values)


def course(result: xr.Dataset, analytes: Iterable[str] | None = None) -> Curves | Peaks:
    """What a figure of the whole course draws: curves, or peaks where sessions are many."""
    sessions = sessions_of(result)
    times = result["time"].to_numpy()
    span = float(times[-1]) or 1.0
    gaps = np.diff([s.time for s in sessions])
    near = float(gaps.min()) if gaps.size else span
    if near / span * _NARROW_PX < _NEAREST_PX:
        return peaks(result, analytes)
    names = chosen(result, analytes)
    everyone = {name: matrix(result, name) for name in names}
    whole = {name: over_people(values) for name, values in everyone.items()}
    keep = visible(times, [b[MEDIAN] for b in whole.values()], [s.time for s in sessions])
    bands = {name: b[:, keep] for name, b in whole.items()}
    spread = differ(bands.values())
    lines = _lines({name: values[:, keep] for name, values in everyone.items()}, spread=spread)
    return Curves(times[keep], bands, spread, _sampling(result), lines=lines)


def visible(times: Values, curves: Sequence[Values], always: Sequence[float]) -> NDArray[np.intp]:
    """Indices of the times that show: the ends, lowest and highest of each pixel's worth."""
    if times.size <= MOST_POINTS // 4:
        return np.arange(times.size)
    bins = MOST_POINTS // (2 + 2 * len(curves))
    edges = np.searchsorted(times, np.linspace(times[0], times[-1], bins + 1))
    keep = {0, times.size - 1}
    for start in always:
        at = int(np.searchsorted(times, start))
        keep.update(k for k in (at - 1, at, at + 1) if 0 <= k < times.size)
    for first, last in pairwise(edges):
        if last > first:
            keep.update((int(first), int(last) - 1))
            for curve in curves:
                part = curve[first:last]
                keep.update((int(first + part.argmax()), int(first + part.argmin())))
    return np.asarray(sorted(keep), dtype=np.intp)


def peaks(result: xr.Dataset, analytes: Iterable[str] | None = None) -> Peaks:
    """Quantiles of the highest concentration of every session and of the last before the next."""
    names = chosen(result, analytes)
    times = result["time"].to_numpy()
    starts = np.asarray([s.time for s in sessions_of(result)])
    first = np.searchsorted(times, starts - 1e-9)
    starts, first = starts[first < times.size], first[first < times.size]
    last = np.append(first[1:], times.size) - 1
    high: dict[str, Any] = {}
    low: dict[str, Any] = {}
    each: dict[str, Any] = {}
    for name in names:
        values = matrix(result, name)
        each[name] = np.maximum.reduceat(values, first, axis=1)
        high[name] = over_people(each[name])
        low[name] = over_people(values[:, last])
    spread = differ(high.values())
    return Peaks(starts, high, low, spread, _sampling(result), _lines(each, spread=spread))
