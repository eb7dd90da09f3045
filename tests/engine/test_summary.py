"""Exposure figures and quantiles against curves whose figures are known."""

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import ketascope as ks
from ketascope.engine.summary import (
    MEASURES,
    analytes_of,
    area,
    exposure,
    exposure_table,
    half_life,
    quantile_records,
    quantiles,
    session_window,
)
from ketascope.errors import InputError

HOURS = st.lists(st.floats(0.01, 3.0), min_size=1, max_size=25).map(
    lambda steps: np.concatenate([[0.0], np.cumsum(steps)])
)


@settings(max_examples=60)
@given(HOURS, st.floats(1e-3, 2.0), st.floats(1e-3, 1e6))
def test_area_of_a_falling_exponential_is_exact(times, k, height):
    found = area(times, height * np.exp(-k * times)[None])
    assert found == pytest.approx(height / k * -np.expm1(-k * times[-1]), rel=1e-11)


@settings(max_examples=60)
@given(HOURS, st.floats(0.0, 100.0), st.floats(0.0, 10.0))
def test_area_of_a_rising_or_level_line_is_exact(times, height, slope):
    end = times[-1]
    found = area(times, (height + slope * times)[None])
    assert found == pytest.approx(height * end + slope * end**2 / 2, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("fall", [1e-15, 1e-12, 1e-9, 2e-9, 1e-7, 1e-4, 0.5])
def test_area_of_a_nearly_level_curve(fall):
    """The logarithm of a ratio near 1 loses digits; the area must not."""
    found = area(np.array([0.0, 10.0]), np.array([[100.0, 100.0 * (1.0 - fall)]]))
    x = fall / 2 / (1 - fall / 2)
    mean = 100.0 * fall / (2 * np.arctanh(x))
    assert found == pytest.approx(10.0 * mean, rel=1e-12)


def test_area_of_a_curve_that_ends_in_nothing_is_by_the_line():
    values = np.array([[10.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 4.0, 0.0]])
    assert area(np.array([0.0, 1.0, 3.0]), values) == pytest.approx([5.0, 0.0, 6.0])


def test_area_of_one_time_is_nothing():
    assert area(np.array([0.0]), np.array([[7.0]])).tolist() == [0.0]


@settings(max_examples=60)
@given(st.floats(1e-3, 1.0), st.floats(1e-6, 1e6), st.sampled_from([24.0, 12.0, 8.0, 500.0]))
def test_half_life_of_an_exponential_is_exact(k, height, interval):
    times = np.linspace(0.0, min(interval, 24.0), 49)
    found = half_life(times, height * np.exp(-k * times)[None], interval)
    assert found == pytest.approx(np.log(2.0) / k, rel=1e-9)


def test_half_life_looks_at_12_to_24_hours_only():
    times = np.array([0.0, 1.0, 6.0, 11.99, 12.0, 18.0, 24.0, 24.01, 30.0])
    values = np.exp(-0.1 * times)
    values[[0, 1, 2, 3, 7, 8]] = 1e6
    assert half_life(times, values[None], 168.0) == pytest.approx(np.log(2.0) / 0.1)


def test_half_life_of_a_short_interval_looks_at_its_last_two_thirds():
    times = np.array([0.0, 1.0, 1.99, 2.0, 4.0, 6.0])
    values = np.exp(-0.1 * times)
    values[:3] = 1e6
    assert half_life(times, values[None], 6.0) == pytest.approx(np.log(2.0) / 0.1)


def test_half_life_that_cannot_be_had_is_not_a_number():
    times = np.array([0.0, 12.0, 18.0, 24.0])
    falling, rising = np.exp(-0.1 * times), np.exp(0.1 * times)
    gone = np.array([1.0, 0.5, 0.0, 0.0])
    found = half_life(times, np.stack([falling, rising, np.ones(4), gone]), 24.0)
    assert found[0] == pytest.approx(np.log(2.0) / 0.1)
    assert np.isnan(found[1:]).all()
    assert np.isnan(half_life(times[[0, 1, 3]], falling[None, [0, 1, 3]], 24.0)).all()


def dataset(times, values, starts=(0.0,), names=("ketamine",)):
    """A result with these concentrations: values (people, times) for every analyte."""
    sessions = [{"index": i, "time": t, "end": t, "day": 1, "label": ""}
                for i, t in enumerate(starts)]  # fmt: skip
    values = np.atleast_2d(values)
    variables = {
        name: (("subject", "time"), values * (k + 1), {"analyte": name, "units": "ng/mL"})
        for k, name in enumerate(names)
    }
    variables["other"] = (("subject", "time"), values)
    coordinates = {"time": np.asarray(times, float), "id": ("subject", 1 + np.arange(len(values)))}
    return xr.Dataset(variables, coordinates, {"sessions": json.dumps(sessions)})


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_exposure_of_one_dose():
    times = np.linspace(0.0, 48.0, 97)
    k = 0.15
    found = only(exposure(dataset(times, 80.0 * np.exp(-k * times))))
    assert found["cmax"] == 80.0
    assert found["tmax"] == 0.0
    assert found["auc24"] == pytest.approx(80.0 / k * (1 - np.exp(-k * 24)), rel=1e-12)
    assert found["half_life"] == pytest.approx(np.log(2) / k, rel=1e-12)
    assert found["last"] == pytest.approx(80.0 * np.exp(-k * 48.0))
    assert (found["id"], found["analyte"], found["session"]) == (1, "ketamine", 1)


def test_exposure_has_a_row_for_each_person_and_analyte():
    times = np.linspace(0.0, 24.0, 49)
    curves = np.array([[10.0], [30.0]]) * np.exp(-0.2 * times)
    frame = exposure(dataset(times, curves, names=("ketamine", "norketamine")))
    assert frame[["id", "analyte", "cmax"]].to_numpy().tolist() == [
        [1, "ketamine", 10.0], [2, "ketamine", 30.0],
        [1, "norketamine", 20.0], [2, "norketamine", 60.0],
    ]  # fmt: skip
    assert list(frame.columns) == ["id", "analyte", "session", *MEASURES, "note"]
    assert analytes_of(dataset(times, curves)) == ["ketamine"]


def sawtooth(starts, times, k=0.15):
    """A bolus of 80 at each start, one on top of the other."""
    return sum(np.where(times >= s, 80.0 * np.exp(-k * np.clip(times - s, 0, None)), 0.0)
               for s in starts)  # fmt: skip


def test_a_session_is_counted_from_its_own_start():
    starts = [0.0, 72.0, 240.0]
    times = np.linspace(0.0, 264.0, 1057)
    result = dataset(times, sawtooth(starts, times), starts)
    for session in (0, 1, 2, -1):
        found = only(exposure(result, session))
        number = session % 3
        assert found["session"] == number + 1
        begin = times >= starts[number]
        assert found["cmax"] == sawtooth(starts, times)[begin][0]
        assert found["tmax"] == 0.0
        assert found["half_life"] == pytest.approx(np.log(2) / 0.15, rel=1e-9)


@pytest.mark.parametrize("interval", [24.0, 12.0, 6.0])
def test_the_next_dose_is_not_part_of_a_session(interval):
    """At the start of the next session the concentration is already the one after its bolus."""
    starts = [0.0, interval, 2 * interval]
    times = np.arange(0.0, 3 * interval + 0.01, 0.25)
    found = only(exposure(dataset(times, sawtooth(starts, times), starts), 0))
    assert found["cmax"] == 80.0
    assert found["tmax"] == 0.0
    assert found["half_life"] == pytest.approx(np.log(2) / 0.15, rel=1e-9)
    if interval == 24.0:
        assert found["auc24"] == pytest.approx(80.0 / 0.15 * (1 - np.exp(-0.15 * 24)), rel=2e-3)


def test_the_area_over_24_hours_is_not_given_for_less():
    times = np.linspace(0.0, 23.0, 93)
    assert np.isnan(only(exposure(dataset(times, np.exp(-0.1 * times))))["auc24"])
    times = np.linspace(0.5, 24.0, 48)
    assert np.isnan(only(exposure(dataset(times, np.exp(-0.1 * times))))["auc24"])


def test_a_simulation_agrees_with_the_curve_it_gave():
    result = ks.simulate("ketamine 35 mg iv over 40 min daily for 3 days", 20, seed=1)
    for session in range(3):
        for name, values in ((n, result[n].to_numpy()) for n in analytes_of(result)):
            times = result["time"].to_numpy()
            inside = (times >= 24.0 * session) & (times <= 24.0 * (session + 1))
            frame = exposure(result, session)
            mine = frame[frame["analyte"] == name]
            assert mine["cmax"].to_numpy() == pytest.approx(values[:, inside].max(axis=1))
            peak = times[inside][values[:, inside].argmax(axis=1)] - 24.0 * session
            assert mine["tmax"].to_numpy() == pytest.approx(peak)
            assert mine["tmax"].to_numpy() == pytest.approx(40 / 60), "at the end of the infusion"


def test_no_such_session_or_no_time_in_it():
    times = np.linspace(0.0, 24.0, 25)
    one = dataset(times, np.exp(-times), [0.0, 100.0])
    for session in (2, -3):
        with pytest.raises(InputError, match="the course has 2"):
            exposure(one, session)
    with pytest.raises(InputError, match="no time of session 2 was simulated"):
        exposure(one, 1)


def test_windows():
    times = np.linspace(0.0, 120.0, 25)
    three = dataset(times, np.exp(-times), [0.0, 24.0, 96.0])
    windows = [session_window(three, k) for k in (0, 1, -1)]
    assert [(w.start, w.stop, w.number, w.followed) for w in windows] == [
        (0.0, 24.0, 1, True), (24.0, 96.0, 2, True), (96.0, 120.0, 3, False),
    ]  # fmt: skip


def test_exposure_of_replicates_is_refused():
    times = np.linspace(0.0, 24.0, 25)
    twice = xr.concat([dataset(times, np.exp(-times))] * 2, dim="replicate")
    with pytest.raises(InputError, match="one replicate"):
        exposure(twice)
    assert len(exposure(twice.isel(replicate=1))) == 1


def test_quantiles_over_people():
    values = np.arange(101.0)[:, None] * np.array([1.0, 2.0])
    result = quantiles(dataset([0.0, 1.0], values), (0.05, 0.5, 0.95))
    assert result["ketamine"].dims == ("quantile", "time")
    assert result["ketamine"].to_numpy() == pytest.approx(
        np.array([[5.0, 10.0], [50.0, 100.0], [95.0, 190.0]])
    )
    assert result["quantile"].to_numpy().tolist() == [0.05, 0.5, 0.95]
    assert result["ketamine"].attrs["units"] == "ng/mL"
    assert "sessions" in result.attrs
    assert "other" not in result


def test_quantiles_keep_replicates_apart():
    values = np.arange(11.0)[:, None] * np.ones(3)
    both = xr.concat(
        [dataset([0.0, 1.0, 2.0], values), dataset([0.0, 1.0, 2.0], values + 100.0)],
        dim="replicate",
    )
    found = quantiles(both, (0.5,))["ketamine"].transpose("replicate", "quantile", "time")
    assert found.to_numpy()[:, 0].tolist() == [[5.0] * 3, [105.0] * 3]


def test_table_of_exposure():
    times = np.linspace(0.0, 24.0, 49)
    heights = np.arange(1.0, 102.0)
    frame = exposure_table(dataset(times, heights[:, None] * np.exp(-0.2 * times)))
    assert list(frame.columns) == ["analyte", "measure", "unit", "n", "q05", "q25", "q50", "q75",
                                   "q95"]  # fmt: skip
    assert frame["measure"].tolist() == list(MEASURES)
    peak = frame[frame["measure"] == "cmax"].iloc[0]
    assert peak[["q05", "q25", "q50", "q75", "q95"]].tolist() == pytest.approx([6, 26, 51, 76, 96])
    assert (peak["unit"], peak["n"]) == ("ng/mL", 101)


def test_table_counts_only_people_who_have_the_figure():
    times = np.array([0.0, 12.0, 18.0, 24.0])
    curves = np.stack([np.exp(-0.1 * times), np.exp(-0.2 * times), np.array([5.0, 1.0, 0.0, 0.0])])
    frame = exposure_table(dataset(times, curves)).set_index("measure")
    assert frame.loc["half_life", "n"] == 2
    assert frame.loc["half_life", "q50"] == pytest.approx(np.log(2) / 0.15, rel=0.15)
    assert frame.loc["cmax", "n"] == 3
    nothing = exposure_table(dataset([0.0, 1.0], np.ones((2, 2)))).set_index("measure")
    assert nothing.loc["half_life", "n"] == 0
    assert np.isnan(nothing.loc["half_life", "q50"])


def test_each_level_has_a_column_of_its_own():
    times = np.linspace(0.0, 24.0, 49)
    frame = exposure_table(dataset(times, np.exp(-times)), levels=(0.02, 0.025, 0.5, 0.975))
    assert len(frame.columns) == 4 + 4


def test_a_long_infusion_is_followed_to_its_peak_and_its_wash_out():
    long = ks.simulate("ketamine 10 mg/h iv over 72 h once", model="clements_1981")
    (row,) = exposure(long).to_dict("records")
    assert row["tmax"] == pytest.approx(72.0)
    assert row["cmax"] == pytest.approx(10e3 / (1.7522 * 0.0109 * 60 * 70), rel=1e-3)
    assert row["half_life"] == pytest.approx(183.0 / 60.0, rel=0.01)
    short = ks.simulate("ketamine 100 mg iv over 20 h once", model="clements_1981")
    assert float(exposure(short)["half_life"].iloc[0]) == pytest.approx(183.0 / 60.0, rel=0.01)


def test_quantile_rows_keep_the_replicate():
    result = ks.simulate(
        "esketamine 50 mg sublingual film once", 3, replicates=2, times=[0.0, 1.0], seed=1
    )
    rows = quantile_records(ks.quantiles(result, (0.5,)))
    assert rows[["replicate", "quantile", "time"]].to_numpy().tolist() == [
        [1, 0.5, 0.0], [1, 0.5, 1.0], [2, 0.5, 0.0], [2, 0.5, 1.0],
    ]  # fmt: skip
