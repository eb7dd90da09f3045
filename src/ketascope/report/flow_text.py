"""A model's compartments, flows and responses as text for a terminal."""

from __future__ import annotations

from ketascope.models.parts import OUT
from ketascope.models.shape import Shape

SHORT = {"intravenous": "IV", "intramuscular": "IM", "subcutaneous": "SC"}


def number(value: float) -> str:
    """Return a rate with three figures, without an exponent unless it is very large or small."""
    if 1e3 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.3g}"


def text_diagram(shape: Shape) -> str:
    """Return a drawing of a model in characters, a line for each flow.

    Every compartment is a box with its number or mark; what flows out of it hangs below it, and a
    compartment that was drawn before is only named.
    """
    drawn: list[str] = []
    lines: list[str] = []
    fed = {flow.end for flow in shape.flows if not _exchange(shape, flow.start, flow.end)}
    roots = [name for name in shape.compartments if name not in fed]
    # what only exchanges hangs on what it exchanges with, so the best root comes first
    leaving = {flow.start for flow in shape.flows if flow.end == OUT}
    roots.sort(key=lambda name: name not in leaving and _only_exchanges(shape, name))
    for name in [*roots, *shape.compartments]:
        if name not in drawn:
            _branch(shape, name, "", "", drawn, lines)
    for name, effect in shape.responses.items():
        reads = ", ".join(effect.reads) or "nothing"
        lines.append(f"({name})  {effect.kind} response to {reads}")
    return "\n".join(lines)


def _exchange(shape: Shape, start: str, end: str) -> bool:
    return any(flow.start == end and flow.end == start for flow in shape.flows)


def _only_exchanges(shape: Shape, name: str) -> bool:
    mine = [flow for flow in shape.flows if name in (flow.start, flow.end)]
    return bool(mine) and all(_exchange(shape, flow.start, flow.end) for flow in mine)


def _branch(
    shape: Shape, name: str, lead: str, indent: str, drawn: list[str], lines: list[str]
) -> None:
    """Draw a compartment and what hangs on it."""
    drawn.append(name)
    lines.append(lead + _node(shape, name))
    flows = [flow for flow in shape.flows if flow.start == name]
    flows.sort(key=lambda flow: (flow.end == OUT, not flow.takes))
    for flow in [f for f in flows if not (f.end in drawn and _exchange(shape, name, f.end))]:
        rest = [f for f in flows[flows.index(flow) + 1 :] if f.end not in drawn]
        corner = "├" if rest else "└"
        arrow = _arrow(shape, flow.start, flow.end)
        if flow.end == OUT:
            # what only follows something, as an effect site does, is not in the body
            fades = any(f.end == name and not f.takes for f in shape.flows)
            lines.append(f"{indent} {corner}{arrow} {'fades' if fades else 'out of the body'}")
        elif flow.end in drawn:
            lines.append(f"{indent} {corner}{arrow} {flow.end} (above)")
        else:
            below = indent + (" │   " if rest else "     ")
            _branch(shape, flow.end, f"{indent} {corner}{arrow} ", below, drawn, lines)


def _node(shape: Shape, name: str) -> str:
    names = list(shape.compartments)
    mark = f"{names.index(name) + 1} {name}" if shape.numbered else name
    given = shape.given.get(name, ())
    routes = f"{', '.join(SHORT.get(route, route) for route in given)} → " if given else ""
    outputs = [o for o, c in shape.outputs.items() if c == name]
    measured = f"   ● {', '.join(outputs)}" if outputs else ""
    meaning = shape.compartments[name]
    words = f"  {meaning}" if meaning and meaning != name else ""
    return f"{routes}[ {mark} ]{words}{measured}"


def _arrow(shape: Shape, start: str, end: str) -> str:
    flow = next(f for f in shape.flows if (f.start, f.end) == (start, end))
    back = next((f for f in shape.flows if (f.start, f.end) == (end, start)), None)
    if not flow.takes:
        return "┄┄┄▶"
    if flow.rate is None:
        return "◀──▶" if back else "───▶"
    if back is not None and back.rate is not None:
        return f"◀ {number(back.rate)} ── {number(flow.rate)} ▶"
    return f"── {number(flow.rate)} ─▶"
