"""Outcome scores in words, for a terminal or a notebook."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

HEAD = ("measure", "rule", "estimate", "{} interval", "people", "if the missing did worst to best")


def heading(counts: dict[str, Any]) -> str:
    """One line on who was counted and who is missing."""
    text = (
        f"{counts['scale']}, {counts['baseline']} to {counts['at']}: {counts['people']} people, "
        f"{counts['with_both']} with both scores, {counts['without_later']} without the later one, "
        f"{counts['without_baseline']} without a baseline, {counts['without_either']} without both"
    )
    carried = counts["carried_forward"]
    return f"{text}; {carried} carried forward" if carried else text


def cells(row: dict[str, Any]) -> list[str]:
    """Cells of one measure, under :data:`HEAD`."""
    unit = " %" if row["unit"] == "%" else ""
    whole = row["n"] == row["people"] and abs(row["worst"] - row["best"]) < 1e-9
    people = f"{row['n']}" if math.isnan(row["count"]) else f"{row['count']:.0f} of {row['n']}"
    rule = f"{row['rule']} (convention)" if row["status"] == "convention" else row["rule"]
    return [
        row["measure"],
        rule,
        f"{_number(row['estimate'])}{unit}",
        _range(row["low"], row["high"]),
        people,
        "none missing" if whole else _range(row["worst"], row["best"]),
    ]


def _number(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.1f}".replace("-0.0", "0.0")


def _range(low: float, high: float) -> str:
    return "none" if math.isnan(low) else f"{_number(low)} to {_number(high)}"


def outcome_text(table: pd.DataFrame) -> str:
    """Return an outcome table as plain text.

    Parameters
    ----------
    table : DataFrame
        From :func:`ketascope.outcomes`, one row for each measure.
    """
    level = f"{100 * table.attrs['level']:g} %"
    parts = []
    for counts in json.loads(table.attrs["counts"]):
        mine = table[table["scale"] == counts["scale"]].to_dict("records")
        grid = [[part.format(level) for part in HEAD], *(cells(row) for row in mine)]
        widths = [max(len(line[column]) for line in grid) for column in range(len(HEAD))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in grid]
        parts.append("\n".join([heading(counts), "", *(line.rstrip() for line in lines)]))
    said = [f"Warning: {text}" for text in json.loads(table.attrs["warnings"])]
    said += [f"Note: {text}" for text in json.loads(table.attrs["notes"])]
    return "\n\n".join([*parts, "\n".join(said)]) + "\n"
