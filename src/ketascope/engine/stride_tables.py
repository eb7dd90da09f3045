"""Matrices for the distinct step lengths of a stretch, without their structural zeros.

A compartment's amount depends only on the compartments upstream of it. Neighbouring compartments
with the same ones upstream make a part: a table holds the rows of a part and the columns it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ketascope.engine.collocation import INSIDE, steady_maps
from ketascope.engine.propagator import exponential, multiply
from ketascope.engine.response import Program, Signals
from ketascope.models.structure import Individual

STRIDE, POWERS = 4, 2
"""Steps taken at once, and how many of them with one matrix; the rest follows from the last."""
_PART_COSTS = 2
"""What another part costs, in products for each step and person."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a matrix that need the same columns: compartments, then what is fed."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def size(self) -> int:
        """Numbers of a part for each step and person."""
        return len(self.rows) * len(self.columns)


@dataclass(frozen=True, slots=True)
class Shape:
    """What tables hold; the same for every length, and known before they are filled.

    Parameters
    ----------
    n, fed : int
        Compartments, and how many of them are fed at a rate.
    carried : tuple of Part
        All compartments, in order.
    inside : tuple of Part
        Compartments whose amounts responses need inside the steps.
    """

    n: int
    fed: int
    carried: tuple[Part, ...]
    inside: tuple[Part, ...]


def find_shape(reach: tuple[tuple[int, ...], ...], fed: int, program: Program | None) -> Shape:
    """Work out what the tables of a run hold.

    Parameters
    ----------
    reach : tuple of tuple of int
        For each compartment, the columns of the rate matrix that can reach it.
    fed : int
    program : Program or None
    """
    n = len(reach)
    carried = _join([Part((i,), reach[i]) for i in range(n)])
    names = tuple(program.model.compartments) if program else ()
    points = [names.index(c) for c in program.compartments] if program else []
    return Shape(n, fed, carried, tuple(Part((i,), reach[i]) for i in points))


def _join(parts: list[Part]) -> tuple[Part, ...]:
    """Join neighbours where the zeros that come with it cost less than another part does."""
    found: list[Part] = []
    for part in parts:
        if found:
            before = found[-1]
            columns = tuple(sorted({*before.columns, *part.columns}))
            joined = Part(before.rows + part.rows, columns)
            if joined.size <= before.size + part.size + _PART_COSTS:
                found[-1] = joined
                continue
        found.append(part)
    return tuple(found)


def block(matrix: Array, part: Part) -> Array:
    """Take the rows and columns of a part out of a matrix (full, full, people)."""
    rows = matrix[part.rows[0] : part.rows[-1] + 1]
    return jnp.concatenate([rows[:, a:b] for a, b in _stretches(part.columns)], axis=1)


