"""Quantiles of people whose curves are not kept, beside those of kept curves."""

import json

import numpy as np
import pytest
import xarray as xr

import ketascope as ks
from ketascope.engine import stream
from ketascope.engine.export import records
from ketascope.engine.simulate_quantiles import simulate_quantiles

COURSE = "esketamine 56 mg intranasal twice weekly for 1 week"
FILM = "esketamine 50 mg film sublingual once"
HOURS = np.array([0.0, 0.5, 1.0, 4.0, 72.0, 80.0])
LEVELS = (0.05, 0.5, 0.975)


@pytest.mark.parametrize("memory", [2**26, 20_000])
def test_the_quantiles_of_a_simulation(monkeypatch, memory):
    """In one pass over people that fit into memory, and in more passes."""
    monkeypatch.setattr(stream.streamed_quantiles, "__kwdefaults__", {"memory": memory})
    whole = ks.simulate(COURSE, 600, times=HOURS, seed=3)
    found = simulate_quantiles(COURSE, 600, times=HOURS, seed=3, quantiles=LEVELS)
    wanted = ks.quantiles(whole, LEVELS)
    xr.testing.assert_allclose(found, wanted, rtol=1e-12, atol=0)
    for name in wanted.data_vars:
        assert found[name].dims == wanted[name].dims
        assert found[name].attrs == wanted[name].attrs
    assert found.attrs == wanted.attrs
    assert found["time"].attrs == wanted["time"].attrs
    assert records(found).schema.equals(records(wanted).schema)


def test_replicates():
    wanted = ks.quantiles(ks.simulate(FILM, 30, times=HOURS, replicates=2), LEVELS)
    found = simulate_quantiles(FILM, 30, times=HOURS, replicates=2, quantiles=LEVELS)
    xr.testing.assert_allclose(found, wanted, rtol=1e-12, atol=0)
    assert found["esketamine"].dims == wanted["esketamine"].dims
    with pytest.raises(ks.InputError, match="replicates is 0; give a whole number from 1 up"):
        simulate_quantiles(FILM, 30, times=HOURS, replicates=0)


def test_blocks_and_workers_change_nothing():
    one = simulate_quantiles(COURSE, 70, times=HOURS, seed=5, block=8, workers=2)
    other = simulate_quantiles(COURSE, 70, times=HOURS, seed=5, block=64, workers=1)
    xr.testing.assert_allclose(one, other, rtol=1e-12, atol=0)


def test_one_person_and_what_is_said():
    found = simulate_quantiles(COURSE, times=HOURS)
    assert (found["esketamine"] == found["esketamine"][0]).all()
    few = simulate_quantiles(COURSE, 5, times=HOURS)
    assert any("Only 5 people" in told for told in json.loads(few.attrs["warnings"]))
    seen = []
    simulate_quantiles(COURSE, 20, times=HOURS, progress=lambda done, whole: seen.append(whole))
    assert set(seen) == {20}
    with pytest.raises(ks.InputError, match="from 0 to 1"):
        simulate_quantiles("no regimen at all", 5, quantiles=(5, 95))
