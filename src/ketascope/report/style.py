"""How the figures look: colours, type sizes, and axes placed in inches.

Colours are a set that colour-blind readers can tell apart; the bands differ in lightness too, so
they hold in greyscale print. The parent drug is blue in every figure, norketamine brown,
hydroxynorketamine green.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from matplotlib.figure import Figure

from ketascope.evidence.substances import analyte

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

Align = Literal["left", "center", "right"]
Vertical = Literal["bottom", "baseline", "center", "center_baseline", "top"]
Width = Literal["wide", "narrow"]

INK = "#1f1f1f"
MUTED = "#575757"
RULE = "#c9c9c9"
GRID = "#ececec"
PAPER = "#ffffff"
HUES = {
    "ketamine": "#0b5394",
    "norketamine": "#9c4a00",
    "hydroxynorketamine": "#00664f",
    "dehydronorketamine": "#6b3fa0",
}
SIZE = 9.2
SMALL = 8.3
FAMILY = "DejaVu Sans"
#: Inches. On a page the wide figure is 720 px across, the narrow one 340 px.
INCHES: dict[Width, float] = {"wide": 7.5, "narrow": 3.55}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in inches from the lower left corner of a figure."""

    left: float
    bottom: float
    width: float
    height: float


def hue(name: str) -> str:
    """Colour of an analyte."""
    return HUES.get(analyte(name).substance.name, INK)


def tint(colour: str, share: float) -> str:
    """Mix a colour with white; ``share`` is how much of the colour stays."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def display(name: str) -> str:
    """Return the name of an analyte for readers, its first letter as in a heading."""
    text = analyte(name).display
    return text[0].upper() + text[1:]


def unit_words(sampling: str) -> str:
    """Return what a vertical axis measures: ``ng/mL in venous plasma``."""
    if sampling == "not stated":
        return "ng/mL in plasma"
    named = sampling.endswith(("serum", "blood"))
    return f"ng/mL in {sampling}" if named else f"ng/mL in {sampling} plasma"


def canvas(width: Width, height: float) -> Figure:
    """Return an empty figure of the given height in inches."""
    return Figure(figsize=(INCHES[width], height), dpi=100, facecolor=PAPER)


def axes(figure: Figure, box: Box, label: str = "") -> Axes:
    """Place axes with two thin spines, light horizontal lines and muted ticks."""
    wide, high = figure.get_size_inches()
    rect = (box.left / wide, box.bottom / high, box.width / wide, box.height / high)
    ax = figure.add_axes(rect, label=label, facecolor="none")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(RULE)
        ax.spines[side].set_linewidth(0.8)
    ax.tick_params(
        colors=MUTED, labelsize=SMALL, width=0.8, length=3, color=RULE,
        labelfontfamily=FAMILY,
    )  # fmt: skip
    ax.grid(axis="y", color=GRID, linewidth=0.7)
    ax.set_axisbelow(True)
    return ax


def heading(ax: Axes, name: str, unit: str, colour: str, *, lift: float = 0.0) -> None:
    """Write an analyte's name and, under it, what the vertical axis measures.

    ``lift`` leaves so many points free between them and the panel.
    """
    title = display(name)
    wide = ax.get_window_extent().width / ax.figure.dpi
    if len(title) * 0.083 > wide:
        title = title.partition(" (")[0]
    note(ax, title, (0, 1), shift=(0, 20 + lift), colour=colour, coords="axes fraction",
         weight="bold", size=SIZE)  # fmt: skip
    note(ax, unit, (0, 1), shift=(0, 8 + lift), coords="axes fraction")


def title(ax: Axes, text: str, colour: str = INK) -> None:
    """Write what a panel shows above it, smaller where the panel is narrow."""
    room = points_wide(ax) / (0.66 * max(len(text), 1))
    note(ax, text, (0, 1), shift=(0, 17), coords="axes fraction", weight="bold",
         size=max(min(SIZE, room), 6.0), colour=colour)  # fmt: skip


def note(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    *,
    shift: tuple[float, float] = (0, 0),
    colour: str = MUTED,
    ha: Align = "left",
    va: Vertical = "baseline",
    coords: Literal["data", "axes fraction", "top"] = "data",
    weight: str = "normal",
    size: float = SMALL,
) -> None:
    """Write a small text at a point, shifted by points.

    ``coords="top"``: the first number is in data, the second a share of the panel's height.
    """
    place = ax.get_xaxis_transform() if coords == "top" else coords
    ax.annotate(
        text, at, shift, xycoords=place, textcoords="offset points", color=colour, size=size,
        ha=ha, va=va, family=FAMILY, weight=weight, annotation_clip=False, zorder=9,
    )  # fmt: skip


def swatch(
    ax: Axes, shade: str, weight: float, down: float, dashes: Any = "-", wide: float = 14
) -> None:
    """Draw a line ``down`` points from the upper right corner, as a key to a shade or a style."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    figure = ax.figure
    shift = ScaledTranslation(0, down / 72, figure.dpi_scale_trans)
    points = points_wide(ax)
    line = Line2D(
        [1 - (2 + wide) / points, 1 - 2 / points], [1, 1], transform=ax.transAxes + shift,
        color=shade, lw=weight, ls=dashes, solid_capstyle="butt", clip_on=False,
    )  # fmt: skip
    ax.add_line(line)


def key(ax: Axes, rows: Sequence[tuple[str, str, float]], first: float = -5) -> None:
    """Explain shades in the upper right corner: (text, shade, weight of line) a row."""
    for k, (text, shade, weight) in enumerate(rows):
        down = first - 12 * k
        note(ax, text, (1, 1), shift=(-20, down), ha="right", va="center", coords="axes fraction")
        swatch(ax, shade, weight, down)


def key_of_lines(ax: Axes, rows: Sequence[tuple[str, str, Any]], weight: float) -> None:
    """Explain lines in the upper right corner: (text, colour, dashes) a row, long enough to see."""
    for k, (text, colour, dashes) in enumerate(rows):
        down = -5 - 12 * k
        note(ax, text, (1, 1), shift=(-34, down), ha="right", va="center", coords="axes fraction")
        swatch(ax, colour, weight, down, dashes, 28)


def points_wide(ax: Axes) -> float:
    """Width of a panel in points."""
    return float(ax.get_window_extent().width / ax.figure.dpi * 72)


def points_high(ax: Axes) -> float:
    """Height of a panel in points."""
    return float(ax.get_window_extent().height / ax.figure.dpi * 72)
