"""Which version of FHIR a resource is of, as far as its elements tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ketascope.patients.fhir.load import Resource

# Types that only other versions have.
_TYPES = {
    **dict.fromkeys(
        ("MedicationOrder", "DiagnosticOrder", "DeviceUseRequest", "Order", "OrderResponse",
         "Conformance", "ImagingObjectSelection"), "DSTU2"),
    **dict.fromkeys(
        ("ProcedureRequest", "ReferralRequest", "EligibilityRequest", "ImagingManifest",
         "Sequence", "DataElement", "ServiceDefinition", "ProcessRequest", "ProcessResponse",
         "DeviceComponent", "ExpansionProfile", "BodySite"), "STU3"),
    **dict.fromkeys(
        ("ActorDefinition", "ArtifactAssessment", "BiologicallyDerivedProductDispense",
         "DeviceAssociation", "DeviceDispense", "DeviceUsage", "EncounterHistory",
         "FormularyItem", "GenomicStudy", "ImagingSelection", "InventoryItem", "InventoryReport",
         "NutritionIntake", "Permission", "RequestOrchestration", "Requirements", "TestPlan",
         "Transport"), "R5"),
}  # fmt: skip


def _given(value: Any) -> bool:
    return value is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


# Elements that R4 does not have in this place or this form: (element, test, version).
_Sign = tuple[str, "Callable[[Any], bool]", str]
_MEDICATION: tuple[_Sign, ...] = (("medication", _is_object, "R5"), ("context", _given, "STU3"))
_SIGNS: dict[str, tuple[_Sign, ...]] = {
    "Condition": (
        ("clinicalStatus", _is_text, "STU3"),
        ("assertedDate", _given, "STU3"),
        ("dateRecorded", _given, "DSTU2"),
        ("participant", _given, "R5"),
    ),
    "AllergyIntolerance": (
        ("clinicalStatus", _is_text, "STU3"),
        ("assertedDate", _given, "STU3"),
        ("substance", _given, "DSTU2"),
        ("type", _is_object, "R5"),
    ),
    "MedicationRequest": (*_MEDICATION, ("definition", _given, "STU3")),
    "MedicationStatement": (
        ("medication", _is_object, "R5"),
        ("taken", _given, "STU3"),
        ("wasNotTaken", _given, "DSTU2"),
    ),
    "MedicationAdministration": (
        ("medication", _is_object, "R5"),
        ("notGiven", _given, "STU3"),
        ("wasNotGiven", _given, "DSTU2"),
    ),
    "Observation": (
        ("context", _given, "STU3"),
        ("related", _given, "STU3"),
        ("comments", _given, "DSTU2"),
        ("triggeredBy", _given, "R5"),
    ),
    "Procedure": (
        ("notDone", _given, "STU3"),
        ("context", _given, "STU3"),
        ("occurrenceDateTime", _given, "R5"),
        ("occurrencePeriod", _given, "R5"),
    ),
    "QuestionnaireResponse": (
        ("parent", _given, "STU3"),
        ("context", _given, "STU3"),
        ("group", _given, "DSTU2"),
    ),
    "Patient": (("animal", _given, "STU3"), ("careProvider", _given, "DSTU2")),
}
_ELEMENTS = {kind: frozenset(sign[0] for sign in signs) for kind, signs in _SIGNS.items()}


def other_version(resource: Resource) -> str:
    """Return the version of FHIR that a resource is of where it is not R4; else ``""``."""
    kind = resource["resourceType"]
    if kind in _TYPES:
        return _TYPES[kind]
    if kind not in _SIGNS or _ELEMENTS[kind].isdisjoint(resource):
        return ""
    for element, test, version in _SIGNS[kind]:
        if test(resource.get(element)):
            return version
    return ""


def version_of_all(resources: Iterable[Resource]) -> str:
    """Return another version than R4 if more than half of what can tell is of it."""
    found: dict[str, int] = {}
    telling = 0
    for resource in resources:
        kind = resource["resourceType"]
        if kind in _TYPES or (kind in _SIGNS and kind != "Patient"):
            telling += 1
            version = other_version(resource)
            if version:
                found[version] = found.get(version, 0) + 1
    if not found or 2 * sum(found.values()) <= telling:
        return ""
    return max(found, key=lambda version: found[version])
