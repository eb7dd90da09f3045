"""Receptors: unbound concentration, equilibrium block and open-channel block with trapping."""

from __future__ import annotations

from ketascope.models.receptor.brain import (
    DRIVES,
    Driver,
    Drug,
    drug_of,
    molar,
    to_driving,
)
from ketascope.models.receptor.equilibrium import (
    Potency,
    block,
    enantiomer_potency,
    pool,
    racemate_potency,
)
from ketascope.models.receptor.trapping import Blocker, blocked, blocker, time_constants

__all__ = [
    "DRIVES",
    "Blocker",
    "Driver",
    "Drug",
    "Potency",
    "block",
    "blocked",
    "blocker",
    "drug_of",
    "enantiomer_potency",
    "molar",
    "pool",
    "racemate_potency",
    "time_constants",
    "to_driving",
]
