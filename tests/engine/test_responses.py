"""Responses on a common grid against formulas and against SciPy, written once more by hand."""

from itertools import pairwise

import numpy as np
import pytest
from engine.toys import dose, number, run, toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from ketascope.engine.plan import RATIO, SHORTEST, make_steps
from ketascope.models.responses import (
    Direct,
    Hazard,
    Turnover,
    emax,
    indirect_response,
    logistic,
)
from ketascope.models.structure import OUT, Concentration

VOLUME, KE0, KIN, KOUT, KTOL, BASE = 20.0, 2.5, 12.0, 0.3, 0.1, 0.02
NEVER = dose(1e5, 1.0, 1.0)
"""An infusion after the end: a model has the same states with and without one before."""


def close(expected, rel=1e-12):
    return pytest.approx(expected, rel=rel, abs=1e-300)


def sigmoid(c, most, half, hill):
    """An effect, by its formula in other words."""
    c = np.maximum(c, 0.0)
    with np.errstate(divide="ignore"):
        return most / (1.0 + (half / c) ** hill)


def concentrations(t, k, doses):
    """In the body and at the effect site (ng/mL) at t, for doses that began before."""
    plasma, site = 0.0 * t, 0.0 * t

    def after(s):
        """Plasma and site at s after a unit of concentration came at once, and their integrals."""
        s = np.maximum(s, 0.0)
        fast, slow, gap = np.exp(-KE0 * s), np.exp(-k * s), KE0 / (KE0 - k)
        both = -np.expm1(-k * s) / k
        return slow, gap * (slow - fast), both, gap * (both + np.expm1(-KE0 * s) / KE0)

    for d in doses:
        came = 1000.0 * d.amount.value / VOLUME
        if d.duration == 0:
            now = after(t - d.time)
            plasma, site = plasma + came * now[0], site + came * now[1]
        else:
            begun, ended = after(t - d.time), after(t - d.end)
            rate = came / d.duration
            plasma = plasma + rate * (begun[2] - ended[2])
            site = site + rate * (begun[3] - ended[3])
    return plasma, site


def carried(rates, start, doses, times):
    """Integrate from event to event: (states, times); ``rates(t, y, doses so far)``."""
    events = {0.0, float(times[-1]), *(t for d in doses for t in (d.time, d.end))}
    events = sorted(t for t in events if t <= times[-1])
    y, found = np.asarray(start, dtype=float), []
    if times[0] == 0.0:
        found.append(y)
    for begin, end in pairwise(events):
        so_far = [d for d in doses if d.time <= begin]
        inside = times[(times > begin) & (times <= end)]
        for stop in np.union1d(inside, [end]):
            solved = solve_ivp(
                rates, (begin, stop), y, "DOP853", rtol=1e-12, atol=1e-13, args=(so_far,)
            )
            assert solved.success
            begin, y = stop, solved.y[:, -1]
            if stop in inside:
                found.append(y)
    return np.array(found).T


def everything(self, p):
    """One of each kind; some read what stands before them."""

    def effect(s):
        return emax(s.effect, maximum=0.9, half=p.half, hill=p.hill)

    return {
        "hyperbola": Direct(lambda s: emax(s.ketamine, maximum=50.0, half=p.half)),
        "sigmoid": Direct(effect),
        "odds": Direct(lambda s: logistic(0.3 * s.body - 2.0)),
        "R1": indirect_response(1, kin=p.kin, kout=p.kout, effect=effect),
        "R4": indirect_response(4, kin=p.kin, kout=p.kout, effect=lambda s: 4.0 * effect(s)),
        "slower": Turnover(lambda s: KTOL * s.R1, lambda s: KTOL, p.kin / p.kout),
        "coupled": Turnover(lambda s: s.R4, lambda s: 0.01 * s.slower, 100.0),
        "ageing": Hazard(lambda s: BASE + 0.01 * s.time),
        "driven": Hazard(lambda s: 0.2 * effect(s)),
        "difference": Direct(lambda s: s.R1 - s.slower + s.driven),
    }


ALL = toy(
    ["body", "effect"],
    lambda p: {("body", OUT): p.k, ("effect", OUT): KE0},
    "body",
    parameters=[number(name, 1.0) for name in ("k", "half", "hill", "kin", "kout")],
    drives=lambda p: {("body", "effect"): KE0 * 1000.0 / VOLUME},
    outputs=lambda p: {"ketamine": Concentration("body", VOLUME)},
    responses=everything,
)
NAMES = "body effect hyperbola sigmoid odds R1 R4 slower coupled".split()
NAMES += "ageing ageing_survival driven driven_survival difference".split()
MEMORY = "R1 R4 slower coupled driven".split()
PEOPLE = {
    "k": np.array([0.3, 1.7, 0.08]),
    "half": np.array([300.0, 40.0, 2000.0]),
    "hill": np.array([1.0, 2.5, 4.0]),
    "kin": np.array([12.0, 1.0, 600.0]),
    "kout": np.array([0.3, 5.0, 0.05]),
}
COURSES = {
    "bolus": [dose(0.0, 35.0)],
    "infusion": [dose(0.5, 50.0, 2.0 / 3.0)],
    "several": [dose(0.0, 20.0, 0.25), dose(2.0, 35.0), dose(9.0, 50.0, 5.0), dose(10.0, 8.0)],
}
TIMES = np.array([0.0, 0.05, 0.25, 0.6, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 14.0, 24.0, 72.0])


