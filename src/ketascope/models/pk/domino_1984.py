"""IV racemic ketamine, the three-compartment micro-constants of TCI programs: Domino 1984."""

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
    "domino_1984",
    "constants that programs for target-controlled infusion attribute to Domino",
    "read in opentiva 1.1.2 (four digits) and in stanpumpR (rounded), which cites volume 36, pages "
    "645-653; the paper itself was not read",
)

P = Parameter


class Domino1984(Model):
    """Three-compartment racemate by micro-constants."""

    name = "domino_1984"
    title = "IV ketamine, TCI micro-constants (Domino 1984)"
    source = "domino_1984"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine",)
    sampling = "not stated"
    status = "typical values only"
    people = People("people without premedication, going by the paper's title; no more was read")
    covariates = ("weight",)
    parameters = (
        P("V1", 0.063, "L/kg", "central volume per kg", PLACE),
        P("k10", 0.4381, "1/min", "elimination", PLACE),
        P("k12", 0.5921, "1/min", "central to shallow", PLACE),
        P("k13", 0.59, "1/min", "central to deep", PLACE),
        P("k21", 0.247, "1/min", "shallow to central", PLACE),
        P("k31", 0.0146, "1/min", "deep to central", PLACE),
    )
    compartments = {
        "ketamine": "central",
        "shallow": "shallow peripheral",
        "deep": "deep peripheral",
    }
    leaves_out = (
        "Spread between people: none was found in print.",
        "Norketamine and other metabolites; age, race, liver disease, interacting medicines.",
    )
    readings = (
        "Which paper the constants come from is not settled: opentiva names Domino 1982, stanpumpR "
        "the volume and pages of Domino 1984, which this model is named after. Neither paper was "
        "read.",
    )
    not_for = ("Children.", "Single enantiomers.")
    defects = (
        "The clearance of the constants, 28 mL/min/kg, is well above the 79 L/h at 70 kg "
        "(19 mL/min/kg) of the Kamp 2020 meta-analysis.",
    )

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """The volume is per kg."""
        return p.replace(V1=p.V1 * who.weight)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("ketamine", OUT): p.k10,
            ("ketamine", "shallow"): p.k12,
            ("shallow", "ketamine"): p.k21,
            ("ketamine", "deep"): p.k13,
            ("deep", "ketamine"): p.k31,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("ketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma."""
        return {"ketamine": Concentration("ketamine", p.V1)}


model = Domino1984()
