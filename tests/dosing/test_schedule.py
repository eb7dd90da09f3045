import pytest
from dosing.regimens import regimens
from hypothesis import HealthCheck, given, settings

from ketascope.dosing import (
    Amount,
    Component,
    Frequency,
    Phase,
    Regimen,
    RegimenLike,
    Schedule,
    parse_regimen,
    schedule,
)
from ketascope.dosing.devices import devices, split
from ketascope.dosing.schedule import MAX_ADMINISTRATIONS, MAX_DAYS
from ketascope.errors import InputError
from ketascope.evidence import sources


def lay(text: str) -> Schedule:
    return schedule(parse_regimen(text))


def days(text: str) -> list[int]:
    return [session.day for session in lay(text).sessions]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("once", [1]),
        ("daily for 3 days", [1, 2, 3]),
        ("every 3 days for 10 days", [1, 4, 7, 10]),
        ("every other day for 1 week", [1, 3, 5, 7]),
        ("weekly for 3 weeks", [1, 8, 15]),
        ("twice weekly for 2 weeks", [1, 4, 8, 11]),
        ("3 times weekly for 2 weeks", [1, 3, 5, 8, 10, 12]),
        ("4 times weekly for 1 week", [1, 2, 4, 6]),
        ("7 times weekly for 1 week", [1, 2, 3, 4, 5, 6, 7]),
        ("twice weekly for 10 days", [1, 4, 8]),
        ("fortnightly for 4 weeks", [1, 15]),
        ("monthly for 3 doses", [1, 29, 57]),
        ("on days 1, 4, 8", [1, 4, 8]),
        ("twice weekly for 5 doses", [1, 4, 8, 11, 15]),
        ("twice daily for 2 days", [1, 1, 2, 2]),
        ("every 36 h for 4 doses", [1, 2, 4, 5]),
    ],
)
def test_days(words: str, expected: list[int]) -> None:
    assert days(f"ketamine 50 mg im {words}") == expected


@pytest.mark.parametrize(
    ("first", "day"),
    [
        ("twice weekly for 4 weeks", 29),
        ("every 3 days for 10 days", 11),
        ("weekly for 3 doses", 22),
        ("twice weekly for 3 doses", 11),
        ("3 times weekly for 6 doses", 15),
        ("every 2 weeks for 2 doses", 29),
        ("once", 2),
        ("on days 1, 4, 8", 9),
        ("on day 1 for 3 days", 4),
    ],
)
def test_the_next_phase_follows(first: str, day: int) -> None:
    assert days(f"ketamine 50 mg im {first} then 60 mg once")[-1] == day


def test_listed_days_count_from_the_first_day_of_their_phase() -> None:
    assert days("ketamine 50 mg im weekly for 1 week then 60 mg on days 2, 5") == [1, 9, 12]


def test_days_of_the_course_count_from_its_first_day() -> None:
    assert days("ketamine 50 mg im on day 1 then 60 mg on days 4, 8 of the course") == [1, 4, 8]
    # the next phase starts on the day after, also where the phase before ended within a day
    text = "ketamine 5 mg im every 20 h for 1 dose then on days 2, 4 of the course then 6 mg once"
    with pytest.raises(InputError, match=r"begin on day 2 or later"):
        lay(text.replace("days 2", "days 1"))
    assert [s.time / 24 for s in lay(text).sessions] == pytest.approx([0, 1, 3, 4])


def test_days_of_the_course_before_their_phase_are_refused() -> None:
    with pytest.raises(InputError, match=r"day 7 of the course.*begin on day 8 or later"):
        lay("ketamine 50 mg im weekly for 1 week then on days 7, 9 of the course")
    assert days("ketamine 50 mg im weekly for 1 week then on day 8 of the course") == [1, 8]


