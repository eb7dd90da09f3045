"""The figure of the course of depression: MADRS of both arms, and who responds and remits.

Shaded: where the mean of a new trial would lie, 5 to 95 %; darker: what the calibration alone
leaves open. Thin strokes under the upper panel are sessions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.report import style
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ARMS: Final = {"drug": ("with the drug", "#0b5394"), "control": ("control", "#9c4a00")}
_LEFT, _RIGHT, _BELOW, _ABOVE, _BETWEEN = 0.48, 0.14, 0.47, 0.52, 0.50
_HIGH: Final = 1.55
_OUTER, _INNER = 0.16, 0.34


def draw_mood(found: xr.Dataset, width: Width = "wide") -> Figure:
    """Draw a course of depression.

    Parameters
    ----------
    found : Dataset
        From :func:`ketascope.course`.
    width : {"wide", "narrow"}
    """
    total = 2 * _HIGH + _ABOVE + _BETWEEN + _BELOW
    figure = style.canvas(width, total)
    wide = style.INCHES[width] - _LEFT - _RIGHT
    upper = style.axes(figure, Box(_LEFT, _BELOW + _HIGH + _BETWEEN, wide, _HIGH), "madrs")
    lower = style.axes(figure, Box(_LEFT, _BELOW, wide, _HIGH), "shares")
    days = found["time"].to_numpy() / 24
    for ax in (upper, lower):
        ax.set_xlim(-0.1, days[-1])
        ax.set_xticks(np.arange(0, days[-1] + 1e-9, 7 if days[-1] > 10 else 1))
    _scores(upper, found, days)
    _shares(lower, found, days)
    text = "days after the first dose" if width == "wide" else "days"
    lower.set_xlabel(text, color=style.MUTED, size=style.SMALL, family=style.FAMILY, labelpad=3)
    return figure


def _scores(ax: Axes, found: xr.Dataset, days: np.ndarray) -> None:
    start = float(found["baseline"].mean())
    for arm, (words, colour) in ARMS.items():
        mean = start + found["mean_change"].sel(arm=arm)
        for spread, share in (("between trials", _OUTER), ("within trial", _INNER)):
            ends = mean.sel(spread=spread)
            ax.fill_between(days, ends.sel(quantile=0.05), ends.sel(quantile=0.95), lw=0,
                            color=colour, alpha=share)  # fmt: skip
        ax.plot(days, mean.sel(spread="between trials", quantile=0.5), color=colour, lw=1.6,
                solid_capstyle="round", zorder=5, label=words)  # fmt: skip
    ax.set_ylim(0, 1.1 * start)
    hours = np.asarray(json.loads(found.attrs["plan"])["hours"]) / 24
    hours = hours[hours <= days[-1]]
    ax.plot(hours, np.zeros(hours.size), ls="", marker="|", ms=6, mew=0.9, color=style.INK,
            transform=ax.get_xaxis_transform(), clip_on=False, zorder=7)  # fmt: skip
    _head(ax, "MADRS, mean of a group")
    style.key(ax, [(words, colour, 2.2) for words, colour in ARMS.values()])


def _shares(ax: Axes, found: xr.Dataset, days: np.ndarray) -> None:
    for name, dash in (("response_share", "-"), ("remission_share", (0, (4, 2)))):
        for arm, (_, colour) in ARMS.items():
            share = 100 * found[name].sel(arm=arm, spread="between trials")
            ax.plot(days, share.sel(quantile=0.5), color=colour, lw=1.5, ls=dash, zorder=5)
            if name == "response_share":
                ax.fill_between(days, share.sel(quantile=0.05), share.sel(quantile=0.95), lw=0,
                                color=colour, alpha=_OUTER)  # fmt: skip
    ax.set_ylim(0, 100)
    _head(ax, "% in response, dashed in remission")


def _head(ax: Axes, text: str) -> None:
    style.note(ax, text, (0, 1), shift=(0, 9), coords="axes fraction", weight="bold",
               size=style.SIZE, colour=style.INK)  # fmt: skip
