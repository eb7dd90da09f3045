"""Reactions as published: nothing typed twice, nothing between doses, nothing for other routes."""

from __future__ import annotations

import json

import pytest

import ketascope as ks
from ketascope.checks.effects_reactions import predict_reaction, trial_shares
from ketascope.effects.calibrated import calibration
from ketascope.effects.reactions import reactions, reactions_of, report_reactions
from ketascope.effects.shares import count_of
from ketascope.errors import InputError, Unsupported
from ketascope.evidence.published import PublishedValue, published
from ketascope.evidence.reactions import reaction_tables, shares_of

VALUES = {value.id: value for value in published()}


@pytest.mark.parametrize("table", reaction_tables(), ids=lambda t: t.id)
def test_a_table_has_arms_with_numbers(table: object) -> None:
    from ketascope.evidence.reactions import ReactionTable

    assert isinstance(table, ReactionTable)
    assert table.values()
    for arm in (table.arm, table.and_arm, table.against):
        assert arm is None or shares_of(arm), arm
    if table.against:
        assert table.control_values()


def test_ids_of_tables_differ() -> None:
    ids = [table.id for table in reaction_tables()]
    assert len(set(ids)) == len(ids)


def test_counts_of_the_label_are_those_that_it_prints() -> None:
    rows = reactions("esketamine", "intranasal", 56)["tables"][0]["rows"]
    found = {row["reaction"]: (row["drug"]["count"], row["control"]["count"]) for row in rows}
    assert found["dissociation"] == (142, 21)
    assert found["vertigo"] == (78, 6)
    assert found["dysarthria"] == (15, 0)
    assert len(found) == 28


def test_every_share_against_a_control_has_both_counts() -> None:
    for table in reactions("esketamine", "intranasal")["tables"]:
        for row in table["rows"]:
            if row["control"] is not None:
                assert row["drug"]["count"] is not None, row["values"]
                assert row["control"]["count"] is not None, row["values"]


def test_a_difference_that_holds_none_gives_no_number() -> None:
    rows = reactions("esketamine", "intranasal", 84)["tables"][0]["rows"]
    headache = next(row for row in rows if row["reaction"] == "headache")
    assert headache["difference"]["low"] < 0 < headache["difference"]["high"]
    assert headache["needed_to_harm"]["number"] is None
    assert headache["needed_to_harm"]["text"] == "no difference shown"


def test_tables_of_one_dose_are_of_that_dose() -> None:
    found = reactions("esketamine", "intranasal", 28)
    assert found["note"] == ""
    assert {t["id"] for t in found["tables"]} == {"japan_28", "sustain_2_year"}
    assert all(28 in t["doses"] for t in found["tables"])


def test_between_two_doses_both_are_named_and_nothing_is_worked_out() -> None:
    found = reactions("esketamine", "intranasal", 70)
    assert "56 and 84 mg" in found["note"]
    assert not any(t["exact"] for t in found["tables"])
    one = reactions("ketamine", "intravenous", 0.45, "mg/kg")
    assert "0.5 mg/kg" in one["note"]
    assert {t["id"] for t in one["tables"]} == {"iv_course_ect", "iv_once_midazolam"}


def test_a_dose_in_another_unit_is_said_to_depend_on_weight() -> None:
    found = reactions("ketamine", "iv", 35)
    assert "depends on the weight" in found["note"]


@pytest.mark.parametrize("route", ["oral", "sublingual", "im", "subcutaneous", "rectal"])
def test_other_routes_are_not_predicted(route: str) -> None:
    found = reactions("ketamine", route, 50)
    assert found["tables"] == []
    assert "no table of reactions" in found["not_predicted"]


