"""The exact course of a linear model through steps that every person has for themselves.

A step is a matrix exponential, and a person meets the same one many times: exponentials are
worked out once for each parameter set and length of step, then taken from a table. A steady state
is the fixed point of one interval, found by solving for it, not by giving doses until nothing
changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ketascope.engine.arrivals import whole
from ketascope.engine.compiled import compiled
from ketascope.engine.propagator import apply, exponential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ketascope.engine.timeline import SteadyStates, Steps

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

CHUNK, PEOPLE, EXPONENTIALS, PROBLEMS = 128, 64, 256, 64
"""Steps and people, exponentials, and steady states for which a program is called once. One size
of each: a program is compiled once for a model, and nobody's numbers depend on who else is there.
"""
LEAST_PIVOT = 1e-13
"""What is left of a compartment's loss when all that comes back is taken off must exceed this
share of the loss, or nothing ever leaves."""


def walk(rates: Values, fed: Sequence[int], steps: Steps, steady: Values) -> Values:
    """Carry people through their steps, inside :func:`compiled.double_precision`.

    Parameters
    ----------
    rates : ndarray, shape (n, n, Q)
        Rate matrix of each parameter set, 1/h.
    fed : sequence of int
        Compartments that are ever fed at a rate.
    steps : Steps
        Of P people, K steps.
    steady : ndarray, shape (n, M)
        Steady states, from :func:`steady_states`.

    Returns
    -------
    ndarray, shape (K, n, P)
        Amounts after each step and all that comes at its end.
    """
    count, n, people = steps.jump.shape
    came = steps.jump.copy()
    k, person = np.nonzero(steps.steady)
    came[k, :, person] += steady[:, steps.steady[k, person] - 1].T
    keep = ~(steps.reset | ((steps.steady > 0) & ~steps.add))
    pset, length, which = distinct(steps)
    table = _table(rates, fed, pset, length)
    feed = steps.feed[:, list(fed)]
    states = np.empty((count, n, people))
    for first in range(0, people, PEOPLE):
        who = slice(first, min(first + PEOPLE, people))
        x: Any = np.zeros((n, PEOPLE))
        for begin in range(0, count, CHUNK):
            part = slice(begin, min(begin + CHUNK, count))
            table_now = np.moveaxis(table[which[part, who]], 1, -1)
            happens = (table_now, feed[part, :, who], keep[part, who], came[part, :, who])
            args = (
                x,
                np.int32(part.stop - begin),
                *(_extend(array, (CHUNK, PEOPLE)) for array in happens),
            )
            found, x = compiled(_steps, {}, args)(*args)
            states[part, :, who] = np.asarray(found)[: part.stop - begin, :, : who.stop - first]
    return states


def steady_states(rates: Values, steady: SteadyStates) -> tuple[Values, NDArray[np.bool_]]:
    """Solve for steady states, inside :func:`compiled.double_precision`.

    Parameters
    ----------
    rates : ndarray, shape (n, n, Q)
        Rate matrix of each parameter set, 1/h.
    steady : SteadyStates
        M of them.

    Returns
    -------
    states : ndarray, shape (n, M)
        Amounts at each record's time, before what comes at or after it.
    exists : ndarray of bool, shape (M,)
        False where something stays for ever in a compartment that the dose reaches.
    """
    n, count = rates.shape[0], len(steady.person)
    if count == 0:
        return np.zeros((n, 0)), np.zeros(0, dtype=bool)
    alone = _reached(rates[:, :, steady.pset], steady.compartment)
    source = np.zeros((n, count))
    source[steady.compartment, np.arange(count)] = 1.0
    constant = np.isinf(steady.interval)
    interval = np.where(constant, 1.0, steady.interval)
    duration = np.where(constant, 0.0, steady.duration)
    overlap = whole(duration / interval)
    part = np.clip(duration - overlap * interval, 0.0, interval)
    since = np.where(constant, 1.0, steady.since)
    running = np.minimum(since, part)
    lengths = np.stack([interval, part, interval - part, running, since - running])
    always = np.where(constant, 1.0, overlap) * steady.rate
    states, exists = np.empty((n, count)), np.empty(count, dtype=bool)
    given = (alone, source, lengths, steady.size, steady.rate, always)
    for first in range(0, count, PROBLEMS):
        now = slice(first, min(first + PROBLEMS, count))
        args = tuple(_extend(array[..., now], (PROBLEMS,)) for array in given)
        solved, sound = compiled(_fixed_points, {}, args)(*args)
        states[:, now] = np.asarray(solved)[:, : now.stop - first]
        exists[now] = np.asarray(sound)[: now.stop - first]
    return states, exists


def distinct(steps: Steps) -> tuple[Indices, Values, Indices]:
    """Find the distinct pairs of parameter set and length of step.

    Lengths of one person that differ by roundings of their times are one; the first stands for
    all.

    Returns
    -------
    pset, length : ndarray, shape (L,)
        Steps of no length come first and are one, whatever the parameters.
    which : ndarray of int, shape (K, P)
    """
    latest = np.abs(steps.start + steps.dt).max(axis=0)
    grain = 4.0 * np.spacing(np.maximum(latest, 1.0))
    pset = np.where(steps.dt > 0, steps.pset, -1).ravel()
    length = np.rint(steps.dt / grain).ravel()
    order = np.lexsort((length, pset))
    new = (np.diff(pset[order]) != 0) | (np.diff(length[order]) != 0)
    first = order[np.append(True, new)]
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.append(0, np.cumsum(new))
    return np.maximum(pset[first], 0), steps.dt.ravel()[first], which.reshape(steps.dt.shape)


def augmented(rates: Values, fed: Sequence[int]) -> Values:
    """Add a column for each compartment that is fed: (n + fed, n + fed, Q)."""
    n, size = len(rates), len(rates) + len(fed)
    matrix = np.zeros((size, size, rates.shape[2]))
    matrix[:n, :n] = rates
    matrix[list(fed), n + np.arange(len(fed))] = 1.0
    return matrix


def _table(rates: Values, fed: Sequence[int], pset: Indices, length: Values) -> Values:
    """Exponentials of the distinct steps, shape (L, n, n + fed)."""
    n, count, size = len(rates), len(pset), EXPONENTIALS
    matrices = augmented(rates, fed)
    table = np.empty((count, n, n + len(fed)))
    for first in range(0, count, size):
        part = slice(first, min(first + size, count))
        args = (_extend(matrices[:, :, pset[part]], (size,)), _extend(length[part], (size,)))
        found = np.asarray(compiled(_exponentials, {"fed": len(fed)}, args)(*args))
        table[part] = found[: part.stop - first]
    return table


def _extend(array: Any, shape: tuple[int, ...]) -> Any:
    """Fill up with zeros: the last axis, or the first and the last."""
    wanted = (*array.shape[:-1], shape[-1]) if len(shape) == 1 else shape
    if len(shape) == 2:
        wanted = (shape[0], *array.shape[1:-1], shape[1])
    given = np.zeros(wanted, dtype=array.dtype)
    given[tuple(slice(size) for size in array.shape)] = array
    return given


def _exponentials(rates: Array, length: Array, *, fed: int) -> Array:
    n = rates.shape[0] - fed
    return jnp.moveaxis(exponential(rates, length, fed)[:n], -1, 0)


def _steps(
    start: Array, count: Array, table: Array, feed: Array, keep: Array, came: Array
) -> tuple[Array, Array]:
    def advance(k: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        x, states = state
        moved = apply(table[k], jnp.concatenate([x, feed[k]]))
        x = jnp.where(keep[k], moved, 0.0) + came[k]
        return x, states.at[k].set(x)

    end, states = lax.fori_loop(0, count, advance, (start, jnp.zeros(came.shape)))
    return states, end


def _reached(rates: Values, compartment: Indices) -> Values:
    """Leave only what a dose into a compartment reaches: whatever else there is, is empty."""
    n, _, count = rates.shape
    reached = np.zeros((n, count), dtype=bool)
    reached[compartment, np.arange(count)] = True
    for _ in range(n - 1):
        reached |= ((rates != 0) & reached[None]).any(axis=1)
    empty = -np.eye(n)[:, :, None]
    return np.where(reached[:, None] & reached[None], rates, empty)


def _fixed_points(
    rates: Array, source: Array, lengths: Array, size: Array, rate: Array, always: Array
) -> tuple[Array, Array]:
    """Solve for the state that an interval returns to.

    An infusion that lasts longer than the interval is a constant one, as often as it fits, and one
    of what remains. ``lengths`` are the hours of the interval, of the infusion, of the rest of the
    interval, and of those two before the moment that is asked for.
    """
    n = rates.shape[0]
    column = jnp.concatenate([source[:, None], jnp.zeros((1, 1, source.shape[1]))])
    fed = jnp.concatenate([rates, jnp.zeros((1, *rates.shape[1:]))])
    fed = jnp.concatenate([fed, column], axis=1)
    moved = lax.map(lambda length: exponential(fed, length, 1)[:n], lengths)
    over, _, rest, running, idle = moved[:, :, :n]
    filled, filled_now = moved[1, :, n], moved[3, :, n]

    constant, exists = solve(-rates, source)
    arriving = size * source + rate * apply(rest, filled)
    begin, _ = solve(jnp.eye(n)[:, :, None] - over, arriving)
    now = apply(idle, apply(running, begin) + rate * filled_now)
    return now + always * constant, exists


def solve(matrix: Array, right: Array) -> tuple[Array, Array]:
    """Solve for each person, with matrices of positive diagonal and no other positive entry.

    Such matrices need no exchange of rows, and but for the diagonal nothing cancels.

    Parameters
    ----------
    matrix : Array, shape (n, n, people)
    right : Array, shape (n, people)

    Returns
    -------
    solution : Array, shape (n, people)
    regular : Array of bool, shape (people,)
        Whether every pivot is positive and clear of rounding.
    """
    n = matrix.shape[0]
    diagonal = jnp.stack([matrix[i, i] for i in range(n)])
    is_row = jnp.arange(n)[:, None]

    def eliminate(k: Any, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        a, b, regular = state
        pivot = a[k, k]
        row, value = a[k] / pivot, b[k] / pivot
        others = jnp.where(is_row == k, 0.0, a[:, k])
        a = jnp.where((is_row == k)[:, :, None], row, a - others[:, None] * row)
        b = jnp.where(is_row == k, value, b - others * value)
        return a, b, regular & (pivot > LEAST_PIVOT * diagonal[k])

    start = (matrix, right, jnp.ones(matrix.shape[2], dtype=bool))
    _, solution, regular = lax.fori_loop(0, n, eliminate, start)
    return solution, regular
