"""What the engine is asked, and the blocks of people in which it answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.lay import Plan
from ketascope.engine.own_times import own_inputs
from ketascope.engine.plan import find_runs, make_steps, make_stretches
from ketascope.engine.problem import (
    Inputs,
    at_occasion,
    declare_states,
    find_inputs,
    find_reach,
    is_common,
    outputs,
)
from ketascope.engine.response import find_program
from ketascope.engine.tolerances import ATOL, RTOL
from ketascope.models.structure import Individual, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]

BLOCKS = (1024, 512, 256)
"""People in a block: the largest that gives each core two; large ones cost less for a person."""
DEVICE_BLOCKS = (65_536, 8_192, 1_024)
SMALL_BLOCK = 8
TILES = ((9, 128), (13, 32), (10_000, 16))
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


@lru_cache(maxsize=1)
def on_cpu() -> bool:
    """Whether JAX computes on the processor, and not on a GPU or the like."""
    import jax

    return jax.default_backend() == "cpu"


def block_size(people: int, wish: int | None = None) -> int:
    """Return how many people a block holds: the wish in steps of 8, or 256 to 1024, or 8."""
    if wish is not None:
        return max(SMALL_BLOCK, -(-wish // SMALL_BLOCK) * SMALL_BLOCK)
    if people <= SMALL_BLOCK:
        return SMALL_BLOCK
    if not on_cpu():
        return next((size for size in DEVICE_BLOCKS if people >= size), DEVICE_BLOCKS[-1])
    return next((size for size in BLOCKS if people >= 2 * cores() * size), BLOCKS[-1])


def tile_size(states: int, block: int) -> int:
    """Return how many people of a block are worked on together.

    The larger the matrices, the fewer stay in the processor's cache; the limits are where the
    time for a person was least. Another device works on all of a block at once.
    """
    if not on_cpu():
        return block
    best = next(tile for most, tile in TILES if states <= most)
    return best if block % best == 0 else block


def part_of(block: Block, first: int, most: int) -> Block:
    """Return some people of a block, counted from its own first."""
    stop = min(first + most, block.count)
    if (first, stop) == (0, block.count):
        return block

    def cut(value: Any) -> Any:
        # numbers are the same for everyone
        return value[..., first:stop] if isinstance(value, np.ndarray) and value.ndim else value

    p = block.individual
    mine = Individual({name: cut(p[name]) for name in p.names()})
    return Block(block.first + first, stop - first, mine, [cut(mg) for mg in block.amounts])
