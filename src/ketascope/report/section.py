"""A section of the report in one shape: sentences, a figure, tables, what is not predicted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ketascope.report.style import Width


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: text in every cell, the first cell of a row is its head."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that can be drawn in either width.

    Parameters
    ----------
    draw : callable
        (width) to a figure.
    title, caption : str
    """

    draw: Callable[[Width], Figure]
    title: str
    caption: str


NOT_PREDICTED: Final = "not predicted"
"""Value of a tile without a figure."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What a section comes to, for the first page: one figure, its band, and what stands beside it.

    Parameters
    ----------
    title : str
    value, unit : str
        The middle as printed; "not predicted" without a unit where there is none.
    band : str
        How far it spreads: ``(a to b)`` over people, ``[a to b]`` over what a fit allows.
    lines : tuple of (str, str)
        What else, and how much.
    note : str
        Words under the lines, without a full stop.
    basis : str
        "calibration", "published relation", "published model", or "" for none.
    """

    title: str
    value: str
    unit: str = ""
    band: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    note: str = ""
    basis: str = ""

    @property
    def predicted(self) -> bool:
        """Whether there is a figure."""
        return self.value != NOT_PREDICTED


def not_predicted(title: str, why: str) -> Tile:
    """Return a tile that says why there is no figure.

    >>> not_predicted("Sedation", "it is not predicted: no levels were read; measure it.").note
    'no levels were read'
    """
    why = re.sub(r"^[^:;.]* not predicted: ", "", why.strip())
    short = re.split(r"; |\. ", why.rstrip("."), maxsplit=1)[0]
    return Tile(title, NOT_PREDICTED, note=short)


def sentence(text: str) -> str:
    """Make a reason a sentence.

    >>> sentence("no trial gave it")
    'No trial gave it.'
    """
    text = text.strip()
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def of_few(text: str) -> str:
    """Say of a handful of people what is true of them: lowest and highest, not a share.

    >>> of_few("median and 90 % of people")
    'median, lowest and highest'
    """
    return (
        text.replace("median and 90 % of people", "median, lowest and highest")
        .replace("; light band: 90 %", "; light band: lowest and highest")
        .replace("90 % of people", "all people")
        .replace("95 % of people", "all people")
    )


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Parameters
    ----------
    name : str
        Unique on the page; begins ids.
    title : str
    lead : tuple of str
        What to read first.
    picture : Picture or None
    tables : tuple of Table
    more : tuple of (str, tuple of str)
        Further sentences under a heading; "" for none.
    not_predicted : tuple of str
        One sentence each: what, and why.
    tiles : tuple of Tile
        What it comes to, for the first page.
    sources : tuple of str
        Keys in ``sources.bib``.
    data : any
        The same as plain values, for the data beside the page.
    """

    name: str
    title: str
    lead: tuple[str, ...] = ()
    picture: Picture | None = None
    tables: tuple[Table, ...] = ()
    more: tuple[tuple[str, tuple[str, ...]], ...] = ()
    not_predicted: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    sources: tuple[str, ...] = ()
    data: Any = field(default=None)
