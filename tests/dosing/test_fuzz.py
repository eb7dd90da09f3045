import pytest
from dosing.fuzz_regimen import fuzz


def test_two_thousand_texts() -> None:
    # Some must get through, or the fuzz would not reach the printing.
    assert fuzz(2_000, seed=1) > 50


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_hundred_thousand_texts(seed: int) -> None:
    assert fuzz(25_000, seed) > 500
