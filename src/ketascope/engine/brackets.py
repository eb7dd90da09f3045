"""Order statistics that are sought in brackets: sifted, collected, counted into bins.

Values are ordered by the keys of :func:`to_keys`, and bins are ranges of keys: fine ones at every
size of number, with no rounding at their edges.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

BINS = (32, 512)
"""Fewest and most bins of a bracket."""
CHUNK = 2**16
"""Values that are worked on together, so that they stay in the processor's cache."""
_SIGN = np.int64(-(2**63))


def to_keys(values: Values) -> Whole:
    """Return whole numbers that are ordered as the values are: their bits, zeros alike."""
    bits = values.view(np.int64)
    return np.where(bits < 0, _SIGN - bits, bits)


def to_values(keys: Whole) -> Values:
    """Undo :func:`to_keys`."""
    return np.where(keys < 0, _SIGN - keys, keys).view(np.float64)


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
