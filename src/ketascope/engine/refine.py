"""One step of the responses, halved for each person until its error is small enough."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
from jax import Array, lax

from ketascope.engine.collocation import INSIDE, NODES
from ketascope.engine.propagator import apply, exponential, multiply
from ketascope.engine.response import Program, panel
from ketascope.models.structure import Individual

HALVINGS = 12
"""How often a step is halved before the solution is given up."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the responses of some people, and what drives it.

    Parameters
    ----------
    program : Program
    p : Individual
    rates : Array, shape (n + fed, n + fed, people)
    points : tuple of int
        Compartments that the responses need.
    source : Array, shape (n + fed, people)
        Amounts at the start and rates of input.
    y : Array, shape (kept, people)
        Responses at the start.
    time, length : Array
        Start and length, h: numbers or one a person.
    """

    program: Program
    p: Individual
    rates: Array
    points: tuple[int, ...]
    source: Array
    y: Array
    time: Array
    length: Array


def refine(step: Step, amounts: Array | None = None) -> tuple[Array, Array, Array]:
    """Carry the responses over one step, halved for each person until the error is small enough.

    Parameters
    ----------
    step : Step
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

    def coarse(state: tuple[Array, ...]) -> Array:
        level, _, _, excess, hopeless = state
        return (level <= HALVINGS) & jnp.any(~(excess <= 1.0) & ~hopeless)

    def halve(state: tuple[Array, ...]) -> tuple[Array, ...]:
        level, end, values, excess, _ = state
        new_end, new_values, new_excess = _level(step, level)
        # who was done stays as they were: nobody's numbers depend on their neighbours
        open_ = ~(excess <= 1.0)
        end = jnp.where(open_, new_end, end)
        values = jnp.where(open_, new_values, values)
        excess = jnp.where(open_, new_excess, excess)
        return level + 1, end, values, excess, jnp.isnan(excess)

    if amounts is None:
        end, values, excess = _level(step, jnp.int32(0))
    else:
        end, values, excess = _panel_at(step, amounts, step.y, step.time, step.length)
    state: tuple[Array, ...] = (jnp.int32(1), end, values, excess, jnp.isnan(excess))
    _, end, values, excess, _ = lax.while_loop(coarse, halve, state)
    return end, values, ~(excess <= 1.0)


def _level(step: Step, level: Array) -> tuple[Array, Array, Array]:
    """Solve one step in 2^level parts: end, values there, and the summed error."""
    parts = jnp.exp2(level)
    length = step.length / parts
    n = len(step.program.model.compartments)
    fed = step.rates.shape[0] - n
    inside = lax.map(lambda c: exponential(step.rates, c * length, fed), jnp.asarray(INSIDE))
    whole = multiply(inside[1], inside[1])
    where = jnp.asarray(step.points)

    def one(i: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        x, y, _, total = state
        moved = apply(whole, x)
        at = [x, *(apply(inside[j], x) for j in range(3)), moved]
        amounts = jnp.stack([a[where] for a in at])
        y, values, excess = _panel_at(step, amounts, y, step.time + i * length, length)
        return moved, y, values, total + excess

    people = step.source.shape[1]
    empty = jnp.zeros((len(step.program.names), people))
    state: tuple[Array, ...] = (step.source, step.y, empty, jnp.zeros(people))
    _, y, values, excess = lax.fori_loop(0, parts.astype(jnp.int32), one, state)
    return y, values, excess


def _panel_at(
    step: Step, amounts: Array, y: Array, time: Array, length: Array
) -> tuple[Array, Array, Array]:
    """Do :func:`panel` from its start and length, for the whole step or a part of it."""
    moments = jnp.stack([jnp.broadcast_to(time + c * length, y.shape[1:]) for c in NODES])
    columns = [amounts[:, k] for k in range(amounts.shape[1])]
    return panel(step.program, step.p, columns, moments, y, length)
