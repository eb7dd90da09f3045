"""Quantiles over people with memory that does not grow with their number.

People go by in blocks and are not kept, several times if need be: the run is repeatable. The
first people are held and sorted; their order statistics bracket each wanted one. Everybody is
counted into bins within the brackets, and in the next pass the few values left in the right bin
are collected (:mod:`ketascope.engine.brackets`). So a run takes one pass for as many people as fit
into memory, two as a rule, and more where a bracket missed or very many values are left. The answer
is exact in every case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ketascope.engine.brackets import Collecting, Counting, Searches, Wanted, limit, to_keys
from ketascope.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Consume = Callable[[int, Values], None]

MEMORY = 2**26
"""Bytes that each table of a pass may take (64 MiB); there are two at a time."""
FEWEST = 64
"""People who are held and sorted, even if memory asks for fewer."""
WIDTH = 5.0
"""Half the width of the first brackets in standard errors of the rank: one in 10^6 misses."""
PIECE = 256
"""Of the people who are held, how many are counted together."""


def streamed_quantiles(
    produce: Callable[[Consume], None],
    shape: tuple[int, int],
    people: int,
    quantiles: Sequence[float],
    *,
    memory: int = MEMORY,
) -> Values:
    """Return quantiles over people of every output at every time.

    Parameters
    ----------
    produce : callable
        ``produce(consume)`` goes through all people once and calls ``consume(first, values)`` for
        each block with values of shape (times, outputs, people of the block), in any order and
        from any thread. It is called as often as needed and must give the same each time.
    shape : tuple of int
        Number of outputs and of times.
    people : int
    quantiles : sequence of float
        From 0 to 1.
    memory : int
        Bytes that each table may take; with fewer, more passes are needed.

    Returns
    -------
    ndarray, shape (quantiles, outputs, times)
        As ``numpy.quantile`` has them with its method "linear".

    Raises
    ------
    InputError
        If nobody or no usable quantile is asked for, or a value is not a number.
    RuntimeError
        If ``produce`` does not give everybody, or not the same each time.
    """
    levels = check_levels(quantiles)
    if people < 1:
        raise InputError(f"quantiles over {people} people were asked for", hint="take 1 or more")
    outputs, times = shape
    wanted = Wanted(levels, people, times * outputs, memory)
    work: First | Pass = First(wanted, outputs)
    while True:
        seen = _Seen(work.take)
        produce(seen)
        if seen.people != people:
            raise RuntimeError(f"{seen.people} people came by, not {people}")
        searches = work.finish()
        if not len(searches):
            # a column is an output at a time, time by time, as they come
            return wanted.interpolated().reshape(-1, times, outputs).swapaxes(1, 2)
        work = Pass(searches, wanted)


def check_levels(quantiles: Sequence[float]) -> Values:
    """Return quantiles as an array if there are some and all lie from 0 to 1."""
    levels: Values = np.asarray(quantiles, dtype=np.float64)
    if levels.ndim != 1 or not levels.size or not ((levels >= 0) & (levels <= 1)).all():
        raise InputError(
            f"the quantiles {quantiles} are not usable", hint="give numbers from 0 to 1"
        )
    return levels


class _Seen:
    """Lay out blocks as (columns, people) and count the people who came by."""

    def __init__(self, take: Callable[[int, Values], None]) -> None:
        self.people = 0
        self._take = take
        self._lock = threading.Lock()

    def __call__(self, first: int, values: Values) -> None:
        with self._lock:
            self.people += values.shape[-1]
        self._take(first, values.reshape(-1, values.shape[-1]))


class First:
    """The first pass: hold the first people to come, bracket, count everybody."""

    def __init__(self, wanted: Wanted, outputs: int) -> None:
        self.wanted, self.outputs = wanted, outputs
        fit = wanted.memory // (8 * max(1, wanted.columns))
        self.held = np.empty((wanted.columns, min(wanted.people, max(FEWEST, fit))))
        self.filled = 0
        self.passing: Pass | None = None
        self.lock = threading.Lock()

    def take(self, first: int, rows: Values) -> None:
        """Take some people, shape (columns, people)."""
        if np.isnan(rows).any():
            column, person = (int(i[0]) for i in np.nonzero(np.isnan(rows)))
            time, output = divmod(column, self.outputs)
            raise InputError(
                f"a value that quantiles were asked of is not a number (person {first + person + 1}"
                f", output {output + 1}, time {time + 1})",
                hint="look at the parameters of that person",
            )
        least, most = rows.min(axis=1), rows.max(axis=1)
        with self.lock:
            np.minimum(self.wanted.least, least, out=self.wanted.least)
            np.maximum(self.wanted.most, most, out=self.wanted.most)
            rows = self._hold(rows)
        if rows.shape[1]:
            assert self.passing is not None
            self.passing.take(first, rows)

    def _hold(self, rows: Values) -> Values:
        """Hold people while there is room; return the others."""
        size = self.held.shape[1]
        taken = min(rows.shape[1], size - self.filled)
        self.held[:, self.filled : self.filled + taken] = rows[:, :taken]
        self.filled += taken
        if taken and self.filled == size < self.wanted.people:
            held, self.held = self.held, self.held[:, :0]
            held.sort(axis=1)
            self.passing = Pass(self._bracketed(held), self.wanted)
            for start in range(0, size, PIECE):
                self.passing.take(0, held[:, start : start + PIECE])
            self.filled = 0
        return rows[:, taken:]

    def _bracketed(self, held: Values) -> Searches:
        """Bracket every order statistic between two of the people who are held."""
        wanted, size = self.wanted, held.shape[1]
        spread = np.sqrt(size * wanted.levels * (1 - wanted.levels) * (1 - size / wanted.people))
        middle = wanted.levels * (size - 1)
        lowest = np.floor(middle - WIDTH * spread - 1).astype(np.int64)
        highest = np.ceil(middle + WIDTH * spread + 1).astype(np.int64)
        low = to_keys(held[:, lowest.clip(0)])
        high = to_keys(held[:, highest.clip(None, size - 1)])
        # beyond the outermost person who is held go as far again
        more = high.astype(np.float64) - low
        infinite = to_keys(np.array([-np.inf, np.inf])).astype(np.float64)
        below = (low - more).clip(*infinite).astype(np.int64)
        above = (high + more).clip(*infinite).astype(np.int64)
        low = np.where(lowest < 0, np.minimum(below, low), low)
        high = np.where(highest >= size, np.maximum(above, high), high)
        column, level = np.indices(low.shape).reshape(2, -1)
        none = np.zeros_like(level)
        return Searches(level, column, none, none + 1, low.ravel(), high.ravel(), none)

    def finish(self) -> Searches:
        """Return what is still sought; nothing if everybody could be held."""
        if self.passing is not None:
            return self.passing.finish()
        self.held.sort(axis=1)
        for end, ranks in enumerate(self.wanted.ranks):
            self.wanted.found[end] = self.held[:, ranks].T
        return Searches(*[np.empty(0, dtype=np.int64)] * 7)


class Pass:
    """One pass: collect the values of brackets that hold few, count those of the others."""

    def __init__(self, searches: Searches, wanted: Wanted) -> None:
        few = (searches.count > 0) & (searches.count <= limit(wanted, len(searches)))
        parts = (Collecting(searches.where(few), wanted), Counting(searches.where(~few), wanted))
        self.parts: list[Collecting | Counting] = [part for part in parts if len(part.searches)]

    def take(self, first: int, rows: Values) -> None:
        """Take some people, shape (columns, people)."""
        for part in self.parts:
            part.take(rows)

    def finish(self) -> Searches:
        """Note what was found and return what is still sought."""
        return Searches.joined([part.finish() for part in self.parts])
