"""Published recovery of consciousness and sedation of children beside the printed relations.

What is compared was settled before any comparison: a person obeys once the concentration has
fallen to the person's own one at recovery; a child's sedation is over once it is drowsy and easily
roused by voice (level 4 of 5), since studies of procedures do not wait for a child to be wide
awake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.checks.effects import Prediction, exposure_of
from ketascope.effects.acute import acute_effects, driving_from, known_effects
from ketascope.effects.acute_tables import back_at
from ketascope.errors import Unsupported
from ketascope.evidence.markers import marker
from ketascope.units import convert

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.evidence.published import PublishedValue

    Values = NDArray[np.float64]


def predict(value: PublishedValue) -> Prediction:
    """Return what the printed relations give of a time or a concentration.

    Raises
    ------
    Unsupported
        Where they do not speak of it.
    """
    if value.quantity == "threshold":
        return _threshold(value)
    if value.quantity == "time" and value.effect == "recovery_of_consciousness":
        return _time(value, "unresponsive")
    if value.quantity == "time" and value.effect == "child_sedation":
        return _time(value, "child_sedation")
    raise Unsupported("the times of the doses were not read, and nothing follows without them")


def _threshold(value: PublishedValue) -> Prediction:
    if value.effect != "recovery_of_consciousness":
        raise Unsupported(
            "it is a level that was kept with nitrous oxide, not one of half of people"
        )
    from ketascope.evidence.substances import molar_mass

    known = marker("adult_recovery")
    umol_per_l = 1000.0 * known.to("mg/L") / molar_mass("ketamine")
    return Prediction(
        convert(umol_per_l, "umol/L", value.unit), None, None, "adult_recovery (Herd 2008)",
        "Mean of adults as quoted; this study may be among its sources.",
    )  # fmt: skip


def _time(value: PublishedValue, name: str) -> Prediction:
    """When each person is back, mean or median over people as the study has it."""
    result = exposure_of(value.conditions)
    effect = known_effects()[name]
    reason = effect.why_not(driving_from(result))
    if reason is not None:
        raise Unsupported(reason)
    found = acute_effects(result, names=[name])
    values = found[name].transpose("subject", "time").to_numpy()
    level = effect.resolved
    assert level is not None
    down = effect.extreme == "lowest"
    hours = back_at(
        found["time"].to_numpy(), -values if down else values, -level if down else level
    )
    if not np.isfinite(hours).all():
        raise Unsupported("some people are not back in the time that was simulated")
    centre = float(np.mean(hours) if value.statistic == "mean" else np.median(hours))
    return Prediction(
        convert(centre, "h", value.unit), None, None, f"{name} on {result.attrs['model']}",
        "A printed relation: no interval of a fit.",
    )  # fmt: skip
