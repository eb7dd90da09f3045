"""A clinician's dated answers to the questions of a screen: they become facts of the record.

A file (YAML or JSON) holds one line for each answer, by the id of the question, and may say on
which day and by whom::

    on: 2026-11-20
    by: A. Clinician
    vessels: no
    psychosis: past
    systolic: 128
    suicide_attempt: {answer: yes, since: 2019-03-01}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients.concepts import concept, concepts
from ketascope.patients.facts import Fact
from ketascope.safety.questions import groups

if TYPE_CHECKING:
    from os import PathLike

    from ketascope.patients.facts import Record

MAX_BYTES = 1_000_000
_YES = ("yes", "true", "present", "y")
_NO = ("no", "false", "denied", "absent", "n")
_PAST = ("past", "no longer", "resolved")
_PERSON = ("age", "sex")


@dataclass(frozen=True, slots=True)
class _Said:
    """One answer, with its day, who gave it, and since when."""

    value: Any
    on: date
    by: str
    since: date | None
    where: str


def answered(record: Record, answers: str | PathLike[str] | Mapping[str, Any], on: date) -> Record:
    """Return the record with the answers as facts.

    Parameters
    ----------
    record : Record
    answers : path or mapping
        As the module says.
    on : date
        Day of the screen; answers without a day are of this day.

    Raises
    ------
    InputError
        If the file cannot be read, a key is not known, an answer does not fit its question, or it
        is dated after the screen.
    """
    label, content = _content(answers)
    head_on = _day(content.get("on"), on, f"{label}, on")
    head_by = str(content.get("by") or "a clinician")
    rows = content.get("answers", {key: v for key, v in content.items() if key not in ("on", "by")})
    if not isinstance(rows, Mapping):
        raise InputError("answers are one line for each question", where=label)
    for name, row in rows.items():
        said = _said(row, head_on, head_by, f"{label}, {name}")
        if said.on > on:
            raise InputError(
                f"the answer is dated {said.on}, after the day of the screen ({on})",
                where=said.where,
            )
        record = _with(record, str(name), said)
    return record


def _content(answers: str | PathLike[str] | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if isinstance(answers, Mapping):
        return "answers", answers
    import yaml

    path = Path(answers)
    label = str(answers)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=label) from None
    if len(content) > MAX_BYTES:
        raise InputError("the file is larger than 1 MB", where=label)
    try:
        found = yaml.safe_load(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, yaml.YAMLError):
        raise InputError(
            "the file is neither YAML nor JSON",
            where=label,
            hint="write lines such as 'vessels: no'",
        ) from None
    if not isinstance(found, dict):
        raise InputError(
            "the file holds no answers", where=label, hint="write lines such as 'vessels: no'"
        )
    return label, _keys(found)


def _keys(content: dict[Any, Any]) -> dict[str, Any]:
    """Return a mapping with keys as text; YAML reads the key ``on`` as true."""
    return {
        "on" if key is True else str(key): _keys(value) if isinstance(value, dict) else value
        for key, value in content.items()
    }


def _said(row: Any, on: date, by: str, where: str) -> _Said:
    if not isinstance(row, Mapping):
        return _Said(row, on, by, None, where)
    strange = set(row) - {"answer", "value", "on", "by", "since"}
    if strange:
        raise InputError(
            f"'{sorted(map(str, strange))[0]}' is not part of an answer",
            where=where,
            hint="parts are answer, on, by and since",
        )
    since = None if row.get("since") is None else _day(row["since"], on, where)
    value = row.get("answer", row.get("value"))
    return _Said(value, _day(row.get("on"), on, where), str(row.get("by") or by), since, where)


def _day(value: Any, otherwise: date, where: str) -> date:
    if value is None:
        return otherwise
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise InputError(f"'{value}' is not a day", where=where, hint="write 2026-11-20") from None


def _with(record: Record, name: str, said: _Said) -> Record:
    if name in _PERSON:
        return _person(record, name, said)
    group = groups().get(name)
    if group is not None and name not in concepts():
        return _group(record, name, said)
    asked = concept(name, said.where)
    if asked.limits is not None:
        return record.told([_value(name, said)])
    word = _word(said)
    if word == "unknown":
        return record
    if name == "medicines_complete" and word == "yes":
        return record.told(_no_other_medicines(record, said))
    return record.told([_fact(name, word, said)])


def _word(said: _Said) -> str:
    """``yes``, ``no``, ``past`` or ``unknown``."""
    text = str(said.value).strip().casefold()
    for word, texts in (("yes", _YES), ("no", _NO), ("past", _PAST), ("unknown", ("unknown", "?"))):
        if text in texts:
            return word
    raise InputError(
        f"'{str(said.value)[:40]}' does not answer the question",
        where=said.where,
        hint="write yes, no, past or unknown",
    )


def _fact(name: str, word: str, said: _Said) -> Fact:
    return Fact(
        name,
        "denied" if word == "no" else "present",
        on=said.since,
        said=said.on,
        course="past" if word == "past" else "active",
        because=f"answered by {said.by} on {said.on}",
        code="answer",
    )


def _value(name: str, said: _Said) -> Fact:
    asked = concept(name)
    low, high = asked.limits or (0.0, 0.0)
    if isinstance(said.value, bool) or not isinstance(said.value, int | float):
        raise InputError(
            f"'{str(said.value)[:40]}' is not a number",
            where=said.where,
            hint=f"write it in {asked.unit or 'points'}",
        )
    if not low <= said.value <= high:
        raise InputError(
            f"{said.value:g} {asked.unit} is outside {low:g} to {high:g}".replace("  ", " "),
            where=said.where,
        )
    because = f"answered by {said.by} on {said.on}"
    return Fact(
        name, "present", float(said.value), asked.unit, on=said.on, said=said.on,
        because=because, code="answer",
    )  # fmt: skip


def _group(record: Record, name: str, said: _Said) -> Record:
    word = _word(said)
    members = groups()[name].concepts
    if word == "unknown":
        return record
    if word != "no":
        raise InputError(
            "yes to several things at once does not say which",
            where=said.where,
            hint=f"answer each: {', '.join(members)}",
        )
    return record.told(_fact(one, "no", said) for one in members if _never(record, one))


def _no_other_medicines(record: Record, said: _Said) -> list[Fact]:
    names = [one.id for one in concepts().values() if one.kind == "medicine"]
    own = [_fact("medicines_complete", "yes", said)]
    return own + [_fact(one, "no", said) for one in names if _never(record, one)]


def _never(record: Record, name: str) -> bool:
    """Whether the record never had it; what it once had is denied only by its own answer."""
    return record.state(name, when="ever") != "present"


def _person(record: Record, name: str, said: _Said) -> Record:
    from ketascope.patients.patient import Patient

    known = record.covariates or Patient()
    updated = replace(known, **{name: getattr(Patient.of({name: said.value}), name)})
    if name == "sex":
        return replace(record, covariates=updated, sex=updated.sex)
    return replace(record, covariates=updated)
