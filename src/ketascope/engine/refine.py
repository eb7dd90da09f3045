"""One step of the responses, halved for each person until its error is small enough."""

from __future__ import annotations

from functools import partial

import jax.numpy as jnp
from jax import Array, lax

from ketascope.engine.collocation import INSIDE, NODES
from ketascope.engine.propagator import apply, exponential, multiply
from ketascope.engine.response import Program, panel
from ketascope.models.structure import Individual

HALVINGS = 12
"""How often a step is halved before the solution is given up."""


def refine(
    program: Program,
    p: Individual,
    rates: Array,
    points: tuple[int, ...],
    source: Array,
    y: Array,
    time: Array,
    step: Array,
    amounts: Array | None = None,
) -> tuple[Array, Array, Array]:
    """Carry the responses over one step, halved for each person until the error is small enough.

    Parameters
    ----------
    rates : Array, shape (n + fed, n + fed, people)
    points : tuple of int
        Compartments that the responses need.
    source : Array, shape (n + fed, people)
        Amounts at the start and rates of input.
    y : Array, shape (kept, people)
    time, step : Array
        Start and length, h: numbers or one a person.
    amounts : Array, shape (5, points, people), optional
        Amounts at the points of the whole step, where they are known already.

    Returns
    -------
    y : Array, shape (kept, people)
    values : Array, shape (names, people)
        At the end of the step.
    bad : Array of bool, shape (people,)
        Whose error could not be kept.
    """
    at_level = partial(_level, program, p, rates, points, source, y, time, step)

    def coarse(state: tuple[Array, ...]) -> Array:
        level, _, _, excess, hopeless = state
        return (level <= HALVINGS) & jnp.any(~(excess <= 1.0) & ~hopeless)

    def halve(state: tuple[Array, ...]) -> tuple[Array, ...]:
        level, end, values, excess, _ = state
        new_end, new_values, new_excess = at_level(level)
        # who was done stays as they were: nobody's numbers depend on their neighbours
        open_ = ~(excess <= 1.0)
        end = jnp.where(open_, new_end, end)
        values = jnp.where(open_, new_values, values)
        excess = jnp.where(open_, new_excess, excess)
        return level + 1, end, values, excess, jnp.isnan(excess)

    if amounts is None:
        end, values, excess = at_level(jnp.int32(0))
    else:
        end, values, excess = _panel_at(program, p, amounts, y, time, step)
    state: tuple[Array, ...] = (jnp.int32(1), end, values, excess, jnp.isnan(excess))
    _, end, values, excess, _ = lax.while_loop(coarse, halve, state)
    return end, values, ~(excess <= 1.0)


def _level(
    program: Program,
    p: Individual,
    rates: Array,
    points: tuple[int, ...],
    source: Array,
    y: Array,
    time: Array,
    step: Array,
    level: Array,
) -> tuple[Array, Array, Array]:
    """Solve one step in 2^level parts: end, values there, and the summed error."""
    parts = jnp.exp2(level)
    length = step / parts
    n = len(program.model.compartments)
    fed = rates.shape[0] - n
    inside = lax.map(lambda c: exponential(rates, c * length, fed), jnp.asarray(INSIDE))
    whole = multiply(inside[1], inside[1])
    where = jnp.asarray(points)

    def one(i: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        x, y, _, total = state
        moved = apply(whole, x)
        at = [x, *(apply(inside[j], x) for j in range(3)), moved]
        amounts = jnp.stack([a[where] for a in at])
        y, values, excess = _panel_at(program, p, amounts, y, time + i * length, length)
        return moved, y, values, total + excess

    people = source.shape[1]
    empty = jnp.zeros((len(program.names), people))
    state: tuple[Array, ...] = (source, y, empty, jnp.zeros(people))
    _, y, values, excess = lax.fori_loop(0, parts.astype(jnp.int32), one, state)
    return y, values, excess


def _panel_at(
    program: Program, p: Individual, amounts: Array, y: Array, time: Array, step: Array
) -> tuple[Array, Array, Array]:
    """Do :func:`panel` from its start and length."""
    moments = jnp.stack([jnp.broadcast_to(time + c * step, y.shape[1:]) for c in NODES])
    columns = [amounts[:, k] for k in range(amounts.shape[1])]
    return panel(program, p, columns, moments, y, step)
