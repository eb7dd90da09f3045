"""Runs of equal steps, several at a stride: the walk of a course that is the same for everyone.

Between events the steps of a grid repeat: one matrix gives the amounts after the first steps of a
stride, and again, from the last of these, those after the next. Responses
(:mod:`ketascope.engine.response`) are carried along; where the points of a step do not resolve one
for somebody, the steps are gone through again one by one and halved
(:mod:`ketascope.engine.refine`).

Arrays carry people in their last axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ketascope.engine.collocation import NODES
from ketascope.engine.refine import Step, refine
from ketascope.engine.response import Program
from ketascope.engine.stride_responses import stride_responses
from ketascope.engine.stride_tables import (
    POWERS,
    STRIDE,
    Shape,
    Tables,
    amounts_inside,
    columns_of,
    fill_tables,
    find_shape,
    steady_losses,
)
from ketascope.models.structure import Individual


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Strides:
    """What happens during a stretch, as runs of equal steps, in NumPy or JAX arrays.

    Parameters
    ----------
    lengths : Array, shape (d,)
        Distinct step lengths, h.
    part_of, times_of : Array of int, shape (d,)
        Index of a length before it that it is two or three times as long as, and how many times;
        or -1.
    distinct : int or Array of int
        How many lengths are used; the rest is filling.
    length, count, feed, jump, place : Array of int, shape (r,)
        Of each run: which length, how many steps, the row of ``feeds`` that holds, the row of
        ``jumps`` added before it, and the row of the result where its first value stands.
    begin : Array, shape (r,)
        Hours at which it begins.
    runs : int or Array of int
        How many runs there are; the rest is filling.
    feeds : Array, shape (f, fed, people)
        Rates of input, amount per hour.
    jumps : Array, shape (j, n, people)
        Amounts that come at once.
    """

    lengths: Any
    part_of: Any
    times_of: Any
    distinct: Any
    length: Any
    count: Any
    feed: Any
    jump: Any
    place: Any
    begin: Any
    runs: Any
    feeds: Any
    jumps: Any


@dataclass(frozen=True)
class _Walk:
    """What stays the same during a walk."""

    rates: Array
    course: Strides
    scale: Array
    p: Individual
    tile: Array
    rows: tuple[int, ...]
    every: bool
    program: Program | None
    careful: bool
    shape: Shape
    tables: Tables

    def put(self, result: Array, found: Array, row: Array, column: int) -> Array:
        """Write values (steps, outputs, people) where they belong."""
        kind = self.tile.dtype
        where = (self.tile, row.astype(kind), jnp.asarray(column, kind), jnp.zeros((), kind))
        return lax.dynamic_update_slice(result, found[None], where)


State: TypeAlias = tuple[tuple[Array, ...], tuple[Array, ...], Array, Array]
"""Amounts by part, responses with a memory, the result, and how the responses fared."""


def stride_walk(
    rates: Array,
    course: Strides,
    start: Array,
    scale: Array,
    kept: Array,
    values: Mapping[str, Any],
    result: Array,
    tile: Array,
    *,
    rows: tuple[int, ...],
    reach: tuple[tuple[int, ...], ...],
    every: bool,
    program: Program | None,
    careful: bool,
) -> tuple[Array, Array, Array, Array]:
    """Carry people through a stretch, during which their rates do not change.

    Parameters
    ----------
    rates : Array, shape (n + fed, n + fed, people)
        Rate matrix, 1/h; its last columns feed compartments.
    course : Strides
    start : Array, shape (n, people)
    scale : Array, shape (len(rows), people)
        Factor on each compartment returned.
    kept : Array, shape (kept, people)
        Responses with a memory at the start.
    values : mapping
        Parameters that the responses read, of shape (people,).
    result : Array, shape (tiles, size, len(rows) + names, people)
        What is filled, in the row ``tile`` of its first axis; ``size`` is at least
        :data:`STRIDE` more than there are values.
    tile : int
    rows : tuple of int
        Compartments to return.
    reach : tuple of tuple of int
        For each compartment, the columns of the rate matrix that can reach it.
    every : bool
        The rows are all compartments in order, and ``scale`` is 1.
    program : Program or None
    careful : bool
        Halve steps where the error of a response asks for it. Without, it is only measured, which
        is quicker.

    Returns
    -------
    end : Array, shape (n, people)
    kept : Array, shape (kept, people)
    result : Array
    fared : Array, shape (people,)
        Careful: hours at which the error of a response could not be kept, infinite where it was.
        Otherwise: the largest error of a step as a multiple of the tolerance.
    """
    people = rates.shape[2]
    p = Individual(values)
    shape = find_shape(reach, course.feeds.shape[1], program)
    losses = steady_losses(program, p, people) if program else {}
    lengths = (course.lengths, course.part_of, course.times_of, course.distinct)
    tables = fill_tables(rates, *lengths, shape, losses)
    walk = _Walk(rates, course, scale, p, tile, rows, every, program, careful, shape, tables)
    parts = tuple(start[part.rows[0] : part.rows[-1] + 1] for part in shape.carried)
    fared = jnp.full(people, jnp.inf if careful else 0.0)
    state: State = (parts, tuple(kept), result, fared)
    x, y, result, fared = lax.fori_loop(0, course.runs, partial(_run, walk), state)
    return jnp.concatenate(x), jnp.stack(y) if y else kept, result, fared


def _run(walk: _Walk, run: Array, state: State) -> State:
    """Go through one run of equal steps, after what comes at its start."""
    course, shape = walk.course, walk.shape
    count = course.count[run]
    step = course.lengths[course.length[run]]
    feed = course.feeds[course.feed[run]]
    came = course.jumps[course.jump[run]]
    # the matrices of a run are taken out of the tables once
    mine = jax.tree.map(lambda table: table[course.length[run]], walk.tables)

    def one(k: Array, state: State) -> State:
        begin = course.begin[run] + k * STRIDE * step
        taken = jnp.minimum(count - k * STRIDE, STRIDE)
        stride = _Stride(mine, feed, begin, step, taken, course.place[run] + k * STRIDE)
        return _take(walk, stride, state)

    x, y, result, fared = state
    x = tuple(
        part + came[rows.rows[0] : rows.rows[-1] + 1]
        for part, rows in zip(x, shape.carried, strict=True)
    )
    end: State = lax.fori_loop(0, (count + STRIDE - 1) // STRIDE, one, (x, y, result, fared))
    return end


@dataclass(frozen=True)
class _Stride:
    """One stride: its tables, what is fed, start and length of a step, how many, and where to."""

    tables: Tables
    feed: Array
    begin: Array
    step: Array
    taken: Array
    row: Array


def _take(walk: _Walk, stride: _Stride, state: State) -> State:
    """Take the steps of a stride at once."""
    shape, row = walk.shape, stride.row
    x, y, result, fared = state
    source = [*(row for part in x for row in part), *stride.feed]
    found = _carry(walk, stride, source)
    ends = [part[:, k] for part in found for k in range(part.shape[1])]
    if walk.every:
        for part, amounts in zip(shape.carried, found, strict=True):
            result = walk.put(result, amounts, row, part.rows[0])
    else:
        for k, compartment in enumerate(walk.rows):
            result = walk.put(result, (ends[compartment] * walk.scale[k])[:, None], row, k)
    x = tuple(part[stride.taken - 1] for part in found)
    if walk.program is not None:
        values, y, fared = _respond(walk, stride, source, ends, y, fared)
        for k, value in enumerate(values, start=len(walk.rows)):
            result = walk.put(result, value[:, None], row, k)
    return x, y, result, fared


def _carry(walk: _Walk, stride: _Stride, source: list[Array]) -> list[Array]:
    """Amounts after each step of a stride, by part: (steps, rows, people)."""
    found = []
    for _ in range(STRIDE // POWERS):
        now = [
            columns_of(table, part, source)
            for table, part in zip(stride.tables["carried"], walk.shape.carried, strict=True)
        ]
        source = [*(row for part in now for row in part[-1]), *stride.feed]
        found.append(now)
    return [jnp.concatenate(pieces) for pieces in zip(*found, strict=True)]


def _respond(
    walk: _Walk,
    stride: _Stride,
    source: list[Array],
    ends: list[Array],
    y: tuple[Array, ...],
    fared: Array,
) -> tuple[list[Array], tuple[Array, ...], Array]:
    """Carry the responses over a stride: their values, those with a memory, how they fared."""
    program = walk.program
    assert program is not None
    step, tables = stride.step, stride.tables
    starts = [jnp.concatenate([x[None], end[:-1]]) for x, end in zip(source, ends, strict=False)]
    amounts = amounts_inside(tables, walk.shape, [*starts, *stride.feed[:, None]], ends)
    within = np.asarray([i + node for i in range(STRIDE) for node in NODES[:4]] + [STRIDE])
    moments = (stride.begin + jnp.asarray(within) * step)[:, None]
    values, after, excess = stride_responses(program, walk.p, tables, amounts, moments, y, step)
    here = jnp.arange(STRIDE)[:, None] < stride.taken
    if not walk.careful:
        # not a number must show, so no maximum that passes over it
        worst = jnp.where(here, excess, 0.0).max(axis=0)
        return values, tuple(end[stride.taken - 1] for end in after), jnp.maximum(fared, worst)

    def one_by_one() -> tuple[list[Array], tuple[Array, ...], Array]:
        return _one_by_one(walk, stride, source, y, fared)

    def as_found() -> tuple[list[Array], tuple[Array, ...], Array]:
        return values, tuple(end[stride.taken - 1] for end in after), fared

    found: tuple[list[Array], tuple[Array, ...], Array] = lax.cond(
        jnp.any(~(excess <= 1.0) & here), one_by_one, as_found
    )
    return found


def _one_by_one(
    walk: _Walk, stride: _Stride, source: list[Array], y: tuple[Array, ...], failed: Array
) -> tuple[list[Array], tuple[Array, ...], Array]:
    """Go through the steps of a stride one after another, halving them where needed."""
    program, shape = walk.program, walk.shape
    assert program is not None
    step, tables = stride.step, stride.tables
    points = tuple(part.rows[0] for part in shape.inside)
    people = failed.shape[0]

    def one(i: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        x, y, values, failed = state
        began = stride.begin + i * step
        moved = [
            columns_of(table[0], part, x)
            for table, part in zip(tables["carried"], shape.carried, strict=True)
        ]
        rows = [row[None] for part in moved for row in part]
        at = amounts_inside(tables, shape, list(x[:, None]), rows)
        amounts = jnp.stack(at, axis=1) if at else jnp.zeros((5, 0, people))
        here = Step(program, walk.p, walk.rates, points, x, y, began, step)
        y, now, bad = refine(here, amounts)
        failed = jnp.minimum(failed, jnp.where(bad, began, jnp.inf))
        x = jnp.concatenate([*moved, x[shape.n :]])
        return x, y, values.at[i].set(now), failed

    before = jnp.stack(y) if y else jnp.zeros((0, people))
    values = jnp.zeros((STRIDE, len(program.names), people))
    state = (jnp.stack(source), before, values, failed)
    _, after, values, failed = lax.fori_loop(0, stride.taken, one, state)
    return [values[:, k] for k in range(len(program.names))], tuple(after), failed


def tiled_strides(
    rates: Array,
    course: Strides,
    start: Array,
    scale: Array,
    kept: Array,
    values: Mapping[str, Any],
    result: Array,
    *,
    tile: int,
    **static: Any,
) -> tuple[Array, Array, Array, Array]:
    """Do :func:`stride_walk` for ``tile`` people after another, so that they stay in cache.

    The number of people must be a multiple of ``tile``. ``start`` and ``kept`` and all results have
    the tiles as their first axis: (tiles, ..., tile).
    """
    people = rates.shape[-1]

    def split(array: Any) -> Array:
        shaped = jnp.reshape(array, (*array.shape[:-1], people // tile, tile))
        return jnp.moveaxis(shaped, -2, 0)

    shared = (split(rates), split(course.feeds), split(course.jumps), split(scale))
    own = {name: split(value) for name, value in values.items()}
    tiles = people // tile

    def one(i: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        result, ends, responses, fared = state
        mine, feeds, jumps, factor = (array[i] for array in shared)
        x, y, result, late = stride_walk(
            mine,
            replace(course, feeds=feeds, jumps=jumps),
            ends[i],
            factor,
            responses[i],
            {name: value[i] for name, value in own.items()},
            result,
            i,
            **static,
        )
        return result, ends.at[i].set(x), responses.at[i].set(y), fared.at[i].set(late)

    state: tuple[Array, ...] = (result, start, kept, jnp.zeros((tiles, tile)))
    result, ends, responses, fared = lax.fori_loop(0, tiles, one, state)
    return ends, responses, result, fared
