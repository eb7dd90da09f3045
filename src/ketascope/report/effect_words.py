"""Names of effects in everyday words, for lines that are read in passing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ketascope.effects.acute import known_effects

PLAIN: Final = {
    "cadss": "dissociation",
    "sedation": "alertness",
    "systolic_change": "pressure",
    "diastolic_change": "pressure",
    "heart_rate": "heart rate",
    "respiratory_depression": "breathing",
    "drug_high": "drug high",
    "perception_strongest": "perception",
    "perception_mildest": "perception",
    "pain_change": "pain relief",
    "antinociception": "pain relief",
    "unresponsive": "loss of consciousness",
    "anaesthesia": "loss of consciousness",
    "child_sedation": "consciousness of children",
    "child_arousal": "consciousness of children",
    "child_recall": "consciousness of children",
    "opioid_shift": "the effect on opioids",
}
"""Effects in everyday words; several may share one."""


def plainly(names: Iterable[str]) -> list[str]:
    """Return effects in everyday words, each once, in their order.

    >>> plainly(["systolic_change", "diastolic_change", "cadss"])
    ['pressure', 'dissociation']
    """
    known = known_effects()
    return list(dict.fromkeys(PLAIN.get(name) or known[name].display for name in names))
