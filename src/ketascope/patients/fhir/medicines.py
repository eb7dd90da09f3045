"""Medicines: requested, said to be taken, or given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ketascope.patients.facts import Fact
from ketascope.patients.fhir.conditions import UNMATCHED, because
from ketascope.patients.fhir.context import Match, place
from ketascope.patients.fhir.days import day, end_of, start_of
from ketascope.patients.fhir.terms import Term, negated, term

if TYPE_CHECKING:
    from datetime import date

    from ketascope.patients.facts import Course
    from ketascope.patients.fhir.context import Context
    from ketascope.patients.fhir.load import Resource

_KEEP = 5
_DOUBTFUL = "its words may say that it is not taken, and no code of it is known here"
_DEPTH = 6
_COURSES: dict[str, dict[str, Course]] = {
    "MedicationRequest": {
        "active": "active", "on-hold": "unknown", "unknown": "unknown", "completed": "past",
        "stopped": "past",
    },
    "MedicationStatement": {
        "active": "active", "intended": "unknown", "on-hold": "unknown", "unknown": "unknown",
        "completed": "past", "stopped": "past",
    },
    "MedicationAdministration": {
        "in-progress": "active", "on-hold": "unknown", "unknown": "unknown",
        "completed": "past", "stopped": "past",
    },
}  # fmt: skip
_PLANS = ("proposal", "plan", "option")
_NASAL = ("nasal", "nose", "intranasal", "nostril")


def match_medicine(resource: Resource, context: Context) -> Match | None:
    """Return the substances of a request, a statement or an administration."""
    terms = _terms(resource, context)
    kind = resource["resourceType"]
    if not terms:
        context.notes.add(place(resource), "names no medicine that is in the record")
        return None
    label = f"{kind}: {terms[0].label()}"
    found, reason = find(context, terms)
    if not found:
        context.notes.add(label, reason)
        return None
    group = (
        tuple(found),
        terms[0].text,
        *(str(resource.get(key)) for key in ("status", "intent", "doNotPerform")),
    )
    return Match((found, terms), label, group, _when(resource), _KEEP)


def find(context: Context, terms: list[Term]) -> tuple[list[tuple[str, str, str]], str]:
    """Return (substance, how, code) of terms, or the reason where none is known.

    Codes come first; where no code is known, the words.
    """
    key = ("medicine", *terms)
    if key not in context.looked_up:
        context.looked_up[key] = _find(context, terms)
    known: tuple[list[tuple[str, str, str]], str] = context.looked_up[key]
    return known


def _find(context: Context, terms: list[Term]) -> tuple[list[tuple[str, str, str]], str]:
    found: dict[str, tuple[str, str, str]] = {}
    for said in terms:
        for one in said.codings:
            names = [*context.book.medicine(one.system, one.code)]
            denied = context.book.denied(one.system, one.code)
            if denied:
                names.append(f"-{denied}")
            for name in names:
                found.setdefault(name, (name, one.told(), f"{one.system}|{one.code}"))
    if found:
        return list(found.values()), ""
    doubtful = False
    for said in terms:
        for text in (said.text, *(one.display for one in said.codings)):
            if negated(text):
                doubtful = doubtful or bool(context.book.named(text))
                continue
            for name in context.book.named(text):
                found.setdefault(name, (name, "its text alone", "text"))
    wrong = next((said.malformed() for said in terms if said.malformed()), "")
    if found:
        return list(found.values()), ""
    return [], _DOUBTFUL if doubtful else wrong or UNMATCHED


def _terms(resource: Resource, context: Context) -> list[Term]:
    """Return what names the medicine: its code, else those of its ingredients."""
    said = term(resource.get("medicationCodeableConcept"))
    if said.codings or said.text:
        return [said]
    reference = resource.get("medicationReference")
    medication = context.resolve(reference, resource)
    if medication is None:
        text = reference.get("display") if isinstance(reference, dict) else None
        shown = term({"text": text})
        return [shown] if shown.text else []
    return _of_medication(medication, resource, context, seen=[])


def _of_medication(
    medication: Resource, holder: Resource, context: Context, seen: list[int]
) -> list[Term]:
    """Return the code of a Medication and of its ingredients; a circle of them ends."""
    if id(medication) in seen or len(seen) >= _DEPTH:
        context.notes.add(place(medication), "names its ingredients in a circle or too deeply")
        return []
    seen.append(id(medication))
    said = term(medication.get("code"))
    terms = [said] if said.codings or said.text else []
    listed = medication.get("ingredient")
    for one in listed[:20] if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        inner = term(one.get("itemCodeableConcept"))
        if inner.codings or inner.text:
            terms.append(inner)
        other = context.resolve(one.get("itemReference"), medication)
        other = other or context.resolve(one.get("itemReference"), holder)
        if other is not None:
            terms += _of_medication(other, holder, context, seen)
    return terms


def medicine_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the facts of a resource of medicines that is valid: one for each class."""
    kind, status = resource["resourceType"], str(resource.get("status"))
    course = _COURSES[kind].get(status)
    reason = _not_taken(resource, course)
    if reason or course is None:
        context.notes.add(match.label, reason)
        return []
    on, until = _days(resource, context)
    if on is not None and on > context.today:
        context.notes.add(match.label, f"is dated {on}, which is after {context.today}")
        return []
    if until is not None and until < context.today:
        course = "past"
    found, terms = match.found
    facts: list[Fact] = []
    for name, how, code in found:
        why = because(resource, terms[0], how)
        if name.startswith("-"):
            facts.append(Fact(name[1:], "denied", on=on, because=why, code=code))
            continue
        form = context.book.form(name)
        if form and not _says(resource, terms, form):
            context.notes.add(match.label, f"{name} matters as a {form} medicine, and it is not")
            continue
        detail = terms[0].text or name
        facts += [
            Fact(concept, "present", on=on, until=until, detail=detail, course=course,
                 because=why, code=code)
            for concept in context.book.classes(name)
        ]  # fmt: skip
    return facts


