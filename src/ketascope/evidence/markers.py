"""Concentrations at which effects were found: halves, thresholds, slopes and delays, as printed.

They lie in ``data/effect_concentrations.yaml``. An effect that is worked out as a curve takes its
numbers from there.

>>> from ketascope.evidence.markers import marker
>>> half = marker("simons_high_c50")
>>> half.value, half.unit, round(half.to("ng/mL"), 1)
(0.3, 'nmol/mL', 71.3)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.evidence.parameter import Place

Kind = Literal[
    "half of the effect",
    "half of people",
    "greatest effect",
    "Hill coefficient",
    "half-life of equilibration",
    "size at a concentration",
    "level where it was seen",
    "doubling of the opioid's half-effect concentration",
]


class Marker(BaseModel):
    """One printed number that ties an effect to a concentration.

    Parameters
    ----------
    id, effect : str
    quantity : str
        What the number is.
    value : float or None
        In ``unit``; None where only a range is printed.
    low, high : float or None
        Ends of ``span``, in ``unit``.
    span : str
        What low and high are: ``"95% CI"``, ``"interquartile range"``, ...
    sd, cv : float or None
        Spread between people: standard deviation in ``unit``, coefficient of variation as a part.
    at : float or None
        Concentration (ng/mL) at which the effect has the size of ``value``.
    analyte, sampling, people : str
        What was measured, where blood was drawn, and of whom.
    source, where, how : str
        Key in ``sources.bib``, place in it, how it was read.
    drives : tuple of str
        Effects that are worked out from it.
    note : str
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    effect: str
    quantity: Kind
    value: float | None = None
    low: float | None = None
    high: float | None = None
    span: str = ""
    sd: float | None = Field(default=None, gt=0)
    cv: float | None = Field(default=None, gt=0)
    unit: str
    at: float | None = Field(default=None, gt=0)
    analyte: str
    sampling: Literal["venous", "arterial", "not stated"]
    people: str
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    drives: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.low is None) != (self.high is None) or (self.low is None) != (not self.span):
            raise ValueError("low, high and span are given together")
        if self.value is None and self.low is None:
            raise ValueError("it needs a value or a range")
        if self.low is not None and self.high is not None:
            middle = self.low if self.value is None else self.value
            if not self.low <= middle <= self.high:
                raise ValueError(f"{middle} lies outside {self.low} to {self.high}")
        if (self.quantity == "size at a concentration") != (self.at is not None):
            raise ValueError("'at' belongs to the size at a concentration")
        return self

    @property
    def place(self) -> Place:
        """Where the number stands."""
        return Place(self.source, self.where, self.how)

    @property
    def number(self) -> float:
        """The value.

        Raises
        ------
        InputError
            If only a range is printed.
        """
        if self.value is None:
            raise InputError("only a range is printed", where=self.id)
        return self.value

    @property
    def slope(self) -> float:
        """Size of the effect for each ng/mL, in ``unit`` by ng/mL."""
        if self.at is None:
            raise InputError("it is not the size at a concentration", where=self.id)
        return self.number / self.at

    @property
    def relative_sd(self) -> float:
        """Standard deviation between people over the value.

        Raises
        ------
        InputError
            If no spread between people is printed.
        """
        if self.cv is not None:
            return self.cv
        if self.sd is None:
            raise InputError("no spread between people is printed", where=self.id)
        return self.sd / self.number

    def ends(self, unit: str) -> tuple[float, float]:
        """Return low and high in ``unit``.

        Raises
        ------
        InputError
            If no range is printed, or the units are not of one kind.
        """
        if self.low is None or self.high is None:
            raise InputError("no range is printed", where=self.id)
        return self.to(unit, self.low), self.to(unit, self.high)

    def to(self, unit: str, value: float | None = None) -> float:
        """Return the value, or another one in its unit, in ``unit``.

        Amounts turn into masses by the molar mass of the analyte.

        Raises
        ------
        InputError
            If the units are not of one kind.
        """
        from ketascope.evidence.substances import molar_mass
        from ketascope.units import convert

        given = self.number if value is None else value
        try:
            return convert(given, self.unit, unit)
        except InputError:
            return convert(given * molar_mass(self.analyte), f"({self.unit})*g/mol", unit)


def markers(drives: str | None = None) -> tuple[Marker, ...]:
    """Return every marker, or those from which one effect is worked out."""
    return tuple(m for m in _markers().values() if drives is None or drives in m.drives)


def marker(name: str) -> Marker:
    """Return the marker of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    found = _markers().get(name)
    if found is None:
        raise InputError(f"there is no marker '{name}'", hint=", ".join(_markers()))
    return found


@lru_cache(maxsize=1)
def _markers() -> dict[str, Marker]:
    from importlib.resources import files

    path = files("ketascope.evidence") / "data" / "effect_concentrations.yaml"
    return read_markers(path.read_text(encoding="utf-8"), path.name)


def read_markers(text: str, name: str) -> dict[str, Marker]:
    """Read markers from YAML, by id.

    Raises
    ------
    InputError
        If an entry breaks the schema or an id stands twice; the message names it.
    """
    import yaml

    found: dict[str, Marker] = {}
    for row in yaml.safe_load(text) or []:
        spot = f"{name}, {row.get('id', 'an entry without id')}"
        try:
            one = Marker(**row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{where}: {message}" if where else message, where=spot) from None
        if one.id in found:
            raise InputError("it stands twice", where=spot)
        found[one.id] = one
    return found
