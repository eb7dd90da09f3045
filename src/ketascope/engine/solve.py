"""Run people through a model in blocks, over all cores.

People are taken in blocks of a fixed size, each block on one core; a block is padded to the size,
so the compiled program and the numbers are the same whatever the number of people or cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.compiled import compiled, double_precision
from ketascope.engine.problem import (
    SAME_TIME,
    Jump,
    States,
    Steps,
    Stretch,
    at_occasion,
    check_rates,
    declare_states,
    find_jumps,
    make_steps,
    make_stretches,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import tiled_segment
from ketascope.models.structure import Individual, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]

BLOCK = 256
SMALL_BLOCK = 8
TILES = ((8, 256), (13, 64), (10_000, 16))
"""Up to how many states, how many people are worked on together."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some people: where they stand, their parameters, and the mg of each dose."""

    first: int
    count: int
    individual: Individual
    amounts: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the engine, the same for every block."""

    model: Model
    doses: Sequence[Administration]
    times: Values
    occasion_starts: Sequence[float] = ()
    """Starts of the dosing sessions, for models whose parameters vary between them."""
    every_state: bool = False
    """Return the amount in every compartment instead of the analytes."""


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def block_size(people: int, wish: int | None = None) -> int:
    """Return how many people a block holds: the wish in steps of 8, or 256, or 8 for a few."""
    if wish is not None:
        return max(SMALL_BLOCK, -(-wish // SMALL_BLOCK) * SMALL_BLOCK)
    return SMALL_BLOCK if people <= SMALL_BLOCK else BLOCK


def tile_size(states: int, block: int) -> int:
    """Return how many people of a block are worked on together.

    The larger the matrices, the fewer stay in the processor's cache; the limits are where the
    time for a person was least.
    """
    best = next(tile for most, tile in TILES if states <= most)
    return best if block % best == 0 else block


def run(
    request: Request,
    make_block: Callable[[int, int], Block],
    people: int,
    keep: Callable[[Block, Values], None],
    *,
    block: int | None = None,
    workers: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> None:
    """Solve a request for all people.

    Parameters
    ----------
    request : Request
    make_block : callable
        ``make_block(first, stop)`` gives the people from ``first`` to ``stop`` (excluded).
    people : int
    keep : callable
        ``keep(block, values)`` receives each block's values, shape (times, outputs, people), as
        soon as they are there; blocks may come in any order.
    block, workers : int, optional
        Size of a block, number of threads. Neither changes the numbers.
    advance : callable, optional
        Called with the number of people done, for a progress display.
    """
    size = block_size(people, block)

    def work(first: int) -> int:
        stop = min(first + size, people)
        given = make_block(first, stop)
        with double_precision():
            keep(given, solve_block(request, given, size))
        return stop - first

    firsts = range(0, people, size)
    threads = max(1, min(workers or cores(), len(firsts)))
    if threads == 1:
        for first in firsts:
            _report(advance, work(first))
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="ketascope") as pool:
        for done in pool.map(work, firsts):
            _report(advance, done)


def _report(advance: Callable[[int], None] | None, done: int) -> None:
    if advance is not None:
        advance(done)


def solve_block(request: Request, block: Block, size: int) -> Values:
    """Solve one block, inside :func:`ketascope.engine.compiled.double_precision`.

    Returns
    -------
    ndarray, shape (times, outputs, people of the block)
    """
    model, p = request.model, block.individual
    states = declare_states(model, p, request.doses)
    jumps = find_jumps(model, p, states, request.doses, block.amounts)
    common = [float(jump.time) for jump in jumps if jump.common]
    steps = make_steps(request.times, [*common, *request.occasion_starts])
    stretches = make_stretches(steps, request.occasion_starts)
    rows, _ = (
        (tuple(range(len(states.compartments))), None)
        if request.every_state
        else outputs(model, at_occasion(p, 0), states)
    )
    result = np.empty((len(steps.times), len(rows), block.count))
    x = np.zeros((states.count, size))
    previous: tuple[int, Values, Values] | None = None
    for stretch in stretches:
        if previous is None or previous[0] != stretch.occasion:
            here = at_occasion(p, stretch.occasion)
            rates = _pad(rate_matrix(model, here, states, block.count), size)
            check_rates(rates[:, :, : block.count], model, block.first)
            factors = [1.0] * len(rows) if request.every_state else outputs(model, here, states)[1]
            scale = _pad(np.stack([np.broadcast_to(f, (block.count,)) for f in factors]), size)
            previous = (stretch.occasion, rates, scale)
        args = _arguments(steps, stretch, jumps, states, previous[1], x, previous[2], block, size)
        static = {"rows": rows, "fed": len(states.fed), "tile": tile_size(states.count, size)}
        program = compiled(tiled_segment, static, args)
        values, end = program(*args)
        x = np.asarray(end)
        values = np.asarray(values)[: stretch.stop - stretch.first, :, : block.count]
        result[stretch.first : stretch.stop] = values
    return result[steps.asked]


def _arguments(
    steps: Steps,
    stretch: Stretch,
    jumps: list[Jump],
    states: States,
    rates: Values,
    start: Values,
    scale: Values,
    block: Block,
    size: int,
) -> tuple[Any, ...]:
    """Lay out the arguments of one stretch, padded to few shapes so that few are compiled."""
    count = stretch.stop - stretch.first
    length = _bucket(count, 64)
    lengths = np.concatenate([stretch.lengths, [0.0]])
    idle = len(lengths) - 1
    lengths = np.concatenate([lengths, np.zeros(-len(lengths) % 4)])
    which = np.full(length, idle, dtype=np.int32)
    which[:count] = stretch.which
    at, table = _common_jumps(steps, stretch, jumps, states, length, block, size)
    late = _late_jumps(steps, stretch, jumps, states, length, block, size)
    return rates, lengths, which, at, table, late, start, scale


def _common_jumps(
    steps: Steps,
    stretch: Stretch,
    jumps: list[Jump],
    states: States,
    length: int,
    block: Block,
    size: int,
) -> tuple[NDArray[np.int32], Values]:
    """Row of the jump table for each step, and the table: (rows, states, people)."""
    at = np.zeros(length, dtype=np.int32)
    changes: list[Values] = [np.zeros((states.count, block.count))]
    for jump in jumps:
        if not jump.common or jump.time > steps.times[-1] + SAME_TIME:
            continue
        k = steps.index(float(jump.time)) - stretch.first
        if not 0 <= k < stretch.stop - stretch.first:
            continue
        if at[k] == 0:
            at[k] = len(changes)
            changes.append(np.zeros((states.count, block.count)))
        changes[at[k]][jump.state] += jump.size
    table = np.zeros((_bucket(len(changes), 8), states.count, size))
    table[: len(changes), :, : block.count] = changes
    return at, table


def _late_jumps(
    steps: Steps,
    stretch: Stretch,
    jumps: list[Jump],
    states: States,
    length: int,
    block: Block,
    size: int,
) -> tuple[NDArray[np.int32], Values, Values] | None:
    """Jumps at times of a person's own that fall in this stretch; None if the run has none."""
    own = [jump for jump in jumps if not jump.common]
    if not own:
        return None
    wheres, lefts, changes = [], [], []
    for jump in own:
        k = np.searchsorted(steps.times, jump.time) - stretch.first
        inside = (k >= 0) & (k < stretch.stop - stretch.first)
        if not inside.any():
            continue
        ends = steps.times[np.minimum(k + stretch.first, len(steps.times) - 1)]
        change = np.zeros((states.count, block.count))
        change[jump.state] = np.where(inside, jump.size, 0.0)
        wheres.append(np.where(inside, k, length))
        lefts.append(np.where(inside, ends - jump.time, 0.0))
        changes.append(change)
    rows = _bucket(len(wheres), 2)
    where = np.full((rows, size), length, dtype=np.int32)
    left = np.zeros((rows, size))
    table = np.zeros((rows, states.count, size))
    for i, (k, remaining, change) in enumerate(zip(wheres, lefts, changes, strict=True)):
        where[i, : block.count], left[i, : block.count] = k, remaining
        table[i, :, : block.count] = change
    return where, left, table


def _bucket(count: int, least: int) -> int:
    """Round up to least * 2^i or least * 1.5 * 2^i, so that few shapes are compiled."""
    size = least
    while size < count:
        if size * 3 // 2 >= count:
            return size * 3 // 2
        size *= 2
    return size


def _pad(values: Any, size: int) -> Values:
    """Fill up the last axis by repeating the last person."""
    given: Values = np.asarray(values)
    missing = size - given.shape[-1]
    if missing == 0:
        return given
    return np.concatenate([given, np.repeat(given[..., -1:], missing, axis=-1)], axis=-1)
