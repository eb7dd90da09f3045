"""Hypothesis strategies for regimens, and messy ways to write them."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from ketascope.dosing import Amount, Component, Extent, Frequency, Phase, Rate, Regimen
from ketascope.dosing.values import DRUGS, FORM_ROUTES, ROUTES, TIMED_ROUTES
from ketascope.errors import InputError

plain_numbers = st.one_of(
    st.integers(1, 500).map(float),
    st.decimals("0.01", "100", places=2).map(float),
    st.floats(1e-6, 1e6),
)
caps = st.none() | plain_numbers
bases = st.sampled_from(["actual", "ideal", "lean", "adjusted"])
per_kg_rates = st.sampled_from(["mg/kg/h", "mg/kg/min", "ug/kg/h", "ug/kg/min"])
flat_rates = st.sampled_from(["mg/h", "mg/min", "ug/h", "ug/min"])

amounts = st.one_of(
    st.builds(Amount, plain_numbers, st.just("mg")),
    st.builds(Amount, plain_numbers, st.just("mg/kg"), bases, caps),
)
rates = st.one_of(
    st.builds(Rate, plain_numbers, flat_rates),
    st.builds(Rate, plain_numbers, per_kg_rates, bases, caps),
)
minutes = st.one_of(
    st.integers(1, 3000).map(float), st.sampled_from([120.0, 1440.0]), st.floats(1e-6, 1e6)
)


@st.composite
def components(draw: st.DrawFn) -> Component:
    drug = draw(st.sampled_from(DRUGS))
    route = draw(st.sampled_from(ROUTES))
    forms = [form for form, routes in FORM_ROUTES.items() if route in routes]
    form = draw(st.sampled_from([None, *forms]))
    if (drug, route, form) == ("esketamine", "intranasal", None):
        return Component(drug, Amount(14.0 * draw(st.integers(1, 12)), "mg"), route)
    duration = draw(st.just(0.0) | minutes) if route in TIMED_ROUTES else 0.0
    dose = draw(amounts | rates) if duration else draw(amounts)
    if isinstance(dose, Rate) and not 1e-6 <= _total(dose, duration) <= 1e6:
        dose = Amount(1.0, "mg")
    return Component(drug, dose, route, form, duration)


def _total(rate: Rate, duration: float) -> float:
    try:
        return rate.amount(duration).value
    except InputError:
        return 0.0


days = st.lists(st.integers(2, 3000), max_size=8, unique=True).map(
    lambda later: (1, *sorted(later))
)
repeating = st.one_of(
    st.builds(Frequency, st.just("daily"), st.integers(1, 24)),
    st.builds(Frequency, st.just("weekly"), st.integers(1, 7)),
    st.builds(Frequency.every, st.integers(1, 400), st.sampled_from(["days", "weeks"])),
    st.builds(Frequency.every, plain_numbers, st.just("hours")),
)
extents = st.builds(Extent, st.integers(1, 500), st.sampled_from(["days", "weeks", "doses"]))


@st.composite
def phases(draw: st.DrawFn, before: Phase | None = None) -> Phase:
    given = tuple(draw(st.lists(components(), min_size=1, max_size=3)))
    if before is not None and draw(st.booleans()):
        given = before.components
    kinds = ["once", "on days", "repeating"] + ["course days"] * (before is not None)
    kind = draw(st.sampled_from(kinds))
    if kind == "once":
        return Phase(given, Frequency("once"))
    if kind == "course days":
        return Phase(given, Frequency("course days", days=draw(days)))
    if kind == "on days":
        listed = draw(days)
        longer = Extent(listed[-1] + draw(st.integers(0, 9)), "days")
        return Phase(
            given, Frequency("on days", days=listed), draw(st.sampled_from([None, longer]))
        )
    return Phase(given, draw(repeating), draw(extents))


@st.composite
def regimens(draw: st.DrawFn) -> Regimen:
    made: list[Phase] = []
    for _ in range(draw(st.integers(1, 4))):
        made.append(draw(phases(made[-1] if made else None)))
    return Regimen(tuple(made))


#: Canonical words, and other ways to write them.
SYNONYMS: dict[str, list[str]] = {
    r"\besketamine\b": ["S-ketamine", "(S)-ketamine", "es-ketamine", "Ketanest S"],
    r"\barketamine\b": ["R-ketamine", "(R)-ketamine"],
    r"(?<![-\w])ketamine\b": ["racemic ketamine", "(R,S)-ketamine", "Ketalar", "ketamine base"],
    r"\biv\b": ["intravenous", "intravenously", "i.v.", "iv infusion"],
    r"\bintranasal\b": ["nasal", "intranasally", "in", "nasal spray"],
    r"\bim\b": ["intramuscular", "i.m."],
    r"\bsc\b": ["subcut", "subq", "subcutaneously"],
    r"\boral\b(?! solution)": ["po", "orally", "by mouth"],
    r"\bsublingual\b": ["sl", "sublingually"],
    r"\brectal\b": ["pr", "rectally"],
    r"\binhaled\b": ["nebulised", "nebulized", "by inhalation"],
    r"\bfilm\b": ["oral thin film", "thin film"],
    r"\bextended-release tablet\b": ["prolonged-release tablet", "ER tablet"],
    r"\btwice weekly\b": ["two times a week", "2x/week", "twice per week", "2 times weekly"],
    r"\b3 times weekly\b": ["three times weekly", "thrice a week", "3 x per week"],
    r"\btwice daily\b": ["2 times a day", "twice per day"],
    r"(?<!twice )(?<!times )\bweekly\b": ["once weekly", "once a week", "every week"],
    r"(?<!twice )(?<!times )\bdaily\b": ["once daily", "every day", "once per day"],
    r"\bevery 2 days\b": ["every other day", "every second day"],
    r"\bevery 2 weeks\b": ["fortnightly", "every other week", "every two weeks"],
    r"\bevery 4 weeks\b": ["monthly", "once monthly"],
    r"\bfor (\d+ doses)": [r"\1", r"x \1"],
    r"\bfor (\d+) doses": [r"x \1", r"x\1"],
    r"\bfor (\d+ weeks)": [r"x \1", r"\1"],
    r"\bover (\S+ min)": [r"for \1utes", r"over \1s", r"\1"],
    r"\bover (\S+) h\b": [r"for \1 hours", r"over \1hrs"],
    r"\bof (\w+) weight": [r"of \1 body weight", r"\1 weight", r"of \1 body mass"],
    r"\bmax (\S+ mg)\b": [r"up to \1", r"maximum \1", r"capped at \1"],
    r"\bug/": ["mcg/", "µg/", "microgram/"],
    r"\bthen\b": ["followed by", "THEN"],
    r", (\d+)(?!.*\d)": [r" and \1"],
}


@st.composite
def messy(draw: st.DrawFn, regimen: Regimen) -> str:
    """Write a regimen in words that mean the same."""
    phases = str(regimen).split(" then ")
    text = ""
    for i, phase in enumerate(phases):
        for pattern, others in SYNONYMS.items():
            if draw(st.booleans()):
                phase = re.sub(pattern, draw(st.sampled_from(others)), phase)
        text += (draw(st.sampled_from([" then ", ", then ", " followed by "])) if i else "") + phase
    words = text.split(" ")
    gaps = [draw(st.sampled_from([" ", "  ", "\t", "\n"])) for _ in words]
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    text = draw(st.sampled_from([str, str.upper, str.title]))(text)
    return text.rstrip() + draw(st.sampled_from(["", ".", " "]))
