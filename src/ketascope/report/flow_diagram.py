"""A model's compartments, flows and responses as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from ketascope.models.parts import OUT
from ketascope.models.shape import Shape
from ketascope.report.flow_layout import Edge, edges_of, places_of
from ketascope.report.flow_text import SHORT, number

BOX = (164.0, 64.0)
STEP = (220.0, 130.0)
MARGIN = 24.0
LINE_HEIGHT = 15.0
WIDTH = 21
"""Characters in a line of a box."""

STYLE = """
text { font: 13px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1c2733; }
text.name { font-weight: 600; }
text.small { font-size: 11px; fill: #5b6875; }
text.title { font-size: 16px; font-weight: 600; }
rect { fill: #f4f6f8; stroke: #b3bdc7; }
rect.measured { fill: #eaf2fb; stroke: #1f5fa8; stroke-width: 2; }
rect.response { fill: #fdf5e8; stroke: #b5761b; }
rect.page { fill: #ffffff; stroke: none; }
path { fill: none; stroke: #5b6875; stroke-width: 1.4; }
path.drives { stroke-dasharray: 5 4; }
marker path { fill: #5b6875; stroke: none; stroke-dasharray: none; }
"""


@dataclass(frozen=True, slots=True)
class _Box:
    """What stands in a box: a name in bold if there is one, and words."""

    name: str
    words: str
    kind: str = ""


def flow_diagram(shape: Shape, *, rates: bool = False) -> str:
    """Return the picture of a model as SVG text that takes the colours of the page it stands in.

    Parameters
    ----------
    shape : Shape
    rates : bool
        Whether to write the rate at each arrow, 1/h.
    """
    body, width, height = _body(shape, rates)
    title = f"Compartments and flows: {', '.join(shape.compartments.values())}"
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" style="min-width:{0.75 * width:.0f}px" role="img" '
        f'aria-label="{escape(title)}">{body}</svg>'
    )


def picture(shape: Shape, title: str, note: str = "") -> str:
    """Return a picture that stands alone, as the text of an SVG file.

    Parameters
    ----------
    title : str
        Words above it.
    note : str
        A line beneath it.
    """
    body, width, height = _body(shape, rates=True)
    head, foot = 40.0, 22.0 * (2 + bool(note))
    lines = [_legend(shape), *([note] if note else [])]
    width = max(width, 7.2 * max(len(line) for line in lines), 9.0 * len(title)) + MARGIN
    words = "".join(
        f'<text class="small" x="{MARGIN:.0f}" y="{head + height + 18 + 20 * i:.0f}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    whole = head + height + foot
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {whole:.0f}" '
        f'width="{width:.0f}" height="{whole:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<rect class="page" width="{width:.0f}" height="{whole:.0f}"/>'
        f'<text class="title" x="{MARGIN:.0f}" y="30">{escape(title)}</text>'
        f'<g transform="translate(0 {head:.0f})">{body}</g>{words}</svg>\n'
    )


def _legend(shape: Shape) -> str:
    parts = []
    if any(flow.rate is not None for flow in shape.flows):
        parts.append("rates in 1/h")
    parts.append("strong border: measured")
    parts.append("short arrow down: leaves the body")
    if shape.responses or not all(flow.takes for flow in shape.flows):
        parts.append("dashed: acts without taking")
    if shape.numbered:
        parts.append("number: CMT of a data set")
    return " · ".join(parts)


def _body(shape: Shape, rates: bool) -> tuple[str, float, float]:
    """Return what is drawn, and its width and height."""
    edges = edges_of(shape)
    grid = places_of(shape, edges)
    boxes = _boxes(shape)
    lines = max(len(textwrap.wrap(box.words, WIDTH)) + bool(box.name) for box in boxes.values())
    tall = max(BOX[1], 20.0 + LINE_HEIGHT * lines)
    size = (BOX[0], tall)
    step = (STEP[0], STEP[1] + tall - BOX[1])
    places = {
        name: (MARGIN + size[0] / 2 + x * step[0], MARGIN + tall / 2 + 14 + y * step[1])
        for name, (x, y) in grid.items()
    }
    parts = [_line(places, edge, size, rates) for edge in edges]
    leaving = {flow.start: flow.rate for flow in shape.flows if flow.end == OUT}
    for name, box in boxes.items():
        parts.append(_drawn(places[name], box, size))
        if name in leaving:
            parts.append(_out(places[name], size, leaving[name] if rates else None))
        if name in shape.given:
            x, y = places[name][0] - size[0] / 2, places[name][1] - tall / 2 - 6
            label = "↓ " + ", ".join(SHORT.get(route, route) for route in shape.given[name])
            parts.append(f'<text x="{x:.0f}" y="{y:.0f}">{escape(label)}</text>')
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
    )
    width = max(x for x, _ in places.values()) + size[0] / 2 + MARGIN
    height = max(y for _, y in places.values()) + tall / 2 + MARGIN + 22
    return marker + "".join(parts), width, height


def _boxes(shape: Shape) -> dict[str, _Box]:
    measured = set(shape.outputs.values())
    boxes = {}
    for k, (name, meaning) in enumerate(shape.compartments.items(), 1):
        title = f"{k}  {name}" if shape.numbered else ""
        boxes[name] = _Box(title, meaning, "measured" if name in measured else "")
    for name, effect in shape.responses.items():
        boxes[name] = _Box(name, f"{effect.kind} response", "response")
    return boxes


def _line(
    places: Mapping[str, tuple[float, float]],
    edge: Edge,
    size: tuple[float, float],
    rates: bool,
) -> str:
    (x1, y1), (x2, y2) = places[edge.start], places[edge.end]
    kind = "" if edge.takes else ' class="drives"'
    if y1 == y2 and any(y == y1 and min(x1, x2) < x < max(x1, x2) for x, y in places.values()):
        # around the boxes that lie between
        low = y1 + size[1] / 2
        deep = low + 62
        way = f"C{x1:.1f} {deep:.1f} {x2:.1f} {deep:.1f} {x2:.1f} {low:.1f}"
        return f'<path{kind} d="M{x1:.1f} {low:.1f}{way}" marker-end="url(#arrow)"/>'
    ax, ay = _border(x1, y1, x2 - x1, y2 - y1, size)
    bx, by = _border(x2, y2, x1 - x2, y1 - y2, size)
    start = ' marker-start="url(#arrow)"' if edge.back else ""
    path = f'<path{kind} d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}"{start} marker-end="url(#arrow)"/>'
    if not rates or edge.rate is None:
        return path
    if edge.back_rate is None:
        return path + _label((ax + bx) / 2, (ay + by) / 2, bx - ax, by - ay, edge.rate)
    # each rate near the end that it leads to
    return (
        path
        + _label(ax + 0.7 * (bx - ax), ay + 0.7 * (by - ay), bx - ax, by - ay, edge.rate)
        + _label(ax + 0.3 * (bx - ax), ay + 0.3 * (by - ay), bx - ax, by - ay, edge.back_rate)
    )


def _label(x: float, y: float, dx: float, dy: float, rate: float) -> str:
    """Write a rate beside a line that runs in a direction: above it, or to its right."""
    if abs(dy) < 1:
        at = f'x="{x:.1f}" y="{y - 6:.1f}" text-anchor="middle"'
    else:
        # clear of the line, which may lean
        at = f'x="{x + 8 + 5 * abs(dx / dy):.1f}" y="{y + 4:.1f}"'
    return f'<text class="small" {at}>{number(rate)}</text>'


def _border(
    x: float, y: float, dx: float, dy: float, size: tuple[float, float]
) -> tuple[float, float]:
    """Where the way from a box's centre in a direction leaves the box."""
    reach = min(
        size[0] / 2 / abs(dx) if dx else float("inf"),
        size[1] / 2 / abs(dy) if dy else float("inf"),
    )
    return x + dx * reach, y + dy * reach


def _drawn(place: tuple[float, float], box: _Box, size: tuple[float, float]) -> str:
    x, y = place
    kind = f' class="{box.kind}"' if box.kind else ""
    lines = [*([box.name] if box.name else []), *textwrap.wrap(box.words, WIDTH)]
    first = y - (len(lines) - 1) * LINE_HEIGHT / 2 + 4.5
    words = ""
    for i, line in enumerate(lines):
        bold = ' class="name"' if box.name and i == 0 else ""
        words += (
            f'<text{bold} x="{x:.0f}" y="{first + i * LINE_HEIGHT:.0f}" text-anchor="middle">'
            f"{escape(line)}</text>"
        )
    return (
        f'<rect{kind} x="{x - size[0] / 2:.0f}" y="{y - size[1] / 2:.0f}" '
        f'width="{size[0]:.0f}" height="{size[1]:.0f}" '
        f'rx="{16 if box.kind == "response" else 6}"/>{words}'
    )


def _out(place: tuple[float, float], size: tuple[float, float], rate: float | None) -> str:
    x, y = place[0] - size[0] / 4, place[1] + size[1] / 2
    label = (
        f'<text class="small" x="{x + 8:.0f}" y="{y + 15:.0f}">{number(rate)}</text>'
        if rate is not None
        else ""
    )
    return f'<path d="M{x:.0f} {y:.0f}v20" marker-end="url(#arrow)"/>{label}'
