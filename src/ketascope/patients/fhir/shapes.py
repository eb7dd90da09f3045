"""Whether a resource is valid FHIR, as far as it is read.

The library fhir.resources checks it as R4B, which for these resources is R4 but for details that
are not read here. Only the elements that are read are checked: the rest of a resource may be as it
likes, and a large bundle is checked in the time that it takes to read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.patients.fhir.load import Resource

_COMMON = ("resourceType", "id", "status", "code", "subject")
_MEDICATION = ("medicationCodeableConcept", "medicationReference")
ELEMENTS: dict[str, tuple[str, ...]] = {
    "Patient": (
        "resourceType", "id", "name", "gender", "birthDate", "deceasedBoolean",
        "deceasedDateTime", "extension", "active",
    ),
    "Condition": (
        "resourceType", "id", "subject", "code", "clinicalStatus", "verificationStatus",
        "recordedDate", "onsetDateTime", "onsetAge", "onsetPeriod", "onsetRange", "onsetString",
        "abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange",
        "abatementString",
    ),
    "MedicationRequest": (
        *_COMMON[:3], "subject", "intent", "doNotPerform", "authoredOn", *_MEDICATION,
        "dosageInstruction", "dispenseRequest",
    ),
    "MedicationStatement": (
        *_COMMON[:3], "subject", "effectiveDateTime", "effectivePeriod", "dateAsserted",
        *_MEDICATION, "dosage",
    ),
    "MedicationAdministration": (
        *_COMMON[:3], "subject", "effectiveDateTime", "effectivePeriod", *_MEDICATION, "dosage",
    ),
    "Medication": ("resourceType", "id", "code", "ingredient", "form"),
    "AllergyIntolerance": (
        "resourceType", "id", "patient", "code", "clinicalStatus", "verificationStatus", "type",
        "recordedDate", "onsetDateTime", "criticality", "reaction",
    ),
    "Observation": (
        *_COMMON, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued",
        "valueQuantity", "valueCodeableConcept", "valueInteger", "valueString", "valueBoolean",
        "dataAbsentReason", "component",
    ),
    "Procedure": (*_COMMON, "performedDateTime", "performedPeriod"),
    "QuestionnaireResponse": (
        *_COMMON[:3], "subject", "questionnaire", "authored", "item",
    ),
}  # fmt: skip


def problem(resource: Resource) -> str:
    """Return what is wrong with a resource, as a clause; ``""`` if it is valid."""
    from pydantic import ValidationError

    kind = resource["resourceType"]
    read = {name: resource[name] for name in ELEMENTS[kind] if name in resource}
    try:
        _model(kind).model_validate(read)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        spot = ".".join(str(part) for part in first["loc"] if part != "function-wrap")
        message = str(first["msg"]).removeprefix("Value error, ").replace("\n", " ")
        spot = f"{spot}: " if spot else ""
        return f"is not valid FHIR R4: {spot}{message[:160]}"
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        return f"is not valid FHIR R4: {str(error)[:160] or type(error).__name__}"
    return ""


@lru_cache(maxsize=len(ELEMENTS))
def _model(kind: str) -> Any:
    try:
        from fhir.resources.R4B import get_fhir_model_class
    except ImportError:
        raise InputError(
            "reading FHIR needs the package fhir.resources", hint="pip install 'ketascope[fhir]'"
        ) from None
    return get_fhir_model_class(kind)
