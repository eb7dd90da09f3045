"""Times of events against the exact distributions of their hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

import ketascope as ks
from ketascope.draws import uniform
from ketascope.models.responses import Hazard
from ketascope.models.user import OUT, Concentration, UserModel, parameter

PEOPLE, END = 4000, 60.0
EXPONENTIAL = stats.expon(scale=20.0)
WEIBULL = stats.weibull_min(1.7, scale=30.0)


def table(law, times, people=PEOPLE, **more):
    hazard = -law.logsf(times)
    n = len(times)
    return pd.DataFrame({
        **more, "ID": np.repeat(np.arange(people) + 7, n), "TIME": np.tile(times, people),
        "event": np.tile(hazard, people), "event_survival": np.tile(np.exp(-hazard), people),
    })  # fmt: skip


def holds(found, law, end=END):
    """Censored as often as it should be, and the others as the law has it below the end."""
    seen = found[found["EVENT"] == 1]["TIME"].to_numpy()
    assert (found[found["EVENT"] == 0]["TIME"] == end).all()
    assert stats.binomtest(len(seen), len(found), law.cdf(end)).pvalue > 0.01
    assert stats.kstest(seen, lambda t: law.cdf(t) / law.cdf(end)).pvalue > 0.01


def test_a_constant_hazard_needs_no_fine_rows():
    found = ks.event_times(table(EXPONENTIAL, np.array([0.0, 7.0, END])), "event", seed=1)
    assert found.columns.tolist() == ["ID", "TIME", "EVENT"]
    assert found["ID"].tolist() == list(range(7, 7 + PEOPLE))
    holds(found, EXPONENTIAL)


def test_a_rising_hazard():
    holds(ks.event_times(table(WEIBULL, np.linspace(0, END, 121)), "event", seed=2), WEIBULL)


def test_the_law_is_told_from_another():
    """The comparison can fail: coarse rows make another distribution of a rising hazard."""
    coarse = ks.event_times(table(WEIBULL, np.array([0.0, END])), "event", seed=2)
    with pytest.raises(AssertionError):
        holds(coarse, WEIBULL)


def test_each_time_is_where_survival_meets_the_drawn_number():
    times = np.linspace(0, END, 6001)
    found = ks.event_times(table(WEIBULL, times, 50), "event", seed=3)
    drawn = uniform(3, np.arange(50), "event:event")
    exact = np.minimum(WEIBULL.isf(drawn), END)
    np.testing.assert_allclose(found["TIME"], exact, rtol=1e-4)
    assert found["EVENT"].tolist() == (exact < END).astype(int).tolist()


class Risk(UserModel):
    name = "risk"
    parameters = (
        parameter("CL", 4, "L/h"), parameter("V", 30, "L"), parameter("H0", 0.04, "1/h", cv=0.3),
    )  # fmt: skip
    compartments = {"central": "mg"}  # noqa: RUF012

    def flows(self, p):
        return {("central", OUT): p.CL / p.V}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V)}

    def responses(self, p):
        return {"event": Hazard(lambda s: p.H0 * (1.0 + 0.0 * s.CP))}


def people(count, first=1):
    ids = np.repeat(np.arange(first, first + count), 3)
    return {"ID": ids, "TIME": np.tile([0.0, 10.0, 40.0], count), "AMT": np.tile([9, 0, 0], count)}


def test_people_of_a_data_set():
    result = ks.simulate_data(Risk(), people(600), typical=True, seed=5)
    found = ks.event_times(result, "event")
    holds(found, stats.expon(scale=25.0), 40.0)
    pd.testing.assert_frame_equal(found, ks.event_times(result, "event", seed=5))
    assert (found["TIME"] != ks.event_times(result, "event", seed=6)["TIME"]).mean() > 0.5


def test_the_first_people_are_the_same_without_the_rest():
    runs = [ks.simulate_data(Risk(), people(n), seed=5, block=b) for n, b in ((20, 3), (60, 64))]
    few, many = (ks.event_times(run, "event") for run in runs)
    pd.testing.assert_frame_equal(few, many.iloc[:20])


def test_replicates_have_their_own_numbers():
    one = table(EXPONENTIAL, np.array([0.0, END]), 30)
    both = pd.concat([one.assign(REPLICATE=k) for k in (1, 2)], ignore_index=True)
    found = ks.event_times(both, "event", seed=4)
    assert found.columns.tolist() == ["REPLICATE", "ID", "TIME", "EVENT"]
    alone = ks.event_times(one, "event", seed=4)
    assert found["TIME"][:30].tolist() == alone["TIME"].tolist()
    assert found["ID"][30:].tolist() == alone["ID"].tolist()
    assert (found["TIME"][30:].to_numpy() != alone["TIME"].to_numpy()).any()


@pytest.mark.parametrize("replicates", [None, 2])
def test_a_dataset_gives_the_same_as_a_table(replicates):
    times, n = np.array([0.0, 7.0, END]), 40
    hazard = np.tile(-WEIBULL.logsf(times), (n, 1))
    dims, given = ("subject", "time"), hazard
    frame = table(WEIBULL, times, n)
    if replicates:
        dims, given = ("replicate", *dims), np.stack([hazard] * replicates)
        frame = pd.concat([frame.assign(REPLICATE=k + 1) for k in range(replicates)])
    dataset = xr.Dataset(
        {"event": (dims, given), "event_survival": (dims, np.exp(-given))},
        {"time": times, "subject": np.arange(n) + 7}, {"seed": 8},
    )  # fmt: skip
    frame.attrs["seed"] = 8
    pd.testing.assert_frame_equal(ks.event_times(dataset, "event"), ks.event_times(frame, "event"))


def test_rows_that_begin_late_count_from_time_0():
    late = ks.event_times(table(EXPONENTIAL, np.array([30.0, END])), "event", seed=1)
    whole = ks.event_times(table(EXPONENTIAL, np.array([0.0, END])), "event", seed=1)
    np.testing.assert_allclose(late["TIME"], whole["TIME"], rtol=1e-12)


def test_what_is_no_cumulative_hazard_is_refused():
    good = table(EXPONENTIAL, np.array([0.0, 7.0, END]), 3)
    with pytest.raises(ks.InputError, match=r"no 'death' in the result; its hazards are event\."):
        ks.event_times(good, "death")
    reset = good.assign(event=[0, 1, 0.5, 0, 1, 2, 0, 1, 2])
    with pytest.raises(ks.InputError, match=r"'event' of ID 7 falls.* at 60 h"):
        ks.event_times(reset, "event")
    with pytest.raises(ks.InputError, match="ID 9 falls"):
        ks.event_times(good.assign(event=[0, 1, 2, 0, 1, 2, 0, np.nan, 2]), "event")
    with pytest.raises(ks.InputError, match="seed"):
        ks.event_times(good, "event", seed=-1)
