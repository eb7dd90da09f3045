"""Observations: pressure and other vital signs, laboratory values, totals of forms, answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ketascope.patients.concepts import concept
from ketascope.patients.facts import Fact
from ketascope.patients.fhir.conditions import UNMATCHED, find, means_all
from ketascope.patients.fhir.context import Match, place
from ketascope.patients.fhir.days import day, start_of
from ketascope.patients.fhir.terms import coding, term
from ketascope.patients.ucum import convert, written_unit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ketascope.patients.fhir.context import Context
    from ketascope.patients.fhir.load import Resource
    from ketascope.patients.fhir.terms import Term

_KEEP = 12
_STATUSES = ("final", "amended", "corrected", "preliminary")
_MAX_PARTS = 50


def match_observation(resource: Resource, context: Context) -> Match | None:
    """Return what an Observation measures or asks; None where it is noted instead."""
    said = term(resource.get("code"))
    label = f"Observation: {said.label()}"
    loinc = {one.code for one in said.codings if one.system == "loinc"}
    panel = bool(loinc & context.book.panels)
    codes = loinc | {code for part in _parts(resource) for code in part[1]}
    measured = any(code in context.book.measured for code in codes)
    asked = any(code in context.book.questions for code in codes)
    stated = [] if measured or asked or panel else _stated(resource, said, context)
    if not (measured or asked or panel or stated):
        context.notes.add(label, said.malformed() or UNMATCHED)
        return None
    group = (*sorted(codes), said.text if stated else "", str(resource.get("status")))
    return Match(stated, label, group, _when(resource), _KEEP)


def _parts(resource: Resource) -> Iterator[tuple[Any, frozenset[str]]]:
    """Give the components with their LOINC codes."""
    listed = resource.get("component")
    for part in listed[:_MAX_PARTS] if isinstance(listed, list) else ():
        if isinstance(part, dict):
            codings = term(part.get("code")).codings
            yield part, frozenset(one.code for one in codings if one.system == "loinc")


def _stated(resource: Resource, said: Term, context: Context) -> list[Any]:
    """Return the concepts of an Observation that is itself a finding, true or false."""
    if "valueBoolean" not in resource:
        return []
    return find(context, said)[0]


def observation_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the facts of an Observation that is valid."""
    status = resource.get("status")
    if status not in _STATUSES:
        context.notes.add(match.label, f"has the status '{str(status)[:40]}'")
        return []
    on = _day(resource, context)
    if on is not None and on > context.today:
        context.notes.add(match.label, f"is dated {on}, which is after {context.today}")
        return []
    facts: list[Fact] = []
    said = term(resource.get("code"))
    for part, codes in ((resource, _loinc(said)), *_parts(resource)):
        for code in sorted(codes):
            if code in context.book.measured:
                facts += _measurement(part, code, resource, on, context)
            elif code in context.book.questions:
                facts += _answer(part, code, resource, on, context)
    for hit, how, code in match.found:
        true = resource.get("valueBoolean") is True
        if not true and not means_all((hit, how, code), said, context):
            context.notes.add(match.label, "is false, but is only a part of what is asked about")
            continue
        facts.append(
            Fact(hit.concept, "present" if true else "denied", on=on, code=code,
                 because=f"{place(resource)}: {said.text} (matched by {how})")
        )  # fmt: skip
    return facts


def _loinc(said: Term) -> frozenset[str]:
    return frozenset(one.code for one in said.codings if one.system == "loinc")


def _measurement(
    part: Any, code: str, resource: Resource, on: date | None, context: Context
) -> list[Fact]:
    """Return the fact of a number with its unit, or note why there is none."""
    about = concept(context.book.measured[code])
    item = f"{place(resource)}: {about.name}"
    value, unit = _number(part)
    if isinstance(value, str):
        context.notes.add(item, value)
        return []
    if value is None:
        if part is not resource or not resource.get("component"):
            context.notes.add(item, "has no number")
        return []
    turned = convert(value, about.unit, unit)
    if isinstance(turned, str):
        context.notes.add(item, turned)
        return []
    low, high = about.limits or (-math.inf, math.inf)
    if not low <= turned <= high:
        shown = f"{turned:.6g} {about.unit}".strip()
        context.notes.add(item, f"{shown} is not possible, so it is taken for an error")
        return []
    detail = "preliminary" if resource.get("status") == "preliminary" else ""
    return [
        Fact(about.id, "present", value=turned, unit=about.unit, on=on, detail=detail,
             because=f"{place(resource)}: {about.name} (matched by LOINC {code})",
             code=f"loinc|{code}")
    ]  # fmt: skip


def _number(part: dict[str, Any]) -> tuple[float | str | None, str]:
    """Return the number and unit of a value, or the reason why there is none."""
    quantity = part.get("valueQuantity")
    if isinstance(quantity, dict):
        value = quantity.get("value")
        if quantity.get("comparator"):
            return f"is only known to be {str(quantity['comparator'])[:4]} {value}", ""
        unit = written_unit(quantity)
    else:
        value, unit = part.get("valueInteger"), ""
    if value is None:
        if part.get("dataAbsentReason") is not None:
            return "was not obtained", ""
        return ("has words where a number is due", "") if "valueString" in part else (None, "")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "has no number that can be read", ""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return (number, unit) if math.isfinite(number) else ("has no finite number", "")


