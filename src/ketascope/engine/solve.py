"""Run people through a model in blocks, over all cores.

People are taken in blocks of a fixed size, each block on one core; a block is padded to the size,
so the compiled program and the numbers are the same whatever the number of people or cores.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine import shapes
from ketascope.engine.compiled import compiled, double_precision
from ketascope.engine.lay import Plan, lay_strides, make_course
from ketascope.engine.own_times import own_inputs
from ketascope.engine.plan import find_runs, make_steps, make_stretches
from ketascope.engine.problem import (
    Inputs,
    at_occasion,
    check_rates,
    declare_states,
    find_inputs,
    find_reach,
    is_common,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import tiled_segment
from ketascope.engine.response import ATOL, RTOL, find_program
from ketascope.engine.stride_tables import STRIDE
from ketascope.engine.strides import tiled_strides
from ketascope.errors import InputError, NotConverged
from ketascope.models.structure import Individual, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]

BLOCKS = (1024, 512, 256)
"""People in a block: the largest that gives each core two; large ones cost less for a person."""
SMALL_BLOCK = 8
TILES = ((9, 64), (13, 32), (10_000, 16))
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
    responses: bool = True
    """Return the model's responses too."""
    rtol: float = RTOL
    atol: float = ATOL
    """Tolerances of the responses: relative, and absolute in their unit."""


