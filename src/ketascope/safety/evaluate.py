"""Three-valued judgement of a condition: yes, no, or unknown, after Kleene.

Unknown is never taken for no. A verdict carries the facts that decided it and, where it is unknown,
what would have to be known.

>>> from ketascope.patients.facts import Fact, Record
>>> from ketascope.safety.conditions import read_condition
>>> asked = read_condition({"any": [{"fact": "psychosis"}, {"fact": "mania"}]})
>>> judge(asked, Case(Record())).answer
'unknown'
>>> judge(asked, Case(Record((Fact("mania", "present"),)))).answer
'yes'
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from ketascope.safety.conditions import (
    AgeIs,
    All,
    AnyOf,
    Bounds,
    FactIs,
    Not,
    RegimenIs,
    SexIs,
    WeightIs,
)

if TYPE_CHECKING:
    from ketascope.patients.facts import Answer, Fact, Record
    from ketascope.safety.conditions import Condition

Answered = Literal["yes", "no", "unknown"]
_OPPOSITE: dict[Answered, Answered] = {"yes": "no", "no": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition comes to.

    Parameters
    ----------
    answer : {"yes", "no", "unknown"}
    facts : tuple of Fact
        That decided it.
    said : tuple of str
        What else decided it, in words: age, weight, features of the regimen.
    open : tuple of str
        Where it is unknown: the concepts (or ``age``, ``weight``, ``sex``, ``regimen``) that would
        decide it.
    """

    answer: Answered
    facts: tuple[Fact, ...] = ()
    said: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass
class Case:
    """A record on a day, with the features of what is given.

    ``features`` holds numbers by name; a feature that is None, or is not there, is unknown.
    """

    record: Record
    on: date | None = None
    features: Mapping[str, float | None] = field(default_factory=dict)
    _states: dict[tuple[str, str], Answer] = field(default_factory=dict, repr=False)

    def state(self, concept: str, when: Literal["now", "ever"]) -> Answer:
        """State of a concept, worked out once."""
        key = (concept, when)
        if key not in self._states:
            self._states[key] = self.record.state(concept, self.on, when)
        return self._states[key]

    def given(self, features: Mapping[str, float | None]) -> Case:
        """Return the same case with other features of the regimen; states are shared."""
        return Case(self.record, self.on, features, self._states)


def judge(condition: Condition, case: Case) -> Verdict:
    """Judge a condition.

    Parameters
    ----------
    condition : Condition
    case : Case

    Returns
    -------
    Verdict
    """
    if isinstance(condition, All):
        return both([judge(one, case) for one in condition.all])
    if isinstance(condition, AnyOf):
        return either([judge(one, case) for one in condition.any])
    if isinstance(condition, Not):
        return opposite(judge(condition.inner, case))
    if isinstance(condition, FactIs):
        return _measured(condition, case) if condition.given else _present(condition, case)
    if isinstance(condition, AgeIs):
        on = case.on or date.today()
        return _age(case.record.age(on), condition.age)
    if isinstance(condition, WeightIs):
        return _number("weight", weight_of(case), condition.weight, "weight {:g} kg")
    if isinstance(condition, RegimenIs):
        return _feature(condition, case)
    return _sex(condition, case)


def both(verdicts: Sequence[Verdict]) -> Verdict:
    """All of several: no if any is no, else unknown if any is unknown, else yes."""
    for verdict in verdicts:
        if verdict.answer == "no":
            return verdict
    return _joined(verdicts, "yes")


def either(verdicts: Sequence[Verdict]) -> Verdict:
    """Any of several: yes if one is yes, else unknown if any is unknown, else no."""
    hits = [verdict for verdict in verdicts if verdict.answer == "yes"]
    if hits:
        return _merged(hits, "yes")
    return _joined(verdicts, "no")


def opposite(verdict: Verdict) -> Verdict:
    """Yes for no, no for yes; unknown stays unknown."""
    return Verdict(_OPPOSITE[verdict.answer], verdict.facts, verdict.said, verdict.open)


def weight_of(case: Case) -> float | None:
    """Return the newest weight of the record, kg; of the covariates where no fact gives one."""
    newest = case.record.latest("weight", case.on)
    if newest is not None:
        return newest.value
    return None if case.record.covariates is None else case.record.covariates.weight


