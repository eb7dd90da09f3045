"""The exact step of a linear model: the matrix exponential of a flow graph, and one segment.

The matrix of a flow graph has no negative entry off its diagonal. Shifted by its fastest
loss it has none at all, so Taylor terms and squarings only ever add positive numbers: nothing
cancels, and every entry comes out to high *relative* accuracy, however stiff the rates, whether
or not eigenvalues repeat (Xue & Ye 2013, doi:10.1090/S0025-5718-2012-02677-4). There is no
eigenvector in it, so its derivatives are those of sums and products.

Arrays carry people in their last axis, which the processor's vector units run along.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jax import lax

if TYPE_CHECKING:
    from jax import Array

COEFFICIENTS = tuple(1.0 / math.factorial(k) for k in range(17))
MAX_NORM = 0.5
"""After scaling, the fastest rate times the step is at most this: 0.5^17/17! is below 1e-19."""


def multiply(a: Array, b: Array) -> Array:
    """Multiply matrices of shape (n, n, people), person by person."""
    total = a[:, 0, None, :] * b[None, 0, :, :]
    for k in range(1, a.shape[1]):
        total = total + a[:, k, None, :] * b[None, k, :, :]
    return total


def apply(a: Array, x: Array) -> Array:
    """Multiply matrices (n, n, people) with vectors (n, people), person by person."""
    total = a[:, 0, :] * x[None, 0, :]
    for k in range(1, a.shape[1]):
        total = total + a[:, k, :] * x[None, k, :]
    return total


def exponential(rates: Array, step: Array, fed: int, limit: int | None = None) -> Array:
    """Return exp(rates * step) for each person.

    Parameters
    ----------
    rates : Array, shape (n, n, people)
        Rate matrix, 1/h: ``rates[i, j]`` is the flow from j to i.
    step : Array, shape () or (people,)
        Length of the step, h.
    fed : int
        How many of the last states are rate states, which never change by themselves.
    limit : int, optional
        Fixed number of squarings, which makes the function differentiable in reverse mode; where
        a person would need more, the result is not a number. Without it each person gets as many
        as needed.

    Returns
    -------
    Array, shape (n, n, people)
    """
    n = rates.shape[0]
    identity = jnp.eye(n)[:, :, None]
    shift = lax.stop_gradient(jnp.max(-jnp.stack([rates[i, i] for i in range(n)]), axis=0))
    norm = lax.stop_gradient(shift * step)
    halvings = jnp.maximum(jnp.ceil(jnp.log2(jnp.maximum(norm, 1e-300) / MAX_NORM)), 0.0)
    scale = step * jnp.exp2(-halvings)
    scaled = (rates + shift * identity) * scale

    def square(k: Any, total: Array) -> Array:
        # each person stops after their own number: nobody's numbers depend on their neighbours
        return jnp.where(k < halvings, multiply(total, total), total)

    total = _taylor(scaled, identity) * jnp.exp(-shift * scale)
    most: Any = jnp.max(halvings).astype(jnp.int32) if limit is None else limit
    total = lax.fori_loop(0, most, square, total)
    if limit is not None:
        total = jnp.where(halvings > limit, jnp.nan, total)
    steady = jnp.broadcast_to(identity[n - fed :], (fed, n, rates.shape[2]))
    return jnp.concatenate([total[: n - fed], steady])


def _taylor(x: Array, identity: Array) -> Array:
    """Sum the exponential series to degree 16 in six products (Paterson & Stockmeyer 1973).

    The products stand in loops so that the compiler does each of them once.
    """

    def power(last: Array, _: None) -> tuple[Array, Array]:
        following = multiply(last, x)
        return following, following

    fourth, higher = lax.scan(power, x, None, length=3)
    low = [
        sum(
            (COEFFICIENTS[k + i] * p for i, p in ((1, x), (2, higher[0]), (3, higher[1]))),
            start=COEFFICIENTS[k] * identity,
        )
        for k in (12, 8, 4, 0)
    ]
    first = low[0] + COEFFICIENTS[16] * fourth
    rest = jnp.stack(low[1:])
    total, _ = lax.scan(lambda t, part: (multiply(t, fourth) + part, None), first, rest)
    return total


def segment(
    rates: Array,
    steps: Array,
    which: Array,
    jump: Array,
    jumps: Array,
    late: tuple[Array, Array, Array] | None,
    start: Array,
    scale: Array,
    *,
    rows: tuple[int, ...],
    fed: int,
    limit: int | None = None,
) -> tuple[Array, Array]:
    """Carry people through a run of steps during which their rates do not change.

    Parameters
    ----------
    rates : Array, shape (n, n, people)
        Rate matrix, 1/h; running infusions are its last states.
    steps : Array, shape (d,)
        The distinct step lengths, h.
    which : Array of int, shape (k,)
        Which of them each step takes.
    jump : Array of int, shape (k,)
        Row of ``jumps`` added at the end of each step; row 0 is zero.
    jumps : Array, shape (j, n, people)
        Changes of state that come at the same time for everyone.
    late : None or tuple of Array
        Changes at times of a person's own: the step in which each falls (l, people), the time
        left in it (l, people) and the change (l, n, people).
    start : Array, shape (n, people)
    scale : Array, shape (len(rows), people)
        Factor on each state returned, from amount to concentration.
    rows : tuple of int
        States to return.
    fed, limit
        As in :func:`exponential`.

    Returns
    -------
    values : Array, shape (k, len(rows), people)
        After each step and its jump.
    end : Array, shape (n, people)
    """
    table = lax.map(lambda step: exponential(rates, step, fed, limit), steps)
    own = None if late is None else _arrivals(rates, late, which.shape[0], fed, limit)

    def advance(x: Array, k: Array) -> tuple[Array, Array]:
        x = apply(table[which[k]], x) + jumps[jump[k]]
        if own is not None:
            x = x + own[k]
        return x, jnp.stack([x[row] for row in rows]) * scale

    end, values = lax.scan(advance, start, jnp.arange(which.shape[0]))
    return values, end


def tiled_segment(
    rates: Array,
    steps: Array,
    which: Array,
    jump: Array,
    jumps: Array,
    late: tuple[Array, Array, Array] | None,
    start: Array,
    scale: Array,
    *,
    rows: tuple[int, ...],
    fed: int,
    tile: int,
) -> tuple[Array, Array]:
    """Do :func:`segment` for ``tile`` people after another, so that their matrices stay in cache.

    The number of people must be a multiple of ``tile``; shapes are those of :func:`segment`.
    """
    people = rates.shape[-1]
    if people == tile:
        return segment(rates, steps, which, jump, jumps, late, start, scale, rows=rows, fed=fed)

    def split(array: Array) -> Array:
        shaped = array.reshape(*array.shape[:-1], people // tile, tile)
        return jnp.moveaxis(shaped, -2, 0)

    def join(array: Array) -> Array:
        return jnp.moveaxis(array, 0, -2).reshape(*array.shape[1:-1], people)

    def one(part: tuple[Any, ...]) -> tuple[Array, Array]:
        a, b, c, d, e = part
        return segment(a, steps, which, jump, b, c, d, e, rows=rows, fed=fed)

    own = None if late is None else tuple(split(array) for array in late)
    given = (split(rates), split(jumps), own, split(start), split(scale))
    values, end = lax.map(one, given)
    return join(values), join(end)


def _arrivals(
    rates: Array, late: tuple[Array, Array, Array], count: int, fed: int, limit: int | None
) -> Array:
    """Carry each person's own changes to the end of the step they fall in: (count, n, people)."""
    people = jnp.arange(rates.shape[2])

    def one(total: Array, item: tuple[Array, Array, Array]) -> tuple[Array, None]:
        k, left, delta = item
        carried = apply(exponential(rates, left, fed, limit), delta)
        # a step index of `count` means "not in this segment" and drops out
        return total.at[k, :, people].add(carried.T, mode="drop"), None

    total, _ = lax.scan(one, jnp.zeros((count, *rates.shape[1:])), late)
    return total
