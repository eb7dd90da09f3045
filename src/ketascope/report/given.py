"""What doses per kg come to in mg, for one person or over many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.dosing import Amount
from ketascope.patients import weight_for
from ketascope.report.course import Given
from ketascope.report.curves import few
from ketascope.report.numbers import plain, sig

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def dose_by_weight(result: xr.Dataset, sessions: Sequence[Given]) -> list[str]:
    """Say what doses per kg come to in mg, by the weight they go by and up to their limit."""
    amounts = dict.fromkeys(a for s in sessions for a in s.amounts if a.unit == "mg/kg")
    frame = result[["weight", "height", "sex"]].to_dataframe() if amounts else None
    return [_sentence(a, weight_for(frame, a.basis)) for a in amounts if frame is not None]


def _sentence(amount: Amount, weights: Values) -> str:
    dose = str(replace(amount, cap_mg=None))
    name = "weight" if amount.basis == "actual" else f"{amount.basis} weight"
    asked = amount.value * weights
    cap = amount.cap_mg
    held = asked > cap * (1 + 1e-9) if cap is not None else np.zeros(asked.size, dtype=bool)
    if held.all() and held.size > 1:
        return f"{dose} is over {_mg(cap)} for everyone, so everyone gets {_mg(cap)}."
    if np.ptp(weights) < 1e-9 * weights[0]:
        text = f"{dose}: {name} {plain(round(float(weights[0]), 1))} kg gives {sig(asked[0])} mg"
        limit = f", held at {_mg(cap)}" if held[0] else f", under the limit of {_mg(cap)}"
    else:
        mg: Any = np.minimum(asked, np.inf if cap is None else cap)
        text = f"{dose} gives a median of {sig(float(np.median(mg)))} mg ({_range(mg)})"
        share = round(100 * float(held.mean()))
        count = f"{int(held.sum())} of {held.size}" if few(held.size) else f"{share or '<1'} %"
        limit = (
            f", held at {_mg(cap)} in {count} of people"
            if held.any()
            else f", nobody over the limit of {_mg(cap)}"
        )
        limit = limit.replace(f"{held.size} of people", f"{held.size} people")
    return f"{text}{limit if cap is not None else ''}."


def _mg(value: float | None) -> str:
    return f"{plain(value or 0.0)} mg"


def _range(mg: Values) -> str:
    if few(mg.size):
        return f"lowest {sig(float(mg.min()))}, highest {sig(float(mg.max()))} mg"
    low, high = np.quantile(mg, (0.05, 0.95))
    return f"90 % of people {sig(float(low))} to {sig(float(high))} mg"
