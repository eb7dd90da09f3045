"""Conditions of rules: trees over concepts, age, weight, sex and features of the regimen, as data.

In YAML a condition is one of ``all``, ``any``, ``not``, ``fact``, ``age``, ``weight``, ``sex`` and
``regimen``:

>>> one = read_condition({"any": [{"fact": "psychosis", "when": "ever"}, {"age": {"below": 18}}]})
>>> sorted(concepts_of(one)), str(one)
(['psychosis'], 'psychotic disorder (ever) or age below 18 years')
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    model_validator,
)

from ketascope.patients.concepts import concept

When = Literal["now", "ever"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bounds(_Strict):
    """Limits of a number; ``above`` and ``below`` leave out the limit itself."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    def hold(self, value: float) -> bool:
        """Whether a number is within the limits."""
        return (
            (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
        )

    @property
    def given(self) -> bool:
        """Whether there is any limit."""
        return any(v is not None for v in (self.above, self.at_least, self.below, self.at_most))

    def __str__(self) -> str:
        named = (
            ("above", self.above),
            ("at least", self.at_least),
            ("below", self.below),
            ("at most", self.at_most),
        )
        return " and ".join(f"{word} {value:g}" for word, value in named if value is not None)


class All(_Strict):
    """Every one of several conditions."""

    all: tuple[Condition, ...] = Field(min_length=2)

    def __str__(self) -> str:
        return " and ".join(_nested(one) for one in self.all)


class AnyOf(_Strict):
    """At least one of several conditions."""

    any: tuple[Condition, ...] = Field(min_length=2)

    def __str__(self) -> str:
        return " or ".join(_nested(one) for one in self.any)


class Not(_Strict):
    """The opposite of a condition."""

    inner: Condition = Field(alias="not")

    def __str__(self) -> str:
        return f"not {_nested(self.inner)}"


class FactIs(Bounds):
    """A concept is present; with limits, its newest value is within them.

    Parameters
    ----------
    fact : str
        A concept.
    when : {"now", "ever"}
    within_days : int or None
        Only what began, or was measured, so many days ago at most. What is present without a date
        leaves the answer unknown; where only the day on which it was said is known, that one
        counts.
    fresh_days : int or None
        A denial, or a value outside the limits, says no only while it is so many days old at most;
        after that, or without a date, the answer is unknown. For what changes, such as pregnancy.
    above, at_least, below, at_most : float or None
        Of the newest value, in the unit of the concept.
    """

    fact: str
    when: When = "now"
    within_days: int | None = Field(default=None, gt=0)
    fresh_days: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _known(self) -> Self:
        from ketascope.errors import InputError

        try:
            measured = concept(self.fact).limits is not None
        except InputError as error:
            raise ValueError(error.message) from None
        if measured != self.given:
            raise ValueError(f"'{self.fact}' {'needs' if measured else 'has no'} limits of a value")
        return self

    def __str__(self) -> str:
        name = concept(self.fact).name
        if self.given:
            text = f"{name} {super().__str__()} {concept(self.fact).unit}".rstrip()
        else:
            text = f"{name} (ever)" if self.when == "ever" else name
        return text if self.within_days is None else f"{text} in the last {self.within_days} days"


class AgeIs(_Strict):
    """The age in years is within limits."""

    age: Bounds

    def __str__(self) -> str:
        return f"age {self.age} years"


class WeightIs(_Strict):
    """The body weight in kg is within limits."""

    weight: Bounds

    def __str__(self) -> str:
        return f"weight {self.weight} kg"


class SexIs(_Strict):
    """The sex, as far as the record has it."""

    sex: Literal["female", "male"]

    def __str__(self) -> str:
        return self.sex


class RegimenIs(Bounds):
    """A feature of the regimen is within limits; features in :mod:`.regimen_rules`."""

    regimen: str

    @model_validator(mode="after")
    def _known(self) -> Self:
        from ketascope.safety.regimen_rules import FEATURES

        if self.regimen not in FEATURES:
            raise ValueError(f"'{self.regimen}' is not a feature of a regimen")
        if not self.given:
            raise ValueError("a feature of a regimen needs limits")
        return self

    def __str__(self) -> str:
        from ketascope.safety.regimen_rules import FEATURES

        feature = FEATURES[self.regimen]
        return f"{feature.name} {super().__str__()} {feature.unit}".rstrip()


_KINDS: dict[str, type[BaseModel]] = {
    "all": All,
    "any": AnyOf,
    "not": Not,
    "fact": FactIs,
    "age": AgeIs,
    "weight": WeightIs,
    "sex": SexIs,
    "regimen": RegimenIs,
}


_NAMES: dict[type, str] = {model: key for key, model in _KINDS.items()}


def _kind(content: Any) -> str | None:
    """Which kind a condition is, by its key."""
    if isinstance(content, dict):
        return next((key for key in _KINDS if key in content), None)
    return _NAMES.get(type(content))


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[FactIs, Tag("fact")]
    | Annotated[AgeIs, Tag("age")]
    | Annotated[WeightIs, Tag("weight")]
    | Annotated[SexIs, Tag("sex")]
    | Annotated[RegimenIs, Tag("regimen")],
    Discriminator(_kind),
]

for _model in (All, AnyOf, Not):
    _model.model_rebuild()

_ADAPTER: TypeAdapter[Any] = TypeAdapter(Condition)


def read_condition(content: Any) -> Condition:
    """Return a condition from its YAML form (pydantic.ValidationError if it is none)."""
    return _ADAPTER.validate_python(content)  # type: ignore[no-any-return]


def parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions right below a condition."""
    if isinstance(condition, All):
        return condition.all
    if isinstance(condition, AnyOf):
        return condition.any
    return (condition.inner,) if isinstance(condition, Not) else ()


def leaves(condition: Condition) -> tuple[Condition, ...]:
    """Return every condition of a tree that has none below it, in order."""
    below = parts(condition)
    return tuple(leaf for one in below for leaf in leaves(one)) if below else (condition,)


def concepts_of(condition: Condition) -> frozenset[str]:
    """Return the concepts that a condition asks about."""
    return frozenset(leaf.fact for leaf in leaves(condition) if isinstance(leaf, FactIs))


def _nested(condition: Condition) -> str:
    return f"({condition})" if isinstance(condition, All | AnyOf) else str(condition)
