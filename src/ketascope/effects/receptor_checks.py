"""Published figures on receptors beside what is computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ketascope.effects.memantine import average_by_clearance
from ketascope.errors import InputError
from ketascope.evidence.receptor_values import ReceptorValue, receptor_values
from ketascope.evidence.receptors import Affinity, affinities, kinetics, partitions
from ketascope.models.receptor import blocked, blocker, pool, time_constants

__all__ = ["Computed", "ReceptorValue", "compute", "receptor_checks", "receptor_values"]

Computed = tuple[float, tuple[float, float] | None]
"""A number and, where published values or errors spread it, its interval."""
EQUILIBRATION: Final = 1000.0
"""Seconds of steady agonist before a protocol starts."""


def receptor_checks() -> Iterator[tuple[ReceptorValue, float, tuple[float, float] | None]]:
    """Yield each published figure with the number computed beside it and its interval.

    The unit is that of the published value.

    >>> rows = {row.id: number for row, number, _ in receptor_checks()}
    >>> round(rows["ebert_1997.ketamine.s_over_r"], 2)
    4.67
    """
    for row in receptor_values():
        number, interval = compute(row)
        yield row, number, interval


def compute(row: ReceptorValue) -> Computed:
    """Compute what stands beside a published figure.

    Raises
    ------
    InputError
        If it names no known way, or a row that there is not.
    """
    for name, way in _WAYS.items():
        if name in row.compute:
            return way(**row.compute)
    raise InputError(f"'{row.compute}' is no way to compute", where=row.id)


def _row(key: str) -> Affinity:
    for row in affinities(unchecked=True):
        if row.id == key:
            return row
    raise InputError(f"there is no affinity '{key}'")


def _span(row: Affinity) -> tuple[float, float]:
    error = row.se if row.se is not None else row.sd or 0.0
    return row.interval or (row.value - error, row.value + error)


def _one_row(row: str) -> Computed:
    found = _row(row)
    return found.value, found.interval


def _row_ratio(row_ratio: list[str]) -> Computed:
    over, under = (_row(key) for key in row_ratio)
    (low, high), (least, most) = _span(over), _span(under)
    interval = (low / most, high / least)
    return over.value / under.value, interval if interval[0] < interval[1] else None


def _pooled(pooled: str, ligand: str, enantiomer: str) -> Computed:
    found = pool(affinities(target=pooled, ligand=ligand, enantiomer=enantiomer))
    if found is None:
        raise InputError(f"no potency of {ligand} ({enantiomer}) at {pooled} is known")
    return found.central, (found.low, found.high) if found.spread else None


def _half_by_rates(half_by_rates: str) -> Computed:
    row = kinetics(half_by_rates)
    low = (row.koff - row.koff_sd) / (row.kon + row.kon_sd)
    high = (row.koff + row.koff_sd) / (row.kon - row.kon_sd)
    return blocker(half_by_rates).half, (low, high)


def _time_constant(time_constant: str, concentration: float, which: int) -> Computed:
    return time_constants(blocker(time_constant), concentration)[which], None


def _kept(ligand: str, concentration: float, seconds: float) -> float:
    """Share of block that is there still, ``seconds`` after agonist and drug have gone."""
    edges = [0.0, EQUILIBRATION, EQUILIBRATION + seconds]
    shares = blocked(blocker(ligand), edges, [concentration, 0.0], [1.0, 0.0]).sum(axis=-1)
    return float(shares[2] / shares[1])


def _untrapped(untrapped: str, concentration: float, seconds: float) -> Computed:
    return 1.0 - _kept(untrapped, concentration, seconds), None


def _trapped(trapped: str, concentration: float, seconds: float) -> Computed:
    return _kept(trapped, concentration, seconds), None


def _partition(partition: str) -> Computed:
    for row in partitions():
        if row.id == partition:
            return row.value, row.interval
    raise InputError(f"there is no partition ratio '{partition}'")


def _average(average_by_clearance: str) -> Computed:
    return _AVERAGES[average_by_clearance](), None


_AVERAGES: Final[dict[str, Callable[[], float]]] = {"memantine": average_by_clearance}
_WAYS: Final[dict[str, Callable[..., Computed]]] = {
    "row": _one_row,
    "row_ratio": _row_ratio,
    "pooled": _pooled,
    "half_by_rates": _half_by_rates,
    "time_constant": _time_constant,
    "untrapped": _untrapped,
    "trapped": _trapped,
    "partition": _partition,
    "average_by_clearance": _average,
}
