"""What a regimen asks of a person: visits, drug, hours that must be spent under observation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ketascope.checks.compare_lines import Ends, Line
from ketascope.dosing.observation import observed_hours

if TYPE_CHECKING:
    import xarray as xr


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
            " ".join(one["why"] for one in told if one["why"]),
        ),
        _line("Drug given, median person", "mg", [one["mg"] for one in told], ""),
    ]


def _told(result: xr.Dataset) -> dict[str, Any]:
    sessions = json.loads(str(result.attrs["sessions"]))
    doses = json.loads(str(result.attrs["doses"]))
    weight = float(result["weight"].median())
    hours, why = observed_hours(sessions, doses)
    return {
        "visits": float(len(sessions)),
        "days": float(sessions[-1]["day"] - sessions[0]["day"] + 1),
        "hours": hours,
        "why": why,
        "mg": sum(
            dose["amount"] * (weight if dose["unit"] == "mg/kg" else 1.0) for dose in doses
        ),
    }  # fmt: skip


def _line(quantity: str, unit: str, values: list[float | None], note: str) -> Line:
    def point(value: float | None) -> Ends | None:
        return None if value is None else {"q05": None, "q50": value, "q95": None}

    first = values[0]
    differences = [
        point(None if value is None or first is None else value - first) for value in values[1:]
    ]
    return Line("burden", quantity, unit, tuple(point(v) for v in values), tuple(differences),
                "difference", "none", note)  # fmt: skip
