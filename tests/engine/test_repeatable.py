"""The same numbers, bit for bit, whatever the blocks, the workers and the number of people."""

import numpy as np
import pytest
from engine.toys import depot, dose, number, run, toy

import ketascope as ks
from ketascope.models.structure import OUT, Into

PEOPLE = 1003
TIMES = np.array([0.0, 0.1, 1.0, 3.0, 8.0, 12.0, 24.0])


def values(people, names="ka k D"):
    """Spread over three decades, so that neighbours need different numbers of squarings."""
    rng = np.random.default_rng(1)
    return {name: np.exp(rng.uniform(-2.0, 5.0, PEOPLE))[:people] for name in names.split()}


def common(people, **how):
    """Inputs at the same times for everyone."""
    doses = [dose(0.0, 30.0, 0.5), dose(8.0, 20.0)]
    return run(depot(1.0, 1.0, "gut"), doses, TIMES, values(people, "ka k"), people=people, **how)


def own(people, **how):
    """Inputs whose end is a person's own."""
    model = toy(
        ["body", "gut"],
        lambda p: {("gut", "body"): p.ka, ("body", OUT): p.k},
        lambda p, d: (Into("gut", duration=p.D),),
        parameters=[number(name, 1.0) for name in ("ka", "k", "D")],
    )
    doses = [dose(0.0, 30.0), dose(8.0, 20.0)]
    return run(model, doses, TIMES, values(people), people=people, **how)


CASES = pytest.mark.parametrize("case", [common, own])


@pytest.fixture(scope="module")
def whole():
    """Everybody, one block after another."""
    return {case: case(PEOPLE, block=64, workers=1) for case in (common, own)}


@CASES
@pytest.mark.parametrize("block", [8, 16, 256, 1000, None])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_blocks_and_workers_do_not_matter(case, block, workers, whole):
    people = 120 if block == 8 else PEOPLE
    found = case(people, block=block, workers=workers)
    assert (found == whole[case][:people]).all()


@CASES
def test_padding_does_not_matter(case):
    assert (case(9, coarse=False) == case(9)).all()


@CASES
@pytest.mark.parametrize("people", [1, 2, 7, 8, 9, 255, 257])
def test_a_smaller_run_is_the_beginning_of_a_larger_one(case, people, whole):
    assert (case(people) == whole[case][:people]).all()


def test_the_fixture_is_worth_comparing(whole):
    assert np.unique(whole[common][:, 0, 3]).size == PEOPLE


REGIMENS = {
    "perez_ruixo_2021": "esketamine 84 mg intranasal twice weekly for 1 week",
    "simons_2022": "esketamine 50 mg sublingual film twice weekly for 1 week",
}


def course(model, people, **how):
    result = ks.simulate(
        REGIMENS[model], people, model=model, seed=9, times=[0.0, 1.0, 24.0, 73.0, 90.0], **how
    )
    return result.drop_attrs()


@pytest.mark.parametrize("model", REGIMENS)
def test_a_person_is_the_same_in_every_simulation(model):
    large = course(model, 300, workers=1)
    assert course(model, 300, workers=3).identical(large)
    for people in (1, 6):
        assert course(model, people).identical(large.isel(subject=slice(people)))


@pytest.mark.parametrize("model", REGIMENS)
def test_typical_people_in_a_table_of_any_length(model):
    table = ks.sample_population(8, 4)
    few = ks.Population.from_frame(table.data.iloc[:3])
    one = course(model, table, typical=True)
    other = course(model, few, typical=True)
    assert other.identical(one.isel(subject=slice(3)))
    assert not course(model, table).identical(one)


def test_another_seed_is_another_sample():
    text = REGIMENS["simons_2022"]
    one, other = (ks.simulate(text, 5, seed=s, times=[1.0])["esketamine"] for s in (1, 2))
    assert (one.to_numpy() != other.to_numpy()).all()
