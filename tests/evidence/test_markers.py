"""Printed concentrations of effects: documented, in reach, and refused when broken."""

from __future__ import annotations

import pytest

from ketascope.errors import InputError
from ketascope.evidence.checks import check_place
from ketascope.evidence.markers import marker, markers, read_markers


@pytest.mark.parametrize("one", markers(), ids=lambda one: one.id)
def test_a_marker_is_documented_and_its_unit_known(one):
    assert check_place(one.place) == []
    if one.value is not None:
        assert one.to(one.unit) == pytest.approx(one.value)


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        ("simons_high_c50", "ng/mL", 71.32),
        ("adult_recovery", "ng/mL", 740.0),
        ("herd_delay", "h", 11 / 3600),
        ("olofsen_pain_delay", "min", 11.8),
    ],
)
def test_values_turn_into_other_units(name, unit, value):
    assert marker(name).to(unit) == pytest.approx(value, rel=1e-4)


def test_slopes_ranges_and_spreads():
    assert marker("olofsen_pain_ketamine").slope == pytest.approx(-0.038)
    assert marker("olofsen_pain_norketamine").slope == pytest.approx(0.030)
    assert marker("simons_pain_c50").ends("ng/mL") == pytest.approx((285.3, 404.1), abs=0.1)
    assert marker("adult_recovery").relative_sd == pytest.approx(0.24 / 0.74)
    assert marker("herd_sedation_ec50").relative_sd == 1.36
    for failing in (
        lambda: marker("zanos_analgesia").number,
        lambda: marker("adult_recovery").slope,
        lambda: marker("adult_recovery").ends("ng/mL"),
        lambda: marker("simons_high_c50").relative_sd,
        lambda: marker("herd_delay").to("ng/mL"),
        lambda: marker("nobody"),
    ):
        with pytest.raises(InputError):
            failing()


GOOD = """
- id: a
  effect: high
  quantity: half of the effect
  value: 2
  low: 1
  high: 3
  span: range
  unit: ng/mL
  analyte: ketamine
  sampling: venous
  people: ten
  source: bowdle_1998
  where: abstract
  how: read
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: 2", "value: 4", "outside"),
        ("span: range", "span: ''", "together"),
        ("  value: 2\n  low: 1\n  high: 3\n  span: range\n", "", "a value or a range"),
        ("quantity: half of the effect", "quantity: guess", "quantity"),
        ("unit: ng/mL", "unit: ng/mL\n  at: 100", "'at'"),
        ("sampling: venous", "sampling: capillary", "sampling"),
    ],
)
def test_a_broken_marker_is_answered_with_its_place(old, new, words):
    assert set(read_markers(GOOD, "x.yaml")) == {"a"}
    with pytest.raises(InputError, match=words):
        read_markers(GOOD.replace(old, new), "x.yaml")
    with pytest.raises(InputError, match="twice"):
        read_markers(GOOD + GOOD, "x.yaml")
