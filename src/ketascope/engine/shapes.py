"""Few shapes of arrays, so that few programs are compiled: filling and padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def fill(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Fill up with zeros: steps of no length, fed by nothing, with nothing at their end."""
    return np.append(values, np.zeros(length - len(values), dtype=values.dtype))


def bucket(count: int, least: int) -> int:
    """Round up by at most an eighth, so that few shapes are compiled and little is idle."""
    if count <= least:
        return least
    grain = 1 << max(0, count.bit_length() - 4)
    return -(-count // grain) * grain


def doubled(count: int, least: int) -> int:
    """Round up to least times a power of two, where filling costs next to nothing."""
    size = least
    while size < count:
        size *= 2
    return size


def pad(values: Any, size: int) -> Values:
    """Fill up the last axis by repeating the last person."""
    given: Values = np.asarray(values)
    missing = size - given.shape[-1]
    if missing == 0:
        return given
    return np.concatenate([given, np.repeat(given[..., -1:], missing, axis=-1)], axis=-1)
