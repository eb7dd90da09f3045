"""The section of common reactions: published shares with the drug and with the control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.reactions import report_reactions
from ketascope.evidence import source
from ketascope.report.section import Section, Table, sentence

if TYPE_CHECKING:
    import xarray as xr

MOST_ROWS: Final = 14
"""Reactions of one table that a page shows; the data hold all."""
MOST_TABLES: Final = 2


def reactions_section(result: xr.Dataset, settings: Mapping[str, float]) -> Section:
    """Return the section; ``settings`` change nothing here."""
    del settings
    found = report_reactions(result)
    tables: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    missing: dict[str, None] = {}
    for dose in found["doses"]:
        if dose["not_predicted"]:
            missing[sentence(dose["not_predicted"])] = None
        if dose["note"]:
            notes.append(dose["note"])
        # with a control first: a share without one says little of the drug
        for table in sorted(dose["tables"], key=lambda t: t["rows"][0]["control"] is None):
            tables.setdefault(table["id"], table)
    ordered = sorted(tables.values(), key=_rank)
    shown, others = ordered[:MOST_TABLES], ordered[MOST_TABLES:]
    return Section(
        "reactions",
        found["title"],
        lead=(*found["text"], *dict.fromkeys(notes)),
        tables=tuple(_table(table) for table in shown),
        more=(
            ("Limits of these tables", tuple(
                f"{table['title']}: {limit}" for table in shown for limit in table["limits"]
            )),
            ("Further tables, whole in the data", tuple(_other(table) for table in others)),
        ),
        not_predicted=tuple(missing),
        sources=tuple(found["sources"]),
        data=found,
    )  # fmt: skip


def _rank(table: dict[str, Any]) -> tuple[bool, int]:
    """Tables with a control first, then those of more people."""
    first = table["rows"][0]
    return first["control"] is None, -(first["drug"]["n"] or 0)


def _table(table: dict[str, Any]) -> Table:
    dose = " or ".join(f"{dose:g}" for dose in table["doses"])
    rows = table["rows"][:MOST_ROWS]
    left = len(table["rows"]) - len(rows)
    first = rows[0]["drug"]["n"]
    caption = (
        f"{table['title']}: {dose} {table['unit']}, {table['people']}"
        f"{f', {first} people' if first else ''}; {table['window']}; control: {table['control']}"
    )
    return Table(
        caption,
        ("Reaction", "Drug", "Control", "Difference", "Needed to harm"),
        tuple(
            (
                row["display"],
                _share(row["drug"]),
                _share(row["control"]),
                _difference(row["difference"]),
                row["needed_to_harm"]["text"] or "–",
            )
            for row in rows
        ),
        notes=tuple(
            filter(None, [f"{left} more reactions are in the data." if left else "",
                          f"Source: {', '.join(source(key).short for key in table['sources'])}."])
        ),
    )  # fmt: skip


def _share(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    text = f"{100 * found['share']:.1f} %"
    if found["low"] is None:
        return text
    return f"{text} ({100 * found['low']:.0f} to {100 * found['high']:.0f})"


def _difference(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    text = f"{100 * found['value']:+.1f} points"
    if found["low"] is not None:
        text += f" ({100 * found['low']:+.0f} to {100 * found['high']:+.0f})"
    return text.replace("-", "\u2212")


def _other(table: dict[str, Any]) -> str:
    rows = ", ".join(f"{row['display']} {_share(row['drug'])}" for row in table["rows"][:4])
    return f"{table['title']} ({table['window']}): {rows}."
