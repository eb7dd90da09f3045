"""NONMEM's own answers for dosing events, where the folder with them is there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ketascope as ks

MODEL = Path(__file__).parents[2] / "examples/models/one_compartment_depot.py"
PRINTED = 5e-5
"""Relative error of five printed digits."""


@pytest.fixture(scope="module")
def both(nonmem_data):
    answers = pd.read_csv(nonmem_data / "nonmem_output.csv")
    return answers, ks.simulate_data(MODEL, nonmem_data / "events.csv")


@pytest.mark.outside_data
class TestNonmem:
    def test_a_row_for_each_record_in_order(self, both):
        answers, found = both
        assert list(found.columns) == ["ID", "TIME", "CP"]
        assert found["ID"].tolist() == answers["ID"].tolist()
        np.testing.assert_allclose(found["TIME"], answers["TIME"])

    @pytest.mark.parametrize("scenario", range(1, 30))
    def test_every_row_of_a_scenario(self, both, scenario):
        answers, found = both
        mine = answers["ID"] == scenario
        assert mine.any()
        np.testing.assert_allclose(
            found["CP"][mine], answers["CP"][mine], rtol=PRINTED, atol=1e-9, err_msg=str(scenario)
        )

    @pytest.mark.parametrize("how", [{"block": 1}, {"block": 3, "workers": 2}])
    def test_the_blocks_do_not_change_a_bit(self, both, nonmem_data, how):
        again = ks.simulate_data(MODEL, nonmem_data / "events.csv", **how)
        assert again["CP"].tolist() == both[1]["CP"].tolist()
