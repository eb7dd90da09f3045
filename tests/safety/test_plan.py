"""Plans: times, forms, checks, infusions and the calendar file, against sums done by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.patients import Patient
from ketascope.safety.infusion import infusion_sheet
from ketascope.safety.plan import Plan, plan
from ketascope.safety.plan_data import plan_data
from ketascope.safety.plan_record import plan_ics, plan_record

START = date(2027, 3, 1)
SPRAY = "label:spravato-trd-us"
DRIP = "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks"
WOMAN = Patient.of({"age": 60, "weight": 80, "height": 170, "sex": "female"})


@pytest.fixture(scope="module")
def spray() -> Plan:
    return plan(SPRAY, WOMAN, jurisdiction="us", start=START)


@pytest.fixture(scope="module")
def drip() -> Plan:
    return plan(DRIP, WOMAN, jurisdiction="us", start=START)


def test_sessions_lie_on_the_days_of_the_label(spray: Plan) -> None:
    days = [(visit.start.date() - START).days + 1 for visit in spray.visits]
    assert days == [1, 4, 8, 11, 15, 18, 22, 25, 29, 36, 43, 50]
    assert {visit.start.time() for visit in spray.visits} == {time(9)}


def test_times_of_a_session_of_three_devices(spray: Plan) -> None:
    visit = spray.visits[1]
    by_id = {moment.step.id: moment for moment in visit.moments}
    assert visit.end.time() == time(9, 10)
    assert by_id["nasal_food"].at.time() == time(7)
    assert by_id["nasal_drink"].at.time() == time(8, 30)
    assert by_id["nasal_pressure_40"].at.time() == time(9, 50)
    assert visit.leave_from is not None
    assert visit.leave_from.time() == time(11, 10)


def test_the_form_is_due_within_seven_days(spray: Plan) -> None:
    for visit in spray.visits:
        assert [(s.id, day - visit.start.date()) for s, day in visit.due] == [
            ("rems_form", timedelta(days=7))
        ]


def test_benefit_is_reviewed_after_week_four(spray: Plan) -> None:
    assert [day for day, step in spray.checks if step.id == "nasal_review"] == [date(2027, 3, 29)]


def test_a_jurisdiction_changes_what_it_should(spray: Plan) -> None:
    eu = plan(SPRAY, WOMAN, jurisdiction="eu", start=START)
    ids = {step.id for visit in spray.visits for step in visit.steps}
    eu_ids = {step.id for visit in eu.visits for step in visit.steps}
    assert "nasal_staff" in ids - eu_ids
    assert "eu_resuscitation" in eu_ids - ids
    assert not any(visit.due for visit in eu.visits)
    assert {a.id for a in spray.alerts} - {a.id for a in eu.alerts} == {"pressure_before"}


def test_no_time_to_leave_is_made_up_for_an_infusion(drip: Plan) -> None:
    assert all(visit.leave_from is None for visit in drip.visits)
    assert any("observation time" in text for text in drip.open)
    assert "No source sets when the patient may leave" in plan_ics(drip).decode().replace(
        "\r\n ", ""
    )


def test_an_infusion_without_a_weight_is_open() -> None:
    found = plan(DRIP, None, jurisdiction="us", start=START)
    assert found.sheets == ()
    assert any("weight" in text for text in found.open)


def test_the_sheet_of_an_infusion(drip: Plan) -> None:
    (sheet,) = drip.sheets
    assert sheet.drug_mg == 40
    assert (sheet.drug_ml, sheet.diluent_ml, sheet.total_ml) == (0.8, 39.2, 40)
    assert sheet.rate_ml_per_h == 60
    # Devine: 45.5 kg and 2.3 kg for each inch over 60
    ideal = 45.5 + 2.3 * (170 / 2.54 - 60)
    assert sheet.by_basis["ideal"] == pytest.approx(0.5 * ideal, rel=1e-3)
    assert sheet.by_basis["adjusted"] == pytest.approx(0.5 * (ideal + 0.4 * (80 - ideal)), rel=1e-3)


@given(
    amount=st.floats(0.05, 4.0),
    weight=st.floats(30, 200),
    minutes=st.floats(1, 600),
    vial=st.sampled_from([10.0, 50.0, 100.0]),
    target=st.sampled_from([0.5, 1.0, 2.0, 5.0]),
)
def test_what_is_drawn_up_and_run_is_the_dose(
    amount: float, weight: float, minutes: float, vial: float, target: float
) -> None:
    sheet = infusion_sheet(
        amount, "mg/kg", minutes=minutes, weight=weight, vial=vial, target=target
    )
    dose = amount * weight
    assert sheet.drug_ml * vial == pytest.approx(dose, rel=1e-3)
    assert (sheet.drug_ml + sheet.diluent_ml) * target == pytest.approx(dose, rel=2e-3)
    run = sheet.rate_ml_per_h * minutes / 60 * sheet.concentration_mg_per_ml
    assert run == pytest.approx(dose, rel=1e-3)
    assert any("must be diluted" in text for text in sheet.remarks) == (vial == 100)
    assert any("too little" in text for text in sheet.remarks) == (dose / vial < 0.1)


def test_a_cap_holds() -> None:
    sheet = infusion_sheet(0.5, "mg/kg", minutes=40, weight=150, cap_mg=60)
    assert sheet.drug_mg == 60
    assert any("75 mg" in text for text in sheet.remarks)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vial": 25.0}, "no vial of 25"),
        ({"vial": 10.0, "target": 20.0}, "cannot give 20"),
        ({"minutes": 0.0}, "no value of the duration"),
        ({"amount": -1.0}, "no value of the dose"),
        ({"amount": float("nan")}, "no value of the dose"),
        ({"weight": None}, "needs the weight"),
        ({"unit": "ug/kg"}, "no unit of a dose"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], said: str) -> None:
    asked = {"amount": 0.5, "unit": "mg/kg", "minutes": 40.0, "weight": 70.0} | change
    amount, unit = asked.pop("amount"), asked.pop("unit")
    with pytest.raises(InputError, match=said):
        infusion_sheet(amount, unit, **asked)  # type: ignore[arg-type]


def test_unknown_places_are_refused() -> None:
    with pytest.raises(InputError, match="no jurisdiction 'mars'"):
        plan(SPRAY, jurisdiction="mars", start=START)
    with pytest.raises(InputError, match="no help lines of 'fr'"):
        plan(SPRAY, jurisdiction="eu", start=START, country="fr")
    without = plan(SPRAY, jurisdiction="eu", start=START)
    assert any("Help lines of EU: none was read" in text for text in without.open)


def test_the_calendar_file_reads_back(spray: Plan) -> None:
    stamp = datetime(2027, 1, 1, tzinfo=UTC)
    text = plan_ics(spray, stamp=stamp)
    assert text == plan_ics(spray, stamp=stamp)
    read = Calendar.from_ical(text)
    events = read.walk("VEVENT")
    assert len(events) == len(spray.visits) * 2 + len(spray.checks)
    assert len({str(event["uid"]) for event in events}) == len(events)
    first = events[0]
    assert first.decoded("dtstart") == spray.visits[0].start
    assert first.decoded("dtend") == spray.visits[0].leave_from


def test_times_keep_their_hour_over_a_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/Zurich")
    found = plan(SPRAY, WOMAN, jurisdiction="ch", start=date(2027, 3, 22), zone=zone)
    assert {visit.start.hour for visit in found.visits} == {9}
    offsets = {visit.start.utcoffset() for visit in found.visits}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}
    read = Calendar.from_ical(plan_ics(found))
    assert read.walk("VTIMEZONE")


def test_a_record_is_json_and_every_step_has_a_source(spray: Plan, drip: Plan) -> None:
    for whole in (spray, drip):
        record = plan_record(whole, as_of="2027-01-01")
        assert json.loads(json.dumps(record)) == record
        assert record["schema"] == "ketascope/plan/1"
    for step in plan_data().steps:
        assert step.source in sources()
    for line in plan_data().help_lines:
        assert line.source in sources()
    assert plan_data().infusion.source in sources()
