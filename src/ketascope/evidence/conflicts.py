"""Where sources conflict: numbers that do not agree, side by side, and what is done about it.

They lie in ``data/conflicts.yaml``; numbers that are in other data files are taken from there.

>>> next(c for c in conflicts() if c.id == "hcn1").rows[1].row
'xing_2017.ketamine.R+S.hcn1'
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

_WAYS = ("row", "compute", "simulate", "value")


class ConflictRow(BaseModel):
    """One of the numbers that do not agree.

    Parameters
    ----------
    conditions : str
    row : str or None
        Id in the data: an affinity, a fraction unbound, a published value, a receptor figure.
    compute : str or None
        Id of a receptor figure whose computed number is meant.
    simulate : dict or None
        Regimen, model and hours of a simulation of this package.
    value, unit, source, where, how
        Of a number that is in no other file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    conditions: str = Field(min_length=1)
    row: str | None = None
    compute: str | None = None
    simulate: dict[str, Any] | None = None
    value: float | None = None
    unit: str = ""
    source: str = ""
    where: str = ""
    how: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        given = [name for name in _WAYS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one of {', '.join(_WAYS)} is needed")
        if given == ["value"] and not (self.unit and self.source and self.where and self.how):
            raise ValueError("a value needs unit, source, where and how")
        return self


class Conflict(BaseModel):
    """One question on which sources do not agree.

    Parameters
    ----------
    id, title : str
    unit : str
        What the numbers are.
    question : str
        What does not agree, and what hangs on it.
    rows : tuple of ConflictRow
    here : str
        What this package does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    unit: str
    question: str
    rows: tuple[ConflictRow, ...] = Field(min_length=2)
    here: str


@lru_cache(maxsize=1)
def conflicts() -> tuple[Conflict, ...]:
    """Return every conflict, in the order of the file.

    Raises
    ------
    InputError
        If the file breaks the schema.
    """
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "conflicts.yaml"
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            found.append(Conflict(**row))
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise InputError(f"{message} (in {row.get('id')})", where=path.name) from None
    return tuple(found)
