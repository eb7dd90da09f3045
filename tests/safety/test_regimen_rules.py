"""Features of regimens, worked out by hand."""

from __future__ import annotations

import math

import pytest

from ketascope.dosing import load_regimen
from ketascope.patients.patient import Patient
from ketascope.safety.regimen_rules import FEATURES, formulations, uses

PERSON = Patient(weight=80.0, height=180.0, sex="male")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks",
            {
                "first_dose": 56, "smallest_dose": 56, "largest_dose": 84, "largest_step": 28,
                "doses": 12, "total": 8 * 56 + 4 * 84, "smallest_gap": 3, "most_in_a_week": 2,
                "most_in_a_week_from_week_5": 1, "most_in_a_week_from_week_9": 0, "last_day": 50,
                "largest_dose_per_kg": 84 / 80, "shortest_infusion": 0,
            },
        ),
        (
            "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
            {
                "first_dose": 40, "largest_dose": 40, "largest_dose_per_kg": 0.5, "largest_step": 0,
                "doses": 6, "total": 240, "smallest_gap": 2, "most_in_a_week": 3, "last_day": 12,
                "shortest_infusion": 40,
            },
        ),
        (
            "ketamine 0.5 mg/kg max 30 mg iv over 40 min once",
            {"first_dose": 30, "largest_dose_per_kg": 0.375, "doses": 1, "smallest_gap": math.inf},
        ),
    ],
)  # fmt: skip
def test_features_by_hand(text: str, expected: dict[str, float]) -> None:
    (use,) = uses(load_regimen(text), PERSON)
    assert set(use.features) == set(FEATURES)
    assert {name: use.features[name] for name in expected} == pytest.approx(expected)


def test_without_a_weight_the_dose_is_unknown_and_the_rhythm_is_not() -> None:
    text = "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks"
    (use,) = uses(load_regimen(text), None)
    unknown = {name for name, value in use.features.items() if value is None}
    assert unknown == {"first_dose", "smallest_dose", "largest_dose", "largest_step", "total"}
    assert use.features["largest_dose_per_kg"] == 0.5
    (ideal,) = uses(load_regimen("ketamine 0.5 mg/kg of ideal weight iv over 40 min once"), None)
    assert ideal.features["largest_dose_per_kg"] is None


def test_two_drugs_are_two_uses() -> None:
    text = "ketamine 20 mg iv bolus and esketamine 56 mg intranasal once"
    found = uses(load_regimen(text), PERSON)
    assert [(use.drug, use.features["total"]) for use in found] == [
        ("ketamine", 20),
        ("esketamine", 56),
    ]


@pytest.mark.parametrize(
    ("drug", "route", "form", "expected"),
    [
        ("esketamine", "intranasal", None, {"nasal_esketamine"}),
        ("esketamine", "intranasal", "solution", {"nasal", "compounded"}),
        ("ketamine", "intranasal", None, {"nasal", "compounded"}),
        ("ketamine", "intravenous", None, {"iv"}),
        ("ketamine", "buccal", "lozenge", {"sublingual", "compounded"}),
    ],
)
def test_formulations(drug: str, route: str, form: str | None, expected: set[str]) -> None:
    assert formulations(drug, route, form) == expected