def make_plan(request: Request, block: Block) -> Plan:
    """Lay out a run from its first block: the structure is the same for all of them."""
    model, p = request.model, block.individual
    states = declare_states(model, p, request.doses)
    inputs = find_inputs(model, p, states, request.doses, block.amounts)
    program = None
    if request.responses:
        program = find_program(model, at_occasion(p, 0), rtol=request.rtol, atol=request.atol)
    events = [*event_times(inputs), *request.occasion_starts]
    steps = make_steps(request.times, events, graded=program is not None)
    stretches = make_stretches(steps, request.occasion_starts, inputs)
    rows = tuple(range(len(states.compartments)))
    if not request.every_state:
        rows = outputs(model, at_occasion(p, 0), states)[0]
    runs = None
    if not any(own_inputs(inputs)):
        runs = [find_runs(steps, stretch) for stretch in stretches]
    reach = find_reach(model, at_occasion(p, 0), states)
    return Plan(states, steps, stretches, rows, program, runs, reach)


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
    """Return how many people a block holds: the wish in steps of 8, or 256 to 1024, or 8."""
    if wish is not None:
        return max(SMALL_BLOCK, -(-wish // SMALL_BLOCK) * SMALL_BLOCK)
    if people <= SMALL_BLOCK:
        return SMALL_BLOCK
    return next((size for size in BLOCKS if people >= 2 * cores() * size), BLOCKS[-1])


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
        ``keep(block, values)`` receives values of some people, shape (times, outputs, people), as
        soon as they are there; the blocks may come in any order, and be smaller than were made.
        Take the values over at once: an array that is kept costs memory for a whole block.
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
    spaces = threading.local()

    def work(first: int) -> int:
        stop = min(first + size, people)
        given = make_block(first, stop) if first else first_block
        with double_precision():
            # each thread fills the same memory again and again
            space = spaces.__dict__.setdefault("space", {})
            for part, values in solve_block(request, plan, given, size, space):
                keep(part, values)
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


def solve_block(
    request: Request, plan: Plan, block: Block, size: int, space: dict[Any, Any] | None = None
) -> list[tuple[Block, Values]]:
    """Solve one block, inside :func:`ketascope.engine.compiled.double_precision`.

    Parameters
    ----------
    space : dict, optional
        Where arrays are kept to be filled again by the next block of the same thread.

    Returns
    -------
    list of (Block, ndarray)
        The people in parts, each with its values of shape (times, outputs, people).
    """
    inputs = find_inputs(request.model, block.individual, plan.states, request.doses, block.amounts)
    if plan.runs is None:
        return [(block, _solve_own_times(request, plan, block, inputs, size))]
    return _solve_strides(request, plan, block, inputs, size, {} if space is None else space)


def _solve_strides(
    request: Request,
    plan: Plan,
    block: Block,
    inputs: Inputs,
    size: int,
    space: dict[Any, Any],
) -> list[tuple[Block, Values]]:
    """Solve a block whose events are at common times."""
    assert plan.runs is not None
    tile = tile_size(plan.states.count, size)
    static = {
        "rows": plan.rows,
        "reach": plan.reach,
        "every": request.every_state,
        "tile": tile,
        "program": plan.program,
    }
    x = np.zeros((size // tile, len(plan.states.compartments), tile))
    y = _first_responses(plan, block, size, tile)
    found: list[tuple[NDArray[np.int32], Values]] = []
    occasion = -1
    for number, (stretch, runs) in enumerate(zip(plan.stretches, plan.runs, strict=True)):
        if stretch.occasion != occasion:
            occasion = stretch.occasion
            now = at_occasion(block.individual, occasion)
            rates, scale = _rates_and_scale(request, now, plan, block, size)
            values = _read_by_responses(plan, now, size)
        course = lay_strides(plan, stretch, runs, inputs, block.count, size)
        buffer = _buffer(space, plan, size // tile, len(runs.shown), tile, number)
        args = (rates, course, x, scale, y, values, buffer)
        given = compiled(tiled_strides, static, args, reuse=(6,))(*args)
        space[number, buffer.shape] = given[2]
        x, y, result, failed = (np.asarray(array) for array in given)
        _check_converged(request, plan, failed.reshape(-1), block)
        found.append((runs.shown, result[:, : len(runs.shown)]))
        del result, given
    whole = _as_asked(plan, found)
    parts = [part_of(block, first, tile) for first in range(0, block.count, tile)]
    return [(part, whole[i, :, :, : part.count]) for i, part in enumerate(parts)]


def _buffer(
    space: dict[Any, Any], plan: Plan, tiles: int, shown: int, tile: int, number: int
) -> Any:
    """Return an array to be filled with the values of a stretch, used before if possible."""
    import jax.numpy as jnp

    width = len(plan.rows) + (len(plan.program.names) if plan.program else 0)
    shape = (tiles, shapes.bucket(shown + STRIDE, 64), width, tile)
    found = space.pop((number, shape), None)
    return jnp.zeros(shape) if found is None else found


def part_of(block: Block, first: int, most: int) -> Block:
    """Return some people of a block, counted from its own first."""
    stop = min(first + most, block.count)
    if (first, stop) == (0, block.count):
        return block

    def cut(value: Any) -> Any:
        return value if np.ndim(value) == 0 else value[..., first:stop]

    p = block.individual
    mine = Individual({name: cut(p[name]) for name in p.names()})
    return Block(block.first + first, stop - first, mine, [cut(mg) for mg in block.amounts])


def _first_responses(plan: Plan, block: Block, size: int, tile: int) -> Values:
    """Responses with a memory at the start, (tiles, kept, people of a tile)."""
    if plan.program is None:
        return np.zeros((size // tile, 0, tile))
    first = at_occasion(block.individual, 0)
    rows = shapes.pad(plan.program.initial(first, block.count), size)
    return np.ascontiguousarray(rows.reshape(-1, size // tile, tile).swapaxes(0, 1))


def _read_by_responses(plan: Plan, p: Individual, size: int) -> dict[str, Any]:
    """Parameters that the responses read, one number a person."""
    if plan.program is None:
        return {}
    return {
        name: np.full(size, p[name]) if np.ndim(p[name]) == 0 else shapes.pad(p[name], size)
        for name in plan.program.parameters
    }


def _check_converged(request: Request, plan: Plan, failed: Values, block: Block) -> None:
    """Refuse responses whose error could not be kept, with the person and the time."""
    late = np.isfinite(failed[: block.count])
    if plan.program is None or not late.any():
        return
    person = int(np.flatnonzero(late)[0])
    raise NotConverged(
        f"the responses of person {block.first + person + 1} did not converge in the step that "
        f"begins at {failed[person]:g} h",
        where=f"model {request.model.name}",
        hint="look there for values that are not numbers or jump, or loosen the tolerance",
    )


def _as_asked(plan: Plan, found: list[tuple[NDArray[np.int32], Values]]) -> Values:
    """Put the rows of all stretches together, in the order of the times asked for.

    Values have the shape (tiles, times, outputs, people of a tile).
    """
    shown, rows = np.unique(plan.steps.asked, return_inverse=True)
    if len(found) == 1 and len(shown) == len(rows):
        return found[0][1]
    tiles, _, *rest = found[0][1].shape
    result = np.empty((tiles, len(shown), *rest))
    for grid, values in found:
        # a later stretch says what holds at the moment where it begins
        result[:, np.searchsorted(shown, grid)] = values
    return result[:, rows]


def _solve_own_times(
    request: Request, plan: Plan, block: Block, inputs: Inputs, size: int
) -> Values:
    """Solve a block in which some inputs begin or end at a person's own times."""
    p, states = block.individual, plan.states
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
        return shapes.pad(rates, size), np.ones((len(plan.rows), size))
    factors = outputs(request.model, p, plan.states)[1]
    scale = np.stack([np.broadcast_to(factor, (block.count,)) for factor in factors])
    return shapes.pad(rates, size), shapes.pad(scale, size)
