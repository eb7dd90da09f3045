"""Substances and analytes: molar masses, enantiomers and names for display."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ketascope.errors import InputError
from ketascope.evidence.parameter import Place

Enantiomer = Literal["S", "R", "R+S"]


@dataclass(frozen=True, slots=True)
class Substance:
    """A chemical substance, whatever its enantiomers.

    Parameters
    ----------
    name : str
    formula : str
    molar_mass : float
        g/mol of the neutral species (of the salt, for a salt).
    place : Place
        Where the formula and the molar mass come from.
    """

    name: str
    formula: str
    molar_mass: float
    place: Place


@dataclass(frozen=True, slots=True)
class Analyte:
    """What a model or a laboratory reports: a substance and its enantiomer.

    Parameters
    ----------
    name : str
        Column name: ``"esketamine"``, ``"esnorketamine"``, ...
    substance : Substance
    enantiomer : {"S", "R", "R+S"}
        ``"R+S"`` is the sum of both, racemic or not.
    display : str
        Name for figures and tables.
    """

    name: str
    substance: Substance
    enantiomer: Enantiomer
    display: str

    @property
    def molar_mass(self) -> float:
        """Molar mass in g/mol."""
        return self.substance.molar_mass


def substances() -> dict[str, Substance]:
    """Return every substance by name, in the order of ``substances.yaml``."""
    return dict(_load()[0])


def analytes() -> dict[str, Analyte]:
    """Return every analyte by name, in the order of ``substances.yaml``."""
    return dict(_load()[1])


def analyte(name: str) -> Analyte:
    """Return one analyte; an InputError names the nearest where there is none."""
    known = _load()[1]
    if name not in known:
        raise _unknown("analyte", name, tuple(known))
    return known[name]


def molar_mass(name: str) -> float:
    """Molar mass of an analyte or a substance, in g/mol.

    Raises
    ------
    InputError
        If the name is neither.
    """
    by_substance, by_analyte = _load()
    if name in by_analyte:
        return by_analyte[name].molar_mass
    if name in by_substance:
        return by_substance[name].molar_mass
    raise _unknown("analyte or substance", name, (*by_analyte, *by_substance))


def _unknown(what: str, name: str, known: tuple[str, ...]) -> InputError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}" if near else f"known are {', '.join(known)}"
    return InputError(f"'{name}' is not an {what} that Ketascope knows", hint=hint)


@lru_cache(maxsize=1)
def _load() -> tuple[dict[str, Substance], dict[str, Analyte]]:
    from importlib.resources import files

    import yaml

    text = (files("ketascope.evidence") / "substances.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    by_substance = {
        name: Substance(
            name,
            row["formula"],
            float(row["molar_mass"]),
            Place(row["source"], row["where"], row["how"]),
        )
        for name, row in data["substances"].items()
    }
    by_analyte = {
        name: Analyte(name, by_substance[row["substance"]], row["enantiomer"], row["display"])
        for name, row in data["analytes"].items()
    }
    return by_substance, by_analyte
