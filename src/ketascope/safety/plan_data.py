"""What a plan is made of: steps, help lines, how an infusion is prepared; each with its source."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ketascope.errors import InputError

What = Literal[
    "preparation", "reading", "staff", "equipment", "form", "check", "aftercare", "alarm"
]
Clock = Literal["start", "end"]
COUNTRIES = ("us", "uk", "ie", "ch", "eu")
_WHEN = re.compile(r"session|first session|course|week \d+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Way(NamedTuple):
    """A way of giving a drug; ``form`` is None for an injection and for the licensed device."""

    drug: str
    route: str
    form: str | None

    @property
    def words(self) -> str:
        """In words."""
        return " ".join(part for part in (self.drug, self.form, self.route) if part)


class Step(_Strict):
    """One step of a plan.

    Parameters
    ----------
    id, what, text : str
    drug : str
        ``any`` for every drug.
    routes, jurisdictions : tuple of str
        ``any`` for every one.
    device : bool
        Of the licensed device alone: not where a form, such as a solution, is named.
    when : str
        ``session``, ``first session``, ``course`` or ``week N``.
    every_weeks : int or None
        Of a week: again after so many weeks.
    interval : str
        Where the interval is this project's, that it is.
    at_h, until_h : float or None
        Hours from the clock.
    clock : {"start", "end"}
        First spray or start; last spray or end.
    due_days : int or None
        Of a form: days after the session by which it is due.
    reads : tuple of str
        What a reading measures.
    checked : bool
        False where part of it is from memory; the plan says so.
    source, where, how : str
    """

    id: str
    what: What
    drug: str
    routes: tuple[str, ...]
    device: bool = False
    jurisdictions: tuple[str, ...] = ("any",)
    when: str
    every_weeks: int | None = Field(default=None, gt=0)
    interval: str = ""
    at_h: float | None = None
    until_h: float | None = None
    clock: Clock = "start"
    due_days: int | None = Field(default=None, gt=0)
    reads: tuple[str, ...] = ()
    text: str
    checked: bool = True
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)

    @field_validator("when")
    @classmethod
    def _known(cls, when: str) -> str:
        if not _WHEN.fullmatch(when):
            raise ValueError(f"'{when}' is no time of a plan")
        return when

    def is_of(self, way: Way) -> bool:
        """Return whether it is for a way of giving, in whatever jurisdiction."""
        return (
            self.drug in ("any", way.drug)
            and ("any" in self.routes or way.route in self.routes)
            and not (self.device and way.form is not None)
        )

    def applies(self, way: Way, jurisdiction: str) -> bool:
        """Return whether it is for a way of giving in a jurisdiction."""
        here = "any" in self.jurisdictions or jurisdiction in self.jurisdictions
        return here and self.is_of(way)


class HelpLine(_Strict):
    """Whom to call in a country: a line for talking, or the emergency services."""

    country: str
    name: str
    reach: str
    source: str
    emergency: bool = False


class Preparation(_Strict):
    """How the label prepares an infusion."""

    drug: str
    strengths_mg_per_ml: tuple[float, ...]
    must_dilute_mg_per_ml: float
    target_mg_per_ml: tuple[float, ...]
    diluents: tuple[str, ...]
    never_with: tuple[str, ...]
    source: str
    where: str
    how: str


class LookedFor(_Strict):
    """What was looked for, and that no source was found; ``device``: of the licensed device too."""

    what: str
    found: str
    device: bool = False


class PlanData(_Strict):
    """The whole file."""

    steps: tuple[Step, ...]
    looked_for: tuple[LookedFor, ...]
    help_lines: tuple[HelpLine, ...]
    infusion: Preparation


@lru_cache(maxsize=1)
def plan_data() -> PlanData:
    """Return what plans are made of.

    Raises
    ------
    InputError
        If the file breaks the schema.
    """
    from importlib.resources import files

    import yaml

    path = files("ketascope.safety") / "data" / "plan.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return PlanData(**data)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{spot}: {first['msg']}", where="plan.yaml") from None
