"""People: single patients, virtual populations, and the weights that a dose can be based on."""

from ketascope.patients.facts import Fact, NotScreened, Record
from ketascope.patients.patient import Patient
from ketascope.patients.population import Population, sample_population
from ketascope.patients.reading import parse_patient, parse_settings, read_patient
from ketascope.patients.record import parse_record, read_record
from ketascope.patients.sizes import (
    adjusted_weight,
    body_mass_index,
    body_surface_area,
    ideal_weight,
    lean_weight,
)
from ketascope.patients.weights import BASES, weight_for, weight_notes

__all__ = [
    "BASES",
    "Fact",
    "NotScreened",
    "Patient",
    "Population",
    "Record",
    "adjusted_weight",
    "body_mass_index",
    "body_surface_area",
    "ideal_weight",
    "lean_weight",
    "parse_patient",
    "parse_record",
    "parse_settings",
    "read_patient",
    "read_record",
    "sample_population",
    "weight_for",
    "weight_notes",
]
