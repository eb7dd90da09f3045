"""Published effects beside what is predicted under the study's own conditions.

Which function answers for which effect stands in :data:`PREDICTORS`. It takes the published value
and returns a :class:`Prediction`, or raises :class:`ketascope.errors.InputError` (or Unsupported)
with the reason for which it is not predicted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.evidence.published import Conditions, PublishedValue


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted of one published effect.

    Parameters
    ----------
    centre : float
        The same statistic as the published one, in its unit.
    low, high : float or None
        Interval of the prediction (5 to 95 %): what the calibration does not know and, where a
        trial is predicted, how far trials are apart. None where there is none.
    model : str
        The calibration or published relation that answers.
    note : str
        What to know of it.
    """

    centre: float
    low: float | None
    high: float | None
    model: str
    note: str = ""


PREDICTORS: Final[dict[str, str]] = {
    "cadss_total": "effects_dissociation:predict",
    "moaas": "effects_dissociation:predict_moaas",
    "systolic_change": "effects_pressure:predict",
    "diastolic_change": "effects_pressure:predict",
    "mean_pressure_change": "effects_pressure:predict",
    "pulse_change": "effects_pressure:predict",
    "ventilation_change": "effects_breathing:predict",
    "anaesthesia": "effects_consciousness:predict",
    "child_sedation": "effects_consciousness:predict",
    "depersonalisation": "effects_perception:predict",
    "drug_high": "effects_perception:predict",
    "external_perception": "effects_perception:predict",
    "hallucination": "effects_perception:predict",
    "hypoxaemia": "effects_breathing:predict",
    "internal_perception": "effects_perception:predict",
    "pain_detection": "effects_perception:predict",
    "pain_tolerance": "effects_perception:predict",
    "psychotic_symptoms": "effects_perception:predict",
    "recovery_of_consciousness": "effects_consciousness:predict",
    "respiratory_depression": "effects_breathing:predict",
    "unconscious": "effects_consciousness:predict",
    "madrs": "effects_course:predict",
    "response": "effects_course:predict",
    "remission": "effects_course:predict",
    "relapse": "effects_course:predict",
    "blood_pressure_event": "effects_pressure:predict_event",
    "adverse_event_stop": "effects_reactions:predict_reaction",
    "dissociation": "effects_reactions:predict_reaction",
    "dizziness": "effects_reactions:predict_reaction",
    "nausea": "effects_reactions:predict_reaction",
    "sedation": "effects_reactions:predict_reaction",
    "vertigo": "effects_reactions:predict_reaction",
    "vomiting": "effects_reactions:predict_reaction",
    "amnesia": "effects_reactions:predict_reaction",
    "anxiety": "effects_reactions:predict_reaction",
    "asthenia": "effects_reactions:predict_reaction",
    "attention_disturbance": "effects_reactions:predict_reaction",
    "blurred_vision": "effects_reactions:predict_reaction",
    "confusion": "effects_reactions:predict_reaction",
    "constipation": "effects_reactions:predict_reaction",
    "derealisation": "effects_reactions:predict_reaction",
    "diarrhoea": "effects_reactions:predict_reaction",
    "diplopia": "effects_reactions:predict_reaction",
    "dry_mouth": "effects_reactions:predict_reaction",
    "dysarthria": "effects_reactions:predict_reaction",
    "dysgeusia": "effects_reactions:predict_reaction",
    "euphoric_mood": "effects_reactions:predict_reaction",
    "fatigue": "effects_reactions:predict_reaction",
    "feeling_abnormal": "effects_reactions:predict_reaction",
    "feeling_drunk": "effects_reactions:predict_reaction",
    "headache": "effects_reactions:predict_reaction",
    "hyperhidrosis": "effects_reactions:predict_reaction",
    "hypoaesthesia": "effects_reactions:predict_reaction",
    "insomnia": "effects_reactions:predict_reaction",
    "lethargy": "effects_reactions:predict_reaction",
    "mental_impairment": "effects_reactions:predict_reaction",
    "nasal_discomfort": "effects_reactions:predict_reaction",
    "oral_hypoaesthesia": "effects_reactions:predict_reaction",
    "oral_paraesthesia": "effects_reactions:predict_reaction",
    "oropharyngeal_pain": "effects_reactions:predict_reaction",
    "paraesthesia": "effects_reactions:predict_reaction",
    "pollakiuria": "effects_reactions:predict_reaction",
    "postural_dizziness": "effects_reactions:predict_reaction",
    "somnolence": "effects_reactions:predict_reaction",
    "tachycardia": "effects_reactions:predict_reaction",
    "throat_irritation": "effects_reactions:predict_reaction",
    "tremor": "effects_reactions:predict_reaction",
}
"""Module of this package and function that answer for an effect."""


def predict(value: PublishedValue) -> Prediction:
    """Return what is predicted of a published effect.

    Raises
    ------
    InputError, Unsupported
        With the reason for which it is not predicted.
    """
    home = PREDICTORS.get(str(value.effect))
    if home is None:
        raise Unsupported(f"no model of {str(value.effect).replace('_', ' ')}")
    module, name = home.split(":")
    there = import_module(f"ketascope.checks.{module}")
    function: Callable[[Any], Prediction] = getattr(there, name)
    return function(value)


def exposure_of(conditions: Conditions, *, model: str | None = None, seed: int = 1) -> xr.Dataset:
    """Simulate the people of an arm, once for all its values.

    The conditions' ``regimen`` must be in the regimen language, or its ``doses`` given; ``patient``
    holds what is known of the people. Times are fine in the first 8 h after each dose.

    Raises
    ------
    InputError
        If the regimen cannot be read or no model covers it.
    """
    return _exposure(conditions.model_dump_json(), model, seed)


def at_readings(result: xr.Dataset) -> xr.Dataset:
    """Return a course of several sessions at fewer times: what many draws of effects need.

    Each 5 min of the first 2 h of a session, and a third of the times beyond; effects between are
    worked out for concentrations that are linear between times.
    """
    starts = [s["time"] for s in json.loads(str(result.attrs["sessions"]))]
    if len(starts) == 1:
        return result
    times = result["time"].to_numpy()
    kept = np.arange(times.size) % 3 == 0
    for start in starts:
        since = times - start
        early = (since > -1e-6) & (since < 2 + 1e-6)
        every = np.abs(since * 12 - np.round(since * 12)) < 1e-4
        kept = np.where(early, every, kept)
    return result.isel(time=np.flatnonzero(kept))


@lru_cache(maxsize=16)
def _exposure(conditions: str, model: str | None, seed: int) -> xr.Dataset:
    from ketascope.checks.arms import PEOPLE, regimen_of
    from ketascope.engine.simulate import simulate
    from ketascope.evidence.published import Conditions
    from ketascope.patients import Patient

    asked = Conditions.model_validate_json(conditions)
    return simulate(
        regimen_of(asked),
        Patient.of(dict(asked.patient)),
        n=PEOPLE,
        model=model,
        seed=seed,
        force=True,
        workers=1,
    )
