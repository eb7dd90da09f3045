"""The published checks: each number stands once, and a few are pinned as printed."""

from __future__ import annotations

from collections import Counter

import pytest

from ketascope.evidence.published import PublishedValue, published

VALUES = published()
BY_ID = {value.id: value for value in VALUES}


def _what_it_is_of(value: PublishedValue) -> tuple[object, ...]:
    """What makes two rows the same number of the same arm, wherever they stand."""
    c = value.conditions
    arm = (value.source, c.regimen, c.doses, tuple(sorted(c.patient.items())), c.people)
    return (
        *arm,
        value.where,
        value.analyte,
        value.effect,
        value.role,
        value.cut,
        value.quantity,
        c.time,
        c.window,
        c.beside,
    )


def test_no_number_of_an_arm_stands_twice() -> None:
    times = Counter(_what_it_is_of(value) for value in VALUES)
    assert [key for key, n in times.items() if n > 1] == []


def test_a_number_that_was_fitted_is_no_check() -> None:
    def of_arm(use: str) -> set[tuple[object, ...]]:
        return {
            (
                v.source,
                v.study,
                v.conditions.regimen,
                v.conditions.beside,
                v.analyte,
                v.effect,
                v.quantity,
            )
            for v in VALUES
            if v.used_for == use
        }

    assert of_arm("fit") & of_arm("check") == set()


@pytest.mark.parametrize(
    ("name", "value", "unit", "sd"),
    [
        ("nasal.huge_2010_02.esketamine.cmax", 27.7, "ng/mL", 5.9),
        ("nasal.huge_2010_04.esnorketamine.tmax", 75, "min", 40),
        ("children.weber_2004_iv.esketamine.cmax", 1860, "ng/mL", 883),
        ("children.weber_2004_in.esnorketamine.cmax", 90, "ng/mL", 128),
        ("children.hartvig_1993.norketamine.half_life", 6.0, "h", 1.8),
        ("intensive_care.koppel_1990.dehydronorketamine.concentration.72h", 2.6, "ug/mL", 1.0),
        ("intensive_care.hijazi_2003.ketamine.clearance_per_weight", 36.0, "mL/min/kg", 13.3),
        ("iv_adults.hasan_2021_iv_5mg.arketamine.concentration.4h", 1.8354, "ng/mL", None),
        ("sublingual.chong_2006_25mg.norketamine.cmax", 66, "ug/L", 29),
    ],
)
def test_a_check_is_as_printed(name: str, value: float, unit: str, sd: float | None) -> None:
    found = BY_ID[name]
    assert (found.value, found.unit, found.sd) == (value, unit, sd)


def test_the_digitised_fall_of_hasan_agrees_with_its_printed_half_life() -> None:
    """The last phase of the curve is no steeper than the printed half-life of 5.2 (SD 3.4) h."""
    arm = "iv_adults.hasan_2021_iv_5mg.esketamine.concentration"
    fall = BY_ID[f"{arm}.6h"].value / BY_ID[f"{arm}.8h"].value
    assert 2 ** (2 / (5.2 + 3.4)) < fall < 2 ** (2 / (5.2 - 3.4))


def test_norketamine_of_both_enantiomers_is_of_like_size() -> None:
    for time in ("1.5h", "3h", "5h"):
        s = BY_ID[f"kamp_2020_bja.racemate.esnorketamine.concentration.{time}"].value
        r = BY_ID[f"kamp_2020_bja_metabolites.racemate.arnorketamine.concentration.{time}"].value
        assert 1.0 < r / s < 1.3
