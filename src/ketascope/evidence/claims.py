"""What is commonly said of ketamine, judged: verdict, why, evidence for and against.

It lies in ``data/claims/``, one file a topic, in the project's own words. No number of a simulation
stands there: a claim names a computation, and :mod:`ketascope.checks.claims` runs it.

>>> from ketascope.evidence.claims import claim
>>> claim("30").verdict
'qualified'
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Verdict = Literal["supported", "qualified", "contested", "unsupported", "not assessable"]
Topic = Literal["mechanism", "dose", "effects", "risk", "outcome", "networks"]
About = Literal["people", "animals", "cells", "practice", "theory"]
Species = Literal["people", "rat", "mouse", "monkey", "cells", "none"]
Strength = Literal[
    "meta-analysis",
    "randomised trial",
    "controlled experiment",
    "cohort",
    "uncontrolled series",
    "cross-sectional comparison",
    "survey",
    "reports to authorities",
    "case report",
    "label",
    "regulator",
    "guideline",
    "review",
    "in vitro",
    "computer model",
    "compilation",
]

VERDICTS: Final[dict[Verdict, str]] = {
    "supported": "the evidence that was read agrees, and is of the kind that the claim needs",
    "qualified": "true in part, or only within limits that the claim leaves out",
    "contested": "good evidence stands on both sides",
    "unsupported": "the evidence that was read does not bear it out, or was never gathered",
    "not assessable": "the source could not be read, or nothing was found that tests it",
}
"""What each verdict means."""

STRENGTHS: Final[dict[Strength, str]] = {
    "meta-analysis": "several studies pooled; as good as the studies in it",
    "randomised trial": "chance decided who got what",
    "controlled experiment": "drug against control under an investigator, without treating anyone",
    "cohort": "people or records followed in time, with or without comparison",
    "uncontrolled series": "treated people before and after, nobody to compare with",
    "cross-sectional comparison": "two groups at one time: shows a difference, not its cause",
    "survey": "what people say of themselves",
    "reports to authorities": "reported cases; no rate can be had from them",
    "case report": "one person, or a few",
    "label": "what a regulator let the manufacturer print",
    "regulator": "a statement of an authority",
    "guideline": "what a body of experts advises",
    "review": "a summary of others' findings",
    "in vitro": "cells, tissue or membranes",
    "computer model": "what follows if its assumptions hold",
    "compilation": "a list of values, itself not a study",
}
"""What each kind of evidence is worth."""

TOPICS: Final[dict[Topic, str]] = {
    "mechanism": "Mechanism",
    "dose": "Dose and use",
    "effects": "Effects",
    "risk": "Risk",
    "outcome": "Outcome",
    "networks": "Brain networks",
}
"""Topics, in the order in which they are shown, and what they are called."""

ASIDE: Final[tuple[Strength, ...]] = ("compilation", "computer model", "in vitro", "review")
"""Kinds that show nothing on people by themselves."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Evidence(_Strict):
    """One finding, in this project's words.

    Parameters
    ----------
    finding : str
    source : str
        Key in sources.bib.
    where, how : str
        Where in the source, and how it was read.
    strength : str
        One of :data:`STRENGTHS`.
    species : str
    setting : str
        Who or what was studied, and under which conditions.
    n : int, optional
        People, animals or reports; None where the text that was read does not say.
    """

    finding: str = Field(min_length=20)
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    strength: Strength
    species: Species
    setting: str = Field(min_length=1)
    n: int | None = Field(default=None, gt=0)


