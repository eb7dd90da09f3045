"""Published perception and pain that the printed relations do not answer, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ketascope.errors import Unsupported

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue

_AREA = (
    "the unit of the area and the schedule of the infusion were not read, and no relation gives a "
    "score of it"
)
_TEST = (
    "the relation says how many times the concentration of half the effect is reached, not by how "
    "much a threshold rises"
)
_REASONS = {
    "drug_high": _AREA,
    "internal_perception": _AREA,
    "external_perception": _AREA,
    "hallucination": "no relation of a concentration with hallucinations was found",
    "psychotic_symptoms": "no relation of a concentration with psychotic symptoms was found",
    "depersonalisation": "no relation of a concentration with this scaled difference was found",
    "pain_tolerance": _TEST,
    "pain_detection": _TEST,
}


def predict(value: PublishedValue) -> NoReturn:
    """Say why a published number of perception or pain is not predicted.

    Raises
    ------
    Unsupported
        Always, with the reason.
    """
    raise Unsupported(_REASONS[str(value.effect)])
