"""The choice of a model, its refusals and its warnings."""

import pandas as pd
import pytest

import ketascope as ks
from ketascope.errors import InputError, Unsupported
from ketascope.evidence.published import published
from ketascope.models import get, library
from ketascope.models.choose import choose, people_warnings, preferences


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
    assert "Age 90 years is outside the 18 to 86 years" in people_warnings(model, old)[0]
    many = pd.DataFrame({"age": [40.0, 90.0, 88.0], "weight": [60.0, 30.0, 70.0]})
    told = people_warnings(model, many)
    assert told[0].startswith("2 of 3 people are outside")
    assert told[1].startswith("1 of 3 people are outside the 39 to 170 kg")


def test_a_child_is_warned_of_where_no_range_is_printed():
    child = pd.DataFrame({"age": [8.0], "weight": [25.0]})
    assert "not for children" in people_warnings(get("otto_2021"), child)[0]
