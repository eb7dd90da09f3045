"""Responses of a model from a file, through the public calls."""

import numpy as np
import pytest

import ketascope as ks

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


def test_a_model_without_routes_is_for_data_sets():
    with pytest.raises(ks.Unsupported, match=r"does not say where a dose goes .* with --data"):
        ks.simulate(REGIMEN, model="examples/models/one_compartment_depot.py")
