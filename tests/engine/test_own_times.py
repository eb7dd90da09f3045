"""Inputs whose duration and lag are a person's own, and rates that change between sessions."""

import numpy as np
import pytest
from engine.exact import amounts, concentrations
from engine.toys import dose, number, run, toy
from hypothesis import given, settings
from hypothesis import strategies as st

from ketascope.errors import InputError
from ketascope.models.structure import OUT, Concentration, Into

TIMES = np.array([0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.5, 9.0, 11.0, 16.0, 20.0, 30.0])
DOSES = [dose(8.0 * k, 30.0 + k, session=k) for k in range(3)]
STARTS = [0.0, 8.0, 16.0]
NAMES = ("D", "LAG", "KA", "CL", "V")


def model(*, duration=True):
    """A lag, then zero-order input into a gut, first-order absorption, elimination."""
    return toy(
        ["body", "gut"],
        lambda p: {("gut", "body"): p.KA, ("body", OUT): p.CL / p.V},
        lambda p, d: (
            Into("gut", fraction=0.7, duration=p.D if duration else None, lag=p.LAG),
            Into("body", fraction=0.1, lag=p.LAG),
        ),
        parameters=[number(name, 1.0) for name in NAMES],
        outputs=lambda p: {"ketamine": Concentration("body", p.V)},
    )


def draws(people, occasions=None):
    """Values of people, or of people by occasion; durations may outlast the next dose."""
    rng = np.random.default_rng(5)
    shape = (people,) if occasions is None else (occasions, people)
    middle = {"D": 1.5, "LAG": 0.2, "KA": 1.2, "CL": 60.0, "V": 150.0}
    return {name: value * np.exp(0.8 * rng.standard_normal(shape))
            for name, value in middle.items()}  # fmt: skip


def of(values, person):
    """Parameters of one person as a function of the occasion."""
    return lambda k: {
        name: float(v if np.ndim(v) == 0 else v[person] if v.ndim == 1 else v[k, person])
        for name, v in values.items()
    }


def check(toy_model, values, people, starts=(), times=TIMES, doses=DOSES):
    mg = [d.amount.value for d in doses]
    found = run(toy_model, doses, times, values, people=people, occasion_starts=starts)
    for person in range(people):
        mine = of(values, person)
        exact = amounts(toy_model, mine, doses, mg, times, starts)
        most = exact.max(axis=1, keepdims=True)
        assert (np.abs(found[person] - exact) <= 1e-11 * most).all()
    assert (found >= 0).all()


def test_own_durations_and_lags():
    check(model(), draws(9), 9)


def test_own_lags_alone():
    values = draws(9)
    check(model(duration=False), values, 9)


def test_one_duration_for_everybody_and_own_lags():
    check(model(), draws(9) | {"D": 1.25}, 9)


def test_own_durations_and_one_lag():
    check(model(), draws(9) | {"LAG": 0.1}, 9)


def test_own_durations_that_outlast_the_next_dose():
    values = draws(4) | {"D": np.array([7.9, 8.0, 11.3, 19.0])}
    check(model(), values, 4)


def test_own_times_that_fall_on_the_grid():
    values = draws(3) | {"D": np.array([0.5, 1.0, 0.25]), "LAG": np.array([0.0, 1.0, 0.25])}
    check(model(), values, 3)


def test_own_times_beyond_the_last_time():
    values = draws(3) | {"D": np.array([40.0, 3.0, 100.0]), "LAG": np.array([0.0, 50.0, 20.0])}
    check(model(), values, 3)


def test_rates_that_change_between_sessions():
    values = draws(9) | {"D": 1.25, "LAG": 0.0}
    values["CL"] = draws(9, 3)["CL"]
    check(model(), values, 9, STARTS)


def test_everything_changes_between_sessions():
    check(model(), draws(9, 3), 9, STARTS)


def test_concentrations_take_the_volume_of_their_session():
    values = draws(9, 3)
    mg = [d.amount.value for d in DOSES]
    found = run(model(), DOSES, TIMES, values, people=9, occasion_starts=STARTS, every_state=False)
    for person in range(9):
        mine = of(values, person)
        exact = amounts(model(), mine, DOSES, mg, TIMES, STARTS)
        (level,) = concentrations(model(), mine, exact, TIMES, STARTS).values()
        assert found[person, 0] == pytest.approx(level, rel=0, abs=1e-11 * level.max())


def test_an_input_that_runs_on_into_the_next_session_keeps_its_own_rate():
    """The amount that enters is that of its own session; the elimination is that of the new one."""
    values = draws(5, 3) | {"D": np.tile([[9.0], [12.0], [1.0]], 5)}
    check(model(), values, 5, STARTS)


def test_an_infusion_that_runs_on_into_the_next_session():
    infusion = toy(
        ["body"], lambda p: {("body", OUT): p.CL / p.V}, "body",
        parameters=[number("CL", 1.0), number("V", 1.0)],
        outputs=lambda p: {"ketamine": Concentration("body", p.V)},
    )  # fmt: skip
    doses = [dose(8.0 * k, 30.0 + k, 9.5, session=k) for k in range(3)]
    values = {name: v for name, v in draws(5, 3).items() if name in ("CL", "V")}
    check(infusion, values, 5, STARTS, doses=doses)


