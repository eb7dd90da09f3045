"""Oral ketamine: a calibration of this project on the disposition of Clements & Nimmo 1981."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.models.borrowed import LOUD, Borrowed, calibrated, fitted_to
from ketascope.models.pk import clements_1981
from ketascope.models.structure import Array, Individual, Into, Joint, People

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

PROLONGED = "extended-release tablet"
FITTED = fitted_to(
    "chong_2006", "oral", "peak, its time and bioavailability of 25 mg in six patients"
)
TABLET = fitted_to(
    "hasan_meeting",
    "prolonged release",
    "peak, its time, area and bioavailability of a 40 mg prolonged-release tablet",
)
FEW = (
    "two parameters from three figures of six patients; 95 % interval {} if the disposition is "
    "right"
)
SLOW = "two parameters from four figures of 15 people; 95 % interval {} if the disposition is right"


class KetamineOralCalibrated(Borrowed):
    """Absorption from the gut, or steady release of a tablet, into Clements 1981."""

    name = "ketamine_oral_calibrated"
    title = "Oral ketamine: calibrated, disposition of Clements 1981"
    source = "clements_1981"
    drug = "ketamine"
    routes = ("oral", "intravenous")
    analytes = ("ketamine",)
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    disposition = clements_1981.model
    covariates = clements_1981.model.covariates
    people = People(
        "absorption: six inpatients with neuropathic pain after 25 mg, and 15 healthy volunteers "
        "after a 40 mg prolonged-release tablet; disposition: as in clements_1981"
    )
    parameters = (
        *clements_1981.model.parameters,
        calibrated("F", 0.2517, "1", "bioavailability", FITTED, 0.04752,
                   FEW.format("0.17 to 0.36") + "; 0.17 to 0.20 are quoted of Clements 1982, about "
                   "0.20 of Yanagihara 2003, 0.45 in children of Brunette 2011"),
        calibrated("ka", 1.543, "1/h", "absorption from the gut", FITTED, 0.8105,
                   FEW.format("0.6 to 4.5 1/h")),
        calibrated("Fer", 0.1262, "1", "bioavailability of the prolonged-release tablet", TABLET,
                   0.01365, SLOW.format("0.10 to 0.16") + "; 0.149 is printed"),
        calibrated("Der", 5.849, "h", "steady release of the prolonged-release tablet", TABLET,
                   0.2736, SLOW.format("5.3 to 6.4 h")),
    )  # fmt: skip
    joint = Joint(
        ("F", "ka", "Fer", "Der"),
        (
            (0.03563, -0.04119, 0.0, 0.0),
            (-0.04119, 0.2758, 0.0, 0.0),
            (0.0, 0.0, 0.0117, 0.0004087),
            (0.0, 0.0, 0.0004087, 0.002188),
        ),
    )
    compartments = {"gut": "gut", **clements_1981.model.compartments}
    readings = (
        LOUD,
        "The form given to the six patients is not stated. Every oral form but the "
        "prolonged-release tablet is taken to be alike.",
        "What the tablet releases is taken to be absorbed as fast as the other oral forms.",
        "The tablet is that of Hasan 2021, which releases for about 6 h; another make was said to "
        "release for about 10 h (Glue 2020).",
        "The disposition is that of Clements 1981, whose clearance (80 L/h at 70 kg) is that which "
        "the area and the bioavailability of the six patients imply; the volunteers with the "
        "tablet had 96 L/h after IV, which lowers the bioavailability fitted here.",
        "Dose weighed as base or as hydrochloride: not stated; taken as base.",
    )
    leaves_out = (
        "Spread between people: standard deviations are printed (56 % of the peak of six people, "
        "64 % of that of the tablet), but which part of them belongs to absorption is not known.",
        "Norketamine, which is several times ketamine by this route (area 14 to 22 times with the "
        "tablet), and the other metabolites.",
        "The terminal half-life with the tablet: 7 h was measured, Clements 1981 has 3 h.",
        "Food; single enantiomers; age, liver disease, interacting medicines.",
    )
    not_for = ("Children.", "Norketamine or total active drug by mouth.")

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {("gut", "ketamine"): p.ka, **super().flows(p)}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Into the gut, from a prolonged-release tablet steadily; IV as the lender has it."""
        if dose.route == "intravenous":
            return self.disposition.inputs(p, dose)
        if dose.form == PROLONGED:
            return (Into("gut", fraction=p.Fer, duration=p.Der),)
        return (Into("gut", fraction=p.F),)


model = KetamineOralCalibrated()
