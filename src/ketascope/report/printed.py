"""The exposure figures as the page prints them: tables, and the few at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketascope.engine.summary import MEASURES
from ketascope.report.data import Gathered
from ketascope.report.numbers import concentration, join
from ketascope.report.tables import cell, columns_for, unit_of


def one_value(gathered: Gathered) -> bool:
    """Whether a figure is one number: of one person, or alike for all to the digits shown."""
    if gathered.data["people"]["n"] == 1:
        return True
    columns = columns_for(gathered.data["people"]["n"])
    rows = [row for table in gathered.data["exposure"] for row in table["rows"]]
    return all(len({cell(row, column) for column in columns}) == 1 for row in rows)


def exposure_tables(gathered: Gathered) -> list[dict[str, Any]]:
    """Exposure tables as printed: one a session with quantiles; without spread a single table."""
    tables = gathered.data["exposure"]
    if not one_value(gathered):
        columns = columns_for(gathered.data["people"]["n"])
        return [_table([t], t["title"], list(columns.values()), list(columns)) for t in tables]
    titles = [f"Session {t['session']}, day {t['day']}" for t in tables]
    title = tables[0]["title"] if len(tables) == 1 else "Sessions"
    return [_table(tables, title, titles if len(tables) > 1 else ["Value"], ["q50"])]


def _table(
    tables: Sequence[dict[str, Any]], title: str, heads: list[str], columns: Sequence[str]
) -> dict[str, Any]:
    """One printed table: the cells of each row from every session given, and numbered notes."""
    notes: list[str] = []
    groups: list[dict[str, Any]] = []
    for row in tables[-1]["rows"]:
        if not groups or groups[-1]["analyte"] != row["analyte"]:
            groups.append({"analyte": row["analyte"], "rows": []})
        same = [_like(table, row) for table in tables]
        found = list(dict.fromkeys(note for one in same if one for note in one["notes"]))
        notes.extend(note for note in found if note not in notes)
        cells = [(column, cell(one, column) if one else "") for one in same for column in columns]
        groups[-1]["rows"].append(
            {
                "name": row["name"],
                "unit": unit_of(row),
                "cells": cells,
                "marks": [notes.index(note) + 1 for note in found],
                "flagged": row["flagged"],
            }
        )
    return {"title": title, "heads": heads, "groups": groups, "notes": notes,
            "session": tables[0]["session"]}  # fmt: skip


def _like(table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    """The row of another session with the same figure; the last concentration has none."""
    wanted = (row["analyte"], row["measure"])
    return next((r for r in table["rows"] if (r["analyte"], r["measure"]) == wanted), None)


def glance(gathered: Gathered) -> dict[str, Any]:
    """Peak, time and area of the parent drug, of the sessions that the tables show."""
    tables = gathered.data["exposure"]
    few = gathered.data["people"]["few"]
    single = one_value(gathered)
    low, high = ("lowest", "highest") if few else ("q05", "q95")
    rows = []
    for measure in ("cmax", "tmax", "auc24"):
        cells = []
        for table in tables:
            row = _parent_row(table, measure)
            spread = not single and row[high] is not None and row[high] > row[low]
            cells.append(
                {
                    "value": cell(row, "q50"),
                    "range": f"{cell(row, low)} to {cell(row, high)}" if spread else "",
                    "unit": unit_of(row) if row["q50"] is not None else "",
                }
            )
        rows.append({"name": _WORDS[measure], "short": MEASURES[measure][0], "cells": cells})
    return {
        "analyte": gathered.first.analytes[0],
        "columns": tables,
        "rows": rows,
        "others": _others(gathered.data["other_models"]),
    }


def _others(found: dict[str, Any] | None) -> str:
    """Say how high the first session peaks in other models."""
    if found is None:
        return ""
    low, high = concentration(found["low"]), concentration(found["high"])
    between = low if low == high else f"{low} to {high}"
    noun = "Other model" if found["n"] == 1 else f"{found['n']} other models"
    return (
        f"{noun}, typical person in each, session 1: Cmax {between} ng/mL ({join(found['names'])})."
    )


_WORDS = {"cmax": "Highest concentration", "tmax": "Reached after", "auc24": "Area over 24 h"}


def _parent_row(table: dict[str, Any], measure: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in table["rows"] if row["measure"] == measure)
    return found
