"""Read a patient's record: FHIR R4, or a plain YAML or JSON file.

A plain file holds the keys of a patient (``age``, ``weight``, ...; ``born`` too) and of facts::

    born: 1980-05-02
    sex: F
    conditions:
      present: [hypertension, {concept: stroke, on: 2024-02-01, course: past}]
      denied: [psychosis, aneurysmal_vascular_disease]
    medicines:
      present: [sertraline, {medicine: diazepam, on: 2026-01-10}]
      denied: [opioid]
    allergies: {denied: [drug_hypersensitivity]}
    observations:
      systolic: {value: 128, unit: mmHg, on: 2026-11-20}
      phq9_total: 17
    facts: {present: [escort_home]}
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients import values
from ketascope.patients.facts import Fact, NotScreened, Record
from ketascope.patients.patient import KEYS, Patient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

MAX_PLAIN = 1_000_000
_MAX_FACTS = 5_000
_LISTS = ("conditions", "medicines", "allergies", "facts")
PLAIN_KEYS = (*KEYS, "id", "born", *_LISTS, "observations")
_FHIR = re.compile(rb'"resourceType"\s*:\s*"')
_HINT = "the documentation shows how a record is written"


def read_record(
    path: str | PathLike[str], *, patient: str | None = None, on: date | None = None
) -> Record:
    """Read the record of one patient.

    Parameters
    ----------
    path : path or "-"
        A FHIR R4 bundle, resource or NDJSON file (at most 64 MB), a folder with a bulk export, a
        plain YAML or JSON file (at most 1 MB), or standard input.
    patient : str, optional
        Id of the patient, where there are several.
    on : date, optional
        The day of reading; what is dated later is not read. Today by default.

    Raises
    ------
    InputError
        If there is no such file, or it is not the record of one patient.
    """
    label = "standard input" if str(path) == "-" else str(path)
    if str(path) != "-" and Path(path).is_dir():
        return _of_export(path, patient, on)
    return parse_record(read_bytes(path, label), label, patient=patient, on=on)


def parse_record(
    content: bytes, label: str = "record", *, patient: str | None = None, on: date | None = None
) -> Record:
    """Read a record from bytes; see :func:`read_record`."""
    if is_fhir(content):
        from ketascope.patients.fhir import read_fhir

        return read_fhir(content, label, patient=patient, on=on)
    if len(content) > MAX_PLAIN:
        raise InputError("the file is larger than 1 MB, and is no FHIR", where=label, hint=_HINT)
    return _plain(content, label, on or date.today())


def is_fhir(content: bytes) -> bool:
    """Whether bytes look like JSON of FHIR."""
    head = content[:3].removeprefix(b"\xef\xbb\xbf") + content[3:200]
    return head.lstrip().startswith(b"{") and _FHIR.search(content) is not None


def _of_export(path: str | PathLike[str], patient: str | None, on: date | None) -> Record:
    from ketascope.patients.fhir import Export

    export = Export(path, on=on)
    if patient is None and len(export) > 1:
        raise InputError(
            f"the export holds {len(export)} patients",
            where=str(path),
            hint=f"name one, such as {', '.join(export.patients[:3])}",
        )
    return export.record(patient or export.patients[0])


def read_bytes(path: str | PathLike[str], label: str) -> bytes:
    """Return what a file holds, one byte more than the most that is read of a longer one."""
    from ketascope.patients.fhir.load import MAX_BYTES

    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", where=label, hint="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not usable"
        raise InputError(f"the file cannot be read ({reason})", where=label) from None


# -- plain files ------------------------------------------------------------------------------


@dataclass
class _Plain:
    """What is gathered from a plain file."""

    label: str
    today: date
    facts: list[Fact] = field(default_factory=list)
    not_screened: list[NotScreened] = field(default_factory=list)

    def refuse(self, message: str, hint: str = _HINT) -> InputError:
        return InputError(message, where=self.label, hint=hint)


def _plain(content: bytes, label: str, today: date) -> Record:
    from ketascope.patients.reading import key_pairs

    given: dict[str, Any] = {}
    for written, value, _ in key_pairs(content, label, large=True):
        key = written.strip().casefold()
        if key in given:
            raise InputError(f"the key '{key}' is given twice", where=label, hint="keep one")
        if key not in PLAIN_KEYS:
            raise values.unknown_key(written, PLAIN_KEYS, label)
        given[key] = value
    if not given:
        raise InputError("the file holds no values", where=label, hint=_HINT)
    gathered = _Plain(label, today)
    born = _day(given.get("born"), "born", gathered)
    for key in _LISTS:
        _states(key, given.get(key), gathered)
    for name, value in _mapping(given.get("observations"), "observations", gathered).items():
        _measured(str(name), value, gathered)
    if len(gathered.facts) > _MAX_FACTS:
        raise gathered.refuse(f"the record holds over {_MAX_FACTS} facts")
    covariates = _covariates(given, born, gathered)
    return Record(
        facts=tuple(gathered.facts),
        not_screened=tuple(gathered.not_screened),
        covariates=covariates,
        id=str(given["id"]) if isinstance(given.get("id"), (str, int)) else "",
        name=covariates.name or "",
        born=born,
        sex=covariates.sex,
    )


def _covariates(given: dict[str, Any], born: date | None, gathered: _Plain) -> Patient:
    chosen = {key: given[key] for key in KEYS if key in given}
    if born is not None and chosen.get("age") is None:
        chosen["age"] = (gathered.today - born).days / 365.2425
    known = Record(tuple(gathered.facts))
    for key in ("weight", "height"):
        newest = known.latest(key)
        if chosen.get(key) is None and newest is not None:
            chosen[key] = newest.value
    return Patient.of(chosen, where=lambda key: gathered.label)


def _mapping(value: Any, key: str, gathered: _Plain) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise gathered.refuse(f"'{key}' is not a list of names with values")
    return value


def _states(key: str, value: Any, gathered: _Plain) -> None:
    """Read one of the lists: what is present, and what is denied."""
    for state, listed in _mapping(value, key, gathered).items():
        if state not in ("present", "denied"):
            raise gathered.refuse(f"'{key}' holds '{str(state)[:40]}'", "write present and denied")
        if not isinstance(listed, list):
            raise gathered.refuse(f"'{state}' of '{key}' is not a list", "write [one, another]")
        for item in listed:
            gathered.facts += _stated(key, str(state), item, gathered)


def _stated(key: str, state: str, item: Any, gathered: _Plain) -> Iterator[Fact]:
    """Give the facts of one item: a name, or a name with its day and details."""
    detailed: dict[str, Any] = item if isinstance(item, dict) else {"concept": item}
    unknown = set(detailed) - {"concept", "medicine", "on", "until", "detail", "course"}
    name = detailed.get("concept") or detailed.get("medicine")
    if unknown or not isinstance(name, str) or not name.strip() or len(name) > 200:
        what = f"has '{sorted(map(str, unknown))[0][:40]}'" if unknown else "names nothing"
        raise gathered.refuse(f"an item of '{key}' {what}", "write a name, or {concept: name}")
    on, until = (_day(detailed.get(word), word, gathered) for word in ("on", "until"))
    course: Any = detailed.get("course") or (
        "past" if until and until <= gathered.today else "active"
    )
    if course not in ("active", "past", "unknown"):
        raise gathered.refuse(f"the course of {name} is {course!r}", "write active or past")
    if on is not None and on > gathered.today:
        gathered.not_screened.append(
            NotScreened(f"{key}: {name}", f"is dated {on}, which is after {gathered.today}")
        )
        return
    concepts, how = _meant(key, name.strip(), gathered)
    for concept in concepts:
        yield Fact(
            concept,
            state,  # type: ignore[arg-type]
            on=on,
            until=until,
            course=course,
            detail=str(detailed.get("detail") or ("" if concept == name else name))[:200],
            because=f"{gathered.label}: {key}, {state}: {name}",
            code=how,
        )


def _meant(key: str, name: str, gathered: _Plain) -> tuple[tuple[str, ...], str]:
    """Return the concepts that a name means and how it was matched; notes one that means none."""
    from ketascope.patients.codes import code_book
    from ketascope.patients.concepts import concepts

    known, book = concepts(), code_book()
    if name in known:
        return (name,), "concept"
    if key == "allergies" and f"hypersensitivity_{name.casefold()}" in known:
        return (f"hypersensitivity_{name.casefold()}",), "concept"
    if key == "medicines":
        found = [one for medicine in book.named(name) for one in book.classes(medicine)]
    else:
        found = list(book.by_words(name)) if key != "allergies" else []
    if found:
        return tuple(dict.fromkeys(found)), "text"
    near = _near(name, tuple(known))
    if near:
        raise gathered.refuse(f"'{name[:60]}' in '{key}' is not known", f"did you mean {near}")
    gathered.not_screened.append(
        NotScreened(f"{key}: {name}", "no rule or question speaks of it under this name")
    )
    return (), ""


def _near(name: str, known: tuple[str, ...]) -> str:
    """Return the concept that a name is probably a slip of; names with blanks are no concepts."""
    from difflib import get_close_matches

    if not re.fullmatch(r"[a-z0-9_]+", name):
        return ""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.85)), "")


def _measured(name: str, value: Any, gathered: _Plain) -> None:
    """Read one measurement: a number with its unit, and perhaps its day; or a list of them."""
    from ketascope.patients.concepts import concept

    about = concept(name, where=gathered.label)
    if about.limits is None:
        raise gathered.refuse(f"'{name}' is no measurement", "write it under facts")
    for one in value if isinstance(value, list) else [value]:
        row = one if isinstance(one, dict) else {"value": one}
        unknown = set(row) - {"value", "unit", "on"}
        if unknown:
            raise gathered.refuse(f"'{name}' has '{sorted(map(str, unknown))[0][:40]}'")
        number, unit = _quantity(row.get("value"), row.get("unit"), name, gathered)
        on = _day(row.get("on"), "on", gathered)
        problem = _problem(number, unit, about, on, gathered)
        if isinstance(problem, str):
            gathered.not_screened.append(NotScreened(f"observations: {name}", problem))
            continue
        gathered.facts.append(
            Fact(
                name,
                "present",
                value=problem,
                unit=about.unit,
                on=on,
                because=f"{gathered.label}: observations, {name}",
                code="concept",
            )
        )


def _problem(
    number: float, unit: str, about: Any, on: date | None, gathered: _Plain
) -> float | str:
    """Return the value in the unit of its concept, or why it is not used."""
    from ketascope.patients.ucum import convert

    if on is not None and on > gathered.today:
        return f"is dated {on}, which is after {gathered.today}"
    turned = convert(number, about.unit, unit)
    if isinstance(turned, str):
        return turned
    low, high = about.limits
    if not low <= turned <= high:
        return f"{turned:.6g} {about.unit} is not possible, so it is taken for an error"
    return turned


def _quantity(value: Any, unit: Any, name: str, gathered: _Plain) -> tuple[float, str]:
    """Return number and unit of ``128``, ``"128 mmHg"``, or a number with a unit beside it."""
    written = "" if unit is None else str(unit)
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*(.*?)\s*", value)
        if match and not (match[2] and written):
            return float(match[1]), match[2] or written
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9:
        return float(value), written
    raise gathered.refuse(f"the value of '{name}' is no number", "write a number and its unit")


def _day(value: Any, key: str, gathered: _Plain) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise gathered.refuse(f"'{key}' is no date", "write a day such as 2026-11-20")
