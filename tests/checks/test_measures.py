"""What is read off a simulated curve, against closed forms of one and two compartments."""

import numpy as np
import pytest

from ketascope.checks.arms import TAIL_HOURS, candidates, conditions_for, given_alone, simulated
from ketascope.checks.measures import measured
from ketascope.checks.ratios import ratio_of
from ketascope.errors import Unsupported
from ketascope.evidence.published import Conditions, Dose, PublishedValue
from ketascope.models import get

BOLUS = Conditions(
    regimen="ketamine 50 mg iv bolus once", people="anybody", patient={"weight": 70.0, "age": 40.0}
)


def value(quantity, conditions=BOLUS, *, analyte="ketamine", unit="1", number=1.0, **more):
    return PublishedValue(
        id="toy", quantity=quantity, analyte=analyte, statistic="mean", value=number, unit=unit,
        conditions=conditions, used_for="check", source="clements_1981", where="-", how="-", **more,
    )  # fmt: skip


def of(quantity, conditions=BOLUS, model="clements_1981", **more):
    asked = value(quantity, conditions, **more)
    return measured(asked, simulated([asked], model, seed=0))


@pytest.fixture(scope="module")
def constants():
    """Closed forms of the two-compartment model of Clements 1981 at 70 kg."""
    model = get("clements_1981")
    k10, k12, k21 = (60 * model.parameter(name).value for name in ("k10", "k12", "k21"))
    volume = 70 * model.parameter("V1").value
    total, product = k10 + k12 + k21, k10 * k21
    beta = (total - np.sqrt(total**2 - 4 * product)) / 2
    return {"CL": k10 * volume, "Vss": volume * (1 + k12 / k21), "beta": beta, "V1": volume}


def test_area_and_clearance(constants):
    assert of("auc") == pytest.approx(1000 * 50 / constants["CL"], rel=2e-4)
    assert of("clearance") == pytest.approx(constants["CL"], rel=2e-4)
    assert of("clearance_per_weight") == pytest.approx(constants["CL"] / 70, rel=2e-4)


def test_volume_at_steady_state_after_a_bolus_and_an_infusion(constants):
    infusion = BOLUS.model_copy(update={"regimen": "ketamine 50 mg iv over 40 min once"})
    assert of("volume") == pytest.approx(constants["Vss"], rel=2e-3)
    assert of("volume", infusion) == pytest.approx(constants["Vss"], rel=2e-3)
    assert of("volume_per_weight") == pytest.approx(constants["Vss"] / 70, rel=2e-3)


def test_half_life_peak_and_concentration(constants):
    assert of("half_life") == pytest.approx(np.log(2) / constants["beta"], rel=1e-3)
    at_once = BOLUS.model_copy(update={"window": (0.0, 24.0)})
    assert of("cmax", at_once) == pytest.approx(1000 * 50 / constants["V1"], rel=1e-12)
    assert of("tmax") == pytest.approx(0.0)
    late = BOLUS.model_copy(update={"time": 90.0})
    fall = of("concentration", late.model_copy(update={"time": 80.0})) / of("concentration", late)
    assert np.log(fall) / 10 == pytest.approx(constants["beta"], rel=1e-9)


def test_the_peak_of_a_bolus_is_not_compared_without_a_time_of_sampling():
    with pytest.raises(Unsupported, match="when the first sample was drawn"):
        of("cmax")


def test_a_clock_at_the_end_of_the_infusion():
    given = BOLUS.model_copy(
        update={"regimen": "ketamine 50 mg iv over 40 min once", "time": 1.0,
                "clock": "end of infusion"}
    )  # fmt: skip
    first = given.model_copy(update={"time": 1.0 + 40 / 60, "clock": "first dose"})
    assert of("concentration", given) == pytest.approx(of("concentration", first), rel=1e-12)
    peak = given.model_copy(update={"time": None})
    assert of("tmax", peak) == pytest.approx(0.0, abs=1e-9)


