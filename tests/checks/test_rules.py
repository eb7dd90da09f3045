"""Rules of published against simulated."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.checks.rules import CHANGE, EXPOSURE, KINETICS, SHARE, TIME, rule_for
from ketascope.evidence.published import published

positive = st.floats(1e-6, 1e6)


@given(positive, positive)
def test_near_is_the_same_both_ways(a, b):
    assert EXPOSURE.passes(a, b) == EXPOSURE.passes(b, a)


@given(positive, st.floats(1.0, 3.0))
def test_what_is_own_must_be_nearer(a, fold):
    assert EXPOSURE.passes(a, a * fold) == (fold <= 2.0) or math.isclose(fold, 2.0)
    if EXPOSURE.passes(a, a * fold, own=True):
        assert EXPOSURE.passes(a, a * fold)


def test_bounds():
    assert EXPOSURE.passes(10, 20)
    assert not EXPOSURE.passes(10, 20.1)
    assert EXPOSURE.passes(10, 12.5, own=True)
    assert not EXPOSURE.passes(10, 12.6, own=True)
    assert CHANGE.passes(2.0, 3.0)
    assert not CHANGE.passes(2.0, 3.1)


def test_a_time_has_a_quarter_of_an_hour():
    assert TIME.passes(0.05, 0.29)
    assert not TIME.passes(0.05, 0.31)
    assert TIME.passes(1.0, 1.25, own=True)
    assert not TIME.passes(2.0, 2.6, own=True)


@pytest.mark.parametrize("simulated", [math.nan, math.inf, 0.0, -1.0])
def test_what_is_no_size_never_passes(simulated):
    assert not EXPOSURE.passes(1.0, simulated)


def test_nothing_equals_nothing():
    assert EXPOSURE.passes(0.0, 0.0)


def test_each_quantity_has_one_rule():
    assert rule_for("cmax") is EXPOSURE
    assert rule_for("tmax") is TIME
    assert rule_for("bioavailability") is SHARE
    assert rule_for("auc_ratio") is CHANGE
    assert rule_for("ic50", receptor=True) is KINETICS
    with pytest.raises(KeyError):
        rule_for("ic50")


def test_every_rule_says_its_bound():
    for rule in (EXPOSURE, TIME, CHANGE, SHARE, KINETICS):
        assert f"within {rule.fold:g}-fold" in rule.text
        assert rule.covers in rule.text


def test_the_evidence_base_holds_no_quantity_without_a_rule_but_effects_and_bindings():
    missing = set()
    for value in published():
        try:
            rule_for(value.quantity, effect=value.effect, scale=value.scale)
        except KeyError:
            missing.add(value.quantity)
    assert missing <= {"change", "score", "difference", "fraction_bound", "fraction_unbound"}


@pytest.mark.parametrize(
    ("quantity", "effect", "scale", "margin"),
    [
        ("change", "madrs", "MADRS", 3.0),
        ("score", "cadss_total", "CADSS", 4.6),
        ("difference", "caps5_difference", "CAPS-5", 4.0),
        ("change", "systolic_change", None, 5.0),
        ("proportion", "nausea", None, 0.10),
    ],
)
def test_an_effect_is_judged_by_a_distance(quantity, effect, scale, margin):
    rule = rule_for(quantity, effect=effect, scale=scale)
    assert rule.margin == pytest.approx(margin)
    assert rule.passes(0.0, 0.99 * margin)
    assert rule.passes(0.0, -0.99 * margin)
    assert not rule.passes(0.0, 1.01 * margin)
    assert rule.passes(0.0, 0.49 * margin, own=True)
    assert not rule.passes(0.0, 0.51 * margin, own=True)


def test_every_effect_of_the_evidence_has_its_rule():
    for value in published():
        if value.effect is not None:
            rule_for(value.quantity, effect=value.effect, scale=value.scale)
