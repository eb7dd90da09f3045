"""Regimens by name: of product labels (``label:...``) and of publications (``protocol:...``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ketascope.dosing.language import parse_regimen
from ketascope.dosing.values import Regimen
from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.evidence.parameter import Place


@dataclass(frozen=True, slots=True)
class LabelReading:
    """Where a label or protocol was read: the place, the version seen, and when (year-month)."""

    place: Place
    version: str
    read: str


@dataclass(frozen=True, slots=True)
class Label:
    """A regimen with a name.

    It is for people from ``from_age`` to below ``below_age`` years, where it says so.
    ``jurisdiction`` is empty for protocols; ``choices`` says what the label leaves open and which
    choice the text makes.
    """

    name: str
    title: str
    text: str
    jurisdiction: str
    indication: str
    choices: str
    sources: tuple[LabelReading, ...]
    notes: str = ""
    aliases: tuple[str, ...] = ()
    from_age: float | None = None
    below_age: float | None = None

    def is_for(self, age: float) -> bool:
        """Whether the regimen is meant for someone of this age (years)."""
        return (self.from_age or 0.0) <= age and (self.below_age is None or age < self.below_age)

    @property
    def regimen(self) -> Regimen:
        """The regimen that the text says."""
        return parse_regimen(self.text)


@cache
def labels() -> dict[str, Label]:
    """Return every label regimen and protocol by name, in file order, without aliases."""
    from ketascope.dosing.schemas import LabelEntry, load
    from ketascope.evidence.parameter import Place

    found: dict[str, Label] = {}
    for e in load("labels.yaml", LabelEntry):
        readings = tuple(
            LabelReading(Place(s.source, s.where, s.how), s.version, s.read) for s in e.sources
        )
        found[e.name] = Label(
            e.name,
            e.title,
            e.text,
            e.jurisdiction,
            e.indication,
            e.choices,
            readings,
            e.notes,
            e.aliases,
            e.from_age,
            e.below_age,
        )
    return found


def label(name: str) -> Label:
    """Return one label regimen by its name or alias; InputError with the nearest names."""
    known = {alias: found for found in labels().values() for alias in (found.name, *found.aliases)}
    wanted = name.strip().lower()
    if wanted not in known:
        import difflib

        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
        kind = wanted.partition(":")[0]
        shown = near or [n for n in labels() if n.startswith(f"{kind}:")]
        raise InputError(
            f"'{name.strip()[:60]}' is not a regimen that is known by name",
            hint=f"{'nearest are' if near else 'there are'} {', '.join(shown)}",
        )
    return known[wanted]
