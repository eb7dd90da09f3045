"""What must be known before numbers of different models are compared."""

from types import SimpleNamespace

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models import get, library
from ketascope.models.compare import comparability
from ketascope.models.structure import People


def toy(name, **attributes):
    usual = {
        "drug": "ketamine",
        "analytes": ("ketamine",),
        "sampling": "venous",
        "matrix": "plasma",
        "doses_as": "base",
        "people": People("adults"),
        "parameters": (),
    }
    return SimpleNamespace(name=name, **(usual | attributes))


def parameter(source):
    return Parameter("CL", 1.0, "L/h", "clearance", Place(source, "Table 1", "read"))


def test_models_that_state_the_same_need_no_remark():
    assert comparability([toy("one"), toy("two")]) == []
    assert comparability([toy("one")]) == []
    assert comparability([]) == []


def test_each_attribute_that_differs_is_named_with_who_has_it():
    cases = {
        "sampling": ("arterial", "Sampling differs or is not known: venous (one); arterial (two)."),
        "matrix": (
            "whole blood",
            "What was sampled differs or is not known: plasma (one); whole blood (two).",
        ),
        "doses_as": (
            "hydrochloride",
            "As what doses were weighed differs or is not known: base (one); hydrochloride (two).",
        ),
        "drug": ("esketamine", "The drug given differs: ketamine (one); esketamine (two)."),
    }
    for attribute, (value, start) in cases.items():
        (told,) = comparability([toy("one"), toy("two", **{attribute: value})])
        assert told.startswith(start)


def test_an_enantiomer_beside_the_racemate():
    (told,) = comparability([toy("one"), toy("two", analytes=("esketamine", "arketamine"))])
    assert told == (
        "The first analyte differs: ketamine (R + S) (one); S-ketamine (esketamine) (two). They "
        "are not the same quantity."
    )


def test_what_is_not_known_is_not_taken_to_be_the_same():
    (told,) = comparability([toy("one"), toy("two", matrix="not stated")])
    assert "plasma (one); not stated (two)" in told
    silent = [toy(name, sampling="not stated") for name in ("one", "two")]
    (told,) = comparability(silent)
    assert told.startswith("Sampling is not stated in the source of any of these models")


def test_people_of_another_age_or_ill_are_named():
    (told,) = comparability([toy("one"), toy("two", people=People("few", children=True))])
    assert "adults not described as severely ill (one); children not described" in told
    (told,) = comparability([toy("one"), toy("two", people=People("few", ill="adults with burns"))])
    assert "adults with burns (two)" in told


def test_models_that_share_numbers_are_not_independent():
    one, two, three = (
        toy(name, parameters=(parameter(source),))
        for name, source in (("one", "otto_2021"), ("two", "fanta_2015"), ("three", "otto_2021"))
    )
    (told,) = comparability([one, two, three])
    assert told == "one and three share numbers and are not independent."
    # a program that both were read in says nothing
    both = [toy(name, parameters=(parameter("opentiva"),)) for name in ("one", "two")]
    assert comparability(both) == []
    # a file of one's own may name a source that is not held
    own = [toy(name, parameters=(parameter("mine_2026"),)) for name in ("one", "two")]
    assert comparability(own) == ["one and two share numbers and are not independent."]


def test_the_models_of_the_iv_racemate_are_remarked_on():
    names = ("clements_1981", "domino_1984", "kamp_2020")
    told = comparability([get(name) for name in names], name=lambda m: m.name.split("_")[0])
    assert told[0].startswith(
        "Sampling differs or is not known: arterial (kamp); not stated (clements, domino)."
    )
    assert len(told) == 3


def test_every_model_can_be_compared_with_every_other():
    told = comparability(list(library().values()))
    assert all(
        sentence[0].isupper() or sentence.split(" ")[0].rstrip(",") in library()
        for sentence in told
    )
    assert len(told) >= 6
