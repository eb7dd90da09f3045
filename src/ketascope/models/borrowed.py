"""A way in for a drug whose disposition another model of the library describes.

Some routes have a bioavailability and a peak in print, but no model. A model of such a route
borrows the disposition of a published model as it stands and adds absorption, fitted by this
project (``calibration/absorption.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.structure import Array, Concentration, Covariates, Individual, Model

SCRIPT = "calibration/absorption.py"
LOUD = (
    "A calibration of this project, not a published model: the disposition is borrowed, and the "
    "absorption was fitted to a few published figures."
)


class Borrowed(Model):
    """A model that takes flows, covariates and outputs from another one.

    A subclass names the lender, puts its own parameters and compartments before or behind the
    lender's, and adds its own flows to those of ``super().flows(p)``.
    """

    made_here = LOUD
    disposition: ClassVar[Model]
    """The model of the library whose disposition is used."""

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Covariates act on the borrowed disposition as they do there."""
        return self.disposition.individual(p, who)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates of the borrowed disposition, 1/h."""
        return self.disposition.flows(p)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Concentrations, as the lender has them."""
        return self.disposition.outputs(p)


def fitted_to(source: str, fit: str, what: str) -> Place:
    """Return the place of a number that this project fitted: the data, the fit, what was used."""
    return Place(source, f"{SCRIPT}, fit '{fit}'", f"not printed: fitted by this project to {what}")


def calibrated(
    name: str, value: float, unit: str, meaning: str, place: Place, se: float, note: str
) -> Parameter:
    """Return a fitted parameter; its standard error is that of the fit."""
    return Parameter(name, value, unit, meaning, place, se=se, status="calibrated", note=note)
