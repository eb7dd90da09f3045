"""IV ketamine in children in an emergency department, with spread: Herd & Anderson 2007."""

from __future__ import annotations

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.by_weight import TwoCompartmentsByWeight
from ketascope.models.structure import People

ABSTRACT = Place(
    "herd_2007",
    "abstract",
    "abstract read at PubMed; opentiva 1.1.2 holds the same values; the paper was not read",
)
SCALING = Place(
    "opentiva",
    "opentiva/ketamine.py, class Herd",
    "read there; the abstract names allometric models without their exponents",
)

P = Parameter
cv = Variability.from_cv


class Herd2007(TwoCompartmentsByWeight):
    """Two-compartment racemate of 54 children, scaled by weight."""

    name = "herd_2007"
    title = "IV ketamine in children, emergency department (Herd 2007)"
    source = "herd_2007"
    sampling = "not stated"
    matrix = "serum"
    status = "population model"
    people = People(
        "54 children who had painful procedures in an emergency department, mean age 8.3 (SD 3.5) "
        "years, mean weight 32.5 (SD 15.6) kg, after 1 to 1.5 mg/kg IV; the ranges are the limits "
        "that a program gives the model",
        n=54,
        age=(1, 14),
        weight=(10.8, 74.8),
        children=True,
    )
    parameters = (
        P("V1", 38.7, "L", "central volume at 70 kg", ABSTRACT, (cv(0.64),)),
        P("V2", 102.0, "L", "peripheral volume at 70 kg", ABSTRACT, (cv(0.517),)),
        P("CL", 90.0, "L/h", "clearance at 70 kg", ABSTRACT, (cv(0.381),)),
        P("Q", 215.0, "L/h", "exchange with the periphery at 70 kg", ABSTRACT, (cv(0.19),)),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", SCALING),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", SCALING),
    )
    readings = (
        "The spread between children is printed as per cent; it is taken as the coefficient of "
        "variation of a log-normal parameter, without correlations, of which the abstract has "
        "none.",
        "The range of age and weight stands in opentiva only.",
    )
    leaves_out = (
        "Measurement error: the bands hold the spread of true concentrations between children.",
        "Norketamine: the abstract has no value for it.",
        "Any effect of age beyond that of weight; illness; interacting medicines.",
        "What comes after some two and a half hours: no sample was drawn later than 152 min.",
    )
    not_for = ("Adults.", "Infants under 1 year.", "Single enantiomers.", "Routes other than IV.")
    defects = (
        "The abstract says that half of the children given 1 mg/kg are below 0.75 mg/L at 10 min. "
        "By its own parameters half of children of 32.5 kg are below it between 5 and 6 min, and "
        "98 % at 10 min.",
    )


model = Herd2007()
