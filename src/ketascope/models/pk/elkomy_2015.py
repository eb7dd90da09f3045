"""IV ketamine in children with heart disease, sampled over 8 h: Elkomy et al. 2015."""

from __future__ import annotations

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.by_weight import TwoCompartmentsByWeight
from ketascope.models.structure import People

ABSTRACT = Place("elkomy_2015", "abstract", "abstract read at PubMed; the paper was not read")

P = Parameter


class Elkomy2015(TwoCompartmentsByWeight):
    """Two-compartment racemate of 21 children, scaled by weight."""

    name = "elkomy_2015"
    title = "IV ketamine in children with heart disease (Elkomy 2015)"
    source = "elkomy_2015"
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    people = People(
        "21 children with heart disease, 6 months to 18 years old, sampled over 8 h after 2 mg/kg "
        "IV; weights were not read",
        n=21,
        age=(0.5, 18),
        children=True,
        ill="children with heart disease",
    )
    parameters = (
        P("V1", 57.3, "L", "central volume at 70 kg", ABSTRACT),
        P("V2", 152.0, "L", "peripheral volume at 70 kg", ABSTRACT),
        P("CL", 60.6, "L/h", "clearance at 70 kg", ABSTRACT),
        P("Q", 73.2, "L/h", "exchange with the periphery at 70 kg", ABSTRACT),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", ABSTRACT),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", ABSTRACT),
    )
    readings = (
        "The abstract speaks of a plasma level, so plasma is taken to be what was measured.",
        "By the abstract, clearance in congenital heart disease is like that of healthy children.",
    )
    leaves_out = (
        "Spread between children: the abstract prints none.",
        "Norketamine; any effect of age beyond that of weight; how the heart pumps; interacting "
        "medicines.",
    )
    not_for = ("Adults.", "Infants under 6 months.", "Single enantiomers.", "Routes other than IV.")


model = Elkomy2015()
