"""The receptor data: as printed, documented, and unable to go wrong unnoticed."""

from __future__ import annotations

import math

import pytest

from ketascope.errors import InputError
from ketascope.evidence.checks import check_place, formula_mass
from ketascope.evidence.receptor_values import ReceptorValue, receptor_values
from ketascope.evidence.receptors import (
    Affinity,
    affinities,
    bindings,
    kinetics,
    memantine,
    partitions,
    read_affinities,
    target,
    targets,
)
from ketascope.units import convert

ROWS = affinities(unchecked=True)
BY_ID = {row.id: row for row in ROWS}
PLACED = [
    *ROWS,
    *bindings(),
    *partitions(),
    kinetics("ketamine"),
    kinetics("memantine"),
    *receptor_values(),
]


@pytest.mark.parametrize("row", PLACED, ids=lambda row: row.id)
def test_a_row_names_its_source(row: Affinity) -> None:
    assert check_place(row.place) == []


def test_the_source_of_memantine_and_of_its_release_are_known() -> None:
    assert check_place(memantine().place) == []
    assert kinetics("memantine").release_source == "kotermanski_2009"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ebert_1997.ketamine.S.nmda", 0.3),
        ("ebert_1997.ketamine.R.nmda", 1.4),
        ("ebert_1997.norketamine.S.nmda", 1.7),
        ("ebert_1997.norketamine.R.nmda", 13),
        ("moaddel_2013.hydroxynorketamine.2S6S.nmda", 21.19),
        ("shaffer_2014.ketamine.R+S.nmda_in_vivo", 1.42),
        ("shaffer_2014.norketamine.R+S.nmda_in_vivo", 9.11),
        ("gilling_2009.ketamine.R+S.glun2a", 0.71),
        ("abbott_2020.hydroxynorketamine.2R6R.glun2a", 46),
        ("nmdar_specificity_table_oocytes.memantine.none.glun2c_mg", 2.0),
        ("xing_2017.ketamine.R+S.hcn1", 67.0),
        ("moaddel_2013_nicotinic.dehydronorketamine.R+S.alpha7", 0.055),
    ],
)
def test_values_are_as_printed(key: str, value: float) -> None:
    assert BY_ID[key].value == value
    assert BY_ID[key].status == "checked"


def test_opioid_affinities_are_the_printed_logarithms() -> None:
    for name, printed in (("mu", 4.38), ("kappa", 4.55), ("delta", 3.57)):
        row = BY_ID[f"hirota_1999.ketamine.R+S.{name}"]
        assert -math.log10(row.value * 1e-6) == pytest.approx(printed, abs=0.005)
        assert row.interval is not None
        low, high = row.interval
        assert -math.log10(low * 1e-6) == pytest.approx(
            printed + (0.04 if name == "kappa" else 0.02), abs=0.005
        )
        assert low < row.value < high


def test_a_range_is_held_by_its_geometric_mean() -> None:
    ranges = [row for row in ROWS if row.interval_kind == "range"]
    assert len(ranges) == 5
    for row in ranges:
        assert row.interval is not None
        assert row.value == pytest.approx(math.sqrt(math.prod(row.interval)), rel=0.01)


def test_what_is_from_memory_is_not_given_unasked() -> None:
    hidden = set(BY_ID) - {row.id for row in affinities()}
    assert "kotermanski_johnson_2009.ketamine.R+S.glun2c_mg" in hidden
    assert "robson_2012.ketamine.R+S.sigma1" in hidden
    assert all("memory" in BY_ID[key].how for key in hidden)
    assert all("memory" not in row.how for row in affinities())
    assert affinities(target="glun2c_mg", ligand="ketamine") == ()


def test_magnesium_belongs_to_the_targets_named_so() -> None:
    assert {name for name, t in targets().items() if t.magnesium == 1} == {
        "glun2a_mg", "glun2b_mg", "glun2c_mg", "glun2d_mg",
    }  # fmt: skip
    with pytest.raises(InputError, match="known are nmda"):
        target("nmdar")


def test_one_fraction_unbound_is_the_default_of_each_ligand() -> None:
    rows = bindings()
    defaults = [(row.ligand, row.enantiomer) for row in rows if row.default]
    assert len(defaults) == len(set(defaults)) == 6
    esketamine = next(row for row in rows if row.id == "label_esketamine")
    assert esketamine.interval == pytest.approx((1 - 0.45, 1 - 0.43))
    dayton = next(row for row in rows if row.id == "dayton_1983")
    assert dayton.value == pytest.approx(1 - 0.47)


def test_memantine_is_weighed_by_its_formula() -> None:
    known = memantine()
    # hydrogen, carbon and nitrogen alone
    assert formula_mass(known.formula) == pytest.approx(known.molar_mass, abs=0.02)
    assert known.molar_mass_hydrochloride - known.molar_mass == pytest.approx(36.46, abs=0.01)


def test_the_two_ranges_of_memantine_do_not_agree() -> None:
    known = memantine()
    by_mass = [value / known.molar_mass for value in known.concentration_mass]
    assert by_mass == pytest.approx([0.39, 0.837], abs=0.005)
    assert known.concentration_molar == (0.5, 1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interval": [1, 2]}, "lies outside"),
        ({"interval": [0.2, 2]}, "needs interval_kind"),
        ({"value": -1}, "value"),
        ({"target": "nmdar"}, "is not a target"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused(change: dict[str, object], message: str) -> None:
    row = {"ligand": "ketamine", "enantiomer": "S", "value": 0.3, "target": "nmda"} | change
    group = {
        "id": "someone_2000", "source": "ebert_1997", "where": "abstract", "how": "read",
        "kind": "Ki", "species": "rat", "preparation": "brain", "method": "binding",
        "values": [row],
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        read_affinities([group], targets())


def test_a_row_cannot_stand_twice() -> None:
    row = {"ligand": "ketamine", "enantiomer": "S", "value": 0.3, "target": "nmda"}
    group = {
        "id": "someone_2000", "source": "ebert_1997", "where": "abstract", "how": "read",
        "kind": "Ki", "species": "rat", "preparation": "brain", "method": "binding",
        "values": [row, row],
    }  # fmt: skip
    with pytest.raises(InputError, match="stands twice"):
        read_affinities([group], targets())


@pytest.mark.parametrize("row", receptor_values(), ids=lambda row: row.id)
def test_a_published_figure_has_a_unit_that_fits(row: ReceptorValue) -> None:
    kinds = {"potency": "umol/L", "time_constant": "s", "concentration": "ng/mL"}
    assert convert(1.0, row.unit, kinds.get(row.quantity, "1")) == 1.0