class Simulation(_Strict):
    """A computation of :mod:`ketascope.checks.claims` by its name, and its arguments."""

    computation: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Claim(_Strict):
    """One claim and its judgement.

    Parameters
    ----------
    id : str
        Number of the claim, and a letter where a compound claim was split: ``7b``.
    topic : str
    about : str
        What the claim is on; a claim on people is not supported by animals alone.
    claim, why : str
        The claim restated, and two to four sentences that justify the verdict.
    verdict : str
        One of :data:`VERDICTS`.
    evidence_for, evidence_against : tuple of Evidence
    reached : bool
        Whether the studies that the claim rests on could be read, at least as abstracts.
    not_reached : str
        What could not be read.
    simulation : tuple of Simulation
    """

    id: str = Field(pattern=r"^[1-9]\d?[a-z]?$")
    topic: Topic
    about: About
    claim: str = Field(min_length=15)
    verdict: Verdict
    why: str = Field(min_length=60)
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    reached: bool = True
    not_reached: str = ""
    simulation: tuple[Simulation, ...] = ()

    @property
    def number(self) -> int:
        """Number of the claim without its letter."""
        return int(self.id.rstrip("abcdefghijklmnopqrstuvwxyz"))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every finding, for and against."""
        return (*self.evidence_for, *self.evidence_against)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources of its evidence, each once."""
        return tuple(dict.fromkeys(one.source for one in self.evidence))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.reached and not self.not_reached:
            raise ValueError("what was not reached has to be said")
        if not self.evidence and self.verdict not in ("not assessable", "unsupported"):
            raise ValueError(f"a claim without evidence cannot be {self.verdict}")
        if self.verdict == "supported" and not self._borne_out():
            raise ValueError("a claim on people is supported by evidence from people only")
        if self.verdict == "contested" and not (self.evidence_for and self.evidence_against):
            raise ValueError("a contested claim has evidence on both sides")
        return self

    def _borne_out(self) -> bool:
        """Whether there is evidence of the kind that the claim needs."""
        if self.about != "people":
            return bool(self.evidence_for)
        return any(
            one.species == "people" and one.strength not in ASIDE for one in self.evidence_for
        )


def known_claims() -> dict[str, Claim]:
    """Return every claim by its id, by topic and number.

    Raises
    ------
    InputError
        If a file breaks the schema; the message names the file, the claim and the value.
    """
    return dict(_claims())


def claim(name: str, where: str = "claims") -> Claim:
    """Return one claim by its id (case is of no account)."""
    known = _claims()
    key = name.strip().lower()
    if key not in known:
        parts = [one for one in known if re.fullmatch(rf"{re.escape(key)}[a-z]", one)]
        hint = f"it is split into {', '.join(parts)}" if parts else "see 'ketascope claims'"
        raise InputError(f"there is no claim '{name.strip()[:40]}'", where=where, hint=hint)
    return known[key]


def claims_named(name: str, where: str = "claims") -> list[Claim]:
    """Return the claims that a name means: one id, or every part of a split number.

    Raises
    ------
    InputError
        If there is none.
    """
    key = name.strip().lower()
    parts = [one for one in _claims().values() if key.isdigit() and one.number == int(key)]
    return parts or [claim(name, where)]


def read_claims(text: str, name: str) -> list[Claim]:
    """Read one file of claims; ``name`` is that of the file and, without its ending, the topic.

    Raises
    ------
    InputError
        If the text is not YAML or breaks the schema.
    """
    import yaml

    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"this is not YAML ({error})", where=name) from None
    if not isinstance(rows, list):
        raise InputError("a file of claims holds a list", where=name)
    return [_one(row, name) for row in rows]


def _one(row: Any, name: str) -> Claim:
    spot = f"{name}, claim {row.get('id') if isinstance(row, dict) else row}"
    try:
        return Claim.model_validate({"topic": name.partition(".")[0], **row})
    except (ValidationError, TypeError) as error:
        if isinstance(error, TypeError):
            raise InputError("a claim is a mapping", where=spot) from None
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{place}: {message}".removeprefix(": "), where=spot) from None


@lru_cache(maxsize=1)
def _claims() -> dict[str, Claim]:
    from importlib.resources import files

    folder = files("ketascope.evidence") / "data" / "claims"
    found: dict[str, Claim] = {}
    for topic in TOPICS:
        text = (folder / f"{topic}.yaml").read_text(encoding="utf-8")
        for one in read_claims(text, f"{topic}.yaml"):
            if one.id in found:
                raise InputError(f"claim {one.id} stands twice", where=f"{topic}.yaml")
            found[one.id] = one
    return found
