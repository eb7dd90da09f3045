"""Oral drug with saturable elimination, as phenytoin has it, written as one function.

The rate of elimination is VMAX * C / (KM + C): at low concentrations in proportion, at high ones no
more than VMAX. So half-life and exposure grow faster than the dose. The numbers are illustrative
ones of the size of phenytoin's in an adult; no publication stands behind them.

    ketascope simulate --model saturable_elimination.py --data events.csv -o out.csv
"""

from __future__ import annotations

from collections.abc import Mapping

from ketascope.models.user import Array, Individual, Residual, ode_model, parameter


@ode_model(
    parameters=[
        parameter("KA", 0.6, "1/h", "absorption"),
        parameter("VMAX", 20.0, "mg/h", "largest rate of elimination", cv=0.25),
        parameter("KM", 4.0, "mg/L", "concentration at half of that rate", cv=0.40),
        parameter("V", 45.0, "L", "volume of distribution", cv=0.20),
        parameter("SD", 0.1, "1", "proportional error"),
    ],
    compartments={"depot": "drug in the gut, mg", "central": "drug in the body, mg"},
    outputs={"CP": ("central", "V")},
    residuals={"CP": Residual(proportional="SD")},
)
def saturable_elimination(t: Array, x: Individual, p: Individual) -> Mapping[str, Array]:
    """One compartment with a depot and saturable elimination."""
    absorbed = p.KA * x.depot
    concentration = 1000 * x.central / p.V  # ug/L, as is KM inside
    eliminated = p.VMAX * concentration / (p.KM + concentration)
    return {"depot": -absorbed, "central": absorbed - eliminated}
