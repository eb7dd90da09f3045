from pathlib import Path

import pytest

from ketascope.dosing import Amount, RegimenLike, check, parse_regimen, read_regimen_file, schedule
from ketascope.dosing.regimen_file import parse_regimen_file
from ketascope.errors import InputError

RISING = """\
name: Rising doses
drug: Spravato
route: intranasal
start: 2026-01-05
time: "09:00"
administrations:
  - {day: 1, amount: 56 mg}
  - {day: 4, time: "10:30", amount: 84 mg, spacing: 7 min}
  - {date: 2026-01-12, amount: 84 mg}
"""


def test_days_times_dates_and_spacing() -> None:
    regimen = parse_regimen_file(RISING)
    laid = schedule(regimen)
    assert [s.day for s in laid.sessions] == [1, 4, 8]
    assert [s.time for s in laid.sessions] == [0, 73.5, 168]
    second = laid.of_session(1)
    assert [a.time for a in second] == pytest.approx([73.5, 73.5 + 7 / 60, 73.5 + 14 / 60])
    assert [a.device for a in second] == [0, 1, 2]
    assert laid.sessions[1].end == pytest.approx(73.5 + 14 / 60)
    assert isinstance(regimen, RegimenLike)
    assert regimen.text == str(regimen) == "Rising doses"
    assert regimen.start == "2026-01-05"
    assert check(regimen) == []


def test_devices_listed_one_by_one_are_one_session() -> None:
    laid = schedule(
        parse_regimen_file(
            "drug: esketamine\nroute: in\namount: 28 mg\nadministrations:\n"
            '  - {day: 1, time: "09:00"}\n  - {day: 1, time: "09:07"}\n'
            '  - {day: 1, time: "09:20"}\n'
        )
    )
    assert [a.device for a in laid.administrations] == [0, 1, 2]
    assert len(laid.sessions) == 1
    assert laid.sessions[0].end == pytest.approx(20 / 60)


def test_a_bolus_and_an_infusion_as_in_words() -> None:
    laid = schedule(
        parse_regimen_file(
            "drug: ketamine\nroute: iv\nadministrations:\n"
            "  - {day: 1, amount: 0.1 mg/kg, duration: bolus}\n"
            "  - {day: 1, amount: 0.15 mg/kg/h of ideal weight max 20 mg, duration: 60 min}\n"
        )
    )
    words = "ketamine 0.1 mg/kg iv bolus and 0.15 mg/kg/h of ideal weight max 20 mg iv over 60 min"
    assert laid == schedule(parse_regimen(words))


def test_a_bare_spacing_is_in_minutes() -> None:
    assert parse_regimen_file(RISING.replace("7 min", "7")).schedule() == (
        parse_regimen_file(RISING).schedule()
    )
    with pytest.raises(InputError, match="spacing"):
        parse_regimen_file(RISING.replace("7 min", "true"))


def test_clock_times_without_quotes_are_clock_times() -> None:
    laid = schedule(
        parse_regimen_file(
            "drug: ketamine\nroute: im\namount: 50 mg\nadministrations:\n"
            "  - {day: 2, time: 11:45}\n  - {day: 1, time: 10:30}\n"
        )
    )
    assert [a.time for a in laid.administrations] == [0, 25.25]
    assert laid.administrations[0].amount == Amount(50.0, "mg")


HEAD = "drug: ketamine\nroute: im\nadministrations:\n  - {day: 1, amount: 50 mg}\n"
BAD = [
    ("- 1", "f.yaml: the file does not hold a regimen"),
    ("", "f.yaml: the file does not hold a regimen"),
    ("a: [", "f.yaml, line 1: the file is not YAML"),
    ("a: &x [1]\nb: *x", "f.yaml, line 2: the file is not YAML that can be read (aliases"),
    ("drug: ketamine", "administrations: 'administrations' is missing"),
    ("administrations: []", "f.yaml, line 1, administrations: the value cannot be used"),
    (HEAD + "  - {day: 2, amout: 5 mg}", "f.yaml, line 5, administrations.2.amout: 'amout'"),
    (HEAD + "  - {day: 2}", "line 5, administrations.2.amount: 'amount' is missing"),
    (HEAD + "  - {amount: 5 mg}", "administrations.2.day: 'day' is missing"),
    (HEAD + "  - {day: 0, amount: 5 mg}", "line 5, administrations.2.day: the value"),
    (HEAD + "  - {day: 2.5, amount: 5 mg}", "line 5, administrations.2.day: the value"),
    (HEAD + "  - {day: 2, amount: five}", "line 5, administrations.2.amount: the regimen stops"),
    (HEAD + "  - {day: 2, amount: 5 mgg}", "line 5, administrations.2.amount: 'mgg'"),
    (HEAD + "  - {day: 2, amount: -5 mg}", "-5 is not greater than zero"),
    (HEAD + "  - {day: 2, amount: 5 mg, route: nsal}", "did you mean 'nasal'"),
    (HEAD + "  - {day: 2, amount: 5 mg, drug: aspirin}", "'aspirin' is not a drug"),
    (HEAD + "  - {day: 2, amount: 5 mg, form: film}", "does not go with the intramuscular route"),
    (HEAD + '  - {day: 2, amount: 5 mg, time: "25:00"}', "'25:00' is not a clock time"),
    (HEAD + "  - {day: 2, amount: 5 mg, time: noon}", "'noon' is not a clock time"),
    (HEAD + "  - {day: 2, amount: 5 mg, duration: 5 min}", "duration: the intramuscular route"),
    (HEAD + "  - {day: 2, amount: 5 mg, route: iv}", "how fast it is given"),
    (HEAD + "  - {date: 2026-01-05, amount: 5 mg}", "a date needs the date of day 1"),
    (HEAD + "  - {day: 2, date: 2026-01-05, amount: 5 mg}", "'day' and 'date' are both given"),
    (HEAD.replace("day: 1", "day: 3"), "falls on day 3"),
    (HEAD.replace("ketamine", "esketamine").replace("im", "in"), "cannot give 50 mg"),
    ("start: 2026-02-30\n" + HEAD, "the file is not YAML"),
]


@pytest.mark.parametrize(("text", "says"), BAD, ids=range(len(BAD)))
def test_refusals_name_file_line_and_key(text: str, says: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_regimen_file(text, "f.yaml")
    message = str(refusal.value)
    assert says in message
    assert message.startswith("f.yaml")
    assert "\n" not in message


def test_unreadable_files(tmp_path: Path) -> None:
    binary = tmp_path / "b.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_regimen_file(binary)
    with pytest.raises(InputError, match="cannot be read"):
        read_regimen_file(tmp_path)
    huge = tmp_path / "h.yaml"
    huge.write_bytes(b"#" * 5_000_001)
    with pytest.raises(InputError, match="too large"):
        read_regimen_file(huge)
