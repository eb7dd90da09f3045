"""Rating scales of depression, anxiety and post-traumatic stress: ranges, bands, cuts.

They lie in ``data/scales.yaml``. No text of an item is held, only what a total score means.

>>> from ketascope.evidence.scales import scale
>>> scale("phq9").name, scale("PHQ-9").band(17)
('PHQ-9', 'moderately severe')
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Status = Literal["checked", "convention"]
Range = tuple[int, int]


class _Placed(BaseModel):
    """A number with the place it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    status: Status = "checked"
    default: bool = False


class Fall(_Placed):
    """A share of the baseline by which a score must fall, in per cent."""

    percent: float = Field(gt=0, le=100)


class Cut(_Placed):
    """The highest score that still counts, in points; ``name`` says what as."""

    at_most: int = Field(ge=0)
    name: str = ""


class Points(_Placed):
    """A change in points, and by which method it was found."""

    points: float = Field(gt=0)
    basis: str = Field(min_length=1)


class Reliability(_Placed):
    """A reliability coefficient of the total score, and of which kind."""

    value: float = Field(gt=0, lt=1)
    kind: str = Field(min_length=1)


class BandsPlace(BaseModel):
    """Where the bands were read, or why there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    where: str
    how: str


class Band(BaseModel):
    """A band of severity: its lowest score and its name."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: int = Field(ge=0, alias="from")
    name: str


P = TypeVar("P", bound=_Placed)


class Scale(BaseModel):
    """A rating scale whose total is a sum of items; higher is worse.

    Parameters
    ----------
    name, title, measures, rated_by : str
    items : int
    item_range, range : (int, int)
        Lowest and highest score of an item, and of the total (points).
    source, where, how : str
        Of the ranges.
    licence : str
        Which use of the instrument is free; no item text is held here.
    bands : tuple of Band
        Of severity, from the lowest score up; empty where none were derived.
    bands_place : BandsPlace
    response : tuple of Fall
    remission : tuple of Cut
    important_difference, reliable_change : tuple of Points
    reliability : tuple of Reliability
    significant_change : tuple of Cut
        Score at or below which a reliable improvement is also clinically significant.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    measures: str
    rated_by: str
    items: int = Field(gt=0)
    item_range: Range
    range: Range
    source: str
    where: str
    how: str
    licence: str = Field(min_length=1)
    bands: tuple[Band, ...]
    bands_place: BandsPlace
    response: tuple[Fall, ...] = Field(min_length=1)
    remission: tuple[Cut, ...]
    important_difference: tuple[Points, ...]
    reliability: tuple[Reliability, ...]
    reliable_change: tuple[Points, ...]
    significant_change: tuple[Cut, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        low, high = self.item_range
        if self.range != (self.items * low, self.items * high):
            raise ValueError("the range of the total is not that of the items")
        starts = [band.start for band in self.bands]
        if starts and (starts != sorted(set(starts)) or starts[0] != self.range[0]):
            raise ValueError("bands start at the lowest score and rise")
        groups = (
            self.response,
            self.remission,
            self.important_difference,
            self.reliability,
            self.reliable_change,
            self.significant_change,
        )
        for group in groups:
            if group and sum(one.default for one in group) != 1:
                raise ValueError("each list has one default")
        return self

    def band(self, score: float) -> str:
        """Name of the band of a score; ``""`` where the scale has none."""
        names = [band.name for band in self.bands if score >= band.start]
        return names[-1] if names else ""

    def sources(self) -> tuple[str, ...]:
        """Keys of every source behind the scale."""
        groups = (*self.response, *self.remission, *self.important_difference)
        groups += (*self.reliability, *self.reliable_change, *self.significant_change)
        found = [self.source, self.bands_place.source, *(one.source for one in groups)]
        return tuple(dict.fromkeys(found))


def default(group: tuple[P, ...]) -> P | None:
    """Return the member of a list that is used where none is named; None of an empty list."""
    return next((one for one in group if one.default), None)


def scales() -> dict[str, Scale]:
    """Return every scale by name, in the order of the file."""
    return dict(_load())


def scale(name: str, where: str | None = None) -> Scale:
    """Return one scale; case, spaces and hyphens do not matter.

    Raises
    ------
    InputError
        If it is unknown; the message names those that there are.
    """
    known = {_bare(key): one for key, one in _load().items()}
    found = known.get(_bare(name))
    if found is None:
        names = ", ".join(_load())
        raise InputError(
            f"'{name[:40]}' is not a scale that is known here",
            where=where,
            hint=f"known are {names}",
        )
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\s_\-‐-―]", "", name).casefold()


@lru_cache(maxsize=1)
def _load() -> dict[str, Scale]:
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "scales.yaml"
    found = {}
    for name, row in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        try:
            found[name] = Scale(name=name, **row)
        except ValidationError as error:
            first = error.errors()[0]
            spot = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{spot or name}: {message} (in {name})", where=path.name) from None
    return found
