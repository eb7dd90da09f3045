"""How the dose records of a data set enter: compartment, bioavailability, lag, rate, duration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.engine.arrivals import Doses
from ketascope.engine.parameter_sets import line_of
from ketascope.errors import InputError
from ketascope.models.structure import Entry, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.records import Records
    from ketascope.engine.parameter_sets import Sets

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

MEANINGS = {
    "bioavailability": "bioavailability",
    "lag": "lag",
    "duration": "duration (RATE -2)",
    "rate": "rate (RATE -1)",
}


def find_doses(
    model: Structure, records: Records, index: Indices, sets: Sets, pset: Indices
) -> Doses:
    """Return the doses of a block.

    Bioavailability, lag, rate and duration are those of the dose's own record, for its additional
    doses too.

    Parameters
    ----------
    model : Structure
    records : Records
    index : ndarray of int, shape (R,)
        Records of the block.
    sets : Sets
    pset : ndarray of int, shape (R,)
        Parameter set of each record.

    Raises
    ------
    InputError
        For a value that is not a number or negative, or a record that needs a rate or duration
        that the model does not give.
    """
    row = np.flatnonzero(np.isin(records.evid[index], (1, 4)))
    at = index[row]
    rate, amount = records.rate[at], records.amt[at]
    found = _values(model, records, at, sets, pset[row])
    constant = (amount == 0) & (records.ss[at] > 0)
    given, lasts = (rate > 0) | (rate == -1), rate == -2
    size = found["bioavailability"] * amount
    speed = np.where(given, np.where(rate == -1, found["rate"], rate), 0.0)
    hours = np.where(lasts, found["duration"], 0.0)
    np.divide(size, speed, out=hours, where=given)
    np.divide(size, hours, out=speed, where=lasts)
    return Doses(
        row=row,
        compartment=np.maximum(records.cmt[at] - 1, 0),
        size=np.where(rate == 0, size, 0.0),
        rate=speed,
        duration=np.where(constant, np.inf, hours),
        lag=np.where(constant, 0.0, found["lag"]),
    )


def _values(
    model: Structure, records: Records, at: Indices, sets: Sets, pset: Indices
) -> dict[str, Values]:
    """Return what each dose takes from the model, shape (D,) each."""
    names = tuple(model.compartments)
    entries = model.entries(sets.individual, sets.who)
    unknown = [name for name in entries if name not in names]
    if unknown:
        raise InputError(
            f"the model gives an entry into '{unknown[0]}' without declaring it",
            where=f"model {model.name}",
            hint=f"its compartments are {', '.join(names)}",
        )
    ways = [entries.get(name, Entry()) for name in names]
    compartment = np.maximum(records.cmt[at] - 1, 0)
    needed = {"duration": records.rate[at] == -2, "rate": records.rate[at] == -1}
    found = {}
    for what, meaning in MEANINGS.items():
        table = np.full((len(names), len(sets)), np.nan)
        for row, way in zip(table, ways, strict=True):
            if (value := getattr(way, what)) is not None:
                row[:] = value
        values = table[compartment, pset]
        positive = what in needed
        bad = ~np.isfinite(values) | ((values <= 0) if positive else (values < 0))
        bad &= needed.get(what, True)
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            into = names[compartment[first]]
            absent = getattr(ways[compartment[first]], what) is None
            raise InputError(
                f"the model gives doses into '{into}' no {meaning}"
                if absent
                else f"the {meaning} of '{into}' is {values[first]:g}",
                where=f"model {model.name}, {line_of(records, int(at[first]))}",
                hint=f"its entries must say it, {'above 0' if positive else '0 or more'}",
            )
        found[what] = values
    return found
