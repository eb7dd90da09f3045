"""FHIR R4 records: what becomes a fact, what is denied, and what is not screened and why."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from patients.fhir_cases import (
    ATC,
    ICD,
    LOINC,
    RXNORM,
    SNOMED,
    TODAY,
    allergy,
    bundle,
    concept,
    condition,
    form,
    observation,
    only,
    patient,
    pressure,
    read,
    request,
    unscreened,
)  # fmt: skip

from ketascope.errors import InputError
from ketascope.patients import parse_patient
from ketascope.patients.fhir import read_fhir

HYPERTENSION = concept(SNOMED, "59621000", "Essential hypertension")
MEDICATION = "medicationCodeableConcept"


# -- conditions ----------------------------------------------------------------------------------


def test_a_condition_says_since_when_by_which_code_and_from_where() -> None:
    fact = only(condition(HYPERTENSION, onsetDateTime="2011-02-03", recordedDate="2012-01-01"))
    assert (fact.concept, fact.state, fact.course) == ("hypertension", "present", "active")
    assert (fact.on, fact.said) == (date(2011, 2, 3), date(2012, 1, 1))
    assert fact.code == "snomed|59621000"
    assert fact.because == ("Condition/c1: Essential hypertension (matched by SNOMED CT 59621000)")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (concept(ICD, "I71.4"), "aortic_aneurysm"),
        (concept(SNOMED, "128609009"), "intracranial_aneurysm"),
        (concept(ICD, "Q28.2"), "arteriovenous_malformation"),
        (concept(SNOMED, "274100004"), "intracerebral_haemorrhage"),
        (concept(SNOMED, "58214004"), "schizophrenia"),
        (concept(SNOMED, "13746004"), "bipolar_disorder"),
        (concept(SNOMED, "197834003"), "interstitial_cystitis"),
        (concept("urn:oid:2.16.840.1.113883.6.96", "72892002"), "pregnancy"),
    ],
)
def test_what_stands_against_ketamine_is_found_by_its_codes(code: Any, found: str) -> None:
    assert found in {fact.concept for fact in read(condition(code)).facts}
    assert read(condition(code)).state(found) == "present"
    assert read().state(found) == "unknown"


@pytest.mark.parametrize(
    ("code", "denied", "open_"),
    [
        (concept(SNOMED, "58214004"), "schizophrenia", "psychosis"),
        (concept(SNOMED, "128609009"), "intracranial_aneurysm", "aneurysmal_vascular_disease"),
        (concept(SNOMED, "38341003"), "uncontrolled_hypertension", "stroke"),
        (concept(ICD, "I71.9"), "aortic_aneurysm", "intracranial_aneurysm"),
        (concept(ICD, "I61"), "intracerebral_haemorrhage", "stroke"),
        (concept("", "", "Bipolar"), "bipolar_disorder", "mania"),
    ],
)
def test_what_is_refuted_is_denied_but_not_what_is_wider(
    code: Any, denied: str, open_: str
) -> None:
    record = read(condition(code, verified="refuted"))
    assert (record.state(denied), record.state(open_)) == ("denied", "unknown")


def test_a_part_that_is_refuted_denies_nothing() -> None:
    for code in (concept(SNOMED, "36184004"), concept(ICD, "I71.4"), concept(ICD, "F20.9")):
        assert "only a part of what is asked" in unscreened(condition(code, verified="refuted"))


def test_words_parted_by_hyphens_are_words() -> None:
    mixture = concept("", "", "Oxycodone-Acetaminophen 5-325 MG")
    assert only(request(mixture)).concept == "opioid"
    assert only(request(concept("", "", "S-Ketamine 25 mg/mL"))).concept == "esketamine_medicine"
    assert "may say that it is not so" in unscreened(condition(concept("", "", "Non-smoker")))
    assert only(condition(concept("", "", "Ex-smoker"))).course == "past"
    heart = only(condition(concept("", "", "Non-ST elevation myocardial infarction")))
    assert (heart.concept, heart.course) == ("myocardial_infarction", "active")


@pytest.mark.parametrize("status", ["inactive", "remission", "resolved"])
def test_what_is_over_is_past(status: str) -> None:
    record = read(condition(HYPERTENSION, clinical=status))
    assert record.facts[0].course == "past"
    assert record.state("hypertension") == "unknown"
    assert record.state("hypertension", when="ever") == "present"


@pytest.mark.parametrize(
    "ended",
    [
        {"abatementDateTime": "2020-05"},
        {"abatementString": "in spring"},
        {"abatementPeriod": {"end": "2020-05-01"}},
        {"abatementAge": {"value": 40, "code": "a", "system": "http://unitsofmeasure.org"}},
    ],
)
def test_an_abatement_ends_it_even_where_the_status_is_active(ended: dict[str, Any]) -> None:
    fact = only(condition(HYPERTENSION, onsetDateTime="2015", **ended))
    assert fact.course == "past"
    assert fact.until in (None, date(2020, 5, 31), date(2020, 5, 1), date(2020, 5, 1))


def test_a_year_alone_is_not_taken_for_longer_ago_than_it_may_be() -> None:
    assert only(condition(HYPERTENSION, onsetDateTime="2026")).on == TODAY
    assert only(condition(HYPERTENSION, onsetDateTime="2024-02")).on == date(2024, 2, 29)


@pytest.mark.parametrize("word", ["unconfirmed", "provisional", "differential"])
def test_what_is_not_confirmed_is_neither_present_nor_denied(word: str) -> None:
    assert f"is {word}: not confirmed" in unscreened(condition(HYPERTENSION, verified=word))


def test_what_was_entered_in_error_and_the_future_are_no_facts() -> None:
    wrong = condition(HYPERTENSION, verified="entered-in-error")
    assert "was entered in error" in unscreened(wrong)
    late = unscreened(condition(HYPERTENSION, onsetDateTime="2031-05-01"))
    assert "is dated 2031-05-01, which is after 2026-11-27" in late


def test_words_are_a_last_resort_that_shows() -> None:
    fact = only(condition(concept("http://clinic.example/local", "SZ", "Schizophrenia, paranoid")))
    assert (fact.concept, fact.code) == ("schizophrenia", "text")
    assert "matched by its text alone" in fact.because
    past = only(condition(concept("", "", "History of bipolar disorder")))
    assert (past.course, past.detail) == ("past", "history")


@pytest.mark.parametrize(
    "text",
    ["No history of schizophrenia", "Family history of schizophrenia", "Schizophrenia?",
     "Screening for schizophrenia", "Mother has schizophrenia"],
)  # fmt: skip
def test_words_that_may_deny_are_not_matched_and_not_dropped(text: str) -> None:
    assert "may say that it is not so" in unscreened(condition(concept("", "", text)))


def test_a_code_in_the_wrong_system_is_said() -> None:
    reason = unscreened(condition(concept(SNOMED, "I10", "Essential")))
    assert reason.endswith("'I10' is no code of SNOMED CT")
    assert "'59621000' is no code of ICD-10-CM" in unscreened(
        condition(concept(ICD, "59621000", "Essential"))
    )


def test_many_alike_are_counted_and_the_newest_are_read() -> None:
    many = [condition(HYPERTENSION, id=f"c{i}", onsetDateTime=f"20{i:02}-01-01") for i in range(25)]
    record = read(*many)
    assert {fact.on.year for fact in record.facts if fact.on} == set(range(2015, 2025))
    assert record.not_screened[0].reason == "of 25 alike the newest 10 are read"


# -- medicines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("medicine", "classes"),
    [
        (concept(RXNORM, "197591"), ["benzodiazepine"]),
        (concept(ATC, "N02AA05"), ["opioid"]),
        (concept(ATC, "N06AF03"), ["antidepressant_oral", "maoi"]),
        (concept(RXNORM, "2002"), ["cyp3a4_inducer", "cyp2b6_inducer"]),
        (concept("http://hl7.org/fhir/sid/ndc", "50458-028-02"), ["esketamine_medicine"]),
        (concept("", "", "Lamictal 25 mg"), ["lamotrigine"]),
    ],
)
def test_a_medicine_is_of_its_classes(medicine: Any, classes: list[str]) -> None:
    record = read(request(medicine))
    assert [fact.concept for fact in record.facts] == classes
    assert record.state("medicines_any") == "present"
    assert read(request(medicine, status="stopped")).state(classes[0]) == "unknown"


def test_a_sedating_medicine_depresses_the_nervous_system() -> None:
    assert read(request(concept(RXNORM, "197591"))).state("cns_depressant") == "present"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "entered-in-error"}, "has the status 'entered-in-error'"),
        ({"status": "cancelled"}, "has the status 'cancelled'"),
        ({"intent": "proposal"}, "is a proposal, not an order"),
        ({"doNotPerform": True}, "asks that it is not given"),
        ({"authoredOn": "2027-01-01"}, "which is after"),
        ({MEDICATION: concept(RXNORM, "243670", "Aspirin 81 MG")}, "no rule or question"),
        ({MEDICATION: concept(RXNORM, "N05BA01", "?")}, "is no code of RxNorm"),
    ],
)
def test_requests_that_are_no_facts(change: dict[str, Any], reason: str) -> None:
    assert reason in unscreened(request(concept(RXNORM, "197591"), **change))


def test_a_treatment_that_ended_by_its_own_dates_is_past() -> None:
    timing = {"timing": {"repeat": {"boundsPeriod": {"end": "2026-10-09"}}}}
    fact = only(request(concept(RXNORM, "197591"), dosageInstruction=[timing]))
    assert (fact.course, fact.until) == ("past", date(2026, 10, 9))


def test_a_nasal_steroid_is_one_only_in_the_nose() -> None:
    spray = concept("", "", "Fluticasone 50 mcg nasal spray")
    assert only(request(spray)).concept == "nasal_corticosteroid"
    inhaler = unscreened(request(concept("", "", "Fluticasone metered dose inhaler")))
    assert "fluticasone matters as a nasal medicine" in inhaler
    route = [{"route": {"text": "Intranasal"}}]
    assert only(request(concept(RXNORM, "50121"), dosageInstruction=route)).state == "present"


def test_a_medication_is_followed_in_the_bundle_contained_and_to_its_ingredients() -> None:
    reference = {MEDICATION: None, "medicationReference": {"reference": "#x"}}
    held = {"resourceType": "Medication", "id": "x", "code": concept(RXNORM, "6130")}
    one = {k: v for k, v in request({}, **reference, contained=[held]).items() if v is not None}
    assert only(one).concept == "ketamine_medicine"
    other = {
        "resourceType": "Medication", "id": "x", "code": concept("", "", "Local mix 7"),
        "ingredient": [{"itemCodeableConcept": concept(RXNORM, "3322")}],
    }  # fmt: skip
    one["contained"], one["medicationReference"] = [], {"reference": "Medication/x"}
    assert only(one, other).concept == "benzodiazepine"
    assert "names no medicine that is in the record" in unscreened(one)


def test_a_circle_of_ingredients_ends() -> None:
    ring = [
        {
            "resourceType": "Medication",
            "id": a,
            "ingredient": [{"itemReference": {"reference": f"Medication/{b}"}}],
        }
        for a, b in ("xy", "yx")
    ]
    one = request({}, medicationReference={"reference": "Medication/x"})
    del one[MEDICATION]
    record = read(one, *ring)
    assert record.facts == ()
    assert any("in a circle" in note.reason for note in record.not_screened)


def test_statements_and_administrations() -> None:
    said = {
        "resourceType": "MedicationStatement", "id": "s1", "status": "active",
        "subject": {"reference": "Patient/p1"}, "effectivePeriod": {"start": "2026-01-05"},
        MEDICATION: concept(RXNORM, "36437"),
    }  # fmt: skip
    fact = only(said)
    assert (fact.concept, fact.on) == ("ssri_or_snri", date(2026, 1, 5))
    assert "has the status 'not-taken'" in unscreened({**said, "status": "not-taken"})
    none = {**said, MEDICATION: concept(SNOMED, "787481004")}
    assert read(none).state("opioid") == "denied"
    given = {
        "resourceType": "MedicationAdministration", "id": "g1", "status": "completed",
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-01T10:00:00Z",
        MEDICATION: concept(RXNORM, "6130"),
    }  # fmt: skip
    fact = only(given)
    assert (fact.course, fact.until) == ("past", date(2026, 11, 1))


# -- allergies -----------------------------------------------------------------------------------


def test_an_allergy_to_ketamine_is_present_denied_or_unknown() -> None:
    ketamine = concept(RXNORM, "6130", "Ketamine")
    assert read(allergy(ketamine)).state("hypersensitivity_ketamine") == "present"
    assert read(allergy(ketamine, "refuted")).state("hypersensitivity_ketamine") == "denied"
    assert "entered in error" in unscreened(allergy(ketamine, "entered-in-error"))
    none = read(allergy(concept(SNOMED, "716186003", "No known allergy")))
    assert none.state("hypersensitivity_ketamine") == "denied"
    assert none.state("hypersensitivity_esketamine") == "denied"
    peanut = read(allergy(concept(SNOMED, "91935009", "Allergy to peanuts")))
    assert peanut.state("hypersensitivity_ketamine") == "unknown"
    assert len(peanut.not_screened) == 1


def test_that_none_is_known_refuted_says_nothing() -> None:
    text = unscreened(allergy(concept(SNOMED, "716186003"), "refuted"))
    assert "says that none is known, but is refuted" in text


# -- measurements --------------------------------------------------------------------------------


@pytest.mark.parametrize("panel", ["85354-9", "55284-4"])
def test_pressure_is_read_from_both_panels(panel: str) -> None:
    record = read(pressure(142, 91, panel))
    values = {fact.concept: (fact.value, fact.unit) for fact in record.facts}
    assert values == {"systolic": (142.0, "mmHg"), "diastolic": (91.0, "mmHg")}
    assert record.not_screened == ()


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("29463-7", 154, "[lb_av]", 69.853),
        ("29463-7", 70_000, "g", 70.0),
        ("8302-2", 67, "[in_i]", 170.18),
        ("8302-2", 1.7, "m", 170.0),
        ("8331-1", 98.6, "[degF]", 37.0),
        ("8480-6", 16, "kPa", 120.0),
        ("1975-2", 17.104, "umol/L", 1.0),
        ("1742-6", 0.5, "ukat/L", 30.0),
        ("3016-3", 2.5, "u[IU]/mL", 2.5),
        ("33914-3", 61, "mL/min/{1.73_m2}", 61.0),
        ("44261-6", 17, "{score}", 17.0),
    ],
)
def test_units_are_turned_into_those_of_the_concept(
    code: str, value: float, unit: str, expected: float
) -> None:
    assert only(observation(code, value, unit)).value == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (observation("29463-7", 70), "has no unit, and kg cannot be presumed"),
        (observation("29463-7", -70, "kg"), "-70 kg is not possible"),
        (observation("29463-7", 70, "mm[Hg]"), "has the unit 'mm[Hg]', which is not one of kg"),
        (observation("44261-6", 31), "31 is not possible"),
        (observation("8867-4"), "has no number"),
        (observation("8867-4", dataAbsentReason=concept("x", "unknown")), "was not obtained"),
        (observation("29463-7", valueString="70 kg"), "has words where a number is due"),
        (observation("29463-7", 70, "kg", status="cancelled"), "has the status 'cancelled'"),
        (observation("29463-7", 70, "kg", effectiveDateTime="2030-01-01"), "which is after"),
        (observation("9999-9", 70, "kg"), "no rule or question"),
    ],
)
def test_values_that_cannot_be_used_are_said(case: Any, reason: str) -> None:
    assert reason in unscreened(case)


def test_a_value_below_a_limit_is_not_a_value() -> None:
    case = observation("1742-6", 5, "U/L")
    case["valueQuantity"]["comparator"] = "<"
    assert "is only known to be < 5" in unscreened(case)


def test_tobacco_and_pregnancy_are_answers() -> None:
    never = observation("72166-2", valueCodeableConcept=concept(SNOMED, "266919005", "Never"))
    assert only(never).state == "denied"
    former = observation("72166-2", valueCodeableConcept=concept(SNOMED, "8517006", "Former"))
    assert (only(former).state, only(former).course) == ("present", "past")
    negative = observation("2106-3", valueCodeableConcept=concept(SNOMED, "260385009", "Negative"))
    assert read(negative).state("pregnancy") == "denied"
    odd = observation("82810-3", valueCodeableConcept=concept(LOINC, "LA1-0", "Perhaps"))
    assert "the answer 'Perhaps (LOINC LA1-0)' is not known here" in unscreened(odd)


# -- forms ---------------------------------------------------------------------------------------

PHQ9 = [
    "44250-9",
    "44255-8",
    "44259-0",
    "44254-1",
    "44251-7",
    "44258-2",
    "44252-5",
    "44253-3",
    "44260-8",
]
GAD7 = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]


def scores(*resources: Any) -> dict[str, float | None]:
    return {fact.concept: fact.value for fact in read(*resources).facts}


def test_a_total_is_added_up_and_item_nine_stands_alone() -> None:
    answers = dict(zip(PHQ9, (3, 2, 1, 2, 3, 1, 0, 2, 1), strict=True))
    assert scores(form(answers)) == {"phq9_total": 15.0, "phq9_item9": 1.0}
    slashed = {f"/44249-1/{code}": value for code, value in answers.items()}
    assert scores(form({**slashed, "/44261-6": 15})) == {"phq9_total": 15.0, "phq9_item9": 1.0}


def test_answers_may_be_codes_or_nested_or_have_an_ordinal() -> None:
    codes = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9", "LA6571-9", "LA6568-5")
    answers = {
        code: {"valueCoding": {"system": LOINC, "code": one}}
        for code, one in zip(GAD7, codes, strict=False)
    }
    ordinal = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    answers[GAD7[6]] = {
        "valueCoding": {"code": "x", "extension": [{"url": ordinal, "valueDecimal": 2}]}
    }
    case = form(answers)
    case["item"] = [{"linkId": "69737-5", "item": case["item"]}]
    assert scores(case) == {"gad7_total": 11.0}


def test_forms_that_are_not_whole_are_said() -> None:
    answers = dict(zip(PHQ9, (3,) * 9, strict=True))
    part = {code: answers[code] for code in PHQ9[:7]}
    assert "PHQ-9 lacks 2 answers and a total" in unscreened(form(part))
    wrong = read(form({**answers, "44261-6": 9}))
    assert [fact.concept for fact in wrong.facts] == ["phq9_item9"]
    assert "given as 9, but its items add up to 27" in wrong.not_screened[0].reason
    assert "outside 0 to 3" in read(form({**answers, PHQ9[0]: 7})).not_screened[0].reason
    assert "has the status 'in-progress'" in unscreened(form(answers, status="in-progress"))
    assert "bears a LOINC code" in unscreened(form({"q1": 2}))
    assert scores(form({"101698-9": 44})) == {"pcl5_total": 44.0}


# -- the patient ---------------------------------------------------------------------------------


def test_who_the_patient_is() -> None:
    race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    extension = [
        {"url": race, "extension": [{"url": "ombCategory", "valueCoding": {"code": "2028-9"}}]}
    ]
    person = patient(name=[{"given": ["Zoë", "陽子"], "family": "Ķlava"}], extension=extension)
    content = bundle(
        person, observation("29463-7", 154, "[lb_av]"), observation("8302-2", 170, "cm")
    )
    record = read_fhir(content, on=TODAY)
    assert (record.name, record.id, record.sex) == ("Zoë 陽子 Ķlava", "p1", "female")
    assert record.covariates is not None
    known = record.covariates.covariates()
    assert known["weight"] == pytest.approx(69.853, abs=1e-3)
    assert (known["height"], known["race"]) == (170.0, "asian")
    assert known["age"] == pytest.approx(46.57, abs=0.01)
    assert parse_patient(content, "p").weight == known["weight"]


def test_births_that_cannot_be_leave_the_age_unknown() -> None:
    for raw, reason in (("2030-01-01", "which is after"), (None, "has no date of birth")):
        person = {key: value for key, value in patient(birthDate=raw).items() if value}
        record = read_fhir(bundle(person), on=TODAY)
        assert record.born is None
        assert reason in record.not_screened[0].reason
    old = read_fhir(bundle(patient(birthDate="1850-01-01")), on=TODAY)
    assert old.covariates is not None
    assert old.covariates.age is None
    dead = read_fhir(bundle(patient(deceasedBoolean=True)), on=TODAY)
    assert "the patient has died" in dead.not_screened[0].reason


def test_a_name_that_is_not_valid_costs_the_name_alone() -> None:
    record = read_fhir(bundle(patient(name="Ann")), on=TODAY)
    assert (record.name, record.sex) == ("", "female")
    assert "name: Input should be a valid list" in record.not_screened[0].reason


def test_weight_and_height_that_do_not_go_together_are_left_out() -> None:
    record = read(observation("29463-7", 200, "kg"), observation("8302-2", 100, "cm"))
    assert record.covariates is not None
    assert record.covariates.weight is None
    assert "body mass index" in record.not_screened[0].reason


# -- what is wrong with a file -------------------------------------------------------------------


def other_version(**elements: Any) -> dict[str, Any]:
    return {**condition(HYPERTENSION), **elements}


BROKEN: dict[str, tuple[bytes, str]] = {
    "json": (b'{"resourceType": "Bundle",\n "type": }', "case, line 2: this is not valid JSON"),
    "not a number": (bundle(patient()).replace(b'"p1"', b"NaN"), "NaN is no number of JSON"),
    "empty": (b"  ", "the file is empty"),
    "bytes": (b'{"resourceType": "\xff"}', "case, line 1: the file is not UTF-8 text"),
    "list": (b"[1, 2]", "this is no FHIR resource"),
    "deep": (b'{"resourceType": "Patient", "x": ' + b"[" * 100_000, "nested too deeply"),
    "no patient": (bundle(condition(HYPERTENSION)), "the record holds no Patient; add the"),
    "two patients": (bundle(patient(), patient("p2")), "holds 2 patients; name one of p1, p2"),
    "history": (bundle(patient(), kind="history"), "a bundle of the type 'history' is not read"),
    "entries": (b'{"resourceType": "Bundle", "type": "batch", "entry": 3}', "are no list"),
    "gender": (
        bundle(patient(gender=3)),
        "the resource of the patient is not valid FHIR R4: gender",
    ),
    "stu3": (bundle(patient(), other_version(clinicalStatus="active")), "are of FHIR STU3; export"),
    "dstu2": (bundle(patient(), {"resourceType": "MedicationOrder"}), "are of FHIR DSTU2"),
    "r5": (bundle(patient(), {**request({}), "medication": {"concept": {}}}), "are of FHIR R5"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_each_broken_file_gets_its_sentence(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fhir(content, "case", on=TODAY)
    text = str(caught.value)
    assert message in text
    assert text.startswith("case")
    assert "\n" not in text


def test_a_bundle_of_200_megabytes_is_refused_by_its_size() -> None:
    with pytest.raises(InputError, match="larger than 64 MB; a bulk export"):
        read_fhir(b" " * 200_000_000, "case")


def test_one_of_two_patients_can_be_named() -> None:
    theirs = {**condition(HYPERTENSION), "subject": {"reference": "Patient/p2"}}
    content = bundle(patient(), patient("p2", gender="male"), theirs)
    first, second = (read_fhir(content, patient=name, on=TODAY) for name in ("p1", "Patient/p2"))
    assert (first.state("hypertension"), second.state("hypertension")) == ("unknown", "present")
    assert first.not_screened[0].reason == "is about someone else"
    with pytest.raises(InputError, match="holds no patient 'p3'; it holds p1, p2"):
        read_fhir(content, patient="p3")


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"resourceType": "Zebra"}, "Zebra | resources of this kind are not read"),
        ({"resourceType": "FamilyMemberHistory"}, "tells of relatives"),
        (condition(HYPERTENSION, modifierExtension=[{}]), "an extension that changes its meaning"),
        (condition(HYPERTENSION, implicitRules="x"), "follows rules of its own"),
        (condition(HYPERTENSION, subject=None), "does not say whom it is about"),
        (
            condition(HYPERTENSION, subject={"reference": "Patient/9"}),
            "is about someone who is not",
        ),
        (condition(HYPERTENSION, onsetDateTime="soon"), "is not valid FHIR R4: onsetDateTime"),
        (observation("29463-7", "x", "kg"), "is not valid FHIR R4: valueQuantity"),  # type: ignore[arg-type]
    ],
)
def test_a_bad_or_unknown_resource_is_noted_and_the_rest_goes_on(case: Any, reason: str) -> None:
    record = read(case, pressure(120, 80), pressure(121, 81))
    assert len(record.facts) == 4
    (note,) = record.not_screened
    assert reason in f"{note.item} | {note.reason}"


def test_addresses_of_all_kinds_name_the_patient() -> None:
    entries = [
        {"fullUrl": "urn:uuid:1-2", "resource": patient()},
        {"resource": condition(HYPERTENSION, subject={"reference": "urn:uuid:1-2"})},
        {"resource": condition(concept(SNOMED, "13746004"),
                               subject={"reference": "https://x.example/fhir/Patient/p1"})},
    ]  # fmt: skip
    raw = {"resourceType": "Bundle", "type": "searchset", "entry": entries,
           "link": [{"relation": "next", "url": "https://x.example/2"}]}  # fmt: skip
    record = read_fhir(json.dumps(raw).encode(), on=TODAY)
    assert {fact.concept for fact in record.facts} == {"hypertension", "bipolar_disorder"}
    assert "is one page of a search" in record.not_screened[0].reason


def test_one_resource_and_lines_are_read_too() -> None:
    assert read_fhir(json.dumps(patient()).encode(), on=TODAY).sex == "female"
    lines = b"\n".join(
        [json.dumps(patient()).encode(), b"{bad", json.dumps(condition(HYPERTENSION)).encode()]
    )
    record = read_fhir(lines, "x.ndjson", on=TODAY)
    assert record.state("hypertension") == "present"
    assert record.not_screened[0].item == "x.ndjson, line 2"
