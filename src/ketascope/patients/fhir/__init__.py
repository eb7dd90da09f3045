"""Patients' records in FHIR R4: bundles, single resources, and bulk exports."""

from ketascope.patients.fhir.export import Export
from ketascope.patients.fhir.reading import read_fhir

__all__ = ["Export", "read_fhir"]