def _answer(
    part: Any, code: str, resource: Resource, on: date | None, context: Context
) -> list[Fact]:
    """Return the fact of a coded answer, or note why there is none."""
    about = context.book.questions[code]
    item = f"{place(resource)}: {concept(about).name}"
    said = term(part.get("valueCodeableConcept"))
    for one in said.codings:
        key = (one.system, one.code)
        how = f"{place(resource)}: {said.text} (matched by {one.told()})"
        told = f"{one.system}|{one.code}"
        meant = context.book.results.get(key)
        if context.book.denials.get(key) == about or meant == "denied":
            return [Fact(about, "denied", on=on, because=how, code=told)]
        hits = [hit for hit in context.book.condition(*key) if hit.concept == about]
        if hits or meant == "present":
            past = hits[0].past if hits else ""
            return [
                Fact(about, "present", on=on, detail=past, because=how, code=told,
                     course="past" if past else "active")
            ]  # fmt: skip
    context.notes.add(item, f"the answer '{said.label()[:80]}' is not known here")
    return []


def _when(resource: Resource) -> str:
    for name in ("effectiveDateTime", "effectiveInstant", "issued"):
        if isinstance(resource.get(name), str):
            return str(resource[name])
    return ""


def _day(resource: Resource, context: Context) -> date | None:
    return day(_when(resource), context.today) or start_of(
        resource.get("effectivePeriod"), context.today
    )


# -- forms that were filled in ---------------------------------------------------------------


def match_form(resource: Resource, context: Context) -> Match | None:
    """Return which form a QuestionnaireResponse is; None where it is noted instead."""
    answers = dict(_items(resource.get("item"), depth=0))
    book = context.book
    known = {
        code: answer
        for code, answer in answers.items()
        if code in book.form_items or code in book.measured
    }
    label = f"QuestionnaireResponse: {str(resource.get('questionnaire') or 'unnamed')[:120]}"
    if not known:
        context.notes.add(label, "none of its items bears a LOINC code that is known here")
        return None
    when = str(resource.get("authored"))
    return Match(known, label, (*sorted(known), str(resource.get("status"))), when, _KEEP)


def _items(listed: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Give the items with the code that ends their linkId, and the first answer of each."""
    if not isinstance(listed, list) or depth > 10:
        return
    for item in listed[:500]:
        if not isinstance(item, dict):
            continue
        answers = item.get("answer")
        first = answers[0] if isinstance(answers, list) and answers else None
        if isinstance(item.get("linkId"), str) and isinstance(first, dict):
            yield item["linkId"].rstrip("/").rsplit("/", 1)[-1], first
            yield from _items(first.get("item"), depth + 1)
        yield from _items(item.get("item"), depth + 1)


def form_facts(resource: Resource, match: Match, context: Context) -> list[Fact]:
    """Return the totals, and the answers that matter alone, of a form that is valid."""
    status = resource.get("status")
    if status not in ("completed", "amended"):
        context.notes.add(match.label, f"has the status '{str(status)[:40]}'")
        return []
    on = day(resource.get("authored"), context.today)
    if on is not None and on > context.today:
        context.notes.add(match.label, f"is dated {on}, which is after {context.today}")
        return []
    points = {code: _points(answer, context) for code, answer in match.found.items()}
    for code, value in points.items():
        if value is None:
            context.notes.add(match.label, f"the answer to {code} cannot be read")
    totals = {
        context.book.measured[code]: value
        for code, value in points.items()
        if code in context.book.measured and value is not None
    }
    for form in context.book.forms:
        given = [points.get(code) for code in form.items]
        if not given or all(one is None for one in given):
            continue
        low, high = form.item_range
        scores = [one for one in given if one is not None]
        if any(not low <= one <= high for one in scores):
            context.notes.add(match.label, f"{form.name} has an answer outside {low} to {high}")
            totals.pop(form.total, None)
        elif len(scores) < len(given):
            missing = len(given) - len(scores)
            if form.total not in totals:
                context.notes.add(match.label, f"{form.name} lacks {missing} answers and a total")
        elif totals.setdefault(form.total, sum(scores)) != sum(scores):
            context.notes.add(
                match.label,
                f"the total of {form.name} is given as {totals.pop(form.total):g}, but its items "
                f"add up to {sum(scores):g}",
            )
    return [
        fact
        for name, value in totals.items()
        for fact in _total(name, value, resource, on, context)
    ]


def _total(
    name: str, value: float, resource: Resource, on: date | None, context: Context
) -> list[Fact]:
    about = concept(name)
    low, high = about.limits or (-math.inf, math.inf)
    if not low <= value <= high:
        context.notes.add(f"{place(resource)}: {about.name}", f"{value:g} is not possible")
        return []
    code = next(code for code, one in context.book.measured.items() if one == name)
    return [
        Fact(name, "present", value=value, on=on, code=f"loinc|{code}",
             because=f"{place(resource)}: {about.name} (matched by the LOINC codes of its items)")
    ]  # fmt: skip


def _points(answer: dict[str, Any], context: Context) -> float | None:
    """Return the points of an answer: a number, a code of LOINC, or its ordinal value."""
    for key in ("valueInteger", "valueDecimal"):
        value = answer.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value) if abs(value) < 1e6 else None
    raw = answer.get("valueCoding")
    one = coding(raw)
    if one is not None and one.code in context.book.points:
        return float(context.book.points[one.code])
    extensions = raw.get("extension") if isinstance(raw, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and str(extension.get("url")).endswith("/ordinalValue"):
            value = extension.get("valueDecimal")
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value) if abs(value) < 1e6 else None
    return None
