"""Effects by published relations: as printed, nought at nought, refused where they are silent."""

from __future__ import annotations

import numpy as np
import pytest
from driven import driven
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from ketascope import simulate
from ketascope.effects.acute import acute_effects, known_effects
from ketascope.effects.breathing import why_not_depression
from ketascope.effects.consciousness import level_of, own_threshold
from ketascope.errors import Unsupported
from ketascope.evidence.markers import marker, markers
from ketascope.evidence.sources import sources
from ketascope.patients import Patient

MINE = (
    "drug_high", "perception_strongest", "perception_mildest", "pain_change", "antinociception",
    "unresponsive", "anaesthesia", "child_sedation", "child_arousal", "child_recall",
    "respiratory_depression", "opioid_shift",
)  # fmt: skip
KNOWN = known_effects()
LONG = np.linspace(0.0, 12.0, 1441)


def curve(name, driving):
    assert KNOWN[name].why_not(driving) is None
    return KNOWN[name].curve(driving, {})


def racemate(level, **more):
    more = {"drug": "ketamine", "sampling": "not stated", **more}
    return driven({"ketamine": level}, **more)


def test_each_effect_names_sources_that_exist_and_what_drives_it_is_stored():
    for name in MINE:
        effect = KNOWN[name]
        assert set(effect.sources) <= set(sources())
        assert bool(markers(name)) == (name != "respiratory_depression")
        if effect.kind == "calibrated":
            assert "Calibration of this project" in effect.text


def test_only_what_is_used_as_printed_is_called_published():
    """A delay of another study, a shape or a site that was not printed make a calibration."""
    printed = {name for name in MINE if KNOWN[name].kind == "published"}
    assert printed == {
        "pain_change", "child_sedation", "child_arousal", "child_recall", "respiratory_depression",
    }  # fmt: skip


def test_half_of_the_drug_high_is_at_0_3_nmol_per_ml():
    at_half = 0.3 * 237.73
    steady = driven({"esketamine": at_half}, times=LONG)
    assert curve("drug_high", steady)[0, -1] == pytest.approx(1.0, rel=1e-3)
    assert curve("drug_high", steady)[0, 0] == 0.0


def test_relief_stands_at_the_middle_of_the_three_tests():
    steady = driven({"esketamine": 1.45 * 237.73}, times=LONG)
    assert curve("antinociception", steady)[0, -1] == pytest.approx(1.0, rel=1e-3)
    people = driven({"esketamine": 1.0}, times=LONG, people=3000, random=True)
    ends = 1.0 / (237.73 * np.asarray([1.7, 1.2]))
    found = curve("antinociception", people)[:, -1]
    assert (found > 0.999 * ends[0]).all()
    assert (found < 1.001 * ends[1]).all()


def test_pain_is_as_the_abstract_of_olofsen_adds_it_up():
    steady = driven({"esketamine": 100.0, "esnorketamine": 50.0}, times=LONG)
    assert curve("pain_change", steady)[0, -1] == pytest.approx(-3.8 + 1.5, abs=1e-3)


def test_pain_returns_above_its_baseline_when_norketamine_outlasts_ketamine():
    falling = {"esketamine": 100.0 * np.exp(-LONG), "esnorketamine": 50.0 * np.exp(-LONG / 4)}
    found = curve("pain_change", driven(falling, times=LONG))[0]
    assert found.min() < -1.0
    assert found[-1] > 0.0


def test_pain_by_film_or_at_high_levels_is_refused():
    levels = {"esketamine": 100.0, "esnorketamine": 50.0}
    assert "S-norketamine stays below" in KNOWN["pain_change"].why_not(
        driven(levels, route="sublingual")
    )
    high = driven({"esketamine": 400.0, "esnorketamine": 50.0})
    assert "400 ng/mL" in KNOWN["pain_change"].why_not(high)


def test_the_two_scales_of_bowdle_end_where_they_are_printed():
    for name, top in (("perception_strongest", 89.0), ("perception_mildest", 37.0)):
        found = curve(name, racemate([0.0, 50.0, 100.0, 200.0], sampling="venous"))[0]
        assert found.tolist() == pytest.approx([0.0, top / 4, top / 2, top])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"route": "oral"}, "infusions into a vein"),
        ({"sampling": "arterial"}, "venous concentrations"),
        ({"level": 301.0}, "301 ng/mL"),
        ({"age": 8.0}, "adults"),
    ],
)
def test_perception_is_refused_outside_what_bowdle_saw(more, words):
    driving = racemate(**{"level": 100.0, **more})
    assert words in KNOWN["perception_strongest"].why_not(driving)


def test_the_level_of_a_child_by_the_printed_equation():
    # 5 (1 - 0.939 / 2) at the printed half, written out by hand
    steady = racemate(560.0, times=LONG, age=8.0)
    assert curve("child_sedation", steady)[0, -1] == pytest.approx(2.6525, abs=1e-3)
    assert curve("child_sedation", racemate(0.0, age=8.0))[0].tolist() == [5.0] * 4
    assert level_of(np.asarray(1e9), 0.56, 0.939) == pytest.approx(5 * 0.061)
    assert curve("child_arousal", racemate(520.0, times=LONG, age=8.0))[0, -1] == pytest.approx(
        1.0, rel=1e-3
    )
    assert curve("child_recall", racemate(880.0, times=LONG, age=8.0))[0, -1] == pytest.approx(
        2.0, rel=1e-3
    )


