"""Responses where inputs begin or end at a person's own times: everyone takes steps of their own.

The times asked for and those of a person's inputs make that person's grid; each step has its own
matrix exponential, and its responses are halved until they are exact enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ketascope.engine import shapes
from ketascope.engine.compiled import compiled
from ketascope.engine.lay import Plan
from ketascope.engine.problem import Inputs
from ketascope.engine.propagator import apply, exponential
from ketascope.engine.refine import Step, refine
from ketascope.engine.response import Program, at_once
from ketascope.models.structure import Individual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def walk_own_times(
    plan: Plan,
    inputs: Inputs,
    window: tuple[float, float, Values],
    rates: Values,
    scale: Values,
    values: Mapping[str, Values],
    x: Values,
    y: Values,
    people: int,
    *,
    last: bool,
) -> tuple[Values, Values, Values, Values]:
    """Carry people from the start to the end of a window in which their rates hold.

    Parameters
    ----------
    window : tuple
        Start and end, h, and the times asked for between them.
    rates, scale, values
        Rate matrices, factors of the outputs, and parameters that the responses read, for as many
        people as a block holds.
    x, y : ndarray, shape (n, size) and (kept, size)
        Amounts and responses with a memory at the start.
    people : int
        How many of them are real.
    last : bool
        No other window follows.

    Returns
    -------
    x, y : ndarray
    found : ndarray, shape (asked, outputs, size)
    failed : ndarray, shape (size,)
        Hours at which a response did not converge, infinite where all did.
    """
    assert plan.program is not None
    size = x.shape[1]
    asked = window[2]
    grid = _grids(inputs, window, people, size)
    feeds, jumps = _given(plan, inputs, grid, people, last=last)
    steps = shapes.bucket(len(grid) - 1, 64)
    missing = ((0, steps - len(grid) + 1), (0, 0))
    course = (
        np.pad(grid[:-1], missing),
        np.pad(np.diff(grid, axis=0), missing),
        np.pad(feeds, (missing[0], (0, 0), (0, 0))),
        np.pad(jumps[1:], (missing[0], (0, 0), (0, 0))),
    )
    static = {"rows": plan.rows, "program": plan.program}
    args = (rates, course, x + jumps[0], y, scale, dict(values))
    after_x, after_y, found, first, failed = (
        np.asarray(array) for array in compiled(own_steps, static, args)(*args)
    )
    everything = np.concatenate([first[None], found[: len(grid) - 1]])
    # the last grid time that is not later: what came at that moment is in it
    place = np.stack([np.searchsorted(grid[:, i], asked, side="right") - 1 for i in range(size)])
    result = np.take_along_axis(everything, place.T[:, None, :], axis=0)
    return after_x, after_y, result, failed


def own_steps(
    rates: Array,
    course: tuple[Array, Array, Array, Array],
    x: Array,
    y: Array,
    scale: Array,
    values: Mapping[str, Any],
    *,
    rows: tuple[int, ...],
    program: Program,
) -> tuple[Array, Array, Array, Array, Array]:
    """Take steps of a person's own length, one after another.

    Parameters
    ----------
    course : tuple of Array
        Starts and lengths of the steps (k, people), rates of input during them
        (k, fed, people), amounts that come at their ends (k, n, people).

    Returns
    -------
    x, y, values after each step (k, outputs, people), values at the start, when responses failed
    """
    p = Individual(values)
    n = x.shape[0]
    names = tuple(program.model.compartments)
    points = tuple(names.index(c) for c in program.compartments)

    def outputs(x: Array, responses: Array) -> Array:
        return jnp.concatenate([jnp.stack([x[row] for row in rows]) * scale, responses])

    def one(state: tuple[Array, ...], step: tuple[Array, ...]) -> tuple[tuple[Array, ...], Array]:
        x, y, failed = state
        start, length, feed, came = step
        source = jnp.concatenate([x, feed])
        y, _, bad = refine(Step(program, p, rates, points, source, y, start, length))
        failed = jnp.minimum(failed, jnp.where(bad, start, jnp.inf))
        moved = apply(exponential(rates, length, feed.shape[0])[:n], source) + came
        now = at_once(program, p, [moved[i] for i in points], start + length, y)
        return (moved, y, failed), outputs(moved, now)

    first = outputs(x, at_once(program, p, [x[i] for i in points], course[0][0], y))
    state: tuple[Array, ...] = (x, y, jnp.full(x.shape[1], jnp.inf))
    (x, y, failed), found = lax.scan(one, state, course)
    return x, y, found, first, failed


def _grids(inputs: Inputs, window: tuple[float, float, Values], people: int, size: int) -> Values:
    """Everybody's times in the window, in order, from its start to its end: (k, size)."""
    begin, end, asked = window
    events = [b.time for b in inputs.boluses]
    events += [t for f in inputs.infusions for t in (f.start, f.end)]
    rows = [np.full(people, t) for t in (begin, end, *asked)]
    rows += [np.clip(np.broadcast_to(t, (people,)), begin, end) for t in events]
    return np.sort(shapes.pad(np.stack(rows), size), axis=0)


def _given(
    plan: Plan, inputs: Inputs, grid: Values, people: int, *, last: bool
) -> tuple[Values, Values]:
    """Rates of input in each step (k, fed, size), amounts that come at each time (k + 1, n, size).

    What comes at the very end of a window belongs to the next, unless this is the last.
    """
    count, size = grid.shape
    feeds = np.zeros((count - 1, len(plan.states.fed), size))
    jumps = np.zeros((count, len(plan.states.compartments), size))
    middle = 0.5 * (grid[:-1] + grid[1:])
    for infusion in inputs.infusions:
        start, end, rate = (
            shapes.pad(np.broadcast_to(np.asarray(v, dtype=float), (people,)), size)
            for v in (infusion.start, infusion.end, infusion.rate)
        )
        running = (middle > start) & (middle < end)
        feeds[:, infusion.fed] += np.where(running, rate, 0.0)
    # of equal times the first takes what comes
    first = np.concatenate([np.ones((1, size), bool), np.diff(grid, axis=0) > 0])
    if not last:
        first &= grid < grid[-1]
    for bolus in inputs.boluses:
        time, amount = (
            shapes.pad(np.broadcast_to(np.asarray(v, dtype=float), (people,)), size)
            for v in (bolus.time, bolus.size)
        )
        jumps[:, bolus.compartment] += np.where((grid == time) & first, amount, 0.0)
    return feeds, jumps
