"""Responses of people whose inputs begin and end at times of their own."""

from itertools import pairwise

import numpy as np
import pytest
from engine.toys import dose, number, run, toy
from scipy.integrate import solve_ivp

from ketascope.errors import NotConverged
from ketascope.models.responses import Direct, Hazard, Turnover, emax
from ketascope.models.structure import OUT, Into

K, KOUT = 0.4, 1.5
LAG = np.array([0.0, 0.31, 1.7])
LASTS = np.array([0.25, 1.0, 2.3])
TIMES = np.array([0.0, 0.5, 1.0, 2.0, 5.0, 12.0, 13.0, 24.0])
DOSES = [dose(0.0, 60.0), dose(12.0, 30.0, session=1)]


def model(inputs, responses=None):
    def effects(p):
        return {
            "block": Direct(lambda s: emax(s.ketamine, maximum=1.0, half=9000.0, hill=1.5)),
            "score": Turnover(lambda s: KOUT * p.base * (1.0 - s.block), lambda s: KOUT, p.base),
            "event": Hazard(lambda s: 0.01 + 0.2 * s.block),
        }

    parameters = [number("base", 40.0), number("lag", 0.0, "h"), number("lasts", 1.0, "h")]
    made = toy(["body"], lambda p: {("body", OUT): K}, inputs, parameters=parameters)
    type(made).responses = lambda self, p: (responses or effects)(p)
    return made


def infused(p, given):
    return (Into("body", duration=p.lasts, lag=p.lag),)


def given_at_once(p, given):
    return (Into("body", lag=p.lag),)


def solved(lag, lasts):
    """The same by an integrator that stops at every edge: amount, score, cumulative hazard."""
    edges = sorted({0.0, 24.0, *TIMES, *(t + lag for t in (0.0, 12.0)),
                    *(t + lag + lasts for t in (0.0, 12.0))})  # fmt: skip

    def slope(t, y, rate):
        c = max(1000.0 * y[0], 0.0)
        block = c**1.5 / (9000.0**1.5 + c**1.5)
        return [rate - K * y[0], KOUT * (40.0 * (1.0 - block) - y[1]), 0.01 + 0.2 * block]

    y, found = np.array([0.0, 40.0, 0.0]), {0.0: np.array([0.0, 40.0, 0.0])}
    for begin, end in pairwise(edges):
        middle = 0.5 * (begin + end)
        rate = sum(
            mg / lasts
            for t, mg in ((0.0, 60.0), (12.0, 30.0))
            if t + lag < middle < t + lag + lasts
        )
        y = solve_ivp(slope, (begin, end), y, args=(rate,), method="LSODA", rtol=1e-11,
                      atol=1e-11).y[:, -1]  # fmt: skip
        found[end] = y
    return np.array([found[t] for t in TIMES]).T


@pytest.fixture(scope="module")
def found():
    return run(model(infused), DOSES, TIMES, {"lag": LAG, "lasts": LASTS}, people=3)


def test_own_lags_and_durations_against_an_integrator(found):
    for i in range(3):
        amount, score, cumulative = solved(LAG[i], LASTS[i])
        assert found[i, 0] == pytest.approx(amount, rel=1e-8, abs=1e-8)
        assert found[i, 2] == pytest.approx(score, rel=2e-6)
        assert found[i, 3] == pytest.approx(cumulative, rel=2e-6, abs=1e-9)
        assert found[i, 4] == pytest.approx(np.exp(-cumulative), rel=2e-6)


def test_nobodys_numbers_depend_on_the_others(found):
    for i in range(3):
        alone = run(
            model(infused), DOSES, TIMES, {"lag": LAG[i : i + 1], "lasts": LASTS[i : i + 1]}
        )
        assert alone[0] == pytest.approx(found[i], rel=1e-12, abs=1e-12)


