"""IV ketamine, three compartments from 14 pooled data sets: Kamp et al. 2020."""

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
    "kamp_2020",
    "arterial core of the pooled raw-data model",
    "read in opentiva 1.1.2, which cites the paper; the paper's table was not read. The pooled "
    "clearance of its abstract, 79 L/h at 70 kg, was read itself and is near",
)
SCALING = Place(
    "opentiva", "opentiva/ketamine.py, class Klamp", "read there; the paper's scaling was not read"
)

P = Parameter


class Kamp2020(Model):
    """Three-compartment ketamine scaled linearly with weight."""

    name = "kamp_2020"
    title = "IV ketamine, 14 pooled data sets (Kamp 2020)"
    source = "kamp_2020"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine",)
    sampling = "arterial"
    status = "typical values only"
    people = People("14 pooled data sets; who the people were was not read")
    covariates = ("weight",)
    parameters = (
        P("V1", 25.0, "L", "central volume at 70 kg", PLACE),
        P("V2", 56.0, "L", "shallow peripheral volume at 70 kg", PLACE),
        P("V3", 157.0, "L", "deep peripheral volume at 70 kg", PLACE),
        P("CL", 84.0, "L/h", "clearance at 70 kg", PLACE),
        P("Q2", 161.0, "L/h", "exchange with the shallow compartment at 70 kg", PLACE),
        P("Q3", 79.0, "L/h", "exchange with the deep compartment at 70 kg", PLACE),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", SCALING,
          status="assumed", note="the usual allometric exponent"),
        P("weight_on_CL", 1.0, "1", "exponent of weight/70 kg on clearances", SCALING,
          status="assumed", note="0.75 is usual; 1 is what the program uses"),
    )  # fmt: skip
    compartments = {
        "ketamine": "central",
        "shallow": "shallow peripheral",
        "deep": "deep peripheral",
    }
    readings = (
        "Volumes and clearances scale in proportion to weight, as in the program they were read "
        "in; whether the paper scales clearance so was not read.",
    )
    leaves_out = (
        "The two venous delay compartments of the paper, whose values were not found: the "
        "concentrations are arterial.",
        "Spread between people: none was found.",
        "Metabolites; age, race, liver disease, interacting medicines.",
    )
    not_for = ("Venous concentrations in the first hour.", "Children.")

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales volumes and clearances."""
        size = who.weight / 70.0
        volume, clearance = size**p.weight_on_V, size**p.weight_on_CL
        return p.replace(
            **{name: p[name] * volume for name in ("V1", "V2", "V3")},
            **{name: p[name] * clearance for name in ("CL", "Q2", "Q3")},
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("ketamine", OUT): p.CL / p.V1,
            ("ketamine", "shallow"): p.Q2 / p.V1,
            ("shallow", "ketamine"): p.Q2 / p.V2,
            ("ketamine", "deep"): p.Q3 / p.V1,
            ("deep", "ketamine"): p.Q3 / p.V3,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("ketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Arterial plasma."""
        return {"ketamine": Concentration("ketamine", p.V1)}


model = Kamp2020()
