"""What responses promise of their errors: size, independence of neighbours, refusals."""

from itertools import pairwise

import numpy as np
import pytest
from engine.toys import dose, number, run, toy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from ketascope.errors import InputError, NotConverged
from ketascope.models.responses import Direct, Turnover, emax
from ketascope.models.structure import OUT, Into

NEVER = dose(1e5, 1.0, 1.0)
"""An infusion after the end, so that all courses have programs of the same shape."""
FACTOR = 30.0
"""How much of the tolerance of one step a whole course may come to."""
NAMES = ("k", "kin", "kout", "up", "down", "half", "hill")


def turnover(self, p):
    """Production and loss that change with the concentration, each by its own share."""

    def effect(s):
        return emax(s.ketamine, half=p.half, hill=p.hill)

    return {
        "R": Turnover(
            lambda s: p.kin * (1.0 + p.up * effect(s)),
            lambda s: p.kout * (1.0 + p.down * effect(s)),
            p.kin / p.kout,
        )
    }


MODEL = toy(
    ["body"],
    lambda p: {("body", OUT): p.k},
    lambda p, d: (Into("body", lag=p.lag),) if d.session else (Into("body"),),
    parameters=[number(name, 1.0) for name in (*NAMES, "lag")],
    responses=turnover,
)


def amount(t, k, doses):
    """Amount in the body at t."""
    total = 0.0
    for d in doses:
        s = np.maximum(t - d.time, 0.0)
        if d.duration:
            during, after = np.minimum(s, d.duration), np.maximum(t - d.end, 0.0)
            come = -np.expm1(-k * during) / (k * d.duration) * np.exp(-k * after)
        else:
            come = np.exp(-k * s)
        total = total + d.amount.value * come
    return total


def solved(p, doses, times):
    """R of several people (arrays in ``p``) by SciPy, integrated from event to event."""
    edges = {0.0, *times, *(t for d in doses for t in (d.time, d.end) if t < times[-1])}
    edges, y = sorted(edges), p["kin"] / p["kout"]
    found = {0.0: y}
    for begin, end in pairwise(edges):
        so_far = [d for d in doses if d.time <= begin]

        def rate(t, y, so_far=so_far):
            c = 1000.0 * amount(t, p["k"], so_far)
            with np.errstate(divide="ignore", over="ignore"):
                effect = 1.0 / (1.0 + (p["half"] / c) ** p["hill"])
            production = p["kin"] * (1.0 + p["up"] * effect)
            return production - p["kout"] * (1.0 + p["down"] * effect) * y

        done = solve_ivp(rate, (begin, end), y, "DOP853", rtol=1e-12, atol=1e-13, max_step=0.4)
        assert done.success
        found[end] = y = done.y[:, -1]
    return np.array([found[t] for t in times]).T


def excess(p, doses, times, rtol, atol=1e-9):
    """Largest error of each person as a multiple of the tolerance."""
    people = len(p["k"])
    got = run(MODEL, [*doses, NEVER], times, p, people=people, rtol=rtol, atol=atol)[:, 1]
    wanted = solved(p, doses, times)
    scale = rtol * np.abs(wanted).max(axis=1) + atol
    return np.abs(got - wanted).max(axis=1) / scale


def people_of(rng, count=8):
    """People of every kind that a program has to bear."""

    def spread(low, high):
        return np.exp(rng.uniform(np.log(low), np.log(high), count))

    lowers, rises = rng.random(count) < 0.5, rng.random(count) < 0.5
    share = np.where(lowers, -rng.uniform(0.0, 1.0, count), spread(0.1, 30.0))
    kout = spread(0.001, 20.0)
    return {
        "k": spread(0.05, 60.0),
        "kout": kout,
        "kin": 100.0 * kout * spread(0.01, 10.0),
        "up": np.where(rises, share, 0.0),
        "down": np.where(rises, 0.0, share),
        "half": 1000.0 * spread(1e-2, 10.0),
        "hill": rng.uniform(1.0, 6.0, count),
        "lag": np.zeros(count),
    }


COURSES = {
    "bolus": [dose(0.0, 20.0)],
    "infusion": [dose(0.0, 20.0, 0.67)],
    "later": [dose(5.3, 7.0)],
    "several": [dose(0.0, 10.0), dose(1.5, 25.0, 0.5), dose(24.0, 20.0), dose(24.1, 3.0)],
}
GRIDS = {
    "coarse": np.array([0.0, 12.0, 168.0]),
    "fine": np.array([0.0, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 24.0, 30.0]),
}


