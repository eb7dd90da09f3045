"""The figure of receptor block: a column a regimen, memantine at steady state beside them.

The upper row holds the subtypes of the NMDA receptor with magnesium, the lower one the channel
site as a whole. Bands of the upper row are people, those of the lower row published values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.errors import InputError
from ketascope.report import style
from ketascope.report.style import Box

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUBTYPES: Final = {
    "glun2c_mg": ("GluN2C", "#00664f"),
    "glun2d_mg": ("GluN2D", "#9c4a00"),
    "glun2b_mg": ("GluN2B", "#6b3fa0"),
    "glun2a_mg": ("GluN2A", "#0b5394"),
}
SITES: Final = {
    "nmda": ("in vitro", "#575757"),
    "nmda_in_vivo": ("in vivo", "#a3123f"),
}
_LEFT, _GAP, _RIGHT, _BELOW, _FOOT = 0.42, 0.22, 0.86, 0.46, 0.80
#: Height of a panel, and room above it: in the upper row also for the headings.
_HIGH, _ABOVE = 1.72, (0.50, 0.30)
#: Share of a column's width that the steady state gets.
_STEADY: Final = 0.42
_LEVELS = (0.05, 0.5, 0.95)
_WIDTH: Final = "wide"
_MOST: Final = 3
_OUTER = 0.20
_WHAT: Final = (
    "% of channels blocked, by subtype, with 1 mM Mg²⁺; band: 90 % of people",
    "% of channel sites occupied, all subtypes; band: published values",
)


def draw_receptors(
    courses: Mapping[str, xr.Dataset],
    memantine: xr.Dataset,
    *,
    hours: float = 6.0,
) -> Figure:
    """Draw block over time, in per cent; 7.5 inches across.

    Parameters
    ----------
    courses : mapping of str to Dataset
        From :func:`ketascope.effects.occupancy`, by heading, in the order of the columns.
    memantine : Dataset
        From :func:`ketascope.effects.memantine_reference`.
    hours : float
        How much of a course is shown.

    Raises
    ------
    InputError
        For no course, or for more than there is room for.
    """
    if not 0 < len(courses) <= _MOST:
        raise InputError(f"a figure of {len(courses)} courses cannot be drawn", hint="give 1 to 3")
    rows = (SUBTYPES, SITES)
    figure = style.canvas(_WIDTH, 2 * (_HIGH + _BELOW) + sum(_ABOVE) + _FOOT)
    room = style.INCHES[_WIDTH] - _LEFT - _RIGHT - _GAP * len(courses)
    column = room / (len(courses) + _STEADY)
    for k, lines in enumerate(rows):
        bottom = _FOOT + _BELOW + (1 - k) * (_HIGH + _BELOW + _ABOVE[1])
        top = _top(lines, courses, memantine, hours)
        for m, (heading, course) in enumerate(courses.items()):
            box = Box(_LEFT + m * (column + _GAP), bottom, column, _HIGH)
            ax = _panel(figure, box, heading if k == 0 else "", top, first=m == 0, row=k)
            _course(ax, course, lines, hours)
        box = Box(_LEFT + len(courses) * (column + _GAP), bottom, _STEADY * column, _HIGH)
        ax = _panel(figure, box, "Memantine 20 mg/day" if k == 0 else "", top, first=False, row=k)
        _steady(ax, memantine, lines)
        _names(ax, lines)
    _foot(figure, _caveats(courses, hours))
    return figure


def _top(
    lines: Mapping[str, tuple[str, str]],
    courses: Mapping[str, xr.Dataset],
    memantine: xr.Dataset,
    hours: float,
) -> float:
    """Top of a row's axis, per cent: what is highest in any of its panels."""
    highest = [1.0]
    for course in courses.values():
        shown = course["block"].sel(time=slice(0, hours))
        for name in lines:
            if name in shown["target"]:
                highest += [float(part.max()) for part in _bands(shown, name)]
    there = [name for name in lines if name in memantine["target"]]
    highest += [100 * float(memantine["block"].sel(target=there).max())] if there else []
    return 1.08 * max(highest)


def _bands(shown: xr.DataArray, name: str) -> tuple[Any, Any, Any]:
    """Lower end, middle and upper end over time, per cent.

    Of the subtypes, 5th, 50th and 95th percentile over people; of the channel site, the least,
    the central and the most that published values allow, for the middle person.
    """
    values = 100 * shown.sel(target=name)
    if name in SUBTYPES:
        low, middle, high = np.quantile(
            values.sel(bound="central").transpose("subject", "time"), _LEVELS, axis=0
        )
        return low, middle, high
    low, middle, high = (
        values.sel(bound=bound).median("subject").to_numpy() for bound in ("low", "central", "high")
    )
    return low, middle, high


def _panel(figure: Figure, box: Box, heading: str, top: float, *, first: bool, row: int) -> Axes:
    from matplotlib.ticker import MaxNLocator

    ax = style.axes(figure, box, f"{heading}{row}{box.left}")
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if not first:
        ax.set_yticklabels([])
    if heading:
        style.note(ax, heading, (0, 1), shift=(0, 21), coords="axes fraction", weight="bold",
                   size=style.SIZE, colour=style.INK)  # fmt: skip
    if first:
        style.note(ax, _WHAT[row], (0, 1), shift=(0, 7), coords="axes fraction")
    return ax


