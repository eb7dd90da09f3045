"""IV racemate by enantiomer: assembled from Otto 2021 and the model of R-ketamine here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.models.pk import otto_2021
from ketascope.models.pk.arketamine_iv_assembled import LOUD, RATIO, SHARED
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


class KetamineIvEnantiomersAssembled(Model):
    """S-ketamine and S-norketamine of Otto 2021 beside R-ketamine, half of the dose each."""

    name = "ketamine_iv_enantiomers_assembled"
    title = "IV racemate by enantiomer: assembled, Otto 2021 and a ratio of Wang 2019"
    source = "otto_2021"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("esketamine", "arketamine", "esnorketamine")
    sampling = "venous"
    matrix = "plasma"
    status = "population model"
    made_here = LOUD
    people = People(
        "S-ketamine, distribution and spread: as in otto_2021, given S-ketamine alone; ratio of "
        "clearances: Chinese patients before gastroscopy after racemate"
    )
    covariates = otto_2021.model.covariates
    parameters = (*otto_2021.model.parameters, RATIO)
    covariances = otto_2021.model.covariances
    compartments = {
        **otto_2021.model.compartments,
        "arketamine": "central R-ketamine",
        "arketamine_shallow": "first peripheral R-ketamine",
        "arketamine_deep": "second peripheral R-ketamine",
    }
    readings = (
        LOUD,
        SHARED,
        "Neither enantiomer changes the other's kinetics. Wang 2019 found the clearance of "
        "S-ketamine to be the same in the racemate as alone; others hold that R-ketamine slows it.",
        "A person's deviations of volume and clearance are the same for both enantiomers.",
    )
    leaves_out = (
        "Measurement error: the bands hold the spread of true concentrations between people.",
        "R-norketamine, the other metabolites, and the sum of both enantiomers, which the models "
        "of the racemate give.",
        "Age, race, liver disease, interacting medicines.",
    )
    not_for = ("Routes other than IV.", "Children.")

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales central volumes and clearances, as in Otto 2021."""
        return otto_2021.model.individual(p, who)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            **otto_2021.model.flows(p),
            ("arketamine", "arketamine_shallow"): p.Q1 / p.V1,
            ("arketamine_shallow", "arketamine"): p.Q1 / p.Vp1,
            ("arketamine", "arketamine_deep"): p.Q2 / p.V1,
            ("arketamine_deep", "arketamine"): p.Q2 / p.Vp2,
            ("arketamine", OUT): p.r_on_CL * p.CL / p.V1,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV, half of the dose as each enantiomer."""
        return (Into("esketamine", fraction=0.5), Into("arketamine", fraction=0.5))

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Venous plasma."""
        return {
            "esketamine": Concentration("esketamine", p.V1),
            "arketamine": Concentration("arketamine", p.V1),
            "esnorketamine": Concentration("esnorketamine", p.Vn),
        }


model = KetamineIvEnantiomersAssembled()
