"""FHIR-shaped records with anything in them: a record or one clear sentence comes out.

``python tests/patients/fuzz_fhir.py 20000`` tries 20,000 of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patients.fhir_cases import ATC, ICD, LOINC, RXNORM, SNOMED, TODAY

from ketascope.errors import InputError
from ketascope.patients.concepts import concepts
from ketascope.patients.facts import Record
from ketascope.patients.fhir import read_fhir

KNOWN = {
    SNOMED: "59621000 58214004 274100004 716186003 787481004 399211009 66214007 I10".split(),
    ICD: "I10 F20.9 I71.4 Q28.2 F10.21 N30.10 I61 59621000 F".split(),
    RXNORM: "6130 2119365 197591 563026 8123 36437 50121 0 x".split(),
    ATC: "N06AX27 N05BA N06AF03 R01AD08 N".split(),
    LOINC: "85354-9 55284-4 8480-6 29463-7 8302-2 44261-6 44260-8 72166-2 1742-6 2106-3".split(),
}
WORDS = (
    "Schizophrenia|No known allergy|History of epilepsy|Diazepam 5 MG|fluticasone nasal|é|\u202e|"
)
UNITS = "kg g [lb_av] mm[Hg] kPa cm [in_i] Cel % /min U/L {score} mmHg furlong".split()
DATES = "2026-11-20 2026 2024-02 2031-01-01 2026-02-30 1890-01-01 2026-11-20T10:00:00Z soon".split()
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8),
    st.just([]), st.just({}), st.just([{}]), st.just([None]), st.just({"coding": None}),
)  # fmt: skip


def maybe_odd(good: st.SearchStrategy[Any], chance: int = 80) -> st.SearchStrategy[Any]:
    """Give the good value, but now and then anything."""
    return st.integers(0, chance).flatmap(lambda n: ODD if n == chance else good)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give an object with some of the fields, each now and then odd."""
    return st.fixed_dictionaries({}, optional={name: maybe_odd(s) for name, s in fields.items()})


