"""Codings and texts of FHIR: which code system an address means, and how a match is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ketascope.patients.codes import NAMES, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-gm": "icd10",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "icd10",
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "http://fhir.de/CodeSystem/bfarm/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fdasis.nlm.nih.gov": "unii",
    "urn:oid:2.16.840.1.113883.4.9": "unii",
    "http://hl7.org/fhir/sid/ndc": "ndc",
    "urn:oid:2.16.840.1.113883.6.69": "ndc",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
}
_NEGATED = re.compile(
    r"\b(?:no|not|non(?!-st\b)|never|denies|denied|deny|without|negative|absent|absence|r/o|"
    r"ruled? out|excluded?|unlikely|suspected|possible|probable|query|risk|at risk|screen(?:ing)?|"
    r"family|familial|fhx?|mother|father|sibling|brother|sister|kein|keine|ohne|nicht)\b|\?",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"\b(?:ex|history of|h/o|hx|past|previous|former|in remission|resolved|status post|s/p)\b",
    re.IGNORECASE,
)


class Coding(NamedTuple):
    """One code: its system by short name, or ``""`` where the system is not known here."""

    system: str
    code: str
    display: str
    address: str

    def told(self) -> str:
        """Return the code with the name of its system."""
        name = NAMES.get(self.system) or self.address or "a code without a system"
        return f"{name[:80]} {self.code}"


@dataclass(frozen=True, slots=True)
class Term:
    """What a CodeableConcept says."""

    codings: tuple[Coding, ...]
    text: str

    def label(self) -> str:
        """Return the words with the first code."""
        words = self.text or "without words"
        return f"{words} ({self.codings[0].told()})" if self.codings else words

    def malformed(self) -> str:
        """Return what is wrong with codes that cannot be of their system; ``""`` if nothing is."""
        wrong = [
            coding
            for coding in self.codings
            if coding.system and not well_formed(coding.system, coding.code)
        ]
        return f"'{wrong[0].code}' is no code of {NAMES[wrong[0].system]}" if wrong else ""


def term(raw: Any) -> Term:
    """Read a CodeableConcept, whatever its state."""
    if not isinstance(raw, dict):
        return Term((), "")
    codings = tuple(_codings(raw.get("coding")))
    text = _words(raw.get("text"))
    return Term(codings, text or next((one.display for one in codings if one.display), ""))


def coding(raw: Any) -> Coding | None:
    """Read a Coding; None where it holds no code."""
    return next(_codings([raw]), None)


def _codings(raw: Any) -> Iterator[Coding]:
    for one in raw if isinstance(raw, list) else ():
        if isinstance(one, dict) and isinstance(one.get("code"), str) and one["code"].strip():
            address = one.get("system")
            address = address.strip().rstrip("/") if isinstance(address, str) else ""
            yield Coding(
                _SYSTEMS.get(address, ""),
                one["code"].strip()[:80],
                _words(one.get("display")),
                address,
            )


def _words(raw: Any) -> str:
    """Return one printable line of a text."""
    if not isinstance(raw, str):
        return ""
    line = raw if raw.isalnum() else " ".join(raw.split())
    if line.isprintable():
        return line[:200]
    return "".join(letter for letter in line if letter.isprintable())[:200]


def negated(text: str) -> bool:
    """Whether words may say that something is not so, or not of this person."""
    return _NEGATED.search(text) is not None


def historical(text: str) -> bool:
    """Whether words say that something is of the past."""
    return _HISTORY.search(text) is not None


def code_of(raw: Any) -> str:
    """Return the first code of a CodeableConcept that stands for a status, or ``""``."""
    codings = term(raw).codings
    return codings[0].code.casefold() if codings else ""
