"""The responses of all steps of a stride at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import jax.numpy as jnp
from jax import Array

from ketascope.engine.collocation import error_of, integrals, last_coefficients, solve_net
from ketascope.engine.response import Program, signals_of
from ketascope.models.responses import Direct, Hazard
from ketascope.models.structure import Individual

Found: TypeAlias = tuple[Array, list[Array], tuple[Array, Array]]
"""Of each step: the response at its start and at the four later points, the last coefficients."""


def stride_responses(
    program: Program,
    p: Individual,
    tables: Mapping[str, Any],
    amounts: list[Array],
    time: Array,
    y: Sequence[Array],
    step: Array,
) -> tuple[list[Array], list[Array], Array]:
    """Carry the responses over the steps of a stride.

    Parameters
    ----------
    tables : mapping
        With ``later:NAME`` and ``last:NAME`` for the responses of steady loss.
    amounts : list of Array, each of shape (4 steps + 1, people)
        Amounts in ``program.compartments`` at the points of the steps.
    time : Array, shape (4 steps + 1, 1)
        Hours at these points.
    y : sequence of Array, each of shape (people,)
        Responses with a memory at the start.
    step : Array
        Length of each step, h.

    Returns
    -------
    values : list of Array, each of shape (steps, people)
        What is returned, at the ends of the steps.
    ends : list of Array, each of shape (steps, people)
        Responses with a memory.
    excess : Array, shape (steps, people)
        Estimated error as a multiple of the tolerance.
    """
    points, people = time.shape[0], tables["carried"][0].shape[-1]
    shape, steps = (points, people), points // 4
    s = signals_of(program, p, amounts, time)
    values: list[Array] = []
    ends: list[Array] = []
    excess = jnp.zeros((steps, people))

    def split(at_points: Any) -> list[Array]:
        """Values at the five points of each step: (steps, people) each."""
        whole = jnp.broadcast_to(at_points, shape)
        return [whole[j : j + 4 * steps - 3 : 4] for j in range(5)]

    for name, response in program.model.responses(p).items():
        if isinstance(response, Direct):
            at_points = jnp.broadcast_to(response.value(s), shape)
            values.append(at_points[4::4])
            excess = jnp.where(jnp.isnan(values[-1]), jnp.nan, excess)
            s.set(name, at_points)
            continue
        before = y[len(ends)]
        if isinstance(response, Hazard):
            found = _integrate(split(response.rate(s)), before, step)
        elif name in program.steady:
            loss = jnp.broadcast_to(response.loss(s), (people,))
            by = tables[f"later:{name}"], tables[f"last:{name}"]
            found = _mapped(split(response.production(s)), loss, before, *by)
        else:
            found = _collocated(
                split(response.production(s)), split(response.loss(s)), before, step
            )
        first, later, last = found
        after = later[3]
        scale = program.atol + program.rtol * jnp.maximum(abs(first), abs(after))
        excess = jnp.maximum(excess, error_of(last, after - first, step) / scale)
        ends.append(after)
        values.append(after)
        if isinstance(response, Hazard):
            values.append(jnp.exp(-after))
        if name in program.passed_on:
            inner = jnp.stack(later, axis=1).reshape(4 * steps, people)
            s.set(name, jnp.concatenate([first[:1], inner]))
    return values, ends, excess


def _chain(before: Array, grow: list[Any], add: Array) -> Array:
    """Values at the starts of the steps and after the last, from what each step does."""
    values = [before]
    for factor, more in zip(grow, add, strict=True):
        values.append(values[-1] * factor + more)
    return jnp.stack(values)


def _integrate(rate: list[Array], before: Array, step: Array) -> Found:
    """Steps of something that only accumulates."""
    inner, _ = integrals()
    change = [step * _weighed(inner[i], rate) for i in range(4)]
    first = _chain(before, [1.0] * len(change[3]), change[3])[:-1]
    return first, [first + z for z in change], last_coefficients(rate)


def _mapped(
    production: list[Array], loss: Array, before: Array, later_by: Array, last_by: Array
) -> Found:
    """Steps of a turnover of steady loss, by its tables."""
    driven = _weighed(later_by[3], production)
    keeps = 1.0 - loss * later_by[3].sum(axis=0)
    chain = _chain(before, [keeps] * len(driven), driven)
    first = chain[:-1]
    net = [a - loss * first for a in production]
    later = [first + _weighed(later_by[i], net) for i in range(3)]
    last = _weighed(last_by[0], net), _weighed(last_by[1], net)
    return first, [*later, chain[1:]], last


def _collocated(production: list[Array], loss: list[Array], before: Array, step: Array) -> Found:
    """Steps of a turnover whose loss changes in time.

    Linear in the value at the start: one solution without it, one for each unit of it.
    """
    driven = solve_net(production, loss, step)
    own = solve_net([-b for b in loss], loss, step)
    first = _chain(before, list(1.0 + own[3]), driven[3])[:-1]
    later = [first + first * own[j] + driven[j] for j in range(4)]
    rate = [a - b * r for a, b, r in zip(production, loss, [first, *later], strict=True)]
    return first, later, last_coefficients(rate)


def _weighed(weights: Any, values: list[Array]) -> Array:
    """Sum of the five values, each times its weight."""
    total: Array = weights[0] * values[0]
    for weight, value in zip(weights[1:], values[1:], strict=True):
        total = total + weight * value
    return total
