"""Memantine at its clinical exposure, to stand beside ketamine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ketascope.effects.potencies import find
from ketascope.evidence.receptors import memantine
from ketascope.evidence.receptors import targets as known_targets
from ketascope.models.receptor import block, drug_of, to_driving
from ketascope.models.receptor.equilibrium import geometric_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from ketascope.models.receptor.brain import Drive

HOURS_PER_DAY = 24.0


def memantine_reference(
    *,
    targets: Iterable[str] | None = None,
    drive: Drive = "unbound plasma",
    unchecked: bool = False,
) -> xr.Dataset:
    """Block by memantine, 20 mg a day at steady state.

    The concentration is that of the label: from the lower end of its two printed ranges (which
    do not agree: 150 ng/mL are 0.84 and not 1 umol/L) to the upper. Once-daily doses swing little
    about it, since the half-life is 60 to 100 h.

    Parameters
    ----------
    targets : iterable of str, optional
        All targets with a value by default.
    drive : {"unbound plasma", "cerebrospinal fluid", "total plasma"}
    unchecked : bool
        Also values that were not checked.

    Returns
    -------
    xarray.Dataset
        ``concentration`` (nmol/L, dim ``bound``) and ``block`` (dims ``target``, ``bound``).

    >>> found = memantine_reference(targets=["glun2c_mg"])
    >>> [round(float(share), 2) for share in found.block[0]]
    [0.15, 0.1, 0.22]
    """
    import xarray as xr

    drug = drug_of("memantine")
    driver = to_driving(drug, drive)
    totals = total_concentration()
    factors = {"central": driver.central, "low": driver.low, "high": driver.high}
    driving = {bound: totals[bound] * factors[bound] for bound in totals}
    values: dict[str, list[float]] = {}
    rows: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for name in targets if targets is not None else known_targets():
        found = find(name, drug, unchecked=unchecked)
        if found.potency is None:
            missing[name] = found.reason
            continue
        p = found.potency
        weakest = {"central": p.central, "low": p.high, "high": p.low}
        values[name] = [float(block(driving[b] / weakest[b], p.hill or 1.0)) for b in driving]
        rows[name] = {"rows": list(p.ids), "spread": p.spread or "none: one value"}
    place = memantine().place
    return xr.Dataset(
        {
            "concentration": ("bound", [1000.0 * c for c in driving.values()], {"units": "nmol/L"}),
            "block": (("target", "bound"), list(values.values()), {"units": "1"}),
        },
        {"target": list(values), "bound": list(driving)},
        {
            "title": "Memantine 20 mg a day at steady state",
            "drive": drive,
            "sources": json.dumps([place.source]),
            "not_predicted": json.dumps(missing, ensure_ascii=False),
            "potencies": json.dumps(rows, ensure_ascii=False),
        },
    )


def total_concentration() -> dict[str, float]:
    """Total plasma concentration at steady state, umol/L: central, low, high.

    >>> {bound: round(value, 2) for bound, value in total_concentration().items()}
    {'central': 0.62, 'low': 0.39, 'high': 1.0}
    """
    known = memantine()
    by_mass = [value / known.molar_mass for value in known.concentration_mass]
    low = min(by_mass[0], known.concentration_molar[0])
    high = max(by_mass[1], known.concentration_molar[1])
    return {"central": geometric_mean((low, high)), "low": low, "high": high}


def average_by_clearance() -> float:
    """Average concentration (ng/mL of base) that the label's dose and clearance give.

    For 1.73 m² of body surface and complete absorption.

    >>> round(average_by_clearance())
    68
    """
    known = memantine()
    base = known.dose * known.molar_mass / known.molar_mass_hydrochloride
    litres = known.clearance * 60.0 / 1000.0
    return 1000.0 * base / HOURS_PER_DAY / litres
