"""Conditions, procedures and allergies: coded, with a status and a verification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketascope.patients.codes import Hit
from ketascope.patients.facts import Fact
from ketascope.patients.fhir.context import Match, place
from ketascope.patients.fhir.days import at_age, day, end_of, start_of
from ketascope.patients.fhir.terms import code_of, historical, negated, term

if TYPE_CHECKING:
    from datetime import date

    from ketascope.patients.facts import Course, State
    from ketascope.patients.fhir.context import Context
    from ketascope.patients.fhir.load import Resource
    from ketascope.patients.fhir.terms import Term

# (concept and past, how it was matched, the code of the fact)
Found = tuple[Hit, str, str]
UNMATCHED = "no rule or question speaks of it under this code or these words"
_KEEP = 10
_UNSURE = ("unconfirmed", "provisional", "differential")
_OVER = {"inactive": "inactive", "remission": "in remission", "resolved": "resolved"}


def find(context: Context, said: Term) -> tuple[list[Found], str]:
    """Return the concepts that a term names, and the reason where it names none."""
    if said not in context.looked_up:
        context.looked_up[said] = _find(context, said)
    known: tuple[list[Found], str] = context.looked_up[said]
    return known


def _find(context: Context, said: Term) -> tuple[list[Found], str]:
    found: dict[str, Found] = {}
    for one in said.codings:
        for hit in context.book.condition(one.system, one.code):
            found.setdefault(hit.concept, (hit, one.told(), f"{one.system}|{one.code}"))
    if found:
        return list(found.values()), ""
    wrong = said.malformed()
    texts = dict.fromkeys([said.text, *(one.display for one in said.codings)])
    words = [(name, text) for text in texts for name in context.book.by_words(text)]
    if any(negated(text) for _, text in words):
        return [], "its words may say that it is not so, and no code of it is known here"
    for name, text in words:
        past = "history" if historical(text) else ""
        found.setdefault(name, (Hit(name, past), "its text alone", "text"))
    return list(found.values()), "" if found else wrong or UNMATCHED


def because(resource: Resource, said: Term, how: str) -> str:
    """Return where in the record a fact stands, and by what it was matched."""
    return f"{place(resource)}: {said.text or 'without words'} (matched by {how})"


def match_condition(resource: Resource, context: Context) -> Match | None:
    """Return what a Condition is about; None where it is noted instead."""
    said = term(resource.get("code"))
    found, reason = find(context, said)
    label = f"Condition: {said.label()}"
    if not found:
        context.notes.add(label, reason)
        return None
    status = code_of(resource.get("clinicalStatus"))
    checked = code_of(resource.get("verificationStatus"))
    codes = tuple(code for _, _, code in found)
    group = (*codes, said.text if "text" in codes else "", status, checked)
    when = resource.get("recordedDate") or resource.get("onsetDateTime")
    return Match(found, label, group, str(when), _KEEP)


def condition_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the facts of a Condition that is valid."""
    said = term(resource.get("code"))
    checked = code_of(resource.get("verificationStatus"))
    if checked == "entered-in-error":
        context.notes.add(match.label, "was entered in error")
        return []
    if checked in _UNSURE:
        context.notes.add(match.label, f"is {checked}: not confirmed, and not excluded")
        return []
    told = day(resource.get("recordedDate"), context.today)
    on = _onset(resource, context)
    until, over = _end(resource, context)
    if _future(context, match.label, on, told):
        return []
    if checked == "refuted":
        whole = [one for one in match.found if means_all(one, said, context)]
        if not whole:
            context.notes.add(match.label, "is refuted, but is only a part of what is asked about")
        return [
            Fact(hit.concept, "denied", on=told or on, detail="refuted", code=code, said=told,
                 because=because(resource, said, how))
            for hit, how, code in whole
        ]  # fmt: skip
    status = code_of(resource.get("clinicalStatus"))
    over = over or _OVER.get(status, "")
    facts = []
    for hit, how, code in match.found:
        past = over or hit.past
        course: Course = "past" if past else "active" if status else "unknown"
        facts.append(
            Fact(hit.concept, "present", on=on, until=until, detail=past, code=code, said=told,
                 course=course, because=because(resource, said, how))
        )  # fmt: skip
    return facts


def means_all(found: Found, said: Term, context: Context) -> bool:
    """Whether a match means all of its concept, so that its contrary denies the concept."""
    hit, _, code = found
    if code == "text":
        table = context.book.words[1]
        return hit.concept in table.get(said.text.casefold(), ())
    return context.book.whole(hit.concept, *code.split("|", 1))


def _onset(resource: Resource, context: Context) -> date | None:
    return (
        day(resource.get("onsetDateTime"), context.today)
        or start_of(resource.get("onsetPeriod"), context.today)
        or at_age(resource.get("onsetAge"), context.born)
    )


