"""The exact step of a linear model: the matrix exponential of a flow graph, and one segment.

The matrix of a flow graph has no negative entry off its diagonal. Shifted by its fastest
loss it has none at all, so Taylor terms and squarings only ever add positive numbers: nothing
cancels, and every entry comes out to high *relative* accuracy, whether or not eigenvalues repeat
(Xue & Ye 2013, doi:10.1090/S0025-5718-2012-02677-4). What is lost is rounding that doubles with
each squaring: relative errors are about 2e-16 times the fastest rate times the step, so 1e-13
for the fastest published rates over 12 h. There is no eigenvector in it, so its derivatives are
those of sums and products.

Arrays carry people in their last axis, which the processor's vector units run along.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

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


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Course:
    """What happens during the steps of one stretch, in NumPy or JAX arrays.

    Parameters
    ----------
    lengths : Array, shape (d,)
        Distinct step lengths, h; the first is 0.
    distinct : int or Array of int
        How many of them are used; the rest is filling.
    which : Array of int, shape (k,)
        Which of them each step takes.
    runs : Array of int, shape (r,)
        Where runs of equal steps begin; from the number of steps on, that number again.
    feed : Array of int, shape (k,)
        Row of ``feeds`` that holds during each step.
    feeds : Array, shape (f, fed, people)
        Rates of input, amount per hour.
    jump : Array of int, shape (k,)
        Row of ``jumps`` added at the end of each step.
    jumps : Array, shape (j, n, people)
        Amounts that come at once.
    own : None or tuple of Array
        Parts of inputs at times of a person's own: step (l, people), hours it lasts (l, people),
        hours left after it (l, people), and what comes (l, n + fed, people).
    pieces : int or Array of int
        How many of those parts there are; the rest is filling.
    """

    lengths: Any
    distinct: Any
    which: Any
    runs: Any
    feed: Any
    feeds: Any
    jump: Any
    jumps: Any
    own: tuple[Any, Any, Any, Any] | None
    pieces: Any


def segment(
    rates: Array,
    course: Course,
    start: Array,
    scale: Array,
    *,
    rows: tuple[int, ...],
    limit: int | None = None,
) -> tuple[Array, Array]:
    """Carry people through the steps of a stretch, during which their rates do not change.

    Parameters
    ----------
    rates : Array, shape (n + fed, n + fed, people)
        Rate matrix, 1/h; its last columns feed compartments.
    course : Course
    start : Array, shape (n, people)
    scale : Array, shape (len(rows), people)
        Factor on each compartment returned, from amount to concentration.
    rows : tuple of int
        Compartments to return.
    limit : int, optional
        As in :func:`exponential`; it also makes the walk differentiable in reverse mode.

    Returns
    -------
    values : Array, shape (k, len(rows), people)
        After each step and what comes at its end.
    end : Array, shape (n, people)
    """
    n, fed = start.shape[0], course.feeds.shape[1]
    table = _table(rates, course, n, fed, limit)
    own = None if course.own is None else _arrivals(rates, course, fed, limit)

    def after(step: Array, x: Array, k: Array) -> Array:
        moved = apply(step, jnp.concatenate([x, course.feeds[course.feed[k]]]))
        came: Array = course.jumps[course.jump[k]]
        return moved + came if own is None else moved + own[k] + came

    def pick(x: Array) -> Array:
        return jnp.stack([x[row] for row in rows]) * scale

    if limit is not None:

        def advance(x: Array, k: Array) -> tuple[Array, Array]:
            x = after(table[course.which[k]], x, k)
            return x, pick(x)

        end, values = lax.scan(advance, start, jnp.arange(course.which.shape[0]))
        return values, end

    def walk(run: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        # the matrix is taken out of the table once for a run of equal steps, not for each
        step = table[course.which[course.runs[run]]]

        def one(k: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
            x = after(step, state[0], k)
            return x, state[1].at[k].set(pick(x))

        done: tuple[Array, Array] = lax.fori_loop(
            course.runs[run], course.runs[run + 1], one, state
        )
        return done

    empty = jnp.zeros((course.which.shape[0], len(rows), rates.shape[2]))
    state: tuple[Array, Array] = (start, empty)
    end, values = lax.fori_loop(0, course.runs.shape[0] - 1, walk, state)
    return values, end


def tiled_segment(
    rates: Array,
    course: Course,
    start: Array,
    scale: Array,
    *,
    rows: tuple[int, ...],
    tile: int,
) -> tuple[Array, Array]:
    """Do :func:`segment` for ``tile`` people after another, so that their matrices stay in cache.

    The number of people must be a multiple of ``tile``; shapes are those of :func:`segment`.
    """
    people = rates.shape[-1]
    if people == tile:
        return segment(rates, course, start, scale, rows=rows)

    def split(array: Array) -> Array:
        shaped = array.reshape(*array.shape[:-1], people // tile, tile)
        return jnp.moveaxis(shaped, -2, 0)

    def join(array: Array) -> Array:
        return jnp.moveaxis(array, 0, -2).reshape(*array.shape[1:-1], people)

    def one(part: tuple[Any, ...]) -> tuple[Array, Array]:
        own_rates, own_feeds, own_jumps, own, own_start, own_scale = part
        mine = replace(course, feeds=own_feeds, jumps=own_jumps, own=own)
        return segment(own_rates, mine, own_start, own_scale, rows=rows)

    own = None if course.own is None else tuple(split(array) for array in course.own)
    given = (
        split(rates),
        split(course.feeds),
        split(course.jumps),
        own,
        split(start),
        split(scale),
    )
    values, end = lax.map(one, given)
    return join(values), join(end)


def _table(rates: Array, course: Course, n: int, fed: int, limit: int | None) -> Array:
    """Exponentials for the distinct step lengths: (d, n, n + fed, people)."""
    if limit is not None:
        table: Array = lax.map(lambda h: exponential(rates, h, fed, limit)[:n], course.lengths)
        return table
    # a loop of as many turns as there are lengths, so that filling costs nothing
    size = n + fed
    still = jnp.broadcast_to(jnp.eye(size)[:n, :, None], (n, size, rates.shape[2]))
    start = jnp.zeros((course.lengths.shape[0], n, size, rates.shape[2])).at[0].set(still)

    def add(i: Array, table: Array) -> Array:
        return table.at[i].set(exponential(rates, course.lengths[i], fed)[:n])

    found: Array = lax.fori_loop(1, course.distinct, add, start)
    return found


def _arrivals(rates: Array, course: Course, fed: int, limit: int | None) -> Array:
    """Carry parts of inputs to the end of the step they fall in: (steps, n, people)."""
    assert course.own is not None
    n = rates.shape[0] - fed
    people = jnp.arange(rates.shape[2])
    steps, lasts, left, what = (jnp.asarray(array) for array in course.own)

    def add(i: Array, total: Array) -> Array:
        came = apply(exponential(rates, lasts[i], fed, limit), what[i])[:n]
        carried = apply(exponential(rates, left[i], fed, limit)[:n, :n], came)
        # a step index beyond the last means "not in this stretch" and drops out
        return total.at[steps[i], :, people].add(carried.T, mode="drop")

    total = jnp.zeros((course.which.shape[0], n, rates.shape[2]))
    if limit is not None:
        summed, _ = lax.scan(lambda t, i: (add(i, t), None), total, jnp.arange(steps.shape[0]))
        return summed
    found: Array = lax.fori_loop(0, course.pieces, add, total)
    return found
