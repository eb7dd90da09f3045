"""What a regimen asks of a person: visits, drug, hours that must be spent under observation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.checks.compare_lines import Ends, Line
from ketascope.dosing.observation import observed_hours

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray


def burden_lines(results: Sequence[xr.Dataset]) -> list[Line]:
    """Return sessions, days from first to last, hours on site and the drug given."""
    told = [_told(result) for result in results]
    return [
        _line("Visits", "", [one["visits"] for one in told], ""),
        _line("From the first to the last", "days", [one["days"] for one in told], ""),
        _line(
            "Least hours on site, all visits",
            "h",
            [one["hours"] for one in told],
            " ".join(dict.fromkeys(one["why"] for one in told if one["why"])),
        ),
        _drug_line(told),
    ]


def _drug_line(told: Sequence[dict[str, Any]]) -> Line:
    """Milligrams of one drug are compared; those of two drugs are not the same thing."""
    values = [one["mg"] for one in told]
    drugs = list(dict.fromkeys(drug for one in told for drug in one["drugs"]))
    line = _line(f"{' / '.join(drugs).capitalize()} given, median person", "mg", values, "")
    if len(drugs) == 1:
        return line
    note = "Different drugs: milligrams are not compared."
    return replace(line, differences=tuple(None for _ in values[1:]), note=note)


def _told(result: xr.Dataset) -> dict[str, Any]:
    sessions = json.loads(str(result.attrs["sessions"]))
    doses = json.loads(str(result.attrs["doses"]))
    hours, why = observed_hours(sessions, doses)
    return {
        "visits": float(len(sessions)),
        "days": float(sessions[-1]["day"] - sessions[0]["day"] + 1),
        "hours": hours,
        "why": why,
        "mg": float(np.median(_milligrams(result, doses))),
        "drugs": list(dict.fromkeys(dose["drug"] for dose in doses)),
    }


def _milligrams(result: xr.Dataset, doses: Sequence[dict[str, Any]]) -> NDArray[np.float64]:
    """Milligrams that each person is given, by the weight and up to the cap of each dose."""
    import pandas as pd

    from ketascope.patients import weight_for

    people = pd.DataFrame({c: result[c].to_numpy() for c in ("id", "weight", "height", "sex")})
    total = np.zeros(len(people))
    weights: dict[str, Any] = {}
    for dose in doses:
        if dose["unit"] != "mg/kg":
            total += dose["amount"]
            continue
        basis = dose["basis"]
        if basis not in weights:
            weights[basis] = np.asarray(weight_for(people, basis), dtype=float)
        given = dose["amount"] * weights[basis]
        total += given if dose["cap_mg"] is None else np.minimum(given, dose["cap_mg"])
    return total


def _line(quantity: str, unit: str, values: list[float | None], note: str) -> Line:
    def point(value: float | None) -> Ends | None:
        return None if value is None else {"q05": None, "q50": value, "q95": None}

    first = values[0]
    differences = [
        point(None if value is None or first is None else value - first) for value in values[1:]
    ]
    return Line("burden", quantity, unit, tuple(point(v) for v in values), tuple(differences),
                "difference", "none", note)  # fmt: skip