@pytest.fixture(scope="module", params=COURSES)
def course(request):
    """Doses, and values by name, each (people, times)."""
    doses = COURSES[request.param]
    found = run(ALL, [*doses, NEVER], TIMES, PEOPLE, people=3)
    return doses, dict(zip(NAMES, found.transpose(1, 0, 2), strict=True))


def test_direct_responses_follow_their_formula_at_the_exact_amounts(course):
    _, found = course
    half, hill = PEOPLE["half"][:, None], PEOPLE["hill"][:, None]
    ketamine = 1000.0 * found["body"] / VOLUME
    assert found["hyperbola"] == close(sigmoid(ketamine, 50.0, half, 1.0))
    assert found["sigmoid"] == close(sigmoid(found["effect"], 0.9, half, hill))
    assert found["odds"] == close(1.0 / (1.0 + np.exp(2.0 - 0.3 * found["body"])))
    assert found["difference"] == pytest.approx(
        found["R1"] - found["slower"] + found["driven"], rel=1e-12, abs=1e-12
    )


def test_direct_responses_follow_concentrations_worked_out_by_hand(course):
    doses, found = course
    for i in range(3):
        p = {name: value[i] for name, value in PEOPLE.items()}
        so_far = np.array([
            concentrations(t, p["k"], [d for d in doses if d.time <= t]) for t in TIMES
        ]).T  # fmt: skip
        assert found["effect"][i] == pytest.approx(so_far[1], rel=1e-9, abs=1e-9)
        wanted = sigmoid(so_far[0], 50.0, p["half"], 1.0)
        assert found["hyperbola"][i] == pytest.approx(wanted, rel=1e-9, abs=1e-10)


def test_responses_with_a_memory_agree_with_scipy(course):
    doses, found = course
    for i in range(3):
        p = {name: value[i] for name, value in PEOPLE.items()}

        def rates(t, y, so_far, p=p):
            e = sigmoid(concentrations(t, p["k"], so_far)[1], 0.9, p["half"], p["hill"])
            kin, kout = p["kin"], p["kout"]
            return np.array([
                kin * (1 - e) - kout * y[0], kin - kout * (1 + 4 * e) * y[1],
                KTOL * (y[0] - y[2]), y[1] - 0.01 * y[2] * y[3], 0.2 * e,
            ])  # fmt: skip

        wanted = carried(rates, [p["kin"] / p["kout"]] * 3 + [100.0, 0.0], doses, TIMES)
        for name, one in zip(MEMORY, wanted, strict=True):
            scale = np.abs(one).max()
            assert found[name][i] == pytest.approx(one, rel=0, abs=3e-6 * scale + 1e-9), name


@pytest.mark.parametrize(
    ("kind", "production", "loss"),
    [(1, 9.0, 0.3), (2, 12.0, 0.225), (3, 15.0, 0.3), (4, 12.0, 0.375)],
)
def test_the_four_indirect_responses(kind, production, loss):
    response = indirect_response(kind, kin=KIN, kout=KOUT, effect=lambda s: s / 4.0)
    assert response.production(1.0) == close(production)
    assert response.loss(1.0) == close(loss)
    assert response.initial == close(40.0)


def test_hazards(course):
    doses, found = course
    ageing = BASE * TIMES + 0.005 * TIMES**2
    assert found["ageing"] == pytest.approx(np.tile(ageing, (3, 1)), rel=1e-10)
    for name in ("ageing", "driven"):
        assert found[f"{name}_survival"] == close(np.exp(-found[name]))
        assert (np.diff(found[name]) >= 0).all()
    # an independent quadrature between events, for the first person
    p = {name: value[0] for name, value in PEOPLE.items()}

    def rate(t):
        site = concentrations(t, p["k"], [d for d in doses if d.time <= t])[1]
        return 0.2 * float(sigmoid(site, 0.9, p["half"], p["hill"]))

    edges = np.union1d([t for d in doses for t in (d.time, d.end)], TIMES)
    parts = [quad(rate, a, b, epsabs=1e-12, epsrel=1e-10)[0] for a, b in pairwise(edges)]
    wanted = np.concatenate([[0.0], np.cumsum(parts)])[np.searchsorted(edges, TIMES)]
    assert found["driven"][0] == pytest.approx(wanted, rel=3e-6, abs=1e-9)


