"""Receptor occupancy as tables: the peak of each target, and the course in records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.effects.memantine import memantine_reference
from ketascope.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LEVELS = (0.05, 0.5, 0.95)
"""Quantiles over people."""


def peak_block(found: xr.Dataset, *, unchecked: bool = False) -> list[dict[str, Any]]:
    """Summarise the peak block of each target over a course.

    Parameters
    ----------
    found : xarray.Dataset
        From :func:`ketascope.occupancy`.
    unchecked : bool
        Whether memantine may use values that were not checked.

    Returns
    -------
    list of dict
        One for each target: ``block`` (share, middle person, central values), ``low`` and
        ``high`` (what published values allow for that person), ``people`` (5th and 95th
        percentile, central values), ``time`` (h, of the middle person's peak), ``values`` (how many
        published values stand behind each ligand), ``memantine`` (share at steady state and its
        bounds, or None), ``sources``.
    """
    _need_people(found)
    beside = memantine_reference(unchecked=unchecked)
    potencies = json.loads(found.attrs["potencies"])
    rows = []
    for name in found["target"].to_numpy().tolist():
        block = found["block"].sel(target=name)
        peaks = block.max("time")
        central = peaks.sel(bound="central").quantile(LEVELS, dim="subject").to_numpy()
        middle = block.sel(bound="central").median("subject")
        used = potencies[name]
        rows.append(
            {
                "target": name,
                "display": str(found["display"].sel(target=name).item()),
                "block": float(central[1]),
                "low": float(peaks.sel(bound="low").median()),
                "high": float(peaks.sel(bound="high").median()),
                "people": [float(central[0]), float(central[2])],
                "time": float(found["time"][int(np.argmax(middle.to_numpy()))]),
                "values": {ligand: part["values"] for ligand, part in used.items()},
                "memantine": _beside(beside, name),
                "sources": sorted({key for part in used.values() for key in part["sources"]}),
            }
        )
    return rows


def _beside(beside: xr.Dataset, name: str) -> list[float] | None:
    if name not in beside["target"]:
        return None
    return [float(value) for value in beside["block"].sel(target=name)]


def _need_people(found: xr.Dataset) -> None:
    if set(found["block"].dims) != {"target", "bound", "subject", "time"}:
        raise InputError(
            "a table of block is of people over time",
            hint="simulate people, without quantiles and replicates",
        )


def occupancy_records(found: xr.Dataset) -> pd.DataFrame:
    """Return one row for each person and time.

    Columns ``id``, ``time`` (h); ``driving_LIGAND`` (nmol/L); ``block_TARGET`` and its
    ``block_TARGET_low`` and ``_high`` (shares of 1).

    Raises
    ------
    InputError
        If the result is not of people (quantiles, replicates).
    """
    import pandas as pd

    _need_people(found)
    people, count = found.sizes["subject"], found.sizes["time"]
    columns: dict[str, Any] = {
        "id": np.repeat(found["id"].to_numpy(), count),
        "time": np.tile(found["time"].to_numpy(), people),
    }
    for ligand in found["ligand"].to_numpy().tolist():
        values = found["concentration"].sel(ligand=ligand).transpose("subject", "time")
        columns[f"driving_{ligand}"] = values.to_numpy().reshape(-1)
    for name in found["target"].to_numpy().tolist():
        for bound, ending in (("central", ""), ("low", "_low"), ("high", "_high")):
            values = found["block"].sel(target=name, bound=bound).transpose("subject", "time")
            columns[f"block_{name}{ending}"] = values.to_numpy().reshape(-1)
    return pd.DataFrame(columns)
