"""Readings of blood pressure: they scatter, and the largest of several is above the truth.

A change is a reading less the one before the dose, which scatters too and is common to all changes
of a session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

READ: Final = (40 / 60, 1.0, 1.5)
"""h at which trials of the spray read pressure: a convention."""
LARGEST_OF_8: Final = 1.42
"""Mean of the largest of eight standard normal numbers."""
MOST_BEFORE: Final = {"systolic": 140.0, "diastolic": 90.0}
"""Levels before the dose (mmHg) above which the trials of the spray did not dose."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_CUTS: Final = np.arange(-48.0, 144.0, 2.0)


def below(rise: ArrayLike, sd: ArrayLike, cut: float) -> Values:
    """Return the probability that no change of a session's readings reaches a cut.

    Parameters
    ----------
    rise : array_like, shape (people, sessions, readings)
        What the drug adds, mmHg.
    sd : array_like, shape (people,)
        Scatter of a reading, mmHg.
    cut : float
        mmHg.

    Returns
    -------
    ndarray, shape (people, sessions)
    """
    from scipy.special import ndtr

    drug, s = np.asarray(rise, dtype=float), np.asarray(sd, dtype=float)[:, None, None]
    found = np.zeros(drug.shape[:2])
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        found += weight * ndtr((cut + node * s - drug) / s).prod(axis=2)
    return found


def largest(rise: ArrayLike, sd: ArrayLike) -> Values:
    """Return the mean of the largest change of a session's readings, shape (people, sessions).

    The reading before the dose scatters about nought and is common to all changes, so that it
    leaves this mean alone. Parameters as in :func:`below`.
    """
    from scipy.special import ndtr

    drug, s = np.asarray(rise, dtype=float), np.asarray(sd, dtype=float)[:, None, None]
    reached = np.stack([1 - ndtr((cut - drug) / s).prod(axis=2) for cut in _CUTS])
    return np.asarray(_CUTS[0] + np.trapezoid(reached, _CUTS, axis=0))


def mean_of_largest(rise: ArrayLike, sd: ArrayLike, people: int) -> float:
    """Return the mean over people of the largest change, on the day on which it is largest.

    Parameters
    ----------
    rise, sd : array_like
        As in :func:`below`; the first reading of each session tells how sessions differ.
    people : int
        How many the trial had: the largest of eight means lies above them by chance.
    """
    drug, s = np.asarray(rise, dtype=float), np.asarray(sd, dtype=float)
    differ = float(np.mean(drug[:, :, 0].std(axis=1) ** 2))
    return float(largest(drug[:, :1], s).mean() + largest_day(s, differ, people))


def largest_day(sd: ArrayLike, differ: float, people: int) -> float:
    """Return how far the mean of the largest of eight days lies above that of one (mmHg).

    Parameters
    ----------
    sd : array_like
        Scatter of a reading of people, mmHg.
    differ : float
        Variance of a person's rise between sessions, mean over people.
    people : int
    """
    within = np.sqrt(np.mean(1.56 * np.asarray(sd, dtype=float) ** 2) + differ)
    return float(LARGEST_OF_8 * within / np.sqrt(people))


def share_changed(rise: ArrayLike, sd: ArrayLike, cut: float) -> float:
    """Return the share of people with a change of that size at any reading of any session."""
    return float(1 - below(rise, sd, cut).prod(axis=1).mean())


def levels_before(kind: str, middle: float, sd: float, z: ArrayLike) -> Values:
    """Return levels before the dose (mmHg), cut off where the trials did not dose.

    Parameters
    ----------
    kind : {"systolic", "diastolic"}
    middle, sd : float
        Of people before they are cut off, mmHg.
    z : array_like, shape (people,) or (people, sessions)
        Standard normal.
    """
    from scipy.special import ndtr, ndtri

    within = ndtr(np.asarray(z, dtype=float)) * ndtr((MOST_BEFORE[kind] - middle) / sd)
    return np.asarray(middle + sd * ndtri(within))


def with_sensitivity(z: ArrayLike, sensitivity: ArrayLike, together: float) -> Values:
    """Return standard normal numbers that go together with people's sensitivity.

    Parameters
    ----------
    z, sensitivity : array_like
        Standard normal, independent of each other.
    together : float
        Inverse hyperbolic tangent of the correlation.
    """
    r = np.tanh(together)
    return np.asarray(r * np.asarray(sensitivity) + np.sqrt(1 - r**2) * np.asarray(z))


def none_high(rise: ArrayLike, sd: ArrayLike, before: ArrayLike, cut: float) -> Values:
    """Return the probability that no reading of a session reaches a height.

    Parameters
    ----------
    rise : array_like, shape (people, sessions, readings)
        What the drug adds, mmHg.
    sd : array_like, shape (people,)
        Scatter of a reading, mmHg.
    before : array_like, shape (people,) or (people, sessions)
        Level before the dose, mmHg.
    cut : float
        mmHg.

    Returns
    -------
    ndarray, shape (people, sessions)
    """
    from scipy.special import ndtr

    drug, s = np.asarray(rise, dtype=float), np.asarray(sd, dtype=float)[:, None, None]
    level = np.asarray(before, dtype=float).reshape(drug.shape[0], -1, 1)
    return np.asarray(ndtr((cut - level - drug) / s).prod(axis=2))


def share_high(rise: ArrayLike, sd: ArrayLike, before: ArrayLike, cut: float) -> float:
    """Return the share of people with a reading of that height at any reading of any session."""
    return float(1 - none_high(rise, sd, before, cut).prod(axis=1).mean())
