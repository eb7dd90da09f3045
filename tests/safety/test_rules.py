"""Every rule has a source, and a case in which it applies, one in which not, and one unknown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from minimal_cases import NAMES, NO, ON, UNKNOWN, YES, cases

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.patients.concepts import concepts
from ketascope.safety import rules as reading
from ketascope.safety.conditions import RegimenIs, leaves
from ketascope.safety.evaluate import Case, judge
from ketascope.safety.questions import groups
from ketascope.safety.rules import JURISDICTIONS, Rule, documents, looked_for, rules
from ketascope.safety.screen import screen

RULES = rules()
REGIMENS = {
    "nasal_esketamine": "esketamine 56 mg intranasal twice weekly for 4 weeks",
    "iv": "{} 0.5 mg/kg iv over 40 min once",
    "im": "{} 0.5 mg/kg im once",
    "sc": "{} 0.5 mg/kg sc once",
    "oral": "{} 100 mg oral once",
    "sublingual": "{} 100 mg sublingual once",
    "nasal": "{} 50 mg intranasal solution once",
    "rectal": "{} 50 mg rectal once",
    "inhaled": "{} 50 mg inhaled once",
    "compounded": "{} 100 mg oral once",
}


def regimen_of(rule: Rule) -> str:
    """Return a regimen that the rule is about."""
    return REGIMENS[rule.formulations[0]].format(rule.drugs[0])


def asks_of_regimen(rule: Rule) -> bool:
    """Whether the condition has a feature of the regimen in it."""
    return any(isinstance(leaf, RegimenIs) for leaf in leaves(rule.condition))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_a_source_that_is_in_the_bibliography(name: str) -> None:
    rule = RULES[name]
    assert rule.source in sources()
    assert rule.section
    assert documents()[rule.document].source == rule.source
    assert rule.label_read or "not read" in rule.reading


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_a_present_a_denied_and_an_unknown_case(name: str) -> None:
    found = cases(RULES[name].condition)
    assert set(found) == {NO, UNKNOWN, YES}
    for answer, case in found.items():
        verdict = judge(RULES[name].condition, Case(case.record(), ON, case.features()))
        assert verdict.answer == NAMES[answer]
        assert bool(verdict.open) == (answer == UNKNOWN)
        if answer == YES:
            assert verdict.facts or verdict.said


@pytest.mark.parametrize("name", [one for one in RULES if not asks_of_regimen(RULES[one])])
def test_a_screen_finds_a_rule_asks_for_it_or_leaves_it_out(name: str) -> None:
    rule = RULES[name]
    place = JURISDICTIONS[0] if "any" in rule.jurisdictions else rule.jurisdictions[0]
    for answer, case in cases(rule.condition).items():
        found = screen(case.record(), regimen_of(rule), place, on=ON)
        applied = {one.rule.id for one in found.findings}
        asked = {one for question in found.questions for one in question.rules}
        assert (name in applied) == (answer == YES)
        assert (name in asked) == (answer == UNKNOWN)
        if answer == YES:
            (finding,) = [one for one in found.findings if one.rule.id == name]
            assert finding.because


def test_a_rule_without_a_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "document": "spravato_us", "section": "4", "title": "made up", "kind": "warning",
        "severity": "caution", "condition": {"fact": "psychosis"}, "message": "Something or other.",
        "action": "Do something or other.",
    }  # fmt: skip
    reading._rule("test", "spravato_us_made_up", row)
    with pytest.raises(InputError, match="source"):
        reading._rule("test", "spravato_us_made_up", {**row, "source": ""})
    with pytest.raises(InputError, match="is no document"):
        reading._rule("test", "spravato_us_made_up", {**row, "document": "hearsay"})
    with pytest.raises(InputError, match="section"):
        reading._rule("test", "x", {key: row[key] for key in row if key != "section"})
    with pytest.raises(InputError, match="is not a concept"):
        reading._rule("test", "x", {**row, "condition": {"fact": "gout"}})
    with pytest.raises(InputError, match="limits of a value"):
        reading._rule("test", "x", {**row, "condition": {"fact": "systolic"}})


def test_every_item_of_the_list_has_a_rule_or_was_looked_for() -> None:
    """Things that safe use asks about; each is in a condition, or named as looked for in vain."""
    asked = {name for rule in RULES.values() for leaf in leaves(rule.condition)
             for name in [getattr(leaf, "fact", "")]}  # fmt: skip
    asked |= {name for one in looked_for() for name in one.concepts}
    items = """
        aneurysmal_vascular_disease arteriovenous_malformation intracerebral_haemorrhage
        uncontrolled_hypertension systolic diastolic recent_cardiovascular_event
        raised_intracranial_pressure raised_eye_pressure psychosis bipolar_disorder
        dissociative_disorder substance_use_disorder trauma_history suicidality bladder_disease
        liver_disease hyperthyroidism porphyria epilepsy airway_procedure_planned
        respiratory_disease sleep_apnoea pregnancy hypersensitivity_ketamine cns_depressant
        benzodiazepine alcohol_use psychostimulant cocaine_use maoi theophylline sympathomimetic
        vasopressin cyp3a4_inhibitor_strong cyp3a4_inducer cyp2b6_inhibitor lamotrigine memantine
        cannabis_use lsd_use tobacco_use at_home unsupervised compounded_product oximeter_on_site
        escort_home fasted nasal_free drives_next_day breastfeeding certified_setting
    """.split()
    assert set(items) <= asked
    assert set(items) <= set(concepts())


def test_groups_of_questions_name_concepts_once() -> None:
    named = [name for group in groups().values() for name in group.concepts]
    assert len(named) == len(set(named))
    assert set(named) <= set(concepts())
    assert not set(groups()) & set(concepts())


def test_documents_are_used_and_dated() -> None:
    used = {rule.document for rule in RULES.values()}
    assert used == set(documents())
    assert all(one.read_on <= "2026-11-27" for one in documents().values())


def test_the_page_lists_every_rule_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "docs" / "_ext"))
    from rules_page import rules_page

    text = rules_page()
    rows = {
        name: line for line in text.splitlines() for name in re.findall(r"^\| `(\w+)` \|", line)
    }
    assert set(rows) == set(RULES)
    for name, line in rows.items():
        assert f"(#source-{RULES[name].source})" in line
        assert f"| {RULES[name].severity} |" in line
    assert all(one.item.split(":")[0] in text for one in looked_for())


def test_no_text_promises_safety() -> None:
    for rule in RULES.values():
        text = yaml.safe_dump([rule.message, rule.action]).lower()
        assert "is safe" not in text
        assert "no risk" not in text


@pytest.mark.parametrize(("name", "read"), [("US", "us"), (" eu ", "eu")])
def test_a_place_is_read_in_any_case(name: str, read: str) -> None:
    assert reading.jurisdiction(name) == read


def test_an_unknown_place_or_severity_is_refused() -> None:
    with pytest.raises(InputError, match="known are us, eu"):
        reading.jurisdiction("atlantis")
    with pytest.raises(InputError, match="known are contraindicated"):
        reading.severity("bad")
