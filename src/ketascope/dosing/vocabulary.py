"""The words of the regimen language: what each stands for and how a message speaks of it."""

from __future__ import annotations

import re
from typing import Literal

from ketascope.dosing.values import Basis, Drug, Form, Route

DRUG_WORDS: dict[str, Drug] = {
    "ketamine": "ketamine",
    "racemic ketamine": "ketamine",
    "rac-ketamine": "ketamine",
    "(r,s)-ketamine": "ketamine",
    "ketalar": "ketamine",
    "esketamine": "esketamine",
    "es-ketamine": "esketamine",
    "s-ketamine": "esketamine",
    "(s)-ketamine": "esketamine",
    "s(+)-ketamine": "esketamine",
    "spravato": "esketamine",
    "ketanest s": "esketamine",
    "arketamine": "arketamine",
    "r-ketamine": "arketamine",
    "(r)-ketamine": "arketamine",
    "r(-)-ketamine": "arketamine",
}
ROUTE_NAMES: dict[str, Route] = {
    "iv": "intravenous",
    "intravenous": "intravenous",
    "intravenously": "intravenous",
    "iv infusion": "intravenous",
    "intravenous infusion": "intravenous",
    "intranasal": "intranasal",
    "intranasally": "intranasal",
    "nasal": "intranasal",
    "nasally": "intranasal",
    "nasal spray": "intranasal",
    "in": "intranasal",
    "im": "intramuscular",
    "intramuscular": "intramuscular",
    "intramuscularly": "intramuscular",
    "sc": "subcutaneous",
    "subcut": "subcutaneous",
    "subq": "subcutaneous",
    "subcutaneous": "subcutaneous",
    "subcutaneously": "subcutaneous",
    "oral": "oral",
    "orally": "oral",
    "po": "oral",
    "by mouth": "oral",
    "sl": "sublingual",
    "sublingual": "sublingual",
    "sublingually": "sublingual",
    "buccal": "buccal",
    "buccally": "buccal",
    "pr": "rectal",
    "rectal": "rectal",
    "rectally": "rectal",
    "inhaled": "inhaled",
    "inhalation": "inhaled",
    "by inhalation": "inhaled",
    "nebulised": "inhaled",
    "nebulized": "inhaled",
}
FORM_NAMES: dict[str, Form] = {
    "oral solution": "oral solution",
    "solution": "solution",
    "film": "film",
    "thin film": "film",
    "oral thin film": "film",
    "oromucosal film": "film",
    "tablet": "tablet",
    "tablets": "tablet",
    "extended-release tablet": "extended-release tablet",
    "prolonged-release tablet": "extended-release tablet",
    "er tablet": "extended-release tablet",
    "wafer": "wafer",
    "lozenge": "lozenge",
    "troche": "lozenge",
}
BASIS_NAMES: dict[str, Basis] = {
    "actual": "actual",
    "total": "actual",
    "ideal": "ideal",
    "lean": "lean",
    "adjusted": "adjusted",
}
NUMBER_NAMES: dict[str, int] = {
    word: i
    for i, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}

Gives = Literal[
    "drug",
    "salt",
    "dose",
    "weight",
    "maximum",
    "route",
    "form",
    "duration",
    "frequency",
    "extent",
    "link",
    "detail",
]
#: Terminal of the grammar: (what kind of part it begins or belongs to, how a message calls it,
#: words to suggest).
TERMINALS: dict[str, tuple[Gives, str, tuple[str, ...]]] = {
    "DRUG": ("drug", "a drug such as 'esketamine'", tuple(DRUG_WORDS)),
    "SALT": ("salt", "'base' or 'hydrochloride'", ("base", "hydrochloride", "hcl")),
    "NUMBER": ("dose", "a number", ()),
    "NUMBER_WORD": ("dose", "a number", tuple(NUMBER_NAMES)),
    "UNIT": (
        "detail",
        "a unit of dose such as 'mg' or 'mg/kg'",
        (
            "mg",
            "mg/kg",
            "mg/h",
            "mg/min",
            "mg/kg/h",
            "mg/kg/min",
            "ug/kg/min",
            "ug/kg/h",
            "mcg",
            "ug",
            "microgram",
            "milligram",
            "g",
        ),
    ),
    "OF": ("weight", "'of ideal weight'", ("of",)),
    "BASIS": ("weight", "a weight: 'ideal', 'lean', 'adjusted' or 'actual'", tuple(BASIS_NAMES)),
    "BODY": ("detail", "'body'", ("body",)),
    "WEIGHT": ("detail", "'weight'", ("weight", "mass")),
    "MAX": ("maximum", "'max 60 mg'", ("max", "maximum")),
    "ROUTE": ("route", "a route such as 'iv' or 'intranasal'", tuple(ROUTE_NAMES)),
    "FORM": ("form", "a form such as 'tablet'", tuple(FORM_NAMES)),
    "BOLUS": ("duration", "'bolus'", ("bolus", "push")),
    "OVER": ("duration", "a duration such as 'over 40 min'", ("over",)),
    "MINUTE": ("detail", "'min'", ("min", "minutes")),
    "HOUR": ("detail", "'h'", ("h", "hours")),
    "DAY": ("detail", "'days'", ("days", "day")),
    "WEEK": ("detail", "'weeks'", ("weeks", "week")),
    "MONTH": ("detail", "", ("months",)),
    "DOSES": ("detail", "'doses'", ("doses", "dose")),
    "FOR": ("extent", "an extent such as 'for 4 weeks'", ("for",)),
    "ONCE": ("frequency", "a frequency such as 'twice weekly'", ("once", "single")),
    "TWICE": ("frequency", "a frequency such as 'twice weekly'", ("twice",)),
    "THRICE": ("frequency", "a frequency such as 'twice weekly'", ("thrice",)),
    "DAILY": ("frequency", "'daily'", ("daily",)),
    "WEEKLY": ("frequency", "'weekly'", ("weekly",)),
    "FORTNIGHTLY": ("frequency", "a frequency such as 'twice weekly'", ("fortnightly",)),
    "MONTHLY": ("frequency", "a frequency such as 'twice weekly'", ("monthly",)),
    "EVERY": ("frequency", "a frequency such as 'every 2 weeks'", ("every",)),
    "OTHER": ("detail", "'other'", ("other",)),
    "OF_COURSE": ("detail", "'of the course'", ("of the course",)),
    "ON": ("frequency", "'on days 1, 4, 8'", ("on",)),
    "TIMES": ("detail", "'times'", ("times",)),
    "PER": ("detail", "'per'", ("per",)),
    "AND": ("link", "'and' with another dose", ("and", "plus")),
    "THEN": ("link", "'then' with a further phase", ("then", "followed by")),
    "COMMA": ("link", "", ()),
    "$END": ("link", "the end of the regimen", ()),
}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower())


def drug_of(text: str) -> Drug:
    """Return the drug that a matched word names."""
    word = re.sub(r"\s", "", text.lower()) if "," in text or "/" in text else _plain(text)
    if word.replace("/", ",").replace("(", "").replace(")", "") == "r,s-ketamine":
        return "ketamine"
    return DRUG_WORDS[word.replace("ketanest-s", "ketanest s")]


def route_of(text: str) -> Route:
    """Return the route that a matched word names."""
    return ROUTE_NAMES[_plain(text).replace(".", "")]


def form_of(text: str) -> Form:
    """Return the form that a matched word names."""
    word = _plain(text).replace("release-", "release ").replace("extended r", "extended-r")
    return FORM_NAMES[word.replace("prolonged r", "prolonged-r").rstrip("s")]
