"""Parameters and the checks that every model's parameters must pass."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.evidence import Parameter, Place, Variability
from ketascope.evidence.checks import (
    check_evidence,
    check_parameter,
    check_parameters,
    check_published,
    check_source,
    role_of,
)
from ketascope.evidence.published import published
from ketascope.evidence.sources import Source

PLACE = Place("otto_2021", "Table 3", "read in a transcription")
GOOD = Parameter("V1", 133.0, "L", "central volume", PLACE, (Variability.from_variance(0.084),))


@given(st.floats(min_value=1e-3, max_value=3))
def test_a_coefficient_of_variation_comes_back(cv: float) -> None:
    assert Variability.from_cv(cv).cv == pytest.approx(cv)


def test_only_a_lognormal_spread_has_a_coefficient_of_variation() -> None:
    assert Variability("logit", 0.7).cv is None
    assert Variability.from_variance(0.25, "occasion") == Variability("lognormal", 0.5, "occasion")


def test_the_evidence_base_is_sound() -> None:
    assert check_evidence() == []


def test_a_documented_parameter_passes() -> None:
    assert check_parameter(GOOD) == []
    assert check_parameters([GOOD, replace(GOOD, name="V2")]) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "V 1"}, "not an identifier"),
        ({"meaning": " "}, "no meaning"),
        ({"value": math.nan}, "not finite"),
        ({"se": -1.0}, "standard error"),
        ({"status": "assumed"}, "it is assumed and has no note"),
        ({"unit": "litter"}, "unit 'litter' is not known"),
        ({"unit": "L/h"}, "not that of a volume"),
        ({"value": -1.0}, "a volume of -1 is not above 0"),
        ({"place": Place("otto_2012", "Table 3", "read")}, "'otto_2012' is not in sources.bib"),
        ({"place": Place("otto_2021", "", "read")}, "where in the source"),
        ({"place": Place("otto_2021", "Table 3", "")}, "how it was read"),
        ({"variability": (Variability("normal", 0.0),)}, "not above 0"),
        ({"variability": (Variability("logit", 0.5),)}, "between 0 and 1"),
        ({"variability": (Variability("normal", 1.0),) * 2}, "two spreads at one level"),
        ({"name": "F1", "unit": "1", "value": 1.16}, "a fraction of 1.16 needs a note"),
        ({"name": "age_on_CL", "unit": "h"}, "not that of an effect on CL"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, object], message: str) -> None:
    found = check_parameter(replace(GOOD, **change))  # type: ignore[arg-type]
    assert any(message in text for text in found), found


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        ("CLn_F", "L/h", 38.0),
        ("Q2", "L/min", 2.4),
        ("k10", "1/min", 0.4),
        ("MTT_gut", "min", 10.7),
        ("V1", "L/kg", 1.75),
        ("age_on_Qh", "L/h/year", -2.19),
        ("asian_on_kel", "1", 0.36),
        ("later_device", "1", 0.62),
    ],
)
def test_units_that_fit(name: str, unit: str, value: float) -> None:
    assert check_parameter(Parameter(name, value, unit, "meaning", PLACE)) == []


def test_a_value_printed_above_one_passes_with_a_note() -> None:
    assert check_parameter(Parameter("F2", 1.16, "1", "share", PLACE, note="As printed.")) == []


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("VK1", "volume"),
        ("Vpn_F", "volume"),
        ("CLK1", "clearance"),
        ("Q3_F", "clearance"),
        ("ka_sw", "rate constant"),
        ("KA2", "rate constant"),
        ("Dsw", "duration"),
        ("D1", "duration"),
        ("FRn", "fraction"),
        ("fm_NK", "fraction"),
        ("EC50", "concentration"),
        ("weight", None),
    ],
)
def test_symbols_announce_their_role(name: str, role: str | None) -> None:
    assert role_of(name) == role


def test_a_name_stands_once() -> None:
    assert check_parameters([GOOD, GOOD]) == ["V1: it stands twice"]


def test_a_source_that_says_little_fails() -> None:
    bare = Source("key", "article", "", doi="doi:10.1", pmid="PMC1")
    assert len(check_source(bare)) == 7


def test_a_published_value_with_a_wrong_unit_fails() -> None:
    value = next(v for v in published() if v.quantity == "concentration")
    for change, message in (
        ({"unit": "h"}, "not that of a concentration"),
        ({"unit": "flagons"}, "is not known"),
        ({"analyte": "aspirin"}, "analyte 'aspirin' is not known"),
        ({"analyte": None}, "needs an analyte"),
        ({"source": "nobody_1900"}, "not in sources.bib"),
    ):
        found = check_published(value.model_copy(update=change))
        assert any(message in text for text in found), (change, found)
