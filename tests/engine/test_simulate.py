"""``ketascope.simulate``: who is simulated, with which doses, and what is refused."""

import json
import math

import numpy as np
import pandas as pd
import pytest

import ketascope as ks
from ketascope.dosing import parse_regimen
from ketascope.errors import InputError, Unsupported
from ketascope.models import get
from ketascope.models.structure import internal

INFUSION = "ketamine 0.5 mg/kg iv over 40 min once"
SPRAY = "esketamine 56 mg intranasal once"
FILM = "esketamine 50 mg sublingual film once"
TIMES = [0.0, 0.25, 40 / 60, 1.0, 4.0]


def table(**columns):
    people = {"age": 45.0, "weight": 70.0, "height": 170.0, "sex": "female", "race": "white"}
    return ks.Population.from_frame(pd.DataFrame({**people, **columns}))


def clements(mg, weight, times=TIMES):
    """The two-compartment model by hand: an infusion over 40 min, ng/mL."""
    k10, k12, k21 = 60 * 0.0109, 60 * 0.0186, 60 * 0.0137
    total = k10 + k12 + k21
    root = math.sqrt(total**2 - 4 * k10 * k21)
    hours, t = 40 / 60, np.asarray(times)
    amount = 0.0
    for rate, share in (((total + root) / 2, (total + root) / 2 - k21),
                        ((total - root) / 2, k21 - (total - root) / 2)):  # fmt: skip
        during = np.minimum(t, hours)
        after = np.clip(t - hours, 0, None)
        amount = amount + share / root * -np.expm1(-rate * during) / rate * np.exp(-rate * after)
    return mg / hours * amount / (1.7522 * weight) * 1000.0


def test_the_default_adult_by_hand():
    result = ks.simulate(INFUSION, model="clements_1981", times=TIMES)
    assert result["ketamine"].dims == ("subject", "time")
    assert result["ketamine"].to_numpy()[0] == pytest.approx(clements(35.0, 70.0), rel=1e-10)
    assert result["time"].to_numpy().tolist() == TIMES


def test_each_person_of_a_table_gets_a_dose_for_their_weight():
    weights = np.array([45.0, 70.0, 120.0])
    result = ks.simulate(INFUSION, table(weight=weights), model="clements_1981", times=TIMES)
    for found, weight in zip(result["ketamine"].to_numpy(), weights, strict=True):
        assert found == pytest.approx(clements(0.5 * weight, weight), rel=1e-10)
    assert result["weight"].to_numpy().tolist() == weights.tolist()
    assert result["id"].to_numpy().tolist() == [1, 2, 3]


def test_a_cap_holds_for_those_above_it():
    text = "ketamine 0.5 mg/kg max 40 mg iv over 40 min once"
    weights = np.array([60.0, 80.0, 81.0, 140.0])
    result = ks.simulate(text, table(weight=weights), model="clements_1981", times=TIMES)
    for found, weight in zip(result["ketamine"].to_numpy(), weights, strict=True):
        assert found == pytest.approx(clements(min(0.5 * weight, 40.0), weight), rel=1e-10)


def test_ideal_weight():
    """Devine: 45.5 kg (women) or 50 kg (men), and 2.3 kg for each inch above 60."""
    text = "ketamine 0.5 mg/kg of ideal weight iv over 40 min once"
    people = table(weight=[100.0, 100.0], height=[165.1, 180.34], sex=["female", "male"])
    result = ks.simulate(text, people, model="clements_1981", times=TIMES)
    for found, ideal in zip(result["ketamine"].to_numpy(), (57.0, 75.3), strict=True):
        assert found == pytest.approx(clements(0.5 * ideal, 100.0), rel=1e-10)


