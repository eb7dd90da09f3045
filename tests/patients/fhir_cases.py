"""Small FHIR R4 resources for tests, made here."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ketascope.patients.facts import Fact, Record
from ketascope.patients.fhir import read_fhir

TODAY = date(2026, 11, 27)
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"
UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"

Resource = dict[str, Any]


def concept(system: str, code: str, text: str = "") -> Resource:
    coding = {"system": system, "code": code} if code else {}
    return {**({"coding": [coding]} if coding else {}), **({"text": text} if text else {})}


def patient(identity: str = "p1", **changes: Any) -> Resource:
    base = {
        "resourceType": "Patient",
        "id": identity,
        "birthDate": "1980-05-02",
        "gender": "female",
    }
    return {**base, **changes}


def condition(
    code: Resource, clinical: str = "active", verified: str = "confirmed", **more: Any
) -> Resource:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": clinical}]},
        "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": verified}]},
        "code": code,
        "subject": {"reference": "Patient/p1"},
        **more,
    }


def request(medicine: Resource, status: str = "active", **more: Any) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": medicine,
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-10-01",
        **more,
    }


def observation(code: str, value: float | None = None, unit: str = "", **more: Any) -> Resource:
    quantity = (
        {"value": value, "unit": unit, "system": UCUM, "code": unit} if unit else {"value": value}
    )
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": concept(LOINC, code),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-20T09:00:00+01:00",
        **({} if value is None else {"valueQuantity": quantity}),
        **more,
    }


def pressure(
    systolic: float, diastolic: float, panel: str = "85354-9", unit: str = "mm[Hg]"
) -> Resource:
    parts = [("8480-6", systolic), ("8462-4", diastolic)]
    component = [
        {
            "code": concept(LOINC, code),
            "valueQuantity": {"value": value, "code": unit, "system": UCUM},
        }
        for code, value in parts
    ]
    return observation(panel, component=component)


def allergy(code: Resource, verified: str = "confirmed", **more: Any) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "verificationStatus": {"coding": [{"system": system, "code": verified}]},
        "code": code,
        "patient": {"reference": "Patient/p1"},
        **more,
    }


def form(answers: dict[str, Any], **more: Any) -> Resource:
    items = [
        {"linkId": link, "answer": [{"valueInteger": value} if isinstance(value, int) else value]}
        for link, value in answers.items()
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "authored": "2026-11-21",
        "item": items,
        **more,
    }


def bundle(*resources: Resource, kind: str = "collection", **more: Any) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries, **more}).encode()


def read(*resources: Resource, **options: Any) -> Record:
    """Read a bundle of one patient and these resources."""
    return read_fhir(bundle(patient(), *resources), "case", on=TODAY, **options)


def only(*resources: Resource) -> Fact:
    """The one fact of resources that are all screened."""
    record = read(*resources)
    assert record.not_screened == ()
    (fact,) = record.facts
    return fact


def unscreened(*resources: Resource) -> str:
    """The one reason why resources give no fact."""
    record = read(*resources)
    assert record.facts == ()
    (note,) = record.not_screened
    return f"{note.item} | {note.reason}"
