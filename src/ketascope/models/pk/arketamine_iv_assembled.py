"""IV R-ketamine: assembled from S-ketamine of Otto 2021 and a ratio of clearances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.pk import otto_2021
from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Covariance,
    Covariates,
    Individual,
    Into,
    Model,
    People,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

LOUD = (
    "Assembled by this project, not a published model: distribution is that of S-ketamine, and the "
    "clearance that of S-ketamine times a published ratio."
)
SHARED = (
    "That R- and S-ketamine are distributed alike is what Henthorn 2018 found for ten men who were "
    "given one and then the other: shared distribution kinetics and two clearances described them "
    "best."
)
RATIO = Parameter(
    "r_on_CL",
    0.859,
    "1",
    "clearance of R-ketamine over that of S-ketamine",
    Place(
        "wang_2019",
        "abstract, 15.8 over 18.4 mL/min/kg after the racemate",
        "read in the abstract; the ratio is worked out here",
    ),
    note="0.83 by the means of Persson 2002 (20 and 24 mL/min/kg), 0.94 by those of Hasan 2021",
)
DISPOSITION = tuple(
    otto_2021.model.parameter(name) for name in ("V1", "CL", "Vp1", "Q1", "Vp2", "Q2")
)
SIZES = tuple(otto_2021.model.parameter(name) for name in ("weight_on_V", "weight_on_CL"))


class ArketamineIvAssembled(Model):
    """Three compartments of S-ketamine, with the slower clearance of R-ketamine."""

    name = "arketamine_iv_assembled"
    title = "IV R-ketamine: assembled, S-ketamine of Otto 2021 and a ratio of Wang 2019"
    source = "otto_2021"
    drug = "arketamine"
    routes = ("intravenous",)
    analytes = ("arketamine",)
    sampling = "venous"
    matrix = "plasma"
    status = "population model"
    made_here = LOUD
    people = People(
        "distribution and spread: as in otto_2021, of S-ketamine; ratio of clearances: Chinese "
        "patients before gastroscopy after racemate"
    )
    covariates = otto_2021.model.covariates
    parameters = (*DISPOSITION, RATIO, *SIZES)
    covariances = (Covariance("V1", "CL", 0.02261),)
    compartments = {
        "arketamine": "central R-ketamine",
        "shallow": "first peripheral R-ketamine",
        "deep": "second peripheral R-ketamine",
    }
    readings = (
        LOUD,
        SHARED,
        "The spread between people is that of S-ketamine.",
        "The ratio was measured after the racemate; that R-ketamine alone is cleared at the same "
        "rate is assumed.",
    )
    leaves_out = (
        "Measurement error: the bands hold the spread of true concentrations between people.",
        "R-norketamine and the other metabolites.",
        "Age, race, liver disease, interacting medicines.",
    )
    not_for = ("Routes other than IV.", "Children.", "The racemate.")
    defects = (
        "No study of R-ketamine given alone was found with its duration of infusion, so the curve "
        "has been held against clearances only.",
    )

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales the central volume and the clearance; R-ketamine is cleared more slowly."""
        size = who.weight / 70.0
        return p.replace(V1=p.V1 * size**p.weight_on_V, CL=p.CL * p.r_on_CL * size**p.weight_on_CL)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("arketamine", "shallow"): p.Q1 / p.V1,
            ("shallow", "arketamine"): p.Q1 / p.Vp1,
            ("arketamine", "deep"): p.Q2 / p.V1,
            ("deep", "arketamine"): p.Q2 / p.Vp2,
            ("arketamine", OUT): p.CL / p.V1,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("arketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Venous plasma."""
        return {"arketamine": Concentration("arketamine", p.V1)}


model = ArketamineIvAssembled()
