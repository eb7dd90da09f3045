import pytest

from ketascope.dosing import check, parse_regimen, upper_bounds
from ketascope.dosing.values import DRUGS
from ketascope.errors import InputError
from ketascope.evidence import sources


def checked(text: str, *, weight_kg: float | None = None, force: bool = False) -> list[str]:
    return check(parse_regimen(text), weight_kg=weight_kg, force=force)


@pytest.mark.parametrize(
    "text",
    [
        "ketamine 4.5 mg/kg iv bolus",
        "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
        "ketamine 6 mg/kg/h iv over 5 h",
        "ketamine 500 mg sc over 24 h",
        "ketamine 13 mg/kg im",
        "esketamine 84 mg intranasal twice weekly for 4 weeks",
        "esketamine 1.5 mg/kg rectal",
        "arketamine 180 mg iv over 40 min",
    ],
)
def test_doses_up_to_the_bound_pass_without_a_word(text: str) -> None:
    assert checked(text) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("ketamine 4.6 mg/kg iv bolus", "4.5 mg/kg"),
        ("ketamine 2.5 mg/kg iv bolus and 2.5 mg/kg iv over 40 min", "4.5 mg/kg"),
        ("ketamine 6.1 mg/kg/h iv over 5 h", "6 mg/kg/h"),
        ("ketamine 1000 mg sc over 24 h", "20.9 mg/h"),
        ("ketamine 14 mg/kg im", "13 mg/kg"),
        ("esketamine 126 mg intranasal", "112 mg"),
        ("esketamine 5 mg/kg iv bolus", "2.5 mg/kg"),
        ("esketamine 100 mg oral solution", "84 mg"),
        ("arketamine 3 mg/kg iv over 40 min", "180 mg"),
    ],
)
def test_doses_above_are_refused_and_can_be_forced(text: str, bound: str) -> None:
    with pytest.raises(InputError) as refusal:
        checked(text)
    message = str(refusal.value)
    assert f"above the upper bound of {bound}" in message
    assert "--force" in message
    assert message.startswith("day 1: ")
    assert any(f"above the upper bound of {bound}" in line for line in checked(text, force=True))


def test_the_weight_decides_where_the_units_differ() -> None:
    text = "ketamine 400 mg iv bolus"
    with pytest.raises(InputError, match=r"reckoned at 70 kg"):
        checked(text)
    assert checked(text, weight_kg=100) == []
    with pytest.raises(InputError, match=r"8 mg/kg is above"):
        checked(text, weight_kg=50)


def test_a_maximum_counts() -> None:
    assert checked("ketamine 20 mg/kg max 60 mg iv over 40 min") == []


def test_more_than_a_label_recommends_is_a_warning() -> None:
    (warning,) = checked("esketamine 112 mg intranasal once")
    assert "above the 84 mg" in warning


def test_a_nasal_course_denser_than_the_labels_is_a_warning() -> None:
    (warning,) = checked("esketamine 56 mg intranasal daily for 5 days")
    assert "more than 2 times within 7 days" in warning


def test_overlapping_sessions_are_a_warning() -> None:
    (warning,) = checked("ketamine 1 mg/h iv over 4 h every 3 h for 3 doses")
    assert "before the one before it has ended" in warning


def test_routes_without_a_bound_fall_back_on_the_highest() -> None:
    (warning,) = checked("ketamine 50 mg buccal once")
    assert "no upper bound was found for buccal ketamine" in warning
    with pytest.raises(InputError, match="13 mg/kg"):
        checked("ketamine 2000 mg buccal once")


def test_a_course_that_is_too_long_cannot_be_forced() -> None:
    with pytest.raises(InputError, match="shorten the course"):
        checked("ketamine 50 mg im weekly for 600 weeks", force=True)


def test_every_bound_has_a_source_in_the_bibliography() -> None:
    assert {b.drug for b in upper_bounds()} == set(DRUGS)
    for bound in upper_bounds():
        assert {bound.place.source, bound.labelled_source} - {""} <= set(sources())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("esketamine 84 mg intranasal every 1 h for 1 day", "2016 mg within 24 h"),
        ("esketamine 56 mg intranasal 3 times daily for 2 days", "168 mg within 24 h"),
        ("ketamine 4 mg/kg iv bolus every 1 h for 1 day", "96 mg/kg within 24 h"),
    ],
)
def test_what_is_given_within_a_day_is_added_up(text, told):
    with pytest.raises(InputError) as caught:
        check(parse_regimen(text))
    assert told in str(caught.value)
    assert any("forced" in warning for warning in check(parse_regimen(text), force=True))


def test_a_dose_a_day_is_not_added_to_the_next():
    assert not any(
        "within 24 h" in warning
        for warning in check(parse_regimen("esketamine 84 mg intranasal daily for 5 days"))
    )


def test_several_sessions_on_one_day_count_as_several():
    told = check(parse_regimen("esketamine 28 mg intranasal 3 times daily for 1 day"))
    assert any("more than 2 times within 7 days" in warning for warning in told)
