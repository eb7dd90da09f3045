"""Rectal ketamine in children: a calibration of this project on the disposition of Herd 2007."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.models.borrowed import LOUD, Borrowed, calibrated, fitted_to
from ketascope.models.pk import herd_2007
from ketascope.models.structure import Array, Individual, Into, Joint, People

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

FITTED = fitted_to(
    "malinovsky_1996", "rectal", "peak, its time and bioavailability of 9 mg/kg in children"
)
FEW = "two parameters from three figures of one group; 95 % interval {} if the disposition is right"


class KetamineRectalCalibrated(Borrowed):
    """First-order absorption from the rectum into the two compartments of Herd 2007."""

    name = "ketamine_rectal_calibrated"
    title = "Rectal ketamine in children: calibrated, disposition of Herd 2007"
    source = "herd_2007"
    drug = "ketamine"
    routes = ("rectal", "intravenous")
    analytes = ("ketamine",)
    sampling = "venous"
    matrix = "plasma"
    status = "population model"
    disposition = herd_2007.model
    people = People(
        "absorption: about 8 children of 2 to 9 years and 10 to 30 kg under halothane after 9 "
        "mg/kg; disposition: as in herd_2007",
        age=(2, 9),
        weight=(10, 30),
        children=True,
    )
    covariates = herd_2007.model.covariates
    reference = {"age": 5.0, "weight": 20.0}
    parameters = (
        *herd_2007.model.parameters,
        calibrated("F", 0.2938, "1", "bioavailability", FITTED, 0.05248,
                   FEW.format("0.21 to 0.42") + "; 0.25 is printed; about 0.30 was measured in "
                   "three adults with a suppository (Yanagihara 2003)"),
        calibrated("ka", 1.182, "1/h", "absorption from the rectum", FITTED, 0.2378,
                   FEW.format("0.7 to 1.7 1/h")),
    )  # fmt: skip
    joint = Joint(("F", "ka"), ((0.03189, -0.01077), (-0.01077, 0.04046)))
    compartments = {"rectum": "rectum", **herd_2007.model.compartments}
    readings = (
        LOUD,
        "The spread between children is that of the disposition after IV doses alone: absorption "
        "varies as well, by an unknown amount, so the bands are too narrow.",
        "Halothane may slow elimination; the bioavailability was measured against IV ketamine "
        "under halothane, the disposition comes from children without it.",
        "Dose weighed as base or as hydrochloride: not stated; taken as base.",
    )
    leaves_out = (
        "Spread of absorption between children.",
        "What of the dose is retained, and how high in the rectum it lies.",
        "Norketamine, which is higher than ketamine by this route, and the other metabolites.",
        "Age beyond weight; liver disease, interacting medicines.",
    )
    not_for = ("Adults.", "Infants under 2 years.", "Single enantiomers.")

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {("rectum", "ketamine"): p.ka, **super().flows(p)}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Into the rectum; IV as the lender has it."""
        if dose.route == "intravenous":
            return self.disposition.inputs(p, dose)
        return (Into("rectum", fraction=p.F),)


model = KetamineRectalCalibrated()