def _course(
    ax: Axes, course: xr.Dataset, lines: Mapping[str, tuple[str, str]], hours: float
) -> None:
    shown = course["block"].sel(time=slice(0, hours))
    times = shown["time"].to_numpy()
    ax.set_xlim(0, hours)
    ax.set_xticks(np.arange(0, hours + 1e-9, 1 if hours <= 8 else 4))
    ax.set_xlabel("hours", color=style.MUTED, size=style.SMALL, family=style.FAMILY, labelpad=2)
    there = [name for name in lines if name in shown["target"]]
    for name in there:
        colour = lines[name][1]
        low, middle, high = _bands(shown, name)
        ax.fill_between(times, low, high, color=style.tint(colour, _OUTER), lw=0)
        ax.plot(times, middle, color=colour, lw=1.6, solid_capstyle="round", zorder=5,
                ls="--" if _weak(course, name) else "-")  # fmt: skip
    missing = [lines[name][0] for name in lines if name not in there]
    if missing:
        style.note(ax, f"not predicted: {', '.join(missing)}", (1, 1), shift=(-2, -9), ha="right",
                   coords="axes fraction")  # fmt: skip


def _weak(course: xr.Dataset, name: str) -> bool:
    """Whether a line rests on values that were not checked or were worked out."""
    used = json.loads(course.attrs["potencies"])[name]
    warned = " ".join(json.loads(course.attrs["warnings"]))
    worked_out = any("worked out" in text for text in json.loads(course.attrs["assumptions"]))
    groups = {row.partition(".")[0] for part in used.values() for row in part["rows"]}
    asked = any(f"{group}: potencies not checked" in warned for group in groups)
    racemic = any("R+S" in row for part in used.values() for row in part["rows"])
    return asked or (worked_out and racemic)


def _steady(ax: Axes, memantine: xr.Dataset, lines: Mapping[str, tuple[str, str]]) -> None:
    """Draw the level of each target with what published values allow."""
    from matplotlib.patches import Rectangle

    ax.set_xlim(0, 1)
    ax.set_xticks([])
    ax.set_xlabel("steady state", color=style.MUTED, size=style.SMALL, family=style.FAMILY,
                  labelpad=6)  # fmt: skip
    there = [name for name in lines if name in memantine["target"]]
    step = 1.0 / max(len(lines), 1)
    for k, name in enumerate(lines):
        if name not in there:
            style.note(ax, f"{lines[name][0]}:\nno value", ((k + 0.5) * step, 0.04), ha="center",
                       coords="axes fraction")  # fmt: skip
            continue
        central, low, high = (
            100 * float(memantine["block"].sel(target=name, bound=bound))
            for bound in ("central", "low", "high")
        )
        colour, left = lines[name][1], (k + 0.12) * step
        wide = 0.76 * step
        ax.add_patch(Rectangle((left, low), wide, high - low, color=style.tint(colour, 0.28), lw=0))
        ax.plot([left, left + wide], [central, central], color=colour, lw=1.8,
                solid_capstyle="butt", zorder=5)  # fmt: skip


def _names(ax: Axes, lines: Mapping[str, tuple[str, str]]) -> None:
    """Name the lines right of the row, as a key."""
    for k, (text, colour) in enumerate(lines.values()):
        down = -6 - 13 * k
        style.note(ax, text, (1, 1), shift=(9, down), coords="axes fraction", va="center",
                   colour=colour, weight="bold")  # fmt: skip


def _caveats(courses: Mapping[str, xr.Dataset], hours: float) -> list[str]:
    """Sentences for the foot of the figure: what the lines rest on."""
    warned = {text for c in courses.values() for text in json.loads(c.attrs["warnings"])}
    assumed = {text for c in courses.values() for text in json.loads(c.attrs["assumptions"])}
    lines = ["Driven by unbound plasma, taken to be that of the brain."]
    if any(text.startswith("kotermanski_johnson_2009") for text in warned):
        lines.append(
            "Dashed: IC50 of ketamine by subtype attributed to Kotermanski & Johnson 2009, not "
            "checked against the paper"
        )
    if any("worked out" in text for text in assumed):
        start = "; esketamine" if lines[-1].startswith("Dashed") else "Dashed: esketamine"
        lines[-1] += f"{start} worked out from the racemate and the ratio of the enantiomers."
    elif lines[-1].startswith("Dashed"):
        lines[-1] += "."
    lines.append("Below, a line without a band rests on one published value.")
    alike = [heading for heading, course in courses.items() if _alike(course, hours)]
    if alike:
        lines.append(f"{alike[0].split()[0]}: its model knows no spread between people.")
    lines.append(
        "Memantine: range of the label's concentrations and of published IC50, those with Mg²⁺ "
        "at −30\N{NO-BREAK SPACE}mV."
    )
    return lines


def _alike(course: xr.Dataset, hours: float) -> bool:
    """Whether everyone has the same curve."""
    values = course["block"].sel(time=slice(0, hours), bound="central")
    return float((values.max("subject") - values.min("subject")).max()) < 1e-12


def _foot(figure: Figure, lines: list[str]) -> None:
    import textwrap

    wide, high = figure.get_size_inches()
    letters = int((wide - _LEFT) * 72 / (0.53 * style.SMALL))
    text = "\n".join(textwrap.wrap(" ".join(lines), letters))
    figure.text(_LEFT / wide, 0.07 / high, text, color=style.MUTED, size=style.SMALL - 0.6,
                family=style.FAMILY, va="bottom", linespacing=1.35)  # fmt: skip
