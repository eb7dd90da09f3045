"""Conversion at the boundary."""

import math

import pytest

from ketascope.errors import InputError
from ketascope.units import convert, registry


@pytest.mark.parametrize(
    ("value", "given", "wanted", "expected"),
    [
        (1.0, "L/min", "L/h", 60.0),
        (90.0, "min", "h", 1.5),
        (1.0, "mg/L", "ng/mL", 1000.0),
        (250.0, "ug/kg", "mg/kg", 0.25),
        (5.0, "foot", "cm", 152.4),
        (1.0, "year", "day", 365.25),
        (0.3, "1", "percent", 30.0),
        (7.0, "mg", "mg", 7.0),
    ],
)
def test_conversions(value, given, wanted, expected):
    assert convert(value, given, wanted) == pytest.approx(expected, rel=1e-12)


def test_there_and_back():
    assert convert(convert(3.7, "L/h", "mL/min"), "mL/min", "L/h") == pytest.approx(3.7, rel=1e-14)


def test_a_number_that_is_none_stays_none():
    assert math.isnan(convert(float("nan"), "min", "h"))


@pytest.mark.parametrize("unit", ["furlongs per fortnight and", "mgg", "L/", "mg //kg", "ng/mL)"])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(InputError):
        convert(1.0, unit, "mg")


@pytest.mark.parametrize(("given", "wanted"), [("mg", "L"), ("mg/kg", "mg"), ("h", "1/h")])
def test_units_of_another_kind_are_refused(given, wanted):
    with pytest.raises(InputError, match="cannot be turned into"):
        convert(1.0, given, wanted)


def test_there_is_one_registry():
    assert registry() is registry()