def test_times_of_ones_own_that_are_the_same_for_all_give_what_common_times_give():
    own = run(model(infused), DOSES, TIMES, {"lag": np.full(2, 0.5), "lasts": np.full(2, 1.0)},
              people=2)  # fmt: skip
    common = run(model(infused), DOSES, TIMES, {"lag": 0.5, "lasts": 1.0}, people=2)
    assert own == pytest.approx(common, rel=3e-6, abs=1e-9)
    assert own[:, 0] == pytest.approx(common[:, 0], rel=1e-12, abs=1e-12)


def test_a_bolus_at_a_time_of_ones_own_is_there_just_after():
    lag = np.array([0.5, 1.0, 3.0])
    found = run(model(given_at_once), DOSES, TIMES, {"lag": lag}, people=3)
    for i in range(3):
        arrived = [(t + lag[i], mg) for t, mg in ((0.0, 60.0), (12.0, 30.0))]
        amount = sum(
            np.where(TIMES >= t, mg * np.exp(-K * np.clip(TIMES - t, 0.0, None)), 0.0)
            for t, mg in arrived
        )
        assert found[i, 0] == pytest.approx(amount, rel=1e-12)
        c = 1000.0 * amount
        assert found[i, 1] == pytest.approx(c**1.5 / (9000.0**1.5 + c**1.5), rel=1e-12)


def test_occasions_change_what_holds_and_lags_cross_them():
    lasts = np.array([[0.5, 0.5], [2.0, 2.0]])
    base = np.array([[40.0, 30.0], [20.0, 50.0]])
    lag = np.array([0.4, 13.0])
    found = run(model(infused), DOSES, TIMES, {"lag": lag, "lasts": lasts, "base": base},
                people=2, occasion_starts=[0.0, 12.0])  # fmt: skip
    total = 60.0 * (1.0 - np.exp(-K * 0.5)) / (0.5 * K) * np.exp(-K * (TIMES[3:6] - 0.9))
    assert found[0, 0, 3:6] == pytest.approx(total, rel=1e-12)
    assert np.all(found[1, 0, :6] == 0.0), "the first dose of the second person comes at 13 h"
    assert found[1, 2, :5] == pytest.approx(30.0, rel=1e-12)
    assert found[1, 2, 5] == pytest.approx(30.0, rel=1e-12)
    # from 12 h on the new baseline draws the score up, before anything has come
    assert found[1, 2, 6] == pytest.approx(50.0 - 20.0 * np.exp(-KOUT), rel=1e-6)


@pytest.mark.parametrize("end", [0.0, 20.0, 24.0])
def test_occasions_after_the_last_time_change_nothing(end):
    times = np.unique(np.minimum([0.0, 1.0, 12.0, 20.0, end], end))
    base = np.array([[40.0, 40.0], [30.0, 30.0], [20.0, 20.0], [10.0, 10.0]])
    own = {"lag": np.array([0.4, 13.0]), "base": base}
    starts = [0.0, 12.0, 24.0, 36.0]
    doses = [dose(t, 60.0, session=k) for k, t in enumerate(starts)]
    later = np.append(times, [40.0])
    for responses in (None, lambda p: {}):
        asked = run(model(given_at_once, responses), doses, times, own, people=2,
                    occasion_starts=starts)  # fmt: skip
        longer = run(model(given_at_once, responses), doses, later, own, people=2,
                     occasion_starts=starts)  # fmt: skip
        assert asked == pytest.approx(longer[:, :, :-1], rel=1e-6, abs=1e-9)


def test_a_response_that_is_no_number_names_the_person_and_the_time():
    def broken(p):
        return {"score": Turnover(lambda s: s.ketamine / (p.lag - 1.7), lambda s: 1.0, 0.0)}

    with pytest.raises(NotConverged, match=r"person 3 did not converge .* begins at 0 h"):
        run(model(infused, broken), DOSES, TIMES, {"lag": LAG, "lasts": LASTS}, people=3)
