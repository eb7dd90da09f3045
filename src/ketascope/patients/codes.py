"""The codes by which records name concepts, read from ``data/codes.yaml`` and ``medicines.yaml``.

>>> book = code_book()
>>> [hit.concept for hit in book.condition("icd10cm", "F20.9")]
['psychosis', 'schizophrenia']
>>> book.medicine("rxnorm", "197591"), book.medicine("atc", "N06AX27")
(('diazepam',), ('esketamine_medicine',))
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ketascope.patients.code_data import CodeFile, MedicineFile, Questionnaire, Substance

System = Literal["snomed", "icd10cm", "icd10", "rxnorm", "atc", "unii", "ndc", "loinc"]
# What the systems are called, and what a code of each looks like.
NAMES: dict[str, str] = {
    "snomed": "SNOMED CT",
    "icd10cm": "ICD-10-CM",
    "icd10": "ICD-10",
    "rxnorm": "RxNorm",
    "atc": "ATC",
    "unii": "UNII",
    "ndc": "NDC",
    "loinc": "LOINC",
}
SHAPES: dict[str, re.Pattern[str]] = {
    "snomed": re.compile(r"[1-9]\d{5,17}"),
    "icd10cm": re.compile(r"[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?"),
    "icd10": re.compile(r"[A-Z]\d\d(\.?[0-9A-Z]{1,4})?[+*!]?"),
    "rxnorm": re.compile(r"[1-9]\d{0,7}"),
    "atc": re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?"),
    "unii": re.compile(r"[0-9A-Z]{10}"),
    "ndc": re.compile(r"\d{4,5}-\d{3,4}(-\d{1,2})?|\d{9,11}"),
    "loinc": re.compile(r"(LA|LP|LG)?\d{1,7}-\d"),
}


class Hit(NamedTuple):
    """A concept that a code stands for; ``past`` says why the code itself means the past."""

    concept: str
    past: str = ""


@dataclass(frozen=True)
class CodeBook:
    """Every code that is known, ready to be looked up."""

    exact: dict[tuple[str, str], tuple[Hit, ...]]
    starts: dict[str, dict[str, tuple[Hit, ...]]]
    general: frozenset[tuple[str, str, str]]
    denials: dict[tuple[str, str], str]
    words: tuple[re.Pattern[str], dict[str, tuple[str, ...]]]
    substances: dict[str, Substance]
    products: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    others: dict[tuple[str, str], str]
    names: tuple[re.Pattern[str], dict[str, str]]
    measured: dict[str, str]
    panels: frozenset[str]
    questions: dict[str, str]
    results: dict[tuple[str, str], str]
    forms: tuple[Questionnaire, ...]
    points: dict[str, int]
    form_items: dict[str, Questionnaire] = field(default_factory=dict)

    def condition(self, system: str, code: str) -> tuple[Hit, ...]:
        """Return what a code of a condition, a procedure or an answer stands for."""
        found = list(self.exact.get((system, code), ()))
        if system in ("icd10cm", "icd10"):
            plain = code.replace(".", "")
            tables = [self.starts["icd10"]]
            if system == "icd10cm":
                tables.append(self.starts["icd10cm"])
            found += [
                hit
                for table in tables
                for end in range(3, len(plain) + 1)
                for hit in table.get(plain[:end], ())
            ]
        # Of the same concept the entry that says "past" is the more exact one.
        best = {hit.concept: hit for hit in sorted(found, key=lambda hit: hit.past)}
        return tuple(best[name] for name in sorted(best))

    def whole(self, concept: str, system: str, code: str) -> bool:
        """Whether a code means all of a concept, so that refuting it denies the concept."""
        if system in ("icd10cm", "icd10"):
            return (concept, "icd10", code.replace(".", "")) in self.general
        return (concept, system, code) in self.general

    def denied(self, system: str, code: str) -> str | None:
        """Return the concept that a code denies, such as the one of "no known allergy"."""
        return self.denials.get((system, code))

    def by_words(self, text: str) -> tuple[str, ...]:
        """Return the concepts of conditions whose words a text holds: the last resort."""
        pattern, table = self.words
        found = [name for word in pattern.findall(text.casefold()) for name in table[word]]
        return tuple(dict.fromkeys(found))

    def medicine(self, system: str, code: str) -> tuple[str, ...]:
        """Return the substances that a code names; of an ATC group the classes."""
        if system == "rxnorm":
            return self.products.get(code, ())
        if system == "atc":
            lengths = range(len(code), 2, -1)
            return next((self.groups[code[:n]] for n in lengths if code[:n] in self.groups), ())
        if system == "ndc":
            found = next((name for key, name in self.others.items() if _same_ndc(key, code)), None)
        else:
            found = self.others.get((system, code))
        return () if found is None else (found,)

    def named(self, text: str) -> tuple[str, ...]:
        """Return the substances that a text names: the last resort."""
        pattern, table = self.names
        return tuple(dict.fromkeys(table[word] for word in pattern.findall(text.casefold())))

    def classes(self, substance: str) -> tuple[str, ...]:
        """Return the concepts that a substance belongs to; an ATC class is one already."""
        row = self.substances.get(substance)
        return (substance,) if row is None else row.classes

    def form(self, substance: str) -> str:
        """Return the form without which the classes do not hold, such as ``nasal``."""
        row = self.substances.get(substance)
        return "" if row is None else row.form


def well_formed(system: str, code: str) -> bool:
    """Whether a code looks like one of its system."""
    return SHAPES[system].fullmatch(code) is not None


def _same_ndc(key: tuple[str, str], code: str) -> bool:
    """Whether a National Drug Code is of a product (labeler and product, with a hyphen)."""
    system, product = key
    if system != "ndc":
        return False
    labeler, _, item = product.partition("-")
    parts = code.split("-")
    if len(parts) >= 2:
        return (parts[0].zfill(5), parts[1].zfill(4)) == (labeler.zfill(5), item.zfill(4))
    return len(code) == 11 and code.startswith(labeler.zfill(5) + item.zfill(4))


@lru_cache(maxsize=1)
def code_book() -> CodeBook:
    """Return the codes, read once.

    Raises
    ------
    InputError
        If a data file does not fit its schema.
    """
    from ketascope.patients.code_data import code_file, medicine_file, product_file

    conditions, medicines = code_file(), medicine_file()
    book = CodeBook(
        **_conditions(conditions),
        **_medicines(medicines, product_file()),
        **_measurements(conditions),
    )
    for form in book.forms:
        book.form_items.update(dict.fromkeys(form.items, form))
    return book


def _general(content: CodeFile) -> frozenset[tuple[str, str, str]]:
    """Return (concept, system, code) of what means a whole concept."""
    found = {(name, "snomed", code) for name, codes in content.general.items() for code in codes}
    for name, groups in content.codes.items():
        starts = [
            code.replace(".", "")
            for group in groups
            if group.system in ("icd10", "icd10cm") and not group.past
            for code in group.codes
        ]
        if len(starts) == 1:
            found |= {(name, "icd10", starts[0]), (name, "icd10", f"{starts[0]}9")}
    return frozenset(found)


def _conditions(content: CodeFile) -> dict[str, Any]:
    exact: dict[tuple[str, str], list[Hit]] = {}
    starts: dict[str, dict[str, list[Hit]]] = {"icd10": {}, "icd10cm": {}}
    words: dict[str, list[str]] = {}
    for name, groups in content.codes.items():
        for group in groups:
            for word in group.words:
                words.setdefault(word.casefold(), []).append(name)
            for code in group.codes:
                hit = Hit(name, group.past)
                if group.system in starts:
                    starts[group.system].setdefault(code.replace(".", ""), []).append(hit)
                else:
                    exact.setdefault((group.system, code), []).append(hit)
    return {
        "exact": {key: tuple(hits) for key, hits in exact.items()},
        "starts": {
            system: {key: tuple(hits) for key, hits in table.items()}
            for system, table in starts.items()
        },
        "general": _general(content),
        "denials": {(row.system, row.code): row.denies for row in content.denials},
        "words": (_any_word(words), {key: tuple(names) for key, names in words.items()}),
    }


def _medicines(content: MedicineFile, products: dict[str, str]) -> dict[str, Any]:
    rxnorm: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for substance, row in content.substances.items():
        codes = [*products.get(substance, "").split(), *row.rxnorm.values()]
        for code in codes:
            rxnorm.setdefault(code, []).append(substance)
        for word in (substance, *row.also):
            names[word.casefold()] = substance
    others: dict[tuple[str, str], str] = {}
    for extra in content.codes:
        for code in extra.codes:
            if extra.system == "rxnorm":
                rxnorm.setdefault(code, []).append(extra.substance)
            else:
                others[extra.system, code] = extra.substance
    return {
        "substances": content.substances,
        "products": {code: tuple(dict.fromkeys(found)) for code, found in rxnorm.items()},
        "groups": content.atc,
        "others": others,
        "names": (_any_word(names), names),
    }


def _measurements(content: CodeFile) -> dict[str, Any]:
    return {
        "measured": {row.code: name for name, rows in content.measurements.items() for row in rows},
        "panels": frozenset(row.code for row in content.panels),
        "questions": {row.code: cast("str", row.concept) for row in content.questions},
        "results": {(row.system, row.code): row.means for row in content.results},
        "forms": content.questionnaires,
        "points": content.answers,
    }


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    """Pattern of whole words, the longest first; a hyphen parts words, as in names of mixtures."""
    ordered = sorted(words, key=len, reverse=True)
    if not ordered:
        raise InputError("no words are known")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")
