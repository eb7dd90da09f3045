"""Effects: what concentrations do, beginning with the receptors."""

from __future__ import annotations

from ketascope.effects.kinetic import kinetic_block
from ketascope.effects.memantine import memantine_reference
from ketascope.effects.receptor_checks import ReceptorValue, receptor_checks, receptor_values
from ketascope.effects.receptors import occupancy, receptor_table

__all__ = [
    "ReceptorValue",
    "kinetic_block",
    "memantine_reference",
    "occupancy",
    "receptor_checks",
    "receptor_table",
    "receptor_values",
]
