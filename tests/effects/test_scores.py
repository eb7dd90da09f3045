"""Outcome scores: closed forms, independent calculation, bounds, properties."""

from __future__ import annotations

import io
import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ketascope as ks
from ketascope.effects import scores as s
from ketascope.effects.outcome_text import outcome_text
from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.evidence.scales import default, scale, scales

PRE = np.array([62, 55, 48, 70, 41, 58, 66, 50], dtype=float)
POST = np.array([8, 12, 5, 52, 4, 10, 61, 32], dtype=float)


def wide(pre: list[object], post: list[object], name: str | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"id": range(1, len(pre) + 1), "pre": pre, "post": post})
    return frame if name is None else frame.assign(scale=name)


def measure(table: pd.DataFrame, name: str, rule: str = "") -> pd.Series:
    found = table[(table["measure"] == name) & table["rule"].str.contains(rule, regex=False)]
    return found.iloc[0]


# ---------------------------------------------------------------- closed forms


def test_mean_interval_by_hand() -> None:
    # 4 values, mean 5, standard deviation 2, t(0.975, 3) = 3.18244630528371 from a table
    values = 5 + np.array([-1, -1, 1, 1]) * math.sqrt(3)
    found = s.mean_interval(values)
    assert found == pytest.approx((5, 5 - 3.18244630528371, 5 + 3.18244630528371))
    assert s.mean_interval(np.array([3.0]))[0] == 3
    assert math.isnan(s.mean_interval(np.array([3.0])).low)
    assert math.isnan(s.mean_interval(np.array([])).value)