def test_a_window_of_an_area():
    parts = [(0.0, 2.0), (2.0, 6.0), (0.0, 6.0)]
    one, two, both = (of("auc", BOLUS.model_copy(update={"window": w})) for w in parts)
    assert one + two == pytest.approx(both, rel=1e-3)


def test_doses_per_weight_count_each_weight(constants):
    heavy = BOLUS.model_copy(
        update={"regimen": "ketamine 0.5 mg/kg iv bolus once", "patient": {"age": 40.0}}
    )
    clearance = of("clearance_per_weight", heavy)
    assert clearance == pytest.approx(constants["CL"] / 70, rel=2e-4)
    assert len(clearance) > 1


def test_listed_doses_stand_for_words():
    doses = (
        Dose(drug="ketamine", amount=20, unit="mg", route="intravenous", duration=0.5),
        Dose(time=0.5, drug="ketamine", amount=30, unit="mg", route="intravenous", duration=0.5),
    )
    listed = BOLUS.model_copy(update={"regimen": "rising", "doses": doses})
    assert of("auc", listed) == pytest.approx(of("auc"), rel=1e-3)
    with pytest.raises(Unsupported, match="one intravenous dose"):
        of("volume", listed)


def test_half_of_a_racemic_dose_is_each_enantiomer():
    asked = value("clearance", analyte="esketamine", unit="L/h")
    alone = conditions_for(asked)
    assert given_alone(asked) == "esketamine"
    assert [(d.drug, d.amount, d.route) for d in alone.doses] == [("esketamine", 25, "intravenous")]
    assert given_alone(value("clearance")) is None
    found = of("clearance", alone, "otto_2021", analyte="esketamine")
    assert np.median(found) == pytest.approx(95.2, rel=0.05)


def test_bioavailability_of_what_goes_into_the_vein_is_one():
    infusion = BOLUS.model_copy(update={"regimen": "ketamine 50 mg iv over 40 min once"})
    asked = value("bioavailability", infusion)
    found = ratio_of(asked, "clements_1981", simulated([asked], "clements_1981", seed=0), seed=0)
    assert found == pytest.approx(1.0, rel=1e-3)


def test_bioavailability_of_the_spray_is_that_of_its_paper():
    nasal = Conditions(regimen="esketamine 28 mg intranasal once", people="anybody")
    asked = value("bioavailability", nasal, analyte="esketamine")
    result = simulated([asked], "perez_ruixo_2021", seed=0)
    found = ratio_of(asked, "perez_ruixo_2021", result, seed=0)
    # 0.54 through the nose, and what is swallowed of the rest
    assert 0.55 < np.median(found) < 0.68


def test_a_metabolite_that_was_not_given_has_no_clearance():
    asked = Conditions(regimen="esketamine 10 mg iv bolus once", people="anybody")
    with pytest.raises(Unsupported, match="was not given"):
        of("clearance", asked, "otto_2021", analyte="esnorketamine")


def test_a_model_that_may_have_seen_the_people_goes_last():
    iv = Conditions(regimen="esketamine 10 mg iv over 30 min once", people="anybody")
    asked = value("cmax", iv, analyte="esketamine", unit="ng/mL")
    first = candidates(asked)[0].name
    behind = value(
        "cmax", iv, analyte="esketamine", unit="ng/mL", not_independent_of=(first,)
    )  # fmt: skip
    order = [model.name for model in candidates(behind)]
    assert order[-1] == first
    assert len(order) > 1


def test_a_site_of_sampling_is_met_where_a_model_has_it():
    iv = Conditions(
        regimen="esketamine 10 mg iv over 30 min once", people="anybody", sampling="arterial"
    )
    assert candidates(value("cmax", iv, analyte="esketamine"))[0].sampling == "arterial"


def test_what_no_model_gives_is_said():
    iv = Conditions(regimen="ketamine 10 mg iv bolus once", people="anybody")
    with pytest.raises(Unsupported, match="no model"):
        candidates(value("cmax", iv, analyte="dehydronorketamine"))


def test_the_tail_is_long_enough_to_draw_an_area_on():
    result = simulated([value("auc")], "clements_1981", seed=0)
    assert float(result.time[-1]) >= TAIL_HOURS
