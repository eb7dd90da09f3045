"""The figure of a comparison: a panel a quantity, the arms over each other on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.report import style
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

ARMS: Final = ("#0b5394", "#9c4a00", "#00664f", "#6b3fa0", "#a3123f", "#3d3d3d")
"""Colours of arms A to F."""
DASHES: Final[tuple[Any, ...]] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)),
                                (0, (1, 1)), (0, (9, 2, 1.5, 2, 1.5, 2)))  # fmt: skip
_LEFT, _RIGHT, _BELOW, _ABOVE, _HIGH = 0.48, 0.14, 0.47, 0.46, 1.75
_OUTER: Final = 0.16
_LINE: Final = 1.6
_STEPS: Final = (0.5, 1.0, 2.0, 4.0, 7.0, 14.0, 28.0, 56.0, 91.0, 182.0)


@dataclass(frozen=True)
class Panel:
    """One quantity: curves of each arm that has it.

    Parameters
    ----------
    title, unit, across : str
        ``across`` names the horizontal axis.
    curves : tuple of (int, ndarray, ndarray)
        Number of the arm, times, and 5, 50 and 95 % over people, shape (3, times).
    """

    title: str
    unit: str
    across: str
    curves: tuple[tuple[int, Values, Values], ...]


def draw_compare(panels: Sequence[Panel], letters: Sequence[str], width: Width) -> Figure:
    """Draw every panel; colours and dashes tell the arms apart, the first panel names them."""
    columns = 1 if width == "narrow" else min(2, len(panels))
    rows = -(-len(panels) // columns)
    block = _HIGH + _BELOW + _ABOVE
    figure = style.canvas(width, rows * block)
    wide = style.INCHES[width] / columns
    for k, panel in enumerate(panels):
        row, column = divmod(k, columns)
        bottom = (rows - row - 1) * block + _BELOW
        box = Box(column * wide + _LEFT, bottom, wide - _LEFT - _RIGHT, _HIGH)
        ax = style.axes(figure, box, f"compare{k}")
        _draw(ax, panel)
        if k == 0:
            arms = [(letters[arm], ARMS[arm], DASHES[arm]) for arm, _, _ in panel.curves]
            style.key_of_lines(ax, arms, _LINE)
    return figure


def _draw(ax: Axes, panel: Panel) -> None:
    from matplotlib.ticker import MaxNLocator

    until = max(float(times[-1]) for _, times, _ in panel.curves)
    for arm, times, bands in panel.curves:
        colour = ARMS[arm]
        if len(panel.curves) <= 3:
            ax.fill_between(times, bands[0], bands[2], color=style.tint(colour, _OUTER), lw=0,
                            alpha=0.6)  # fmt: skip
        ax.plot(times, bands[1], color=colour, lw=_LINE, ls=DASHES[arm], zorder=5)
    ax.set_xlim(0, until)
    low = min(float(bands.min()) for _, _, bands in panel.curves)
    high = max(float(bands.max()) for _, _, bands in panel.curves)
    room = 0.08 * max(high - min(low, 0.0), 1e-9)
    ax.set_ylim(min(low, 0.0) - (room if low < 0 else 0.0), high + room)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    step = next((s for s in _STEPS if until / s <= 8.01), until)
    ax.set_xticks(np.arange(0, until + 1e-9, step))
    ax.set_xlabel(panel.across, color=style.MUTED, size=style.SMALL, family=style.FAMILY,
                  labelpad=3)  # fmt: skip
    style.title(ax, panel.title)
    if panel.unit not in ("", "1"):
        style.note(ax, panel.unit, (0, 1), shift=(0, 6), coords="axes fraction")
