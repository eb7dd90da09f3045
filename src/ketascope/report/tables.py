"""Exposure figures of the sessions that a report shows, with notes where one needs care."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.summary import MEASURES, QUANTILES, analytes_of, exposure_table
from ketascope.models.structure import Model
from ketascope.report.course import Given
from ketascope.report.curves import few
from ketascope.report.numbers import concentration, rounded, sig
from ketascope.report.words import session_title

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Column of the data, and its heading.
COLUMNS = {f"q{round(q * 100):02d}": "median" if q == 0.5 else f"{q * 100:g} %" for q in QUANTILES}
#: The same for few people, who have no quantiles worth the name.
FEW_COLUMNS = {"q50": "median", "lowest": "lowest", "highest": "highest"}
_FROM = {"lowest": "q00", "highest": "q100"}


def columns_for(people: int) -> dict[str, str]:
    """Return the columns of the data for so many people, and their headings."""
    return FEW_COLUMNS if few(people) else COLUMNS


def shown_sessions(sessions: Sequence[Given]) -> list[Given]:
    """First session, last session, and the last of the highest dose where that is another."""
    first, last = sessions[0], sessions[-1]
    found = {first.index: first, last.index: last}
    top = max((_size(s) for s in sessions), default=0.0)
    if top > max(_size(first), _size(last)):
        highest = [s for s in sessions if _size(s) == top][-1]
        found[highest.index] = highest
    return [found[k] for k in sorted(found)]


def _size(session: Given) -> float:
    return sum(a.value for a in session.amounts)


def exposure_of(result: xr.Dataset, sessions: Sequence[Given], model: Model | None) -> list[Any]:
    """Return the exposure of each shown session: title, rows with quantiles, notes.

    Sessions that no simulated time reaches are left out.
    The last concentration is of the whole course, so it stands with the last session.
    """
    times = result["time"].to_numpy()
    reached = [s for s in sessions if np.any(times >= s.time - 1e-9)]
    shown = shown_sessions(reached)
    people = result.sizes["subject"]
    levels = (0.0, 0.5, 1.0) if few(people) else QUANTILES
    tables = []
    for session in shown:
        frame = exposure_table(result, session.index, levels)
        keep = [m for m in MEASURES if m != "last" or session is shown[-1]]
        rows = [
            _row(record, people, model)
            for name in analytes_of(result)
            for measure in keep
            for record in _records(frame, name, measure)
        ]
        tables.append(
            {
                "session": session.index + 1,
                "day": session.day,
                "dose": session.dose,
                "title": session_title(session, len(sessions)),
                "rows": rows,
            }
        )
    return tables


def _records(frame: pd.DataFrame, name: str, measure: str) -> list[dict[str, Any]]:
    mine = frame[(frame["analyte"] == name) & (frame["measure"] == measure)]
    return [{str(k): v for k, v in record.items()} for record in mine.to_dict("records")]


def _row(record: dict[str, Any], people: int, model: Model | None) -> dict[str, Any]:
    name, measure = record["analyte"], record["measure"]
    title, unit, meaning = MEASURES[measure]
    notes = []
    flag = model.flags.get((name, measure)) if model is not None else None
    if flag:
        notes.append(flag)
    if record["n"] == 0:
        notes.append(f"{title} cannot be had from the times of this session.")
    elif record["n"] < people:
        notes.append(f"{title} is from {record['n']:,} of {people:,} people.")
    return {
        "analyte": name,
        "measure": measure,
        "name": title,
        "unit": unit.replace("ng h/mL", "ng·h/mL"),
        "meaning": meaning,
        "n": int(record["n"]),
        **{c: rounded(record[_FROM.get(c, c)]) for c in columns_for(people)},
        "flagged": flag is not None,
        "flag": flag,
        "notes": notes,
    }


def unit_of(row: dict[str, Any]) -> str:
    """Return the unit that a row is printed in: times in min where the median is under 2 h."""
    if row["measure"] == "tmax" and (row["q50"] or 0.0) < 2:
        return "min"
    return str(row["unit"])


def cell(row: dict[str, Any], column: str) -> str:
    """Print one figure of a row, without its unit."""
    value = row[column]
    if value is None:
        return "–"
    if unit_of(row) == "min":
        return str(round(value * 60))
    return concentration(value) if row["unit"] == "ng/mL" else sig(value)
