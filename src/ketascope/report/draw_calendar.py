"""The calendar of doses as a picture: a row a week, a column a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketascope.report import style
from ketascope.report.numbers import plain
from ketascope.report.style import Box, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ketascope.report.course import Given

#: More weeks than this: weeks that are alike share a row.
_MOST_WEEKS = 60
#: More rows than this are drawn in two blocks side by side on the wide figure.
_BLOCK = 20
_MOST_ROWS = 120
_COLOUR = style.HUES["ketamine"]


@dataclass(frozen=True, slots=True)
class Week:
    """One row: its weeks (1-based) and, by day 1 to 7, (doses, text, whether in units of all)."""

    first: int
    last: int
    cells: tuple[tuple[int, str, float], ...]

    @property
    def label(self) -> str:
        """``3``, or ``3–8`` where several weeks share the row."""
        return f"{self.first}" if self.first == self.last else f"{self.first}–{self.last}"


def weeks_of(sessions: Sequence[Given]) -> tuple[list[Week], str]:
    """Return the rows of the calendar and the unit that every dose is in, if there is one."""
    units = {a.unit for s in sessions for a in s.amounts}
    unit = units.pop() if len(units) == 1 and all(s.components for s in sessions) else ""
    by_day: dict[int, list[Given]] = defaultdict(list)
    for session in sessions:
        by_day[session.day].append(session)
    cells: dict[int, list[tuple[int, str, float]]] = defaultdict(list)
    for day, mine in sorted(by_day.items()):
        total = sum(a.value for s in mine for a in s.amounts)
        cells[(day - 1) // 7].append(((day - 1) % 7, _cell(mine, unit), total))
    last = max(cells)
    rows = [Week(w + 1, w + 1, tuple(cells.get(w, ()))) for w in range(last + 1)]
    return (_folded(rows) if len(rows) > _MOST_WEEKS else rows), unit


def _cell(mine: Sequence[Given], unit: str) -> str:
    doses = [plain(sum(a.value for a in s.amounts)) if unit else s.dose for s in mine]
    if len(set(doses)) == 1:
        return doses[0] if len(doses) == 1 else f"{len(doses)} × {doses[0]}"
    return " + ".join(doses) if len(doses) < 3 else f"{len(doses)} doses"


def _folded(rows: list[Week]) -> list[Week]:
    folded: list[Week] = []
    for row in rows:
        if folded and folded[-1].cells == row.cells:
            folded[-1] = Week(folded[-1].first, row.last, row.cells)
        else:
            folded.append(row)
    return folded


def left_out(sessions: Sequence[Given]) -> int:
    """How many rows of the calendar are too many to be drawn."""
    return max(len(weeks_of(sessions)[0]) - _MOST_ROWS, 0)


def draw_calendar(sessions: Sequence[Given], width: Width) -> Figure:
    """Draw the calendar; see :func:`ketascope.report.plot.calendar`."""
    rows, unit = weeks_of(sessions)
    left_out = len(rows) - _MOST_ROWS
    rows = rows[:_MOST_ROWS]
    blocks = 2 if width == "wide" and len(rows) > _BLOCK else 1
    per = -(-len(rows) // blocks)
    high = 0.27 if per <= 12 else 0.2
    foot = 0.2 if left_out > 0 else 0.05
    figure = style.canvas(width, per * high + 0.5 + foot)
    wide = style.INCHES[width] / blocks
    # one block of few columns need not fill the wide page
    cell = min((wide - 0.75) / 7, 0.85 if width == "wide" else 0.5)
    shades = _shades(rows)
    for k in range(blocks):
        part = rows[k * per : (k + 1) * per]
        if not part:
            continue
        box = Box(k * wide + 0.62, foot + (per - len(part)) * high, 7 * cell, len(part) * high)
        _block(style.axes(figure, box), part, shades, unit, high)
    if left_out > 0:
        text = f"and {left_out} more rows that are not drawn"
        figure.text(0.02, 0.01, text, size=style.SMALL, color=style.MUTED, family=style.FAMILY)
    return figure


def _shades(rows: Sequence[Week]) -> dict[float, float]:
    """How deep the colour of each dose is: the deepest for the highest."""
    doses = sorted({amount for row in rows for _, _, amount in row.cells})
    top = doses[-1] if doses else 1.0
    return {amount: 0.25 + 0.75 * (amount / top if top else 1.0) for amount in doses}


def _block(
    ax: Axes, rows: Sequence[Week], shades: dict[float, float], unit: str, high: float
) -> None:
    from matplotlib.patches import Rectangle

    ax.set_xlim(0, 7)
    ax.set_ylim(len(rows), 0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0, labeltop=True, labelbottom=False, pad=3)
    ax.set_xticks([d + 0.5 for d in range(7)], [str(d + 1) for d in range(7)])
    ax.set_yticks([r + 0.5 for r in range(len(rows))], [row.label for row in rows])
    for r, row in enumerate(rows):
        given = {day: (text, amount) for day, text, amount in row.cells}
        for day in range(7):
            text, amount = given.get(day, ("", -1.0))
            shade = style.tint(_COLOUR, shades[amount]) if day in given else "#f4f4f4"
            ax.add_patch(Rectangle((day + 0.03, r + 0.06), 0.94, 0.88, fc=shade, ec="none"))
            if text:
                ink = "white" if shades[amount] > 0.55 else style.INK
                size = style.SIZE if high > 0.25 else style.SMALL
                size *= min(1.0, 6.5 / len(text))
                ax.text(day + 0.5, r + 0.5, text, color=ink, ha="center", va="center",
                        size=size, family=style.FAMILY, weight="bold")  # fmt: skip
    style.note(ax, "day of the week of treatment" + (f"; doses in {unit}" if unit else ""),
               (0, 1), shift=(0, 19), coords="axes fraction")  # fmt: skip
    style.note(ax, "week", (0, 1), shift=(-6, 5), ha="right", coords="axes fraction")