def _stretches(numbers: tuple[int, ...]) -> list[tuple[int, int]]:
    """Cut increasing numbers into ranges of neighbours, each as (first, last + 1)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def columns_of(table: Array, part: Part, source: Any) -> Array:
    """Multiply a table (..., rows, columns, people) with what it needs of n + fed rows."""
    total: Array = table[..., 0, :] * source[part.columns[0]]
    for k, column in enumerate(part.columns[1:], start=1):
        total = total + table[..., k, :] * source[column]
    return total


def amounts_inside(
    tables: Mapping[str, Any], shape: Shape, starts: list[Array], ends: list[Array]
) -> list[Array]:
    """Amounts that responses need at all points of some steps, from those at their ends.

    Parameters
    ----------
    starts, ends : list of Array, each of shape (steps, people)
        Amounts at the starts and ends of the steps; ``starts`` followed by the rates of input.

    Returns
    -------
    list of Array, each of shape (4 steps + 1, people)
    """
    found = []
    for table, part in zip(tables.get("inside", ()), shape.inside, strict=True):
        first, last = starts[part.rows[0]], ends[part.rows[0]]
        inner = columns_of(table, part, starts)
        points = jnp.concatenate([first[None], inner]).swapaxes(0, 1)
        found.append(jnp.concatenate([points.reshape(-1, first.shape[1]), last[-1:]]))
    return found


Tables = dict[str, Any]
"""By name, for one length or (with one more axis in front) for all."""


def fill_tables(
    rates: Array,
    lengths: Any,
    part_of: Any,
    times_of: Any,
    distinct: Any,
    shape: Shape,
    losses: Mapping[str, Array],
) -> Tables:
    """Fill the tables of all distinct lengths; the first length is 0.

    Returns
    -------
    dict
        ``carried``: for each part an array of shape (lengths, POWERS, rows, columns, people);
        ``inside``: likewise, for the three points inside a step; for each response of steady loss
        ``later:NAME`` and ``last:NAME`` (:func:`ketascope.engine.collocation.steady_maps`).
    """
    full, people = shape.n + shape.fed, rates.shape[2]
    fractions = INSIDE if shape.inside else np.ones(1)
    eye = jnp.broadcast_to(jnp.eye(full)[:, :, None], (full, full, people))

    def tables_of(steps: Array, length: Array) -> Tables:
        whole = multiply(steps[1], steps[1]) if shape.inside else steps[0]
        powers = [whole]
        for _ in range(POWERS - 1):
            powers.append(multiply(whole, powers[-1]))
        return _tables(steps, powers, shape) | _maps(losses, length)

    still = jnp.broadcast_to(eye, (len(fractions), *eye.shape))
    nothing = _tables(still, [eye] * POWERS, shape) | _maps(losses, lengths[0])
    raw = jnp.zeros((lengths.shape[0], *still.shape))

    def place(table: Any, new: Any, i: Any) -> Any:
        if isinstance(table, tuple):
            return tuple(t.at[i].set(part) for t, part in zip(table, new, strict=True))
        return table.at[i].set(new)

    def empty(new: Any) -> Any:
        if isinstance(new, tuple):
            return tuple(jnp.zeros((lengths.shape[0], *part.shape)) for part in new)
        return jnp.zeros((lengths.shape[0], *new.shape))

    def fill(i: Array, state: tuple[Array, Tables]) -> tuple[Array, Tables]:
        raw, tables = state

        def afresh() -> Array:
            times = jnp.asarray(fractions) * lengths[i]
            found: Array = lax.map(lambda h: exponential(rates, h, shape.fed), times)
            return found

        def repeated() -> Array:
            def several(e: Array) -> Array:
                twice = multiply(e, e)
                product: Array = lax.cond(
                    times_of[i] == 3, lambda: multiply(e, twice), lambda: twice
                )
                return product

            found: Array = lax.map(several, raw[part_of[i]])
            return found

        steps = lax.cond(part_of[i] >= 0, repeated, afresh)
        new = tables_of(steps, lengths[i])
        return raw.at[i].set(steps), {name: place(tables[name], new[name], i) for name in new}

    tables = {name: place(empty(new), new, 0) for name, new in nothing.items()}
    filled: Tables = lax.fori_loop(1, distinct, fill, (raw, tables))[1]
    return filled


def _tables(steps: Array, powers: list[Array], shape: Shape) -> Tables:
    """Tables of one length, from the matrices inside a step and after 1, 2, ... steps."""

    def rows(parts: tuple[Part, ...]) -> tuple[Array, ...]:
        return tuple(jnp.stack([block(power, part) for power in powers]) for part in parts)

    found: Tables = {"carried": rows(shape.carried)}
    if shape.inside:
        found["inside"] = tuple(
            jnp.stack([block(step, part) for step in steps]) for part in shape.inside
        )
    return found


def steady_losses(program: Program, p: Individual, people: int) -> dict[str, Array]:
    """Losses that depend on parameters alone, by response."""
    from ketascope.models.responses import Turnover

    found = {}
    for name, response in program.model.responses(p).items():
        if name in program.steady and isinstance(response, Turnover):
            found[name] = jnp.broadcast_to(response.loss(Signals({})), (people,))
    return found


def _maps(losses: Mapping[str, Array], step: Any) -> Tables:
    """Solutions of the responses of steady loss for one length."""
    found: Tables = {}
    for name, loss in losses.items():
        found[f"later:{name}"], found[f"last:{name}"] = steady_maps(loss, step)
    return found
