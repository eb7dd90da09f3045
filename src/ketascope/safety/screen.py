"""Screening: what stands against a regimen in a patient, what to watch, what is not known.

``screen`` judges every rule of a place that is about what is given, in three values. What applies
is a finding; what cannot be judged becomes a question; what no rule sees is named as not screened.
A screen never says that something is safe: ``complete`` is false while anything is open, and a
complete one says only that the rules of this version were judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.safety.evaluate import Case, Verdict, either, judge, weight_of
from ketascope.safety.left_out import not_screened
from ketascope.safety.questions import Question, questions
from ketascope.safety.regimen_rules import Use, uses
from ketascope.safety.rules import (
    ADVICE,
    Rule,
    documents,
    jurisdiction,
    place_words,
    rules,
)

if TYPE_CHECKING:
    from os import PathLike

    from ketascope.dosing.schedule import RegimenLike
    from ketascope.patients.facts import Fact, NotScreened, Record
    from ketascope.patients.patient import Patient
    from ketascope.safety.rules import Jurisdiction, Severity

SCHEMA = "ketascope/screen/1"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies.

    Parameters
    ----------
    rule : Rule
    severity : str
        As the rule has it.
    message, action : str
    facts : tuple of Fact
        Of the record, that triggered it.
    said : tuple of str
        What else triggered it: age, weight, features of the regimen.
    uses : tuple of str
        What of the regimen it is about.
    elsewhere : str
        The place whose contraindication this is, where that of the place asked for was not read.
    exposure : tuple of dict
        For a medicine that changes exposure: what is known of it on this route.
    """

    rule: Rule
    severity: Severity
    message: str
    action: str
    facts: tuple[Fact, ...] = ()
    said: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    elsewhere: str = ""
    exposure: tuple[dict[str, Any], ...] = ()

    @property
    def because(self) -> list[dict[str, Any]]:
        """What triggered it, each with its text, and where it stands in the record."""
        found = [because_of(fact) for fact in self.facts]
        return found + [{"text": text} for text in self.said]

    def record(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        found = {
            "rule": self.rule.id,
            "title": self.rule.title,
            "kind": self.rule.kind,
            "severity": self.severity,
            "message": self.message,
            "action": self.action,
            "source": self.rule.source,
            "document": documents()[self.rule.document].title,
            "section": self.rule.section,
            "label_read": self.rule.label_read,
            "reading": self.rule.reading,
            "about": list(self.uses),
            "because": self.because,
        }
        if self.elsewhere:
            found["elsewhere"] = self.elsewhere
        if self.exposure:
            found["exposure"] = list(self.exposure)
        return found


@dataclass(frozen=True)
class Screening:
    """What came of a screen.

    Parameters
    ----------
    patient, regimen, jurisdiction : str
    on : date
    findings : tuple of Finding
        Gravest first.
    questions : tuple of Question
        Gravest first.
    not_screened : tuple of NotScreened
    judged : int
        How many rules were judged.
    """

    patient: str
    regimen: str
    jurisdiction: Jurisdiction
    on: date
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    not_screened: tuple[NotScreened, ...]
    judged: int = 0
    off_label: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Whether nothing is open. A complete screen does not say that the use is safe."""
        return not self.questions and not self.not_screened

    def at_or_above(self, severity: Severity) -> tuple[Finding, ...]:
        """Findings of a severity or a graver one."""
        from ketascope.safety.rules import SEVERITIES

        most = SEVERITIES.index(severity)
        return tuple(one for one in self.findings if SEVERITIES.index(one.severity) <= most)

    def data(self) -> dict[str, Any]:
        """Return the screening as plain values, as ``--format json`` prints it."""
        from ketascope import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "as_of": self.on.isoformat(),
            "patient": self.patient,
            "regimen": self.regimen,
            "jurisdiction": self.jurisdiction,
            "complete": self.complete,
            "rules_judged": self.judged,
            "off_label": list(self.off_label),
            "findings": [one.record() for one in self.findings],
            "questions": [
                {
                    "id": one.id,
                    "text": one.text,
                    "gravity": one.gravity,
                    "concepts": list(one.concepts),
                    "rules": list(one.rules),
                }
                for one in self.questions
            ],
            "not_screened": [{"item": one.item, "reason": one.reason} for one in self.not_screened],
        }


def screen(
    record: Record | Patient | str | PathLike[str],
    regimen: str | RegimenLike,
    jurisdiction: str,
    answers: str | PathLike[str] | Mapping[str, Any] | None = None,
    on: date | None = None,
    *,
    simulate: bool = False,
) -> Screening:
    """Screen a patient for a regimen in a place.

    Parameters
    ----------
    record : Record, Patient or path
        What is known; a path is read as a record (FHIR, YAML or JSON).
    regimen : str or regimen
        In words, ``label:NAME``, a YAML file, or already parsed.
    jurisdiction : str
        Whose rules hold: us, eu, uk, ch, ...
    answers : path or mapping, optional
        A clinician's dated answers; see :mod:`ketascope.safety.answers`.
    on : date, optional
        Day of the screen; default today.
    simulate : bool
        Also simulate what a medicine does to exposure on this route (slow); otherwise published
        ratios are given.

    Returns
    -------
    Screening

    Raises
    ------
    InputError
        If record, regimen, jurisdiction or answers cannot be used.
    """
    from ketascope.dosing import load_regimen

    day = on or date.today()
    place = _place(jurisdiction)
    known = _record(record, day)
    if answers is not None:
        from ketascope.safety.answers import answered

        known = answered(known, answers, day)
    given = load_regimen(regimen) if isinstance(regimen, str) else regimen
    return _screened(known, given, place, day, simulate)


def _screened(
    record: Record, regimen: RegimenLike, place: Jurisdiction, on: date, simulate: bool
) -> Screening:
    case = Case(record, on)
    parts = uses(regimen, _person(case))
    off = [use for use in parts if _off_label(use, place, case) == "yes"]
    asked = chosen(parts, off, place)
    findings, waiting = [], []
    for rule, mine, elsewhere in asked:
        verdict = either([judge(rule.condition, case.given(use.features)) for use in mine])
        if verdict.answer == "yes":
            findings.append(_finding(rule, verdict, mine, elsewhere))
        elif verdict.answer == "unknown":
            waiting.append((rule, verdict.open))
    if any(one.rule.exposure for one in findings):
        from ketascope.safety.exposure import with_exposure

        findings = with_exposure(findings, parts, regimen, _person(case), simulate)
    from ketascope.safety.rules import SEVERITIES

    findings.sort(key=lambda one: (SEVERITIES.index(one.severity), one.rule.kind, one.rule.id))
    return Screening(
        record.name or record.id,
        regimen.text,
        place,
        on,
        tuple(findings),
        tuple(questions(waiting, record, on)),
        tuple(not_screened(record, parts, [rule for rule, _, _ in asked], place, case)),
        len(asked),
        tuple(use.words for use in off),
    )


def chosen(
    parts: Sequence[Use], off: Sequence[Use], place: str
) -> list[tuple[Rule, list[Use], str]]:
    """Return the rules to judge, each with the uses it is about and where it was taken from.

    A label's advice on dose, co-treatment and review is left out for a use outside its licence.
    Where no contraindication of a place was read, those of other places are taken over, and say
    so.
    """
    found: list[tuple[Rule, list[Use], str]] = []
    for rule in rules().values():
        if not rule.holds_in(place):
            continue
        of_label = documents()[rule.document].kind == "label" and rule.kind in ADVICE
        mine = [use for use in parts if rule.covers(use) and not (of_label and use in off)]
        if mine:
            found.append((rule, mine, ""))
    borrowed: dict[str, tuple[Rule, list[Use], str]] = {}
    for use in parts:
        if not any(_is_bar(rule) and use in mine for rule, mine, _ in found):
            for rule, where in _from_elsewhere(use):
                borrowed.setdefault(rule.id, (rule, [], where))[1].append(use)
    return [*found, *borrowed.values()]


def because_of(fact: Fact) -> dict[str, Any]:
    """Return a fact as it is told: its text, the concept, the code and the day."""
    from ketascope.patients.concepts import concept

    name = concept(fact.concept).name
    text = f"no {name}" if fact.state == "denied" else name
    if fact.value is not None:
        text = f"{name} {fact.value:g} {fact.unit}".rstrip()
    if fact.detail:
        text += f": {fact.detail}"
    if fact.course == "past":
        text += " (past)"
    if fact.on is not None:
        text += f", {fact.on}"
    found: dict[str, Any] = {"text": text, "concept": fact.concept, "state": fact.state}
    found |= {
        key: value
        for key, value in (
            ("code", fact.code),
            ("where", fact.because),
            ("on", None if fact.on is None else fact.on.isoformat()),
        )
        if value
    }
    return found


def _place(name: str) -> Jurisdiction:
    return jurisdiction(name, "--jurisdiction")


def _record(record: Record | Patient | str | PathLike[str], on: date) -> Record:
    from ketascope.patients.facts import Record as Known
    from ketascope.patients.patient import Patient

    if isinstance(record, Known):
        return record
    if isinstance(record, Patient):
        return Known(covariates=record, sex=record.sex, name=record.name or "")
    from ketascope.patients.record import read_record

    return read_record(record, on=on)


def _person(case: Case) -> Patient | None:
    """Covariates with the newest weight of the record."""
    from dataclasses import replace

    from ketascope.patients.patient import Patient

    patient = case.record.covariates or Patient()
    weight = weight_of(case)
    try:
        return patient if weight is None else replace(patient, weight=weight)
    except InputError:
        return patient


def _off_label(use: Use, place: str, case: Case) -> str:
    """Whether a use is outside its licence: yes, no or unknown."""
    verdicts = [
        judge(rule.condition, case.given(use.features))
        for rule in rules().values()
        if rule.off_label and rule.holds_in(place) and rule.covers(use)
    ]
    return either(verdicts).answer if verdicts else "unknown"


def _is_bar(rule: Rule) -> bool:
    return rule.kind == "contraindication" and documents()[rule.document].kind == "label"


def _from_elsewhere(use: Use) -> Iterable[tuple[Rule, str]]:
    """Contraindications of other places, each once."""
    seen: set[str] = set()
    for rule in rules().values():
        if _is_bar(rule) and rule.covers(use) and str(rule.condition) not in seen:
            seen.add(str(rule.condition))
            yield rule, place_words(rule.jurisdictions[0])


def _finding(rule: Rule, verdict: Verdict, mine: Sequence[Use], elsewhere: str) -> Finding:
    words = tuple(use.words for use in mine)
    message = f"Contraindicated in {elsewhere}: {rule.message}" if elsewhere else rule.message
    return Finding(
        rule, rule.severity, message, rule.action, verdict.facts, verdict.said, words, elsewhere
    )
