"""Writes the page of the rules of safe use before the site is built.

`docs/safety-rules.md` is made from the data of the package, so it cannot fall behind it; it is not
kept in the repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from library_pages import cite, plain, table

from ketascope.safety.regimen_rules import WORDS
from ketascope.safety.rules import (
    JURISDICTIONS,
    PLACES,
    SEVERITIES,
    Document,
    LookedFor,
    Rule,
    documents,
    looked_for,
    rules,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HEAD = (
    "# The rules of safe use\n\n"
    "Every rule that [`ketascope screen`](screening.md) judges, with the document and section that "
    "it was read in. A rule applies to a drug, to ways of giving it and to a place; *any* is "
    "everywhere. Its condition is judged in three values: what the record does not say is unknown, "
    "and becomes a question.\n\n"
    "**No label was read whole in its current version.** What was read, and when, stands with each "
    "document; each finding repeats it."
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True}


def write_page(app: Sphinx) -> None:
    """Write the page; an unchanged one is left alone."""
    path = Path(app.srcdir) / "safety-rules.md"
    text = rules_page()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def rules_page() -> str:
    """Return the page."""
    known = list(rules().values())
    parts = [HEAD, "## How many", count_table(known)]
    for document in documents().values():
        mine = [rule for rule in known if rule.document == document.id]
        parts += [f"## {plain(document.title)}", about(document), rule_table(mine)]
    parts += [
        "## Looked for, no source",
        "No rule was made for these. Where a record holds one, a screen names it as not screened.",
        looked_for_table(looked_for()),
    ]
    return "\n\n".join(parts) + "\n"


def count_table(known: Iterable[Rule]) -> str:
    """Return how many rules there are by place and severity."""
    listed = list(known)
    places: list[str] = [*JURISDICTIONS, "any"]
    rows = []
    for place in places:
        mine = [rule for rule in listed if place in rule.jurisdictions]
        if mine:
            counts = [str(sum(rule.severity == name for rule in mine)) for name in SEVERITIES]
            rows.append([PLACES.get(place, "any place"), *counts, str(len(mine))])
    return table(["Place", *SEVERITIES, "all"], rows)


def about(document: Document) -> str:
    """Return what a document is, and how it was read."""
    ways = ", ".join(WORDS[one] for one in document.formulations)
    places = ", ".join(PLACES.get(one, "any place") for one in document.jurisdictions)
    lines = [
        f"{cite(document.source)} ({document.kind}); {', '.join(document.drugs)}: {plain(ways)}; "
        f"{places}.",
        f"Read: {plain(document.reading)}.",
    ]
    if document.not_read:
        lines.append(f"Not read at all, and told as not screened: {', '.join(document.not_read)}.")
    return "\n".join(f"- {line}" for line in lines)


def rule_table(known: Iterable[Rule]) -> str:
    """Return the rules of a document."""
    rows = [
        [
            f"`{rule.id}`",
            rule.severity,
            plain(str(rule.condition)),
            f"{plain(rule.message)} *{plain(rule.action)}*",
            f"{cite(rule.source)}, {plain(rule.section)}",
        ]
        for rule in known
    ]
    return table(["Rule", "Severity", "When", "What is the matter, *what to do*", "Source"], rows)


def looked_for_table(known: Iterable[LookedFor]) -> str:
    """Return what was looked for without finding a source."""
    rows = [[plain(one.item), plain(one.looked_in), plain(one.found)] for one in known]
    return table(["Item", "Looked in", "Found"], rows)
