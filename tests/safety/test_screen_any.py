"""Whatever a record says, a screen comes out whole: sorted, without doubles, as plain values."""

from __future__ import annotations

import json
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ketascope.patients.concepts import concepts
from ketascope.patients.facts import Fact, Record
from ketascope.report.screen_page import screen_page
from ketascope.safety.rules import JURISDICTIONS, SEVERITIES, rules
from ketascope.safety.screen import screen
from ketascope.safety.screen_text import screen_text

ON = date(2026, 11, 27)
REGIMENS = (
    "esketamine 56 mg intranasal twice weekly for 4 weeks",
    "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
    "ketamine 100 mg oral daily for 10 days",
    "ketamine 20 mg iv bolus and ketamine 50 mg oral once",
    "arketamine 0.5 mg/kg iv over 40 min once",
    "esketamine 50 mg intranasal solution weekly for 3 weeks",
)
days = st.none() | st.integers(0, 9000).map(lambda n: ON - timedelta(days=n))
texts = st.text(max_size=20)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    concept = draw(st.sampled_from(list(concepts().values())))
    value = None if concept.limits is None else draw(st.floats(*concept.limits))
    return Fact(
        concept.id,
        "present" if value is not None else draw(st.sampled_from(["present", "denied"])),
        value=value,
        unit=concept.unit if value is not None else "",
        on=draw(days),
        said=draw(days),
        detail=draw(texts),
        course=draw(st.sampled_from(["active", "past", "unknown"])),
        because=draw(texts),
        code=draw(st.sampled_from(["", "text", "snomed|1"])),
    )


records = st.builds(
    Record,
    st.lists(facts(), max_size=12).map(tuple),
    born=st.none() | st.integers(0, 40000).map(lambda n: ON - timedelta(days=n)),
    sex=st.sampled_from([None, "female", "male"]),
    name=texts,
)


@settings(max_examples=60, deadline=None)
@given(records, st.sampled_from(REGIMENS), st.sampled_from(JURISDICTIONS))
def test_a_screen_is_whole(record: Record, regimen: str, place: str) -> None:
    found = screen(record, regimen, place, on=ON)
    ranks = [SEVERITIES.index(one.severity) for one in found.findings]
    assert ranks == sorted(ranks)
    names = [one.rule.id for one in found.findings]
    assert len(names) == len(set(names))
    assert set(names) <= set(rules())
    asked = [name for question in found.questions for name in question.concepts]
    assert len(asked) == len(set(asked))
    assert not set(names) & {rule for question in found.questions for rule in question.rules}
    assert found.complete == (not found.questions and not found.not_screened)
    assert json.loads(json.dumps(found.data())) == found.data()
    assert found.findings == screen(record, regimen, place, on=ON).findings
    text, page = screen_text(found), screen_page(found)
    assert all(name in text and name in page for name in names)


@settings(max_examples=40, deadline=None)
@given(records, facts(), st.sampled_from(JURISDICTIONS))
def test_what_is_not_of_the_place_or_the_drug_is_never_found(
    record: Record, more: Fact, place: str
) -> None:
    found = screen(record.told([more]), REGIMENS[1], place, on=ON)
    for one in found.findings:
        assert "ketamine" in one.rule.drugs
        assert one.rule.holds_in(place) or one.elsewhere
