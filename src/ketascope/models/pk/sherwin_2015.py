"""IV ketamine in children, a second model of short sedation: Sherwin et al. 2015."""

from __future__ import annotations

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.by_weight import TwoCompartmentsByWeight
from ketascope.models.structure import People

ABSTRACT = Place("sherwin_2015", "abstract", "abstract read in a copy of its PubMed page; the "
                 "paper was not read")  # fmt: skip
ALLOMETRY = "the abstract scales to 70 kg without saying how; this is the usual exponent"

P = Parameter


class Sherwin2015(TwoCompartmentsByWeight):
    """Two-compartment racemate of 57 children, scaled by weight."""

    name = "sherwin_2015"
    title = "IV ketamine in children, short sedation (Sherwin 2015)"
    source = "sherwin_2015"
    sampling = "not stated"
    status = "typical values only"
    people = People(
        "57 children given 1 to 1.5 mg/kg as an IV bolus for short sedation; ages and weights were "
        "not read",
        n=57,
        children=True,
    )
    parameters = (
        P("V1", 20.5, "L", "central volume at 70 kg", ABSTRACT),
        P("V2", 220.0, "L", "peripheral volume at 70 kg", ABSTRACT),
        P("CL", 87.9, "L/h", "clearance at 70 kg", ABSTRACT),
        P("Q", 87.3, "L/h", "exchange with the periphery at 70 kg", ABSTRACT),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", ABSTRACT,
          status="assumed", note=ALLOMETRY),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", ABSTRACT,
          status="assumed", note=ALLOMETRY),
    )  # fmt: skip
    readings = (
        "Doses and numbers of samples are those of Herd 2007: the two models may share children, "
        "and then do not confirm each other. Whether they do was not read.",
    )
    leaves_out = (
        "Spread between children: the abstract gives only its range over the parameters, 34 to "
        "98 %, and not which belongs to which.",
        "Norketamine; any effect of age beyond that of weight; illness; interacting medicines.",
    )
    not_for = ("Adults.", "Single enantiomers.", "Routes other than IV.")


model = Sherwin2015()
