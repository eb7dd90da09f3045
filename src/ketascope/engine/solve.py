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
from ketascope.engine.own_times import Piece, own_inputs, pieces, whole_steps
from ketascope.engine.plan import Steps, Stretch, make_steps, make_stretches
from ketascope.engine.problem import (
    Inputs,
    States,
    at_occasion,
    check_rates,
    declare_states,
    find_inputs,
    is_common,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import Course, tiled_segment
from ketascope.errors import InputError
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What the blocks of a run share: states, the grid, its stretches, which states are wanted."""

    states: States
    steps: Steps
    stretches: list[Stretch]
    rows: tuple[int, ...]


def make_plan(request: Request, block: Block) -> Plan:
    """Lay out a run from its first block: the structure is the same for all of them."""
    model, p = request.model, block.individual
    states = declare_states(model, p, request.doses)
    inputs = find_inputs(model, p, states, request.doses, block.amounts)
    steps = make_steps(request.times, [*event_times(inputs), *request.occasion_starts])
    stretches = make_stretches(steps, request.occasion_starts, inputs)
    if request.every_state:
        return Plan(states, steps, stretches, tuple(range(len(states.compartments))))
    return Plan(states, steps, stretches, outputs(model, at_occasion(p, 0), states)[0])


def event_times(inputs: Inputs) -> list[float]:
    """Return the times of inputs that are the same for everyone."""
    times = [b.time for b in inputs.boluses]
    times += [t for f in inputs.infusions for t in (f.start, f.end)]
    return [float(t) for t in times if is_common(t)]


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
    for name, wish in (("workers", workers), ("block", block)):
        if wish is not None and (not hasattr(wish, "__index__") or wish < 1):
            raise InputError(f"{name} is {wish!r}", hint="give a whole number from 1 up")
    size = block_size(people, block)
    firsts = range(0, people, size)
    first_block = make_block(0, min(size, people))
    plan = make_plan(request, first_block)

    def work(first: int) -> int:
        stop = min(first + size, people)
        given = make_block(first, stop) if first else first_block
        with double_precision():
            keep(given, solve_block(request, plan, given, size))
        return stop - first

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


def solve_block(request: Request, plan: Plan, block: Block, size: int) -> Values:
    """Solve one block, inside :func:`ketascope.engine.compiled.double_precision`.

    Returns
    -------
    ndarray, shape (times, outputs, people of the block)
    """
    model, p, states = request.model, block.individual, plan.states
    inputs = find_inputs(model, p, states, request.doses, block.amounts)
    static = {"rows": plan.rows, "tile": tile_size(states.count, size)}
    x = np.zeros((len(states.compartments), size))
    result = np.empty((len(plan.steps.times), len(plan.rows), block.count))
    occasion = -1
    for stretch in plan.stretches:
        if stretch.occasion != occasion:
            occasion = stretch.occasion
            rates, scale = _rates_and_scale(request, at_occasion(p, occasion), plan, block, size)
        course = make_course(plan, stretch, inputs, block.count, size)
        args = (rates, course, x, scale)
        values, end = compiled(tiled_segment, static, args)(*args)
        x = np.asarray(end)
        values = np.asarray(values)[: stretch.count, :, : block.count]
        if stretch.count == len(result) == len(plan.steps.asked):
            return values
        result[stretch.first : stretch.stop] = values
    return result[plan.steps.asked]


def _rates_and_scale(
    request: Request, p: Individual, plan: Plan, block: Block, size: int
) -> tuple[Values, Values]:
    """Rate matrices of a block, and the factors from amounts to what is returned."""
    rates = rate_matrix(request.model, p, plan.states, block.count)
    check_rates(rates, request.model, block.first)
    if request.every_state:
        return _pad(rates, size), np.ones((len(plan.rows), size))
    factors = outputs(request.model, p, plan.states)[1]
    scale = np.stack([np.broadcast_to(factor, (block.count,)) for factor in factors])
    return _pad(rates, size), _pad(scale, size)


def make_course(plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int) -> Course:
    """Lay out one stretch for a block, padded to few shapes so that few programs are compiled."""
    length = _bucket(stretch.count, 64)
    lengths = _fill(stretch.lengths, _doubled(len(stretch.lengths), 8))
    runs = stretch.runs
    runs = np.append(runs, np.full(_doubled(len(runs), 16) - len(runs), stretch.count))
    jumps = np.zeros((_doubled(len(stretch.jumps), 4), len(plan.states.compartments), size))
    for row, members in enumerate(stretch.jumps):
        for i in members:
            bolus = inputs.boluses[i]
            jumps[row, bolus.compartment, :people] += bolus.size
    feed, feeds = _feeds(plan, stretch, inputs, people, size, length)
    own, count = _own(plan, stretch, inputs, people, size)
    return Course(
        lengths=lengths,
        distinct=np.int32(len(stretch.lengths)),
        which=_fill(stretch.which, length),
        runs=runs.astype(np.int32),
        feed=feed,
        feeds=feeds,
        jump=_fill(stretch.jump, length),
        jumps=jumps,
        own=own,
        pieces=np.int32(count),
    )


def _feeds(
    plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int, length: int
) -> tuple[NDArray[np.int32], Values]:
    """Rates of input: which row holds in each step, and the rows.

    A row is summed anew from the infusions that run, so nothing is left when they have ended.
    """
    fed = len(plan.states.fed)
    rows = np.zeros((_doubled(len(stretch.feeds), 4), fed, size))
    for row, members in enumerate(stretch.feeds):
        for i in members:
            infusion = inputs.infusions[i]
            rows[row, infusion.fed, :people] += infusion.rate
    own = whole_steps(plan.steps, stretch, inputs, plan.states, people)
    if own is None:
        return _fill(stretch.feed, length), rows
    dense = np.zeros((length, fed, size))
    dense[: stretch.count] = rows[stretch.feed]
    dense[: stretch.count, :, :people] += own
    return np.arange(length, dtype=np.int32), dense


def _own(
    plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int
) -> tuple[tuple[NDArray[np.int32], Values, Values, Values] | None, int]:
    """Parts of inputs at times of a person's own, and how many; None if the run has none."""
    if not any(own_inputs(inputs)):
        return None, 0
    found: list[Piece] = pieces(plan.steps, stretch, inputs, plan.states, people)
    rows = _doubled(len(found), 4)
    step = np.full((rows, size), _bucket(stretch.count, 64), dtype=np.int32)
    lasts, left = np.zeros((rows, size)), np.zeros((rows, size))
    what = np.zeros((rows, plan.states.count, size))
    for i, piece in enumerate(found):
        here = piece.step < stretch.count
        step[i, :people][here] = piece.step[here]
        lasts[i, :people], left[i, :people] = piece.lasts, piece.left
        what[i, piece.state, :people] = piece.size
    return (step, lasts, left, what), len(found)


def _fill(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Fill up with zeros: steps of no length, fed by nothing, with nothing at their end."""
    return np.append(values, np.zeros(length - len(values), dtype=values.dtype))


def _bucket(count: int, least: int) -> int:
    """Round up by at most an eighth, so that few shapes are compiled and little is idle."""
    if count <= least:
        return least
    grain = 1 << max(0, count.bit_length() - 4)
    return -(-count // grain) * grain


def _doubled(count: int, least: int) -> int:
    """Round up to least times a power of two, where filling costs next to nothing."""
    size = least
    while size < count:
        size *= 2
    return size


def _pad(values: Any, size: int) -> Values:
    """Fill up the last axis by repeating the last person."""
    given: Values = np.asarray(values)
    missing = size - given.shape[-1]
    if missing == 0:
        return given
    return np.concatenate([given, np.repeat(given[..., -1:], missing, axis=-1)], axis=-1)
