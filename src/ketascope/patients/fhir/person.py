"""The patient of a record: who it is, born when, of which sex and race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients.facts import Record
from ketascope.patients.fhir.context import place
from ketascope.patients.fhir.days import day
from ketascope.patients.fhir.terms import coding
from ketascope.patients.patient import Patient
from ketascope.patients.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ketascope.patients.facts import Fact
    from ketascope.patients.fhir.context import Context
    from ketascope.patients.fhir.load import Entry, Resource

_RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
# Categories of race of the US (CDC); Japanese is one of the detailed ones, and listed first.
_RACES = {
    "2039-6": "japanese",
    "2106-3": "white",
    "2054-5": "black",
    "2028-9": "asian",
    "1002-5": "other",
    "2076-8": "other",
    "2131-1": "other",
}


def choose(entries: Iterable[Entry], wanted: str | None, label: str) -> Entry:
    """Return the one patient of a record.

    Raises
    ------
    InputError
        If there is none, if there are several and none is named, or not the one that is named.
    """
    found = [entry for entry in entries if entry.resource["resourceType"] == "Patient"]
    names = [str(entry.resource.get("id", "without id"))[:64] for entry in found]
    if not found:
        raise InputError(
            "the record holds no Patient", where=label, hint="add the resource of the patient"
        )
    if wanted is not None:
        bare = wanted.removeprefix("Patient/")
        chosen = [entry for entry, name in zip(found, names, strict=True) if name == bare]
        if not chosen:
            raise InputError(
                f"the record holds no patient '{bare[:64]}'",
                where=label,
                hint=f"it holds {', '.join(names[:5])}",
            )
        return chosen[0]
    if len(set(names)) > 1 or (len(found) > 1 and "without id" in names):
        raise InputError(
            f"the record holds {len(found)} patients",
            where=label,
            hint=f"name one of {', '.join(names[:5])}",
        )
    return found[0]


def record_of(patient: Resource, facts: list[Fact], context: Context) -> Record:
    """Return the record with who the patient is, weight and height the newest of the facts."""
    died = patient.get("deceasedDateTime") or patient.get("deceasedBoolean")
    if died:
        context.notes.add(place(patient), "the record says that the patient has died")
    name = _name(patient)
    sex = patient.get("gender") if patient.get("gender") in ("female", "male") else None
    values: dict[str, Any] = {"sex": sex, "race": _race(patient), "name": name or None}
    if context.born is not None:
        values["age"] = (context.today - context.born).days / 365.2425
    for key in ("weight", "height"):
        newest = Record(tuple(facts)).latest(key)
        values[key] = newest.value if newest is not None else None
    identity = patient.get("id")
    return Record(
        facts=tuple(facts),
        not_screened=(),
        covariates=_covariates(values, context, place(patient)),
        id=identity if isinstance(identity, str) else "",
        name=name,
        born=context.born,
        sex=sex,
    )


def birth(patient: Resource, context: Context) -> None:
    """Set the day of birth of the context, or note why there is none."""
    raw = patient.get("birthDate")
    born = day(raw, context.today)
    if born is None:
        reason = "has no date of birth" if raw is None else "its date of birth cannot be read"
        context.notes.add(place(patient), f"{reason}, so the age is not known")
    elif born > context.today:
        context.notes.add(place(patient), f"is born on {born}, which is after {context.today}")
    else:
        context.born = born


def _covariates(values: dict[str, Any], context: Context, item: str) -> Patient:
    """Return the covariates; those that cannot be are noted and left out."""
    for key in (*NUMBERS, "size", "name"):
        try:
            if key == "size":
                return Patient(**values)
            _one(key, values.get(key))
        except InputError as error:
            context.notes.add(item, f"{error.message}, so it is not used")
            for gone in ("weight", "height") if key == "size" else (key,):
                values[gone] = None
    return Patient(**values)


def _one(key: str, value: Any) -> Patient:
    """Return a patient of whom one thing is known; raises where it cannot be."""
    known: dict[str, Any] = {key: value}
    return Patient(**known)


def _name(patient: Resource) -> str:
    """Return the name: as it is to be shown, else given and family names."""
    listed = patient.get("name")
    names = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    chosen = sorted(names, key=lambda one: one.get("use") not in ("official", "usual"))
    for one in chosen:
        given = one.get("given")
        parts = [part for part in (given if isinstance(given, list) else []) + [one.get("family")]
                 if isinstance(part, str)]  # fmt: skip
        text = one["text"] if isinstance(one.get("text"), str) else " ".join(parts)
        shown = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
        if shown:
            return shown[:200]
    return ""


def _race(patient: Resource) -> str | None:
    """Return the race of US Core; None where none or several are given."""
    listed = patient.get("extension")
    codes: list[str] = []
    for extension in listed if isinstance(listed, list) else ():
        if isinstance(extension, dict) and extension.get("url") == _RACE:
            inner = extension.get("extension")
            for part in inner if isinstance(inner, list) else ():
                one = coding(part.get("valueCoding")) if isinstance(part, dict) else None
                if one is not None:
                    codes.append(one.code)
    races = [race for code, race in _RACES.items() if code in codes]
    if "japanese" in races:
        return "japanese"
    return races[0] if len(set(races)) == 1 else "other" if races else None
