"""The choice of a model, its refusals and its warnings."""

import pandas as pd
import pytest

import ketascope as ks
from ketascope.errors import InputError, Unsupported
from ketascope.evidence.published import published
from ketascope.models import get, library
from ketascope.models.choose import choose, model_warnings, preferences


@pytest.mark.parametrize(
    ("drug", "routes", "name"),
    [
        ("esketamine", ["intranasal"], "perez_ruixo_2021"),
        ("esketamine", ["intranasal", "oral"], "perez_ruixo_2021"),
        ("esketamine", ["sublingual"], "simons_2022"),
        ("esketamine", ["buccal", "intravenous"], "simons_2022"),
        ("ketamine", ["intravenous"], "clements_1981"),
    ],
)
def test_the_default(drug, routes, name):
    assert choose(drug, routes).model.name == name


def test_every_model_stands_in_the_order_of_preference_with_a_reason():
    assert sorted(name for _, name, _ in preferences()) == sorted(library())
    assert all(why and get(name).drug == drug for drug, name, why in preferences())


def test_the_default_for_the_infusion_is_nearest_the_published_peak():
    """The reason given in choice.yaml, recomputed: 0.5 mg/kg over 40 min, peak 185 ng/mL."""
    peak = next(v for v in published() if v.source == "zarate_2006" and v.quantity == "cmax")
    choice = choose("ketamine", ["intravenous"])
    distance = {}
    for model in (choice.model, *choice.alternatives):
        result = ks.simulate("ketamine 0.5 mg/kg iv over 40 min once", model=model.name)
        distance[model.name] = abs(float(result["ketamine"].max()) - peak.value)
    assert len(distance) == 3
    assert min(distance, key=distance.__getitem__) == choice.model.name


@pytest.mark.parametrize(
    ("drug", "routes"),
    [
        ("ketamine", ["oral"]),
        ("arketamine", ["intravenous"]),
        ("esketamine", ["rectal"]),
        ("esketamine", ["intranasal", "sublingual"]),
    ],
)
def test_what_no_model_covers_is_refused_with_what_is_covered(drug, routes):
    with pytest.raises(
        Unsupported, match=r"covered are .*ketamine given intravenous in adults"
    ) as caught:
        choose(drug, routes)
    told = "intranasal (28 mg device), intravenous and oral (oral solution) in people of 18 to 86"
    assert told in str(caught.value)


def test_another_form_than_the_one_studied_is_refused():
    with pytest.raises(Unsupported, match="sublingual as tablet"):
        choose("esketamine", ["sublingual"], [("sublingual", "tablet")])


def test_an_unnamed_form_is_said():
    choice = choose("esketamine", ["sublingual"], [("sublingual", None)])
    assert choice.notes == (
        "The sublingual dose is taken to be the film that the model was made from.",
    )


def test_a_model_by_name_must_cover_the_route():
    assert choose("esketamine", ["intravenous"], name="otto_2021").model.name == "otto_2021"
    with pytest.raises(Unsupported, match="it covers esketamine given intravenous"):
        choose("esketamine", ["intranasal"], name="otto_2021")
    with pytest.raises(Unsupported, match="does not cover ketamine"):
        choose("ketamine", ["intravenous"], name="otto_2021")
    with pytest.raises(InputError, match="there is no model"):
        choose("ketamine", ["intravenous"], name="otto")


def test_people_outside_are_warned_of():
    model = get("perez_ruixo_2021")
    old = pd.DataFrame({"age": [90.0], "weight": [60.0]})
    assert (
        "Age 90 years is outside the 18 to 86 years" in model_warnings(model, old, random=True)[0]
    )
    many = pd.DataFrame({"age": [40.0, 90.0, 88.0], "weight": [60.0, 30.0, 70.0]})
    told = model_warnings(model, many, random=True)
    assert told[0].startswith("2 of 3 people are by age outside the 18 to 86 years")
    assert told[1].startswith("1 of 3 people are by weight outside the 39 to 170 kg")


@pytest.mark.parametrize("model", library().values(), ids=lambda m: m.name)
@pytest.mark.parametrize(
    ("age", "weight", "word"),
    [(90.0, 70.0, "Age 90"), (40.0, 25.0, "Weight 25"), (40.0, 200.0, "Weight 200")],
)
def test_every_model_warns_of_people_unlike_its_own(model, age, weight, word):
    told = model_warnings(model, pd.DataFrame({"age": [age], "weight": [weight]}), random=False)
    assert any(sentence.startswith(word) and "extrapolation" in sentence for sentence in told)


def test_a_child_is_warned_of_where_no_range_is_printed():
    child = pd.DataFrame({"age": [8.0], "weight": [25.0]})
    told = model_warnings(get("otto_2021"), child, random=True)
    assert told[0] == "The patient is under 18: otto_2021 must not be used for children."


def test_a_known_defect_and_a_missing_spread_are_warned_of():
    adult = pd.DataFrame({"age": [40.0], "weight": [70.0]})
    (told,) = model_warnings(get("perez_ruixo_2021"), adult, random=True)
    assert told.startswith("AUC0-24 of S-norketamine (noresketamine): Over-predicted")
    (told,) = model_warnings(get("clements_1981"), adult, random=True)
    assert "prints no spread between people" in told
    assert model_warnings(get("clements_1981"), adult, random=False) == []


def test_a_model_that_is_in_no_order_of_preference_can_be_asked_for(monkeypatch):
    monkeypatch.setattr("ketascope.models.choose.preferences", lambda: ())
    assert choose("ketamine", ["intravenous"], name="kamp_2020").why == "asked for by name"
