"""Solve one block of people, stretch after stretch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine import shapes, spare
from ketascope.engine.compiled import compiled
from ketascope.engine.lay import Plan, lay_strides, make_course
from ketascope.engine.own_walk import walk_own_times
from ketascope.engine.problem import (
    Inputs,
    at_occasion,
    check_rates,
    find_inputs,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import tiled_segment
from ketascope.engine.request import Block, Request, part_of, tile_size
from ketascope.engine.stride_tables import STRIDE
from ketascope.engine.strides import tiled_strides
from ketascope.errors import NotConverged
from ketascope.models.structure import Individual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class Care:
    """How often the blocks of a run had to be solved carefully."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._quick = self._careful = 0

    def note(self, careful: bool) -> None:
        """Count one block."""
        with self._lock:
            if careful:
                self._careful += 1
            else:
                self._quick += 1

    @property
    def at_once(self) -> bool:
        """Whether most of them were, so that the quick way is not worth a try."""
        return self._careful > 1 + self._quick


def solve_block(
    request: Request,
    plan: Plan,
    block: Block,
    size: int,
    filled: list[Any],
    care: Care,
) -> list[tuple[Block, Values]]:
    """Solve one block, inside :func:`ketascope.engine.compiled.double_precision`.

    Parameters
    ----------
    filled : list
        Receives the arrays behind the values, to be given to :mod:`ketascope.engine.spare` when
        the values have been used.
    care : Care
        Counts the blocks that had to be solved carefully.

    Returns
    -------
    list of (Block, ndarray)
        The people in parts, each with its values of shape (times, outputs, people).
    """
    inputs = find_inputs(request.model, block.individual, plan.states, request.doses, block.amounts)
    if plan.runs is None and plan.program is not None:
        return [(block, _solve_own_responses(request, plan, block, inputs, size))]
    if plan.runs is None:
        return [(block, _solve_own_times(request, plan, block, inputs, size))]
    return _solve_strides(request, plan, block, inputs, size, filled, care)


def _solve_strides(
    request: Request,
    plan: Plan,
    block: Block,
    inputs: Inputs,
    size: int,
    filled: list[Any],
    care: Care,
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
    for stretch, runs in zip(plan.stretches, plan.runs, strict=True):
        if stretch.occasion != occasion:
            occasion = stretch.occasion
            now = at_occasion(block.individual, occasion)
            rates, scale = _rates_and_scale(request, now, plan, block, size)
            values = _read_by_responses(plan, now, size)
        course = lay_strides(plan, stretch, runs, inputs, block.count, size)
        args = (rates, course, x, scale, y, values)
        shape = (size // tile, shapes.bucket(len(runs.shown) + STRIDE, 64), plan.width, tile)
        found_here = _walk_stretch(request, plan, block, args, static, care, shape)
        x, y, result = (np.asarray(array) for array in found_here)
        filled.append(found_here[2])
        found.append((runs.shown, result[:, : len(runs.shown)]))
        del result
    whole = _as_asked(plan, found)
    parts = [part_of(block, first, tile) for first in range(0, block.count, tile)]
    return [(part, whole[i, :, :, : part.count]) for i, part in enumerate(parts)]


def _walk_stretch(
    request: Request,
    plan: Plan,
    block: Block,
    args: tuple[Any, ...],
    static: dict[str, Any],
    care: Care,
    shape: tuple[int, ...],
) -> list[Any]:
    """Walk a stretch quickly; again and carefully where a response is not resolved by its grid."""
    found: list[Any] = []
    for with_care in (True,) if care.at_once else (False, True):
        given = (*args, spare.take(shape))
        kind = {**static, "careful": with_care}
        found = list(compiled(tiled_strides, kind, given, reuse=(6,))(*given))
        fared = np.asarray(found[3]).reshape(-1)[: block.count]
        if with_care:
            _check_converged(request, plan, fared, block)
            break
        resolved = bool(np.all(fared <= 1.0))
        care.note(not resolved)
        if resolved:
            break
        spare.give(found[2])
    return found[:3]


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


def _solve_own_responses(
    request: Request, plan: Plan, block: Block, inputs: Inputs, size: int
) -> Values:
    """Solve a block with responses in which some inputs begin or end at a person's own times."""
    p, times = block.individual, request.times
    x = np.zeros((len(plan.states.compartments), size))
    y = _first_responses(plan, block, size, size)[0]
    # an occasion that begins after the last time changes nothing
    starts = [start for start in request.occasion_starts if start <= times[-1]] or [0.0]
    result = np.empty((len(times), plan.width, block.count))
    for occasion, start in enumerate(starts):
        last = occasion + 1 == len(starts)
        stop = float(times[-1]) if last else starts[occasion + 1]
        now = at_occasion(p, occasion)
        rates, scale = _rates_and_scale(request, now, plan, block, size)
        values = _read_by_responses(plan, now, size)
        here = (times >= start) & ((times <= stop) if last else (times < stop))
        window = (start, stop, times[here])
        x, y, found, failed = walk_own_times(
            plan, inputs, window, rates, scale, values, x, y, block.count, last=last
        )
        _check_converged(request, plan, failed, block)
        result[here] = found[:, :, : block.count]
    return result
