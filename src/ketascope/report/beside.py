"""Medicines taken beside it, as the report says it: published ratios, what was applied, figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.summary import MEASURES, analytes_of, exposure
from ketascope.evidence.substances import analyte
from ketascope.models.interaction_words import BY
from ketascope.models.medicines import RATIOS
from ketascope.report.numbers import concentration, rounded, sig
from ketascope.report.references import readable

if TYPE_CHECKING:
    import xarray as xr

SHOWN = ("cmax", "auc24", "half_life")
"""Figures that are shown with and without."""


def medicines_beside(result: xr.Dataset, without: xr.Dataset | None = None) -> dict[str, Any]:
    """Return what a report says of medicines taken beside it.

    Parameters
    ----------
    result : xarray.Dataset
    without : xarray.Dataset, optional
        The same people without them.

    Returns
    -------
    dict
        ``medicines``: name, whether and how it was predicted, sentences, and ``rows`` of published
        ratios; ``exposure``: medians of the first session by analyte with, without and their
        ratio; empty without ``without``. Values, and in ``shown`` what is printed.
    """
    told = json.loads(str(result.attrs.get("beside", "[]")))
    medicines = [
        {
            "medicine": one["medicine"],
            "predicted": one["predicted"],
            "basis": one["basis"],
            "multiply": one["multiply"],
            "text": readable(one["text"]),
            "rows": [_row(ratio) for ratio in one["ratios"]],
        }
        for one in told
    ]
    return {
        "medicines": medicines,
        "exposure": [] if without is None else _both(result, without),
    }


def _row(ratio: dict[str, Any]) -> dict[str, Any]:
    """One published ratio in words."""
    way = BY.get(ratio["route"], ratio["route"])
    of = "" if ratio["analyte"] == ratio["drug"] else f" of {analyte(ratio['analyte']).display}"
    printed = f"{ratio['ratio']:g}"
    if ratio["interval"]:
        low, high = ratio["interval"]
        printed += f" ({low:g} to {high:g})"
    if not ratio["checked"]:
        printed += ", not checked"
    given = ratio["model_gives"]
    people = f"{ratio['n']} {ratio['people']}" if ratio["n"] else ratio["people"]
    return {
        "id": ratio["id"],
        "what": f"{RATIOS[ratio['quantity']]}{of}, {ratio['drug']} {way}",
        "ratio": printed,
        "model_gives": "–" if given is None else f"{given:g}",
        "taken": ratio["medicine_dose"] or "not stated",
        "study": f"{ratio['study']}; {people}",
    }


def _both(result: xr.Dataset, without: xr.Dataset) -> list[dict[str, Any]]:
    """Medians of the first session with and without."""
    tables = [exposure(one).groupby("analyte")[list(SHOWN)].median() for one in (result, without)]
    groups = []
    for name in analytes_of(result):
        rows = []
        for measure in SHOWN:
            title, unit, _ = MEASURES[measure]
            changed, plain = (float(table[measure][name]) for table in tables)
            ratio = changed / plain if plain > 0 else float("nan")
            if not np.isfinite([changed, plain, ratio]).all():
                continue
            write = concentration if unit == "ng/mL" else sig
            rows.append(
                {
                    "name": title,
                    "unit": unit.replace("ng h/mL", "ng·h/mL"),
                    "with": rounded(changed),
                    "without": rounded(plain),
                    "ratio": rounded(ratio),
                    "shown": {
                        "with": write(changed),
                        "without": write(plain),
                        "ratio": sig(ratio),
                    },
                }
            )
        groups.append({"analyte": name, "rows": rows})
    return groups