def test_a_patient_alone_is_a_typical_person_with_those_covariates():
    patient = ks.Patient.of({"weight": 90, "age": 30})
    result = ks.simulate(INFUSION, patient, model="clements_1981", times=TIMES)
    assert result.sizes["subject"] == 1
    assert result["ketamine"].to_numpy()[0] == pytest.approx(clements(45.0, 90.0), rel=1e-10)
    assert result.attrs["variability"] == "none"
    assert sorted(json.loads(result.attrs["fixed"])) == ["age", "weight"]
    assert "height" in json.loads(result.attrs["notes"])[0]


def test_many_people_share_what_is_known_of_a_patient():
    patient = ks.Patient.of({"weight": 90, "sex": "male"})
    result = ks.simulate(SPRAY, patient, n=30, seed=4, times=TIMES)
    assert (result["weight"] == 90.0).all()
    assert (result["sex"] == "male").all()
    assert np.unique(result["age"]).size > 20
    assert np.unique(result["p_Vc"]).size == 30


@pytest.mark.parametrize("people", [7, np.int64(7)])
def test_a_number_of_people(people):
    one = ks.simulate(SPRAY, people, seed=4, times=TIMES)
    assert one.sizes["subject"] == 7
    assert one.identical(ks.simulate(SPRAY, n=7, seed=4, times=TIMES))


def test_a_table_with_and_without_random_effects():
    people = ks.sample_population(5, 3)
    random = ks.simulate(SPRAY, people, seed=3, times=TIMES)
    typical = ks.simulate(SPRAY, people, typical=True, times=TIMES)
    assert np.unique(random["p_ka_n"]).size == 5
    assert "p_ka_n" not in typical.coords
    assert typical.attrs["variability"] == "none"
    for result in (random, typical):
        assert result["age"].to_numpy().tolist() == people.data["age"].tolist()


def test_a_model_without_spread_says_that_only_covariates_differ():
    result = ks.simulate(INFUSION, 5, times=TIMES)
    assert result.attrs["variability"] == "covariates only"
    film = ks.simulate(FILM, 5, times=TIMES)
    assert film.attrs["variability"] == "people and occasions"


def test_parameters_that_vary_by_occasion_have_a_row_for_each_session():
    text = "esketamine 50 mg sublingual film twice weekly for 2 weeks"
    result = ks.simulate(text, 6, seed=1, times=TIMES)
    assert result["p_F1"].dims == ("occasion", "subject")
    assert result["p_F1"].shape == (4, 6)
    assert np.unique(result["p_F1"]).size == 24
    assert result["p_CLK1"].dims == ("subject",)


def test_a_parsed_regimen_is_the_same_as_its_words():
    words = ks.simulate(SPRAY, times=TIMES)
    assert ks.simulate(parse_regimen(SPRAY), times=TIMES)["esketamine"].identical(
        words["esketamine"]
    )
    assert parse_regimen(words.attrs["regimen"]) == parse_regimen(SPRAY)


def test_progress_counts_people_to_the_end():
    seen = []
    ks.simulate(SPRAY, 40, times=[1.0], block=16, workers=2, progress=lambda *a: seen.append(a))
    assert seen[-1] == (40, 40)
    assert [total for _, total in seen] == [40] * 3
    assert sorted(done for done, _ in seen) == [done for done, _ in seen]


def test_attributes_are_text_and_numbers_and_complete():
    result = ks.simulate("esketamine 56 mg intranasal twice weekly for 1 week", 3, seed=5,
                         times=TIMES)  # fmt: skip
    attributes = result.attrs
    assert all(isinstance(value, (str, int, float)) for value in attributes.values())
    assert {
        "schema", "title", "version", "regimen", "drug", "model", "model_title", "model_status",
        "model_why", "alternatives", "sampling", "variability", "seed", "subjects", "sessions",
        "warnings", "notes", "fixed", "sources", "disclaimer",
    } <= attributes.keys()  # fmt: skip
    assert attributes["version"] == ks.__version__
    assert (attributes["seed"], attributes["subjects"]) == (5, 3)
    assert attributes["model"] == "perez_ruixo_2021"
    assert json.loads(attributes["alternatives"]) == []
    sessions = json.loads(attributes["sessions"])
    assert [(s["index"], s["time"], s["day"]) for s in sessions] == [(0, 0.0, 1), (1, 72.0, 4)]
    assert sessions[0]["end"] == pytest.approx(5 / 60), "two devices, five minutes apart"
    for key in json.loads(attributes["sources"]):
        assert ks.source(key).key == key
    for key in ("warnings", "notes", "fixed"):
        assert isinstance(json.loads(attributes[key]), list)
    for name in result.data_vars:
        assert result[name].attrs["units"] == "ng/mL"
        assert result[name].attrs["sampling"] == "venous"
        assert result[name].attrs["long_name"]
    assert result["time"].attrs["units"] == "h"


