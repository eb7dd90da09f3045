"""What the data files of this package hold; each entry is checked when the file is read."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ketascope.dosing.values import Drug, Route

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=3)]
Entry = TypeVar("Entry", bound=BaseModel)


class Strict(BaseModel):
    """An entry without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Device(Strict):
    """A device that gives fixed doses: ``device_mg`` of base in ``sprays`` sprays.

    ``observe_h``: the least hours of observation after the last spray that its label asks for.
    """

    name: Words
    drug: Drug
    route: Route
    device_mg: Positive
    sprays: Annotated[int, Field(ge=1)]
    spacing_min: Positive
    observe_h: Positive
    source: Words
    where: Words
    how: Words
    note: str = ""

    @property
    def spray_mg(self) -> float:
        """Base in one spray, mg."""
        return self.device_mg / self.sprays


class BoundEntry(Strict):
    """The most of a drug by a route that a source gives, and what is usual.

    ``value`` is in ``unit``: mg or mg/kg for a dose, mg/h or mg/kg/h for the rate of an infusion
    longer than ``longer_than_min``.
    """

    drug: Drug
    route: Route
    value: Positive
    unit: Literal["mg", "mg/kg", "mg/h", "mg/kg/h"]
    longer_than_min: Annotated[float, Field(ge=0)] = 0
    up_to_min: Positive | None = None
    source: Words
    where: Words
    how: Words
    labelled: Positive | None = None
    labelled_source: str = ""
    note: str = ""


class LabelSource(Strict):
    """Where a label or protocol was read."""

    source: Words
    where: Words
    how: Words
    version: Words
    read: Words


class LabelEntry(Strict):
    """A regimen of a product label or of a publication."""

    name: Annotated[str, Field(pattern=r"^(label|protocol):[a-z0-9-]+$")]
    aliases: tuple[str, ...] = ()
    title: Words
    text: Words
    jurisdiction: str
    indication: Words
    from_age: Annotated[float, Field(ge=0)] | None = None
    below_age: Annotated[float, Field(gt=0)] | None = None
    choices: str
    sources: Annotated[tuple[LabelSource, ...], Field(min_length=1)]
    notes: str = ""


def load(name: str, kind: type[Entry]) -> list[Entry]:
    """Read a data file of this package as a list of ``kind``."""
    import yaml

    text = files("ketascope.dosing").joinpath(name).read_text(encoding="utf-8")
    return TypeAdapter(list[kind]).validate_python(yaml.safe_load(text))  # type: ignore[valid-type]
