"""A patient's record from FHIR resources: what is read, of whom, and what is left out and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ketascope.errors import InputError
from ketascope.patients.fhir import conditions, medicines, observations, person, shapes
from ketascope.patients.fhir.context import Context, Match, local, place
from ketascope.patients.fhir.load import load
from ketascope.patients.fhir.versions import other_version, version_of_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from ketascope.patients.facts import Fact, Record
    from ketascope.patients.fhir.load import Entry, Loaded, Resource

    Matcher = Callable[[Resource, Context], Match | None]
    Reader = Callable[[Resource, Match, Context], list[Fact]]

READERS: dict[str, tuple[Matcher, Reader]] = {
    "Condition": (conditions.match_condition, conditions.condition_facts),
    "MedicationRequest": (medicines.match_medicine, medicines.medicine_facts),
    "MedicationStatement": (medicines.match_medicine, medicines.medicine_facts),
    "MedicationAdministration": (medicines.match_medicine, medicines.medicine_facts),
    "AllergyIntolerance": (conditions.match_allergy, conditions.allergy_facts),
    "Observation": (observations.match_observation, observations.observation_facts),
    "Procedure": (conditions.match_procedure, conditions.procedure_facts),
    "QuestionnaireResponse": (observations.match_form, observations.form_facts),
}
_WHY_NOT = {
    "FamilyMemberHistory": "tells of relatives, which is no fact of the patient",
    "OperationOutcome": "is a message of the server",
    "Bundle": "is a bundle in a bundle, which is not opened",
}

_EXTRAS = ("name", "extension")


def read_fhir(
    content: bytes,
    label: str = "record",
    *,
    patient: str | None = None,
    on: date | None = None,
) -> Record:
    """Read the record of one patient from the bytes of a bundle, a resource or NDJSON.

    Parameters
    ----------
    content : bytes
        UTF-8 JSON of at most 64 MB.
    label : str
        Names the file in messages.
    patient : str, optional
        Id of the patient, where the file holds several.
    on : date, optional
        The day of reading; what is dated later is not read. Today by default.

    Returns
    -------
    Record
        Units are those of the concepts. A resource that is invalid, of another kind or about
        someone else is an item of ``not_screened``.

    Raises
    ------
    InputError
        If the file is no FHIR, of another version than R4, or not of one patient.
    """
    return assemble(load(content, label), label, patient=patient, on=on)


def assemble(
    loaded: Loaded,
    label: str,
    *,
    patient: str | None = None,
    on: date | None = None,
    fetch: Callable[[str], Resource | None] | None = None,
) -> Record:
    """Make the record of one patient of resources; see :func:`read_fhir`."""
    version = version_of_all(entry.resource for entry in loaded.entries)
    if version:
        raise InputError(
            f"the resources are of FHIR {version}", where=label, hint="export them as FHIR R4"
        )
    context = Context(today=on or date.today(), fetch=fetch)
    for item, reason in loaded.problems:
        context.notes.add(item, reason)
    chosen = _sound(person.choose(loaded.entries, patient, label), context, label)
    context.known(loaded.entries)
    person.birth(chosen.resource, context)
    facts = _facts(loaded.entries, chosen, context)
    record = person.record_of(chosen.resource, facts, context)
    return replace(record, not_screened=context.notes.all())


def _sound(chosen: Entry, context: Context, label: str) -> Entry:
    """Return the patient if the resource is valid, without name and race if those are not."""
    fault = shapes.problem(chosen.resource)
    if not fault:
        return chosen
    rest = {key: value for key, value in chosen.resource.items() if key not in _EXTRAS}
    if shapes.problem(rest):
        raise InputError(f"the resource of the patient {fault}", where=label)
    context.notes.add(place(chosen.resource), f"{fault}; neither name nor race is used")
    return replace(chosen, resource=rest)


def _facts(entries: tuple[Entry, ...], chosen: Entry, context: Context) -> list[Fact]:
    """Return the facts of every resource that is read, of many alike the newest."""
    groups: dict[tuple[object, ...], list[tuple[Match, Resource]]] = {}
    names = _names(chosen)
    for entry in entries:
        resource = entry.resource
        kind = resource["resourceType"]
        if kind in ("Patient", "Medication"):
            continue
        if kind not in READERS:
            why = _WHY_NOT.get(kind[:40], "resources of this kind are not read")
            context.notes.add(kind[:40], why)
            continue
        reason = _refused(resource, names, context)
        if reason:
            context.notes.add(kind, reason)
            continue
        match = READERS[kind][0](resource, context)
        if match is not None:
            groups.setdefault((kind, *match.group), []).append((match, resource))
    facts: list[Fact] = []
    for alike in groups.values():
        alike.sort(key=lambda pair: pair[0].when, reverse=True)
        keep = alike[0][0].keep
        if len(alike) > keep:
            context.notes.add(
                alike[0][0].label, f"of {len(alike)} alike the newest {keep} are read"
            )
        for match, resource in alike[:keep]:
            facts += _checked(match, resource, context)
    return facts


def _checked(match: Match, resource: Resource, context: Context) -> list[Fact]:
    """Return the facts of one resource if it is valid; without facts there is a note."""
    fault = shapes.problem(resource)
    if fault:
        context.notes.add(place(resource), fault)
        return []
    before = context.notes.made()
    facts = READERS[resource["resourceType"]][1](resource, match, context)
    if not facts and context.notes.made() == before:
        context.notes.add(match.label, "says nothing that can be used")
    return facts


def _names(chosen: Entry) -> frozenset[str]:
    """Return the addresses by which resources may name the patient."""
    identity = chosen.resource.get("id")
    names = {chosen.url, local(chosen.url)} if chosen.url else set()
    return frozenset(names | ({f"Patient/{identity}"} if isinstance(identity, str) else set()))


def _refused(resource: Resource, names: frozenset[str], context: Context) -> str:
    """Return why a resource is not read at all; ``""`` if it is."""
    version = other_version(resource)
    if version:
        return f"is of FHIR {version}, not R4"
    if resource.get("modifierExtension") is not None:
        return "has an extension that changes its meaning and is not known here"
    if resource.get("implicitRules") is not None:
        return "follows rules of its own that are not known here"
    reference = resource.get("subject") or resource.get("patient")
    address = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(address, str):
        return "does not say whom it is about"
    if address in names or local(address) in names:
        return ""
    if address.startswith("#") or address not in context.addresses:
        return "is about someone who is not this patient, or not in the record"
    return "is about someone else"
