"""Open-channel block with trapping: how fast block comes and goes, and what stays.

A channel is free (F), blocked at the deep site (D) or at the superficial one (S); the two exclude
each other (Kotermanski 2009)::

    S <-- ks c / ls --> F <-- a kd c / a ld --> D

The deep site is reached and left only while the channel is active, so both of its rates are
multiplied by the activity ``a``, the share of time in which agonist holds the channel active: 1
under steady agonist, 0 without it, when D is trapped. The superficial site is open whatever the
channel does. Ketamine binds to the deep site alone and is trapped whole; of blocked memantine about
a fifth leaves when agonist goes.

Two variants, because the abstract of Gilling 2009 gives two potencies that differ by two: ``rates``
takes both printed rate constants (their ratio is 1.5 umol/L for ketamine), ``ic50`` keeps the rate
of leaving and sets the other so that half block is at the printed IC50 (0.71 umol/L).

Rates are in 1/s, concentrations in umol/L, times in s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ketascope.errors import InputError
from ketascope.evidence.receptors import kinetics

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

Variant = Literal["rates", "ic50"]
VARIANTS: tuple[Variant, ...] = ("rates", "ic50")


@dataclass(frozen=True, slots=True)
class Blocker:
    """Rates of one blocker.

    Parameters
    ----------
    kon, koff : float
        Of block as a whole, L/umol/s and 1/s, under steady agonist.
    trapped : float
        Share of blocked channels at the deep site at equilibrium.
    release : float
        Rate (1/s) of leaving the superficial site; any number where all is trapped.
    source : str
    """

    kon: float
    koff: float
    trapped: float = 1.0
    release: float = 0.0
    source: str = ""

    @property
    def half(self) -> float:
        """Concentration of half block at equilibrium, umol/L."""
        return self.koff / self.kon

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """Rates of the scheme above: kd (L/umol/s), ld (1/s), ks (L/umol/s), ls (1/s)."""
        superficial = (1.0 - self.trapped) * self.release / self.half
        return self.trapped * self.kon, self.koff, superficial, self.release


def blocker(ligand: str, variant: Variant = "rates") -> Blocker:
    """Return a blocker as published.

    Parameters
    ----------
    ligand : {"ketamine", "memantine"}
    variant : {"rates", "ic50"}

    Raises
    ------
    InputError
        If no rates are known, or for another variant.
    """
    if variant not in VARIANTS:
        raise InputError(f"'{variant}' is not a variant", hint=f"known are {', '.join(VARIANTS)}")
    row = kinetics(ligand)
    kon = row.kon if variant == "rates" else row.koff / row.ic50
    release = 1.0 / row.release_tau if row.release_tau else 0.0
    return Blocker(kon, row.koff, row.trapped, release, row.source)


def blocked(
    drug: Blocker,
    edges: ArrayLike,
    concentration: ArrayLike,
    activity: ArrayLike = 1.0,
    start: ArrayLike = (0.0, 0.0),
) -> Values:
    """Solve the scheme for concentrations and activities that are constant between edges.

    Parameters
    ----------
    drug : Blocker
    edges : array_like, shape (n + 1,)
        Times in s, increasing.
    concentration : array_like, shape (..., n)
        umol/L from each edge to the next, not negative.
    activity : array_like, broadcastable to ``concentration``
        From 0 to 1.
    start : array_like, shape (2,) or (..., 2)
        Shares blocked at the deep and the superficial site at the first edge.

    Returns
    -------
    array, shape (..., n + 1, 2)
        Shares at the deep and the superficial site at each edge; their sum is blocked. Exact up to
        rounding.

    Raises
    ------
    InputError
        For edges that do not increase, negative concentrations, or an activity outside 0 to 1.
    """
    times = np.asarray(edges, float)
    steps = np.diff(times)
    given, active = np.broadcast_arrays(
        np.asarray(concentration, float), np.asarray(activity, float)
    )
    _check(steps, given, active)
    shape = given.shape[:-1]
    state = np.broadcast_to(np.asarray(start, float), (*shape, 2)).copy()
    found = np.empty((*shape, len(times), 2))
    found[..., 0, :] = state
    for k, step in enumerate(steps):
        state = _advance(drug, state, given[..., k], active[..., k], float(step))
        found[..., k + 1, :] = state
    return found


def _check(steps: Values, concentration: Values, activity: Values) -> None:
    if not (steps > 0).all():
        raise InputError("the times of a protocol do not increase")
    if concentration.ndim < 1 or concentration.shape[-1] != len(steps):
        raise InputError("a protocol needs one concentration for each stretch between its times")
    if not (concentration >= 0).all():
        raise InputError("a concentration is negative or missing")
    if not ((activity >= 0) & (activity <= 1)).all():
        raise InputError("an activity lies outside 0 to 1")


def _advance(drug: Blocker, state: Values, c: Values, a: Values, step: float) -> Values:
    """One stretch: the exact solution of two linear equations with constant input.

    With y = (D, S): y' = input - M y, input = (a kd c, ks c),
    M = [[a (kd c + ld), a kd c], [ks c, ks c + ls]]. The eigenvalues of -M are real and not above
    0, since the scheme is in detailed balance.
    """
    kd, ld, ks, ls = drug.rates
    deep, shallow = a * kd * c, ks * c
    one, four = deep + a * ld, shallow + ls
    # resting values of the three-state scheme, for any activity above 0
    total = 1.0 + c * kd / ld + (c * ks / ls if ls > 0 else 0.0)
    rest = np.stack([c * kd / ld / total, (c * ks / ls if ls > 0 else 0.0 * c) / total], axis=-1)
    still = a == 0.0
    # without activity D stays and only S moves, towards its share of what D leaves
    alone = np.where(four > 0, shallow / np.where(four > 0, four, 1.0), 0.0)
    target = np.where(still, (1.0 - state[..., 0]) * alone, rest[..., 1])
    rest = np.stack([np.where(still, state[..., 0], rest[..., 0]), target], axis=-1)
    m, q = -(one + four) / 2.0, np.sqrt(((one - four) / 2.0) ** 2 + deep * shallow)
    fast, slow = np.exp((m - q) * step), np.exp(np.minimum(m + q, 0.0) * step)
    cosh = (slow + fast) / 2.0
    sinh = np.where(q > 0, (slow - fast) / (2.0 * np.where(q > 0, q, 1.0)), step * np.exp(m * step))
    gone = state - rest
    d, s = gone[..., 0], gone[..., 1]
    # exp(-M t) = cosh I + sinh (-M - m I)
    new_d = cosh * d + sinh * ((-one - m) * d - deep * s)
    new_s = cosh * s + sinh * (-shallow * d + (-four - m) * s)
    return rest + np.stack([new_d, new_s], axis=-1)


def time_constants(drug: Blocker, concentration: float, activity: float = 1.0) -> tuple[float, ...]:
    """Time constants (s) with which block approaches equilibrium, fast first.

    One for a blocker that is trapped whole, two for one that is not; without activity only the
    superficial site equilibrates.

    >>> drug = blocker("ketamine")
    >>> round(time_constants(drug, 10.0)[0], 3)
    0.581
    """
    kd, ld, ks, ls = drug.rates
    c, a = concentration, activity
    if drug.trapped == 1.0:
        return (1.0 / (a * (kd * c + ld)),) if a > 0 else ()
    if a == 0.0:
        return (1.0 / (ks * c + ls),)
    one, four = a * (kd * c + ld), ks * c + ls
    m, q = (one + four) / 2.0, np.sqrt(((one - four) / 2.0) ** 2 + a * kd * ks * c * c)
    return float(1.0 / (m + q)), float(1.0 / (m - q))


def equilibrium(drug: Blocker, concentration: Any) -> Any:
    """Share of channels blocked at equilibrium, deep and superficial together."""
    ratio = np.asarray(concentration, float) / drug.half
    return ratio / (1.0 + ratio)
