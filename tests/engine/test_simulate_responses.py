"""Responses of a model from a file, through the public calls."""

import inspect

import numpy as np
import pandas as pd
import pytest

import ketascope as ks
from ketascope.cli import main

FILE = "examples/models/benchmark.py"
REGIMEN = "ketamine 35 mg iv over 40 min once"
TIMES = [0.0, 0.5, 1.0, 2.0, 6.0]


@pytest.fixture(scope="module")
def found():
    return ks.simulate(REGIMEN, 40, seed=3, model=FILE, times=TIMES)


def test_responses_stand_beside_the_analytes(found):
    assert list(found.data_vars) == ["ketamine", "norketamine", "hydroxynorketamine", "RESP"]
    assert found["RESP"].dims == ("subject", "time")
    assert found["RESP"].attrs["response"] == "RESP"
    assert found["RESP"].sel(time=0.0).to_numpy() == pytest.approx(100.0)
    assert np.all(found["RESP"].sel(time=1.0) > 110.0)


def test_quantiles_of_responses(found):
    levels = (0.05, 0.5, 0.95)
    held = ks.quantiles(found, levels)
    streamed = ks.simulate_quantiles(REGIMEN, 40, seed=3, model=FILE, times=TIMES, quantiles=levels)
    assert held["RESP"].to_numpy() == pytest.approx(streamed["RESP"].to_numpy(), rel=1e-12)


def test_exposure_is_of_analytes_only():
    table = ks.exposure_table(ks.simulate(REGIMEN, 5, model=FILE))
    assert set(table["analyte"]) == {"ketamine", "norketamine", "hydroxynorketamine"}


def test_tolerances_are_options(found):
    tight = ks.simulate(REGIMEN, 40, seed=3, model=FILE, times=TIMES, rtol=1e-10)
    apart = abs(tight["RESP"] - found["RESP"]).max() / 150.0
    assert 0.0 < apart < 2e-6
    with pytest.raises(ks.InputError, match="the relative tolerance is 0; take a small number"):
        ks.simulate(REGIMEN, model=FILE, rtol=0.0)
    with pytest.raises(ks.InputError, match="the absolute tolerance is 'fine'; take a small"):
        ks.simulate(REGIMEN, model=FILE, atol="fine")


def test_quantiles_keep_the_same_tolerances(found):
    levels, asked = (0.5,), {"seed": 3, "model": FILE, "times": TIMES}
    usual = ks.simulate_quantiles(REGIMEN, 40, quantiles=levels, **asked)
    tight = ks.simulate_quantiles(REGIMEN, 40, quantiles=levels, rtol=1e-10, **asked)
    held = ks.quantiles(ks.simulate(REGIMEN, 40, rtol=1e-10, **asked), levels)
    assert tight["RESP"].to_numpy() == pytest.approx(held["RESP"].to_numpy(), rel=1e-13)
    assert abs(tight["RESP"] - usual["RESP"]).max() > 0.0


def test_the_command_line_takes_tolerances_for_a_regimen(capsys, tmp_path):
    def simulated(*tolerances):
        path = tmp_path / "x.parquet"
        asked = ["--model", FILE, "--typical", "--times", "0,0.5,1,2,6", "-o", str(path)]
        assert main(["simulate", REGIMEN, *asked, *tolerances]) == 0
        return pd.read_parquet(path)["RESP"].to_numpy()

    usual, tight = simulated(), simulated("--rtol", "1e-11", "--atol", "1e-12")
    alone = ks.simulate(REGIMEN, model=FILE, times=TIMES, rtol=1e-11, atol=1e-12)
    assert tight == pytest.approx(alone["RESP"].to_numpy().ravel(), rel=1e-14)
    assert 0.0 < abs(usual - tight).max() < 1e-3


@pytest.mark.parametrize("function", [ks.simulate, ks.simulate_quantiles])
def test_help_lists_all_that_may_be_asked(function):
    shown = inspect.signature(function).parameters
    assert {"n", "model", "times", "seed", "typical", "force", "rtol", "atol"} <= set(shown)
    assert shown["rtol"].default == 1e-6
    assert all(p.kind is not p.VAR_KEYWORD for p in shown.values())
    with pytest.raises(TypeError, match="tines"):
        function(REGIMEN, tines=[0.0])


def test_a_model_without_routes_is_for_data_sets():
    with pytest.raises(ks.Unsupported, match=r"does not say where a dose goes .* with --data"):
        ks.simulate(REGIMEN, model="examples/models/one_compartment_depot.py")
