"""A judged claim as text for a terminal or a file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketascope.checks.claim_numbers import Computed
    from ketascope.checks.claims import Judged
    from ketascope.evidence.claims import Evidence

INDENT = "  "


def claim_text(judged: Iterable[Judged], width: int = 96) -> str:
    """Return claims in sections, wrapped to a width in characters."""
    return "\n\n".join("\n".join(_lines(one, width)) for one in judged) + "\n"


def verdict_counts(judged: Iterable[Judged]) -> str:
    """Return in words how many claims have which verdict."""
    from ketascope.evidence.claims import VERDICTS

    listed = [one.claim.verdict for one in judged]
    told = [f"{listed.count(name)} {name}" for name in VERDICTS if name in listed]
    return f"{len(listed)} claims: {', '.join(told)}."


def who(one: Evidence) -> str:
    """Return kind of evidence, species, setting and number in one line."""
    count = f", n = {one.n}" if one.n is not None else ""
    species = "" if one.species == "none" else f"{one.species}; "
    return f"{one.strength}; {species}{one.setting}{count}"


def _lines(one: Judged, width: int) -> Iterator[str]:
    claim = one.claim
    yield from _wrapped(f"{claim.id}. {claim.claim}", width, "")
    yield f"{INDENT}Verdict: {claim.verdict}"
    yield from _wrapped(claim.why, width, INDENT)
    if not claim.reached:
        yield from _wrapped(f"Not reached: {claim.not_reached}", width, INDENT)
    for title, found in (("For", claim.evidence_for), ("Against", claim.evidence_against)):
        if found:
            yield f"{INDENT}{title}:"
        for each in found:
            yield from _evidence(each, width)
    if one.simulated:
        yield f"{INDENT}Simulated:"
    for computed in one.simulated:
        yield from _computed(computed, width)


def _evidence(one: Evidence, width: int) -> Iterator[str]:
    from ketascope.evidence import source

    text = f"- {one.finding} ({source(one.source).short}, {one.where}; {one.how}.)"
    yield from _wrapped(text, width, INDENT * 2, INDENT * 3)
    yield from _wrapped(f"[{who(one)}]", width, INDENT * 3)


def _computed(one: Computed, width: int) -> Iterator[str]:
    yield from _wrapped(f"- {one.text} {one.note}".rstrip(), width, INDENT * 2, INDENT * 3)
    for command in one.commands:
        # never broken, so that it can be copied
        yield f"{INDENT * 3}$ {command}"


def _wrapped(text: str, width: int, first: str, later: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    )
