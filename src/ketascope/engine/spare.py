"""Memory that was filled before, to be filled again.

A large array that is new to a process costs more to touch for the first time than to compute, so
the arrays of results are kept, up to a limit, from one block and from one run to the next.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jax import Array

MOST_BYTES = 2**27
"""Most memory that is kept (128 MiB)."""

_kept: dict[tuple[int, ...], list[Array]] = {}
_lock = threading.Lock()


def take(shape: tuple[int, ...]) -> Any:
    """Return an array of this shape with whatever is in it; new if none is kept."""
    import jax.numpy as jnp

    with _lock:
        found = _kept.get(shape)
        if found:
            return found.pop()
    return jnp.zeros(shape)


def give(array: Array) -> None:
    """Keep an array for later; older ones are let go where there is no room.

    Whoever still looks at it is safe: JAX fills a copy then.
    """
    with _lock:
        _kept.setdefault(array.shape, []).append(array)
        while sum(8 * math.prod(shape) * len(held) for shape, held in _kept.items()) > MOST_BYTES:
            oldest = next(iter(_kept))
            _kept[oldest].pop(0)
            if not _kept[oldest]:
                del _kept[oldest]
