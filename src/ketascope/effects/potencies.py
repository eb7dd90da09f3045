"""Which potency holds for a ligand at a target, and why there is none where there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ketascope.evidence.receptors import affinities
from ketascope.models.receptor.equilibrium import (
    Potency,
    enantiomer_potency,
    pool,
    racemate_potency,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ketascope.evidence.receptors import Ligand
    from ketascope.models.receptor.brain import Drug

RATIO_AT: Final = "nmda"
"""Where the ratio of the enantiomers is taken from for other targets of the channel site."""
CHANNEL: Final = ("nmda", "glun2")
"""Beginnings of the names of targets that share the channel site."""


@dataclass(frozen=True, slots=True)
class Found:
    """A potency, or the reason why there is none.

    Parameters
    ----------
    potency : Potency or None
    reason : str
        Why there is none, or what the value does not say.
    inactive : bool
        No half-maximal effect was seen up to a concentration: the ligand adds nothing.
    """

    potency: Potency | None
    reason: str = ""
    inactive: bool = False


def find(target: str, drug: Drug, *, unchecked: bool = False, derived: bool = False) -> Found:
    """Find the potency of a ligand at a target.

    Parameters
    ----------
    target : str
    drug : Drug
    unchecked : bool
        Use rows that were not checked against their source, too.
    derived : bool
        Where an enantiomer has no value of its own at the channel site, work it out from that of
        the racemate and the ratio of the enantiomers in binding; and the racemate from its
        enantiomers.

    Returns
    -------
    Found
    """
    rows = affinities(
        target=target, ligand=drug.ligand, enantiomer=drug.enantiomer, unchecked=unchecked
    )
    own = pool(rows)
    if own is not None:
        return Found(own)
    above = [row.value for row in rows if row.relation == ">"]
    if above:
        reason = f"no half-maximal effect of {drug.name} up to {max(above):g} umol/L was seen"
        return Found(None, reason, inactive=True)
    if rows:
        below = min(row.value for row in rows)
        return Found(None, f"all that is known of {drug.name} is a potency below {below:g} umol/L")
    worked_out = _derived(target, drug, unchecked)
    if worked_out is not None and derived:
        return Found(worked_out)
    return Found(None, _reason(target, drug, unchecked, can_derive=worked_out is not None))


@dataclass(frozen=True, slots=True)
class Ratio:
    """Potency of R over that of S at the channel site, and its sources."""

    value: float
    sources: tuple[str, ...]


def enantiomer_ratio(ligand: Ligand) -> Ratio | None:
    """Return how much more potent S is than R in binding; None if it was not measured.

    >>> round(enantiomer_ratio("ketamine").value, 2)
    4.67
    """
    s, r = _pair(RATIO_AT, ligand, unchecked=False)
    if s is None or r is None:
        return None
    return Ratio(r.central / s.central, tuple(dict.fromkeys((*s.sources, *r.sources))))


def _reason(target: str, drug: Drug, unchecked: bool, *, can_derive: bool) -> str:
    """Say why there is no value, and what would give one."""
    kept_out = affinities(
        target=target, ligand=drug.ligand, enantiomer=drug.enantiomer, unchecked=True
    )
    if kept_out:
        keys = ", ".join(sorted({row.source for row in kept_out}))
        return f"the only value of {drug.name} was not checked against its source ({keys})"
    if can_derive:
        return f"no value of {drug.name} itself was measured; one can be worked out"
    if not unchecked and _derived(target, drug, unchecked=True) is not None:
        return f"{drug.name} could be worked out only from a value that was not checked"
    return f"no published value of {drug.name} was found"


def _derived(target: str, drug: Drug, unchecked: bool) -> Potency | None:
    if not target.startswith(CHANNEL):
        return None
    if drug.enantiomer in ("S", "R"):
        return _from_racemate(target, drug, unchecked)
    if drug.enantiomer == "R+S":
        return _from_enantiomers(target, drug, unchecked)
    return None


def _from_racemate(target: str, drug: Drug, unchecked: bool) -> Potency | None:
    whole = pool(
        affinities(target=target, ligand=drug.ligand, enantiomer="R+S", unchecked=unchecked)
    )
    ratio = enantiomer_ratio(drug.ligand)
    if whole is None or ratio is None:
        return None
    fold, name = ratio.value, drug.enantiomer
    note = (
        f"{drug.name}: worked out from the racemate and the ratio {fold:.2g} of the enantiomers of "
        f"{drug.ligand} in binding ({', '.join(ratio.sources)}), taken to compete for one site."
    )
    return _each(whole, lambda value: enantiomer_potency(value, fold, name), note, ratio)


def _from_enantiomers(target: str, drug: Drug, unchecked: bool) -> Potency | None:
    s, r = _pair(target, drug.ligand, unchecked)
    if s is None or r is None:
        return None
    note = "Worked out from both enantiomers, taken to be there in equal parts."
    return Potency(
        racemate_potency(s.central, r.central),
        racemate_potency(s.low, r.low),
        racemate_potency(s.high, r.high),
        min(s.count, r.count),
        s.spread,
        ids=(*s.ids, *r.ids),
        sources=tuple(dict.fromkeys((*s.sources, *r.sources))),
        note=note,
    )


def _pair(target: str, ligand: Ligand, unchecked: bool) -> tuple[Potency | None, Potency | None]:
    s, r = (
        pool(affinities(target=target, ligand=ligand, enantiomer=e, unchecked=unchecked))
        for e in ("S", "R")
    )
    return s, r


def _each(whole: Potency, turn: Callable[[float], float], note: str, ratio: Ratio) -> Potency:
    """Turn every number of a potency, and say how."""
    return replace(
        whole,
        central=turn(whole.central),
        low=turn(whole.low),
        high=turn(whole.high),
        sources=tuple(dict.fromkeys((*whole.sources, *ratio.sources))),
        note=f"{whole.note} {note}".strip(),
    )
