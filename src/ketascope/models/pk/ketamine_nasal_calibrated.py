"""Nasal ketamine in adults: absorption calibrated in children, disposition of Clements 1981."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.models.borrowed import LOUD, Borrowed, calibrated, fitted_to
from ketascope.models.pk import clements_1981
from ketascope.models.structure import Array, Individual, Into, Joint, People

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

FITTED = fitted_to(
    "malinovsky_1996",
    "nasal",
    "peaks, their times and bioavailabilities in children of Malinovsky 1996 and Nielsen 2014 and "
    "the bioavailability in three adults of Yanagihara 2003",
)
MANY = (
    "ten figures of four groups, which disagree: errors were widened twofold; 95 % interval {} if "
    "the disposition is right"
)


class KetamineNasalCalibrated(Borrowed):
    """First-order absorption from the nose into the two compartments of Clements 1981."""

    name = "ketamine_nasal_calibrated"
    title = "Nasal ketamine: calibrated in children, disposition of Clements 1981"
    source = "clements_1981"
    drug = "ketamine"
    routes = ("intranasal", "intravenous")
    analytes = ("ketamine",)
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    disposition = clements_1981.model
    people = People(
        "absorption: about 29 children and three adults; disposition: adults, as in clements_1981"
    )
    covariates = clements_1981.model.covariates
    parameters = (
        *clements_1981.model.parameters,
        calibrated("F", 0.4709, "1", "bioavailability, swallowed part included", FITTED, 0.0673,
                   MANY.format("0.35 to 0.62") + "; Singh 2022 prints 0.11 to 0.17 in adults"),
        calibrated("ka", 3.352, "1/h", "absorption", FITTED, 0.7582, MANY.format("2.2 to 5.4 1/h")),
    )  # fmt: skip
    joint = Joint(("F", "ka"), ((0.02043, -0.01427), (-0.01427, 0.05117)))
    compartments = {"nose": "nose", **clements_1981.model.compartments}
    readings = (
        LOUD,
        "Fraction and rate of absorption were fitted in children, on the disposition of Herd 2007, "
        "and are carried over to adults; only one figure of the fit is of adults.",
        "The disposition is that of Clements 1981, the model that answers for the IV racemate in "
        "adults. Kamp 2020 was tried as well: it gives peaks 1.4 to 2.1 times those that Singh "
        "2022 measured after nasal doses. Since that was seen, Singh 2022 is no blind check.",
        "Any spray or drops of racemate are taken to be alike; the device of esketamine is another "
        "product.",
        "Dose weighed as base or as hydrochloride: not stated; taken as base.",
    )
    leaves_out = (
        "Spread between people: none was found.",
        "That less of a large or repeated dose is absorbed: in Singh 2022 the peak rises less than "
        "the dose.",
        "Norketamine and the other metabolites; single enantiomers; age, liver disease, "
        "interacting medicines.",
    )
    not_for = ("Children.", "The nasal spray of esketamine.", "Several sprays one after another.")
    defects = (
        "Singh 2022 prints a bioavailability of 0.11 to 0.17 in adults, a third of what is fitted "
        "here, and a peak after 50 mg a fifth below this model's; both are carried.",
        "The peak comes at 26 min; 14 to 23 min were measured in those adults.",
        "Drops and spray do not agree: fitted apart, in children, drops give a bioavailability of "
        "0.59 and 2.1 1/h, the spray 0.35 and 6.7 1/h. Both rates lie outside the interval of the "
        "common fit.",
    )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {("nose", "ketamine"): p.ka, **super().flows(p)}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Into the nose; IV as the lender has it."""
        if dose.route == "intravenous":
            return self.disposition.inputs(p, dose)
        return (Into("nose", fraction=p.F),)


model = KetamineNasalCalibrated()
