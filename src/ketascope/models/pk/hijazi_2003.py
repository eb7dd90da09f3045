"""IV ketamine in critically ill adults with brain or spinal injury: Hijazi et al. 2003."""

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

CONSTANTS = Place(
    "hijazi_2003",
    "micro-constants that a program for target-controlled infusion attributes to the paper",
    "read in opentiva 1.1.2 (class Hijazi); the paper was not read, but clearance, volume and "
    "half-life of its abstract were, and agree",
)

P = Parameter


class Hijazi2003(Model):
    """Two-compartment racemate by micro-constants."""

    name = "hijazi_2003"
    title = "IV ketamine in critically ill adults (Hijazi 2003)"
    source = "hijazi_2003"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine",)
    sampling = "not stated"
    status = "typical values only"
    people = People(
        "12 patients of an intensive care unit with brain or spinal cord injury; ages and weights "
        "were not read",
        n=12,
        ill="critically ill adults with brain or spinal cord injury",
    )
    covariates = ("weight",)
    parameters = (
        P("V1", 1.08, "L/kg", "central volume per kg", CONSTANTS),
        P("k10", 0.0333, "1/min", "elimination", CONSTANTS),
        P("k12", 0.0088, "1/min", "central to peripheral", CONSTANTS),
        P("k21", 0.0030, "1/min", "peripheral to central", CONSTANTS),
    )
    compartments = {"ketamine": "central", "deep": "peripheral"}
    readings = (
        "The constants give a clearance of 36.0 mL/min/kg, a half-life of 4.9 h and a V-beta of "
        "15.4 L/kg; the abstract has 36.0 (SD 13.3), 4.9 (SD 1.6) and 16.0 (SD 8.6), the means of "
        "its patients.",
        "The program that the constants were read in bounds the model to people up to 18 years. "
        "Nothing of the abstract says so, and it is taken for a slip.",
    )
    leaves_out = (
        "Spread between people: the abstract prints the standard deviations of clearance, volume "
        "and half-life, which are not those of the four constants.",
        "Norketamine and dehydronorketamine, which the paper measured: no values were found.",
        "Age, race, liver disease, interacting medicines.",
    )
    not_for = (
        "People who are not critically ill: clearance and volume are larger here than in them.",
        "Children.",
        "Single enantiomers.",
        "The first minutes after a bolus.",
    )
    defects = (
        "A central volume of 1.08 L/kg means that the early fast phase is not described: the "
        "first minutes after a bolus come out too low.",
        "Köppel 1990 measured 1.2 (SD 0.3) mg/L in nine patients of intensive care after three "
        "days of 1.1 to 1.3 mg/kg/h. This model gives 0.56 mg/L for 1.2 mg/kg/h, and Clements "
        "1981, of healthy adults, 1.05 mg/L.",
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
        """Concentration in the central compartment."""
        return {"ketamine": Concentration("ketamine", p.V1)}


model = Hijazi2003()
