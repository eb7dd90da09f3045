"""Trials of other treatments, head to head with ketamine or against their own control.

They lie in ``data/other_treatments.yaml``.

>>> from ketascope.evidence.other_treatments import trials
>>> next(t for t in trials() if t.id == "escape_trd").outcomes[0].arms["ketamine"].count
91
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Kind = Literal["head-to-head", "reference", "indirect"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Read(_Strict):
    """Where a number stands, how it was read, and whether it was checked there."""

    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    checked: bool = True


class Share(_Strict):
    """People with an outcome in one arm: a count and n, or a printed share in %."""

    count: int | None = Field(default=None, ge=0)
    n: int | None = Field(default=None, gt=0)
    percent: float | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.count is None) == (self.percent is None):
            raise ValueError("give a count or a percentage")
        if self.count is not None and (self.n is None or self.count > self.n):
            raise ValueError("a count needs n, and is not above it")
        return self


class Printed(_Strict):
    """A printed difference with its 95 % interval, percentage points."""

    value: float
    low: float
    high: float


class Outcome(_Read):
    """Shares of arms with one outcome.

    Parameters
    ----------
    what, definition : str
    week : float or None
        When, weeks after the start; None where it was not read.
    good : bool
        Whether more of it is better.
    counts : {"printed", "worked out"}
    arms : dict
        By name of the arm.
    difference : Printed or None
        First arm less second, where counts are not known.
    """

    what: str
    definition: str
    week: float | None = Field(default=None, gt=0)
    good: bool
    counts: Literal["printed", "worked out"] = "printed"
    arms: dict[str, Share] = Field(min_length=1)
    difference: Printed | None = None


class Score(_Read):
    """A change of a score, or a difference of changes, in points."""

    what: str
    value: float
    se: float | None = None
    low: float | None = None
    high: float | None = None
    week: float = Field(gt=0)


class Pooled(_Read):
    """An estimate of a meta-analysis; ``nnt`` as it prints it."""

    what: str
    measure: Literal["OR", "RR"]
    value: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    nnt: float | None = None
    good: bool

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.what}: the value lies outside its interval")
        return self


class Trial(_Strict):
    """One trial or meta-analysis.

    Parameters
    ----------
    id, title : str
    kind : {"head-to-head", "reference", "indirect"}
        Against ketamine or esketamine; of esketamine against control; against another control.
    treatment, people : str
    masking : {"double", "raters only", "open"}
    arms : dict of str
        What each arm was given; the first two are compared.
    outcomes, scores, pooled : tuple
    comparable : tuple of str
        How far it can be held beside ketamine.
    source : str
    """

    id: str
    title: str
    kind: Kind
    treatment: str
    people: str = Field(min_length=10)
    masking: Literal["double", "raters only", "open"]
    arms: dict[str, str]
    outcomes: tuple[Outcome, ...] = ()
    scores: tuple[Score, ...] = ()
    pooled: tuple[Pooled, ...] = ()
    comparable: tuple[str, ...] = Field(min_length=1)
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not (self.outcomes or self.scores or self.pooled):
            raise ValueError("a trial has numbers")
        if self.kind == "head-to-head" and "ketamine" not in self.arms:
            raise ValueError("a head-to-head trial has an arm with ketamine")
        named = {arm for outcome in self.outcomes for arm in outcome.arms}
        if named - set(self.arms):
            raise ValueError(f"no arm {', '.join(sorted(named - set(self.arms)))}")
        return self


@lru_cache(maxsize=1)
def trials() -> tuple[Trial, ...]:
    """Return every trial, in the order of the file."""
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "other_treatments.yaml"
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            found.append(Trial(**row))
        except ValidationError as error:
            first = error.errors()[0]
            spot = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{spot}: {message}", where=f"{path.name}, {row.get('id')}") from None
    return tuple(found)
