"""Groups of people whose use in grams is known, from clinic to misuse.

They lie in ``data/long_use.yaml``.

>>> from ketascope.evidence.long_use import long_use
>>> users = next(g for g in long_use() if g.id == "users_imaging")
>>> [round(grams) for grams in users.monthly]
[73, 73]
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.evidence.findings import Pattern, findings

MONTH: Final = 365.25 / 12
"""Days of a month."""


class Group(BaseModel):
    """One group.

    Parameters
    ----------
    id, title : str
    pattern : str
        How they took it.
    drug : {"ketamine", "esketamine"}
        What the grams are of.
    amount : float or None
        g in ``per`` days, as printed.
    range : (float, float) or None
        g in ``per`` days, least and most.
    per : float
        Days.
    given : {"printed", "worked out"}
    basis : str
        What it is the amount of, or how it was worked out.
    people : int
    years : (float, float)
        For how long.
    harm : tuple of str
        ``topic.id`` of findings about these people.
    source, where, how, note : str
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str = Field(min_length=1)
    pattern: Pattern
    drug: Literal["ketamine", "esketamine"]
    amount: float | None = Field(default=None, gt=0)
    range: tuple[float, float] | None = None
    per: float = Field(gt=0)
    given: Literal["printed", "worked out"]
    basis: str = Field(min_length=10)
    people: int = Field(gt=0)
    years: tuple[float, float]
    harm: tuple[str, ...] = Field(min_length=1)
    source: str = Field(min_length=1)
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.amount is None) == (self.range is None):
            raise ValueError("give an amount or a range of it")
        if self.range is not None and not 0 < self.range[0] <= self.range[1]:
            raise ValueError("a range rises from above 0")
        known = {f"{one.topic}.{one.id}" for one in findings()}
        if set(self.harm) - known:
            raise ValueError(f"no finding {', '.join(sorted(set(self.harm) - known))}")
        return self

    @property
    def monthly(self) -> tuple[float, float]:
        """Least and most, g a month."""
        low, high = self.range or (self.amount or 0.0, self.amount or 0.0)
        return low * MONTH / self.per, high * MONTH / self.per

    @property
    def misuse(self) -> bool:
        """Whether it is use outside treatment."""
        return self.pattern not in ("single dose", "clinic", "extension")


@lru_cache(maxsize=1)
def long_use() -> tuple[Group, ...]:
    """Return every group, in the order of the file."""
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "long_use.yaml"
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            found.append(Group(**row))
        except ValidationError as error:
            first = error.errors()[0]
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(message, where=f"{path.name}, {row.get('id')}") from None
    return tuple(found)
