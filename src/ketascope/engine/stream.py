"""Quantiles over people with memory that does not grow with their number.

People go by in blocks and are not kept, several times if need be: the run is repeatable. The
first people are held and sorted; their order statistics bracket each wanted one. Everybody is
counted into bins within the brackets, and in the next pass the few values left in the right bin
are collected. So a run takes one pass for as many people as fit into memory, two as a rule, and
more where a bracket missed or very many values are left. The answer is exact in every case.

Values are ordered by the keys of :func:`to_keys`, and bins are ranges of keys: fine ones at every
size of number, with no rounding at their edges.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
BINS = (32, 512)
"""Fewest and most bins of a bracket."""
WIDTH = 5.0
"""Half the width of the first brackets in standard errors of the rank: one in 10^6 misses."""
CHUNK = 2**16
"""Values that are worked on together, so that they stay in the processor's cache."""
PIECE = 256
"""Of the people who are held, how many are counted together."""
_SIGN = np.int64(-(2**63))


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


def to_keys(values: Values) -> Whole:
    """Return whole numbers that are ordered as the values are: their bits, zeros alike."""
    bits = values.view(np.int64)
    return np.where(bits < 0, _SIGN - bits, bits)


def to_values(keys: Whole) -> Values:
    """Undo :func:`to_keys`."""
    return np.where(keys < 0, _SIGN - keys, keys).view(np.float64)


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


class Wanted:
    """The order statistics that are wanted, and those found so far.

    A quantile lies between the values of two neighbouring ranks, the lower and the upper
    ``end``; ``ranks`` and ``found`` have the ends on their first axis, then the quantiles.
    """

    def __init__(self, levels: Values, people: int, columns: int, memory: int) -> None:
        place = levels * (people - 1)
        low = np.floor(place).astype(np.int64)
        self.levels, self.people, self.columns, self.memory = levels, people, columns, memory
        self.ranks = np.stack([low, np.minimum(low + 1, people - 1)])
        self.share = place - low
        self.found = np.full((2, len(levels), columns), np.nan)
        self.least, self.most = np.full(columns, np.inf), np.full(columns, -np.inf)

    def interpolated(self) -> Values:
        """Return the quantiles, shape (quantiles, columns), rounded as NumPy does."""
        low, high = self.found
        share = self.share[:, None]
        with np.errstate(invalid="ignore"):
            rise = high - low
            between = np.where(share < 0.5, low + rise * share, high - rise * (1 - share))
        return np.where((low == high) | (share == 0), low, between)


@dataclass(frozen=True, slots=True)
class Searches:
    """Order statistics that are sought, and the brackets that they lie in.

    All of shape (searches,): the quantile and the column; which ends are sought, the first to the
    last of 0 and 1; keys of the least and the greatest value in the bracket; how many people have
    a value in it (0 if not known).
    """

    level: Whole
    column: Whole
    first: Whole
    last: Whole
    low: Whole
    high: Whole
    count: Whole

    def __len__(self) -> int:
        return len(self.level)

    def where(self, chosen: NDArray[np.bool_] | slice) -> Searches:
        """Return some of them."""
        return Searches(*(values[chosen] for values in self._all()))

    def _all(self) -> tuple[Whole, ...]:
        return (self.level, self.column, self.first, self.last, self.low, self.high, self.count)

    @classmethod
    def joined(cls, parts: Iterable[Searches]) -> Searches:
        """Put lists of searches together, ordered by column."""
        columns = [np.concatenate(c) for c in zip(*(p._all() for p in parts), strict=True)]
        order = np.argsort(columns[1], kind="stable")
        return cls(*(values[order] for values in columns))


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


def limit(wanted: Wanted, searches: int) -> int:
    """Return how many values of each bracket may be collected."""
    return wanted.memory // (16 * max(1, searches))


