"""The effect site: an effect that lags behind plasma by first-order equilibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def effect_site(times: ArrayLike, plasma: ArrayLike, ke0: ArrayLike) -> NDArray[np.float64]:
    """Return concentrations at the effect site, exact for plasma that is linear between the times.

    Parameters
    ----------
    times : array_like, shape (times,)
        h, rising.
    plasma : array_like, shape (people, times)
    ke0 : array_like, scalar or shape (people,)
        1/h; infinite for an effect without delay.

    Returns
    -------
    ndarray, shape (people, times)

    Examples
    --------
    >>> times = np.linspace(0, 2, 201)
    >>> site = effect_site(times, np.ones((1, 201)), np.log(2))
    >>> [round(float(site[0, k]), 3) for k in (0, 100, 200)]
    [0.0, 0.5, 0.75]
    """
    t, c = np.asarray(times, dtype=float), np.atleast_2d(np.asarray(plasma, dtype=float))
    rate = np.broadcast_to(np.asarray(ke0, dtype=float), c.shape[:1])
    quick = np.isinf(rate)
    k = np.where(quick, 1.0, rate)[:, None]
    steps = np.diff(t)
    x = k * steps
    left = np.exp(-x)
    # of a ramp from c0 to c1: c0 and c1 enter with these weights
    mean = np.where(x > 1e-8, -np.expm1(-x) / np.where(x > 0, x, 1.0), 1.0 - x / 2)
    come = (mean - left) * c[:, :-1] + (1.0 - mean) * c[:, 1:]
    # times first, so that each step is one row
    stay, come = np.ascontiguousarray(left.T), np.ascontiguousarray(come.T)
    site = np.zeros((t.size, c.shape[0]))
    for i in range(steps.size):
        np.multiply(stay[i], site[i], out=site[i + 1])
        site[i + 1] += come[i]
    return np.where(quick[:, None], c, site.T)