def test_a_bolus_shows_at_once_in_what_has_no_memory():
    """The value at the time of a bolus is the one after it; what has a memory goes on from it."""
    times = np.array([0.0, 2.0 - 1e-9, 2.0, 3.0])
    found = run(ALL, [dose(2.0, 20.0), NEVER], times, PEOPLE, people=3)
    values = dict(zip(NAMES, found.transpose(1, 0, 2), strict=True))
    assert values["hyperbola"][:, 1] == close(0.0)
    half = PEOPLE["half"]
    assert values["hyperbola"][:, 2] == close(50.0 * 1000.0 / (half + 1000.0))
    for name in MEMORY:
        assert values[name][:, 2] == pytest.approx(values[name][:, 1], rel=1e-7, abs=1e-9)
        assert (values[name][:, 3] != values[name][:, 2]).all()


def test_without_a_dose_everything_stays_where_it_begins():
    found = run(ALL, [NEVER], [0.0, 5.0, 500.0], PEOPLE, people=3)
    values = dict(zip(NAMES, found.transpose(1, 0, 2), strict=True))
    for name in ("R1", "R4", "slower"):
        assert values[name] == close(np.tile(PEOPLE["kin"] / PEOPLE["kout"], (3, 1)).T, 1e-11)
    assert values["driven"] == close(0.0)
    assert values["driven_survival"] == close(1.0)


@pytest.mark.parametrize("apart", [4.9, 60.0])
def test_values_do_not_depend_on_what_else_is_asked(apart):
    doses = [*COURSES["several"], NEVER]
    few = np.array([3.0, 24.0, 72.0])
    more = np.union1d(few, np.arange(0.1, 72.0, apart))
    one = run(ALL, doses, few, PEOPLE, people=3)
    other = run(ALL, doses, more, PEOPLE, people=3)[:, :, np.searchsorted(more, few)]
    assert one[:, :5] == pytest.approx(other[:, :5], rel=1e-9, abs=1e-9)
    assert one == pytest.approx(other, rel=5e-6, abs=1e-8)


EVENTS = st.lists(st.floats(0.0, 300.0), max_size=6)
ASKED = st.lists(st.floats(0.0, 400.0), min_size=1, max_size=20)


@given(EVENTS, ASKED)
def test_steps_are_short_after_events_and_long_later(events, asked):
    asked = np.unique(asked)
    steps = make_steps(asked, events, graded=True)
    times, close_by = steps.times, 1e-9
    assert times[0] == 0.0
    assert (np.diff(times) > 0).all()
    assert np.abs(times[steps.asked] - asked).max() <= close_by, "asked times are on the grid"
    within = np.array([0.0, *(t for t in events if t <= asked[-1])])
    assert np.abs(within[:, None] - times).min(axis=1).max() <= close_by
    for begin, end in pairwise(times):
        since = begin - within[within <= begin + close_by].max()
        assert end - begin <= max(SHORTEST, RATIO * since) + close_by


def test_steps_grow_so_that_few_are_needed():
    times = make_steps(np.array([0.0, 168.0]), [0.0], graded=True).times
    assert len(times) < 60
    assert len(np.unique(np.diff(times).round(9))) < 20


@settings(max_examples=50)
@given(ASKED)
def test_without_responses_the_grid_is_what_is_asked_and_what_happens(asked):
    asked = np.unique(asked)
    times = make_steps(asked, [0.0, 24.0]).times
    assert set(times) <= {0.0, 24.0, *asked}


def test_parameters_of_an_occasion_hold_from_its_start():
    """Turnover with loss and production of each occasion's own; the response itself goes on."""
    values = PEOPLE | {"kout": np.array([[0.3, 5.0, 0.05], [0.9, 0.4, 0.2]])}
    doses = [dose(0.0, 35.0), dose(8.0, 35.0, session=1), NEVER]
    times = np.array([0.0, 1.0, 8.0, 9.0, 30.0])
    found = run(ALL, doses, times, values, people=3, occasion_starts=(0.0, 8.0))
    found = dict(zip(NAMES, found.transpose(1, 0, 2), strict=True))
    for i in range(3):
        p = {name: value[..., i] for name, value in values.items()}

        def rates(t, y, so_far, p=p):
            e = sigmoid(concentrations(t, p["k"], so_far)[1], 0.9, p["half"], p["hill"])
            kout = p["kout"][len(so_far) - 1]
            return np.array(
                [p["kin"] * (1 - e) - kout * y[0], p["kin"] - kout * (1 + 4 * e) * y[1]]
            )

        wanted = carried(rates, [p["kin"] / p["kout"][0]] * 2, doses[:2], times)
        assert found["R1"][i] == pytest.approx(wanted[0], rel=5e-6)
        assert found["R4"][i] == pytest.approx(wanted[1], rel=5e-6)
