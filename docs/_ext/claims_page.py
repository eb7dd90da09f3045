"""Writes the page of what is commonly said of ketamine, judged, before a build.

`docs/claims.md` is made from the data and by running every computation that a claim names, so its
numbers are those of this version; it is not kept in the repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from library_pages import cite, plain, table

from ketascope.checks.claim_text import verdict_counts, who
from ketascope.checks.claims import Judged, claims
from ketascope.evidence.claims import STRENGTHS, TOPICS, VERDICTS, Evidence

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ketascope.checks.claim_numbers import Computed

INTRODUCTION = """# What is said of ketamine

Newspapers, clinics and papers say many things of ketamine. Some are well shown, some are true of
rats, some are advertising, some are wrong. Here each is restated in plain words, judged, and laid
open: what speaks for it, what against, who was studied, and how the source was read.

:::{admonition} Not advice
:class: warning

This page is no medical advice, and a verdict is no permission. Whoever thinks of treatment speaks
with a clinician who knows them. See the [safety notice](safety-notice.md).
:::

A finding counts for the living beings in which it was made. What was seen in rats or in cells is
marked so, and a claim on people is never called supported by animals alone. Most sources were
read as abstracts, not as whole papers; each entry says how. What could not be read is named, not
guessed.

`ketascope claims` prints the same; the simulated numbers below come from running the commands
beside them when this page was built."""

READING = """## How to read a verdict

{verdicts}

Not all evidence weighs the same. The kinds, from the words beside each finding:

{strengths}"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True}


def write_page(app: Sphinx) -> None:
    """Judge every claim and write the page."""
    text = page(claims())
    target = Path(app.srcdir) / "claims.md"
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def page(judged: list[Judged]) -> str:
    """Return the whole page."""
    verdicts = "\n".join(f"- **{name}**: {plain(text)}." for name, text in VERDICTS.items())
    strengths = table(["Kind", "Worth"], [[plain(k), plain(t)] for k, t in STRENGTHS.items()])
    parts = [
        INTRODUCTION,
        READING.format(verdicts=verdicts, strengths=strengths),
        "## All claims",
        plain(verdict_counts(judged)),
        overview(judged),
    ]
    for topic, title in TOPICS.items():
        mine = [one for one in judged if one.claim.topic == topic]
        if mine:
            parts.append(f"## {title}")
        for one in mine:
            parts += section(one)
    return "\n\n".join(parts) + "\n"


def overview(judged: Iterable[Judged]) -> str:
    """Return the table of claims, each with a link to its section."""
    rows = [
        [
            f"[{one.claim.id}](#claim-{one.claim.id})",
            plain(one.claim.claim),
            f"{one.claim.verdict}{'' if one.claim.reached else ', source not reached'}",
        ]
        for one in judged
    ]
    return table(["", "Claim", "Verdict"], rows)


def section(one: Judged) -> Iterator[str]:
    """Return the parts of one claim's section."""
    claim = one.claim
    yield f"(claim-{claim.id})=\n\n### {claim.id}. {plain(claim.claim)}"
    yield f"**{claim.verdict.capitalize()}.** {plain(claim.why)}"
    if not claim.reached:
        yield f"Not reached: {plain(claim.not_reached)}"
    for title, found in (("For", claim.evidence_for), ("Against", claim.evidence_against)):
        if found:
            yield f"{title}:"
            yield "\n".join(finding(each) for each in found)
    for computed in one.simulated:
        yield from simulated(computed)


def finding(one: Evidence) -> str:
    """Return one finding as a list item."""
    return (
        f"- {plain(one.finding)} *{plain(who(one))}.* "
        f"{cite(one.source)}, {plain(one.where)}; {plain(one.how)}."
    )


def simulated(one: Computed) -> Iterator[str]:
    """Return what a computation gives, with its commands."""
    yield f"Simulated: {plain(f'{one.text} {one.note}'.strip())}"
    if one.commands:
        yield "```text\n" + "\n".join(one.commands) + "\n```"