def test_people_outside_the_models_people_are_told_of():
    old = ks.simulate(FILM, ks.Patient.of({"age": 70, "weight": 70}), times=TIMES)
    (age,) = [w for w in json.loads(old.attrs["warnings"]) if "extrapolation" in w]
    assert age.startswith("Age 70 years is outside the 19 to 32 years")


def test_replicates_redraw_the_typical_values():
    result = ks.simulate(FILM, typical=True, times=[1.0], replicates=400, seed=8)
    assert result["esketamine"].dims == ("replicate", "subject", "time")
    assert result.sizes["replicate"] == 400
    values = result["esketamine"].to_numpy()[:, 0, 0]
    assert np.unique(values).size == 400
    typical = float(ks.simulate(FILM, typical=True, times=[1.0])["esketamine"].squeeze())
    assert np.median(values) == pytest.approx(typical, rel=0.03)
    few = ks.simulate(FILM, typical=True, times=[1.0], replicates=3, seed=8)
    assert (few["esketamine"].to_numpy() == result["esketamine"].to_numpy()[:3]).all()


def test_replicates_have_the_standard_errors_of_the_source():
    model = get("simons_2022")
    result = ks.simulate(FILM, 1, times=[1.0], replicates=300, seed=8)
    plain = ks.simulate(FILM, 1, times=[1.0], seed=8)
    for name in ("CLK1", "VN2", "VH1"):
        parameter = model.parameter(name)
        ratio = result[f"p_{name}"].to_numpy().ravel() / float(plain[f"p_{name}"].squeeze())
        spread = np.log(ratio).std()
        wanted = math.sqrt(math.log1p((parameter.se / parameter.value) ** 2))
        assert spread == pytest.approx(wanted, rel=0.15), name
        assert internal(parameter) > 0


@pytest.mark.parametrize("replicates", [0, -1, True, 2.5, "3"])
def test_a_number_of_replicates_that_is_none(replicates):
    with pytest.raises(InputError, match="replicates"):
        ks.simulate(FILM, times=[1.0], replicates=replicates)


def test_replicates_need_standard_errors():
    with pytest.raises(InputError, match="perez_ruixo_2021 as read prints no standard errors"):
        ks.simulate(SPRAY, times=[1.0], replicates=2)


