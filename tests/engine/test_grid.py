"""The times of a simulation: the default grid, and times given by a user."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ketascope.dosing import parse_regimen, schedule
from ketascope.engine.grid import MAX_TIMES, after_dose, check_times, default_times, parse_times
from ketascope.errors import InputError

COURSES = [
    "esketamine 56 mg intranasal once",
    "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
    "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks",
    "ketamine 20 mg iv over 47 min every 5 hours for 2 days",
    "ketamine 100 mg iv over 30 hours once",
    "esketamine 84 mg intranasal every 2 weeks for 12 weeks",
]


@pytest.mark.parametrize("text", COURSES)
def test_the_default_grid_holds_every_start_end_and_the_end_of_the_course(text):
    plan = schedule(parse_regimen(text))
    times = default_times(plan)
    assert times[0] == 0.0
    assert (np.diff(times) > 1e-9).all()
    wanted = {t for s in plan.sessions for t in (s.time, s.end)} | {plan.horizon}
    for time in wanted:
        assert np.abs(times - time).min() < 1e-9, time
    last = plan.sessions[-1]
    followed = last.end + 24.0 if last.end - last.time > 1.0 else last.time + 24.0
    assert times[-1] == pytest.approx(max(plan.horizon, followed))


@pytest.mark.parametrize("text", COURSES)
def test_the_default_grid_is_as_fine_as_it_says(text):
    """Every minute for 1 h, 5 min to 3 h, 15 min to 6 h, 1 h to 24 h, 4 h to 72 h, then 12 h."""
    plan = schedule(parse_regimen(text))
    times = default_times(plan)
    starts = np.array([s.time for s in plan.sessions])
    since = times[:-1] - starts[np.searchsorted(starts, times[:-1] + 1e-9, side="right") - 1]
    limits = [(1, 1), (3, 5), (6, 15), (24, 60), (72, 240), (np.inf, 720)]
    allowed = np.array([next(m for end, m in limits if s < end - 1e-9) for s in since]) / 60.0
    assert (np.diff(times) <= allowed + 1e-9).all()


def test_a_longer_tail_can_be_asked_for():
    plan = schedule(parse_regimen(COURSES[0]))
    assert default_times(plan, tail=100.0)[-1] == 100.0
    assert default_times(plan, tail=1.0)[-1] == plan.horizon


@settings(max_examples=80)
@given(st.floats(0.001, 2000.0))
def test_the_grid_of_a_session_stays_before_the_next_one(until):
    times = after_dose(until)
    assert times[0] == 0.0
    assert times[-1] < until
    assert (np.diff(times) > 0).all()
    assert until - times[-1] <= 12.0 + 1e-9


@settings(max_examples=150)
@given(st.integers(0, 50), st.integers(0, 3000), st.sampled_from([0.01, 0.1, 0.25, 1 / 3, 0.7, 5]))
def test_first_last_step(first, hours, step):
    """Evenly spaced from the first; the last is always there, to the last bit."""
    assume(hours / step < 20_000)
    last = first + hours
    times = parse_times(f"{first}:{last}:{step!r}")
    assert times[0] == first
    assert times[-1] == last
    assert (np.diff(times) > 0).all()
    assert np.allclose(np.diff(times)[:-1], step, rtol=0, atol=1e-9)
    assert np.diff(times).max(initial=0.0) <= step + 1e-9
    assert len(times) in (int(np.floor(hours / step + 1e-6)) + 1, int(hours // step) + 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:1:0.25", [0, 0.25, 0.5, 0.75, 1]),
        ("0:1:0.4", [0, 0.4, 0.8, 1]),
        ("2:2:1", [2]),
        ("0:0.3:0.1", [0, 0.1, 0.2, 0.3]),
        ("0,0.5,1", [0, 0.5, 1]),
        ("3", [3]),
        (" 0 , 1e1 ", [0, 10]),
        ("0:24:100", [0, 24]),
    ],
)
def test_times_in_words(text, expected):
    assert parse_times(text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'' is not a list of times"),
        ("a:b:c", "'a:b:c' is not a list of times"),
        ("0:24", "'0:24' has 2 parts"),
        ("0:24:1:2", "'0:24:1:2' has 4 parts"),
        ("0:24:0", "'0:24:0' does not go forwards"),
        ("0:24:-1", "does not go forwards"),
        ("24:0:1", "does not go forwards"),
        ("-1:24:1", "number 1 is -1"),
        ("0:nan:1", "is not a list of times"),
        ("0:inf:1", "is not a list of times"),
        ("0:1e9:0.001", f"more than {MAX_TIMES:,} times"),
        ("0,,1", "is not a list of times"),
        ("0,2,1", "1 h comes after 2 h"),
        ("0;1;2", "is not a list of times"),
    ],
)
def test_other_words_are_refused_with_what_is_wrong(text, says):
    with pytest.raises(InputError) as caught:
        parse_times(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("times", "says"),
    [
        ([], "there are no times"),
        ([0.0, -0.5, 1.0], "number 2 is -0.5"),
        ([0.0, 1.0, float("nan")], "number 3 is nan"),
        ([0.0, float("inf")], "number 2 is inf"),
        ([0.0, 1.0, 1.0], "1 h comes after 1 h"),
        ([0.0, 3.0, 2.0, 1.0], "2 h comes after 3 h"),
    ],
)
def test_a_list_that_cannot_be_used_names_the_first_that_is_wrong(times, says):
    with pytest.raises(InputError) as caught:
        check_times(np.array(times))
    assert says in str(caught.value)
    assert caught.value.hint


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=20, unique=True))
def test_increasing_times_are_taken_as_they_are(times):
    assert check_times(np.array(sorted(times))).tolist() == sorted(times)
