"""Dissociation and alertness over time: closed forms, limits, and when they are not predicted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketascope as ks
from ketascope.effects import dissociation, sedation
from ketascope.effects.acute import driving_from
from ketascope.effects.acute_tables import measures
from ketascope.effects.calibrated import calibration
from ketascope.effects.effect import Driving, Given, Occasion
from ketascope.effects.opposed import drive

TIMES = np.linspace(0, 6, 361)


def driving(
    concentration: np.ndarray, *, drug: str = "ketamine", people: int = 1, **more: object
) -> Driving:
    """Return people who all have this concentration."""
    dose = Given(0, 0.0, drug, "intravenous", None, 40.0, "mg", 40.0)
    known = {"age": np.full(people, 40.0)}
    told = {
        "times": TIMES, "drug": drug, "doses": (dose,), "sampling": "venous",
        "concentrations": {drug: np.tile(concentration, (people, 1))},
        "sessions": (Occasion(0, 0.0, 1.0, 1),), "covariates": known,
        "index": np.arange(people), "seed": 3, "random": people > 1,
    }  # fmt: skip
    return Driving(**{**told, **more})  # type: ignore[arg-type]


def theta(name: str, people: int = 1, **changed: float) -> dict[str, np.ndarray]:
    values = {**calibration(name).central(), **changed}
    return {key: np.full(people, value) for key, value in values.items()}


class TestDrive:
    """Of a steady concentration tolerance leaves C (1 - a (1 - exp(-k t)))."""

    def test_a_steady_concentration(self) -> None:
        left = drive(TIMES, np.full((1, TIMES.size), 50.0), np.inf, 0.7, 1.5)[0]
        assert left == pytest.approx(50 * (1 - 0.7 * (1 - np.exp(-1.5 * TIMES))), rel=1e-9)

    def test_it_is_never_below_nought(self) -> None:
        fall = np.exp(-2 * TIMES)[None, :] * 100
        assert drive(TIMES, fall, 6.0, 1.5, 1.0).min() == 0.0

    def test_without_offset_it_is_the_effect_site(self) -> None:
        rise = np.minimum(TIMES, 1.0)[None, :] * 80
        one, other = drive(TIMES, rise, 6.0, 0.0, 1.0), drive(TIMES, rise, 6.0, 0.0, 9.0)
        assert np.array_equal(one, other)
        assert one[0, -1] == pytest.approx(80.0, rel=1e-6)


class TestScore:
    def test_half_way_at_a_strength_of_one(self) -> None:
        assert dissociation.score(0.0, 1.0) == pytest.approx(46.0)
        assert dissociation.score(4.0, 1.0) == pytest.approx(48.0)

    @given(st.floats(0, 4), st.floats(0, 1e6))
    def test_it_stays_within_the_scale(self, base: float, strength: float) -> None:
        found = float(dissociation.score(base, strength))
        assert base <= found <= 92

    def test_the_middle_person_by_hand(self) -> None:
        p = theta("dissociation")
        found = dissociation.cadss(driving(np.full(TIMES.size, 200.0)), p)[0]
        ke0, ktol = p["ke0"][0], p["ktol"][0]
        t = TIMES[1:]
        site = 1 - np.exp(-ke0 * t)
        late = 1 - (ke0 * np.exp(-ktol * t) - ktol * np.exp(-ke0 * t)) / (ke0 - ktol)
        x = p["patients_racemate"][0] * 200.0 * (site - p["offset"][0] * late) / p["half"][0]
        # the effect site is exact, what follows it takes it as linear between the times
        assert found[1:] == pytest.approx(92 * x / (1 + x), rel=2e-4)

    def test_without_drug_it_is_the_level_before(self) -> None:
        people = driving(np.zeros(TIMES.size), people=2000)
        found = dissociation.cadss(people, theta("dissociation", 2000))
        assert np.ptp(found, axis=1).max() == 0.0
        assert found.max() <= 4.0
        assert np.mean(found[:, 0] == 0) == pytest.approx(23 / 32, abs=0.03)

    @given(st.floats(1, 400), st.floats(1.0, 3.0))
    def test_more_is_felt_more(self, concentration: float, factor: float) -> None:
        p = theta("dissociation")
        low = dissociation.cadss(driving(np.full(TIMES.size, concentration)), p)
        high = dissociation.cadss(driving(np.full(TIMES.size, concentration * factor)), p)
        assert (high >= low - 1e-9).all()

    def test_esketamine_counts_by_its_potency(self) -> None:
        p = theta("dissociation")
        r = p["esketamine_potency"][0]
        p = p | {"patients_racemate": p["patients"]}
        one = dissociation.cadss(driving(np.full(TIMES.size, 100 * r)), p)
        other = dissociation.cadss(driving(np.full(TIMES.size, 100.0), drug="esketamine"), p)
        assert one == pytest.approx(other)

    def test_volunteers_rate_higher_than_patients(self) -> None:
        p = theta("dissociation")
        plain = driving(np.full(TIMES.size, 150.0))
        healthy = driving(np.full(TIMES.size, 150.0), settings={"healthy": 1.0})
        patient, volunteer = (dissociation.cadss(d, p).max() for d in (plain, healthy))
        strength = [x / (92 - x) for x in (patient, volunteer)]
        assert strength[0] / strength[1] == pytest.approx(p["patients_racemate"][0])

    def test_ratings_scatter_about_the_level_of_a_person(self) -> None:
        p = theta("dissociation", 20_000)
        plasma = np.full(TIMES.size, 60.0)
        level, rated = (
            dissociation.cadss(driving(plasma, people=20_000, settings={"rated": told}), p)
            for told in (0.0, 1.0)
        )
        assert rated.max(axis=1).std() > 1.2 * level.max(axis=1).std()
        assert rated.max(axis=1).mean() == pytest.approx(level.max(axis=1).mean(), rel=0.03)

    def test_the_same_dose_is_felt_more_when_it_is_given_faster(self) -> None:
        quick, slow = (
            ks.acute_effects(
                ks.simulate(f"ketamine 0.3 mg/kg iv over {m} min once", people=200, seed=2),
                names=["cadss"], uncertainty="central",
            )["cadss"].max("time").mean()
            for m in (5, 15)
        )  # fmt: skip
        assert float(quick) > 1.02 * float(slow)

    def test_it_wanes_over_sessions_and_no_further_than_was_seen(self) -> None:
        k = np.array([0, 1, 26, 100])
        assert dissociation.waned(0.05, k) == pytest.approx(np.exp([0, -0.05, -1.3, -1.3]))


class TestLevel:
    def test_thresholds_lie_at_equal_ratios(self) -> None:
        limits = sedation.thresholds([10.0], [16.0])
        left = np.array([[0.0, 10.0, 10.1, 21.0, 79.0, 81.0, 1e4]])
        assert sedation.level(left, limits)[0].tolist() == [5, 5, 4, 3, 2, 1, 0]

    def test_the_lowest_level_is_the_peak_and_five_is_gone(self) -> None:
        effect = sedation.EFFECTS[0]
        found = measures(effect, np.array([0.0, 1, 2]), np.array([[5, 3, 5.0], [5, 5, 5.0]]))
        assert found["peak"].tolist() == [3, 5]
        assert found["shares"] == [0.5, 0.5, 0.0]
        assert found["gone"].tolist() == [2.0, 0.0]

    def test_nobody_is_sedated_without_drug(self) -> None:
        people = driving(np.zeros(TIMES.size), drug="esketamine", people=50)
        assert (sedation.moaas(people, theta("sedation", 50)) == 5).all()

    def test_most_are_sedated_lightly(self) -> None:
        found = ks.acute_effects(
            ks.simulate("esketamine 84 mg intranasal once", people=500, seed=4),
            names=["sedation"], uncertainty="central",
        )["sedation"].min("time").to_numpy()  # fmt: skip
        levels = {k: int((found == k).sum()) for k in range(5)}
        assert levels[4] > max(levels[k] for k in range(4))


REASONS = [
    ("arketamine 0.5 mg/kg iv over 40 min once", None, "arketamine", "arketamine"),
    ("esketamine 0.5 mg/kg oral solution once", None, "oral doses", "oral doses"),
    ("ketamine 0.5 mg/kg iv over 40 min once", "kamp_2020", "arterial", "after ketamine"),
    ("ketamine 4 mg/kg iv over 1 min once", None, "lose consciousness", "after ketamine"),
    (
        "ketamine 0.5 mg/kg iv over 40 min once", "ketamine_iv_enantiomers_assembled",
        "does not give ketamine", "after ketamine",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("regimen", "model", "dissociated", "sedated"), REASONS)
def test_it_says_why_it_is_not_predicted(
    regimen: str, model: str | None, dissociated: str, sedated: str
) -> None:
    given_to = driving_from(ks.simulate(regimen, people=20, seed=1, model=model, force=True))
    assert dissociated in str(dissociation.why_not(given_to))
    assert sedated in str(sedation.why_not(given_to))


def test_children_are_not_predicted() -> None:
    minor = driving(np.full(TIMES.size, 50.0), covariates={"age": np.array([12.0])})
    assert "under 18" in str(dissociation.why_not(minor))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ketamine 0.5 mg/kg im once", "ketamine intramuscular doses"),
        ("esketamine 0.2 mg/kg iv over 40 min once", "esketamine intravenous doses"),
        ("ketamine 0.5 mg/kg iv over 40 min once", None),
    ],
)
def test_a_route_without_scores_is_told_to_be_extrapolated(words: str, told: str | None) -> None:
    found = ks.acute_effects(ks.simulate(words, people=3, seed=1), names=["cadss"])
    warned = [w for w in json.loads(found.attrs["warnings"]) if "extrapolated" in w]
    assert len(warned) == (told is not None)
    assert told is None or told in warned[0]


def test_another_route_lies_in_the_middle_of_both_kinds_of_patients() -> None:
    """At the same concentration: of esketamine by vein, and of volunteers after esketamine."""
    known = calibration("dissociation").central()
    low, high = known["patients"], known["patients_racemate"]
    flat = np.full(TIMES.size, 50.0)

    def strength(drug: str, route: str, **settings: float) -> float:
        doses = (Given(0, 0.0, drug, route, None, 40.0, "mg", 40.0),)
        case = driving(flat, drug=drug, doses=doses, settings=settings)
        return float(dissociation.strength_of(case, theta("dissociation")).max())

    sprayed, infused = strength("esketamine", "intranasal"), strength("ketamine", "intravenous")
    full = strength("ketamine", "intravenous", healthy=1.0)
    assert infused == pytest.approx(high * full)
    by_vein = strength("esketamine", "intravenous")
    assert by_vein == pytest.approx(sprayed * np.sqrt(high / low), rel=1e-6)
    assert strength("ketamine", "intranasal") == pytest.approx(full * np.sqrt(high * low), rel=1e-6)
    felt = strength("esketamine", "intranasal", healthy=1.0)
    assert felt == pytest.approx(sprayed / low * np.sqrt(low / high), rel=1e-6)


def test_volunteers_after_the_spray_are_told_to_be_extrapolated() -> None:
    result = ks.simulate("esketamine 84 mg intranasal once", people=3, seed=1)
    found = ks.acute_effects(result, names=["cadss"], settings={"healthy": 1.0})
    warned = [w for w in json.loads(found.attrs["warnings"]) if "extrapolated" in w]
    assert "in volunteers after esketamine intranasal doses" in warned[0]


def test_after_the_infusion_most_are_back_within_two_hours() -> None:
    """What the infusion was said to do, which no fit has seen: gone within 2 h."""
    result = ks.simulate("ketamine 0.5 mg/kg iv over 40 min once", people=400, seed=6)
    (row,) = ks.effect_table(result, names=["cadss"], draws=4)
    by = {one["hours"]: one["share"] for one in row["gone"]["by"]}
    assert 0.6 < row["time"]["q50"] < 0.8
    assert by[2.0] > 0.75
    assert by[1.0] < by[1.5] < by[2.0]
