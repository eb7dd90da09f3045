"""The course of depression: limits, closed forms, independence of how it is asked."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketascope as ks
from ketascope.effects.calibrated import calibration
from ketascope.effects.mood import course, large_groups, people
from ketascope.effects.mood_arms import plan_of, why_not
from ketascope.effects.mood_model import (
    Plan,
    drug_part,
    expected,
    improvement,
    left,
    total,
)
from ketascope.effects.mood_table import (
    course_table,
    needed,
    relapse_table,
    report_course_of_mood,
)
from ketascope.errors import InputError, Unsupported

SPRAY = "esketamine 84 mg intranasal twice weekly for 4 weeks"
VEIN = "ketamine 0.5 mg/kg iv over 40 min twice weekly for 2 weeks"
P = calibration("mood").central()


def test_nothing_has_changed_before_the_first_dose() -> None:
    found = course(SPRAY, n=50, seed=3, times=[0, 2])
    assert np.allclose(found["madrs"].sel(time=0), found["baseline"])
    assert np.allclose(found["mean_change"].sel(time=0), 0)
    assert not found["response"].sel(time=0).any()


def test_one_dose_is_the_difference_of_two_exponentials() -> None:
    plan = Plan((0.0,), (56.0,))
    t = 30.0
    want = 56 / P["half_mg"] * (np.exp(-t / (24 * P["decay_days"])) - np.exp(-t / P["rise_hours"]))
    assert left(P, [t], plan)[0] == pytest.approx(want)
    strongest = P["strongest"]
    assert drug_part(P, [t], plan)[0] == pytest.approx(strongest * want / (1 + want))


def test_moments_and_shares_agree_with_simulated_people() -> None:
    rng = np.random.default_rng(5)
    mean, sd = np.array([1.4]), np.array([1.5])
    base = np.clip(37.4 + 5.6 * rng.standard_normal(400_000), 20, 48)
    madrs = total(P, base, mean + sd * rng.standard_normal(base.size))
    said = expected(P, mean, sd)
    assert said.change[0] == pytest.approx((madrs - base).mean(), abs=0.06)
    assert said.sd[0] == pytest.approx((madrs - base).std(), abs=0.1)
    assert said.response[0] == pytest.approx((madrs <= base / 2).mean(), abs=0.004)
    assert said.remission[0] == pytest.approx((madrs <= 12).mean(), abs=0.004)


def test_no_dose_is_the_control_arm() -> None:
    plan = Plan((0.0, 72.0), (0.0, 0.0), new_antidepressant=True)
    _, madrs = people(plan, np.array([2.0, 24.0, 200.0]), 20, 1)
    assert np.array_equal(madrs[0], madrs[1])


@settings(max_examples=25, deadline=None)
@given(st.floats(28, 80), st.floats(0.5, 4), st.floats(1, 600))
def test_more_drug_never_improves_less(dose: float, more: float, hour: float) -> None:
    less, most = (Plan((0.0, 72.0), (d, d)) for d in (dose, dose + more))
    assert drug_part(P, [hour], most)[0] >= drug_part(P, [hour], less)[0]


@settings(max_examples=25, deadline=None)
@given(st.floats(-8, 12), st.floats(20, 48))
def test_totals_stay_on_the_scale(better: float, baseline: float) -> None:
    assert 0 <= total(P, baseline, better) <= min(60, P["cap"] * baseline)


def test_people_do_not_depend_on_how_many_there_are() -> None:
    few, many = (course(VEIN, n=n, seed=9, times=[24, 336]) for n in (5, 60))
    assert np.array_equal(few["madrs"], many["madrs"].isel(subject=slice(0, 5)))
    other = course(VEIN, n=5, seed=10, times=[24, 336])
    assert not np.array_equal(few["madrs"], other["madrs"])


def test_trials_widen_the_band() -> None:
    found = course(SPRAY, n=10, seed=1)
    gap = found["difference_change"]
    wide = gap.sel(quantile=0.95) - gap.sel(quantile=0.05)
    late = wide.sel(time=slice(24, None))
    assert (late.sel(spread="between trials") > late.sel(spread="within trial")).all()


def test_a_trial_far_out_shifts_its_arms() -> None:
    plan, _, _ = plan_of(SPRAY, None, None)
    at = np.array([648.0])
    none, _ = improvement(P, at, plan, drug=-1 / P["trial_drug"])
    control, _ = improvement(P, at, plan.control())
    assert none[0] == pytest.approx(control[0])


def test_table_counts_and_needed() -> None:
    rows = course_table(course(SPRAY, n=20, seed=1))
    assert [row["label"] for row in rows] == ["2 h", "24 h", "day 8", "day 28"]
    last = rows[3]
    gap = last["response"]["difference"]
    assert last["response"]["nnt"]["value"] == pytest.approx(1 / gap["q50"])
    assert needed({"q05": -0.1, "q50": 0.2, "q95": 0.5}) == {"value": 5.0, "low": 2.0, "high": None}


def test_an_end_of_its_own_is_a_row() -> None:
    rows = course_table(course("ketamine 0.5 mg/kg iv over 40 min twice weekly for 2 weeks", n=5))
    assert [row["label"] for row in rows][-1] == "end"
    assert len({row["time"] for row in rows}) == len(rows)


def test_another_setting_widens_both_arms_by_its_shift() -> None:
    plan, _, _ = plan_of(SPRAY, None, None)
    at = np.array([648.0])
    near, far = (large_groups(plan, at, 3, count=2000, elsewhere=away) for away in (False, True))
    for one, two in zip(near, far, strict=True):
        assert two.change.std() > 1.2 * one.change.std()
        assert np.median(two.change) == pytest.approx(np.median(one.change), abs=0.6)


def test_bands_are_said_to_be_of_trials_like_the_fitted_ones() -> None:
    told = json.loads(course(VEIN, n=5).attrs["warnings"])
    assert any("inpatients" in text for text in told)
    late = json.loads(course(VEIN.replace("2 weeks", "4 weeks"), n=5).attrs["warnings"])
    assert any("two weeks" in text for text in late)


def test_people_of_65_and_more_are_not_predicted() -> None:
    with pytest.raises(Unsupported, match="TRANSFORM-3"):
        course(SPRAY, n=5, age=65)
    old = ks.simulate(SPRAY, ks.Patient(age=70, weight=70), n=5, seed=1)
    with pytest.raises(Unsupported, match="65 and more"):
        course(old, n=5)
    assert course(SPRAY, n=5, age=64).sizes["subject"] == 5


def test_time_alone_is_a_part_of_time_beside_a_new_antidepressant() -> None:
    with_new, _, _ = plan_of(SPRAY, None, None)
    alone, _, _ = plan_of(SPRAY, "placebo", None)
    none = P | {"antidepressant": 0.0}
    gained = [
        (improvement(P, [648.0], plan.control())[0] - improvement(none, [648.0], plan.control())[0])
        for plan in (with_new, alone)
    ]
    assert gained[1][0] / gained[0][0] == pytest.approx(P["alone"])


def test_relapse_is_that_of_a_steady_hazard() -> None:
    half = P["relapse_half_life"]
    rows = relapse_table((int(half // 7),), seed=2)
    assert rows[0]["stopped"]["q50"] == pytest.approx(0.5, abs=0.03)
    assert rows[0]["going_on"]["q50"] < rows[0]["stopped"]["q50"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ketamine 1 mg/kg oral once", "by mouth"),
        ("ketamine 0.5 mg/kg sc once", "under the skin"),
        ("ketamine 50 mg im once", "no controlled trial"),
        ("arketamine 0.5 mg/kg iv over 40 min once", "arketamine"),
        ("esketamine 0.4 mg/kg iv over 40 min once", "no fitted trial"),
        ("ketamine 2 mg/kg iv over 40 min once", "outside"),
        ("ketamine 0.5 mg/kg iv over 2 min once", "40 min"),
    ],
)
def test_what_no_data_support_says_why(words: str, told: str) -> None:
    with pytest.raises(Unsupported, match=told):
        course(words, n=5)
    found = report_course_of_mood(words)
    assert found["predicted"] is False
    assert told in found["why"]


def test_children_have_no_curve() -> None:
    from ketascope.dosing import load_regimen, schedule

    plan = schedule(load_regimen(SPRAY))
    assert why_not(plan, 40) is None
    assert "under 18" in str(why_not(plan, 15))


def test_bad_input_is_told() -> None:
    with pytest.raises(InputError, match="comparator"):
        course(SPRAY, "nothing", n=5)
    with pytest.raises(InputError, match="four weeks"):
        course(SPRAY, n=5, times=[2000])
    with pytest.raises(InputError, match="people"):
        course(SPRAY, n=0)


def test_report_is_plain_and_says_calibration() -> None:
    found = report_course_of_mood(SPRAY, n=30)
    again = json.loads(json.dumps(found))
    assert again["predicted"] is True
    assert "calibration" in again["text"]
    assert {row["link"] for row in again["dissociation"]} == {"yes", "no", "mixed"}
    assert again["relapse"]
    assert not report_course_of_mood(VEIN, n=30)["relapse"]


def test_the_figure_has_a_stroke_for_each_session() -> None:
    from ketascope.report.draw_mood import draw_mood

    for width in ("wide", "narrow"):
        figure = draw_mood(course(SPRAY, n=10, seed=1), width)  # type: ignore[arg-type]
        strokes = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
        assert len(strokes[0].get_xdata()) == 8


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        ("esketamine 84 mg intranasal daily for 2 weeks", {}, "at most three sessions a week"),
        ("esketamine 84 mg intranasal twice weekly for 4 weeks", {}, None),
        (
            "ketamine 0.5 mg/kg iv over 40 min twice weekly for 2 weeks",
            {"comparator": "oral antidepressant with placebo spray"}, "borrowed from the spray",
        ),
        ("ketamine 0.5 mg/kg iv over 40 min once", {"times": [648.0]}, "more than two weeks"),
        ("ketamine 0.5 mg/kg iv over 40 min once", {"times": [24.0]}, None),
    ],
)  # fmt: skip
def test_what_no_fitted_trial_had_is_warned_of(
    words: str, more: dict[str, object], told: str | None
) -> None:
    found = json.loads(course(words, n=1, **more).attrs["warnings"])  # type: ignore[arg-type]
    always = ("other setting", "rise and decay as a spray", "day 28 was fitted")
    rest = [one for one in found if not any(words in one for words in always)]
    assert rest == [] if told is None else any(told in one for one in rest)


def test_people_without_a_curve_among_others_are_counted() -> None:
    people = ks.simulate("label:spravato-trd-us", n=200, seed=1)
    older = float((people["age"] >= 65).mean())
    assert 0 < older < 0.5
    found = json.loads(course(people, n=1).attrs["warnings"])
    assert any(one.startswith(f"{100 * older:.0f} % of the people are 65") for one in found)
