"""The published values: they are as printed, and their files cannot go wrong unnoticed."""

from __future__ import annotations

import pytest

from ketascope.dosing.language import parse_regimen
from ketascope.errors import InputError
from ketascope.evidence.checks import check_published
from ketascope.evidence.published import PublishedValue, published, read_published

VALUES = published()
BY_ID = {value.id: value for value in VALUES}


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.id)
def test_a_value_is_documented(value: PublishedValue) -> None:
    assert check_published(value) == []


@pytest.mark.parametrize(
    "text", sorted({v.conditions.regimen for v in VALUES if not (v.conditions.doses or v.effect)})
)
def test_a_regimen_can_be_simulated_or_says_its_doses(text: str) -> None:
    if text == "ketamine, several doses and routes, mostly IV":  # a meta-analysis
        return
    assert str(parse_regimen(text)) == text


def test_every_use_has_its_reason() -> None:
    for value in VALUES:
        assert (value.used_for == "reproduce") <= (value.model is not None)
        assert value.used_for != "check" or value.model not in value.not_independent_of


def test_table_4_of_perez_ruixo_is_there_whole() -> None:
    table = [v for v in VALUES if v.source == "perez_ruixo_2021" and v.where == "Table 4"]
    assert len(table) == 6 * 3 * 4
    assert {v.conditions.patient["race"] for v in table} == {"white", "asian", "japanese"}
    assert {v.conditions.patient["age"] for v in table} == {45, 70}
    arm = "perez_ruixo_2021.over_60_japanese_84mg"
    numbers = [
        BY_ID[f"{arm}.{name}"].value
        for name in ("esketamine.cmax", "esketamine.auc", "esnorketamine.cmax", "esnorketamine.auc")
    ]
    assert numbers == [133.8, 513.9, 214.4, 1121.0]
    assert BY_ID[f"{arm}.esketamine.auc"].conditions.window == (0, 24)


@pytest.mark.parametrize(
    ("dose", "cmax", "tmax", "auc"),
    [
        (50, (96, 276, 101), (18.8, 61, 81), (8363, 38497, 24087)),
        (100, (144, 426, 189), (19.1, 78, 109), (13347, 67959, 44972)),
    ],
)
def test_table_2_of_simons(
    dose: int, cmax: tuple[float, ...], tmax: tuple[float, ...], auc: tuple[float, ...]
) -> None:
    analytes = ("esketamine", "esnorketamine", "eshydroxynorketamine")
    for quantity, numbers in (("cmax", cmax), ("tmax", tmax), ("auc", auc)):
        for analyte, number in zip(analytes, numbers, strict=True):
            assert BY_ID[f"simons_2022.film_{dose}mg.{analyte}.{quantity}"].value == number


def test_the_peak_of_the_antidepressant_infusion() -> None:
    value = BY_ID["racemate.zarate_2006_iv.ketamine.cmax"]
    # it chose the default model of the IV racemate, so it is no check
    assert (value.value, value.unit, value.used_for) == (185, "ng/mL", "fit")
    assert value.to("umol/L") == pytest.approx(0.78, abs=0.005)


def test_units_turn_between_amount_and_mass() -> None:
    value = BY_ID["kamp_2020_bja.racemate.esketamine.concentration.3h"]
    assert value.unit == "nmol/mL"
    assert value.to("ng/mL") == pytest.approx(1.0457 * 237.73)
    assert value.to("nmol/mL") == value.value
    with pytest.raises(InputError):
        value.to("L/h")


def test_a_racemate_has_enantiomers_of_like_size() -> None:
    for time in ("0.5h", "1.5h", "3h", "5h"):
        s = BY_ID[f"kamp_2020_bja.racemate.esketamine.concentration.{time}"].value
        r = BY_ID[f"kamp_2020_bja.racemate.arketamine.concentration.{time}"].value
        assert 1.0 < r / s < 1.15


FILE = """
source: otto_2021
where: Table 1
how: read
used_for: check
statistic: mean
people: adults
arms:
  - id: one
    regimen: esketamine 10 mg iv over 30 min once
    note: of the arm
    values:
      - {analyte: esketamine, quantity: cmax, value: 50, unit: ng/mL}
      - {analyte: esketamine, quantity: tmax, value: 0.5, unit: h, note: of the value, where: Text}
"""


def test_inner_words_stand_before_outer_ones() -> None:
    first, second = read_published(FILE, "trial.yaml")
    assert first.id == "trial.one.esketamine.cmax"
    assert (first.note, first.where) == ("of the arm", "Table 1")
    assert (second.note, second.where) == ("of the value", "Text")
    assert second.place.source == "otto_2021"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value: 50", "value: many", "trial.yaml, arm one: value: .*number"),
        ("unit: ng/mL", "unti: ng/mL", "unit: Field required"),
        (
            "value: 50",
            "value: 50, interval: [60, 70], interval_kind: range",
            "outside its interval",
        ),
        ("value: 50", "value: 50, interval: [40, 70]", "needs interval_kind"),
        ("quantity: cmax", "quantity: concentration", "needs its time"),
        ("quantity: cmax", "quantity: peak", "quantity: "),
        ("used_for: check", "used_for: reproduce", "needs the model"),
        ("people: adults", "persons: adults", "Field required"),
        ("arms:", "limbs:", "holds a list 'arms'"),
        ("source: otto_2021", "source: [", "this is not YAML"),
    ],
)
def test_a_broken_file_is_answered_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_published(FILE.replace(old, new, 1), "trial.yaml")