@given(st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_more_ketamine_never_makes_a_child_more_awake(a, b):
    low, high = sorted((a, b))
    more, less = (level_of(np.asarray(x), 0.56, 0.939) for x in (high, low))
    assert more <= less + 1e-12
    assert 0.0 <= level_of(np.asarray(high), 0.56, 1.0) <= 5.0


def test_spread_between_children_is_the_printed_one_and_no_level_leaves_the_scale():
    people = racemate(560.0, times=LONG, age=8.0, people=4000, random=True)
    found = curve("child_sedation", people)
    assert found.min() >= 0.0
    assert found.max() <= 5.0
    # half of the children have a half-effect concentration above the printed middle
    assert np.mean(found[:, -1] > 2.6525) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("weight", "age", "dose"), [(43.0, 12, 1.75), (21.0, 6, 2.0), (12.5, 2, 2.125)]
)
def test_the_doses_that_its_authors_computed_keep_children_under_2_for_a_quarter_of_an_hour(
    weight, age, dose
):
    """Dallimore 2008 set these doses by the same equation and a model of the same children."""
    result = simulate(
        f"ketamine {dose:g} mg/kg iv bolus once",
        Patient.of({"age": age, "weight": weight}),
        model="herd_2007",
        times=np.arange(0.0, 1.001, 1 / 120),
    )
    found = acute_effects(result, names=["child_sedation"], uncertainty="central")
    minutes = 60 * result["time"].to_numpy()
    under = minutes[found["child_sedation"].to_numpy().reshape(-1) < 2.0]
    assert under.max() == pytest.approx(15.0, abs=1.0)


def test_the_concentrations_at_recovery_have_the_printed_mean_and_spread():
    people = racemate(1.0, people=20_000, random=True)
    for name, mean, sd in (("adult_recovery", 740.0, 240.0), ("adult_anaesthesia", 2000.0, 500.0)):
        found = own_threshold(people, name)
        assert found.mean() == pytest.approx(mean, rel=0.01)
        assert found.std() == pytest.approx(sd, rel=0.03)


def test_half_of_adults_are_above_their_own_level_at_the_middle_of_levels():
    people = racemate(float(own_threshold(racemate(1.0), "adult_recovery")[0]), people=4000,
                      random=True)  # fmt: skip
    assert np.mean(curve("unresponsive", people)[:, 0] > 1.0) == pytest.approx(0.5, abs=0.03)


def test_the_opioid_is_countered_twofold_at_127_and_by_the_printed_quartiles():
    steady = driven({"esketamine": 127.0}, opioid=1)
    assert curve("opioid_shift", steady)[0].tolist() == [2.0] * 4
    people = driven({"esketamine": 127.0}, people=8000, random=True, opioid=1)
    own = 127.0 / (curve("opioid_shift", people)[:, 0] - 1.0)
    assert np.quantile(own, 0.75) / np.quantile(own, 0.25) == pytest.approx(191 / 84, rel=0.05)
    assert norm.ppf(0.75) == pytest.approx(0.67449, abs=1e-5)


def test_without_an_opioid_there_is_nothing_to_counter():
    assert "opioid" in KNOWN["opioid_shift"].why_not(driven({"esketamine": 127.0}))


def test_respiratory_depression_is_never_predicted_and_never_called_safe():
    effect = KNOWN["respiratory_depression"]
    driving = driven({"esketamine": 50.0}, benzodiazepine=1, alcohol=1)
    reason = effect.why_not(driving)
    assert "does not mean safe" in reason
    assert "benzodiazepine" in reason
    assert "alcohol" in reason
    assert "opioid" not in reason
    assert "morphine" in why_not_depression(driven({"esketamine": 50.0}, opioid=1))
    with pytest.raises(Unsupported, match="not predicted"):
        effect.curve(driving, {})


@pytest.mark.parametrize("name", [n for n in MINE if n != "respiratory_depression"])
def test_a_person_is_the_same_in_any_batch_and_nought_stays_nought(name):
    analytes = {m.analyte for m in markers(name)}
    drug = "ketamine" if "ketamine" in analytes else "esketamine"
    common = {
        "drug": drug,
        "sampling": "venous" if drug == "ketamine" else "arterial",
        "age": 8.0 if name.startswith("child") else 30.0,
        "random": True,
        "opioid": 1,
    }
    levels = {key: [0.0, 90.0, 60.0, 20.0] for key in analytes}
    whole = curve(name, driven(levels, people=6, **common))
    part = curve(name, driven(levels, people=2, first=4, **common))
    np.testing.assert_array_equal(whole[4:], part)
    none = curve(name, driven(dict.fromkeys(analytes, 0.0), people=3, **common))
    start = {"child_sedation": 5.0, "opioid_shift": 1.0}.get(name, 0.0)
    assert (none == start).all()


def test_a_sublingual_film_shows_what_holds_and_says_what_does_not():
    result = simulate("esketamine 50 mg sublingual film once", 40, seed=3)
    found = acute_effects(result, names=MINE)
    assert set(found.data_vars) == {"drug_high", "antinociception"}
    # its delay is of another study
    assert found["drug_high"].attrs["kind"] == "calibrated"
    # the delays differ, and still the high is four times as near to its half as relief to its own
    peaks = found.max("time")
    assert bool((peaks["drug_high"] > 2.5 * peaks["antinociception"]).all())
    assert marker("simons_pain_c50").to("ng/mL") == pytest.approx(344.7, abs=0.1)
