"""The engine against formulas worked out by hand, to 1e-10 of the value itself."""

import math

import numpy as np
import pytest
from engine.toys import chain, depot, dose, number, one_compartment, run, toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincc

from ketascope.models.structure import OUT, Concentration, Into

TIMES = np.array([0.0, 0.05, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 12.0, 24.0, 60.0])
K, KA = 0.3, 1.7


def close(expected, rel=1e-10):
    return pytest.approx(expected, rel=rel, abs=1e-300)


def infused(t, rate, start, end, k=K):
    """Amount at t of an input at a constant rate into one compartment."""
    during = np.clip(np.minimum(t, end) - start, 0.0, None)
    after = np.clip(t - end, 0.0, None)
    return rate / k * -np.expm1(-k * during) * np.exp(-k * after)


def absorbed(t, mg, ka, k):
    """Amount at t in the body after a dose into the gut, also for ka near k or equal to it."""
    t = np.clip(t, 0.0, None)
    gap = (ka - k) * t
    share = np.divide(-np.expm1(-gap), gap, out=np.ones_like(t), where=gap != 0)
    return mg * ka * t * np.exp(-k * t) * share


def test_bolus():
    found = run(one_compartment(K), [dose(0.0, 35.0)], TIMES)[0, 0]
    assert found == close(35.0 * np.exp(-K * TIMES))


def test_concentration_is_amount_over_volume_in_ng_per_ml():
    model = toy(
        ["body"], lambda p: {("body", OUT): p.CL / p.V}, "body",
        parameters=[number("CL", 60.0, "L/h"), number("V", 200.0, "L")],
        outputs=lambda p: {"ketamine": Concentration("body", p.V)},
    )  # fmt: skip
    found = run(model, [dose(0.0, 35.0)], TIMES, every_state=False)[0, 0]
    assert found == close(35.0 / 200.0 * 1000.0 * np.exp(-0.3 * TIMES))


def test_molar_amounts_are_mg_again_in_the_result():
    """A metabolite that is made mole for mole weighs what its molar mass says."""
    parent, metabolite = 237.73, 223.70
    model = toy(
        ["body", "made"], lambda p: {("body", "made"): p.k}, "body",
        parameters=[number("k", K, "1/h")], amounts="umol",
        outputs=lambda p: {"ketamine": Concentration("body", 10.0),
                           "norketamine": Concentration("made", 10.0)},
    )  # fmt: skip
    ketamine, norketamine = run(model, [dose(0.0, 50.0)], TIMES, every_state=False)[0]
    assert ketamine == close(50.0 / 10.0 * 1000.0 * np.exp(-K * TIMES))
    made = 50.0 * metabolite / parent * -np.expm1(-K * TIMES)
    assert norketamine == close(made / 10.0 * 1000.0)


def test_infusion():
    found = run(one_compartment(K), [dose(0.0, 35.0, 40 / 60)], TIMES)[0, 0]
    assert found == close(infused(TIMES, 35.0 / (40 / 60), 0.0, 40 / 60))


def test_infusion_that_starts_later_and_ends_between_times():
    found = run(one_compartment(K), [dose(1.3, 35.0, 2.9)], TIMES)[0, 0]
    assert found == close(infused(TIMES, 35.0 / 2.9, 1.3, 4.2))


def test_infusion_still_running_at_the_last_time():
    times = np.array([0.0, 1.0, 2.0])
    found = run(one_compartment(K), [dose(0.5, 35.0, 24.0)], times)[0, 0]
    assert found == close(infused(times, 35.0 / 24.0, 0.5, 24.5))


@pytest.mark.parametrize(
    "spans",
    [
        [(0.0, 2.0), (1.0, 2.0)],
        [(0.0, 2.0), (2.0, 1.0)],
        [(0.0, 3.0), (0.5, 0.25), (0.6, 6.0), (0.6, 0.1)],
    ],
    ids=["overlap", "one after the other", "nested"],
)
def test_several_infusions(spans):
    sizes = [20.0, 35.0, 7.0, 11.0]
    doses = [dose(start, mg, hours)
             for (start, hours), mg in zip(spans, sizes, strict=False)]  # fmt: skip
    found = run(one_compartment(K), doses, TIMES)[0, 0]
    parts = [infused(TIMES, d.amount.value / d.duration, d.time, d.end) for d in doses]
    assert found == close(sum(parts))


