"""Spread between models and between people, by closed form and against single runs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

import ketascope as ks
from ketascope.engine.across import combine, weighted_quantiles
from ketascope.errors import InputError, Unsupported

CHILD = ks.Patient(age=8, weight=27)
BOLUS = "ketamine 1 mg/kg iv bolus once"


def toys(**models):
    """Figures of people by model, the same in all four measures."""
    frames = [
        pd.DataFrame({"model": name, "analyte": "ketamine", "value": values})
        for name, values in models.items()
    ]
    table = pd.concat(frames, ignore_index=True)
    return table.assign(**dict.fromkeys(("cmax", "tmax", "auc24", "half_life"), table["value"]))


def of_kind(table, kind, measure="cmax"):
    rows = table[(table["kind"] == kind) & (table["measure"] == measure)]
    return rows.iloc[0]


def lognormal(median, sd, n):
    """Values at even shares of a log-normal distribution."""
    return median * np.exp(sd * ndtri((np.arange(n) + 0.5) / n))


def test_two_log_normal_models_by_closed_form():
    one, two = lognormal(100.0, 0.3, 40_001), lognormal(250.0, 0.5, 40_001)
    table = combine(toys(one=one, two=two), ["one", "two"])
    between = of_kind(table, "between models")
    assert between["fold"] == pytest.approx(2.5, rel=1e-6)
    assert between["gsd"] == pytest.approx(np.exp(np.log(2.5) / np.sqrt(2)), rel=1e-6)
    people = of_kind(table, "between people")
    assert people["gsd"] == pytest.approx(np.exp(np.sqrt((0.3**2 + 0.5**2) / 2)), rel=1e-3)
    mixture = of_kind(table, "mixture")

    def share(log):
        return 0.5 * ndtr((log - np.log(100)) / 0.3) + 0.5 * ndtr((log - np.log(250)) / 0.5)

    for column, level in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95)):
        expected = np.exp(brentq(lambda log, at=level: share(log) - at, 2.0, 9.0))
        assert mixture[column] == pytest.approx(expected, rel=1e-3)
    total = (0.3**2 + 0.5**2) / 2 + (np.log(2.5) / 2) ** 2
    assert mixture["gsd"] == pytest.approx(np.exp(np.sqrt(total)), rel=1e-3)
    assert mixture["fold"] == pytest.approx(mixture["q95"] / mixture["q05"])


def test_the_pooled_spread_of_people_is_that_of_their_deviations():
    one, two = lognormal(100.0, 0.3, 40_001), lognormal(250.0, 0.5, 40_001)
    people = of_kind(combine(toys(one=one, two=two), ["one", "two"]), "between people")

    def share(log):
        return 0.5 * ndtr(log / 0.3) + 0.5 * ndtr(log / 0.5)

    high = brentq(lambda log: share(log) - 0.95, 0.0, 3.0)
    assert people["fold"] == pytest.approx(np.exp(2 * high), rel=1e-3)


def test_models_count_alike_however_many_people_have_the_figure():
    few = np.array([1.0, np.nan, 1.0, np.nan])
    table = combine(toys(many=np.full(1000, 4.0), few=few), [])
    assert list(table.loc[table["kind"] == "model", "n"][:2]) == [1000, 2]
    assert of_kind(table, "mixture")["gsd"] == pytest.approx(2.0)  # half at 1, half at 4
    assert of_kind(table, "between models")["fold"] == pytest.approx(4.0)


def test_models_without_a_published_spread_do_not_enter_that_between_people():
    spread = lognormal(100.0, 0.3, 2001)
    # people who differ by weight alone, of a model that prints no spread
    table = combine(toys(spread=spread, typical=lognormal(300.0, 2.0, 2001)), ["spread"])
    alone = combine(toys(spread=spread), ["spread"])
    people = of_kind(table, "between people")
    assert people["n"] == 1
    assert people["gsd"] == of_kind(alone, "between people")["gsd"]
    rows = table[(table["kind"] == "model") & (table["measure"] == "cmax")].set_index("model")
    assert rows["gsd"].isna().to_dict() == {"spread": False, "typical": True}
    assert rows.loc["spread", "gsd"] == people["gsd"]
    assert rows.loc["spread", "fold"] == pytest.approx(people["fold"])


def test_a_figure_that_nobody_has_is_missing_in_every_row():
    table = combine(toys(one=np.full(3, np.nan), two=np.full(3, np.nan)), ["one", "two"])
    assert table[["q05", "q50", "q95", "gsd", "fold"]].isna().all(axis=None)
    assert set(table["n"]) == {0}


def test_times_of_zero_have_no_ratio():
    table = combine(toys(one=np.zeros(5), two=np.ones(5)), ["one"])
    assert np.isnan(of_kind(table, "between models")["fold"])
    assert np.isnan(of_kind(table, "mixture")["gsd"])
    assert of_kind(table, "mixture")["q95"] == 1.0


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
@settings(max_examples=60)
def test_with_equal_weights_quantiles_are_those_of_numpy(values, levels):
    array = np.asarray(values)
    found = weighted_quantiles(array, np.full(array.size, 0.37), levels)
    scale = np.abs(array).max() + 1e-12
    assert found / scale == pytest.approx(np.quantile(array, levels) / scale, abs=1e-12)


def test_a_weight_counts_as_that_many_values():
    few = weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.array([10.0, 1000.0, 10.0]), [0.1, 0.9])
    assert few == pytest.approx([1.2, 2.8], abs=0.02)
    many = weighted_quantiles(np.repeat([1.0, 2.0], 500), np.repeat([3.0, 1.0], 500), [0.5, 0.8])
    assert list(many) == [1.0, 2.0]


@pytest.fixture(scope="module")
def children():
    return ks.across_models(BOLUS, CHILD, n=60, seed=5)


def test_every_model_that_may_answer_has_a_row_and_the_same_people(children):
    models = ["herd_2007", "elkomy_2015", "sherwin_2015", "hornik_2018"]
    assert children.attrs["models"] == models
    assert children.attrs["without_spread"] == models[1:]
    assert list(children.loc[children["kind"] == "model", "model"][:4]) == models
    assert children.attrs["comparability"][0].startswith("Sampling is not stated")
    alone = ks.exposure_table(ks.simulate(BOLUS, CHILD, n=60, seed=5)).set_index("measure")
    mine = children[(children["kind"] == "model") & (children["model"] == "herd_2007")]
    for row in mine.itertuples():
        same = alone.loc[row.measure]
        assert [row.q05, row.q50, row.q95] == pytest.approx([same.q05, same.q50, same.q95])


def test_areas_of_typical_children_are_apart_like_clearances(children):
    typical = ks.across_models(BOLUS, CHILD, typical=True)
    area = of_kind(typical, "between models", "auc24")
    # CL of Herd and of Hornik; a day holds all but a little of the area
    assert area["fold"] == pytest.approx(90 / 38.9, rel=0.03)
    assert np.isnan(of_kind(typical, "between people", "auc24")["gsd"])
    assert of_kind(children, "between people", "auc24")["n"] == 1


def test_other_models_and_sessions_can_be_named():
    words = "ketamine 0.5 mg/kg iv over 40 min daily for 2 days"
    table = ks.across_models(words, models=["clements_1981", "hijazi_2003"], session=-1)
    assert table.attrs["models"] == ["clements_1981", "hijazi_2003"]
    assert any("critically ill" in text for text in table.attrs["comparability"])
    second = ks.exposure(ks.simulate(words, model="hijazi_2003"), session=-1)
    row = table[(table["model"] == "hijazi_2003") & (table["measure"] == "cmax")].iloc[0]
    assert row["q50"] == pytest.approx(second["cmax"][0], rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"models": []}, "no model is named"),
        ({"models": ["herd_2007", "herd_2007"]}, "a model is named twice"),
        ({"session": 3}, "there is no session 4"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        ks.across_models(BOLUS, CHILD, **arguments)


def test_children_whom_no_model_covers_are_refused():
    with pytest.raises(Unsupported, match="under 18"):
        ks.across_models("esketamine 56 mg intranasal once", CHILD)
