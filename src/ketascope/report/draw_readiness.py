"""The figure of readiness to leave: how many people are ready, over the hours of a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.report import style
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOUR: Final = "#9c4a00"
"""That of a calibration of this project."""
MARKED: Final = (1.5, 2.0)
"""Hours that are marked."""
_BAND: Final = 0.24
_LOW: Final = 15.0
"""Per cent below which there is no room under a point."""
_LEFT, _RIGHT, _BELOW, _ABOVE, _HIGH = 0.45, 0.16, 0.48, 0.50, 1.95


def draw_readiness(found: Mapping[str, Any], width: Width) -> Figure:
    """Draw the share of people that is ready against time.

    Parameters
    ----------
    found : mapping
        From :func:`ketascope.report_readiness`.
    width : {"wide", "narrow"}
    """
    figure = style.canvas(width, _BELOW + _HIGH + _ABOVE)
    wide = style.INCHES[width] - _LEFT - _RIGHT
    ax = style.axes(figure, Box(_LEFT, _BELOW, wide, _HIGH), "readiness")
    curve = found["curve"]
    hours = np.asarray(curve["hours"], dtype=float)
    share = 100 * np.asarray(curve["share"], dtype=float)
    if None not in curve["low"]:
        low, high = (100 * np.asarray(curve[key], dtype=float) for key in ("low", "high"))
        ax.fill_between(hours, low, high, color=style.tint(COLOUR, _BAND), lw=0, step="post")
    ax.step(hours, share, where="post", color=COLOUR, lw=1.6, zorder=5)
    ax.set_xlim(0, float(hours[-1]))
    ax.set_ylim(0, 104)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_xticks(np.arange(0, float(hours[-1]) + 1e-9, 1.0))
    ax.set_xlabel("hours after the dose begins", color=style.MUTED, size=style.SMALL,
                  family=style.FAMILY, labelpad=3)  # fmt: skip
    style.note(ax, "Ready to leave", (0, 1), shift=(0, 19), coords="axes fraction", weight="bold",
               size=style.SIZE, colour=COLOUR)  # fmt: skip
    style.note(ax, "% of people; calibration of this project", (0, 1), shift=(0, 8),
               coords="axes fraction")  # fmt: skip
    _marks(ax, hours, share, wide=width == "wide")
    _key(ax)
    return figure


def _marks(ax: Axes, hours: Any, share: Any, *, wide: bool) -> None:
    """Write the share at the hours that are asked about: beside the points where there is room."""
    said = []
    for hour in MARKED:
        at = float(share[int(np.argmin(np.abs(hours - hour)))])
        ax.plot([hour, hour], [0, at], color=style.MUTED, lw=0.8, ls=(0, (3, 2)), zorder=2)
        ax.plot([hour], [at], "o", color=COLOUR, ms=4, zorder=6)
        said.append(f"{at:.0f} % at {hour:g} h")
        if wide:
            right = hour == MARKED[-1]
            down = -11 if right and at > _LOW else 3
            style.note(ax, said[-1], (hour, at), ha="left" if right else "right",
                       shift=(7 if right else -7, down), colour=style.INK)  # fmt: skip
    if not wide:
        for k, text in enumerate(said):
            style.note(ax, text, (1, 0.62), shift=(-2, -12 * k), ha="right", colour=style.INK,
                       coords="axes fraction")  # fmt: skip


def _key(ax: Axes) -> None:
    rows = (
        ("share of people", COLOUR, 1.6),
        ("what the fits do not know", style.tint(COLOUR, _BAND), 6.0),
    )
    style.key(ax, rows, first=-(style.points_high(ax) - 22))
