"""The figure of one session: one panel an analyte, bands over people, other models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.report import style
from ketascope.report.curves import MEDIAN, Curves
from ketascope.report.numbers import duration, sig
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ketascope.report.course import Given

    Values = NDArray[np.float64]

_STEPS = (0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0)
_LEFT, _RIGHT, _BELOW, _ABOVE = 0.42, 0.12, 0.47, 0.60
#: Points above a panel for the marks of doses.
_LIFT = 7.0
#: How much colour the 90 % band and the 50 % band have.
_OUTER, _INNER = 0.20, 0.42
#: And the curve of one of few people.
EACH = 0.62
_OURS = " (this report)"
_OTHER, _BETWEEN = "#3d3d3d", "#dedede"
_DASHES = ((0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)), (0, (3, 1, 1, 1, 1, 1)))
#: Panels share the vertical axis where their highest medians differ by no more than this factor.
_SHARED = 2.0


def draw_exposure(data: Curves, width: Width) -> Figure:
    """Draw one session; see :func:`ketascope.report.plot.exposure`."""
    names = data.analytes
    columns = 1 if width == "narrow" else min(len(names), 3)
    rows = -(-len(names) // columns)
    high = 2.35 if columns == 1 and width == "wide" else 1.95
    block = high + _BELOW + _ABOVE
    figure = style.canvas(width, rows * block)
    wide = style.INCHES[width] / columns
    tops = {name: _top(data, name) for name in names}
    if not scales_differ(data):
        tops = dict.fromkeys(names, max(tops.values()))
    for k, name in enumerate(names):
        row, column = divmod(k, columns)
        bottom = (rows - row - 1) * block + _BELOW
        box = Box(column * wide + _LEFT, bottom, wide - _LEFT - _RIGHT, high)
        ax = style.axes(figure, box, name)
        _panel(ax, data, name, tops[name], first=k == 0)
    return figure


def scales_differ(data: Curves) -> bool:
    """Whether each panel has its own vertical axis, because the medians are far apart."""
    peaks = [float(band[MEDIAN].max()) for band in data.bands.values()]
    return max(peaks) > _SHARED * min(peaks)


def _top(data: Curves, name: str) -> float:
    shown = [float(data.bands[name].max())]
    shown += [float(o.values[name].max()) for o in data.others if name in o.values]
    return max(max(shown), 1e-9)


def _panel(ax: Axes, data: Curves, name: str, top: float, *, first: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    colour = style.hue(name)
    style.heading(ax, name, style.unit_words(data.sampling), colour, lift=_LIFT)
    ax.set_xlim(0, data.times[-1])
    ax.set_ylim(0, 1.06 * top)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(_tick)
    _hours(ax, float(data.times[-1]))
    begins = data.session.begins if data.session else "the first dose"
    ax.set_xlabel(f"hours after {begins}", color=style.MUTED, size=style.SMALL,
                  family=style.FAMILY, labelpad=3)  # fmt: skip
    if data.session is not None:
        _doses(ax, data.session, float(data.times[-1]), words=first)
    people = data.lines.get(name)
    bands(ax, data.times, data.bands[name], colour, spread=data.spread, people=people)
    if any(name in other.values for other in data.others):
        _models(ax, data, name, colour, words=first)
    elif people is not None and first:
        style.key(ax, (("median", colour, 1.6), ("each person", style.tint(colour, EACH), 0.8)))
    elif data.spread and first:
        style.key(ax, (("median", colour, 1.6),
                       ("middle 50 % of people", style.tint(colour, _INNER), 6.0),
                       ("90 % of people", style.tint(colour, _OUTER), 6.0)))  # fmt: skip
    elif not data.spread:
        _peak(ax, data, name, colour)


def _tick(value: float, _: float) -> str:
    return f"{value:,.6g}"


def _hours(ax: Axes, until: float) -> None:
    step = next((s for s in _STEPS if until / s <= 8.01), _STEPS[-1])
    ticks = np.arange(0, until + 1e-9, step)
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])


def bands(
    ax: Axes,
    times: Values,
    found: Values,
    colour: str,
    *,
    spread: bool,
    people: Values | None = None,
) -> None:
    """Draw the 90 % band, the 50 % band and the median; a line alone without spread.

    With the curves of few ``people``, shape (people, t), those are drawn in place of bands.
    """
    if people is not None:
        shade = style.tint(colour, EACH)
        for line in people:
            ax.plot(times, line, color=shade, lw=0.7, solid_capstyle="round", zorder=3)
    elif spread:
        ax.fill_between(times, found[0], found[-1], color=style.tint(colour, _OUTER), lw=0)
        ax.fill_between(times, found[1], found[-2], color=style.tint(colour, _INNER), lw=0)
    ax.plot(times, found[MEDIAN], color=colour, lw=1.6, solid_capstyle="round", zorder=5)


def _doses(ax: Axes, session: Given, until: float, *, words: bool) -> None:
    """Mark the devices or the infusion at the top of the panel."""
    top = ax.get_xaxis_transform()
    if session.infusion:
        end = min(session.end - session.time, until)
        ax.plot([0, end], [1.0, 1.0], transform=top, color=style.MUTED, lw=3,
                solid_capstyle="butt", clip_on=False, zorder=8)  # fmt: skip
        text = f"infusion, {duration(session.end - session.time)}"
    else:
        marks = [m for m in session.devices if m <= until] or [0.0]
        ax.plot(marks, [1.0] * len(marks), transform=top, ls="", marker="v", ms=3.6,
                mfc=style.MUTED, mec="white", mew=0.4, clip_on=False, zorder=8)  # fmt: skip
        count = len(session.devices)
        end = marks[-1]
        text = "dose" if not count else "1 device" if count == 1 else f"{count} devices"
    # late in the panel the words go to the left of the mark
    if words and end <= 0.6 * until:
        style.note(ax, text, (end, 1.0), shift=(5, 1.5), coords="top")
    elif words:
        style.note(ax, text, (end, 1.0), shift=(0, 4), ha="right", coords="top")


def _peak(ax: Axes, data: Curves, name: str, colour: str) -> None:
    """Name the highest point of a single line."""
    line = data.bands[name][MEDIAN]
    k = int(line.argmax())
    ax.plot([data.times[k]], [line[k]], marker="o", ms=3.5, color=colour, zorder=6)
    text = f"{sig(float(line[k]))} ng/mL at {duration(float(data.times[k]))}"
    late = data.times[k] > 0.55 * data.times[-1]
    style.note(ax, text, (float(data.times[k]), float(line[k])), colour=colour,
               shift=(-6, 3) if late else (7, 1), ha="right" if late else "left")  # fmt: skip


def _models(ax: Axes, data: Curves, name: str, colour: str, *, words: bool) -> None:
    """Draw other models as thin lines, and the room between models where people do not differ.

    A model has the same dashes in every panel, so only the first panel names it.
    """
    dashes = dict(zip((o.model for o in data.others), _DASHES * 3, strict=False))
    others = [(o, o.at(name, data.times)) for o in data.others if name in o.values]
    ours = data.bands[name][MEDIAN]
    if not data.spread:
        lines = [ours, *(line for _, line in others)]
        low, high = np.min(lines, axis=0), np.max(lines, axis=0)
        ax.fill_between(data.times, low, high, color=_BETWEEN, lw=0, zorder=1)
        if words:
            style.key(ax, (("spread between models", _BETWEEN, 6.0),))
    for other, line in others:
        ax.plot(data.times, line, color=_OTHER, lw=0.9, ls=dashes[other.model], zorder=4)
    if words:
        labels = [(line, other.short, _OTHER) for other, line in others]
        above = np.max([data.bands[name][-1], *(line for _, line in others)], axis=0)
        _label_peaks(ax, data.times, [*labels, (ours, data.short + _OURS, colour)], above)


def _label_peaks(
    ax: Axes, times: Values, labels: list[tuple[Values, str, str]], above: Values
) -> None:
    """Name curves to the right of their peaks, each with a thin line to its peak.

    Names are moved apart, and up until they are clear of what is drawn below them (``above``).
    """
    points = sorted(
        ((float(line.max()), float(times[line.argmax()]), text, colour)
         for line, text, colour in labels),
        key=lambda point: point[0],
    )  # fmt: skip
    bottom, top = ax.get_ylim()
    least = 11.5 / style.points_high(ax) * (top - bottom)
    column = max(when for _, when, _, _ in points) + 0.10 * float(times[-1])
    clear = float(above[times >= column].max(initial=0.0)) + 1.1 * least
    heights: list[float] = []
    for peak, *_ in points:
        heights.append(max(peak, heights[-1] + least if heights else clear))
    excess = heights[-1] - (top - 2.2 * least)
    if excess > 0:
        heights = [h - excess for h in heights]
    room = (1 - column / float(times[-1])) * style.points_wide(ax)
    for (peak, when, text, colour), height in zip(points, heights, strict=True):
        fits = 5.4 * len(text) <= room
        words = text if fits else text.removesuffix(_OURS)
        ax.plot([when, column - 0.01 * times[-1]], [peak, height], color=style.RULE, lw=0.7,
                zorder=3)  # fmt: skip
        style.note(ax, words, (column, height), va="center", colour=colour,
                   weight="normal" if colour == _OTHER else "bold")  # fmt: skip
