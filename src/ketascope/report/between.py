"""How far models and people are apart, as the report says it: numbers, table and remarks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ketascope.engine.summary import MEASURES
from ketascope.models import library
from ketascope.models.compare import comparability
from ketascope.report.curves import short_name
from ketascope.report.numbers import join, rounded, sig
from ketascope.report.tables import cell, unit_of

if TYPE_CHECKING:
    import pandas as pd

    from ketascope.models.structure import Model


def remarks(models: Sequence[str]) -> list[str]:
    """Return what to know before some models of the library are compared, by their short names."""
    known = [library()[name] for name in models if name in library()]
    return comparability(known, name=_short)


def _short(model: Model) -> str:
    return short_name(model.name)


def between(across: pd.DataFrame | None) -> dict[str, Any] | None:
    """Return the numbers of :func:`ketascope.across_models` that a report shows.

    None without a table, or where no figure is of two models.
    """
    if across is None:
        return None
    rows = [
        _row(mine)
        for _, mine in across.groupby(["analyte", "measure"], sort=False)
        if int(mine.loc[mine["kind"] == "mixture", "n"].iloc[0]) > 1
    ]
    if not rows:
        return None
    without = set(across.attrs["without_spread"])
    names = across.attrs["models"]
    return {
        "n": int(across.attrs["people"]),
        "models": [short_name(name) for name in names],
        "with_spread": [short_name(name) for name in names if name not in without],
        "without_spread": [short_name(name) for name in names if name in without],
        "rows": rows,
    }


def _row(mine: pd.DataFrame) -> dict[str, Any]:
    """One figure of all models, from its rows of the table."""
    models = mine[mine["kind"] == "model"]
    rows: list[dict[str, Any]] = [
        {str(key): value for key, value in record.items()} for record in mine.to_dict("records")
    ]
    of = {row["kind"]: row for row in rows}
    row: dict[str, Any] = {
        "analyte": rows[0]["analyte"],
        "measure": rows[0]["measure"],
        "name": MEASURES[rows[0]["measure"]][0],
        "unit": rows[0]["unit"].replace("ng h/mL", "ng·h/mL"),
        "n": int((models["n"] > 0).sum()),
        "lowest": rounded(float(models["q50"].min())),
        "highest": rounded(float(models["q50"].max())),
    }
    for kind, name in (("between models", "models"), ("between people", "people")):
        row[f"{name}_gsd"] = rounded(of[kind]["gsd"])
        row[f"{name}_fold"] = rounded(of[kind]["fold"])
    return row | {level: rounded(of["mixture"][level]) for level in ("q05", "q50", "q95")}


def printed(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the table as the page prints it: heads, rows by analyte, and what the columns mean."""
    if found is None:
        return None
    many = found["n"] > 1
    heads = ["Medians of the models", "Between models"]
    heads += ["Between people", "All models alike"] if many else []
    groups: list[dict[str, Any]] = []
    for row in found["rows"]:
        if not groups or groups[-1]["analyte"] != row["analyte"]:
            groups.append({"analyte": row["analyte"], "rows": []})
        cells = [_span(row, "lowest", "highest"), _fold(row["models_fold"])]
        if many:
            cells.append(_fold(row["people_fold"]))
            middle, range_ = cell(row, "q50"), _span(row, "q05", "q95")
            cells.append(middle if middle == range_ else f"{middle} ({range_})")
        groups[-1]["rows"].append({"name": row["name"], "unit": unit_of(row), "cells": cells})
    return {"heads": heads, "groups": groups, "meaning": _meaning(found, many=many)}


def _span(row: dict[str, Any], low: str, high: str) -> str:
    first, last = cell(row, low), cell(row, high)
    return first if first == last else f"{first} to {last}"


def _fold(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{sig(value, 2)}-fold"


def _meaning(found: dict[str, Any], *, many: bool) -> str:
    """Say what the columns are, and which models have no spread of their own."""
    told = (
        f"Session 1, the same {'people' if many else 'person'} in {join(found['models'])}. "
        "Between models: the highest of their medians over the lowest."
    )
    if not many:
        return told
    if found["with_spread"]:
        told += (
            " Between people: the 95 % over the 5 % quantile, pooled over those that print a "
            f"spread between people ({join(found['with_spread'])})."
        )
    else:
        told += " Between people: not known, because none of them prints a spread between people."
    told += " All models alike: median and 90 % of people where each model counts the same"
    if found["without_spread"]:
        told += (
            f"; {join(found['without_spread'])} print{'s' * (len(found['without_spread']) == 1)} "
            "no spread between people, so this range is too narrow"
        )
    return f"{told}."
