"""The calendar of doses as a picture: a row a week, a column a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ketascope.report import style
from ketascope.report.numbers import plain
from ketascope.report.style import Box, Width
from ketascope.report.words import MONTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ketascope.report.course import Given

#: More weeks than this: weeks that are alike share a row.
_MOST_WEEKS = 60
#: More rows than this are drawn in two blocks side by side on the wide figure.
_BLOCK = 20
_MOST_ROWS = 60
_COLOUR = style.HUES["ketamine"]
_EMPTY = "#f4f4f4"


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

    def dated(self, start: date) -> str:
        """The label with the date of the week's first day: ``3 · 14 Feb``."""
        day = start + timedelta(weeks=self.first - 1)
        return f"{self.label} · {day.day} {MONTHS[day.month - 1]}"


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


def draw_calendar(sessions: Sequence[Given], width: Width, start: date | None = None) -> Figure:
    """Draw the calendar; see :func:`ketascope.report.plot.calendar`."""
    rows, unit = weeks_of(sessions)
    missing = left_out(sessions)
    rows = rows[:_MOST_ROWS]
    blocks = 2 if width == "wide" and len(rows) > _BLOCK else 1
    per = -(-len(rows) // blocks)
    high = 0.27 if per <= 12 else 0.2
    foot = 0.25 if missing else 0.05
    tall = per * high + 0.5 + foot
    figure = style.canvas(width, tall)
    wide = style.INCHES[width] / blocks
    margin = 0.62 if start is None else 0.95
    # one block of few columns need not fill the wide page
    cell = min((wide - margin - 0.13) / 7, 0.85 if width == "wide" else 0.5)
    shades = _shades(rows)
    for k in range(blocks):
        part = rows[k * per : (k + 1) * per]
        if not part:
            continue
        box = Box(k * wide + margin, foot + (per - len(part)) * high, 7 * cell, len(part) * high)
        _block(style.axes(figure, box), part, shades, unit, high, start)
    if missing:
        text = f"and {missing} more rows that are not drawn"
        figure.text(
            0.02, 0.05 / tall, text, size=style.SMALL, color=style.MUTED, family=style.FAMILY
        )
    return figure


def _shades(rows: Sequence[Week]) -> dict[float, float]:
    """How deep the colour of each dose is: the deepest for the highest."""
    doses = sorted({amount for row in rows for _, _, amount in row.cells})
    top = doses[-1] if doses else 1.0
    return {amount: 0.25 + 0.75 * (amount / top if top else 1.0) for amount in doses}


def _block(
    ax: Axes,
    rows: Sequence[Week],
    shades: dict[float, float],
    unit: str,
    high: float,
    start: date | None,
) -> None:
    from matplotlib.collections import PolyCollection

    ax.set_xlim(0, 7)
    ax.set_ylim(len(rows), 0)
    ax.set_axis_off()
    cells, colours = [], []
    for r, row in enumerate(rows):
        given = {day: (text, amount) for day, text, amount in row.cells}
        for day in range(7):
            left, right, top, bottom = day + 0.03, day + 0.97, r + 0.06, r + 0.94
            cells.append([(left, top), (right, top), (right, bottom), (left, bottom)])
            text, amount = given.get(day, ("", 0.0))
            colours.append(style.tint(_COLOUR, shades[amount]) if text else _EMPTY)
            if text:
                _dose(ax, (day + 0.5, r + 0.5), text, shades[amount], high)
        label = row.label if start is None else row.dated(start)
        style.note(ax, label, (0, r + 0.5), shift=(-5, 0), ha="right", va="center")
    # one collection: many small artists are slow to draw
    ax.add_collection(PolyCollection(cells, facecolors=colours, edgecolors="none"))
    for day in range(7):
        head = str(day + 1) if start is None else _weekday(start, day)
        style.note(ax, head, (day + 0.5, 0), shift=(0, 5), ha="center")
    what = "day of the week of treatment" if start is None else "day of the week"
    style.note(ax, what + (f"; doses in {unit}" if unit else ""),
               (0, 1), shift=(0, 19), coords="axes fraction")  # fmt: skip
    corner = "week" if start is None else "week from"
    style.note(ax, corner, (0, 1), shift=(-5, 5), ha="right", coords="axes fraction")


def _weekday(start: date, day: int) -> str:
    """Short name of the weekday of a column, counted from the day of the first dose."""
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[(start.weekday() + day) % 7]


def _dose(ax: Axes, at: tuple[float, float], text: str, shade: float, high: float) -> None:
    size = (style.SIZE if high > 0.25 else style.SMALL) * min(1.0, 6.5 / len(text))
    style.note(ax, text, at, ha="center", va="center", weight="bold", size=size,
               colour="white" if shade > 0.55 else style.INK)  # fmt: skip