def whole(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give an object with all of the fields, each now and then odd."""
    return st.fixed_dictionaries({name: maybe_odd(s) for name, s in fields.items()})


codings = st.sampled_from(sorted(KNOWN)).flatmap(
    lambda system: st.fixed_dictionaries(
        {"system": st.just(system), "code": st.sampled_from(KNOWN[system])}
    )
)
texts = st.one_of(st.sampled_from(WORDS.split("|")), st.text(max_size=12))
terms = st.one_of(
    whole(coding=st.lists(codings, min_size=1, max_size=3)), whole(text=texts),
    whole(coding=st.lists(codings, min_size=1, max_size=1), text=texts),
)  # fmt: skip
days = st.sampled_from(DATES)
moments = st.sampled_from([day for day in DATES if len(day) > 9] + ["2026-11-20T10:00:00Z"])
periods = some(start=days, end=days)
numbers = st.one_of(st.integers(-300, 400), st.floats(-1e3, 1e3), st.just(1e308), st.just(10**40))
quantities = st.one_of(
    whole(value=st.integers(50, 180), code=st.sampled_from(UNITS)),
    some(value=numbers, unit=st.sampled_from(UNITS), comparator=st.sampled_from(["<", ">="])),
)
references = st.sampled_from([{"reference": "Patient/p1"}] * 30 + [{"reference": "Patient/p2"}, {}])
medicines = st.sampled_from(
    [{"reference": "#m"}, {"reference": "Medication/m"}, {"display": "Xanax"}]
)


def flags(*words: str) -> st.SearchStrategy[Any]:
    """Give a status that is coded."""
    return st.sampled_from(words).map(lambda one: {"coding": [{"system": "http://x", "code": one}]})


checked = flags("confirmed", "refuted", "provisional", "entered-in-error", "odd")
answers = st.one_of(
    st.integers(-1, 4).map(lambda n: {"valueInteger": n}),
    st.just({"valueCoding": {"system": LOINC, "code": "LA6570-1"}}),
    st.just({"valueDecimal": 1e300}),
)
links = "44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8".split()
items = st.recursive(
    whole(
        linkId=st.sampled_from([*links, "/44261-6", "101698-9", "1"]),
        answer=st.lists(answers, min_size=1, max_size=2),
    ),
    lambda inner: whole(linkId=st.just("g"), item=st.lists(inner, min_size=1, max_size=3)),
    max_leaves=6,
)
medications = st.tuples(
    some(
        id=st.just("m"), code=terms,
        ingredient=st.lists(some(itemCodeableConcept=terms, itemReference=medicines), max_size=2),
    )
).map(lambda one: {**one[0], "resourceType": "Medication"})  # fmt: skip
medicine = st.one_of(whole(medicationCodeableConcept=terms), whole(medicationReference=medicines))
values = st.one_of(
    whole(valueQuantity=quantities), whole(valueCodeableConcept=terms), some(valueInteger=numbers),
    whole(valueBoolean=st.booleans()),
    whole(component=st.lists(whole(code=terms, valueQuantity=quantities), max_size=3)),
)  # fmt: skip
doses = st.lists(some(text=texts, route=terms), max_size=2)
Parts = list[st.SearchStrategy[dict[str, Any]]]
SHAPES: dict[str, Parts] = {
    "Condition": [
        whole(code=terms, verificationStatus=checked,
              clinicalStatus=flags("active", "resolved", "remission", "odd")),
        some(recordedDate=days, onsetDateTime=days),
        some(abatementDateTime=days),
    ],
    "AllergyIntolerance": [
        whole(code=terms, verificationStatus=checked),
        some(recordedDate=days, clinicalStatus=flags("active", "resolved"),
             type=st.sampled_from(["allergy", "intolerance"])),
    ],
    "MedicationRequest": [
        medicine,
        whole(intent=st.sampled_from(["order", "order", "plan"]),
              status=st.sampled_from(["active", "active", "stopped", "draft"])),
        some(authoredOn=days, dosageInstruction=doses, contained=st.lists(medications, max_size=1)),
    ],
    "MedicationStatement": [
        medicine,
        whole(status=st.sampled_from(["active", "completed", "not-taken"])),
        st.one_of(some(effectiveDateTime=days), some(effectivePeriod=periods)),
    ],
    "MedicationAdministration": [
        medicine,
        whole(status=st.sampled_from(["completed", "in-progress", "not-done"])),
        st.one_of(whole(effectiveDateTime=days), whole(effectivePeriod=periods)),
    ],
    "Observation": [
        whole(code=terms, status=st.sampled_from(["final", "final", "amended", "cancelled"])),
        values,
        some(effectiveDateTime=days, issued=moments),
    ],
    "Procedure": [
        whole(code=terms, status=st.sampled_from(["completed", "preparation", "not-done"])),
        some(performedDateTime=days),
    ],
    "QuestionnaireResponse": [
        whole(status=st.sampled_from(["completed", "completed", "stopped"]),
              item=st.lists(items, min_size=1, max_size=4)),
        some(authored=days, questionnaire=st.just("http://x/phq9")),
    ],
    "Claim": [], "FamilyMemberHistory": [], "Zebra": [],
}  # fmt: skip


def of_kind(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give resources of one kind."""
    whom = "patient" if kind == "AllergyIntolerance" else "subject"
    parts = [some(id=st.sampled_from(["a", "b"])), whole(**{whom: references}), *SHAPES[kind]]
    return st.tuples(*parts).map(
        lambda made: {**{k: v for part in made for k, v in part.items()}, "resourceType": kind}
    )


resources = st.one_of(*map(of_kind, SHAPES), medications)
people = some(
    gender=st.just("male"), birthDate=st.sampled_from(["1980-05-02", "1980", "2031-01-01"]),
    name=st.lists(some(family=texts, given=st.lists(texts, max_size=2)), max_size=2),
).map(lambda one: {**one, "resourceType": "Patient", "id": "p1"})  # fmt: skip
bundles = st.tuples(people, st.lists(resources, max_size=6), st.integers(0, 60)).map(
    lambda parts: {
        "resourceType": "Bundle",
        "type": "history" if parts[2] == 60 else "collection",
        "entry": [{"resource": one} for one in ([parts[0]] if parts[2] != 59 else []) + parts[1]],
    }
)


def check(content: Any) -> None:
    """Read content; only a record or InputError may come out, and nothing without a word."""
    try:
        record = read_fhir(json.dumps(content).encode(), "fuzz", patient="p1", on=TODAY)
    except InputError as error:
        text = str(error)
        assert text.startswith("fuzz"), text
        assert "\n" not in text, text
        return
    sound(record)
    kinds = {entry["resource"]["resourceType"] for entry in content["entry"]}
    told = " ".join(fact.because for fact in record.facts)
    told += " ".join(note.item for note in record.not_screened)
    missing = [kind for kind in kinds - {"Patient", "Medication"} if kind not in told]
    assert not missing, (missing, content)


def sound(record: Record) -> None:
    """Check that a record is one that rules can stand on."""
    known = concepts()
    for fact in record.facts:
        assert fact.because
        assert fact.code
        assert fact.on is None or fact.on <= TODAY
        if fact.value is not None:
            low, high = known[fact.concept].limits or (0.0, 0.0)
            assert low <= fact.value <= high
    for name in ("hypertension", "systolic", "medicines_any", "hypersensitivity_ketamine"):
        assert record.state(name, TODAY) in ("present", "denied", "unknown")
    assert all(note.item and note.reason for note in record.not_screened)


def fuzz(n: int) -> None:
    """Try ``n`` bundles."""

    @settings(
        max_examples=n, deadline=None, database=None, derandomize=n < 1_000,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(bundles)
    def run(content: dict[str, Any]) -> None:
        check(content)

    run()


if __name__ == "__main__":
    fuzz(int(sys.argv[1]))
