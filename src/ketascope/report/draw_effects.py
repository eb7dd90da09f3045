"""The figure of acute effects in one session: a panel an effect, bands over people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.report import style
from ketascope.report.curves import FEWEST
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

COLOURS: Final = {
    "published": "#0b5394",
    "calibrated": "#9c4a00",
}
"""A published relation and a calibration of this project never share a colour."""
LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_OUTER, _INNER = 0.20, 0.42
_LEFT, _RIGHT, _BELOW, _ABOVE, _HIGH = 0.45, 0.12, 0.47, 0.50, 1.62
_STEPS: Final = (0.5, 1.0, 2.0, 4.0)


def draw_effects(
    found: xr.Dataset,
    width: Width,
    *,
    infusion: float = 0.0,
    hours: float = 6.0,
    levels: dict[str, float] | None = None,
) -> Figure:
    """Draw each effect over the hours of the first session.

    Parameters
    ----------
    found : xarray.Dataset
        From :func:`ketascope.effects.acute.acute_effects`.
    width : {"wide", "narrow"}
    infusion : float
        How long the drug runs in (h); 0 for what is given at once.
    hours : float
        How much is shown.
    levels : dict, optional
        By effect, the level at which it counts as gone; drawn as a line across.
    """
    names = [str(name) for name in found.data_vars]
    columns = 1 if width == "narrow" else min(2, len(names))
    rows = -(-len(names) // columns)
    block = _HIGH + _BELOW + _ABOVE
    figure = style.canvas(width, rows * block)
    wide = style.INCHES[width] / columns
    for k, name in enumerate(names):
        row, column = divmod(k, columns)
        bottom = (rows - row - 1) * block + _BELOW
        ax = style.axes(
            figure, Box(column * wide + _LEFT, bottom, wide - _LEFT - _RIGHT, _HIGH), name
        )
        _panel(ax, found[name], hours, infusion, (levels or {}).get(name), first=k == 0)
    return figure


def shown_quantiles(curves: xr.DataArray, hours: float) -> tuple[Values, Values]:
    """Return the times shown (h) and the quantiles over people, shape (levels, times)."""
    shown = curves.sel(time=slice(0, hours)).transpose("subject", "time")
    return shown["time"].to_numpy(), np.quantile(shown.to_numpy(), LEVELS, axis=0)


def _panel(
    ax: Axes,
    curves: xr.DataArray,
    hours: float,
    infusion: float,
    gone: float | None,
    *,
    first: bool,
) -> None:
    from matplotlib.ticker import MaxNLocator

    colour = COLOURS[str(curves.attrs["kind"])]
    times, bands = shown_quantiles(curves, hours)
    spread = bool(np.any(bands[0] != bands[-1]))
    if spread:
        ax.fill_between(times, bands[0], bands[-1], color=style.tint(colour, _OUTER), lw=0)
        ax.fill_between(times, bands[1], bands[-2], color=style.tint(colour, _INNER), lw=0)
    ax.plot(times, bands[2], color=colour, lw=1.6, solid_capstyle="round", zorder=5)
    ax.set_xlim(0, hours)
    low, high = float(min(bands.min(), gone or 0.0, 0.0)), float(max(bands.max(), gone or 0.0))
    room = 0.08 * max(high - low, 1e-9)
    ax.set_ylim(low - (room if low < 0 else 0), high + room)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    step = next(s for s in (*_STEPS, hours) if hours / s <= 8.01)
    ax.set_xticks(np.arange(0, hours + 1e-9, step))
    ax.set_xlabel("hours after the dose begins", color=style.MUTED, size=style.SMALL,
                  family=style.FAMILY, labelpad=3)  # fmt: skip
    unit = str(curves.attrs["units"])
    style.title(ax, str(curves.attrs["long_name"]), colour)
    said = "calibration of this project" if curves.attrs["kind"] == "calibrated" else "published"
    style.note(ax, f"{unit + ', ' if unit not in ('', '1') else ''}{said}", (0, 1), shift=(0, 6),
               coords="axes fraction")  # fmt: skip
    if gone is not None:
        ax.axhline(gone, color=style.MUTED, lw=0.8, ls=(0, (3, 2)), zorder=2)
    if infusion:
        ax.plot([0, min(infusion, hours)], [1.0, 1.0], transform=ax.get_xaxis_transform(),
                color=style.MUTED, lw=3, solid_capstyle="butt", clip_on=False,
                zorder=8)  # fmt: skip
    if first and spread:
        _key(ax, colour, few=curves.sizes["subject"] < FEWEST)


def _key(ax: Axes, colour: str, *, few: bool) -> None:
    entries: tuple[tuple[str, str, float], ...] = (
        ("median", colour, 1.6),
        ("middle 50 % of people", style.tint(colour, _INNER), 6.0),
        ("all people" if few else "90 % of people", style.tint(colour, _OUTER), 6.0),
    )
    style.key(ax, entries)


def effect_curves(found: xr.Dataset, hours: float = 6.0) -> dict[str, Any]:
    """Return what the figure draws, as plain values: times (h) and quantiles by effect."""
    out: dict[str, Any] = {}
    for name in found.data_vars:
        times, bands = shown_quantiles(found[name], hours)
        out[str(name)] = {
            "time_h": times.tolist(),
            **{f"q{round(100 * level):02d}": row.tolist()
               for level, row in zip(LEVELS, bands, strict=True)},
        }  # fmt: skip
    return out
