"""IV ketamine in children of all ages, a low clearance: Hornik et al. 2018."""

from __future__ import annotations

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.by_weight import TwoCompartmentsByWeight
from ketascope.models.structure import People

VALUES = Place(
    "hornik_2018",
    "final model, at 70 kg",
    "read in opentiva 1.1.2 (class Hornik), which cites the paper; the paper was not read",
)
ABSTRACT = Place("hornik_2018", "abstract", "abstract read in a university's list of publications")

P = Parameter


class Hornik2018(TwoCompartmentsByWeight):
    """Two-compartment racemate of 113 children, scaled by weight; IV only."""

    name = "hornik_2018"
    title = "IV ketamine in children of all ages (Hornik 2018)"
    source = "hornik_2018"
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    people = People(
        "113 children (50 given ketamine into a muscle, 63 IV), median age 3.3 years, median "
        "weight 14 kg, 275 plasma samples",
        n=113,
        age=(0.02, 17.6),
        weight=(2.4, 176.1),
        children=True,
    )
    parameters = (
        P("V1", 32.8, "L", "central volume at 70 kg", VALUES),
        P("V2", 152.0, "L", "peripheral volume at 70 kg", VALUES),
        P("CL", 38.9, "L/h", "clearance at 70 kg", VALUES),
        P("Q", 54.9, "L/h", "exchange with the periphery at 70 kg", VALUES),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", ABSTRACT),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", ABSTRACT),
    )
    leaves_out = (
        "Doses into a muscle: their bioavailability, 41 %, is printed in the abstract, but the "
        "rate of absorption was not found.",
        "Any effect of age beyond that of weight. The doses that the abstract recommends depend on "
        "age, so the paper may have one; the program that the values were read in has none and "
        "takes no children under 1 year.",
        "Spread between children: none was found.",
        "Norketamine; illness; interacting medicines.",
    )
    not_for = (
        "Adults: exposure comes out at about twice that of every model of adults.",
        "Infants under 1 year, in whom an effect of age may be missing.",
        "Doses into a muscle.",
        "Single enantiomers.",
    )
    defects = (
        "The clearance, 38.9 L/h at 70 kg, is about half of what others found: 60.6 to 90 L/h in "
        "the other models of children here, 79 L/h in the meta-analysis of Kamp 2020. Areas under "
        "the curve are about twice as large, and which is right is not known.",
    )
    flags = dict.fromkeys(
        [("ketamine", "auc24"), ("ketamine", "half_life")],
        "the clearance of this model is about half of that in the other models of children, so "
        "this comes out about twice as large; which is right is not known.",
    )


model = Hornik2018()