def _not_taken(resource: Resource, course: Course | None) -> str:
    """Return why a resource does not say that a medicine is or was taken; else ``""``."""
    if resource.get("doNotPerform") is True:
        return "asks that it is not given"
    if resource.get("intent") in _PLANS:
        return f"is a {resource['intent']}, not an order"
    return "" if course else f"has the status '{str(resource.get('status'))[:40]}'"


def _when(resource: Resource) -> str:
    for name in ("authoredOn", "effectiveDateTime", "dateAsserted"):
        if isinstance(resource.get(name), str):
            return str(resource[name])
    period = resource.get("effectivePeriod")
    return str(period.get("start")) if isinstance(period, dict) else ""


def _days(resource: Resource, context: Context) -> tuple[date | None, date | None]:
    """Return the first day and, where the record says so, the last."""
    today = context.today
    on = (
        day(resource.get("authoredOn"), today)
        or day(resource.get("effectiveDateTime"), today)
        or start_of(resource.get("effectivePeriod"), today)
        or day(resource.get("dateAsserted"), today)
    )
    if resource["resourceType"] == "MedicationAdministration":
        over = resource.get("status") in ("completed", "stopped")
        return on, (end_of(resource.get("effectivePeriod"), today) or on) if over else None
    until = end_of(resource.get("effectivePeriod"), today)
    dispensed = resource.get("dispenseRequest")
    if isinstance(dispensed, dict) and until is None and resource.get("status") != "active":
        # A prescription that is still active may be renewed past the days it can be dispensed.
        until = end_of(dispensed.get("validityPeriod"), today)
    for one in _dosages(resource):
        timing = one.get("timing")
        repeat = timing.get("repeat") if isinstance(timing, dict) else None
        if isinstance(repeat, dict) and until is None:
            until = end_of(repeat.get("boundsPeriod"), today)
    return on, until


def _dosages(resource: Resource) -> list[dict[str, Any]]:
    listed = resource.get("dosageInstruction") or resource.get("dosage")
    listed = listed if isinstance(listed, list) else [listed]
    return [one for one in listed if isinstance(one, dict)]


def _says(resource: Resource, terms: list[Term], form: str) -> bool:
    """Whether the words of a medicine, its dosage or its route name a form."""
    words = _NASAL if form == "nasal" else (form,)
    texts = [said.text for said in terms]
    texts += [one.display for said in terms for one in said.codings]
    texts.append(json.dumps(_dosages(resource), default=str)[:10_000])
    whole = " ".join(texts).casefold()
    return any(word in whole for word in words)