def test_the_first_moment_of_a_session_belongs_to_it():
    """A bolus is seen in the volume of its own session."""
    bolus = toy(
        ["body"], lambda p: {("body", OUT): 0.3}, "body", parameters=[number("V", 1.0)],
        outputs=lambda p: {"ketamine": Concentration("body", p.V)},
    )  # fmt: skip
    volumes = np.array([[10.0], [40.0], [20.0]])
    found = run(bolus, DOSES, [0.0, 8.0, 16.0], {"V": volumes}, occasion_starts=STARTS,
                every_state=False)[0, 0]  # fmt: skip
    left = [30.0, 0.0, 0.0]
    for k in (1, 2):
        left[k] = left[k - 1] * np.exp(-0.3 * 8.0) + 30.0 + k
    assert found == pytest.approx(np.array(left) * 1000.0 / volumes[:, 0], rel=1e-12)


@pytest.mark.parametrize("gap", [12.0, 96.0, 336.0])
def test_values_long_after_an_own_input_are_right_and_not_negative(gap):
    """Nothing was asked for in between, so the input ends far inside one step."""
    people = 40
    values = draws(people)
    times = np.array([0.0, gap, 2 * gap])
    found = run(model(), [dose(0.0, 30.0)], times, values, people=people)
    assert (found >= 0).all()
    for person in range(people):
        exact = amounts(model(), of(values, person), [dose(0.0, 30.0)], [30.0], times)
        assert (np.abs(found[person] - exact) <= 1e-12 * 30.0 + 1e-7 * exact).all()


def test_overlapping_inputs_leave_nothing_behind():
    """Once the last of them has ended, nothing feeds any more: the amounts fall towards zero."""
    spans = [(0.0, 0.53), (5 / 60, 0.53), (10 / 60, 0.53), (10 / 60, 0.1)]
    body = toy(["body"], lambda p: {("body", OUT): 1.0}, "body")
    doses = [dose(start, 10.0 / (3 + i), hours) for i, (start, hours) in enumerate(spans)]
    found = run(body, doses, [0.0, 1.0, 24.0, 100.0, 700.0])[0, 0]
    assert (found >= 0).all()
    assert found[3] == pytest.approx(found[1] * np.exp(-99.0), rel=1e-9)
    assert found[4] == pytest.approx(found[1] * np.exp(-699.0), rel=1e-9)


def test_own_inputs_one_after_another_leave_nothing_behind():
    found = run(model(), DOSES, [0.0, 24.0, 600.0], draws(20), people=20)
    assert (found >= 0).all()
    assert found[:, :, 2].max() < 1e-20


def any_course(rng):
    """Doses, parameters and times of a kind that a person might meet."""
    starts = np.append(0.0, np.sort(rng.choice([4.0, 8.0, 16.0, 20.5, 24.0], 2, replace=False)))
    by_occasion = bool(rng.random() < 0.5)
    values = draws(3, 3 if by_occasion and rng.random() < 0.8 else None)
    for name, alike in (("D", 1.25), ("LAG", 0.25)):
        kind = rng.integers(3)
        if kind == 0:
            values[name] = alike
        elif kind == 1:
            values[name] = np.round(4.0 * values[name] + 1.0) / 4.0
    doses = []
    for _ in range(rng.integers(1, 6)):
        session = int(rng.integers(3)) if by_occasion else 0
        time = float(starts[session] + rng.choice([0.0, 0.5, rng.uniform(0.0, 3.0)]))
        hours = float(rng.choice([0.0, 0.0, 0.5, 3.0]))
        doses.append(dose(time, float(rng.uniform(1.0, 50.0)), hours, session=session))
    asked = np.concatenate([np.arange(0.5, 40.0, 0.5), rng.uniform(0.0, 40.0, 30)])
    times = np.append(0.0, np.sort(rng.choice(np.unique(asked), 13, replace=False)))
    doses.sort(key=lambda d: d.time)
    return doses, values, times, starts.tolist() if by_occasion else []


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_any_course(seed, duration):
    doses, values, times, starts = any_course(np.random.default_rng(seed))
    check(model(duration=duration), values, 3, starts, times, doses)


@pytest.mark.parametrize(
    ("into", "words"),
    [
        (Into("body", lag=np.array([0.0, -0.5])), "the lag of the input into 'body' is -0.5; it"),
        (Into("body", lag=np.nan), "the lag of the input into 'body' is nan"),
        (Into("body", fraction=-1.0), "the fraction of the input into 'body' is -1"),
        (Into("body", duration=0.0), "the input into 'body' lasts 0 h; a duration must be"),
    ],
)
def test_an_input_that_cannot_be_is_refused(into, words):
    made = toy(["body"], lambda p: {("body", OUT): 0.4}, lambda p, given: (into,))
    with pytest.raises(InputError, match=f"^model toy: {words}"):
        run(made, [dose(0.0, 60.0)], [0.0, 1.0], people=2)
