"""Records laid out in steps: by hand for a small table, and what must hold for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.dosing.records import read_records
from ketascope.engine.arrivals import Doses, whole
from ketascope.engine.timeline import make_steps


def lay(columns, *, lag=0.0, duration=0.0, forward=False, compartments=2):
    """Steps of a table in which every dose has the same lag, and AMT as size or rate."""
    columns = {"ID": [1] * len(columns["TIME"]), **columns}
    records = read_records(columns)
    index = np.arange(len(records))
    row = np.flatnonzero(np.isin(records.evid, (1, 4)))
    given_at_once = records.amt[row] if not duration else np.zeros(len(row))
    rate = records.amt[row] / duration if duration else np.zeros(len(row))
    doses = Doses(
        row=row,
        compartment=np.maximum(records.cmt[row] - 1, 0),
        size=given_at_once,
        rate=rate,
        duration=np.full(len(row), duration),
        lag=np.full(len(row), lag),
    )
    return make_steps(records, index, 10 + index, doses, compartments, forward=forward)


TABLE = {
    "ID": [7, 7, 7, 4, 4],
    "TIME": [0, 5, 9, 2, 3],
    "AMT": [6, 0, 0, 1, 0],
    "CMT": [2, 0, 0, 1, 0],
    "ADDL": [1, 0, 0, 0, 0],
    "II": [4, 0, 0, 0, 0],
    "EVID": [1, 0, 3, 1, 0],
}


def test_a_table_by_hand():
    steps, steady = lay(TABLE, lag=0.5, duration=3.0)
    # person 7: record; dose comes; ends; additional comes; record; it ends; reset
    np.testing.assert_allclose(steps.dt[:, 0], [0, 0.5, 3, 1, 0.5, 2.5, 1.5])
    np.testing.assert_allclose(steps.start[:, 0], [0, 0, 0.5, 3.5, 4.5, 5, 7.5])
    np.testing.assert_allclose(steps.feed[:, 1, 0], [0, 0, 2, 0, 2, 2, 0])
    assert steps.record[:, 0].tolist() == [0, -1, -1, -1, 1, -1, 2]
    assert steps.reset[:, 0].tolist() == [False] * 6 + [True]
    assert steps.pset[:, 0].tolist() == [10, 11, 11, 11, 11, 12, 12]
    # person 4 is filled up with steps in which nothing happens, and stays with its last parameters
    np.testing.assert_allclose(steps.dt[:, 1], [0, 0.5, 0.5, 0, 0, 0, 0])
    np.testing.assert_allclose(steps.feed[:, 0, 1], [0, 0, 1 / 3, 0, 0, 0, 0])
    assert steps.record[:, 1].tolist() == [3, -1, 4, -1, -1, -1, -1]
    assert steps.pset[:, 1].tolist() == [13] + [14] * 6
    assert not steps.jump.any()
    assert not steps.steady.any()
    assert len(steady.person) == 0


def test_parameters_carried_forward():
    steps, _ = lay(TABLE, lag=0.5, duration=3.0, forward=True)
    assert steps.pset[:, 0].tolist() == [10, 10, 10, 10, 10, 11, 11]


def test_a_steady_state_with_a_long_lag():
    columns = {"TIME": [3, 9], "AMT": [6, 0], "SS": [1, 0], "II": [2, 0], "CMT": [2, 0]}
    steps, steady = lay(columns, lag=5.0)
    # past doses come at 3 + 5 - 2 k: those at 6 and 4 are still to come, the last one came at 2
    assert steady.since.tolist() == [1.0]
    assert (steady.interval[0], steady.size[0], steady.compartment[0]) == (2.0, 6.0, 1)
    assert steps.steady[:, 0].tolist() == [1, 0, 0, 0, 0]
    assert (steps.start + steps.dt)[:, 0].tolist() == [3, 4, 6, 8, 9]
    assert steps.jump[:, 1, 0].tolist() == [0, 6, 6, 6, 0]


def test_a_clock_that_starts_anew_has_no_step_back():
    columns = {"TIME": [8, 20, 1, 4], "AMT": [6, 0, 6, 0], "EVID": [1, 0, 4, 0]}
    steps, _ = lay(columns)
    assert steps.dt[:, 0].tolist() == [0, 12, 0, 3]
    assert steps.start[:, 0].tolist() == [8, 8, 1, 1]


@pytest.mark.parametrize(
    ("ratio", "count"), [(2.9999999999999996, 3), (3.0000000000000004, 3), (2.9, 2), (-0.5, -1)]
)
def test_whole_numbers_but_for_roundings(ratio, count):
    assert whole(np.array([ratio])).tolist() == [count]


@given(
    st.lists(st.floats(0.001, 9.0), min_size=1, max_size=6),
    st.floats(0.01, 5.0),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.1, 0.3, 2.0]),
    st.sampled_from([0.0, 0.1, 0.30000000000000004, 2.5, 40.0]),
)
def test_all_that_is_given_arrives(gaps, interval, more, lag, duration):
    """Over a span long enough, and no step is so short that only roundings can have made it."""
    times = np.append(np.cumsum(np.append(0.0, gaps)), 1000.0)
    rows = len(times)
    columns = {
        "TIME": times,
        "AMT": [6.0] + [0.0] * (rows - 1),
        "ADDL": [more] + [0] * (rows - 1),
        "II": [interval if more else 0.0] + [0.0] * (rows - 1),
    }
    steps, _ = lay(columns, lag=lag, duration=duration)
    arrived = steps.jump[:, 0, 0].sum() + (steps.feed[:, 0, 0] * steps.dt[:, 0]).sum()
    assert arrived == pytest.approx(6.0 * (more + 1), rel=1e-9)
    assert steps.dt.sum() == pytest.approx(1000.0, rel=1e-12)
    assert not ((steps.dt > 0) & (steps.dt < 1e-13)).any()
    assert (steps.record >= 0).sum() == rows
