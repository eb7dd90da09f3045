"""Readiness to leave: when criteria are met for good, shares, intervals, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import ketascope as ks
from ketascope.effects.readiness import OBSERVATION, Ready, back_at, ready_of
from ketascope.effects.readiness_contrasts import contrasts
from ketascope.effects.readiness_rules import ReadyCriterion, read_rules, ready_rule, ready_rules
from ketascope.evidence import sources

HOURS = np.array([0.0, 1.0, 2.0, 3.0])
PRESSURE = ReadyCriterion(effect="systolic_change", at_most=20, falling=True, says="a",
                          convention="b")  # fmt: skip
AWAKE = ReadyCriterion(effect="sedation", at_least=5, says="a", convention="b")


@pytest.fixture(scope="module")
def nasal() -> xr.Dataset:
    return ks.simulate("esketamine 84 mg intranasal twice weekly for 1 week", n=60, seed=4)


@pytest.fixture(scope="module")
def vein() -> xr.Dataset:
    return ks.simulate("ketamine 0.5 mg/kg iv over 40 min once", n=40, seed=4)


class TestBackAt:
    @pytest.mark.parametrize(
        ("values", "hour"),
        [
            ([0, 10, 5, 0], 1.0),  # within bounds throughout, but rising until 1 h
            ([0, 30, 19, 5], 2.0),
            ([0, 30, 10, 25], np.inf),
            ([0, 0, 0, 0], 0.0),
            ([0, 30, 10, 12], 2.0),
        ],
    )
    def test_pressure_has_come_back_and_falls(self, values: list[float], hour: float) -> None:
        assert back_at(PRESSURE, HOURS, np.array([values], dtype=float))[0] == hour

    def test_awake_again(self) -> None:
        found = back_at(AWAKE, HOURS, np.array([[5, 3, 4, 5], [5, 5, 5, 5], [5, 5, 5, 4.0]]))
        assert found.tolist() == [3.0, 0.0, np.inf]

    @given(st.lists(st.floats(0, 60), min_size=4, max_size=4))
    def test_from_then_on_it_holds(self, values: list[float]) -> None:
        hour = back_at(PRESSURE, HOURS, np.array([values]))[0]
        if np.isfinite(hour):
            assert all(v <= 20 for v, t in zip(values, HOURS, strict=True) if t >= hour)
        else:
            assert values[-1] > 20 or values[-1] == max(values)


def test_the_last_of_several_counts() -> None:
    found = xr.Dataset(
        {
            "systolic_change": (("subject", "time"), [[0, 30, 10, 0], [0, 5, 4, 0.0]]),
            "sedation": (("subject", "time"), [[5, 5, 5, 5], [5, 4, 4, 5.0]]),
        },
        {"time": HOURS + 10},
    )
    ready = ready_of(ready_rule("effects"), found, {"time": 10.0, "end": 10.2})
    assert ready.hours.tolist() == [2.0, 3.0]
    assert ready.last() == {"systolic_change": 0.5, "sedation": 0.5}
    watched = ready_of(ready_rule("label"), found, {"time": 10.0, "end": 10.2})
    assert watched.hours == pytest.approx([2.2, 3.0])
    assert watched.last()[OBSERVATION] == 0.5


def test_parts_that_tie_share_alike() -> None:
    both = np.array([2.0, np.inf])
    assert Ready(both, {"a": both, "b": both}).last() == {"a": 0.5, "b": 0.5}


class TestRules:
    def test_every_rule_has_a_source_that_there_is(self) -> None:
        known = set(sources())
        assert {rule.source for rule in ready_rules().values()} <= known
        assert next(iter(ready_rules())) == "effects"

    def test_every_bound_says_what_of_it_is_a_convention(self) -> None:
        for rule in ready_rules().values():
            assert all("convention" in c.convention or "As " in c.convention for c in rule.criteria)

    def test_a_rule_with_two_bounds_is_refused(self) -> None:
        bad = {"effect": "cadss", "at_most": 4, "at_least": 1, "says": "x", "convention": "y"}
        row = {"id": "a", "title": "t", "observe_h": 0, "source": "s", "where": "w", "how": "h"}
        with pytest.raises(ks.InputError, match="at_most or at_least"):
            read_rules({"rules": [row | {"criteria": [bad]}]})
        with pytest.raises(ks.InputError, match="no rule 'b' before it"):
            read_rules({"rules": [row | {"same_as": "b"}]})

    def test_a_rule_that_there_is_not(self) -> None:
        with pytest.raises(ks.InputError, match="no rule of readiness 'soon'"):
            ready_rule("soon")


class TestReadiness:
    def test_shares_rise_with_time_and_lie_in_their_interval(self, nasal: xr.Dataset) -> None:
        found = ks.readiness(nasal, draws=10)
        shares = [found.share(hour) for hour in (1.0, 1.5, 2.0, 4.0)]
        assert [s["share"] for s in shares] == sorted(s["share"] for s in shares)
        assert all(s["low"] <= s["high"] for s in shares)
        assert shares[-1]["share"] > 0.85
        assert sum(row["share"] for row in found.last()) == pytest.approx(1.0)
        assert found.not_predicted == {}

    def test_the_same_numbers_again(self, nasal: xr.Dataset) -> None:
        one, other = (ks.readiness(nasal, draws=2).ready.hours for _ in range(2))
        assert np.array_equal(one, other)

    def test_nobody_leaves_before_two_hours_by_the_label(self, nasal: xr.Dataset) -> None:
        found = ks.readiness(nasal, rule="label", draws=2)
        assert found.ready.hours.min() == pytest.approx(2 + 1 / 6)
        assert found.share(2.0)["share"] == 0.0

    def test_a_nearer_pressure_takes_longer(self, nasal: xr.Dataset) -> None:
        near, far = (ks.readiness(nasal, rule=r, draws=0) for r in ("strict", "effects"))
        assert np.all(near.ready.hours >= far.ready.hours)
        assert near.ready.hours.sum() > far.ready.hours.sum()

    def test_the_second_session(self, nasal: xr.Dataset) -> None:
        found = ks.readiness(nasal, session=2, draws=0)
        assert (found.session, found.day) == (2, 4)
        with pytest.raises(ks.InputError, match="no session 3"):
            ks.readiness(nasal, session=3)

    def test_what_is_missing_is_named(self, vein: xr.Dataset) -> None:
        found = ks.readiness(vein, draws=0)
        assert set(found.not_predicted) == {"sedation"}
        assert "MOAA/S" in found.not_predicted["sedation"]
        assert set(found.ready.parts) == {"systolic_change", "diastolic_change", "cadss"}

    def test_the_label_of_the_spray_is_not_of_an_infusion(self, vein: xr.Dataset) -> None:
        with pytest.raises(ks.InputError, match="esketamine intranasal"):
            ks.readiness(vein, rule="label")

    def test_nothing_predicted_is_said(self) -> None:
        oral = ks.simulate("ketamine 100 mg oral once", n=5, seed=1)
        with pytest.raises(ks.Unsupported, match="none of the effects"):
            ks.readiness(oral)


def test_the_report_is_plain_and_says_the_same(nasal: xr.Dataset) -> None:
    made = ks.report_readiness(nasal, draws=4)
    assert json.loads(json.dumps(made)) == made
    found = ks.readiness(nasal, draws=4)
    assert made["time"] == found.time()
    assert made["curve"]["share"][24] == found.share(2.0)["share"]
    assert made["of"] == ["systolic_change", "diastolic_change", "sedation", "cadss"]
    assert made["contrasts"] == []


def test_contrasts_are_simulated_and_what_is_not_known_is_said(vein: xr.Dataset) -> None:
    rows = contrasts(vein, people=30, draws=2)
    by_case = {row["case"]: row for row in rows}
    weak, strong = (by_case[f"ketamine {d} mg/kg iv over 40 min"] for d in ("0.5", "1"))
    assert weak["median_h"] < strong["median_h"]
    assert "sedation" in by_case["esketamine 84 mg intranasal"]["over"]
    told = [row for row in rows if row["what"] in ("hypertension", "benzodiazepine")]
    assert len(told) == 2
    assert all("not predicted" in row["not_known"] for row in told)


def test_the_figure_can_be_drawn_in_both_widths(nasal: xr.Dataset) -> None:
    from ketascope.report.draw_readiness import draw_readiness

    made = ks.report_readiness(nasal, draws=2)
    for width in ("wide", "narrow"):
        texts = {t.get_text() for t in draw_readiness(made, width).axes[0].texts}  # type: ignore[arg-type]
        at = made["curve"]["share"][24]
        assert f"{100 * at:.0f} % at 2 h" in texts


def test_what_an_effect_was_not_fitted_with_is_warned_of(nasal: xr.Dataset) -> None:
    assert ks.readiness(nasal, draws=0).warnings == ()
    vein = ks.simulate("esketamine 0.25 mg/kg iv over 40 min once", n=20, seed=1)
    found = ks.report_readiness(vein, draws=0)
    assert any("Dissociation" in told and "extrapolated" in told for told in found["warnings"])
    assert any("pressure" in told for told in found["warnings"])
    assert not set(found["warnings"]) & set(json.loads(vein.attrs["warnings"]))


@pytest.mark.parametrize(
    "words",
    [
        "ketamine 0.5 mg/kg iv over 1 min once",
        "ketamine 0.2 mg/kg iv push plus 0.5 mg/kg/h over 40 min",
        "ketamine 2 mg/kg iv over 1 min once",
        "ketamine 4 mg/kg iv over 40 min once",
    ],
)
def test_without_dissociation_and_alertness_nobody_is_told_to_be_ready(words: str) -> None:
    """A stronger dose, whose dissociation is not predicted, must not make people ready sooner."""
    with pytest.raises(ks.Unsupported):
        ks.readiness(ks.simulate(words, n=20, seed=1, force=True), draws=0)


def test_the_title_names_what_it_is_of(nasal: xr.Dataset, vein: xr.Dataset) -> None:
    assert ks.report_readiness(nasal, draws=0)["title"].startswith("Pressure, alertness and diss")
    title = ks.report_readiness(vein, draws=0)["title"]
    assert title == "Pressure and dissociation back (alertness not predicted)"
