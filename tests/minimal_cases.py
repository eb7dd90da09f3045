"""Smallest records that make a condition yes, no or unknown, found from the condition itself.

What a record makes of a condition is worked out here a second time, by the least and the greatest
of three numbers (no = 0, unknown = 1, yes = 2), so that the package's own judgement is held against
another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product

from ketascope.patients.concepts import above, concept
from ketascope.patients.facts import Fact, Record
from ketascope.patients.patient import Patient
from ketascope.safety.conditions import (
    AgeIs,
    All,
    AnyOf,
    Bounds,
    Condition,
    FactIs,
    Not,
    RegimenIs,
    SexIs,
    WeightIs,
    leaves,
)

ON = date(2026, 11, 27)
NO, UNKNOWN, YES = 0, 1, 2
NAMES = {NO: "no", UNKNOWN: "unknown", YES: "yes"}
Value = str | float
Given = Mapping[str, Value]


@dataclass(frozen=True)
class Minimal:
    """What is given: states of concepts, values, and features of the regimen, by name."""

    given: tuple[tuple[str, Value], ...]

    def record(self) -> Record:
        """Return it as a record of the day of the tests."""
        known = dict(self.given)
        facts = []
        for name, value in known.items():
            if name.startswith("fact:"):
                facts.append(_fact(name.removeprefix("fact:"), value))
        age, sex = known.get("age"), known.get("sex")
        patient = Patient(
            age=age if isinstance(age, float) else None, sex=sex if isinstance(sex, str) else None
        )
        return Record(tuple(facts), covariates=patient, sex=patient.sex)

    def features(self) -> dict[str, float | None]:
        """Return the features of the regimen."""
        return {
            name.removeprefix("regimen:"): float(value)
            for name, value in self.given
            if name.startswith("regimen:")
        }


def _fact(name: str, value: Value) -> Fact:
    if isinstance(value, str):
        return Fact(name, "present" if value == "present" else "denied", on=ON, said=ON)
    return Fact(name, "present", value=value, unit=concept(name).unit, on=ON, said=ON)


@cache
def cases(condition: Condition) -> dict[int, Minimal]:
    """Return the smallest case for each answer that the condition can come to."""
    names = _variables(condition)
    found: dict[int, Minimal] = {}
    for given in _assignments(names):
        answer = reference(condition, given)
        if answer not in found:
            found[answer] = Minimal(tuple(given.items()))
        if len(found) == 3:
            break
    return found


def reference(condition: Condition, given: Given) -> int:
    """Judge a condition by least and greatest."""
    if isinstance(condition, All):
        return min(reference(one, given) for one in condition.all)
    if isinstance(condition, AnyOf):
        return max(reference(one, given) for one in condition.any)
    if isinstance(condition, Not):
        return YES - reference(condition.inner, given)
    if isinstance(condition, FactIs):
        return _of_concept(condition, given)
    value = given.get(_name(condition))
    if value is None:
        return UNKNOWN
    if isinstance(condition, SexIs):
        return YES if value == condition.sex else NO
    assert isinstance(value, float)
    return YES if _bounds(condition).hold(value) else NO


def _of_concept(condition: FactIs, given: Given) -> int:
    """What implies the concept makes it present; what it implies, denied, denies it."""
    name = condition.fact
    if condition.given:
        value = given.get(f"fact:{name}")
        return UNKNOWN if value is None else YES if condition.hold(float(value)) else NO
    states = {key.removeprefix("fact:"): v for key, v in given.items() if key.startswith("fact:")}
    present = any(v == "present" and (k == name or name in above(k)) for k, v in states.items())
    if present:
        return YES
    denied = any(v == "denied" and (k == name or k in above(name)) for k, v in states.items())
    return NO if denied else UNKNOWN


def _variables(condition: Condition) -> dict[str, list[Value]]:
    """Return the values to try of everything that a condition asks about."""
    found: dict[str, list[Value]] = {}
    for leaf in leaves(condition):
        values: list[Value]
        if isinstance(leaf, SexIs):
            values = ["female", "male"]
        elif isinstance(leaf, FactIs) and not leaf.given:
            values = ["present", "denied"]
        else:
            limits = _limits(_bounds(leaf))
            values = sorted({limit + step for limit in limits for step in (-1.0, 0.0, 1.0)})
        mine = found.setdefault(_name(leaf), [])
        mine.extend(value for value in values if value not in mine)
    return found


def _assignments(names: Mapping[str, list[Value]]) -> Iterator[dict[str, Value]]:
    """Go through what can be given, the shortest first."""
    choices = [[None, *values] for values in names.values()]
    for picked in sorted(product(*choices), key=lambda one: sum(v is not None for v in one)):
        yield {name: v for name, v in zip(names, picked, strict=True) if v is not None}


def _name(leaf: Condition) -> str:
    if isinstance(leaf, FactIs):
        return f"fact:{leaf.fact}"
    if isinstance(leaf, RegimenIs):
        return f"regimen:{leaf.regimen}"
    return {AgeIs: "age", WeightIs: "weight", SexIs: "sex"}[type(leaf)]  # type: ignore[index]


def _bounds(leaf: Condition) -> Bounds:
    if isinstance(leaf, AgeIs):
        return leaf.age
    if isinstance(leaf, WeightIs):
        return leaf.weight
    assert isinstance(leaf, Bounds)
    return leaf


def _limits(bounds: Bounds) -> list[float]:
    named = (bounds.above, bounds.at_least, bounds.below, bounds.at_most)
    return [float(value) for value in named if value is not None]
