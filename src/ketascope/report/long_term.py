"""The section of long use: grams of this course beside published groups, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.long_term import report_long_term
from ketascope.evidence import source
from ketascope.report.draw_long_term import draw_long_term
from ketascope.report.section import Picture, Section, Table

if TYPE_CHECKING:
    import xarray as xr

HEADINGS: Final = {
    "clinic": "in clinics",
    "extension": "long extensions of trials",
    "recreational": "outside treatment",
    "infrequent": "outside treatment, infrequent",
    "frequent": "outside treatment, frequent",
    "case": "a single case",
    "any": "",
}


def long_term_section(result: xr.Dataset, settings: Mapping[str, float]) -> Section:
    """Return the section; ``settings`` change nothing here."""
    del settings
    found = report_long_term(result)
    return Section(
        "long_term",
        "Long term",
        lead=tuple(found["text"]),
        picture=Picture(
            lambda width: draw_long_term(found, width),
            "Grams a month",
            "This course beside groups whose grams were published. Amounts, not risks.",
        ),
        tables=tuple(_table(topic, rows) for topic, rows in found["findings"].items() if rows),
        more=(("How the grams of each group were had", tuple(map(_group, found["groups"]))),),
        not_predicted=(found["not_predicted"],),
        sources=tuple(found["sources"]),
        data=found,
    )


def _table(topic: str, rows: list[dict[str, Any]]) -> Table:
    return Table(
        rows[0]["heading"],
        ("What was found", "In whom", "Numbers", "Source"),
        tuple(
            (
                row["what"],
                _who(row),
                "; ".join(number["text"] for number in row["numbers"]) or "none printed",
                source(row["source"]).short if row["source"] else "–",
            )
            for row in rows
        ),
    )


def _who(row: dict[str, Any]) -> str:
    pattern = HEADINGS.get(row["pattern"], row["pattern"])
    parts = [row["people"], row["dose"], pattern]
    return "; ".join(part for part in parts if part)


def _group(group: dict[str, Any]) -> str:
    return (
        f"{group['title']}: {group['basis']} ({source(group['source']).short}, {group['where']})."
        f" {group['note']}"
    ).strip()
