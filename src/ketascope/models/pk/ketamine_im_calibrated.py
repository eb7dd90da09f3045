"""IM ketamine: a calibration of this project on the disposition of Clements & Nimmo 1981."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.borrowed import LOUD, Borrowed, calibrated, fitted_to
from ketascope.models.pk import clements_1981
from ketascope.models.structure import Array, Individual, Into, People

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

QUOTED = Place(
    "clements_1982",
    "as quoted on pages by others",
    "read as 93 % on two pages that name no source for it; attribution from memory",
)
FITTED = fitted_to(
    "hirlinger_1984", "intramuscular", "the peak and its time after 0.5 mg/kg in injured patients"
)


class KetamineImCalibrated(Borrowed):
    """First-order absorption from a muscle into the two compartments of Clements 1981."""

    name = "ketamine_im_calibrated"
    title = "IM ketamine: calibrated, disposition of Clements 1981"
    source = "clements_1981"
    drug = "ketamine"
    routes = ("intramuscular", "intravenous")
    analytes = ("ketamine",)
    sampling = "not stated"
    matrix = "plasma"
    status = "typical values only"
    disposition = clements_1981.model
    covariates = clements_1981.model.covariates
    people = People(
        "absorption: 10 injured patients, adults and some children, after 0.5 mg/kg; disposition: "
        "as in clements_1981"
    )
    parameters = (
        *clements_1981.model.parameters,
        Parameter("F", 0.93, "1", "bioavailability", QUOTED,
                  note="41 % in children by the model of Hornik 2018: the two disagree, and adults "
                  "have this one only"),
        calibrated("ka", 3.066, "1/h", "absorption from the muscle", FITTED, 0.6652,
                   "one parameter from two figures of one group; 95 % interval 2.0 to 4.7 1/h if "
                   "the disposition and F, which was not fitted, are right"),
    )  # fmt: skip
    compartments = {"muscle": "injected into the muscle", **clements_1981.model.compartments}
    readings = (
        LOUD,
        "The disposition is that of Clements 1981, the model that answers for the IV racemate in "
        "adults; it lies within twofold of the plasma levels that the same group measured after "
        "0.25 and 0.5 mg/kg IV.",
        "Dose weighed as base or as hydrochloride: not stated; taken as base.",
    )
    leaves_out = (
        "Spread between people: none was found.",
        "The site and depth of the injection.",
        "Metabolites; single enantiomers; age, liver disease, interacting medicines.",
    )
    not_for = ("Children.", "Anaesthetic doses: nothing above 1 mg/kg was compared.")
    defects = (
        "After 1 mg/kg the same group measured a peak of 474 ng/mL at 15 min, where this model, "
        "like any that is proportional to dose, gives twice that of 0.5 mg/kg: 260 ng/mL at 28 "
        "min.",
    )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {("muscle", "ketamine"): p.ka, **super().flows(p)}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IM into the muscle; IV as the lender has it."""
        if dose.route == "intravenous":
            return self.disposition.inputs(p, dose)
        return (Into("muscle", fraction=p.F),)


model = KetamineImCalibrated()