def test_bolus_during_an_infusion():
    doses = [dose(0.0, 20.0, 3.0), dose(1.0, 10.0)]
    found = run(one_compartment(K), doses, TIMES)[0, 0]
    bolus = np.where(TIMES >= 1.0, 10.0 * np.exp(-K * (TIMES - 1.0)), 0.0)
    assert found == close(infused(TIMES, 20.0 / 3.0, 0.0, 3.0) + bolus)


def test_repeated_doses():
    doses = [dose(8.0 * i, 35.0, session=i) for i in range(6)]
    times = np.arange(0.0, 72.5, 0.5)
    found = run(one_compartment(K), doses, times)[0, 0]
    parts = [np.where(times >= d.time, 35.0 * np.exp(-K * (times - d.time)), 0.0) for d in doses]
    assert found == close(sum(parts))


def test_two_doses_at_the_same_time_are_both_given():
    found = run(one_compartment(K), [dose(1.0, 5.0), dose(1.0, 7.0)], TIMES)[0, 0]
    assert found == close(np.where(TIMES >= 1.0, 12.0 * np.exp(-K * (TIMES - 1.0)), 0.0))


@pytest.mark.parametrize("when", [0.0, 0.25, 1.0, 24.0])
def test_the_value_at_the_time_of_a_bolus_is_the_one_after_it(when):
    found = run(one_compartment(K), [dose(when, 35.0)], TIMES)[0, 0]
    assert found[TIMES < when] == close(0.0)
    assert found[list(TIMES).index(when)] == close(35.0)


def test_a_dose_after_the_last_time_changes_nothing():
    found = run(one_compartment(K), [dose(0.0, 35.0), dose(60.5, 35.0, 1.0)], TIMES)[0, 0]
    assert found == close(35.0 * np.exp(-K * TIMES))


def test_times_that_begin_late():
    found = run(one_compartment(K), [dose(0.0, 35.0)], [5.0, 6.0])[0, 0]
    assert found == close(35.0 * np.exp([-K * 5.0, -K * 6.0]))


@pytest.mark.parametrize("apart", [0.4e-9, 0.9e-9, 1.1e-9, 3e-9])
def test_times_that_nearly_coincide_have_their_own_values(apart):
    times = np.array([0.0, 1.0, 1.0 + apart, 1.0 + 2 * apart, 5.0])
    found = run(one_compartment(K), [dose(0.0, 35.0)], times)[0, 0]
    assert found == close(35.0 * np.exp(-K * times), rel=1e-8)


@pytest.mark.parametrize("ka", [KA, 0.05, K, K * (1 + 1e-9), K * (1 - 1e-5)])
def test_absorption(ka):
    body, gut = run(depot(ka, K, "gut"), [dose(0.0, 35.0)], TIMES)[0]
    assert gut == close(35.0 * np.exp(-ka * TIMES))
    assert body == close(absorbed(TIMES, 35.0, ka, K))


def test_repeated_rate_has_the_limit_as_its_value():
    body = run(depot(K, K, "gut"), [dose(0.0, 35.0)], TIMES)[0, 0]
    assert body == close(35.0 * K * TIMES * np.exp(-K * TIMES))


def test_lag():
    model = depot(KA, K, lambda p, d: (Into("gut", lag=0.4),))
    body = run(model, [dose(0.1, 35.0)], TIMES)[0, 0]
    assert body == close(absorbed(TIMES - 0.5, 35.0, KA, K))


def test_fraction_and_two_paths():
    model = depot(KA, K, lambda p, d: (Into("gut", fraction=0.25), Into("body", fraction=0.5)))
    body = run(model, [dose(0.0, 40.0)], TIMES)[0, 0]
    assert body == close(absorbed(TIMES, 10.0, KA, K) + 20.0 * np.exp(-K * TIMES))


@pytest.mark.parametrize("lag", [0.0, 0.3])
def test_zero_order_input_into_a_depot(lag):
    hours, rate = 0.75, 35.0 / 0.75
    model = depot(KA, K, lambda p, d: (Into("gut", duration=hours, lag=lag),))
    body, gut = run(model, [dose(0.0, 35.0)], TIMES)[0]
    t = TIMES - lag
    in_gut = infused(t, rate, 0.0, hours, KA)
    assert gut == close(in_gut)

    def step(s):
        """Amount in the body at s after a unit rate into the gut began at 0."""
        s = np.clip(s, 0.0, None)
        return -np.expm1(-K * s) / K - (np.exp(-K * s) - np.exp(-KA * s)) / (KA - K)

    assert body == pytest.approx(rate * (step(t) - step(t - hours)), rel=1e-10, abs=1e-13)


