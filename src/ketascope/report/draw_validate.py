"""The figure of `ketascope validate`: published against simulated, a panel for each unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.report import style
from ketascope.report.style import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ketascope.checks import Row

PANELS = (
    ("Concentrations", "ng/mL", ("ng/mL",)),
    ("Areas", "ng h/mL", ("ng*h/mL",)),
    ("Times and half-lives", "h", ("h",)),
    ("Clearances", "L/h, or L/h/kg", ("L/h", "L/h/kg")),
    ("Volumes", "L, or L/kg", ("L", "L/kg")),
    ("Shares and ratios", "without unit", ("1",)),
    ("Receptors", "each in its unit", ()),
)
PASS, FAIL, OWN = "#0b5394", "#b3261e", "#8a8a8a"
_COLUMNS = 3
_LEFT, _RIGHT, _BELOW, _ABOVE, _SIDE = 0.50, 0.10, 0.45, 0.52, 1.85
_LEGEND = 0.62


def draw_validate(rows: Sequence[Row]) -> Figure:
    """Draw every predicted row on logarithmic axes.

    Bars across are the printed interval, bars upwards 5 to 95 % of the simulated people. The grey
    band is two-fold. Filled marks are independent checks; hollow ones the model's own numbers.
    """
    shown = [r for r in rows if r.simulated is not None and r.published > 0 and r.simulated > 0]
    panels = [(title, unit, mine) for title, unit, units in PANELS if (mine := _of(shown, units))]
    lines = -(-len(panels) // _COLUMNS)
    block = _SIDE + _BELOW + _ABOVE
    figure = style.canvas("wide", lines * block + _LEGEND)
    wide = style.INCHES["wide"] / _COLUMNS
    for k, (title, unit, mine) in enumerate(panels):
        line, column = divmod(k, _COLUMNS)
        box = Box(
            column * wide + _LEFT,
            (lines - line - 1) * block + _BELOW,
            wide - _LEFT - _RIGHT,
            _SIDE,
        )
        _panel(style.axes(figure, box, title), title, unit, mine)
    _legend(figure, shown)
    return figure


def _of(rows: Sequence[Row], units: tuple[str, ...]) -> list[Row]:
    if not units:
        return [row for row in rows if row.kind == "receptor"]
    return [row for row in rows if row.kind != "receptor" and row.internal_unit in units]


def _panel(ax: Axes, title: str, unit: str, rows: Sequence[Row]) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    numbers = [row.published * row.factor for row in rows]
    numbers += [row.simulated * row.factor for row in rows if row.simulated]
    low, high = min(numbers) / 2.5, max(numbers) * 2.5
    line = np.array([low, high])
    ax.fill_between(line, line / 2, line * 2, color=style.GRID, linewidth=0, zorder=0)
    ax.plot(line, line, color=style.RULE, linewidth=0.9, zorder=1)
    for row in sorted(rows, key=lambda r: r.used_for == "check"):
        _mark(ax, row)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.grid(False)
    _plain_ticks(ax)
    style.note(ax, title, (0, 1), shift=(0, 19), colour=style.INK, coords="axes fraction",
               weight="bold", size=style.SIZE)  # fmt: skip
    style.note(ax, f"simulated, {unit}", (0, 1), shift=(0, 7), coords="axes fraction")
    style.note(ax, "published", (1, 0), shift=(0, -27), coords="axes fraction", ha="right")


def _mark(ax: Axes, row: Row) -> None:
    assert row.simulated is not None
    x, y = row.published * row.factor, row.simulated * row.factor
    check = row.used_for == "check"
    colour = FAIL if not row.passed else PASS if check else OWN
    thin: dict[str, Any] = {"color": colour, "linewidth": 0.6, "alpha": 0.55, "zorder": 2}
    if row.interval is not None and row.interval[0] > 0:
        ax.plot([row.interval[0] * row.factor, row.interval[1] * row.factor], [y, y], **thin)
    if row.simulated_interval is not None and check and row.simulated_interval[0] > 0:
        low, high = (edge * row.factor for edge in row.simulated_interval)
        ax.plot([x, x], [low, high], **thin)
    ax.plot(
        [x], [y], marker="o" if check else "s", markersize=4.2 if check else 3.4,
        markerfacecolor=colour if check else "white", markeredgecolor=colour,
        markeredgewidth=0.8, linestyle="none", zorder=4 if check else 3,
    )  # fmt: skip


def _plain_ticks(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(NullFormatter())
    ax.tick_params(which="minor", length=0)


def _legend(figure: Figure, rows: Sequence[Row]) -> None:
    """Say in words what the marks are, with how many there are of each."""
    from matplotlib.lines import Line2D

    checks = [row for row in rows if row.used_for == "check"]
    own = [row for row in rows if row.used_for != "check"]
    entries = (
        ("o", PASS, PASS, f"independent check, passes ({sum(bool(r.passed) for r in checks)})"),
        ("o", FAIL, FAIL, f"independent check, fails ({sum(not r.passed for r in checks)})"),
        ("s", "white", OWN, f"the model's own number, met ({sum(bool(r.passed) for r in own)})"),
        ("s", "white", FAIL, f"the model's own number, missed ({sum(not r.passed for r in own)})"),
    )
    handles = [
        Line2D([], [], marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=5,
               linestyle="none", label=label)
        for marker, face, edge, label in entries
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="upper left", ncol=2, frameon=False, bbox_to_anchor=(0.035, 0.995),
        labelcolor=style.MUTED, prop={"size": style.SMALL, "family": style.FAMILY},
        handletextpad=0.3, columnspacing=2.0,
    )  # fmt: skip
