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


def make_steps(asked: Values, events: Iterable[float], *, graded: bool = False) -> Steps:
    """Merge the times asked for with those of events; the grid begins at 0.

    Parameters
    ----------
    graded : bool
        Keep steps short after each event, for responses (:func:`grade`).
    """
    last = float(asked[-1])
    tolerance = 8.0 * float(np.spacing(max(last, 1.0)))
    inside = np.unique([0.0, *(t for t in events if t <= last + tolerance)])
    merged = np.unique(np.concatenate([asked, inside]))
    keep = np.concatenate([[True], np.diff(merged) > tolerance])
    times = grade(merged[keep], inside) if graded else merged[keep]
    # every time belongs to the last one kept at or before it
    place = np.searchsorted(times, asked, side="right") - 1
    return Steps(times, place.astype(np.int64), tolerance)


SHORTEST, RATIO = 1.0 / 48.0, 0.37
"""Steps of a graded grid are no longer than so many hours, or this part of the time since the
last event."""


def grade(times: Values, events: Values) -> Values:
    """Halve the steps of a grid that are long for the time since the last event.

    Concentrations bend most just after an event, so steps there are short and grow with the time
    that has passed. A step is halved in place, so that few distinct lengths come of it.
    """
    found = [times[:1]]
    since = events[np.maximum(np.searchsorted(events, times[:-1] + 1e-12, side="right") - 1, 0)]
    for begin, end, event in zip(times[:-1], times[1:], since, strict=True):
        cuts = np.asarray(_cuts(begin - event, end - event))
        found.append(np.append(event + cuts, end))
    return np.concatenate(found)


def _cuts(begin: float, end: float) -> list[float]:
    """Where to cut a step that begins and ends so many hours after an event."""
    if end - begin <= max(SHORTEST, RATIO * begin) * (1.0 + 1e-9):
        return []
    middle = 0.5 * (begin + end)
    return [*_cuts(begin, middle), middle, *_cuts(middle, end)]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of equal steps of a stretch, in arrays of one number a run.

    Parameters
    ----------
    length, count, feed, jump : ndarray of int
        Which length, how many steps, which infusions feed them, what comes before them.
    place : ndarray of int
        Row of the result in which the first value stands. Values at times that were not asked for
        stand where the next asked one will be written over them.
    begin : ndarray
        Hours at which it begins.
    shown : ndarray of int
        Grid times whose values fill the rows.
    part_of, times_of : ndarray of int
        For each length of the stretch, the index of one before it that it is two or three times
        as long as, and how many times; or -1.
    """

    length: Indices
    count: Indices
    feed: Indices
    jump: Indices
    place: Indices
    begin: Values
    shown: Indices
    part_of: Indices
    times_of: Indices


def find_runs(steps: Steps, stretch: Stretch) -> Runs:
    """Cut a stretch into runs of steps that are equal in every way.

    What comes at once at the end of a step makes a run of one step of no length there: the value
    at that moment is the one just after.
    """
    grid = np.arange(stretch.first, stretch.stop)
    asked = np.unique(steps.asked)
    shown = asked[(asked >= stretch.first) & (asked < stretch.stop)]
    is_shown = np.isin(grid, shown)
    changes = (
        (np.diff(stretch.which) != 0)
        | (np.diff(stretch.feed) != 0)
        | (np.diff(is_shown) != 0)
        | (stretch.jump[:-1] != 0)
    )
    edges = [0, *(np.flatnonzero(changes) + 1).tolist(), stretch.count]
    places = np.searchsorted(shown, grid)
    rows: list[tuple[int, int, int, int, int]] = []
    begins: list[float] = []
    for first, stop in pairwise(edges):
        which, feed = int(stretch.which[first]), int(stretch.feed[first])
        # a step ends at its grid time and begins at the one before
        start = steps.times[grid[first]] - stretch.lengths[which]
        rows.append((which, stop - first, feed, 0, int(places[first])))
        begins.append(float(start))
        if stretch.jump[stop - 1]:
            rows.append((0, 1, feed, int(stretch.jump[stop - 1]), int(places[stop - 1])))
            begins.append(float(steps.times[grid[stop - 1]]))
    part_of, times_of = _multiples(stretch.lengths, steps.tolerance)
    length, count, feeds, jumps, place = np.asarray(rows, dtype=np.int32).T
    return Runs(
        length,
        count,
        feeds,
        jumps,
        place,
        begin=np.asarray(begins),
        shown=shown.astype(np.int32),
        part_of=part_of,
        times_of=times_of,
    )


def _multiples(lengths: Values, tolerance: float) -> tuple[Indices, Indices]:
    """Find lengths that are two or three times one before them."""
    part_of = np.full(len(lengths), -1, dtype=np.int32)
    times_of = np.zeros(len(lengths), dtype=np.int32)
    for k in range(2, len(lengths)):
        for times in (3, 2):
            near = np.abs(times * lengths[1:k] - lengths[k]) <= tolerance
            if near.any():
                part_of[k], times_of[k] = 1 + int(np.argmax(near)), times
    return part_of, times_of


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
