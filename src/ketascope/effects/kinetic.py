"""The second view of block: rates of binding and trapping in place of equilibrium."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.effects.potencies import enantiomer_ratio
from ketascope.effects.receptors import Account, Binding, driving_of, drugs_of
from ketascope.errors import InputError, Unsupported
from ketascope.models.receptor import Drug, blocked, blocker, drug_of, enantiomer_potency

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.models.receptor import Blocker
    from ketascope.models.receptor.brain import Drive
    from ketascope.models.receptor.trapping import Variant

PARTS: Final = 8
"""Pieces into which a step of the time grid is cut."""


def kinetic_block(
    result: xr.Dataset,
    *,
    activity: float = 1.0,
    variant: Variant = "rates",
    drive: Drive = "unbound plasma",
    binding: Binding = None,
    derived: bool = False,
) -> xr.DataArray:
    """Block of one channel by rates of binding, with trapping (Gilling 2009, no magnesium).

    Parameters
    ----------
    result : xarray.Dataset
        With ``ketamine``; with ``derived`` also with ``esketamine`` or ``arketamine``.
    activity : float
        Share of the time in which agonist holds the channel active, above 0 and up to 1. Block
        comes and goes this much more slowly; where it settles does not change.
    variant : {"rates", "ic50"}
        Printed rate constants, or those that meet the printed IC50.
    drive, binding
        As in :func:`occupancy`.
    derived : bool
        Take an enantiomer's rate of binding from its share in the racemate's potency.

    Returns
    -------
    xarray.DataArray
        Share of channels blocked; dims of the result.

    Raises
    ------
    InputError, Unsupported
        For an activity outside 0 to 1; where the result has no drug with rates.
    """
    if not 0 < activity <= 1:
        raise InputError(f"an activity of {activity:g} is not in 0 to 1", where="activity")
    account = Account()
    parents = [
        name for name, d in drugs_of(result, None, account).items() if d.ligand == "ketamine"
    ]
    if len(parents) != 1 or (parents != ["ketamine"] and not derived):
        raise Unsupported(
            "rates of block are known of racemic ketamine only",
            hint="derived=True works them out for one enantiomer",
        )
    drug = drug_of(parents[0])
    rates = blocker("ketamine", variant)
    if drug.enantiomer != "R+S":
        rates = _of_enantiomer(rates, drug)
    # nmol/L to umol/L
    driving = driving_of(result, {drug.name: drug}, drive, binding, account)[drug.name][0] / 1000.0
    ordered = driving.transpose(..., "time")
    edges, values = _finer(3600.0 * ordered["time"].to_numpy(), ordered.to_numpy())
    shares = blocked(rates, edges, values, activity).sum(axis=-1)[..., ::PARTS]
    found: xr.DataArray = ordered.copy(data=shares).rename("block_kinetic")
    words = f"share of channels blocked, rates of Gilling 2009 ({variant}), activity {activity:g}"
    found.attrs = {"units": "1", "long_name": words}
    return found


def _of_enantiomer(rates: Blocker, drug: Drug) -> Blocker:
    """Rates of one enantiomer: it leaves as the racemate does and binds by its potency."""
    ratio = enantiomer_ratio("ketamine")
    if ratio is None:
        raise Unsupported("the ratio of the enantiomers is not known")
    half = enantiomer_potency(rates.half, ratio.value, drug.enantiomer)
    return replace(rates, kon=rates.koff / half)


def _finer(times: Any, values: Any) -> tuple[Any, Any]:
    """Cut steps into pieces of constant concentration, straight lines between the points."""
    parts = np.arange(PARTS) / PARTS
    edges = (times[:-1, None] + np.diff(times)[:, None] * parts).ravel()
    middle = parts + 0.5 / PARTS
    pieces = values[..., :-1, None] + np.diff(values, axis=-1)[..., None] * middle
    return np.append(edges, times[-1]), pieces.reshape(*values.shape[:-1], -1)
