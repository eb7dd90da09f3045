"""Published figures on receptors that what is computed is held against.

They lie in ``data/receptor_checks.yaml``; how each is computed is said beside it and done by
:func:`ketascope.effects.receptor_checks`.

>>> next(v for v in receptor_values() if v.id == "ebert_1997.ketamine.s_over_r").value
5.0
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.evidence.parameter import Place
from ketascope.evidence.published_words import UsedFor

Quantity = Literal[
    "concentration",
    "potency",
    "potency_ratio",
    "potency_shift",
    "proportion",
    "ratio",
    "time_constant",
]


class ReceptorValue(BaseModel):
    """One published figure on a receptor, with its conditions, place and use.

    Parameters
    ----------
    id : str
    quantity : str
    value : float
        As printed, in ``unit``.
    unit : str
        Unit that Pint reads; ``"1"`` for a ratio.
    interval : (float, float) or None
    interval_kind : str
    sd : float or None
        What stands after ± in the source.
    conditions : str
        Under what conditions it was measured, and what is computed beside it.
    used_for : {"fit", "reproduce", "check"}
    source, where, how : str
        Key in ``sources.bib``, place in it, how it was read.
    note : str
    compute : dict
        How the number beside it is computed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    quantity: Quantity
    value: float
    unit: str
    interval: tuple[float, float] | None = None
    interval_kind: str = ""
    sd: float | None = Field(default=None, ge=0)
    conditions: str
    used_for: UsedFor
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    note: str = ""
    compute: dict[str, Any]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.interval is not None:
            low, high = self.interval
            if not low <= self.value <= high:
                raise ValueError(f"{self.value} lies outside its interval {low} to {high}")
            if not self.interval_kind:
                raise ValueError("an interval needs interval_kind")
        return self

    @property
    def place(self) -> Place:
        """Where the number stands."""
        return Place(self.source, self.where, self.how)


@lru_cache(maxsize=1)
def receptor_values() -> tuple[ReceptorValue, ...]:
    """Return every published figure on receptors.

    Raises
    ------
    InputError
        If the file breaks the schema, or an id stands twice.
    """
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "receptor_checks.yaml"
    rows: dict[str, ReceptorValue] = {}
    for row in yaml.safe_load(path.read_text(encoding="utf-8"))["values"]:
        try:
            value = ReceptorValue(**row)
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise InputError(f"{message} (in {row.get('id')})", where=path.name) from None
        if value.id in rows:
            raise InputError(f"the published value '{value.id}' stands twice", where=path.name)
        rows[value.id] = value
    return tuple(rows.values())
