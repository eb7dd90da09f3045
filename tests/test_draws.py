"""Random numbers that belong to a person: their distribution, independence and stability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ketascope.draws import check_seed, normal, normal_at, uniform
from ketascope.errors import InputError

MANY = np.arange(20_000)


def test_pinned():
    """A change of these numbers changes everybody's results and needs a new version."""
    assert uniform(0, [0, 1, 2], "eta:CL") == pytest.approx(PINNED_UNIFORM, rel=1e-15)
    assert normal(7, [3], "iov:F1", 2) == pytest.approx(PINNED_NORMAL, rel=1e-12)


PINNED_UNIFORM = [0.20430917828867917, 0.49453562376312615, 0.7597557118523981]
PINNED_NORMAL = [0.20845774179501142]


@settings(max_examples=60)
@given(st.integers(0, 2**63 - 1), st.lists(st.integers(0, 5000), min_size=1, max_size=30),
       st.text(max_size=12), st.integers(0, 500))  # fmt: skip
def test_a_number_depends_on_seed_subject_stream_and_occasion_alone(seed, who, stream, occasion):
    together = uniform(seed, who, stream, occasion)
    alone = [uniform(seed, [i], stream, occasion)[0] for i in who]
    assert (together == alone).all()


@pytest.mark.parametrize("people", [1, 3, 4, 5, 17, 4096])
def test_a_larger_population_begins_with_the_smaller(people):
    assert (uniform(3, np.arange(people), "x") == uniform(3, MANY, "x")[:people]).all()


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 4095, 12_345])
def test_a_block_may_begin_anywhere(first):
    block = np.arange(first, first + 50)
    assert (uniform(3, block, "x") == uniform(3, MANY, "x")[block]).all()


def test_subjects_may_come_in_any_order_and_twice():
    order = np.random.default_rng(0).permutation(500)
    assert (uniform(3, order, "x") == uniform(3, MANY, "x")[order]).all()
    assert (uniform(3, [7, 7, 2, 7], "x") == uniform(3, MANY, "x")[[7, 7, 2, 7]]).all()


def test_a_person_far_down_costs_no_more_than_the_first():
    assert 0.0 < uniform(3, [2**40], "x")[0] < 1.0


def test_nobody_gets_nothing():
    assert uniform(3, [], "x").shape == (0,)
    assert normal(3, np.array([], dtype=int), "x").shape == (0,)


@settings(max_examples=60)
@given(st.integers(0, 2**63 - 1), st.text(max_size=9),
       st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9)), max_size=40))  # fmt: skip
def test_pairs_of_subject_and_occasion_get_the_numbers_of_each_occasion(seed, stream, pairs):
    subjects, occasions = [i for i, _ in pairs], [k for _, k in pairs]
    found = normal_at(seed, subjects, stream, occasions)
    expected = [normal(seed, [i], stream, k)[0] for i, k in pairs]
    assert found.tolist() == expected


def test_one_subject_may_have_many_occasions_and_one_occasion_many_subjects():
    assert (normal_at(3, 5, "x", [2, 0, 2]) == normal_at(3, [5, 5, 5], "x", [2, 0, 2])).all()
    assert (normal_at(3, MANY, "x", 4) == normal(3, MANY, "x", 4)).all()


def test_uniform_numbers_are_uniform_and_inside():
    values = uniform(1, MANY, "x")
    assert values.dtype == np.float64
    assert values.min() > 0.0
    assert values.max() < 1.0
    assert stats.kstest(values, "uniform").pvalue > 1e-3
    assert np.unique(values).size == values.size


def test_normal_numbers_are_normal():
    values = normal(1, MANY, "x")
    assert stats.kstest(values, "norm").pvalue > 1e-3
    assert abs(stats.skew(values)) < 0.1
    assert abs(stats.kurtosis(values)) < 0.2


def test_the_bits_are_balanced():
    """Each leading bit of the numbers is set in half of them."""
    whole = (uniform(5, MANY, "x") * 2**20).astype(np.int64)
    for bit in range(20):
        share = ((whole >> bit) & 1).mean()
        assert abs(share - 0.5) < 0.02, bit


@pytest.mark.parametrize("lag", [1, 2, 3, 4, 5, 8])
def test_neighbours_are_not_alike(lag):
    values = normal(1, MANY, "x")
    assert abs(np.corrcoef(values[lag:], values[:-lag])[0, 1]) < 0.03


STREAMS = [(0, "eta:CL", 0), (1, "eta:CL", 0), (0, "eta:V", 0), (0, "iov:CL", 0), (0, "eta:CL", 1),
           (0, "eta:CL", 2), (2**62, "eta:CL", 0), (0, "eta:cl", 0), (0, "", 0)]  # fmt: skip


def test_streams_occasions_and_seeds_are_independent():
    values = np.stack([normal(seed, MANY, name, occasion) for seed, name, occasion in STREAMS])
    correlation = np.corrcoef(values) - np.eye(len(STREAMS))
    assert np.abs(correlation).max() < 0.03
    squares = np.corrcoef(values**2) - np.eye(len(STREAMS))
    assert np.abs(squares).max() < 0.03


def test_no_stream_is_another_one_shifted():
    one, other = uniform(0, MANY, "a"), uniform(0, MANY, "b")
    assert not np.isin(one, other).any()


def test_seed_and_occasion_do_not_stand_in_for_each_other():
    assert uniform(1, [0], "x", 0)[0] != uniform(0, [0], "x", 1)[0]


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1, np.int64(3)])
def test_usable_seeds(seed):
    found = check_seed(seed)
    assert type(found) is int
    assert found == seed


@pytest.mark.parametrize(
    "seed", [-1, 2**63, 1.5, 4.0, True, "a", None, float("nan"), float("inf"), [1]]
)
def test_other_seeds_are_refused_in_a_sentence(seed):
    with pytest.raises(InputError, match="seed"):
        check_seed(seed)
