"""IV racemic ketamine, two compartments per kg: Clements & Nimmo 1981."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Covariates,
    Individual,
    Into,
    Model,
    People,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

PLACE = Place(
    "clements_1981",
    "microconstants after 250 ug/kg",
    "read in opentiva 1.1.2, which cites the paper; the paper itself was not read",
)

P = Parameter


class Clements1981(Model):
    """Two-compartment racemate by micro-constants."""

    name = "clements_1981"
    title = "IV ketamine, 250 ug/kg (Clements & Nimmo 1981)"
    source = "clements_1981"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine",)
    sampling = "not stated"
    status = "typical values only"
    people = People("healthy adults after 250 ug/kg IV")
    covariates = ("weight",)
    parameters = (
        P("V1", 1.7522, "L/kg", "central volume per kg", PLACE),
        P("k10", 0.0109, "1/min", "elimination", PLACE),
        P("k12", 0.0186, "1/min", "central to peripheral", PLACE),
        P("k21", 0.0137, "1/min", "peripheral to central", PLACE),
    )
    compartments = {"ketamine": "central", "deep": "peripheral"}
    leaves_out = (
        "Spread between people: none was found in print.",
        "Norketamine and other metabolites; age, race, liver disease, interacting medicines.",
    )
    not_for = ("Children.", "Single enantiomers.", "The first minutes after a bolus.")
    defects = (
        "A central volume of 1.75 L/kg means that the early fast phase is not described: the "
        "first minutes after a bolus come out too low.",
    )

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """The volume is per kg."""
        return p.replace(V1=p.V1 * who.weight)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("ketamine", OUT): p.k10,
            ("ketamine", "deep"): p.k12,
            ("deep", "ketamine"): p.k21,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("ketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma."""
        return {"ketamine": Concentration("ketamine", p.V1)}


model = Clements1981()
