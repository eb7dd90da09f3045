"""The grid a run walks, and what happens on it that is the same for everyone.

Times asked for and times of events make one grid. It is cut into stretches where rates change (a
new occasion) or where step lengths become too many; each stretch is laid out once for all blocks:
the distinct step lengths, the runs of equal steps, which infusions feed each step, which boluses
fall at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ketascope.engine.problem import Inputs, is_common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Indices = NDArray[np.int32]

MAX_LENGTHS, MAX_STEPS = 32, 4096
"""Distinct step lengths, and steps, of one stretch: they bound the memory it takes."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The grid: its times, and where the times asked for stand in it."""

    times: Values
    asked: NDArray[np.int64]
    tolerance: float
    """Times closer than this (h) are one: a few units in the last place of the last time."""

    def index(self, time: float) -> int:
        """Index of the grid time nearest to an event."""
        k = int(np.searchsorted(self.times, time - self.tolerance))
        return min(k, len(self.times) - 1)


def make_steps(asked: Values, events: Iterable[float]) -> Steps:
    """Merge the times asked for with those of events; the grid begins at 0."""
    last = float(asked[-1])
    tolerance = 8.0 * float(np.spacing(max(last, 1.0)))
    inside = [t for t in events if t <= last + tolerance]
    merged = np.unique(np.concatenate([[0.0], asked, inside]))
    keep = np.concatenate([[True], np.diff(merged) > tolerance])
    times = merged[keep]
    # every time belongs to the last one kept at or before it
    place = np.searchsorted(times, asked, side="right") - 1
    return Steps(times, place.astype(np.int64), tolerance)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps with the same rates: step k of the grid ends at ``times[k]``.

    Parameters
    ----------
    first, stop : int
        Steps from first to stop (excluded).
    occasion : int
        Whose rates hold.
    leads : bool
        The first step has no length: it only takes over at the start of an occasion, so that the
        value at that moment, and what is given then, belong to the new occasion.
    yields : bool
        The last step ends where the next occasion starts, which deals with what is given then.
    lengths : ndarray
        Distinct step lengths, h; the first is 0.
    which : ndarray of int
        Length of each step, as an index.
    feeds : tuple of tuple of int
        Distinct sets of infusions that run together, by index; the first is empty.
    feed : ndarray of int
        The set that runs during each step.
    jumps : tuple of tuple of int
        Distinct sets of boluses given at the same time, by index; the first is empty.
    jump : ndarray of int
        The set given at the end of each step.
    """

    first: int
    stop: int
    occasion: int
    leads: bool
    yields: bool
    lengths: Values
    which: Indices
    feeds: tuple[tuple[int, ...], ...]
    feed: Indices
    jumps: tuple[tuple[int, ...], ...]
    jump: Indices

    @property
    def count(self) -> int:
        """Number of steps."""
        return self.stop - self.first

    @property
    def runs(self) -> Indices:
        """Where each run of equal steps begins, and the number of steps at the end."""
        breaks = np.flatnonzero(np.diff(self.which)) + 1
        return np.concatenate([[0], breaks, [self.count]]).astype(np.int32)


def make_stretches(steps: Steps, occasion_starts: Sequence[float], inputs: Inputs) -> list[Stretch]:
    """Cut the grid into stretches and lay each of them out.

    Parameters
    ----------
    occasion_starts : sequence of float
        Start of each occasion, h, the first at 0; empty where the rates never change.
    """
    end = len(steps.times)
    inside = [t for t in occasion_starts[1:] if t <= steps.times[-1] + steps.tolerance]
    marks = [0, *(steps.index(t) for t in inside), end]
    spans = [
        (marks[k], min(marks[k + 1] + 1, end), k, k > 0, k + 2 < len(marks))
        for k in range(len(marks) - 1)
    ]
    events = _common_events(steps, inputs)
    stretches = []
    for first, stop, occasion, leads, yields in spans:
        lengths = np.diff(steps.times[first:stop], prepend=steps.times[max(first - 1, 0)])
        if leads or first == 0:
            lengths[0] = 0.0
        begin = 0
        for part in _divide(lengths, steps.tolerance):
            final = begin + len(part[1]) == len(lengths)
            stretches.append(
                _lay_out(
                    first + begin, part, occasion, leads and begin == 0, yields and final, events
                )
            )
            begin += len(part[1])
    return stretches


def _divide(lengths: Values, tolerance: float) -> list[tuple[Values, Indices]]:
    """Divide steps so that no part has too many lengths or steps: (lengths, which) of each."""
    parts: list[tuple[Values, Indices]] = []
    distinct, which = [0.0], list[int]()
    for length in lengths.tolist():
        near = [i for i, d in enumerate(distinct) if abs(d - length) <= tolerance]
        if (not near and len(distinct) == MAX_LENGTHS) or len(which) == MAX_STEPS:
            parts.append((np.asarray(distinct), np.asarray(which, dtype=np.int32)))
            distinct, which = [0.0], []
            near = [0] if length <= tolerance else []
        if not near:
            distinct.append(length)
        which.append(near[0] if near else len(distinct) - 1)
    parts.append((np.asarray(distinct), np.asarray(which, dtype=np.int32)))
    return parts


@dataclass(frozen=True, slots=True)
class _Events:
    """Common inputs on the grid: (step, bolus), and (first step, last step, infusion)."""

    boluses: tuple[tuple[int, int], ...]
    infusions: tuple[tuple[int, int, int], ...]


def _common_events(steps: Steps, inputs: Inputs) -> _Events:
    last = steps.times[-1] + steps.tolerance
    boluses = [
        (steps.index(b.time), i)
        for i, b in enumerate(inputs.boluses)
        if is_common(b.time) and b.time <= last
    ]
    infusions = [
        # an infusion that starts at times[k] feeds the steps after k
        (steps.index(f.start) + 1, steps.index(f.end) if f.end <= last else len(steps.times), i)
        for i, f in enumerate(inputs.infusions)
        if is_common(f.start, f.end) and f.start <= last
    ]
    return _Events(tuple(boluses), tuple(infusions))


def _lay_out(
    first: int,
    part: tuple[Values, Indices],
    occasion: int,
    leads: bool,
    yields: bool,
    events: _Events,
) -> Stretch:
    lengths, which = part
    count = len(which)
    stop = first + count
    at: dict[int, list[int]] = {}
    for k, i in events.boluses:
        if first <= k < stop - yields:
            at.setdefault(k - first, []).append(i)
    jumps, jump = _number(count, {k: tuple(found) for k, found in at.items()})
    running: dict[int, tuple[int, ...]] = {}
    mine = [(a, b, i) for a, b, i in events.infusions if a < stop and b >= first]
    edges = sorted({first, stop, *(e for a, b, _ in mine for e in (a, b + 1) if first < e < stop)})
    for begin, end in pairwise(edges):
        now = tuple(i for a, b, i in mine if a <= begin <= b)
        running.update((k - first, now) for k in range(begin, end) if now)
    feeds, feed = _number(count, running)
    return Stretch(first, stop, occasion, leads, yields, lengths, which, feeds, feed, jumps, jump)


def _number(
    count: int, sets: dict[int, tuple[int, ...]]
) -> tuple[tuple[tuple[int, ...], ...], Indices]:
    """Number the distinct sets, the empty one first, and say which each step has."""
    numbers: dict[tuple[int, ...], int] = {(): 0}
    index = np.zeros(count, dtype=np.int32)
    for k, members in sets.items():
        index[k] = numbers.setdefault(members, len(numbers))
    return tuple(numbers), index