REFUSED = {
    "unknown model": ((SPRAY,), {"model": "perez"}, "there is no model 'perez'"),
    "n twice": ((SPRAY, 5), {"n": 5}, "given twice"),
    "n beside a table": ((SPRAY, table(weight=[70.0])), {"n": 5}, "beside a table"),
    "people of a wrong kind": ((SPRAY, "me"), {}, "people cannot be str"),
    "half a person": ((SPRAY, 2.5), {}, "people cannot be float"),
    "a truth": ((SPRAY, True), {}, "people cannot be bool"),
    "nobody": ((SPRAY, 0), {}, "number of people is 0"),
    "less than nobody": ((SPRAY,), {"n": -3}, "number of people is -3"),
    "negative seed": ((SPRAY, 5), {"seed": -1}, "seed -1"),
    "fraction of a seed": ((SPRAY, 5), {"seed": 1.5}, "seed 1.5"),
    "seed in words": ((SPRAY, 5), {"seed": "one"}, "seed"),
    "no seed": ((SPRAY, 5), {"seed": None}, "seed"),
    "seed that is no number": ((SPRAY, 5), {"seed": float("nan")}, "seed"),
    "negative time": ((SPRAY,), {"times": [-1.0]}, "number 1 is -1"),
    "times in words": ((SPRAY,), {"times": "0:24:1"}, "times"),
    "times of words": ((SPRAY,), {"times": ["a"]}, "times"),
    "no times": ((SPRAY,), {"times": []}, "no times"),
    "no regimen": ((None,), {}, "regimen"),
    "words without sense": (("something nice",), {}, ""),
    "above the bound": (("esketamine 560 mg intranasal once",), {}, ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(case):
    given, named, says = REFUSED[case]
    with pytest.raises(InputError) as caught:
        ks.simulate(*given, **named)
    text = str(caught.value)
    assert says in text
    assert text.rstrip().endswith(".")


def test_two_drugs_at_once_are_refused():
    text = "ketamine 20 mg iv over 40 min and esketamine 28 mg intranasal once"
    with pytest.raises(InputError) as caught:
        ks.simulate(text)
    assert "esketamine" in str(caught.value)
    assert "ketamine" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("ketamine 100 mg rectal once", None),
        ("arketamine 35 mg im once", None),
        ("ketamine 35 mg sc once", None),
        (SPRAY, "simons_2022"),
        (INFUSION, "otto_2021"),
    ],
)
def test_what_no_model_covers_is_unsupported(text, model):
    with pytest.raises(Unsupported) as caught:
        ks.simulate(text, model=model, force=True)
    assert "cover" in str(caught.value)


def test_a_run_too_large_for_memory_is_refused_before_it_starts():
    with pytest.raises(InputError, match="values, more than the 500,000,000"):
        ks.simulate(SPRAY, ks.Population.from_frame(table(weight=[70.0] * 40_000).data),
                    times=np.arange(1_000_000) * 0.01)  # fmt: skip


def test_one_time_at_the_very_beginning():
    assert ks.simulate(SPRAY, times=0.0)["esketamine"].to_numpy().tolist() == [[0.0]]
    bolus = ks.simulate("ketamine 35 mg iv bolus once", times=[0.0], model="clements_1981")
    assert float(bolus["ketamine"].squeeze()) == pytest.approx(35e3 / (1.7522 * 70))


@pytest.mark.parametrize(
    ("name", "age", "warned"),
    [
        ("label:spravato-trd-eu", 72, True),
        ("label:spravato-trd-eu", 64, False),
        ("label:spravato-trd-eu-65", 64, True),
        ("label:spravato-trd-eu-65", 65, False),
        ("label:spravato-trd-us", 72, False),
    ],
)
def test_a_named_regimen_for_another_age_is_warned_of(name, age, warned):
    result = ks.simulate(name, ks.Patient(age=age), times=[0.0, 1.0])
    told = json.loads(result.attrs["warnings"])
    assert any(f"not of the age that {name} is for" in sentence for sentence in told) == warned


def test_drawn_weights_do_not_decide_on_a_refusal():
    """The same dose is let through or refused whatever the number of people drawn."""
    regimen = "ketamine 200 mg iv bolus once"
    for n in (5, 1000):
        ks.simulate(regimen, n, times=[0.0, 1.0])
    with pytest.raises(InputError, match="above the upper bound"):
        ks.simulate(regimen, ks.Patient(weight=40), times=[0.0, 1.0])


def test_a_name_that_is_not_taken_is_refused_in_the_name_of_the_function():
    with pytest.raises(
        TypeError, match=r"^simulate\(\) got an unexpected keyword argument 'peple'"
    ):
        ks.simulate("ketamine 10 mg iv bolus once", peple=3)