@pytest.mark.parametrize(("count", "n"), [(0, 5), (1, 7), (6, 10), (81, 263), (10, 10)])
def test_wilson_inverts_the_score_test(count: int, n: int) -> None:
    share, low, high = s.wilson(count, n)
    for end in {low, high} - {0.0, 1.0}:
        assert abs(share - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(
            1.959964, rel=1e-6
        )


def test_percent_of_mean_against_moments() -> None:
    """The delta method again, from variances and the covariance."""
    n, ratio = len(PRE), POST.mean() / PRE.mean()
    cov = np.cov(PRE, POST)
    variance = (cov[1, 1] - 2 * ratio * cov[0, 1] + ratio**2 * cov[0, 0]) / (n * PRE.mean() ** 2)
    half = 2.364624251592785 * math.sqrt(variance)  # t(0.975, 7) from a table
    found = s.percent_of_mean(PRE, POST)
    assert found == pytest.approx(
        (100 * (1 - 184 / 450), 100 * (1 - ratio - half), 100 * (1 - ratio + half))
    )


def test_equal_falls_leave_no_doubt_about_the_percentage() -> None:
    found = s.percent_of_mean(PRE, PRE / 2)
    assert found == pytest.approx((50, 50, 50))
    assert math.isnan(s.percent_of_mean(np.zeros(3), np.ones(3)).value)


def test_bootstrap_is_repeatable_and_near_the_delta_method() -> None:
    found = s.percent_of_mean_bootstrap(PRE, POST, seed=3)
    assert found == s.percent_of_mean_bootstrap(PRE, POST, seed=3)
    assert found == s.percent_of_mean_bootstrap(PRE[::-1], POST[::-1], seed=3)
    assert found != s.percent_of_mean_bootstrap(PRE, POST, seed=4)
    delta = s.percent_of_mean(PRE, POST)
    assert found.value == delta.value
    # t has heavier tails than the percentile method with eight people
    assert 0.6 < (found.high - found.low) / (delta.high - delta.low) < 1


def test_reliable_change_of_bischoff() -> None:
    """At r = 0.87 the threshold is all but the standard deviation: 1.96 √(2 × 0.13) = 0.9994."""
    assert s.reliable_points(5.59, 0.87) == pytest.approx(5.59, abs=0.01)
    assert s.reliable_points(10, 0.5) == pytest.approx(19.59964, abs=1e-4)


def test_regression_to_the_mean_in_simulated_people() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(40, 10 * math.sqrt(0.8), 200_000)
    error = 10 * math.sqrt(0.2)
    first, second = true + rng.normal(0, error, true.size), true + rng.normal(0, error, true.size)
    chosen = first > 50
    fall = s.regression_to_the_mean(first[chosen].mean(), 40, 0.8)
    assert (first - second)[chosen].mean() == pytest.approx(fall, abs=0.05)


# ---------------------------------------------------------------- the scales


def test_every_scale_names_sources_that_exist() -> None:
    assert list(scales()) == ["PHQ-9", "MADRS", "GAD-7", "PCL-5"]
    for one in scales().values():
        assert all(source(key).checked for key in one.sources())
        assert default(one.response).percent == 50
        assert one.licence


@pytest.mark.parametrize(
    ("name", "range_", "remission", "reliable"),
    [
        ("PHQ-9", (0, 27), [4, 9], [6]),
        ("MADRS", (0, 60), [12, 10, 9], []),
        ("GAD-7", (0, 21), [4, 7], [6, 4]),
        ("PCL-5", (0, 80), [], [15, 18]),
    ],
)
def test_cuts_of_the_scales(
    name: str, range_: tuple[int, int], remission: list[int], reliable: list[int]
) -> None:
    one = scale(name)
    assert one.range == range_
    assert [cut.at_most for cut in one.remission] == remission
    assert [points.points for points in one.reliable_change] == reliable


@pytest.mark.parametrize(
    ("name", "score", "band"),
    [
        ("PHQ-9", 4, "below mild"), ("PHQ-9", 5, "mild"), ("PHQ-9", 27, "severe"),
        ("MADRS", 6, "no symptoms"), ("MADRS", 7, "mild"), ("MADRS", 34, "moderate"),
        ("GAD-7", 14, "moderate"), ("GAD-7", 15, "severe"), ("PCL-5", 40, ""),
    ],
)  # fmt: skip
def test_bands(name: str, score: int, band: str) -> None:
    assert scale(name).band(score) == band


def test_an_unknown_scale_names_those_there_are() -> None:
    assert scale("phq 9") is scale("PHQ-9")
    with pytest.raises(InputError, match=r"'HAMD' is not a scale.*PHQ-9, MADRS, GAD-7, PCL-5"):
        scale("HAMD")


# ---------------------------------------------------------------- a programme


def test_the_invented_programme() -> None:
    table = ks.outcomes(wide([*PRE, 64, 71], [*POST, None, None], "PCL-5"))
    fall = measure(table, "percent reduction of the mean")
    assert fall["estimate"] == pytest.approx(100 * (1 - 184 / 450))
    assert fall["worst"] == pytest.approx(100 * (1 - (184 + 160) / 585))
    assert fall["best"] == pytest.approx(100 * (1 - 184 / 585))
    assert (fall["n"], fall["people"]) == (8, 10)
    each = measure(table, "mean of persons' percent reductions")
    assert each["estimate"] == pytest.approx(np.mean(100 * (1 - POST / PRE)))
    response = measure(table, "response")
    assert (response["count"], response["worst"], response["best"]) == (5, 50, 70)
    assert response["status"] == "convention"
    assert measure(table, "change of the mean")["estimate"] == pytest.approx(-266 / 8)
    assert measure(table, "reliable improvement", "15")["count"] == 7
    assert measure(table, "reliable improvement", "18 points")["count"] == 7
    assert measure(table, "clinically significant change")["count"] == 5
    assert "remission" not in set(table["measure"])
    said = json.loads(table.attrs["warnings"])
    assert any("no control arm" in text for text in said)
    assert any("2 of 10 people lack a score" in text for text in said)


def test_each_remission_cut_has_a_row() -> None:
    table = ks.outcomes(wide([30] * 5, [8, 10, 11, 12, 13]), scale="MADRS")
    counts = {
        row["rule"]: row["count"] for _, row in table[table["measure"] == "remission"].iterrows()
    }
    assert counts == {"at most 12": 4, "at most 10": 2, "at most 9": 1}


def test_a_response_is_half_or_more_and_never_from_zero() -> None:
    table = ks.outcomes(wide([20, 20, 0, 21], [10, 11, 0, 10]), scale="PHQ-9")
    assert measure(table, "response")["count"] == 2
    assert measure(table, "mean of persons' percent reductions")["n"] == 3
    assert any("baseline of 0" in text for text in json.loads(table.attrs["notes"]))


def test_worsening_is_counted() -> None:
    table = ks.outcomes(wide([10, 10], [16, 15]), scale="PHQ-9")
    assert measure(table, "reliable worsening")["count"] == 1
    assert measure(table, "percent reduction of the mean")["estimate"] == pytest.approx(-55)


def test_one_person_has_no_interval() -> None:
    table = ks.outcomes(wide([20], [4]), scale="PHQ-9")
    assert measure(table, "percent reduction of the mean")["estimate"] == 80
    assert math.isnan(measure(table, "percent reduction of the mean")["low"])
    assert measure(table, "response")["low"] == pytest.approx(100 / (1 + 1.959964**2), rel=1e-5)


def test_nobody_with_both_scores_still_gives_bounds() -> None:
    table = ks.outcomes(wide([20, None], [None, 4]), scale="PHQ-9")
    response = measure(table, "response")
    assert math.isnan(response["estimate"])
    assert (response["worst"], response["best"]) == (0, 100)
    remission = measure(table, "remission", "at most 4")
    assert (remission["worst"], remission["best"]) == (50, 100)
    outcome_text(table)


def test_bands_count_everybody_at_a_visit() -> None:
    table = ks.outcomes(wide([20, 12, 4], [4, None, 3]), scale="PHQ-9")
    before, after = (table[table["measure"] == f"severity at {v}"] for v in ("pre", "post"))
    assert before["count"].to_list() == [1, 0, 1, 0, 1]
    assert after["count"].to_list() == [2, 0, 0, 0, 0]
    assert after["n"].unique().tolist() == [2]
    assert after["best"].to_list()[:2] == pytest.approx([100, 100 / 3])


def test_by_person_says_nothing_of_those_who_are_missing() -> None:
    table = ks.outcomes(wide([20, 21], [10, None]), scale="PHQ-9", by="person")
    assert table["response"].to_list() == [True, None]
    assert table["id"].to_list() == ["1", "2"]
    assert table["percent_reduction"].iloc[0] == 50


LONG = """id,visit,score
1,0,30
1,1,20
1,4,10
2,0,34
2,1,22
2,4,
3,0,28
3,4,.
"""


def test_carried_forward_only_if_asked() -> None:
    frame = pd.read_csv(io.StringIO(LONG), dtype=str)
    plain = ks.outcomes(frame, scale="MADRS")
    assert json.loads(plain.attrs["counts"])[0]["with_both"] == 1
    carried = ks.outcomes(frame, scale="MADRS", carry_forward=True)
    counts = json.loads(carried.attrs["counts"])[0]
    assert (counts["with_both"], counts["carried_forward"], counts["without_later"]) == (2, 1, 1)
    mean = measure(carried, "mean at 4")
    assert (mean["estimate"], mean["worst"], mean["best"]) == pytest.approx((16, 130 / 3, 10 / 3))
    assert "3.3" in outcome_text(carried)
    assert any("carried forward" in text for text in json.loads(carried.attrs["warnings"]))
    with pytest.raises(InputError, match="only where visits are numbers"):
        ks.outcomes(wide([20], [4]), scale="PHQ-9", carry_forward=True)


def test_visits_are_chosen_or_asked_for() -> None:
    frame = pd.read_csv(io.StringIO(LONG))
    assert "mean at 1" in set(ks.outcomes(frame, scale="MADRS", at=1)["measure"])
    words = frame.assign(visit=frame["visit"].map({0: "Baseline", 1: "Week 1", 4: "week 4"}))
    assert "mean at week 4" in set(ks.outcomes(words, scale="MADRS", at="WEEK 4")["measure"])
    for given_, text in (
        ({}, "2 visits after Baseline; name one of Week 1, week 4"),
        ({"at": "week 9"}, "no visit 'week 9'"),
        ({"at": "baseline"}, "compared with itself"),
    ):
        with pytest.raises(InputError, match=text):
            ks.outcomes(words, scale="MADRS", **given_)
    with pytest.raises(InputError, match="not clear which visit of MADRS is the baseline"):
        ks.outcomes(words.assign(visit=words["visit"].str.replace("Baseline", "x")), scale="MADRS")
    with pytest.raises(InputError, match="before the baseline"):
        ks.outcomes(frame, scale="MADRS", baseline="4", at="1")


def test_scales_are_never_mixed() -> None:
    rows = (
        "id,scale,visit,score\n1,PHQ-9,0,20\n1,PHQ-9,4,4\n1,MADRS,0,30\n1,MADRS,4,9\n2,MADRS,0,28\n"
    )
    frame = pd.read_csv(io.StringIO(rows))
    table = ks.outcomes(frame)
    counts = {one["scale"]: one["people"] for one in json.loads(table.attrs["counts"])}
    assert counts == {"MADRS": 2, "PHQ-9": 1}
    only = ks.outcomes(frame, scale="phq-9")
    assert set(only["scale"]) == {"PHQ-9"}
    assert "Rows of MADRS were left aside, as asked." in json.loads(only.attrs["notes"])
    with pytest.raises(InputError, match="no row is of GAD-7; there are MADRS, PHQ-9"):
        ks.outcomes(frame, scale="GAD-7")
    with pytest.raises(InputError, match="not said which scale"):
        ks.outcomes(frame.drop(columns="scale"))


# ---------------------------------------------------------------- properties

SCORES = st.integers(0, 27)
MAYBE = st.none() | SCORES
PAIRS = st.lists(st.tuples(MAYBE, MAYBE), min_size=1, max_size=12)


def table_of(pairs: list[tuple[int | None, int | None]]) -> pd.DataFrame:
    columns = ([a for a, _ in pairs], [b for _, b in pairs])
    return ks.outcomes(wide(*columns).astype({"pre": object, "post": object}), scale="PHQ-9")


@given(PAIRS)
def test_estimates_lie_within_their_bounds(pairs: list[tuple[int | None, int | None]]) -> None:
    table = table_of(pairs)
    shares = table[table["method"] == "Wilson"]
    assert ((shares["low"] <= shares["estimate"] + 1e-9) | shares["estimate"].isna()).all()
    assert ((shares["estimate"] <= shares["high"] + 1e-9) | shares["estimate"].isna()).all()
    for column in ("low", "high", "worst", "best"):
        assert shares[column].dropna().between(0, 100).all()
    if all(a is not None and b is not None for a, b in pairs):
        whole = table[table["worst"].notna()]
        assert np.allclose(whole["worst"], whole["best"], equal_nan=True)
        assert np.allclose(whole["worst"], whole["estimate"], equal_nan=True)


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_does_not_matter(pairs: list[tuple[int | None, int | None]], random: object) -> None:
    frame = wide([a for a, _ in pairs], [b for _, b in pairs]).astype(object)
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    first = ks.outcomes(frame, scale="PHQ-9", bootstrap=1) if len(frame) < 4 else None
    one = ks.outcomes(frame, scale="PHQ-9")
    other = ks.outcomes(frame.iloc[order], scale="PHQ-9")
    pd.testing.assert_frame_equal(one, other, rtol=1e-12)
    if first is not None:
        again = ks.outcomes(frame.iloc[order], scale="PHQ-9", bootstrap=1)
        pd.testing.assert_frame_equal(first, again, rtol=1e-12)


@settings(max_examples=25)
@given(PAIRS)
def test_a_missing_person_widens_the_bounds(pairs: list[tuple[int | None, int | None]]) -> None:
    before, after = table_of(pairs), table_of([*pairs, (None, None)])
    names = {"response", "remission", "important difference", "reliable improvement"}
    for name, rule in before[["measure", "rule"]].drop_duplicates().itertuples(index=False):
        if name not in names or "own spread" in rule:
            continue
        old, new = measure(before, name, rule), measure(after, name, rule)
        assert new["worst"] <= old["worst"] + 1e-9
        assert new["best"] >= old["best"] - 1e-9
        assert new["count"] == old["count"]
    old, new = (measure(t, "change of the mean") for t in (before, after))
    assert new["worst"] >= old["worst"] - 1e-9
    assert new["best"] <= old["best"] + 1e-9
    old, new = (measure(t, "percent reduction of the mean") for t in (before, after))
    assume(not math.isnan(old["worst"]))
    assert new["worst"] <= old["worst"] + 1e-9
    assert new["best"] >= old["best"] - 1e-9


@settings(max_examples=20)
@given(st.lists(st.tuples(MAYBE, MAYBE), min_size=1, max_size=3))
def test_bounds_hold_whatever_the_missing_were(pairs: list[tuple[int | None, int | None]]) -> None:
    """Every way to fill a few coarse scores in gives a number within the bounds."""
    table = table_of(pairs)
    holes = sum(cell is None for pair in pairs for cell in pair)
    assume(holes <= 2)
    for filling in itertools.product((0, 13, 27), repeat=holes):
        values = iter(filling)
        whole = [tuple(next(values) if c is None else c for c in pair) for pair in pairs]
        filled = table_of(whole)  # type: ignore[arg-type]
        for name in ("response", "remission", "change of the mean"):
            low, high = sorted(measure(table, name)[["worst", "best"]])
            assert low - 1e-9 <= measure(filled, name)["estimate"] <= high + 1e-9