def _joined(verdicts: Sequence[Verdict], otherwise: Answered) -> Verdict:
    unknown = [verdict for verdict in verdicts if verdict.answer == "unknown"]
    return _merged(unknown, "unknown") if unknown else _merged(verdicts, otherwise)


def _merged(verdicts: Sequence[Verdict], answer: Answered) -> Verdict:
    return Verdict(
        answer,
        tuple(dict.fromkeys(fact for one in verdicts for fact in one.facts)),
        tuple(dict.fromkeys(text for one in verdicts for text in one.said)),
        tuple(dict.fromkeys(name for one in verdicts for name in one.open)),
    )


def _present(condition: FactIs, case: Case) -> Verdict:
    state = case.state(condition.fact, condition.when)
    if state == "unknown":
        return Verdict("unknown", open=(condition.fact,))
    heard = [fact for fact in case.record.of(condition.fact) if _heard(fact, case.on)]
    if state == "denied":
        denials = tuple(fact for fact in heard if fact.state == "denied")
        fresh = any(_fresh(fact.dated(), condition, case) for fact in denials)
        # an answer given since then, as in a form, asks for it anew
        fresh = fresh and case.record.sign_of(condition.fact, case.on) is None
        return Verdict("no", denials) if fresh else Verdict("unknown", open=(condition.fact,))
    found = [fact for fact in heard if fact.state == "present"]
    if condition.when == "now":
        found = [fact for fact in found if fact.current(case.on)]
    if condition.within_days is None:
        return Verdict("yes", tuple(found))
    return _recent(condition, found, case)


def _recent(condition: FactIs, found: Sequence[Fact], case: Case) -> Verdict:
    """Whether something began in the last so many days; without a date that is unknown.

    Where only the day is known on which it was said, it began on that day at the latest.
    """
    on = case.on or date.today()
    days = condition.within_days or 0
    dated = [(fact, fact.on or fact.said) for fact in found]
    hits = [fact for fact, day in dated if day is not None and (on - day).days <= days]
    if hits:
        return Verdict("yes", tuple(hits))
    if any(day is None for _, day in dated):
        return Verdict("unknown", open=(condition.fact,))
    return Verdict("no", tuple(found))


def _measured(condition: FactIs, case: Case) -> Verdict:
    newest = case.record.latest(condition.fact, case.on, condition.within_days)
    if newest is None or newest.value is None:
        return Verdict("unknown", open=(condition.fact,))
    if condition.hold(newest.value):
        return Verdict("yes", (newest,))
    if not _fresh(newest.dated(), condition, case):
        return Verdict("unknown", open=(condition.fact,))
    return Verdict("no", (newest,))


def _fresh(day: date | None, condition: FactIs, case: Case) -> bool:
    """Whether what was said on a day still tells that something is not so."""
    if condition.fresh_days is None:
        return True
    on = case.on or date.today()
    return day is not None and (on - day).days <= condition.fresh_days


def _number(name: str, value: float | None, bounds: Bounds, words: str) -> Verdict:
    if value is None:
        return Verdict("unknown", open=(name,))
    return Verdict("yes" if bounds.hold(value) else "no", said=(words.format(value),))


def _age(years: float | None, bounds: Bounds) -> Verdict:
    # completed years, as people and labels count them: nobody is 66 before the birthday
    return _number("age", None if years is None else math.floor(years), bounds, "age {} years")


def _feature(condition: RegimenIs, case: Case) -> Verdict:
    from ketascope.safety.regimen_rules import FEATURES

    value = case.features.get(condition.regimen)
    feature = FEATURES[condition.regimen]
    if value is None:
        return Verdict("unknown", open=(feature.needs,))
    said = f"{feature.name} {value:.4g} {feature.unit}".rstrip()
    return Verdict("yes" if condition.hold(value) else "no", said=(said,))


def _sex(condition: SexIs, case: Case) -> Verdict:
    patient = case.record.covariates
    sex = case.record.sex or (None if patient is None else patient.sex)
    if sex is None:
        return Verdict("unknown", open=("sex",))
    return Verdict("yes" if sex == condition.sex else "no", said=(sex,))


def _heard(fact: Fact, on: date | None) -> bool:
    return on is None or fact.on is None or fact.on <= on
