"""Acute tolerance: a process that follows a concentration late and offsets a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.effects.site import effect_site

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def drive(
    times: ArrayLike, plasma: ArrayLike, ke0: ArrayLike, offset: ArrayLike, ktol: ArrayLike
) -> NDArray[np.float64]:
    """Return what of a concentration at the effect site is not offset by tolerance.

    With the effect site Ce behind plasma (ke0) and M behind Ce (ktol), it is Ce - offset * M, and
    nought where that is negative. At a steady concentration C it falls from C to (1 - offset) * C.

    Parameters
    ----------
    times : array_like, shape (times,)
        h, rising.
    plasma : array_like, shape (people, times)
        ng/mL.
    ke0, ktol : array_like, scalar or shape (people,)
        1/h.
    offset : array_like, scalar or shape (people,)
        Part of a steady concentration that is offset in the end; 1 and more is all of it.

    Returns
    -------
    ndarray, shape (people, times)
        ng/mL.

    Examples
    --------
    >>> times = np.linspace(0, 10, 1001)
    >>> left = drive(times, np.full((1, 1001), 100.0), np.inf, 0.6, np.log(2))
    >>> [round(float(left[0, k])) for k in (0, 100, 1000)]
    [100, 70, 40]
    """
    site = effect_site(times, plasma, ke0)
    late = effect_site(times, site, ktol)
    part = np.broadcast_to(np.asarray(offset, dtype=float), site.shape[:1])
    return np.asarray(np.clip(site - part[:, None] * late, 0.0, None))
