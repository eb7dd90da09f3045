"""IV ketamine in two compartments whose volumes and clearances are scaled by weight.

Several models of children have this form; each of them is a file of :mod:`ketascope.models.pk`
with its own parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Covariates,
    Individual,
    Into,
    Model,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration


class TwoCompartmentsByWeight(Model):
    """Parameters V1, V2 (L), CL, Q (L/h) at 70 kg, weight_on_V and weight_on_CL."""

    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine",)
    covariates = ("weight",)
    compartments: ClassVar[Mapping[str, str]] = {"ketamine": "central", "deep": "peripheral"}

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales volumes and clearances, each by its exponent."""
        size = who.weight / 70.0
        volume, clearance = size**p.weight_on_V, size**p.weight_on_CL
        return p.replace(V1=p.V1 * volume, V2=p.V2 * volume, CL=p.CL * clearance, Q=p.Q * clearance)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("ketamine", OUT): p.CL / p.V1,
            ("ketamine", "deep"): p.Q / p.V1,
            ("deep", "ketamine"): p.Q / p.V2,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("ketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Concentration in the central compartment."""
        return {"ketamine": Concentration("ketamine", p.V1)}