def _end(resource: Resource, context: Context) -> tuple[date | None, str]:
    """Return the day when a condition ended, and the word for that where it is over."""
    ended = (
        day(resource.get("abatementDateTime"), context.today)
        or end_of(resource.get("abatementPeriod"), context.today)
        or at_age(resource.get("abatementAge"), context.born)
    )
    if ended is not None:
        return ended, "ended" if ended <= context.today else ""
    unknown_day = any(
        resource.get(f"abatement{kind}") is not None for kind in ("Age", "Range", "String")
    )
    return None, "ended" if unknown_day else ""


def _future(context: Context, label: str, *days: date | None) -> bool:
    """Note a resource that is dated after today."""
    late = [one for one in days if one is not None and one > context.today]
    if late:
        context.notes.add(label, f"is dated {late[0]}, which is after {context.today}")
    return bool(late)


def match_procedure(resource: Resource, context: Context) -> Match | None:
    """Return what a Procedure is about; None where it is noted instead."""
    said = term(resource.get("code"))
    found, reason = find(context, said)
    label = f"Procedure: {said.label()}"
    if not found:
        context.notes.add(label, reason)
        return None
    group = (*(code for _, _, code in found), said.text, str(resource.get("status")))
    when = resource.get("performedDateTime") or resource.get("performedPeriod")
    return Match(found, label, group, str(when), _KEEP)


def procedure_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the facts of a Procedure that is valid: planned, or done at some time."""
    status = resource.get("status")
    if status not in ("preparation", "in-progress", "on-hold", "completed"):
        context.notes.add(match.label, f"has the status '{status}'")
        return []
    on = day(resource.get("performedDateTime"), context.today) or start_of(
        resource.get("performedPeriod"), context.today
    )
    done = status == "completed"
    if done and _future(context, match.label, on):
        return []
    until = (end_of(resource.get("performedPeriod"), context.today) or on) if done else None
    said = term(resource.get("code"))
    return [
        Fact(hit.concept, "present", on=on, until=until, detail="done" if done else "planned",
             course="past" if done else "active", code=code, because=because(resource, said, how))
        for hit, how, code in match.found
    ]  # fmt: skip


def match_allergy(resource: Resource, context: Context) -> Match | None:
    """Return what an AllergyIntolerance is about; None where it is noted instead."""
    said = term(resource.get("code"))
    label = f"AllergyIntolerance: {said.label()}"
    found: list[Any] = []
    for one in said.codings:
        denied = context.book.denied(one.system, one.code)
        if denied:
            found.append((denied, "denied", one.told(), f"{one.system}|{one.code}"))
        for name in context.book.medicine(one.system, one.code):
            found.append((name, "present", one.told(), f"{one.system}|{one.code}"))
    words = "" if found or negated(said.text) else said.text
    found += [(name, "present", "its text alone", "text") for name in context.book.named(words)]
    known = [(_allergy(name), *rest) for name, *rest in found if _allergy(name)]
    if not known:
        context.notes.add(label, said.malformed() or UNMATCHED)
        return None
    group = (
        *(one[-1] for one in known),
        said.text,
        *(code_of(resource.get(f"{key}Status")) for key in ("clinical", "verification")),
    )
    return Match(known, label, group, str(resource.get("recordedDate")), _KEEP)


def _allergy(name: str) -> str:
    """Return the concept of an allergy to a substance or a class; ``""`` where there is none."""
    bare = name.removesuffix("_medicine")
    if bare in ("ketamine", "esketamine"):
        return f"hypersensitivity_{bare}"
    return name if name == "drug_hypersensitivity" else ""


def allergy_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the facts of an AllergyIntolerance that is valid."""
    checked = code_of(resource.get("verificationStatus"))
    if checked == "entered-in-error":
        context.notes.add(match.label, "was entered in error")
        return []
    on = day(resource.get("recordedDate"), context.today)
    if _future(context, match.label, on):
        return []
    said = term(resource.get("code"))
    status = _OVER.get(code_of(resource.get("clinicalStatus")), "")
    kind = resource.get("type")
    facts = []
    for concept, state, how, code in match.found:
        if state == "denied" and (checked == "refuted" or status):
            context.notes.add(match.label, f"says that none is known, but is {checked or status}")
            continue
        answer: State = "denied" if state == "denied" or checked == "refuted" else "present"
        detail = ", ".join(
            word for word in (checked if checked != "confirmed" else "", status, kind) if word
        )
        facts.append(
            Fact(concept, answer, on=on, detail=detail, code=code,
                 course="past" if status and answer == "present" else "active",
                 because=because(resource, said, how))
        )  # fmt: skip
    return facts
