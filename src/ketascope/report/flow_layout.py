"""Where the boxes of a model's picture lie: flows run to the right, side compartments above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ketascope.models.parts import OUT
from ketascope.models.shape import Flow, Shape


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two boxes; ``back`` where the two also exchange the other way."""

    start: str
    end: str
    back: bool
    takes: bool = True
    rate: float | None = None
    back_rate: float | None = None


def edges_of(shape: Shape) -> list[Edge]:
    """Join a flow and its way back into one edge, and add what responses read."""
    flows = {(f.start, f.end): f for f in shape.flows if f.end != OUT}
    edges: list[Edge] = []
    for (start, end), flow in flows.items():
        back = flows.get((end, start))
        if back is None or not (flow.takes and back.takes):
            edges.append(Edge(start, end, False, flow.takes, _shown(flow)))
        elif not any(edge.start == end and edge.end == start for edge in edges):
            edges.append(Edge(start, end, True, True, flow.rate, back.rate))
    for name, effect in shape.responses.items():
        behind = [shape.outputs.get(read, read) for read in effect.reads if read != "time"]
        edges += [Edge(start, name, False, False) for start in dict.fromkeys(behind)]
    return edges


def _shown(flow: Flow) -> float | None:
    # what drives has a unit of its own, so its number is no rate constant
    return flow.rate if flow.takes else None


def places_of(shape: Shape, edges: list[Edge]) -> dict[str, tuple[float, float]]:
    """Return the column and row of each box's centre, both from 0."""
    names = [*shape.compartments, *shape.responses]
    one_way = [edge for edge in edges if not edge.back]
    on_path = {name for edge in one_way for name in (edge.start, edge.end)}
    # without one-way flows, what is measured or left stays on the path
    on_path |= set(shape.outputs.values()) | {f.start for f in shape.flows if f.end == OUT}
    side: dict[str, str] = {}
    for edge in edges:
        for name, partner in ((edge.start, edge.end), (edge.end, edge.start)):
            if edge.back and name not in on_path and name not in side and partner not in side:
                side[name] = partner
    column = _columns([name for name in names if name not in side], one_way)
    row = _rows(column, one_way)
    above = sorted(side, key=lambda name: (column[side[name]], names.index(name)))
    siblings = {partner: [n for n in above if side[n] == partner] for partner in side.values()}
    spots: dict[str, float] = {}
    last = float("-inf")
    for name in above:
        family = siblings[side[name]]
        wish = column[side[name]] + family.index(name) - (len(family) - 1) / 2
        last = spots[name] = max(wish, last + 1.0)
    left = min([0.0, *spots.values()])
    top = 1.0 if side else 0.0
    return {
        **{name: (spot - left, 0.0) for name, spot in spots.items()},
        **{name: (column[name] - left, row[name] + top) for name in column},
    }


def _columns(names: list[str], one_way: list[Edge]) -> dict[str, int]:
    """Longest way to each box along one-way edges."""
    column = dict.fromkeys(names, 0)
    for _ in names:
        for edge in one_way:
            if edge.start in column and edge.end in column:
                column[edge.end] = min(max(column[edge.end], column[edge.start] + 1), len(names))
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
