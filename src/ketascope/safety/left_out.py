"""What a screen does not judge, each with the reason: of the record, of labels, of facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ketascope.safety.rules import documents, looked_for, place_words

if TYPE_CHECKING:
    from ketascope.patients.facts import NotScreened, Record
    from ketascope.safety.evaluate import Case
    from ketascope.safety.regimen_rules import Use
    from ketascope.safety.rules import Rule

_SEEN_KINDS = ("condition", "medicine", "allergy", "procedure")


def not_screened(
    record: Record, parts: Sequence[Use], asked: Sequence[Rule], place: str, case: Case
) -> list[NotScreened]:
    """Return what is left out.

    Parameters
    ----------
    record : Record
        With what its reader left out already.
    parts : sequence of Use
    asked : sequence of Rule
        That were judged.
    place : str
    case : Case
    """
    from ketascope.patients.facts import NotScreened as Left

    found = [*record.not_screened]
    for use in parts:
        found += [Left(item, reason) for item, reason in _labels_lacking(use, asked, place)]
    found += [Left(item, reason) for item, reason in _facts_unseen(record, asked, case)]
    return list(dict.fromkeys(found))


def _labels_lacking(use: Use, asked: Sequence[Rule], place: str) -> Iterable[tuple[str, str]]:
    """Say which label was not read, or which parts of it."""
    mine = [
        document
        for document in documents().values()
        if document.kind == "label"
        and place in document.jurisdictions
        and use.drug in document.drugs
        and use.formulations & set(document.formulations)
    ]
    if not mine:
        has_any = any(rule.covers(use) for rule in asked)
        rest = "only rules that hold everywhere were judged" if has_any else "no rule is about it"
        yield f"{use.words} in {place_words(place)}", f"no label of this place was read; {rest}"
    for document in mine:
        for part in document.not_read:
            yield f"{document.title}: {part}", "this part of the text was not read"


def _facts_unseen(record: Record, asked: Sequence[Rule], case: Case) -> Iterable[tuple[str, str]]:
    """Say which facts of the record no rule asks about."""
    from ketascope.patients.concepts import above, below, concept
    from ketascope.safety.conditions import concepts_of

    seen = frozenset(name for rule in asked for name in concepts_of(rule.condition))
    vain = {name: one for one in looked_for() for name in one.concepts}
    for fact in record.facts:
        asks = concept(fact.concept)
        if fact.state != "present" or asks.kind not in _SEEN_KINDS or not fact.current(case.on):
            continue
        related = {fact.concept} | (above(fact.concept) - {"medicines_any"})
        if fact.concept != "medicines_any":
            related |= below(fact.concept)
        if related & seen:
            continue
        item = f"{asks.name}: {fact.detail}" if fact.detail else asks.name
        if fact.concept in vain:
            yield item, f"looked for, no source. {vain[fact.concept].found}"
        else:
            yield item, "no rule that holds for this use and place asks about it"