class Sifting:
    """Sift people by brackets: count those below, pass on the values within."""

    def __init__(self, searches: Searches, wanted: Wanted) -> None:
        self.searches, self.wanted = searches, wanted
        self.below = np.zeros(len(searches), dtype=np.int64)
        self.lock = threading.Lock()
        self._bounds = to_values(searches.low)[:, None], to_values(searches.high)[:, None]
        self._chunks: dict[int, list[tuple[slice, Whole, Whole]]] = {}

    def chunks(self, people: int) -> list[tuple[slice, Whole, Whole]]:
        """Return brackets that so many people are sifted by at a time.

        Each chunk has the columns it needs, and which of them each bracket is of.
        """
        size = 1 << max(0, (CHUNK // people).bit_length() - 1)
        if size not in self._chunks:
            count = len(self.searches)
            parts = [slice(k, min(k + size, count)) for k in range(0, count, size)]
            columns = self.searches.column
            self._chunks[size] = [(c, *np.unique(columns[c], return_inverse=True)) for c in parts]
        return self._chunks[size]

    def take(self, rows: Values) -> None:
        """Take some people, shape (columns, people)."""
        low, high = self._bounds
        people = rows.shape[1]
        for chunk, columns, which in self.chunks(people):
            block = np.sort(rows[columns], axis=1)
            gathered = block[which]
            start = _true(gathered < low[chunk])
            count = _true(gathered <= high[chunk]) - start
            inside = block.ravel()[runs(which * people + start, count)]
            with self.lock:
                self.below[chunk] += start
                self.put(chunk, count, inside)

    def put(self, chunk: slice, count: Whole, values: Values) -> None:
        """Take the values in the brackets of a chunk, and how many each has."""
        raise NotImplementedError


class Collecting(Sifting):
    """Brackets whose values are all kept."""

    def __init__(self, searches: Searches, wanted: Wanted) -> None:
        super().__init__(searches, wanted)
        self.start = np.cumsum(searches.count) - searches.count
        self.kept = np.empty(int(searches.count.sum()))
        self.filled = np.zeros(len(searches), dtype=np.int64)

    def put(self, chunk: slice, count: Whole, values: Values) -> None:
        """Keep them."""
        filled = self.filled[chunk]
        if (filled + count > self.searches.count[chunk]).any():
            raise RuntimeError(CHANGED)
        self.kept[runs(self.start[chunk] + filled, count)] = values
        filled += count

    def finish(self) -> Searches:
        """Note the order statistics: nothing is left to seek."""
        s = self.searches
        if (self.filled != s.count).any():
            raise RuntimeError(CHANGED)
        bracket = np.repeat(np.arange(len(s)), s.count)
        ordered = self.kept[np.lexsort((self.kept, bracket))]
        for end in (0, 1):
            sought = (s.first <= end) & (s.last >= end)
            index = self.wanted.ranks[end, s.level] - self.below
            if ((index < 0) | (index >= s.count))[sought].any():
                raise RuntimeError(CHANGED)
            values = ordered[(self.start + index)[sought]]
            self.wanted.found[end, s.level[sought], s.column[sought]] = values
        return s.where(slice(0))


CHANGED = "the people whose quantiles are taken were not the same in each pass"


class Counting(Sifting):
    """Brackets whose values are counted into bins."""

    def __init__(self, searches: Searches, wanted: Wanted) -> None:
        super().__init__(searches, wanted)
        fit = min(max(wanted.memory // (4 * max(1, len(searches))), BINS[0]), BINS[1])
        digits = fit.bit_length() - 1
        self.bins = 1 << digits
        self.width = (searches.high - searches.low).view(np.uint64)
        # bits of a key that do not tell its bin
        bits = np.frexp(self.width.astype(np.float64))[1]
        self.shift = (bits - digits).clip(0).astype(np.uint64)
        self.table = np.zeros(len(searches) * self.bins, dtype=np.int32)

    def put(self, chunk: slice, count: Whole, values: Values) -> None:
        """Count them."""
        offset = (to_keys(values) - np.repeat(self.searches.low[chunk], count)).view(np.uint64)
        bins = (offset >> np.repeat(self.shift[chunk], count)).view(np.int64)
        first = np.arange(chunk.start, chunk.stop) * self.bins
        np.add.at(self.table, bins + np.repeat(first, count), np.int32(1))

    def finish(self) -> Searches:
        """Note what is down to a single value, and return the others in narrower brackets."""
        found = [self._narrowed(chunk) for chunk, *_ in self.chunks(self.bins)]
        return Searches.joined(found)

    def _narrowed(self, chunk: slice) -> Searches:
        s = self.searches.where(chunk)
        table = self.table.reshape(-1, self.bins)[chunk]
        running = np.cumsum(table, axis=1, dtype=np.int64)
        ends = [self._around(chunk, s, end, table, running) for end in (0, 1)]
        lower, upper = ends
        both = (s.first == 0) & (s.last == 1)
        same = lower.low == upper.low
        count = np.where(same, lower.count, lower.count + upper.count)
        # neighbouring ranks have nobody between them: their brackets can be joined
        few = count <= limit(self.wanted, len(self.searches))
        join = both & (same | few)
        joint = Searches(s.level, s.column, s.first, s.last, lower.low, upper.high, count)
        parts = [joint.where(join)]
        parts += [part.where(~join & (part.first >= s.first) & (part.last <= s.last))
                  for part in ends]  # fmt: skip
        sought = Searches.joined(parts)
        single = sought.low == sought.high
        self._note(sought.where(single))
        return sought.where(~single)

    def _around(
        self, chunk: slice, s: Searches, end: int, table: NDArray[np.int32], running: Whole
    ) -> Searches:
        """Bracket one end: by the bin it lies in, or by all that is outside the bracket."""
        index = self.wanted.ranks[end, s.level] - self.below[chunk]
        within = running[:, -1]
        bins = (running <= index[:, None]).sum(axis=1).clip(None, self.bins - 1)
        shift, width = self.shift[chunk], self.width[chunk]
        start = bins.astype(np.uint64) << shift
        stop = np.minimum(start + ((np.uint64(1) << shift) - np.uint64(1)), width)
        low, high = s.low + start.view(np.int64), s.low + stop.view(np.int64)
        count = table[np.arange(len(s)), bins].astype(np.int64)
        missed = [index < 0, index >= within]
        least, most = (to_keys(v[s.column]) for v in (self.wanted.least, self.wanted.most))
        low = np.select(missed, [least, s.high + 1], low)
        high = np.select(missed, [s.low - 1, most], high)
        outside = [self.below[chunk], self.wanted.people - self.below[chunk] - within]
        count = np.select(missed, outside, count)
        ends = np.full(len(s), end)
        return Searches(s.level, s.column, ends, ends, low, high, count)

    def _note(self, single: Searches) -> None:
        values = to_values(single.low)
        for end in (0, 1):
            sought = (single.first <= end) & (single.last >= end)
            place = end, single.level[sought], single.column[sought]
            self.wanted.found[place] = values[sought]


def runs(starts: Whole, counts: Whole) -> Whole:
    """Return the indices of runs that start somewhere and count so many, one after another."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))


def _true(mask: NDArray[np.bool_]) -> Whole:
    """Count what is true in each row."""
    bits = np.packbits(mask, axis=1)
    # eight bytes at once, where rows hold a whole number of them
    words = bits.view(np.uint64) if bits.shape[1] % 8 == 0 else bits
    counts: Whole = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counts
