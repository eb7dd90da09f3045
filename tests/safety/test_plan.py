"""Plans: times, forms, checks, infusions and the calendar file, against sums done by hand."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.patients import Patient
from ketascope.patients.record import read_record
from ketascope.report.plan_page import plan_context, plan_page, plan_text
from ketascope.report.safe_use import SafeUse, safe_use_sections
from ketascope.safety.infusion import infusion_sheet
from ketascope.safety.plan import Plan, Visit, later, plan
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
        ({"vial": 100.0, "target": 100.0}, "must be diluted"),
        ({"weight": -70.0}, "no weight"),
        ({"weight": float("nan")}, "no weight"),
        ({"cap_mg": 0.0}, "no cap"),
        ({"cap_mg": -40.0}, "no cap"),
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


def test_too_little_says_what_can_be_done() -> None:
    small = infusion_sheet(0.1, "mg/kg", minutes=40, weight=3, vial=10)
    assert any("dilute a known volume first" in text for text in small.remarks)
    small = infusion_sheet(0.1, "mg/kg", minutes=40, weight=3, vial=50)
    assert any("vial of lower strength" in text for text in small.remarks)


MIXED = (
    "esketamine 56 mg intranasal twice weekly for 1 weeks then "
    "ketamine 0.5 mg/kg iv over 40 min once weekly for 2 weeks"
)


def ids(visit: Visit) -> set[str]:
    return {s.id for s in (*(m.step for m in visit.moments), *visit.steps)}


def test_each_session_has_the_steps_of_its_own_doses() -> None:
    mixed = plan(MIXED, WOMAN, jurisdiction="us", start=START)
    sprays, drips = mixed.visits[:2], mixed.visits[2:]
    for visit in sprays:
        assert {"nasal_pressure_40", "nasal_staff"} <= ids(visit)
        assert not any(name.startswith("infusion") for name in ids(visit))
        assert visit.leave_from is not None
        assert visit.due
    for visit in drips:
        assert {"infusion_watch", "infusion_staff"} <= ids(visit)
        assert not any(name.startswith("nasal") for name in ids(visit))
        assert visit.leave_from is None
        assert not visit.due
    # the order in which the drugs come changes nothing
    turned = " then ".join(reversed(MIXED.split(" then ")))
    other = plan(turned, WOMAN, jurisdiction="us", start=START)
    assert {a.id for a in other.alerts} == {a.id for a in mixed.alerts}
    assert {frozenset(ids(v)) for v in other.visits} == {frozenset(ids(v)) for v in mixed.visits}
    text = plan_text(plan_context(mixed))
    assert text.count("A dosing day:") == 2
    assert "alike, with the times of their own dose: 4." in text


def test_times_of_a_step_are_of_the_dose_that_it_is_for() -> None:
    both = "esketamine 84 mg intranasal and ketamine 0.5 mg/kg iv over 40 min once"
    (visit,) = plan(both, WOMAN, jurisdiction="us", start=START).visits
    by_id = {moment.step.id: moment for moment in visit.moments}
    assert by_id["nasal_pressure_40"].at.time() == time(9, 50)
    assert visit.end.time() == time(9, 40)
    assert visit.leave_from is None


def test_a_compounded_spray_is_not_the_device() -> None:
    found = plan("esketamine 56 mg solution intranasal once", WOMAN, jurisdiction="us", start=START)
    assert ids(found.visits[0]) == {"crisis"}
    assert any(
        "Esketamine solution intranasal" in text and "no source was read for US" in text
        for text in found.open
    )


@pytest.mark.parametrize("jurisdiction", ["eu", "uk", "ch"])
def test_what_was_not_read_for_a_place_is_said(jurisdiction: str) -> None:
    found = plan(SPRAY, WOMAN, jurisdiction=jurisdiction, start=START)
    told = " ".join(found.open)
    assert f"asked for in US and not read for {jurisdiction.upper()}" in told
    assert "people on site" in told
    assert "limit of oxygen saturation" in told
    unread = "A limit of pressure before esketamine: none was read for CH" in told
    assert unread == (jurisdiction == "ch")


@pytest.mark.parametrize(
    "regimen", ["ketamine 100 mg oral once", "arketamine 20 mg iv over 40 min once"]
)
def test_ways_without_a_source_say_so(regimen: str) -> None:
    told = " ".join(plan(regimen, WOMAN, jurisdiction="us", start=START).open)
    assert "readings" in told.partition("no source was read for US")[0]
    assert "observation time" in told


def test_an_infusion_under_the_skin_says_why_it_has_no_sheet() -> None:
    found = plan("ketamine 20 mg sc over 40 min once", WOMAN, jurisdiction="us", start=START)
    assert found.sheets == ()
    assert any("subcutaneous over time" in text for text in found.open)


def test_a_report_shows_the_dosing_day_of_each_kind_of_session(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("age: 60\nweight: 80 kg\nheight: 170 cm\nsex: female\n", encoding="utf-8")
    result = xr.Dataset(attrs={"regimen": MIXED, "regimen_name": ""})
    asked = SafeUse(read_record(str(file)), "us", start=START, on=START)
    _, section = safe_use_sections(result, asked)
    captions = [table.caption for table in section.tables]
    assert sum(text.startswith("A dosing day:") for text in captions) == 2
    assert {"esketamine_rems", "sanacora_2017", "lifeline_988"} <= set(section.sources)


def test_unknown_places_are_refused() -> None:
    with pytest.raises(InputError, match="no jurisdiction 'mars'"):
        plan(SPRAY, jurisdiction="mars", start=START)
    with pytest.raises(InputError, match="no help lines of 'fr'"):
        plan(SPRAY, jurisdiction="eu", start=START, country="fr")
    without = plan(SPRAY, jurisdiction="eu", start=START)
    assert any("A line for talking in EU: none was read" in text for text in without.open)
    assert [line.emergency for line in without.help_lines] == [True]


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


def test_an_event_ends_after_it_begins_or_has_no_end() -> None:
    """RFC 5545, 3.8.2.2: the end of an event is later than its start."""
    for regimen in ("ketamine 1 mg/kg im once", "ketamine 100 mg oral once", SPRAY, DRIP):
        whole = plan(regimen, WOMAN, jurisdiction="us", start=START)
        for event in Calendar.from_ical(plan_ics(whole)).walk("VEVENT"):
            assert "dtend" not in event or event.decoded("dtend") > event.decoded("dtstart")


def test_lines_of_a_calendar_file_are_folded_and_end_as_they_must(spray: Plan) -> None:
    text = plan_ics(spray)
    lines = text.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75


def test_zones_of_a_calendar_file_last_as_long_as_the_plan() -> None:
    zone = ZoneInfo("America/New_York")
    long = plan("ketamine 50 mg oral once weekly for 520 weeks", jurisdiction="us",
                start=date(2032, 3, 1), zone=zone)  # fmt: skip
    read = Calendar.from_ical(plan_ics(long))
    (table,) = read.walk("VTIMEZONE")
    assert isinstance(table, Timezone)
    there = table.to_tz()
    for visit in long.visits:
        naive = visit.start.replace(tzinfo=None)
        assert naive.replace(tzinfo=there).utcoffset() == visit.start.utcoffset(), visit.start


def test_two_patients_at_one_time_do_not_share_events(spray: Plan) -> None:
    stamp = datetime(2027, 1, 1, tzinfo=UTC)

    def uids(owner: str) -> set[str]:
        text = plan_ics(spray, stamp=stamp, owner=owner)
        assert not owner or owner.encode() not in text
        return {str(event["uid"]) for event in Calendar.from_ical(text).walk("VEVENT")}

    assert not uids("patient-17") & uids("patient-18")
    assert uids("patient-17") == uids("patient-17")


def test_hours_of_a_session_pass_as_they_pass_when_the_clock_is_changed() -> None:
    zone = ZoneInfo("America/New_York")
    # at 02:00 on 14 March it becomes 03:00
    found = plan(SPRAY, WOMAN, jurisdiction="us", start=date(2027, 3, 14), at=time(1), zone=zone)
    first = found.visits[0]
    assert first.leave_from is not None
    assert (first.start.hour, first.leave_from.hour, first.leave_from.minute) == (1, 4, 5)
    assert first.leave_from.astimezone(UTC) - first.end.astimezone(UTC) == timedelta(hours=2)
    food = next(m for m in first.moments if m.step.id == "nasal_food")
    assert food.at.astimezone(UTC) == first.start.astimezone(UTC) - timedelta(hours=2)
    assert {visit.start.hour for visit in found.visits} == {1}


def test_a_part_of_a_minute_is_never_taken_from_the_time_of_leaving() -> None:
    nine = datetime(2027, 3, 1, 9)
    assert later(nine, 2 + 0.6 / 60, up=True) == datetime(2027, 3, 1, 11, 1)
    assert later(nine, 2.0, up=True) == datetime(2027, 3, 1, 11)
    assert later(nine, -2.0) == datetime(2027, 3, 1, 7)
    assert later(nine, 0.667) == datetime(2027, 3, 1, 9, 40)


def test_a_time_of_day_with_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="zone of its own"):
        plan(SPRAY, jurisdiction="us", start=START, at=time(9, tzinfo=UTC))


def test_ten_years_of_doses_are_laid_out() -> None:
    long = plan("ketamine 50 mg oral once daily for 3650 days", jurisdiction="us", start=START)
    assert len(long.visits) == 3650
    assert long.visits[-1].start == datetime.combine(START, time(9)) + timedelta(days=3649)


def test_the_page_escapes_and_names_how_each_source_was_read(spray: Plan) -> None:
    predicted = {
        "who": "<b>300</b> people", "lines": ["a < b"], "not_predicted": ["<i>x</i>: why"],
        "table": [],
    }  # fmt: skip
    page = plan_page(spray, predicted=predicted)
    assert "&lt;b&gt;300" in page
    assert "&lt;i&gt;x" in page
    assert "<b>300" not in page
    assert page.count("Checked:") >= 4
    text = plan_text(plan_context(spray, predicted=predicted))
    assert "Not predicted: <i>x</i>: why" in text


def test_a_dose_by_a_weight_that_is_unknown_has_no_unit() -> None:
    light = Patient.of({"age": 60, "weight": 80})
    text = plan_text(plan_context(plan(DRIP, light, jurisdiction="us", start=START)))
    said = "by ideal weight: not worked out: height and sex unknown; add to the patient's file, "
    assert f"{said}as 'height: 170 cm' and 'sex: female'\n" in text
    tall = Patient.of({"age": 60, "weight": 80, "height": 170})
    text = plan_text(plan_context(plan(DRIP, tall, jurisdiction="us", start=START)))
    assert "by adjusted weight: not worked out: sex unknown; add to the patient's file" in text


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


@pytest.mark.parametrize(
    ("country", "number"), [("us", "911"), ("uk", "999"), ("ie", "112"), ("ch", "144")]
)
def test_each_country_has_an_emergency_number_and_a_line_for_talking(
    country: str, number: str
) -> None:
    found = [line for line in plan_data().help_lines if line.country == country]
    urgent = " ".join(line.reach for line in found if line.emergency)
    others = " ".join(line.reach for line in found if not line.emergency)
    assert re.search(rf"\b{number}\b", urgent)
    assert re.search(r"\b(?:988|116 123|143)\b", others)
    assert all(line.source in sources() for line in found)
