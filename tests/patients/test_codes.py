"""The code sets: well formed, each with its place, and found as records write them."""

from __future__ import annotations

import re

import pytest

from ketascope.patients.code_data import code_file, medicine_file, product_file
from ketascope.patients.codes import SHAPES, code_book, well_formed
from ketascope.patients.concepts import concepts

FILE, MEDICINES = code_file(), medicine_file()
_D = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]  # fmt: skip
_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    _P.append([_P[-1][_P[1][j]] for j in range(10)])


def verhoeff(code: str) -> bool:
    """Whether the last digit of a SNOMED CT id is its check digit."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _D[check][_P[place % 8][int(digit)]]
    return check == 0


def mod10(code: str) -> bool:
    """Whether the digit after the hyphen of a LOINC code is its check digit (Luhn)."""
    body, check = re.sub(r"\D", "", code[:-1]), int(code[-1])
    total = 0
    for place, digit in enumerate(reversed(body)):
        twice = int(digit) * (2 if place % 2 == 0 else 1)
        total += twice // 10 + twice % 10
    return (10 - total % 10) % 10 == check


def snomed() -> list[str]:
    found = [
        c for groups in FILE.codes.values() for g in groups if g.system == "snomed" for c in g.codes
    ]
    found += [c for row in MEDICINES.codes if row.system == "snomed" for c in row.codes]
    return found + [row.code for row in (*FILE.denials, *FILE.results) if row.system == "snomed"]


def loinc() -> list[str]:
    found = [row.code for rows in FILE.measurements.values() for row in rows]
    found += [row.code for row in (*FILE.panels, *FILE.questions)]
    found += [code for form in FILE.questionnaires for code in (*form.panels, *form.items)]
    return found


def test_every_snomed_id_and_loinc_code_has_its_check_digit() -> None:
    assert len(snomed()) > 200
    assert [code for code in snomed() if not verhoeff(code)] == []
    assert [code for code in loinc() if not mod10(code)] == []
    assert not verhoeff("59621001")
    assert not mod10("8480-5")


def test_every_code_looks_like_one_of_its_system() -> None:
    for groups in FILE.codes.values():
        for group in groups:
            for code in group.codes:
                assert SHAPES[group.system].fullmatch(code), code
    assert all(well_formed("atc", code) for code in MEDICINES.atc)
    codes = [code for text in product_file().values() for code in text.split()]
    assert len(codes) > 5_000
    assert all(well_formed("rxnorm", code) for code in codes)


def test_every_code_says_where_it_was_read() -> None:
    places = {row.read for groups in FILE.codes.values() for row in groups if row.codes}
    places |= {row.read for rows in FILE.measurements.values() for row in rows}
    places |= {row.read for row in (*FILE.denials, *FILE.results, *FILE.questions, *FILE.panels)}
    assert places <= set(FILE.places)
    places = {place for row in MEDICINES.substances.values() for place in row.rxnorm}
    places |= {row.read for row in MEDICINES.codes} | set(MEDICINES.classes.values())
    assert places <= set(MEDICINES.places)


def test_codes_stand_for_concepts_that_there_are() -> None:
    known = concepts()
    named = set(FILE.codes) | set(FILE.measurements) | {row.denies for row in FILE.denials}
    named |= {form.total for form in FILE.questionnaires} | {str(q.concept) for q in FILE.questions}
    named |= {c for row in MEDICINES.substances.values() for c in row.classes}
    named |= {c for classes in MEDICINES.atc.values() for c in classes} | set(MEDICINES.classes)
    assert named <= set(known)
    assert {known[name].kind for name in FILE.codes} == {"condition", "procedure"}
    used = {c for row in MEDICINES.substances.values() for c in row.classes}
    wide = {"medicines_any", "cns_depressant"}
    assert used | wide <= {name for name, one in known.items() if one.kind == "medicine"}
    assert set(product_file()) <= set(MEDICINES.substances)


@pytest.mark.parametrize(
    ("system", "code", "concepts"),
    [
        ("snomed", "38341003", {"hypertension": ""}),
        ("snomed", "59621000", {"hypertension": ""}),
        ("snomed", "399211009", {"myocardial_infarction": "history"}),
        ("icd10cm", "F20.0", {"schizophrenia": "", "psychosis": ""}),
        ("icd10cm", "F2089", {"schizophrenia": "", "psychosis": ""}),
        ("icd10cm", "F10.21", {"alcohol_use_disorder": "in remission"}),
        ("icd10cm", "F10.20", {"alcohol_use_disorder": ""}),
        ("icd10", "I71.4", {"aortic_aneurysm": ""}),
        ("icd10cm", "Q28.2", {"arteriovenous_malformation": ""}),
        ("icd10", "Q28.2", {}),
        ("icd10cm", "N30.10", {"bladder_disease": "", "interstitial_cystitis": ""}),
        ("icd10cm", "Z99.9", {}),
        ("snomed", "I10", {}),
    ],
)
def test_codes_of_conditions(system: str, code: str, concepts: dict[str, str]) -> None:
    assert {hit.concept: hit.past for hit in code_book().condition(system, code)} == concepts


@pytest.mark.parametrize(
    ("system", "code", "substances"),
    [
        ("rxnorm", "6130", ("ketamine",)),
        ("rxnorm", "2201623", ("esketamine",)),
        ("rxnorm", "197591", ("diazepam",)),
        ("rxnorm", "563026", ("diazepam",)),
        ("rxnorm", "1049221", ("oxycodone",)),
        ("rxnorm", "1", ()),
        ("unii", "690G0D6V8H", ("ketamine",)),
        ("ndc", "50458-028-00", ("esketamine",)),
        ("ndc", "50458002803", ("esketamine",)),
        ("ndc", "50458-029-00", ()),
        ("atc", "N05BA01", ("benzodiazepine",)),
        ("atc", "N06AX27", ("esketamine_medicine",)),
        ("atc", "N06AF04", ("antidepressant_oral", "maoi")),
        ("atc", "N05AN01", ("lithium",)),
        ("atc", "N05AH04", ("antipsychotic",)),
        ("atc", "A10BA02", ()),
    ],
)
def test_codes_of_medicines(system: str, code: str, substances: tuple[str, ...]) -> None:
    assert code_book().medicine(system, code) == substances


def test_words_are_whole_and_the_longest_counts() -> None:
    book = code_book()
    assert book.by_words("Paranoid SCHIZOPHRENIA, chronic") == ("schizophrenia",)
    assert book.by_words("hypoglycemia") == ()
    assert book.named("Zolpidem tartrate 5 MG") == ("zolpidem",)
    assert book.named("esketamine 28 mg") == ("esketamine",)
    assert book.classes("phenelzine") == ("antidepressant_oral", "maoi")
