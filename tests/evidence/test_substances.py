"""Molar masses against formulae, and the analytes that models report."""

from __future__ import annotations

import pytest

from ketascope.errors import InputError
from ketascope.evidence import analyte, analytes, molar_mass, substances
from ketascope.evidence.checks import formula_mass

CONTRACT = """
    ketamine esketamine arketamine norketamine esnorketamine hydroxynorketamine
    eshydroxynorketamine
""".split()


@pytest.mark.parametrize("name", list(substances()))
def test_a_molar_mass_agrees_with_its_formula(name: str) -> None:
    substance = substances()[name]
    assert substance.molar_mass == pytest.approx(formula_mass(substance.formula), abs=0.01)


@pytest.mark.parametrize(
    ("name", "mass"),
    [
        ("ketamine", 237.73),
        ("esketamine", 237.73),
        ("esnorketamine", 223.70),
        ("eshydroxynorketamine", 239.70),
        ("dehydronorketamine", 221.68),
        ("ketamine_hydrochloride", 274.18),
    ],
)
def test_molar_masses(name: str, mass: float) -> None:
    assert molar_mass(name) == mass


def test_the_salt_in_one_nasal_device_is_the_base_on_its_label() -> None:
    base = 32.3 * molar_mass("esketamine") / molar_mass("ketamine_hydrochloride")
    assert base == pytest.approx(28, abs=0.05)


@pytest.mark.parametrize("name", CONTRACT)
def test_the_analytes_of_the_results_are_known(name: str) -> None:
    assert analyte(name).name == name
    assert analyte(name).display


@pytest.mark.parametrize("name", list(analytes()))
def test_a_name_says_its_enantiomer(name: str) -> None:
    expected = {"es": "S", "ar": "R"}.get(name[:2], "R+S")
    assert analyte(name).enantiomer == expected


def test_display_names_differ() -> None:
    shown = [a.display for a in analytes().values()]
    assert len(set(shown)) == len(shown)
    assert analyte("esnorketamine").display == "S-norketamine (noresketamine)"


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    with pytest.raises(InputError, match="did you mean esketamine"):
        molar_mass("esketamin")
    with pytest.raises(InputError, match="known are ketamine"):
        analyte("qqqq")
