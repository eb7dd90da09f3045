"""Published breathing: nothing predicts it, and each row says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ketascope.errors import Unsupported

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue

_REASONS = {
    "ventilation_change": (
        "no published relation ties ventilation without an opioid to a concentration, and the "
        "studies disagree on its sign: more on slow subanaesthetic infusions, less after boluses "
        "from 1.1 mg/kg"
    ),
    "respiratory_depression": (
        "reports and sessions give no chance for a dose or a person, and no trial had a case"
    ),
    "hypoxaemia": "counts of claims and records give no chance for a dose or a person",
}


def predict(value: PublishedValue) -> NoReturn:
    """Say why a published number of breathing is not predicted.

    Raises
    ------
    Unsupported
        Always, with the reason.
    """
    raise Unsupported(_REASONS[str(value.effect)])
