"""The figure of a whole course: curves over days or weeks, or the peak of each session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ketascope.report import style
from ketascope.report.curves import MEDIAN, Curves, Peaks
from ketascope.report.draw_exposure import EACH, bands
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ketascope.report.course import Given

    Values = NDArray[np.float64]

_LEFT, _RIGHT, _BELOW, _ABOVE, _BETWEEN = 0.48, 0.12, 0.47, 0.64, 0.68
_DECADES = 3.0
#: Curves whose troughs are above this share of the peaks have a linear axis.
_BUILDS_UP = 0.15
#: Sessions nearer to each other than this many points share bands in place of bars.
_LEAST_ROOM = 1.5
#: Troughs above this share of the peaks are drawn beside peaks.
_SHOWS = 0.05
_STEPS = {1.0: (2, 4, 6, 12, 24), 24.0: (1, 2, 7), 168.0: (1, 2, 4, 8, 13, 26, 52, 104)}


def draw_course(data: Curves | Peaks, sessions: Sequence[Given], width: Width) -> Figure:
    """Draw a course; see :func:`ketascope.report.plot.course`."""
    names = data.analytes
    high = 1.5 if width == "wide" else 1.55
    total = len(names) * high + (len(names) - 1) * _BETWEEN + _ABOVE + _BELOW
    figure = style.canvas(width, total)
    end = float(data.times[-1])
    if isinstance(data, Peaks):
        end = max(end * 1.01, end + 24)
    unit, hours = _unit(end)
    for k, name in enumerate(names):
        bottom = _BELOW + (len(names) - 1 - k) * (high + _BETWEEN)
        box = Box(_LEFT, bottom, style.INCHES[width] - _LEFT - _RIGHT, high)
        ax = style.axes(figure, box, name)
        _time_axis(ax, end, hours)
        if isinstance(data, Peaks):
            text = _peaks(ax, data, name)
        else:
            text = _curves(ax, data, name, sessions)
        lift = 9.0 if k == 0 else 0.0
        style.heading(ax, name, text, style.hue(name), lift=lift)
        if k == 0:
            _dose_labels(ax, sessions)
    ax.set_xlabel(f"{unit} after the first dose", color=style.MUTED, size=style.SMALL,
                  family=style.FAMILY, labelpad=3)  # fmt: skip
    return figure


def _unit(end: float) -> tuple[str, float]:
    if end <= 72:
        return "hours", 1.0
    return ("days", 24.0) if end <= 21 * 24 else ("weeks", 168.0)


def _time_axis(ax: Axes, end: float, hours: float) -> None:
    ax.set_xlim(-0.008 * end, end * 1.004)
    count = end / hours
    steps = _STEPS[hours]
    step = next((s for s in steps if count / s <= 9.01), steps[-1])
    ticks = np.arange(0, count + 1e-9, step)
    ax.set_xticks(ticks * hours, [f"{t:g}" for t in ticks])


def _curves(ax: Axes, data: Curves, name: str, sessions: Sequence[Given]) -> str:
    """Draw curves; return what the vertical axis measures."""
    found, people = data.bands[name], data.lines.get(name)
    top = float(found.max()) or 1.0
    text = style.unit_words(data.sampling)
    if is_linear(data, name, sessions):
        ax.set_ylim(0, 1.08 * top)
    else:
        floor = top * 10**-_DECADES
        # far enough below the axis not to show, where a logarithm of 0 would break the band
        found = np.maximum(found, floor / 10)
        people = None if people is None else np.maximum(people, floor / 10)
        ax.set_yscale("log")
        ax.set_ylim(floor, 1.5 * top)
        _decades(ax, floor, top)
        text += "; log scale"
    bands(ax, data.times, found, style.hue(name), spread=data.spread, people=people)
    starts = [s.time for s in sessions]
    ax.plot(starts, [0.0] * len(starts), transform=ax.get_xaxis_transform(), ls="", marker="|",
            ms=5, mew=0.9, color=style.INK, clip_on=False, zorder=7)  # fmt: skip
    return text


def _decades(ax: Axes, floor: float, top: float) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

    powers = np.arange(np.ceil(np.log10(floor)), np.floor(np.log10(1.5 * top)) + 1)
    ticks = [10.0**p for p in powers]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FixedFormatter([f"{t:,.6g}" for t in ticks]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())


def is_linear(data: Curves, name: str, sessions: Sequence[Given]) -> bool:
    """Whether the drug is still there in quantity when the next dose comes, or is infused long."""
    line = data.bands[name][MEDIAN]
    if any(s.infusion > 24 for s in sessions):
        return True
    if len(sessions) < 2:
        return False
    starts = np.searchsorted(data.times, [s.time for s in sessions[1:]]) - 1
    lowest = line[np.clip(starts, 0, line.size - 1)]
    return bool(np.median(lowest) > _BUILDS_UP * line.max())


def _peaks(ax: Axes, data: Peaks, name: str) -> str:
    """Draw the highest concentration of each session; return what the vertical axis measures."""
    colour = style.hue(name)
    found, low = data.peaks[name], data.troughs[name][MEDIAN, :-1]
    low_, high_ = ax.get_xlim()
    room = style.points_wide(ax) * float(np.diff(data.times).min()) / (high_ - low_)
    if room < _LEAST_ROOM:
        bands(ax, data.times, found, colour, spread=data.spread, people=data.lines.get(name))
    else:
        _bars(ax, data, name, colour, room)
    ax.set_ylim(0, 1.08 * float(found.max()))
    text = f"highest of each session, {style.unit_words(data.sampling)}"
    if low.size and float(np.median(low)) > _SHOWS * float(found[MEDIAN].max()):
        ax.plot(data.times[1:], low, color=colour, lw=0.9, ls=(0, (3, 2)), zorder=4)
        text += "; dashed: last before the next"
    return text


def _bars(ax: Axes, data: Peaks, name: str, colour: str, room: float) -> None:
    """Draw a bar a session; all bars of a shade are one line with gaps, which is one element."""
    found = data.peaks[name]
    thick = float(np.clip(0.62 * room, 1.1, 6.0))
    if data.lines:
        # a stroke a person and session, all in one line with gaps
        people = data.lines[name]
        low, high = ax.get_xlim()
        half = 0.5 * max(thick, 3.0) / style.points_wide(ax) * (high - low)
        y = np.column_stack((people.ravel(), people.ravel(), np.full(people.size, np.nan)))
        at = np.tile(data.times, people.shape[0])
        x = np.column_stack((at - half, at + half, at))
        ax.plot(x.ravel(), y.ravel(), color=style.tint(colour, EACH), lw=0.8, zorder=4)
    elif data.spread:
        x = np.repeat(data.times, 3)
        for low, high, share in ((0, -1, 0.28), (1, -2, 0.55)):
            gaps = np.full(data.times.size, np.nan)
            y = np.column_stack((found[low], found[high], gaps)).ravel()
            ax.plot(x, y, color=style.tint(colour, share), lw=thick, solid_capstyle="butt")
    ax.plot(data.times, found[MEDIAN], ls="", marker="o", ms=float(np.clip(0.8 * thick, 1.3, 3.2)),
            color=colour, zorder=5)  # fmt: skip


def _dose_labels(ax: Axes, sessions: Sequence[Given]) -> None:
    """Write the dose at the top where it changes, as long as there is room for the words."""
    start, end = ax.get_xlim()
    wide = style.points_wide(ax)
    free, last = -1.0, ""
    for session in sessions:
        if session.dose == last:
            continue
        last = session.dose
        at = wide * (session.time - start) / (end - start)
        need = 5.2 * len(last)
        shift = max(free - at, 0.0)
        # words may move a little to the right, so that two doses near each other both show
        if shift > 20 or at + shift + need > wide:
            continue
        free = at + shift + need + 6
        style.note(ax, last, (session.time, 1.0), shift=(shift, 2), coords="top", weight="bold",
                   colour=style.INK)  # fmt: skip
