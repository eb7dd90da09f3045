"""The strip of grams per month: this course beside groups whose grams were published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.report import style
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COURSE: Final = "#0b5394"
CLINIC: Final = "#00664f"
MISUSE: Final = "#9c4a00"
#: Inches: left, right, height of a row, above, below; where it is narrow, titles stand over bars.
_ROOM: Final[dict[Width, tuple[float, float, float, float, float]]] = {
    "wide": (2.62, 0.55, 0.31, 0.34, 0.94),
    "narrow": (0.20, 0.20, 0.44, 0.34, 1.42),
}
_BAR: Final = 7.0
_POINT: Final = 6.0
#: Ends that differ by less than this are drawn as a point.
_SAME: Final = 1.02
_TICKS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)
_FOOTNOTE: Final = (
    "Most in any month. Green: treatment, worked out from doses and their number. Brown: use "
    "outside treatment, as told by users. Grams of racemic ketamine and of esketamine are not the "
    "same, and a ratio of grams is not a ratio of risks: no study gives the risk of one person."
)


def draw_long_term(found: Mapping[str, Any], width: Width = "wide") -> Figure:
    """Draw grams per month on a logarithmic scale.

    Parameters
    ----------
    found : mapping
        From :func:`ketascope.effects.long_term.long_term`.
    width : {"wide", "narrow"}
        7.5 or 3.55 inches across.
    """
    left, right, row, above, below = _ROOM[width]
    rows = _rows(found)
    high = len(rows) * row
    figure = style.canvas(width, below + high + above)
    box = Box(left, below, style.INCHES[width] - left - right, high)
    ax = style.axes(figure, box, "grams")
    _scale(ax, rows, width)
    for k, (title, low, most, colour) in enumerate(rows):
        y = len(rows) - 1 - k - (0.0 if width == "wide" else 0.22)
        if most / low < _SAME:
            ax.plot([low], [y], "o", color=colour, ms=_POINT, zorder=5)
        else:
            ax.plot([low, most], [y, y], color=colour, lw=_BAR, solid_capstyle="butt", zorder=5)
        _name(ax, title, (len(rows) - k - 0.5) / len(rows), width, colour if k == 0 else None)
        style.note(ax, _grams(low, most), (most, y), shift=(9, 0), va="center", colour=colour)
    style.note(ax, "g a month, logarithmic scale", (0, 1), shift=(0, 8), coords="axes fraction")
    _foot(figure, found)
    return figure


def _name(ax: Axes, title: str, y: float, width: Width, colour: str | None) -> None:
    """Write what a row is of: left of it, or over its bar; ``colour`` marks this course."""
    style.note(
        ax,
        title,
        (0, y),
        shift=(-8, 0) if width == "wide" else (0, 8),
        ha="right" if width == "wide" else "left",
        va="center",
        coords="axes fraction",
        weight="normal" if colour is None else "bold",
        colour=colour or style.INK,
    )


def _rows(found: Mapping[str, Any]) -> list[tuple[str, float, float, str]]:
    """Title, least and most, colour; this course first, then by what they took."""
    month = found["course"]["month"]
    rows = [("This course", month["q05"], month["q95"], COURSE)]
    for group in sorted(found["groups"], key=lambda g: (g["misuse"], g["low"])):
        colour = MISUSE if group["misuse"] else CLINIC
        rows.append((_short(group["title"]), group["low"], group["high"], colour))
    return rows


def _short(title: str, letters: int = 38) -> str:
    """Return the title, or its part before the first comma where there is no room for all."""
    return title if len(title) <= letters else title.partition(",")[0]


def _scale(ax: Axes, rows: list[tuple[str, float, float, str]], width: Width) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    low, high = min(r[1] for r in rows) / 1.6, max(r[2] for r in rows) * 6
    if width == "narrow":
        high *= 6
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ticks = [t for t in _TICKS if low <= t <= high]
    if width == "narrow":
        ticks = [t for t in ticks if f"{t:e}".startswith("1")]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels([f"{t:g}" for t in ticks])
    ax.set_yticks([])
    ax.grid(axis="x", color=style.GRID, linewidth=0.7)
    ax.spines["left"].set_visible(False)


def _grams(low: float, high: float) -> str:
    ends = [f"{float(f'{x:.2g}'):g}" for x in (low, high)]
    return f"{ends[0]} g" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]} g"


def _foot(figure: Figure, found: Mapping[str, Any]) -> None:
    import textwrap

    wide, high = figure.get_size_inches()
    letters = int((wide - 0.3) * 72 / (0.53 * style.SMALL))
    words = _FOOTNOTE
    if found["course"]["by_weight"]:
        words = f"This course: 90 % of people, by their weight. {words}"
    text = "\n".join(textwrap.wrap(words, letters))
    figure.text(0.2 / wide, 0.09 / high, text, color=style.MUTED, size=style.SMALL - 0.6,
                family=style.FAMILY, va="bottom", linespacing=1.35)  # fmt: skip
