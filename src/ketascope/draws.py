"""Random numbers that belong to a person.

The number a person gets depends on the seed, the person's index, the name of the stream and the
occasion, and on nothing else: not on how many people there are, the size of a block, or the
number of cores. A stream is a counter-based generator (Philox) of its own, keyed by seed, name
and occasion; person *i* takes its *i*-th number, so a larger population begins with the smaller
one, and a new stream never shifts another.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from ketascope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_MAX_SEED = 2**63 - 1


def check_seed(seed: int) -> int:
    """Return the seed if it is a whole number from 0 to 2^63 - 1.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if hasattr(seed, "__index__") and not isinstance(seed, bool) and 0 <= seed <= _MAX_SEED:
        return int(seed)
    raise InputError(
        f"the seed {seed!r} is not usable", hint="give a whole number from 0 to 2^63 - 1"
    )


def uniform(seed: int, subjects: ArrayLike, stream: str, occasion: int = 0) -> NDArray[np.float64]:
    """Uniform numbers in the open interval (0, 1), one for each subject.

    Parameters
    ----------
    seed : int
        Seed of the run, from 0 up.
    subjects : array_like of int, shape (n,)
        Zero-based subject indices.
    stream : str
        Name of the quantity that is drawn, for example ``"eta:Vc"``.
    occasion : int
        Zero-based occasion, for quantities drawn anew on each.

    Returns
    -------
    ndarray of float64, shape (n,)

    Notes
    -----
    Philox: Salmon et al. 2011 (doi:10.1145/2063384.2063405), as NumPy implements it.
    """
    import numpy as np

    index = np.asarray(subjects, dtype=np.int64)
    if index.size == 0:
        return np.empty(0)
    name = int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest(), "big")
    key = np.random.SeedSequence([check_seed(seed), name, occasion]).generate_state(2, np.uint64)
    first = int(index.min()) // 4 * 4
    bits = np.random.Philox(key=key).advance(first // 4).random_raw(int(index.max()) - first + 1)
    return ((bits[index - first] >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(seed: int, subjects: ArrayLike, stream: str, occasion: int = 0) -> NDArray[np.float64]:
    """Standard normal numbers, one for each subject, by inversion of :func:`uniform`.

    Parameters and shapes as in :func:`uniform`.
    """
    from scipy.special import ndtri

    quantile: NDArray[np.float64] = ndtri(uniform(seed, subjects, stream, occasion))
    return quantile


def normal_at(
    seed: int, subjects: ArrayLike, stream: str, occasions: ArrayLike
) -> NDArray[np.float64]:
    """Standard normal numbers for pairs of subject and occasion.

    The same numbers as :func:`normal` called once for each occasion: every pair has its own,
    whatever other pairs are asked for.

    Parameters
    ----------
    seed : int
    subjects, occasions : array_like of int, shape (n,)
        Zero-based indices; an occasion may be any count of moments of a subject, such as the
        index of a record.
    stream : str

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    import numpy as np
    from scipy.special import ndtri

    who, when = np.broadcast_arrays(np.asarray(subjects, np.int64), np.asarray(occasions, np.int64))
    values = np.empty(who.shape)
    if not values.size:
        return values
    order = np.argsort(when, kind="stable")
    found, first = np.unique(when[order], return_index=True)
    for occasion, rows in zip(found, np.split(order, first[1:]), strict=True):
        values[rows] = uniform(seed, who[rows], stream, int(occasion))
    quantile: NDArray[np.float64] = ndtri(values)
    return quantile


BLOCK = 50
"""Numbers that fill the unit interval evenly together."""


def even(seed: int, index: ArrayLike, stream: str) -> NDArray[np.float64]:
    """Standard normal numbers of which each fifty in order fill its distribution evenly.

    Each of 50 parts of equal probability holds one of 50 numbers (as in a Latin hypercube of
    several streams), in random order, so that quantiles over few draws are steady. The number of an
    index depends on seed, index and stream alone.

    Parameters
    ----------
    seed : int
    index : array_like of int, shape (n,)
        Zero-based numbers of draws.
    stream : str

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    import numpy as np

    asked, where = np.unique(np.asarray(index, dtype=np.int64), return_inverse=True)
    if asked.size == 0:
        return np.empty(0)
    blocks, row = np.unique(asked // BLOCK, return_inverse=True)
    every = np.stack([_block(seed, int(block), stream) for block in blocks])
    found: NDArray[np.float64] = every[row, asked % BLOCK]
    return found[where]


@lru_cache(maxsize=1024)
def _block(seed: int, block: int, stream: str) -> NDArray[np.float64]:
    """Numbers of one block of :func:`even`, shape (BLOCK,); kept, as draws come one at a time."""
    import numpy as np
    from scipy.special import ndtri

    index = np.arange(block * BLOCK, (block + 1) * BLOCK)
    rank = uniform(seed, index, f"{stream}:order").argsort().argsort()
    found: NDArray[np.float64] = ndtri((rank + uniform(seed, index, stream)) / BLOCK)
    found.flags.writeable = False
    return found
