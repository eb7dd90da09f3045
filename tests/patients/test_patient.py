"""One person: units, synonyms, limits, and sentences that help."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketascope.errors import InputError
from ketascope.patients import Patient
from ketascope.patients.values import LIMITS, RACES, SEXES


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("weight", 70, 70.0),
        ("weight", "70", 70.0),
        ("weight", "70 kg", 70.0),
        ("weight", "154 lb", 154 * 0.45359237),
        ("weight", "11 st 4 lb", 158 * 0.45359237),
        ("weight", "3500 g", 3.5),
        ("weight", " 7e1kg ", 70.0),
        ("height", "170 cm", 170.0),
        ("height", "1.70 m", 170.0),
        ("height", "5 ft 7 in", 67 * 2.54),
        ("height", "5'7\"", 67 * 2.54),
        ("height", "5 feet, 7 inches", 67 * 2.54),
        ("height", "67 in", 67 * 2.54),
        ("age", "45 years", 45.0),
        ("age", "18 months", 1.5),
        ("age", "1 year 6 months", 1.5),
        ("sex", "F", "female"),
        ("sex", "woman", "female"),
        ("sex", "Man", "male"),
        ("race", "Caucasian", "white"),
        ("race", "African-American", "black"),
        ("race", "Black or African American", "black"),
        ("race", "asian (not japanese)".replace("not", "non"), "asian"),
        ("race", "Japanese", "japanese"),
        ("race", "Native Hawaiian or other Pacific Islander", "other"),
        ("setting", " clinic ", "clinic"),
        ("name", 17, "17"),
        ("weight", "unknown", None),
        ("sex", "", None),
        ("age", None, None),
    ],
)
def test_reads_what_people_write(key: str, written: object, value: object) -> None:
    read = getattr(Patient.of({key: written}), key)
    assert read == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("key", "written", "message"),
    [
        ("weight", 4000, "weight 4000 is outside 0.5 to 400 kg"),
        ("weight", "70,5", "weight '70,5' is not understood"),
        ("weight", "70 cm", "weight '70 cm' is not understood"),
        ("weight", "70 kg 30", "is not understood"),
        ("weight", "heavy", "is not understood"),
        ("weight", math.nan, "weight is not a finite number"),
        ("weight", -math.inf, "weight is not a finite number"),
        ("weight", 10**400, "weight is not a finite number"),
        ("weight", True, "weight is True, which is not a number"),
        ("weight", [70], "weight is [70], which is not a number"),
        ("height", 1.7, "height 1.7 is outside 30 to 250 cm"),
        ("age", 121, "age 121 is outside 0 to 120 y"),
        ("age", "18 m", "age '18 m' is not understood"),
        ("sex", "no", "give female or male, or leave it out"),
        ("race", "martian", "give white, black, asian, japanese or other"),
        ("notes", 3, "notes are not texts"),
        ("setting", "a\nb", "setting is not a short text"),
        ("wieght", 70, "the key 'wieght' is not known; perhaps 'weight' is meant."),
        ("gender", "F", "perhaps 'sex' is meant"),
        ("weight_kg", 70, "perhaps 'weight' is meant"),
        ("zzz", 70, "the keys are age, weight, height, sex, race"),
    ],
)
def test_refuses_with_one_sentence(key: str, written: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Patient.of({key: written})
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_the_default_is_the_documented_adult() -> None:
    assert Patient.default() == Patient(45.0, 70.0, 170.0, "female", "white")
    assert Patient.default().bmi == pytest.approx(70 / 1.7**2)


def test_the_constructor_wants_plain_values() -> None:
    assert Patient(age=45).age == 45.0
    with pytest.raises(InputError, match=r"Patient\.of"):
        Patient(weight="70 kg")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"Patient\.of"):
        Patient(sex="F")


def test_a_size_that_no_adult_has_is_refused_and_a_childs_is_not() -> None:
    with pytest.raises(InputError, match="body mass index of 280"):
        Patient(weight=70, height=50)
    with pytest.raises(InputError, match="check the units"):
        Patient(age=40, weight=20, height=190)
    assert Patient(age=0.1, weight=4, height=80).bmi == pytest.approx(6.25)


def test_updating_replaces_and_checks_again() -> None:
    patient = Patient.of(age=45, weight="70 kg", sex="F", notes=["a", "b"])
    assert patient.updated({"weight": "154 lb"}).weight == pytest.approx(69.853, abs=1e-3)
    assert patient.updated({"sex": None}).sex is None
    assert patient.updated({}) == patient
    with pytest.raises(InputError, match="body mass index"):
        patient.updated({"height": 31})


def test_known_covariates_and_a_dict_that_reads_back() -> None:
    patient = Patient.of(age=45, sex="F", name="A1", notes="remark")
    assert patient.covariates() == {"age": 45.0, "sex": "female"}
    assert Patient.of(patient.as_dict()) == patient


numbers = {key: st.none() | st.floats(low, high) for key, (low, high, *_) in LIMITS.items()}


@given(
    st.fixed_dictionaries(
        {
            **numbers,
            "sex": st.none() | st.sampled_from(SEXES),
            "race": st.none() | st.sampled_from(RACES),
        }
    )
)
def test_any_plausible_person_is_kept_as_given(person: dict[str, object]) -> None:
    try:
        patient = Patient.of(person)
    except InputError as error:
        assert "body mass index" in str(error)  # noqa: PT017
        return
    assert {key: getattr(patient, key) for key in person} == person


def test_the_import_is_light() -> None:
    heavy = "{'numpy', 'pandas', 'scipy', 'yaml', 'pint', 'pyarrow', 'jax'}"
    code = f"import sys, ketascope.patients; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
