"""Block at equilibrium: published potencies pooled, several ligands at one site.

Ligands that compete for one site add up as shares of their potencies (Gaddum 1937):

    x = sum of c / K,    block = x^h / (1 + x^h)

with the Hill coefficient h, 1 for one site.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ketascope.evidence.receptors import Affinity

_RANGE = "range"


@dataclass(frozen=True, slots=True)
class Potency:
    """The potency of a ligand at a target, from one published value or from several.

    Parameters
    ----------
    central : float
        umol/L: the value, or the geometric mean of several.
    low, high : float
        umol/L: the most and the least potent of the values (and of the ranges that they stand
        for); the source's own interval where there is one value; else ``central``.
    count : int
        How many values.
    spread : str
        What ``low`` and ``high`` are; empty where there is no band.
    hill : float or None
        Geometric mean of the printed Hill coefficients.
    ids, sources : tuple of str
    note : str
        How it was worked out, where it was not measured as such.
    """

    central: float
    low: float
    high: float
    count: int
    spread: str = ""
    hill: float | None = None
    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def fold(self) -> float:
        """Fold between the central value and the bound that is farther off; 1 without a band."""
        return max(self.central / self.low, self.high / self.central)


def geometric_mean(values: Iterable[float]) -> float:
    """Geometric mean of positive numbers.

    >>> round(geometric_mean([1.0, 100.0]), 9)
    10.0
    """
    logs = [math.log(value) for value in values]
    return math.exp(math.fsum(logs) / len(logs))


def pool(rows: Sequence[Affinity]) -> Potency | None:
    """Pool the published values of one ligand at one target; None if none is a number.

    Rows that only set a bound (``>`` or ``<``) are left out.
    """
    exact = [row for row in rows if row.relation == "="]
    if not exact:
        return None
    central = geometric_mean(row.value for row in exact)
    if len(exact) == 1:
        low, high = exact[0].interval or (central, central)
        spread = f"{exact[0].interval_kind} of the one source" if exact[0].interval else ""
    else:
        ends = [row.interval for row in exact if row.interval and row.interval_kind == _RANGE]
        values = [row.value for row in exact] + [end for pair in ends for end in pair]
        low, high = min(values), max(values)
        spread = f"range of {len(exact)} published values"
    hills = [row.hill for row in exact if row.hill is not None]
    return Potency(
        central,
        low,
        high,
        len(exact),
        spread,
        geometric_mean(hills) if hills else None,
        tuple(row.id for row in exact),
        tuple(dict.fromkeys(row.source for row in exact)),
        " ".join(dict.fromkeys(row.note for row in exact if row.note)),
    )


def racemate_potency(s: float, r: float) -> float:
    """Potency of a 1:1 mixture of two enantiomers that compete for one site.

    Parameters
    ----------
    s, r : float
        Potencies of the enantiomers, in one unit.

    Returns
    -------
    float
        In that unit, by the sum of both concentrations: the harmonic mean.

    >>> racemate_potency(1.0, 3.0)
    1.5
    """
    return 2.0 / (1.0 / s + 1.0 / r)


def enantiomer_potency(racemate: float, ratio: float, enantiomer: str) -> float:
    """Potency of one enantiomer from that of the racemate and from their ratio.

    Parameters
    ----------
    racemate : float
        Potency of the 1:1 mixture.
    ratio : float
        Potency of R over that of S: 4.7 where S binds 4.7 times more tightly.
    enantiomer : {"S", "R"}

    Raises
    ------
    InputError
        For another enantiomer or a ratio that is not above 0.

    >>> s = enantiomer_potency(1.0, 4.0, "S")
    >>> s, racemate_potency(s, 4.0 * s)
    (0.625, 1.0)
    """
    if enantiomer not in ("S", "R"):
        raise InputError(f"'{enantiomer}' is not an enantiomer", hint="give S or R")
    if not ratio > 0:
        raise InputError(f"a ratio of potencies of {ratio:g} is not above 0")
    s = racemate * (1.0 + 1.0 / ratio) / 2.0
    return s if enantiomer == "S" else ratio * s


def block(shares: Any, hill: float = 1.0) -> Any:
    """Return the share of receptors that are blocked or occupied at equilibrium.

    Parameters
    ----------
    shares : array_like
        Sum over ligands of concentration over potency, without unit; not negative.
    hill : float
        Hill coefficient.

    Returns
    -------
    array of the same shape, from 0 up to 1

    Raises
    ------
    InputError
        If the Hill coefficient is not above 0.

    >>> float(block(1.0)), float(block(3.0)), float(block(0.0, hill=0.8))
    (0.5, 0.75, 0.0)
    """
    if not hill > 0:
        raise InputError(f"a Hill coefficient of {hill:g} is not above 0")
    raised = np.power(shares, hill) if hill != 1.0 else shares * np.float64(1.0)
    return raised / (1.0 + raised)