@pytest.mark.parametrize("rtol", [pytest.param(1e-4, marks=pytest.mark.soak), 1e-6])
@settings(max_examples=8, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000), course=st.sampled_from([*COURSES]), grid=st.sampled_from([*GRIDS])
)
def test_errors_are_near_the_tolerance(rtol, seed, course, grid):
    p = people_of(np.random.default_rng(seed))
    found = excess(p, COURSES[course], GRIDS[grid], rtol)
    assert found.max() <= FACTOR
    assert np.median(found) <= 1.0


HIDDEN = {
    "after a late dose": (
        [dose(5.3, 7.280675604463343)],
        {"k": 0.1548328164500887, "kin": 0.004001498257372168, "kout": 0.001339487129842561,
         "up": 4.4363194158755395, "down": 0.0, "half": 4.206169224608608,
         "hill": 3.952102496807343},
    ),
    "after an infusion": (
        [dose(0.0, 16.045274654478906, 0.67)],
        {"k": 0.5349819349718475, "kin": 293.24399019775143, "kout": 5.9393788299725365,
         "up": -0.4700815418816007, "down": 0.0, "half": 19.169494959862543,
         "hill": 2.526798671591072},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDDEN)
def test_a_switch_that_the_last_coefficient_does_not_show(case):
    """An effect that ends within one long step, many hours after the dose."""
    doses, values = HIDDEN[case]
    p = {name: np.full(8, value) for name, value in {**values, "lag": 0.0}.items()}
    assert excess(p, doses, GRIDS["coarse"], 1e-6).max() <= FACTOR


@pytest.mark.soak
def test_a_smaller_tolerance_gives_smaller_errors():
    p = people_of(np.random.default_rng(4))
    one, other = (excess(p, COURSES["bolus"], GRIDS["fine"], r) * r for r in (1e-4, 1e-6))
    assert other.max() < 0.1 * one.max()


TAME = {"k": 0.3, "kin": 30.0, "kout": 0.3, "up": 1.0, "down": 0.0, "half": 300.0, "hill": 1.0}
WILD = TAME | {"k": 45.0, "hill": 6.0, "half": 3.0, "down": 20.0, "kout": 15.0}


def mixed(*kinds):
    """Parameters of people by kind; the tame differ a little from each other."""
    people = {name: np.array([kind[name] for kind in kinds]) for name in NAMES}
    people["k"] = people["k"] * np.where(people["k"] < 1, 1.0 + 0.01 * np.arange(len(kinds)), 1.0)
    return {**people, "lag": np.zeros(len(kinds))}


def test_nobodys_numbers_depend_on_their_neighbours():
    doses, times = [*COURSES["several"], NEVER], GRIDS["fine"]
    tame, beside = mixed(*[TAME] * 8), mixed(*[TAME] * 7, WILD)
    alone = run(MODEL, doses, times, tame, people=8)
    both = run(MODEL, doses, times, beside, people=8)
    assert both[:7] == pytest.approx(alone[:7], rel=1e-12)
    # the wild one needs steps that are halved, and gets them
    assert both[7, 1] == pytest.approx(solved(beside, doses[:-1], times)[7], rel=1e-5)
    other_way = {name: value[::-1] for name, value in beside.items()}
    assert run(MODEL, doses, times, other_way, people=8)[::-1] == pytest.approx(both, rel=1e-13)


@pytest.mark.parametrize(("block", "workers"), [(8, 2), (None, 1)])
def test_nor_on_blocks_and_workers(block, workers):
    """The default block has tiles of its own size; the wild one is in the second small block."""
    doses, times = [*COURSES["several"], NEVER], GRIDS["fine"]
    people = mixed(*[TAME] * 9, WILD, *[TAME] * 6)
    parts = [slice(0, 8), slice(8, 16)]
    small = [
        run(MODEL, doses, times, {n: v[part] for n, v in people.items()}, people=8)
        for part in parts
    ]
    found = run(MODEL, doses, times, people, people=16, block=block, workers=workers)
    assert found == pytest.approx(np.concatenate(small), rel=1e-12)


def test_inputs_at_a_persons_own_times_are_as_exact():
    """Everyone's dose comes with a lag of their own, long before the next time asked for."""
    p = {name: np.full(8, float(value)) for name, value in TAME.items()}
    p |= {"lag": np.linspace(0.1, 6.0, 8), "k": np.array([0.1, 0.3, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0])}
    late = [dose(0.5, 20.0, session=1)]
    values = {n: np.stack([v, v]) if n == "lag" else v for n, v in p.items()}
    times = GRIDS["coarse"]
    found = run(MODEL, late, times, values, people=8)[:, 1]
    for i in range(8):
        one = {name: value[i : i + 1] for name, value in p.items()}
        wanted = solved(one, [dose(0.5 + p["lag"][i], 20.0)], times)[0]
        assert found[i] == pytest.approx(wanted, rel=FACTOR * 1e-6)


def stumbling(self, p):
    """Responses that go wrong for whom the parameters say so."""
    import jax.numpy as jnp

    def production(s):
        return p.leap * jnp.where(s.time > 3.3, 1.0, 0.0) + jnp.sqrt(p.room - s.body)

    return {
        "R": Turnover(production, lambda s: 0.5, 2.0),
        "plain": Direct(lambda s: jnp.sqrt(p.space - s.body)),
    }


STUMBLING = toy(
    ["body"], lambda p: {("body", OUT): 0.3}, "body", responses=stumbling, name="stumbling",
    parameters=[number("leap", 0.0), number("room", 100.0), number("space", 100.0)],
)  # fmt: skip


def stumble(**values):
    """Run four people, of whom the third differs by what is given."""
    third = {n: np.where(np.arange(4) == 2, v, d) for n, (v, d) in values.items()}
    return run(STUMBLING, [dose(2.0, 50.0), NEVER], [0.0, 1.0, 5.0], third, people=4)


def test_what_can_be_solved_is():
    assert np.isfinite(stumble(leap=(0.0, 0.0))).all()


def test_a_jump_that_no_step_resolves_is_refused_with_person_and_time():
    with pytest.raises(NotConverged, match=r"stumbling: .* person 3 .* begins at (\S+) h") as found:
        stumble(leap=(1e6, 0.0))
    begins = float(str(found.value).split("begins at ")[1].split()[0])
    assert 3.3 - 1.0 <= begins <= 3.3


def test_a_small_jump_is_resolved_to_its_size():
    jumps = stumble(leap=(1e-3, 0.0))[:, 1]
    more = 1e-3 * 2.0 * -np.expm1(-0.5 * (5.0 - 3.3))
    assert jumps[2, 2] - jumps[0, 2] == pytest.approx(more, abs=1e-4)


def test_what_is_not_a_number_is_refused_with_person_and_time():
    with pytest.raises(NotConverged, match=r"person 3 did not converge .* begins at 2 h"):
        stumble(room=(49.0, 100.0))


def test_what_is_not_a_number_at_once_is_refused_too():
    with pytest.raises(NotConverged, match="person 3"):
        stumble(space=(49.0, 100.0))


@pytest.mark.parametrize("word", ["rtol", "atol"])
@pytest.mark.parametrize("value", [0.0, 1.0, -1e-6, float("nan")])
def test_tolerances_that_cannot_be_kept_are_refused(word, value):
    with pytest.raises(InputError, match=r"the (relative|absolute) tolerance is"):
        run(STUMBLING, [NEVER], [0.0, 1.0], **{word: value})


def test_a_response_that_reads_what_there_is_not_is_refused():
    model = toy(
        ["body"], lambda p: {("body", OUT): 0.3}, "body",
        responses=lambda self, p: {"R": Direct(lambda s: s.bodi)},
    )  # fmt: skip
    with pytest.raises(InputError, match=r"no 'bodi' to respond to; there are body, ketamine"):
        run(model, [NEVER], [0.0, 1.0])


def test_a_response_cannot_read_a_later_one():
    later = {"first": Direct(lambda s: s.second), "second": Direct(lambda s: s.body)}
    model = toy(
        ["body"], lambda p: {("body", OUT): 0.3}, "body", responses=lambda self, p: later
    )  # fmt: skip
    with pytest.raises(InputError, match="no 'second' to respond to"):
        run(model, [NEVER], [0.0, 1.0])
