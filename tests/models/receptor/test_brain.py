"""From total plasma to what a receptor sees: published factors, refusals in place of guesses."""

from __future__ import annotations

import pytest

from ketascope.errors import InputError
from ketascope.models.receptor import DRIVES, drug_of, molar, to_driving


def test_ng_per_ml_become_nmol_per_l() -> None:
    assert molar(237.73, 237.73) == 1000.0
    assert molar(100.0, drug_of("esketamine").molar_mass) == pytest.approx(420.6, abs=0.1)


@pytest.mark.parametrize(
    ("name", "fraction", "row"),
    [
        ("esketamine", 0.56, "label_esketamine"),
        ("ketamine", 0.53, "dayton_1983"),
        ("arketamine", 0.53, "dayton_1983_r"),
        ("norketamine", 0.50, "ashraf_2018_nk"),
        ("esnorketamine", 0.50, "ashraf_2018_nk"),
        ("memantine", 0.55, "label_memantine"),
    ],
)
def test_the_default_fraction_unbound(name: str, fraction: float, row: str) -> None:
    found = to_driving(drug_of(name))
    assert (found.central, found.ids) == (fraction, (row,))
    assert found.low <= found.central <= found.high


def test_alternatives_are_named_or_the_ends_of_what_was_measured_in_plasma_of_people() -> None:
    drug = drug_of("esketamine")
    assert to_driving(drug, choice="ashraf_2018_s").central == 0.70
    assert to_driving(drug, choice="highest").central == 0.70
    assert to_driving(drug, choice="lowest").central == 0.56  # 0.351 is albumin alone
    assert to_driving(drug_of("ketamine"), choice="highest").central == 0.53  # 0.88 is from memory


def test_what_stands_for_another_says_so() -> None:
    assert "stands for esnorketamine" in to_driving(drug_of("esnorketamine")).note
    assert "dog" in to_driving(drug_of("dehydronorketamine")).note


@pytest.mark.parametrize(
    ("name", "drive", "factor"),
    [
        ("esketamine", "total brain", 7.1),
        ("ketamine", "total brain", 6.5),
        ("esnorketamine", "total brain", 1.42),
        ("memantine", "cerebrospinal fluid", 0.52),
        ("ketamine", "total plasma", 1.0),
    ],
)
def test_other_drivers(name: str, drive: str, factor: float) -> None:
    assert to_driving(drug_of(name), drive).central == factor  # type: ignore[arg-type]
    assert drive in DRIVES


@pytest.mark.parametrize(
    ("name", "drive"),
    [
        ("eshydroxynorketamine", "unbound plasma"),
        ("ketamine", "cerebrospinal fluid"),
        ("norketamine", "total brain"),
    ],
)
def test_what_is_not_known_is_not_put_at_some_number(name: str, drive: str) -> None:
    with pytest.raises(InputError, match=f"of {name} is known"):
        to_driving(drug_of(name), drive)  # type: ignore[arg-type]


def test_an_unknown_driver_or_row_is_refused() -> None:
    with pytest.raises(InputError, match="drives no block"):
        to_driving(drug_of("ketamine"), "soul")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no fraction unbound"):
        to_driving(drug_of("ketamine"), choice="label_esketamine")
    with pytest.raises(InputError):
        drug_of("phencyclidine")


def test_the_isomer_of_hydroxynorketamine_is_an_assumption_that_is_said() -> None:
    drug = drug_of("eshydroxynorketamine")
    assert drug.enantiomer == "2S6S"
    assert "(2S,6S)" in drug.note
    assert drug_of("hydroxynorketamine").enantiomer == "R+S"
