"""Which published arms make up tables of reactions, and of what drug, route and dose.

They lie in ``data/reaction_tables.yaml``; their numbers are published values like all others.

>>> from ketascope.evidence.reactions import reaction_tables
>>> next(t.doses for t in reaction_tables() if t.id == "japan_28")
(28.0,)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ketascope.errors import InputError
from ketascope.evidence.published import PublishedValue, published

Terms = Literal["grouped", "single"]


class ReactionTable(BaseModel):
    """One arm with what it is compared with.

    Parameters
    ----------
    id, title : str
    drug, route : str
        As in the regimen language, in full.
    doses : tuple of float
        What was given each time, in ``unit``; several where the arm holds them together.
    unit : {"mg", "mg/kg"}
    arm : str
        ``file.arm`` of the published values.
    and_arm : str or None
        A second arm with more reactions of the same people.
    against : str or None
        Arm of the control; None where there is none.
    control, window : str
        What the control was given; over what time a reaction counts.
    terms : {"grouped", "single"}
        Whether related terms of reactions were put together.
    limits : tuple of str
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str = Field(min_length=1)
    drug: Literal["ketamine", "esketamine", "arketamine"]
    route: str
    doses: tuple[float, ...] = Field(min_length=1)
    unit: Literal["mg", "mg/kg"]
    arm: str
    and_arm: str | None = None
    against: str | None = None
    control: str = Field(min_length=1)
    window: str = Field(min_length=1)
    terms: Terms
    limits: tuple[str, ...] = ()

    def values(self) -> tuple[PublishedValue, ...]:
        """Shares of the drug arm, in the order of the files."""
        return tuple(v for arm in (self.arm, self.and_arm) if arm for v in shares_of(arm))

    def control_values(self) -> dict[str, PublishedValue]:
        """Shares of the control, by reaction."""
        return {str(v.effect): v for v in shares_of(self.against)} if self.against else {}


def shares_of(arm: str) -> tuple[PublishedValue, ...]:
    """Return the shares of people of one arm (``file.arm``)."""
    return _by_arm().get(arm, ())


def reaction_tables() -> tuple[ReactionTable, ...]:
    """Return every table, in the order of the file."""
    return _tables()


@lru_cache(maxsize=1)
def _by_arm() -> dict[str, tuple[PublishedValue, ...]]:
    found: dict[str, tuple[PublishedValue, ...]] = {}
    for value in published():
        if value.effect is not None and value.quantity == "proportion":
            arm = ".".join(value.id.split(".")[:2])
            found[arm] = (*found.get(arm, ()), value)
    return found


@lru_cache(maxsize=1)
def _tables() -> tuple[ReactionTable, ...]:
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "reaction_tables.yaml"
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            found.append(ReactionTable(**row))
        except ValidationError as error:
            first = error.errors()[0]
            spot = ".".join(str(part) for part in first["loc"])
            raise InputError(f"{spot}: {first['msg']}", where=f"{path.name}, {row}") from None
    return tuple(found)
