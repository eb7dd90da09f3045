"""The evidence base: sources, parameters with their place, substances, published values.

Importing this is cheap; the bibliography, the substances and the published values are read
when first asked for.
"""

from __future__ import annotations

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.evidence.sources import Source, bibtex, source, sources
from ketascope.evidence.substances import (
    Analyte,
    Substance,
    analyte,
    analytes,
    molar_mass,
    substances,
)

__all__ = [
    "Analyte",
    "Parameter",
    "Place",
    "Source",
    "Substance",
    "Variability",
    "analyte",
    "analytes",
    "bibtex",
    "molar_mass",
    "source",
    "sources",
    "substances",
]