@pytest.mark.parametrize(
    ("drug", "route", "dose", "words"),
    [
        ("morphine", "iv", 1, "not a drug"),
        ("ketamine", "by post", 1, "not a route"),
        ("ketamine", "iv", 0, "not a dose"),
        ("ketamine", "iv", float("nan"), "not a dose"),
    ],
)
def test_bad_input_is_refused(drug: str, route: str, dose: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        reactions(drug, route, dose)


def test_a_result_and_its_regimen_say_the_same() -> None:
    words = "label:spravato-trd-us"
    from ketascope.dosing import load_regimen

    result = ks.simulate(words, people=2, seed=1)
    report = report_reactions(result)
    assert report == reactions_of(load_regimen(words))
    assert [d["dose"] for d in report["doses"]] == [56.0, 84.0]
    assert json.loads(json.dumps(report)) == report


def row(name: str) -> PublishedValue:
    return VALUES[name]


def test_a_share_of_a_new_trial_is_predicted_with_a_band() -> None:
    value = row("adverse_events.aspire_1_2_esketamine.nausea.proportion")
    found = predict_reaction(value)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.centre < found.high
    assert found.low <= value.value <= found.high


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dissociation.ketect_2022_ketamine.nausea.proportion", "nasal esketamine"),
        ("adverse_events.label_esketamine.nausea.proportion", "single terms"),
        ("dissociation.rems_2024_sessions.dissociation.proportion", "sessions"),
        ("adverse_events.takahashi_2021_28.asthenia.proportion", "not both of the trials"),
        ("adverse_events.ketect_2022_ect.nausea.proportion", "nasal esketamine"),
    ],
)
def test_what_the_pooling_does_not_cover_is_said(name: str, words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        predict_reaction(row(name))


def test_a_smaller_trial_has_a_wider_band() -> None:
    large = predict_reaction(row("adverse_events.sustain_2_year.nausea.proportion"))
    small = predict_reaction(row("adverse_events.takahashi_2021_84.nausea.proportion"))
    assert large.low is not None
    assert large.high is not None
    assert small.low is not None
    assert small.high is not None
    assert small.low < large.low < large.high < small.high


def test_shares_of_trials_are_spread_around_the_middle_one() -> None:
    import numpy as np

    fitted = calibration("reactions")
    shares = trial_shares(fitted, "drug", "drug_nausea")
    # the mean and the spread go together a little, which moves the median off the mean
    assert float(np.median(shares)) == pytest.approx(fitted.central()["drug_nausea"], rel=1e-2)
    assert np.all(np.diff(shares) > 0)


def test_shares_of_new_trials_are_those_of_drawn_parameters() -> None:
    """Drawn with the whole covariance, as any calibration is, and a normal trial on top."""
    import numpy as np
    from scipy.special import expit, logit

    fitted = calibration("reactions")
    drawn = fitted.draws(40_000, seed=1)
    trial = np.random.default_rng(1).standard_normal(40_000)
    for arm, name in (("drug", "drug_nausea"), ("control", "control_dissociation")):
        shares = expit(logit(drawn[name]) + drawn[f"between_{arm}"] * trial)
        levels = [0.05, 0.25, 0.75, 0.95]
        said = np.quantile(trial_shares(fitted, arm, name), levels)
        assert logit(said) == pytest.approx(logit(np.quantile(shares, levels)), abs=0.06), name


def test_what_one_trial_alone_prints_is_not_pooled() -> None:
    """It was printed for lying high there; the other trial's count is not known."""
    known = {p.name for p in calibration("reactions").parameters}
    assert {"drug_fatigue", "drug_diarrhoea", "drug_confusion"}.isdisjoint(known)
    with pytest.raises(Unsupported, match="not both of the trials"):
        predict_reaction(row("adverse_events.takahashi_2021_28.diarrhoea.proportion"))


def test_a_middle_share_lies_between_the_two_trials() -> None:
    fitted = calibration("reactions")
    trials = {
        "drug_dysgeusia": (37 / 231, 41 / 152), "drug_headache": (47 / 231, 27 / 152),
        "control_headache": (19 / 113, 14 / 145), "drug_hypoaesthesia": (30 / 231, 9 / 152),
    }  # fmt: skip
    for name, (first, second) in trials.items():
        low, high = sorted((first, second))
        assert low < fitted.central()[name] < high, name


def test_the_calibration_saw_no_check() -> None:
    fitted = calibration("reactions")
    assert fitted.studies == ("transform_1", "sustain_1")
    assert all(VALUES[point.id].used_for == "fit" for point in fitted.points)


def test_bands_cover_about_as_many_checks_as_they_should() -> None:
    """At 90 % some lie outside; far fewer inside, or all, would mean a wrong width."""
    inside, all_of_them = 0, 0
    for value in VALUES.values():
        if value.used_for != "check" or value.role != "drug" or value.effect is None:
            continue
        try:
            found = predict_reaction(value)
        except Unsupported:
            continue
        assert found.low is not None
        assert found.high is not None
        all_of_them += 1
        inside += found.low <= value.value <= found.high
    assert all_of_them >= 40
    assert 0.75 <= inside / all_of_them < 1


def test_counts_are_found_for_every_row_with_people() -> None:
    for table in reaction_tables():
        for value in (*table.values(), *table.control_values().values()):
            n = value.conditions.n
            if n is not None and n > 30:
                assert count_of(value.value, n) is not None, value.id
