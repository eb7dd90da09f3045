"""A model's compartments and flows as an inline SVG that takes the page's colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

BOX = (140.0, 58.0)
STEP = (178.0, 104.0)
MARGIN = 24.0
LINE_HEIGHT = 15.0
SHORT = {"intravenous": "IV", "intramuscular": "IM", "subcutaneous": "SC"}


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow; ``back`` where the same two compartments also exchange the other way."""

    start: str
    end: str
    back: bool


def flow_diagram(
    compartments: Mapping[str, str],
    flows: Iterable[tuple[str, str]],
    *,
    out: str,
    given: Mapping[str, Sequence[str]],
    measured: Iterable[str],
) -> str:
    """Return the SVG text of a model.

    Parameters
    ----------
    compartments : mapping of name to meaning
    flows : pairs of names; a flow to ``out`` leaves the body
    out : str
    given : mapping of compartment to the routes that reach it first
    measured : names of compartments whose concentration is an output
    """
    pairs = list(flows)
    edges = _edges([pair for pair in pairs if pair[1] != out])
    places = _places(list(compartments), edges)
    leaving = {start for start, end in pairs if end == out}
    shown = set(measured)
    parts = [_line(places, edge) for edge in edges]
    for name, meaning in compartments.items():
        parts.append(_box(places[name], meaning, name in shown))
        if name in leaving:
            parts.append(_out(places[name]))
        if name in given:
            x, y = places[name][0] - BOX[0] / 2, places[name][1] - BOX[1] / 2 - 6
            label = "↓ " + ", ".join(SHORT.get(route, route) for route in given[name])
            parts.append(f'<text x="{x:.0f}" y="{y:.0f}">{escape(label)}</text>')
    width = max(x for x, _ in places.values()) + BOX[0] / 2 + MARGIN
    height = max(y for _, y in places.values()) + BOX[1] / 2 + MARGIN + 22
    title = f"Compartments and flows: {', '.join(compartments.values())}"
    return (
        f'<div class="flow-diagram"><svg viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" style="min-width:{0.75 * width:.0f}px" role="img" '
        f'aria-label="{escape(title)}">'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg></div>"
    )


def _edges(pairs: list[tuple[str, str]]) -> list[Edge]:
    """Join a flow and its way back into one edge."""
    edges: list[Edge] = []
    for start, end in pairs:
        if (end, start) not in pairs:
            edges.append(Edge(start, end, back=False))
        elif not any(edge.start == end and edge.end == start for edge in edges):
            edges.append(Edge(start, end, back=True))
    return edges


def _places(names: list[str], edges: list[Edge]) -> dict[str, tuple[float, float]]:
    """Centre of each box: one-way flows run to the right, side compartments lie above."""
    one_way = [edge for edge in edges if not edge.back]
    on_path = {name for edge in one_way for name in (edge.start, edge.end)}
    side = {}
    for edge in edges:
        for name, partner in ((edge.start, edge.end), (edge.end, edge.start)):
            if edge.back and name not in on_path and name not in side and partner not in side:
                side[name] = partner
    column = _columns([name for name in names if name not in side], one_way)
    row = _rows(column, one_way)
    above = sorted(side, key=lambda name: (column[side[name]], names.index(name)))
    siblings = {partner: [n for n in above if side[n] == partner] for partner in side.values()}
    spots: dict[str, float] = {}
    last = -1.0
    for name in above:
        family = siblings[side[name]]
        wish = column[side[name]] + family.index(name) - (len(family) - 1) / 2
        last = spots[name] = max(wish, last + 0.9)
    left = min([0.0, *spots.values()])
    top = 1.0 if side else 0.0

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            MARGIN + BOX[0] / 2 + (x - left) * STEP[0],
            MARGIN + BOX[1] / 2 + 14 + y * STEP[1],
        )

    return {
        **{name: at(spot, 0.0) for name, spot in spots.items()},
        **{name: at(column[name], row[name] + top) for name in column},
    }


def _columns(names: list[str], one_way: list[Edge]) -> dict[str, int]:
    """Longest way to each box along one-way flows."""
    column = dict.fromkeys(names, 0)
    for _ in names:
        for edge in one_way:
            column[edge.end] = max(column[edge.end], column[edge.start] + 1)
    return column


def _rows(column: Mapping[str, int], one_way: list[Edge]) -> dict[str, int]:
    """Row in each column: near what flows in, no two boxes in one place."""
    row: dict[str, int] = {}
    for number in sorted(set(column.values())):
        wishes = []
        for name in (n for n in column if column[n] == number):
            sources = [row[e.start] for e in one_way if e.end == name and e.start in row]
            wishes.append((sum(sources) / len(sources) if sources else 0.0, name))
        free = 0
        for wish, name in sorted(wishes, key=lambda pair: pair[0]):
            row[name] = max(free, round(wish))
            free = row[name] + 1
    return row


def _line(places: Mapping[str, tuple[float, float]], edge: Edge) -> str:
    (x1, y1), (x2, y2) = places[edge.start], places[edge.end]
    ax, ay = _border(x1, y1, x2 - x1, y2 - y1)
    bx, by = _border(x2, y2, x1 - x2, y1 - y2)
    start = ' marker-start="url(#arrow)"' if edge.back else ""
    return f'<path d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}"{start} marker-end="url(#arrow)"/>'


def _border(x: float, y: float, dx: float, dy: float) -> tuple[float, float]:
    """Where the way from a box's centre in a direction leaves the box."""
    reach = min(
        BOX[0] / 2 / abs(dx) if dx else float("inf"),
        BOX[1] / 2 / abs(dy) if dy else float("inf"),
    )
    return x + dx * reach, y + dy * reach


def _box(place: tuple[float, float], meaning: str, measured: bool) -> str:
    x, y = place
    kind = ' class="measured"' if measured else ""
    lines = textwrap.wrap(meaning, 19)
    first = y - (len(lines) - 1) * LINE_HEIGHT / 2 + 4.5
    words = "".join(
        f'<text x="{x:.0f}" y="{first + i * LINE_HEIGHT:.0f}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        f'<rect{kind} x="{x - BOX[0] / 2:.0f}" y="{y - BOX[1] / 2:.0f}" '
        f'width="{BOX[0]:.0f}" height="{BOX[1]:.0f}" rx="6"/>{words}'
    )


def _out(place: tuple[float, float]) -> str:
    x, y = place[0] + BOX[0] / 4, place[1] + BOX[1] / 2
    return f'<path d="M{x:.0f} {y:.0f}v20" marker-end="url(#arrow)"/>'
