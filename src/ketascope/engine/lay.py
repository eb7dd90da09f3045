"""What a block of people goes through in a stretch, laid out in arrays of few shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ketascope.engine import shapes
from ketascope.engine.own_times import Piece, own_inputs, pieces, whole_steps
from ketascope.engine.plan import Runs, Steps, Stretch
from ketascope.engine.problem import Inputs, States
from ketascope.engine.propagator import Course
from ketascope.engine.response import Program
from ketascope.engine.strides import Strides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the blocks of a run share: states, the grid, its stretches, what is wanted.

    Parameters
    ----------
    rows : tuple of int
        Compartments whose values are returned.
    program : Program or None
        Responses beside them.
    runs : list of Runs or None
        Runs of equal steps of each stretch; None where inputs at a person's own times forbid them.
    reach : tuple of tuple of int
        For each compartment, the columns of the rate matrix that can reach it.
    """

    states: States
    steps: Steps
    stretches: list[Stretch]
    rows: tuple[int, ...]
    program: Program | None = None
    runs: list[Runs] | None = None
    reach: tuple[tuple[int, ...], ...] = ()

    @property
    def width(self) -> int:
        """Number of values at each time: compartments, then responses."""
        return len(self.rows) + (len(self.program.names) if self.program else 0)


def lay_strides(
    plan: Plan, stretch: Stretch, runs: Runs, inputs: Inputs, people: int, size: int
) -> Strides:
    """Lay out one stretch as runs of equal steps for a block."""
    # matrices are costly to hold, so lengths are filled up by less than runs are
    lengths = -(-len(stretch.lengths) // 4) * 4
    count = shapes.doubled(len(runs.count), 16)
    own = {
        name: shapes.fill(getattr(runs, name), count)
        for name in ("length", "count", "feed", "jump", "place", "begin")
    }
    return Strides(
        lengths=shapes.fill(stretch.lengths, lengths),
        part_of=shapes.fill(runs.part_of, lengths),
        times_of=shapes.fill(runs.times_of, lengths),
        distinct=np.int32(len(stretch.lengths)),
        runs=np.int32(len(runs.count)),
        feeds=_common_feeds(plan, stretch, inputs, people, size),
        jumps=_common_jumps(plan, stretch, inputs, people, size),
        **own,
    )


def _common_jumps(plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int) -> Values:
    """Amounts that come at once, a row for each distinct set."""
    jumps = np.zeros((shapes.doubled(len(stretch.jumps), 4), len(plan.states.compartments), size))
    for row, members in enumerate(stretch.jumps):
        for i in members:
            bolus = inputs.boluses[i]
            jumps[row, bolus.compartment, :people] += bolus.size
    return jumps


def _common_feeds(plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int) -> Values:
    """Rates of input, a row for each distinct set.

    A row is summed anew from the infusions that run, so nothing is left when they have ended.
    """
    rows = np.zeros((shapes.doubled(len(stretch.feeds), 4), len(plan.states.fed), size))
    for row, members in enumerate(stretch.feeds):
        for i in members:
            infusion = inputs.infusions[i]
            rows[row, infusion.fed, :people] += infusion.rate
    return rows


def make_course(plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int) -> Course:
    """Lay out one stretch for a block, padded to few shapes so that few programs are compiled."""
    length = shapes.bucket(stretch.count, 64)
    lengths = shapes.fill(stretch.lengths, shapes.doubled(len(stretch.lengths), 8))
    runs = stretch.runs
    runs = np.append(runs, np.full(shapes.doubled(len(runs), 16) - len(runs), stretch.count))
    feed, feeds = _feeds(plan, stretch, inputs, people, size, length)
    own, count = _own(plan, stretch, inputs, people, size)
    return Course(
        lengths=lengths,
        distinct=np.int32(len(stretch.lengths)),
        which=shapes.fill(stretch.which, length),
        runs=runs.astype(np.int32),
        feed=feed,
        feeds=feeds,
        jump=shapes.fill(stretch.jump, length),
        jumps=_common_jumps(plan, stretch, inputs, people, size),
        own=own,
        pieces=np.int32(count),
    )


def _feeds(
    plan: Plan, stretch: Stretch, inputs: Inputs, people: int, size: int, length: int
) -> tuple[NDArray[np.int32], Values]:
    """Rates of input: which row holds in each step, and the rows."""
    rows = _common_feeds(plan, stretch, inputs, people, size)
    own = whole_steps(plan.steps, stretch, inputs, plan.states, people)
    if own is None:
        return shapes.fill(stretch.feed, length), rows
    dense = np.zeros((length, len(plan.states.fed), size))
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
    rows = shapes.doubled(len(found), 4)
    step = np.full((rows, size), shapes.bucket(stretch.count, 64), dtype=np.int32)
    lasts, left = np.zeros((rows, size)), np.zeros((rows, size))
    what = np.zeros((rows, plan.states.count, size))
    for i, piece in enumerate(found):
        here = piece.step < stretch.count
        step[i, :people][here] = piece.step[here]
        lasts[i, :people], left[i, :people] = piece.lasts, piece.left
        what[i, piece.state, :people] = piece.size
    return (step, lasts, left, what), len(found)
