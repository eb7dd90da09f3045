from typing import Any

import pytest
from dosing import fuzz_records
from dosing.fuzz_regimen import fuzz


def test_two_thousand_texts() -> None:
    # Some must get through, or the fuzz would not reach the printing.
    assert fuzz(2_000, seed=1) > 50


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_hundred_thousand_texts(seed: int) -> None:
    assert fuzz(25_000, seed) > 500


def test_two_thousand_data_sets() -> None:
    assert fuzz_records.fuzz(2_000, seed=1) > 300


@pytest.mark.parametrize("data", fuzz_records.FOUND, ids=repr)
def test_data_sets_that_were_answered_wrongly(data: Any) -> None:
    fuzz_records.answer_to(data)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_hundred_thousand_data_sets(seed: int) -> None:
    assert fuzz_records.fuzz(25_000, seed) > 4_000
