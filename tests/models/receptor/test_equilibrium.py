"""Block at equilibrium: closed forms, competition, pooling of published values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.errors import InputError
from ketascope.evidence.receptors import affinities
from ketascope.models.receptor.equilibrium import (
    block,
    enantiomer_potency,
    geometric_mean,
    pool,
    racemate_potency,
)

POSITIVE = st.floats(1e-6, 1e6)


@given(POSITIVE, st.floats(0.3, 3.0))
def test_block_is_a_share_that_grows_and_is_half_at_the_potency(x: float, hill: float) -> None:
    found = float(block(x, hill))
    assert 0.0 < found < 1.0 or found == pytest.approx(1.0)
    assert float(block(1.1 * x, hill)) >= found * (1 - 4 * np.finfo(float).eps)
    assert float(block(1.0, hill)) == 0.5
    assert found + float(block(1 / x, hill)) == pytest.approx(1.0)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_competition_is_the_law_of_mass_action(a: float, b: float, ka: float, kb: float) -> None:
    """Each ligand's share by solving R + A <-> RA, R + B <-> RB for one receptor."""
    free = 1.0 / (1.0 + a / ka + b / kb)
    assert float(block(a / ka + b / kb)) == pytest.approx(1.0 - free, rel=1e-9, abs=1e-12)


@given(POSITIVE, POSITIVE, st.floats(1e-3, 1e3))
def test_a_racemate_acts_as_its_two_halves(s: float, r: float, c: float) -> None:
    whole = racemate_potency(s, r)
    assert min(s, r) <= whole * (1 + 1e-12)
    assert whole <= max(s, r) * (1 + 1e-12)
    assert float(block(c / whole)) == pytest.approx(float(block(c / 2 / s + c / 2 / r)), rel=1e-9)


@given(POSITIVE, st.floats(0.01, 100.0))
def test_enantiomers_are_worked_out_so_that_they_give_the_racemate(k: float, ratio: float) -> None:
    s, r = (enantiomer_potency(k, ratio, name) for name in ("S", "R"))
    assert r / s == pytest.approx(ratio)
    assert racemate_potency(s, r) == pytest.approx(k)


def test_zero_and_arrays() -> None:
    assert block(np.array([0.0, 1.0, 3.0])).tolist() == [0.0, 0.5, 0.75]
    assert float(block(0.0, 0.84)) == 0.0


@pytest.mark.parametrize("hill", [0.0, -1.0, math.nan])
def test_a_hill_coefficient_must_be_above_zero(hill: float) -> None:
    with pytest.raises(InputError, match="Hill"):
        block(1.0, hill)


def test_bad_enantiomers_and_ratios_are_refused() -> None:
    with pytest.raises(InputError, match="not an enantiomer"):
        enantiomer_potency(1.0, 2.0, "R+S")
    with pytest.raises(InputError, match="not above 0"):
        enantiomer_potency(1.0, 0.0, "S")


def test_one_value_has_no_band_unless_the_source_prints_one() -> None:
    one = pool(affinities(target="nmda", ligand="ketamine", enantiomer="S"))
    assert one is not None
    assert (one.count, one.central, one.low, one.high, one.spread) == (1, 0.3, 0.3, 0.3, "")
    printed = pool(affinities(target="nmda_in_vivo", ligand="ketamine"))
    assert printed is not None
    assert (printed.low, printed.central, printed.high) == (0.99, 1.42, 2.14)
    assert printed.spread == "95% CI of the one source"


def test_several_values_are_pooled_on_the_log_scale() -> None:
    rows = affinities(target="nmda", ligand="ketamine", enantiomer="R+S")
    found = pool(rows)
    assert found is not None
    assert [row.value for row in rows] == [0.119, 1.58, 0.406]
    assert found.central == pytest.approx((0.119 * 1.58 * 0.406) ** (1 / 3))
    assert (found.low, found.high, found.count) == (0.119, 2.5, 3)
    assert found.spread == "range of 3 published values"
    assert found.fold == pytest.approx(2.5 / found.central)


def test_a_bound_is_no_value() -> None:
    rows = affinities(target="nmda", ligand="hydroxynorketamine", enantiomer="2R6R")
    assert [row.relation for row in rows] == [">"]
    assert pool(rows) is None
    assert pool(()) is None


def test_the_printed_hill_coefficient_is_kept() -> None:
    found = pool(affinities(target="glun2a", ligand="ketamine"))
    assert found is not None
    assert found.hill == pytest.approx(0.84)
    assert found.central == pytest.approx(geometric_mean([0.71, 0.46]))
