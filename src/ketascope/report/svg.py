"""Figures as SVG inside the page: text stays text, ids are unique, the output is repeatable."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PATH = re.compile(r' d="([^"]*)"')
_STYLE = re.compile(r' style="([^"]*)"')
_GROUP = re.compile(r"(<g[^>]*>|</g>)")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as SVG text, and where its panels lie (user units of the SVG)."""

    svg: Markup
    panels: list[dict[str, Any]]


def drawing(figure: Figure, name: str, title: str, description: str = "") -> Drawing:
    """Turn a figure into inline SVG.

    Parameters
    ----------
    figure : Figure
    name : str
        Unique on the page; it begins every id.
    title, description : str
        What assistive technology reads.
    """
    wide, high = figure.get_size_inches() * 72
    body = _body(_written(figure), name)
    head = (
        f'<svg class="figure" id="{name}" viewBox="0 0 {wide:g} {high:g}" role="img" '
        f'aria-labelledby="{name}-title{f" {name}-desc" if description else ""}" '
        f'width="{round(wide / 0.75)}" height="{round(high / 0.75)}">'
        f'<title id="{name}-title">{escape(title)}</title>'
    )
    if description:
        head += f'<desc id="{name}-desc">{escape(description)}</desc>'
    return Drawing(Markup(head + body + "</svg>"), panels_of(figure))


def _written(figure: Figure) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.StringIO()
    empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    # these three are read from the settings alone; the context puts them back
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "ketascope", "path.simplify": True}):
        FigureCanvasSVG(figure).print_svg(out, metadata=empty)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _body(text: str, name: str) -> str:
    """Inner SVG: no prologue, metadata or style of its own; short numbers; ids of this figure."""
    inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"<!--.*?-->", "", inner, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([\w-]+)', inner))

    def identity(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    inner = re.sub(r' id="([^"]*)"', identity, inner)
    inner = re.sub(r'((?:href="|url\()#)', rf"\g<1>{name}-", inner)
    inner = inner.replace("xlink:href", "href")
    inner = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", inner)
    inner = _NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), inner)
    inner = _PATH.sub(lambda m: f' d="{_shorter(m[1])}"', inner)
    inner = _STYLE.sub(lambda m: f' style="{_leaner(m[1])}"', inner)
    return _without_bare_groups(inner)


def _leaner(style: str) -> str:
    """A style without spaces, and without a font family: the page has its own."""
    return re.sub(r"(?<=[:;]) ", "", re.sub(r"font-family: [^;]*(?:; |$)", "", style))


def _shorter(path: str) -> str:
    """Path data on one line; without the letter L where nothing but straight lines follow M."""
    flat = " ".join(path.split())
    return flat if re.search("[A-KN-Ya-y]", flat.replace("L", "")) else flat.replace("L ", "")


def _without_bare_groups(text: str) -> str:
    """Drop groups without attributes, and the space between elements."""
    kept: list[bool] = []
    parts = []
    for piece in _GROUP.split(text):
        if piece == "</g>":
            if kept.pop():
                parts.append(piece)
        elif piece.startswith("<g") and piece.endswith("/>"):
            continue  # an empty group
        elif piece.startswith("<g"):
            kept.append(piece != "<g>")
            if kept[-1]:
                parts.append(piece)
        else:
            parts.append(piece.strip())
    return re.sub(r">\s*\n\s*<", "><", "".join(parts))


def panels_of(figure: Figure) -> list[dict[str, Any]]:
    """Where the labelled axes of a figure lie, and the hours at their left and right ends."""
    wide, high = figure.get_size_inches() * 72
    found = []
    for ax in figure.axes:
        if not ax.get_label():
            continue
        box = ax.get_position()
        low, top = ax.get_xlim()
        found.append(
            {
                "analyte": ax.get_label(),
                "x0": round(box.x0 * wide, 2),
                "x1": round(box.x1 * wide, 2),
                "y0": round((1 - box.y1) * high, 2),
                "y1": round((1 - box.y0) * high, 2),
                "t0": round(float(low), 4),
                "t1": round(float(top), 4),
            }
        )
    return found
