"""Streamed quantiles beside those of all values at once."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketascope.engine.brackets import to_keys, to_values
from ketascope.engine.stream import streamed_quantiles
from ketascope.errors import InputError

KINDS = {
    "normal": lambda r, n: r.normal(size=n),
    "log-normal": lambda r, n: np.exp(r.normal(size=n)),
    "heavy": lambda r, n: 10.0 ** r.uniform(-15, 15, n) * r.choice([-1, 1], n),
    "few values": lambda r, n: r.choice([-2.0, -0.0, 0.0, 1.0, 1e-300], n),
    "mostly zero": lambda r, n: np.where(r.random(n) < 0.7, 0.0, r.normal(size=n)),
    "two far apart": lambda r, n: np.where(np.arange(n) % 2, 1e15, -1e-15),
    "rising": lambda r, n: np.sort(r.normal(size=n)),
    "falling": lambda r, n: -np.sort(r.normal(size=n)),
    "constant": lambda r, n: np.full(n, 0.1),
    "infinite": lambda r, n: np.where(r.random(n) < 0.02, np.inf, r.normal(size=n)),
}


def blocks_of(values, size, order=None):
    """A run that gives values of shape (times, outputs, people) in blocks, counting its passes."""
    firsts = list(range(0, values.shape[2], size))

    def produce(consume):
        produce.passes += 1
        for k in firsts if order is None else order.permutation(firsts):
            consume(int(k), values[:, :, k : k + size])

    produce.passes = 0
    return produce


def expected(values, levels):
    with np.errstate(invalid="ignore"):
        return np.quantile(values, levels, axis=2).swapaxes(1, 2)


@settings(deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6),
    people=st.integers(1, 700),
    size=st.integers(1, 90),
    memory=st.sampled_from([0, 100, 5_000, 30_000, 2**26]),
    levels=st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4),
)
def test_as_numpy_has_them(seed, kinds, people, size, memory, levels):
    rng = np.random.default_rng(seed)
    columns = [KINDS[kind](rng, people) for kind in kinds]
    for values in (np.array(columns)[:, None], np.array(columns)[None]):
        produce = blocks_of(values, size, rng)
        found = streamed_quantiles(produce, values.shape[1::-1], people, levels, memory=memory)
        assert found.shape == (len(levels), values.shape[1], values.shape[0])
        wanted = expected(values, levels)
        finite = np.isfinite(wanted)
        np.testing.assert_allclose(found[finite], wanted[finite], rtol=1e-14, atol=0)


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=50))
def test_keys_are_ordered_as_values_are(values):
    found = np.array(values)
    keys = to_keys(found)
    assert (to_values(keys) == found).all()
    assert ((keys[:, None] < keys) == (found[:, None] < found)).all()


def population(times=7, outputs=3, people=5_000, spread=0.3):
    rng = np.random.default_rng(2)
    middle = 10.0 ** rng.uniform(-8, 4, (times, outputs, 1))
    return middle * np.exp(spread * rng.normal(size=(times, outputs, people)))


def test_passes():
    values, levels = population(), (0.05, 0.5, 0.95)
    for memory, passes in ((2**26, 1), (100_000, 2)):
        produce = blocks_of(values, 256)
        found = streamed_quantiles(produce, (3, 7), 5_000, levels, memory=memory)
        assert (found == expected(values, levels)).all()
        assert produce.passes == passes


def test_threads_and_blocks_change_nothing():
    values = population(people=3_000)

    def produce(consume):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda k: consume(k, values[:, :, k : k + 70]), range(0, 3_000, 70)))

    found = streamed_quantiles(produce, (3, 7), 3_000, (0.1, 0.9), memory=30_000)
    assert (found == expected(values, (0.1, 0.9))).all()


def test_memory_is_that_of_the_tables():
    """Two tables of the size allowed and some room to work in, however many people go by."""
    memory, work, peaks = 2**21, 2**22, []
    for people in (20_000, 80_000):

        def produce(consume, people=people):
            for first in range(0, people, 250):
                rng = np.random.default_rng(first)
                consume(first, rng.lognormal(size=(40, 2, 250)))

        tracemalloc.start()
        streamed_quantiles(produce, (2, 40), people, (0.05, 0.5, 0.95), memory=memory)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 2 * memory + work
    assert peaks[1] < 1.1 * peaks[0]


def test_what_cannot_be_used():
    values = np.ones((2, 2, 300))
    values[1, 0, 269] = np.nan
    with pytest.raises(InputError, match=r"not a number \(person 270, output 1, time 2\)"):
        streamed_quantiles(blocks_of(values, 100), (2, 2), 300, (0.5,))
    for levels in ((), (1.2,), (np.nan,), (-0.1, 0.5)):
        with pytest.raises(InputError, match="from 0 to 1"):
            streamed_quantiles(blocks_of(values, 100), (2, 2), 300, levels)
    with pytest.raises(InputError, match="0 people"):
        streamed_quantiles(blocks_of(values, 100), (2, 2), 0, (0.5,))


def test_a_run_that_does_not_repeat_itself_is_refused():
    rng = np.random.default_rng(4)

    def anew(consume):
        for first in range(0, 2_000, 100):
            consume(first, rng.normal(size=(3, 1, 100)))

    def some(consume):
        consume(0, np.ones((3, 1, 100)))

    with pytest.raises(RuntimeError, match="not the same"):
        streamed_quantiles(anew, (1, 3), 2_000, (0.5,), memory=5_000)
    with pytest.raises(RuntimeError, match="100 people came by, not 2000"):
        streamed_quantiles(some, (1, 3), 2_000, (0.5,))
