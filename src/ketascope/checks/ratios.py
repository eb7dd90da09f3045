"""Figures that need two simulations of the same people: bioavailability and interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.checks.arms import regimen_of, simulated
from ketascope.checks.measures import Curve, centre_of
from ketascope.dosing import schedule
from ketascope.errors import Unsupported
from ketascope.evidence.published import Dose
from ketascope.models import get

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.evidence.published import PublishedValue

    Values = NDArray[np.float64]

WITH_OVER_WITHOUT = {"auc_ratio": "auc", "cmax_ratio": "cmax", "half_life_ratio": "half_life"}
RATIOS = ("bioavailability", *WITH_OVER_WITHOUT)


def ratio_of(value: PublishedValue, model: str, result: xr.Dataset, *, seed: int) -> Values:
    """Return a ratio between two simulations of the same people, one number a person.

    A study of a medicine prints the ratio of its means with and without, which is not the mean of
    ratios where people differ widely; the ratios of people are scaled so that their mean is it.

    Parameters
    ----------
    value : PublishedValue
        Its ``quantity`` is one of :data:`RATIOS`.
    model : str
    result : xarray.Dataset
        The arm as it was given, with the medicine taken beside it.
    seed : int

    Raises
    ------
    Unsupported
        If the model cannot give the other simulation.
    """
    if value.quantity == "bioavailability":
        return _bioavailability(value, model, result, seed)
    if value.conditions.beside is None:
        raise Unsupported("the medicine taken beside it is not named")
    alone = simulated([value], model, seed=seed)
    measure = WITH_OVER_WITHOUT[value.quantity]
    with_it = getattr(Curve(value, result), measure)()
    without = getattr(Curve(value, alone), measure)()
    each: Values = with_it / without
    printed = centre_of(value.statistic, with_it) / centre_of(value.statistic, without)
    return each * (printed / centre_of(value.statistic, each))


def _bioavailability(value: PublishedValue, model: str, result: xr.Dataset, seed: int) -> Values:
    """Area over that of the same doses given into the vein at once."""
    if "intravenous" not in get(model).routes:
        raise Unsupported(f"{model} has no intravenous route to compare with")
    given = schedule(regimen_of(value.conditions)).administrations
    doses = tuple(
        Dose(
            time=dose.time,
            drug=dose.drug,
            amount=dose.amount.value,
            unit=dose.amount.unit,
            route="intravenous",
        )
        for dose in given
    )
    into_vein = value.model_copy(
        update={"conditions": value.conditions.model_copy(update={"doses": doses})}
    )
    other = simulated([into_vein], model, seed=seed)
    found: Values = Curve(value, result).auc() / Curve(into_vein, other).auc()
    return found