def test_nasal_devices_are_five_minutes_apart() -> None:
    laid = lay("esketamine 84 mg intranasal on days 1, 4")
    second = laid.of_session(1)
    assert [a.device for a in second] == [0, 1, 2]
    assert [a.time for a in second] == pytest.approx([72, 72 + 5 / 60, 72 + 10 / 60])
    assert all(a.amount == Amount(28.0, "mg") for a in second)
    assert laid.sessions[1].end == pytest.approx(72 + 10 / 60)
    assert laid.sessions[1].label == "day 4: esketamine 84 mg intranasal"


def test_one_spray_is_half_a_device() -> None:
    given = lay("esketamine 70 mg intranasal once").administrations
    assert [a.amount.value for a in given] == [28, 28, 14]


def test_other_nasal_sprays_are_given_at_once() -> None:
    for text in ("ketamine 50 mg intranasal", "esketamine 50 mg intranasal solution"):
        assert len(lay(text).administrations) == 1


def test_an_infusion_ends_a_session() -> None:
    laid = lay("ketamine 0.1 mg/kg iv bolus and 0.15 mg/kg/h iv over 60 min once")
    bolus, infusion = laid.administrations
    assert (bolus.duration, infusion.duration) == (0, 1)
    assert infusion.amount == Amount(0.15, "mg/kg")
    assert (laid.sessions[0].time, laid.sessions[0].end) == (0, 1)
    assert laid.horizon == 24


def test_the_horizon_is_the_end_of_the_course() -> None:
    assert lay("ketamine 50 mg im twice weekly for 4 weeks").horizon == 28 * 24
    assert lay("ketamine 500 mg sc over 72 h once").horizon == 72


def test_drugs_and_routes_in_order_of_use() -> None:
    laid = lay("ketamine 0.1 mg/kg iv bolus once then esketamine 84 mg intranasal once")
    assert laid.drugs == ("ketamine", "esketamine")
    assert laid.routes == ("intravenous", "intranasal")


@pytest.mark.parametrize(
    "words", ["every 1 h for 3000 days", "weekly for 600 weeks", "daily for 100000 doses"]
)
def test_endless_courses_are_refused(words: str) -> None:
    with pytest.raises(InputError, match="course"):
        lay(f"ketamine 50 mg im {words}")


def test_a_device_refuses_what_it_cannot_give() -> None:
    component = Component("esketamine", Amount(30.0, "mg"), "intranasal")
    with pytest.raises(InputError, match="cannot give 30 mg"):
        schedule(Regimen((Phase((component,), Frequency("once")),)))


def test_device_spacing_can_be_given() -> None:
    parts = split("esketamine", "intranasal", None, Amount(56.0, "mg"), spacing_min=12)
    assert [offset for offset, _ in parts] == [0, 0.2]


def test_devices_have_sources() -> None:
    assert {device.source for device in devices()} <= set(sources())


def test_a_regimen_stands_where_a_regimen_can() -> None:
    regimen = parse_regimen("ketamine 50 mg im once")
    assert isinstance(regimen, RegimenLike)
    assert regimen.text == str(regimen)
    assert regimen.schedule() == schedule(regimen)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(regimens())
def test_every_schedule_is_in_order(regimen: Regimen) -> None:
    try:
        laid = schedule(regimen)
    except InputError:
        # Random courses are often too long; what they are refused for is tested above.
        return
    times = [a.time for a in laid.administrations]
    assert times == sorted(times)
    assert times[0] == 0
    assert len(times) <= MAX_ADMINISTRATIONS
    assert laid.horizon <= MAX_DAYS * 24
    assert [s.index for s in laid.sessions] == list(range(len(laid.sessions)))
    assert laid.horizon >= max(a.end for a in laid.administrations)
    assert laid.horizon >= laid.sessions[-1].time + 24
    by_session: dict[int, list[float]] = {s.index: [] for s in laid.sessions}
    for given_ in laid.administrations:
        by_session[given_.session] += [given_.time, given_.end]
    for s in laid.sessions:
        assert (s.time, s.end) == (min(by_session[s.index]), max(by_session[s.index]))
        assert (s.day - 1) * 24 <= s.time + 1e-6 < s.day * 24 + 1e-6
