"""Ketascope: what a course of ketamine or esketamine does in a patient, number by number.

Research, teaching and decision support; not a medical device.

Examples
--------
>>> import ketascope as ks
>>> result = ks.simulate("esketamine 56 mg intranasal once", people=100, seed=1)
>>> dict(result.sizes)["subject"]
100
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ketascope.checks.claims import claims
    from ketascope.checks.compare import compare
    from ketascope.checks.comparison import validate
    from ketascope.dosing import load_regimen, parse_regimen, schedule
    from ketascope.effects.acute import acute_effects
    from ketascope.effects.acute_tables import effect_table
    from ketascope.effects.known import known
    from ketascope.effects.long_term import long_term
    from ketascope.effects.mood import course
    from ketascope.effects.mood_table import course_table
    from ketascope.effects.other_treatments import other_treatments
    from ketascope.effects.outcome_table import outcomes
    from ketascope.effects.reactions import reactions
    from ketascope.effects.readiness import readiness
    from ketascope.effects.readiness_report import report_readiness
    from ketascope.effects.receptors import occupancy
    from ketascope.engine.across import across_models
    from ketascope.engine.data import simulate_data
    from ketascope.engine.event_times import event_times
    from ketascope.engine.simulate import simulate
    from ketascope.engine.simulate_quantiles import simulate_quantiles
    from ketascope.engine.summary import exposure, exposure_table, quantiles
    from ketascope.errors import InputError, KetascopeError, Unsupported
    from ketascope.evidence import source, sources
    from ketascope.patients import (
        Patient,
        Population,
        Record,
        read_patient,
        read_record,
        sample_population,
    )
    from ketascope.report import make_report, plot
    from ketascope.safety.screen import screen

_HOMES = {
    "InputError": "ketascope.errors",
    "KetascopeError": "ketascope.errors",
    "Patient": "ketascope.patients",
    "Population": "ketascope.patients",
    "Record": "ketascope.patients",
    "Unsupported": "ketascope.errors",
    "across_models": "ketascope.engine.across",
    "acute_effects": "ketascope.effects.acute",
    "compare": "ketascope.checks.compare",
    "claims": "ketascope.checks.claims",
    "course": "ketascope.effects.mood",
    "course_table": "ketascope.effects.mood_table",
    "effect_table": "ketascope.effects.acute_tables",
    "event_times": "ketascope.engine.event_times",
    "exposure": "ketascope.engine.summary",
    "exposure_table": "ketascope.engine.summary",
    "known": "ketascope.effects.known",
    "load_regimen": "ketascope.dosing",
    "long_term": "ketascope.effects.long_term",
    "make_report": "ketascope.report",
    "occupancy": "ketascope.effects.receptors",
    "other_treatments": "ketascope.effects.other_treatments",
    "outcomes": "ketascope.effects.outcome_table",
    "parse_regimen": "ketascope.dosing",
    "plot": "ketascope.report",
    "quantiles": "ketascope.engine.summary",
    "reactions": "ketascope.effects.reactions",
    "read_patient": "ketascope.patients",
    "read_record": "ketascope.patients",
    "readiness": "ketascope.effects.readiness",
    "report_readiness": "ketascope.effects.readiness_report",
    "sample_population": "ketascope.patients",
    "schedule": "ketascope.dosing",
    "screen": "ketascope.safety.screen",
    "simulate": "ketascope.engine.simulate",
    "simulate_data": "ketascope.engine.data",
    "simulate_quantiles": "ketascope.engine.simulate_quantiles",
    "source": "ketascope.evidence",
    "sources": "ketascope.evidence",
    "validate": "ketascope.checks.comparison",
}
"""Public names and where they live; each is imported when it is first used."""

__all__ = [
    "InputError",
    "KetascopeError",
    "Patient",
    "Population",
    "Record",
    "Unsupported",
    "__version__",
    "across_models",
    "acute_effects",
    "claims",
    "compare",
    "course",
    "course_table",
    "effect_table",
    "event_times",
    "exposure",
    "exposure_table",
    "known",
    "load_regimen",
    "long_term",
    "make_report",
    "occupancy",
    "other_treatments",
    "outcomes",
    "parse_regimen",
    "plot",
    "quantiles",
    "reactions",
    "read_patient",
    "read_record",
    "readiness",
    "report_readiness",
    "sample_population",
    "schedule",
    "screen",
    "simulate",
    "simulate_data",
    "simulate_quantiles",
    "source",
    "sources",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ketascope' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
