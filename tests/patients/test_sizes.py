"""Ideal, lean and adjusted weight against hand-worked values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ketascope.errors import InputError
from ketascope.patients import (
    BASES,
    Population,
    adjusted_weight,
    body_mass_index,
    body_surface_area,
    ideal_weight,
    lean_weight,
    sample_population,
    weight_for,
    weight_notes,
)
from ketascope.patients.sizes import PARAMETERS


def test_ideal_weight_by_hand() -> None:
    # 5 ft 10 in: 50 + 2.3 * 10 = 73 kg; 5 ft 4 in: 45.5 + 2.3 * 4 = 54.7 kg; 5 ft: 50 and 45.5
    height = np.array([70, 64, 60, 60]) * 2.54
    sex = ["male", "female", "male", "female"]
    np.testing.assert_allclose(ideal_weight(height, sex), [73.0, 54.7, 50.0, 45.5], rtol=1e-12)


def test_ideal_weight_continues_its_line_below_five_feet_and_stops() -> None:
    assert ideal_weight(58 * 2.54, "female") == pytest.approx(45.5 - 4.6)
    with pytest.raises(InputError, match="no ideal weight is defined for a height of 110 cm"):
        ideal_weight([170.0, 110.0], "male")


def test_lean_weight_by_hand() -> None:
    # 110 kg, 178 cm, man: BMI 34.7178; 9270 * 110 / (6680 + 216 * 34.7178) = 71.92 kg
    assert lean_weight(110, 178, "male") == pytest.approx(71.92, abs=0.01)
    # 70 kg, 170 cm, woman: BMI 24.2215; 9270 * 70 / (8780 + 244 * 24.2215) = 44.17 kg
    assert lean_weight(70, 170, "female") == pytest.approx(44.17, abs=0.01)


def test_adjusted_weight_lies_four_tenths_of_the_way() -> None:
    # 110 kg, 178 cm, man: ideal 73.1811 kg; 73.1811 + 0.4 * 36.8189 = 87.9087 kg
    assert adjusted_weight(110, 178, "male") == pytest.approx(87.9087, abs=1e-3)
    ideal = ideal_weight(178, "male")
    assert adjusted_weight(ideal, 178, "male") == pytest.approx(ideal)


def test_index_and_surface() -> None:
    assert body_mass_index(70, 170) == pytest.approx(24.2215, abs=1e-4)
    assert body_surface_area(72, 180) == pytest.approx(np.sqrt(3.6))


def test_lean_weight_rises_with_weight_and_stays_below_it() -> None:
    weight = np.linspace(40, 250, 50)
    for sex in ("female", "male"):
        lean = lean_weight(weight, 165, sex)
        assert np.all(np.diff(lean) > 0)
        assert np.all(lean < weight)


def test_unknown_sizes_give_unknown_weights() -> None:
    assert np.isnan(ideal_weight([np.nan, 170.0], "male")).tolist() == [True, False]
    with pytest.raises(InputError, match="sex is not known"):
        ideal_weight(170, ["unknown"])


def test_every_constant_has_a_source() -> None:
    for parameter in PARAMETERS:
        assert parameter.place.source
        assert parameter.place.how


def test_weights_for_a_dose() -> None:
    people = sample_population(50, 3)
    data = people.data
    np.testing.assert_array_equal(weight_for(people), data["weight"])
    np.testing.assert_array_equal(
        weight_for(data, "ideal"), ideal_weight(data["height"], data["sex"])
    )
    for basis in BASES:
        result = weight_for(people, basis)
        assert result.shape == (50,)
        assert result.dtype == np.float64


def test_weights_name_who_lacks_what() -> None:
    child = sample_population(3, fixed={"age": 12, "weight": 40})
    assert weight_for(child).tolist() == [40.0] * 3
    with pytest.raises(
        InputError, match="ideal weight needs the height, which is unknown for pers"
    ):
        weight_for(child, "ideal")
    with pytest.raises(InputError, match="needs the sex"):
        weight_for(pd.DataFrame({"weight": [70.0], "height": [170.0]}), "lean")
    with pytest.raises(InputError, match="'total' is not known; choose one of actual, ideal"):
        weight_for(child, "total")


def test_short_people_are_mentioned() -> None:
    short = Population.from_frame(pd.DataFrame({"height": [150, 170], "sex": ["F", "M"]}))
    assert "1 person is shorter than 152.4 cm" in weight_notes(short, "ideal")[0]
    assert weight_notes(short, "lean") == ()
