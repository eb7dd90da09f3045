"""A screening in words, for the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from ketascope.evidence import source
from ketascope.safety.rules import place_words

if TYPE_CHECKING:
    from ketascope.safety.screen import Screening

SCOPE: Final = (
    "A screen judges the rules that this version holds, by what the record says; it never says "
    "that a use is safe."
)
WIDTH = 100
MATCHED: Final = {
    "concept": "matched by name",
    "text": "matched by words, without a code",
    "answer": "a clinician's answer",
}
"""Matches without a code."""


def state_words(found: Screening) -> str:
    """Say how much is open."""
    if found.complete:
        return f"All {found.judged} rules of this use and place were judged. {SCOPE}"
    parts = []
    if found.questions:
        waiting = {rule for one in found.questions for rule in one.rules}
        parts.append(
            f"{len(waiting)} of {found.judged} rules wait for answers to "
            f"{_count(len(found.questions), 'question')}"
        )
    if found.not_screened:
        parts.append(f"{_count(len(found.not_screened), 'item')} could not be screened")
    return f"Not complete: {'; '.join(parts)}."


def screen_text(found: Screening) -> str:
    """Return a screening as text, findings by severity first.

    Parameters
    ----------
    found : Screening
    """
    lines = [
        f"{found.patient or 'Patient'}: {found.regimen}",
        f"Rules of {place_words(found.jurisdiction)}, {found.on}. {state_words(found)}",
    ]
    if found.off_label:
        lines.append(f"Off label: {'; '.join(found.off_label)}.")
    for row in (one.record() for one in found.findings):
        lines += ["", *_finding(row)]
    if not found.findings:
        lines += ["", "No rule applies by what is known."]
    if found.questions:
        lines += ["", "QUESTIONS, gravest first (answer in a file for --answers)"]
        lines += [
            line
            for one in found.questions
            for line in _wrapped(f"{one.id}: {one.text}", f"  [{one.gravity}] ")
        ]
    if found.not_screened:
        lines += ["", "NOT SCREENED"]
        lines += [
            line for one in found.not_screened for line in _wrapped(f"{one.item}: {one.reason}")
        ]
    lines += ["", SCOPE]
    return "\n".join(lines) + "\n"


def matched(code: str) -> str:
    """Say how an entry of the record was matched: by which code, by a name, or by words.

    >>> matched("snomed|38341003"), matched("concept"), matched("text")
    ('matched by SNOMED CT 38341003', 'matched by name', 'matched by words, without a code')
    """
    from ketascope.patients.codes import NAMES

    if code in MATCHED:
        return MATCHED[code]
    system, _, number = code.partition("|")
    return f"matched by {NAMES.get(system, system)} {number}".rstrip()


def _finding(row: dict[str, Any]) -> list[str]:
    head = f"{row['severity'].upper()}  {row['title']}  [{row['rule']}]"
    because = "; ".join(
        why["text"] + (f" ({matched(why['code'])})" if why.get("code") else "")
        for why in row["because"]
    )
    cited = f"{source(row['source']).short}, {row['section']}; {row['reading']}"
    lines = [head, *_wrapped(row["message"]), *_wrapped(row["action"], "  Do: ")]
    lines += _wrapped(because, "  Because of: ") if because else []
    for told in row.get("exposure", []):
        lines += _wrapped(str(told["text"]), "  Exposure: ")
        if "simulated" in told:
            ratios = told["simulated"]
            lines.append(
                f"  Simulated here: peak x {ratios['peak_ratio']:.2f}, "
                f"area x {ratios['area_ratio']:.2f}"
            )
    return lines + _wrapped(cited, "  Source: ")


def _wrapped(text: str, head: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent="    ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
