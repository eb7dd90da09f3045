"""What a screen has to ask: one short list, gravest first, each question closing several rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from ketascope.evidence import source
from ketascope.patients.concepts import above, concept
from ketascope.safety.rules import SEVERITIES, made, read_yaml

if TYPE_CHECKING:
    from datetime import date

    from ketascope.patients.facts import Record
    from ketascope.safety.rules import Rule, Severity

# What a record or a regimen may lack beside concepts.
PERSON: dict[str, str] = {
    "age": "What is the age, in years?",
    "sex": "What is the sex: female or male?",
    "weight": "What is the body weight, in kg?",
    "regimen": "How often and for how long is it given?",
}


class Group(BaseModel):
    """Concepts that one question asks for together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: str = Field(min_length=8)
    concepts: tuple[str, ...] = Field(min_length=2)


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Parameters
    ----------
    id : str
        By which it is answered: a concept, a group of them, or ``age``, ``sex``, ``weight``.
    text : str
    gravity : str
        The gravest severity among the rules that it may close.
    concepts : tuple of str
        That it asks for.
    rules : tuple of str
        That are open for want of an answer.
    """

    id: str
    text: str
    gravity: Severity
    concepts: tuple[str, ...]
    rules: tuple[str, ...]


@lru_cache(maxsize=1)
def groups() -> dict[str, Group]:
    """Return the groups of concepts that share a question, by id."""
    rows = read_yaml("questions.yaml")
    return {
        name: made(Group, "questions.yaml", name, {"id": name, **row}) for name, row in rows.items()
    }


def questions(
    waiting: Sequence[tuple[Rule, Sequence[str]]], record: Record, on: date | None = None
) -> list[Question]:
    """Return what to ask.

    Parameters
    ----------
    waiting : sequence of (Rule, names)
        Rules that could not be judged, each with what would decide it.
    record : Record
        A concept that was once present is asked by itself, never in a group.
    on : date, optional
        Day of the screen; today without it.

    Returns
    -------
    list of Question
        Gravest first; of the same gravity the one that closes most rules first.
    """
    by_name: dict[str, list[Rule]] = {}
    for rule, names in waiting:
        for name in names:
            by_name.setdefault(name, []).append(rule)
    found = []
    for group in groups().values():
        members = [
            name
            for name in group.concepts
            if name in by_name and record.state(name, when="ever") == "unknown"
        ]
        widest = [name for name in members if not above(name) & set(members)]
        if len(members) > 1:
            # where one of them covers the rest, its own question says it better
            name = group.id if len(widest) > 1 else widest[0]
            text = _words(group, widest) if len(widest) > 1 else concept(name).question
            found.append(_asked(name, text, members, by_name))
            for name in members:
                by_name[name] = []
    for name, mine in by_name.items():
        if mine:
            text = PERSON.get(name) or f"{concept(name).question}{_sign(name, record, on)}"
            found.append(_asked(name, text, [name], by_name))
    return sorted(found, key=lambda one: (SEVERITIES.index(one.gravity), -len(one.rules), one.id))


def _sign(name: str, record: Record, on: date | None) -> str:
    """Say what in the record makes it worth asking; nothing where nothing does."""
    found, sign = record.sign_of(name, on), concept(name).sign
    if found is None or sign is None:
        return ""
    told = concept(sign.concept)
    return (
        f" To be asked about: {told.name} is {found.value:g} on {found.on} "
        f"({source(sign.source).short}); it is an answer, not a diagnosis."
    )


def _asked(
    name: str, text: str, members: Sequence[str], by_name: Mapping[str, Sequence[Rule]]
) -> Question:
    rules = {rule.id: rule for member in members for rule in by_name[member]}
    gravest = min((rule.rank for rule in rules.values()), default=0)
    return Question(name, text, SEVERITIES[gravest], tuple(members), tuple(rules))


def _words(group: Group, shown: Sequence[str]) -> str:
    names = [concept(name).name for name in shown]
    return f"{group.text}: {', '.join(names[:-1])} or {names[-1]}?"
