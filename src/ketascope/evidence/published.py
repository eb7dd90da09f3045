"""Published values: single numbers of single arms that models are held against.

They lie in ``data/published``: exposure in the folder itself, effects and their course in its
folder ``effects``. A file holds one source or one subject; its arms hold the
values. What is said once for the file holds for every arm, and once for an arm for every value,
unless it is said again further in:

.. code-block:: yaml

    source: simons_2022          # file: for every arm
    where: Table 2
    how: read in ...
    used_for: reproduce
    model: simons_2022
    arms:
      - id: film_50mg            # arm: for every value
        regimen: esketamine 50 mg sublingual film once
        values:
          - {analyte: esketamine, quantity: cmax, statistic: mean, value: 96, unit: ng/mL}

>>> from ketascope.evidence.published import published
>>> value = next(v for v in published() if v.id == "simons_2022.film_50mg.esketamine.cmax")
>>> value.value, value.unit, value.place.where
(96.0, 'ng/mL', 'Table 2')
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.evidence.parameter import Place
from ketascope.evidence.published_words import (
    Clock,
    Effect,
    Quantity,
    Role,
    Sampling,
    Statistic,
    Taken,
    UsedFor,
)

Span = tuple[float, float]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dose(_Strict):
    """One dose of an arm that the regimen language does not put into words.

    Times in h from the first dose; ``amount`` of base, in mg or mg/kg.
    """

    time: float = 0.0
    drug: Literal["ketamine", "esketamine", "arketamine"]
    amount: float = Field(gt=0)
    unit: Literal["mg", "mg/kg"]
    route: str
    duration: float = Field(default=0.0, ge=0)
    form: str | None = None


class Conditions(_Strict):
    """Under what conditions a value was measured.

    Parameters
    ----------
    regimen : str
        In the regimen language, or free words where ``doses`` says it exactly.
    doses : tuple of Dose
        The doses themselves, where ``regimen`` cannot be parsed.
    people : str
        Who they were.
    n : int or None
        How many.
    patient : dict
        Covariates to simulate with (``age``, ``weight``, ``height``, ``sex``, ``race``): of the
        study where printed; what is a convention of this project is said in ``note``.
    sampling : {"venous", "arterial", "not stated"}
    clock : {"first dose", "last spray", "end of infusion"}
        Where time 0 of ``time``, ``window`` and a peak time lies.
    time : float or None
        Hour of a concentration or an effect.
    window : (float, float) or None
        From and to what hour an area was taken; None is to infinity, or as the source has it.
    beside, beside_dose : str or None
        Medicine that was taken beside it, and how much of it for how long: of a ratio, the
        exposure with it over that without it.
    """

    regimen: str
    doses: tuple[Dose, ...] = ()
    people: str
    n: int | None = Field(default=None, gt=0)
    patient: dict[str, float | str] = Field(default_factory=dict)
    sampling: Sampling = "not stated"
    clock: Clock = "first dose"
    time: float | None = None
    window: Span | None = None
    beside: str | None = None
    beside_dose: str | None = None


class PublishedValue(_Strict):
    """One number of one arm, with its conditions, spread, place and use.

    Parameters
    ----------
    id : str
        ``file.arm.analyte.quantity`` (an effect in the place of the analyte), with the hour where
        there is one.
    quantity : str
    analyte : str or None
        Name of an analyte; None for an effect.
    effect : str or None
        What was seen in people, where the number is not one of exposure.
    study : str or None
        Study of an effect, a key of ``effects_split.yaml``.
    role : {"drug", "placebo", "comparator", "contrast"} or None
        Whose number an effect is; ``"contrast"`` is drug less control, or drug over control.
    taken : str or None
        How an effect was taken over time. The mean of what each person reached at most is larger
        than the largest mean of a course: the two are never exchanged.
        ``"single rating"``: rated once, at a time that the source does not state.
    scale : str or None
        Scale of a score; its range is known to ``checks/rules.py``.
    baseline : float or None
        Mean before the dose, in ``unit``.
    cut : str or None
        What counts as having the effect, as the source has it.
    statistic : str
        ``"share"``: people with it over people in all. ``"range"``: ``value`` is the middle of the
        printed range in ``interval``.
    value : float
        As printed, in ``unit``.
    unit : str
        Unit that Pint reads; ``"1"`` for a fraction or a ratio.
    interval : (float, float) or None
    interval_kind : str
        What the interval is: ``"95% CI"``, ``"range"``, ...
    sd, se, gsd : float or None
        Standard deviation, standard error (in ``unit``), geometric standard deviation.
    conditions : Conditions
    model : str or None
        Model that comes from the same publication or data.
    not_independent_of : tuple of str
        Models that may have seen the same people: a check of those proves less.
    used_for : {"fit", "reproduce", "check"}
    source, where, how : str
        Key in ``sources.bib``, place in it, how it was read.
    note : str
    """

    id: str
    quantity: Quantity
    analyte: str | None = None
    effect: Effect | None = None
    study: str | None = None
    role: Role | None = None
    taken: Taken | None = None
    scale: str | None = None
    baseline: float | None = None
    cut: str | None = None
    statistic: Statistic
    value: float
    unit: str
    interval: Span | None = None
    interval_kind: str = ""
    sd: float | None = Field(default=None, ge=0)
    se: float | None = Field(default=None, ge=0)
    gsd: float | None = Field(default=None, ge=1)
    conditions: Conditions
    model: str | None = None
    not_independent_of: tuple[str, ...] = ()
    used_for: UsedFor
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.interval is not None:
            low, high = self.interval
            if not low <= self.value <= high:
                raise ValueError(f"{self.value} lies outside its interval {low} to {high}")
            if not self.interval_kind:
                raise ValueError("an interval needs interval_kind")
        if self.quantity == "concentration" and self.conditions.time is None:
            raise ValueError("a concentration needs its time")
        if self.used_for == "reproduce" and self.model is None:
            raise ValueError("used_for 'reproduce' needs the model")
        return self

    @model_validator(mode="after")
    def _effect_is_told(self) -> Self:
        if self.effect is None:
            if {self.study, self.role, self.taken, self.scale, self.baseline, self.cut} != {None}:
                raise ValueError("study, role, taken, scale, baseline and cut are of an effect")
            return self
        if self.analyte is not None:
            raise ValueError("a value is of an analyte or of an effect, not of both")
        if None in (self.study, self.role, self.taken):
            raise ValueError("an effect needs its study, its role and how it was taken")
        if self.taken == "at a time" and self.conditions.time is None:
            raise ValueError("an effect at a time needs its time")
        share = self.quantity == "proportion" and self.role != "contrast"
        if share and not 0 <= self.value <= 1:
            raise ValueError("a proportion lies between 0 and 1")
        if self.quantity == "score" and self.scale is None:
            raise ValueError("a score needs its scale")
        return self

    @property
    def place(self) -> Place:
        """Where the number stands."""
        return Place(self.source, self.where, self.how)

    def to(self, unit: str) -> float:
        """Return the value in another unit, between amount and mass where the analyte allows it.

        Raises
        ------
        InputError
            If the units are not of one kind.
        """
        from ketascope.evidence.substances import molar_mass
        from ketascope.units import convert

        mass = molar_mass(self.analyte) if self.analyte else None
        ways = [(self.value, self.unit)]
        if mass is not None:
            ways.append((self.value * mass, f"({self.unit})*g/mol"))
            ways.append((self.value / mass, f"({self.unit})*mol/g"))
        for value, from_unit in ways:
            try:
                return convert(value, from_unit, unit)
            except InputError:
                continue
        raise InputError(f"'{self.unit}' cannot be turned into '{unit}'", where=self.id)


def published() -> tuple[PublishedValue, ...]:
    """Return every published value, files in order of name.

    Raises
    ------
    InputError
        If a file breaks the schema; the message names the file and the value.
    """
    return _published()


@lru_cache(maxsize=1)
def _published() -> tuple[PublishedValue, ...]:
    from importlib.resources import files

    folder = files("ketascope.evidence") / "data" / "published"
    found = [*folder.iterdir(), *(folder / "effects").iterdir()]
    paths = sorted((p for p in found if p.name.endswith(".yaml")), key=lambda p: p.name)
    values: list[PublishedValue] = []
    for path in paths:
        values += read_published(path.read_text(encoding="utf-8"), path.name)
    seen: set[str] = set()
    for value in values:
        if value.id in seen:
            raise InputError(f"the published value '{value.id}' stands twice")
        seen.add(value.id)
    return tuple(values)


def read_published(text: str, name: str) -> list[PublishedValue]:
    """Read one file of published values.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        Name of the file; without its ending it begins the ids.

    Raises
    ------
    InputError
        If the text is not YAML or breaks the schema.
    """
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"this is not YAML ({error})", where=name) from None
    if not isinstance(data, dict) or not isinstance(data.get("arms"), list):
        raise InputError("a file of published values holds a list 'arms'", where=name)
    stem = name.removesuffix(".yaml")
    return [_value(row, f"{name}, arm {arm}") for arm, row in _rows(data, stem)]


def _rows(data: dict[str, Any], stem: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value with what its file and arm say, inner words before outer ones."""
    shared = {key: value for key, value in data.items() if key != "arms"}
    for arm in data["arms"]:
        arm_id = str(arm["id"])
        of_arm = {key: value for key, value in arm.items() if key not in ("id", "values")}
        for row in arm["values"]:
            merged = shared | of_arm | row
            merged["id"] = _identifier(stem, arm_id, merged)
            yield arm_id, merged


def _identifier(stem: str, arm: str, row: dict[str, Any]) -> str:
    time = row.get("time")
    parts = [stem, arm, row.get("analyte") or row.get("effect"), row.get("quantity")]
    if time is not None:
        parts.append(f"{time:g}h")
    return ".".join(str(part) for part in parts if part)


def _value(row: dict[str, Any], where: str) -> PublishedValue:
    conditions = {key: row.pop(key) for key in list(row) if key in Conditions.model_fields}
    try:
        return PublishedValue(**row, conditions=Conditions(**conditions))
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        detail = f"{spot}: {message}" if spot else message
        raise InputError(f"{detail} (in {row.get('id')})", where=where) from None