def test_the_duration_of_a_path_replaces_that_of_the_dose():
    model = toy(["body"], lambda p: {("body", OUT): K}, lambda p, d: (Into("body", duration=2.0),))
    found = run(model, [dose(0.0, 35.0, 5.0)], TIMES)[0, 0]
    assert found == close(infused(TIMES, 17.5, 0.0, 2.0))


def two_compartment(k10, k12, k21):
    return toy(
        ["central", "deep"],
        lambda p: {("central", OUT): p.k10, ("central", "deep"): p.k12, ("deep", "central"): p.k21},
        "central",
        parameters=[number("k10", k10), number("k12", k12), number("k21", k21)],
    )


@pytest.mark.parametrize("rates", [(0.7, 1.1, 0.8), (26.3, 35.5, 14.8), (0.01, 3.0, 2.0)])
def test_two_compartments(rates):
    k10, k12, k21 = rates
    total = k10 + k12 + k21
    root = math.sqrt(total**2 - 4 * k10 * k21)
    fast = (total + root) / 2
    slow = k10 * k21 / fast
    e_fast, e_slow = np.exp(-fast * TIMES), np.exp(-slow * TIMES)
    central, deep = run(two_compartment(*rates), [dose(0.0, 35.0)], TIMES)[0]
    assert central == close(35.0 / root * ((fast - k21) * e_fast + (k21 - slow) * e_slow))
    e_gap = -np.expm1(-root * TIMES) * e_slow
    assert deep == close(35.0 * k12 / root * e_gap)


def test_infusion_into_two_compartments():
    k10, k12, k21 = 0.7, 1.1, 0.8
    total, hours = k10 + k12 + k21, 40 / 60
    root = math.sqrt(total**2 - 4 * k10 * k21)
    fast, slow = (total + root) / 2, (total - root) / 2
    rate = 35.0 / hours
    a, b = rate / root * (fast - k21), rate / root * (k21 - slow)
    expected = a / fast * infused(TIMES, fast, 0.0, hours, fast) + b / slow * infused(
        TIMES, slow, 0.0, hours, slow
    )
    found = run(two_compartment(k10, k12, k21), [dose(0.0, 35.0, hours)], TIMES)[0, 0]
    assert found == close(expected)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_a_chain_of_equal_rates_passes_the_dose_on_as_a_gamma_density(n):
    k = 4.0
    found = run(chain(n, k), [dose(0.0, 35.0)], TIMES)[0]
    for i in range(n):
        density = 35.0 * (k * TIMES) ** i * np.exp(-k * TIMES) / math.factorial(i)
        assert found[i] == close(density)
    assert found[n] == close(35.0 * gammainc(n, k * TIMES))
    assert found[:n].sum(axis=0) == close(35.0 * gammaincc(n, k * TIMES))


def test_effect_compartment_follows_without_taking():
    ke0, k, volume = 6.0, 0.3, 20.0
    model = toy(
        ["body", "effect"],
        lambda p: {("body", OUT): k, ("effect", OUT): ke0},
        "body",
        drives=lambda p: {("body", "effect"): ke0 / volume},
    )
    body, effect = run(model, [dose(0.0, 35.0)], TIMES)[0]
    assert body == close(35.0 * np.exp(-k * TIMES))
    assert effect == close(absorbed(TIMES, 35.0 / volume, ke0, k))


RATE = st.floats(0.01, 20.0)
MODEL = two_compartment(1.0, 1.0, 1.0)


@settings(max_examples=25)
@given(RATE, RATE, RATE, st.floats(0.1, 5.0), st.floats(0.5, 40.0))
def test_doses_add_up_and_only_time_since_the_dose_matters(k10, k12, k21, hours, shift):
    values = {"k10": k10, "k12": k12, "k21": k21}
    first, second = dose(0.0, 10.0, hours), dose(shift, 25.0, hours)
    times = np.array([0.3, 1.0, 4.0, 20.0])
    late = np.unique([*times, *(times + shift)])
    both = run(MODEL, [first, second], late, values)[0, 0]
    one = run(MODEL, [first], late, values)[0, 0]
    moved = (both - one)[np.searchsorted(late, times + shift)]
    assert moved == pytest.approx(2.5 * run(MODEL, [first], times, values)[0, 0], rel=1e-9,
                                  abs=1e-12)  # fmt: skip
