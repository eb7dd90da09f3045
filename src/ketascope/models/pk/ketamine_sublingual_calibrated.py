"""Sublingual ketamine: a calibration of this project on the disposition of Clements 1981."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.models.borrowed import LOUD, Borrowed, calibrated, fitted_to
from ketascope.models.pk import clements_1981
from ketascope.models.structure import Array, Individual, Into, Joint, People

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

FITTED = fitted_to(
    "chong_2006", "sublingual", "peak, its time and bioavailability of 25 mg in six patients"
)
FEW = (
    "two parameters from three figures of six patients; 95 % interval {} if the disposition is "
    "right"
)


class KetamineSublingualCalibrated(Borrowed):
    """First-order absorption from the mouth into the two compartments of Clements 1981."""

    name = "ketamine_sublingual_calibrated"
    title = "Sublingual ketamine: calibrated, disposition of Clements 1981"
    source = "clements_1981"
    drug = "ketamine"
    routes = ("sublingual", "intravenous")
    analytes = ("ketamine",)
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    disposition = clements_1981.model
    covariates = clements_1981.model.covariates
    people = People(
        "absorption: six inpatients with neuropathic pain after 25 mg; disposition: as in "
        "clements_1981"
    )
    parameters = (
        *clements_1981.model.parameters,
        calibrated("F", 0.3566, "1", "bioavailability, swallowed part included", FITTED, 0.05431,
                   FEW.format("0.27 to 0.48") + "; Rolan 2014 measured 0.29 with a wafer, "
                   "Yanagihara 2003 about 0.30 with tablets"),
        calibrated("ka", 1.702, "1/h", "absorption", FITTED, 0.5696, FEW.format("0.9 to 3.3 1/h")),
    )  # fmt: skip
    joint = Joint(("F", "ka"), ((0.0232, -0.04196), (-0.04196, 0.112)))
    compartments = {"mouth": "held in the mouth", **clements_1981.model.compartments}
    readings = (
        LOUD,
        "What is absorbed through the lining and what is swallowed cannot be told apart from these "
        "figures: one first-order step stands for both.",
        "The form given is not stated; every form is taken to be alike.",
        "The disposition is that of Clements 1981, whose clearance (80 L/h at 70 kg) is that which "
        "the area and the bioavailability of the six patients imply.",
        "Dose weighed as base or as hydrochloride: not stated; taken as base.",
    )
    leaves_out = (
        "Spread between people: the standard deviations of six people are printed, but which part "
        "of them belongs to absorption is not known.",
        "How long the dose is held in the mouth.",
        "Norketamine, which peaks above ketamine by this route (66 against 29 ng/mL in the same "
        "patients), and the other metabolites.",
        "Single enantiomers; age, liver disease, interacting medicines.",
    )
    not_for = ("Children.", "The film of esketamine.")

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {("mouth", "ketamine"): p.ka, **super().flows(p)}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Into the mouth; IV as the lender has it."""
        if dose.route == "intravenous":
            return self.disposition.inputs(p, dose)
        return (Into("mouth", fraction=p.F),)


model = KetamineSublingualCalibrated()
