"""What holds of every acute effect, whatever it is worked out from."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

import ketascope as ks
from ketascope.effects.acute import driving_from, known_effects
from ketascope.effects.acute_tables import _window, back_at, effect_table, needed
from ketascope.errors import InputError, Unsupported
from ketascope.evidence import sources

SPRAY = "esketamine 84 mg intranasal twice weekly for 2 weeks"
DRIP = "ketamine 0.5 mg/kg iv over 40 min once"
NAMES = list(known_effects())


@pytest.fixture(scope="module")
def spray() -> xr.Dataset:
    return ks.simulate(SPRAY, people=120, seed=5)


@pytest.fixture(scope="module")
def drip() -> xr.Dataset:
    return ks.simulate(DRIP, people=120, seed=5)


@pytest.mark.parametrize("name", NAMES)
def test_an_effect_says_what_it_is(name: str) -> None:
    effect = known_effects()[name]
    assert effect.name == name
    assert effect.sources
    assert set(effect.sources) <= set(sources())
    assert ("calibrat" in effect.text.lower()) == (effect.kind == "calibrated")
    if effect.kind == "published":
        assert effect.calibration is None


@pytest.mark.parametrize("name", NAMES)
def test_an_effect_is_predicted_or_says_why_not(
    name: str, spray: xr.Dataset, drip: xr.Dataset
) -> None:
    for result in (spray, drip):
        reason = known_effects()[name].why_not(driving_from(result))
        if reason is not None:
            with pytest.raises(Unsupported, match=name):
                ks.acute_effects(result, names=[name])
            continue
        found = ks.acute_effects(result, names=[name])
        assert found[name].shape == (120, result.sizes["time"])
        assert np.isfinite(found[name]).all()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_felt_before_anything_was_given(name: str, spray: xr.Dataset) -> None:
    """Without drug the effect does not change over time."""
    nothing = spray.copy(deep=True)
    for analyte in ("esketamine", "esnorketamine"):
        nothing[analyte] = 0.0 * nothing[analyte].assign_attrs(spray[analyte].attrs)
        nothing[analyte].attrs = spray[analyte].attrs
    try:
        found = ks.acute_effects(nothing, names=[name], uncertainty="central")[name]
    except Unsupported:
        pytest.skip("not predicted for this regimen")
    middle = found.median("subject").to_numpy()
    assert np.ptp(middle) <= 1e-9 + 0.1 * abs(middle[0])


def test_a_person_keeps_their_curve_in_a_larger_population() -> None:
    few = ks.acute_effects(ks.simulate(SPRAY, people=10, seed=5))
    many = ks.acute_effects(ks.simulate(SPRAY, people=50, seed=5))
    for name in few.data_vars:
        assert np.array_equal(few[name], many[name].isel(subject=slice(0, 10)))


def test_the_seed_decides(spray: xr.Dataset) -> None:
    one, again, other = (ks.acute_effects(spray, seed=seed) for seed in (1, 1, 2))
    assert one.identical(again)
    assert any(not np.array_equal(one[name], other[name]) for name in one.data_vars)


def test_what_the_fit_does_not_know_widens_the_band(drip: xr.Dataset) -> None:
    drawn = ks.acute_effects(drip, uncertainty="drawn")
    central = ks.acute_effects(drip, uncertainty="central")
    assert any(
        float(drawn[n].max("time").std()) > float(central[n].max("time").std())
        for n in drawn.data_vars
        if drawn[n].attrs["kind"] == "calibrated"
    )


def test_unknown_names_and_settings_are_refused(spray: xr.Dataset) -> None:
    with pytest.raises(InputError, match="no effect 'levitation'"):
        ks.acute_effects(spray, names=["levitation"])
    with pytest.raises(InputError, match="no setting 'moon'"):
        ks.acute_effects(spray, settings={"moon": 1})
    with pytest.raises(InputError, match="not a value"):
        ks.acute_effects(spray, settings={"opioid": 3})


def test_quantiles_are_refused() -> None:
    found = ks.simulate_quantiles(SPRAY, people=50, seed=1)
    with pytest.raises(InputError, match="people over time"):
        ks.acute_effects(found)


def test_a_table_is_json_and_its_intervals_are_in_order(drip: xr.Dataset) -> None:
    rows = effect_table(drip, draws=8)
    assert json.loads(json.dumps(rows)) == rows
    for row in rows:
        for part in (row["peak"], row["time"], row["gone"] or {}):
            known = [part[k] for k in ("q05", "q50", "q95") if part.get(k) is not None]
            assert known == sorted(known)
        for share in row["shares"]:
            assert 0 <= share["share"] <= 1
        if row["kind"] == "published":
            assert row["peak"]["low"] is None


def test_the_first_and_the_last_session_are_shown(spray: xr.Dataset) -> None:
    assert {row["session"] for row in effect_table(spray, draws=4)} == {1, 4}


def test_when_it_is_gone() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0])
    curves = np.array([[0, 9, 9, 0.0], [0, 0, 0, 0], [9, 0, 9, 3], [5, 5, 5, 5]])
    assert back_at(times, curves, 3.0) == pytest.approx([2 + 6 / 9, 0.0, 3.0, np.inf])


def test_a_long_course_is_cut_to_the_days_that_are_shown() -> None:
    """The curves of the first and last session are those of the whole course."""
    result = ks.simulate("esketamine 84 mg intranasal once weekly for 6 weeks", people=12, seed=3)
    sessions = json.loads(result.attrs["sessions"])
    keep = np.flatnonzero(needed(result, sessions))
    assert keep.size < 0.6 * result.sizes["time"]
    whole, cut = ks.acute_effects(result), ks.acute_effects(result.isel(time=keep))
    assert list(whole.data_vars) == list(cut.data_vars)
    times = cut["time"].to_numpy()
    for start in (sessions[0]["time"], sessions[-1]["time"]):
        shown = np.flatnonzero((times >= start) & (times <= start + 24))
        for name in whole.data_vars:
            of_all = whole[name].isel(time=keep[shown]).to_numpy()
            assert np.allclose(cut[name].isel(time=shown), of_all, rtol=1e-4, atol=1e-4), name


def test_the_dose_of_the_next_session_is_not_of_this_one() -> None:
    daily = "ketamine 0.5 mg/kg iv bolus once daily for 2 days"
    result = ks.simulate(daily, people=5, seed=1)
    sessions = json.loads(result.attrs["sessions"])
    window = _window(result, sessions[0], sessions)
    assert result["time"].to_numpy()[window].max() < sessions[1]["time"]
    assert _window(result, sessions[1], sessions).sum() > 10


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("ketamine 0.5 mg/kg iv over 40 min", "ketamine 0.5 mg/kg im", "cadss"),
        ("esketamine 84 mg intranasal", "esketamine 0.2 mg/kg iv over 40 min", "cadss"),
        ("esketamine 84 mg intranasal", "esketamine 0.2 mg/kg iv over 40 min", "systolic_change"),
    ],
)
def test_a_session_owes_nothing_to_a_later_one(first: str, second: str, name: str) -> None:
    """What was not fitted changes the session in which it is given, and no other."""
    alone = ks.simulate(f"{first} once", n=30, seed=1)
    both = ks.simulate(f"{first} on day 1 then {second} on day 8", n=30, seed=1)
    times = [0.25, 0.5, 2 / 3, 1.0, 1.5, 2.0]
    curves = [
        ks.acute_effects(result, names=[name])[name].transpose("subject", "time")
        for result in (alone, both)
    ]
    seen = [curve.sel(time=times, method="nearest").to_numpy() for curve in curves]
    assert seen[1] == pytest.approx(seen[0], rel=1e-3, abs=1e-3)
