"""Drug high and changed perception, by the concentrations with which they were found.

No whole curve of drug high could be read: of the sigmoid of Simons 2022 the concentration of half
the effect is known, its steepness is not. How many times that concentration is reached does not
depend on the steepness, and above once the typical effect is more than half of the greatest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect
from ketascope.effects.relation import (
    at_site,
    between,
    why_not_age,
    why_not_beyond,
    why_not_driven,
)
from ketascope.evidence.markers import marker

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

PARENTERAL: Final = ("intravenous", "intramuscular", "subcutaneous")
HIGHEST_STEP: Final = 200.0
"""Highest level of Bowdle 1998, ng/mL."""
NEEDS_ARTERIAL: Final = (
    "the model simons_2022 gives arterial S-ketamine, for the IV route and for film under the "
    "tongue; no model gives it for the nasal spray"
)


def delay(driving: Driving, stream: str) -> Values:
    """Return half-lives of equilibration, h, over the range of end points of Olofsen 2012."""
    return between(driving, stream, *marker("olofsen_delays").ends("h"))


def _high(driving: Driving, theta: Theta) -> Values:
    site = at_site(driving, "esketamine", delay(driving, "drug_high:delay"))
    return site / marker("simons_high_c50").to("ng/mL")


def arterial_esketamine(driving: Driving) -> str | None:
    """Return why a relation with arterial S-ketamine in adults does not hold; None if it does."""
    reason = why_not_driven(driving, "esketamine", ("esketamine",), sites=("arterial",))
    if reason is not None and driving.drug == "esketamine":
        return f"{reason} ({NEEDS_ARTERIAL})"
    return reason or why_not_age(driving, 18, 120, "adults")


def _scale(name: str) -> Effect:
    """One of the two scales between which ten of the thirteen lie."""
    which = {"strongest": "changed most", "mildest": "changed least of ten"}[name]
    size = marker(f"bowdle_{name}")

    def curve(driving: Driving, theta: Theta) -> Values:
        return np.clip(100.0 * size.slope * driving.concentrations["ketamine"], 0.0, 100.0)

    return Effect(
        name=f"perception_{name}",
        display=f"Perception, scale that {which}",
        unit="% of the scale",
        kind="calibrated",
        text=(
            "Calibration of this project: a straight line from nought to the printed "
            f"{100 * size.number:.0f} % of the scale at {HIGHEST_STEP:.0f} ng/mL of venous racemic "
            "ketamine, held steady in 10 healthy adults (Bowdle 1998: linear; slopes not printed)."
        ),
        sources=("bowdle_1998", size.source),
        curve=curve,
        why_not=_why_not_bowdle,
        limits=(
            "Ten of thirteen scales lie from the one to the other of the two shown; anxiety, "
            "suspiciousness and ideas of reference stayed under 22 %.",
            "No spread between people was printed: the band is that of concentrations.",
            "Rated after 20 min at each level: a delay behind changing levels is not in it.",
            "A model whose sampling site is not stated is taken as venous.",
        ),
    )


def _why_not_bowdle(driving: Driving) -> str | None:
    reason = why_not_driven(driving, "ketamine", ("ketamine",), sites=("venous", "not stated"))
    if reason is None and not set(driving.routes) <= set(PARENTERAL):
        reason = (
            "the relation was found with infusions into a vein, and by a route with more "
            "norketamine it need not hold"
        )
    return (
        reason
        or why_not_age(driving, 18, 120, "adults")
        or why_not_beyond(driving, "ketamine", HIGHEST_STEP, "up to 200 ng/mL")
    )


EFFECTS: tuple[Effect, ...] = (
    Effect(
        name="drug_high",
        display="Drug high, in half-effect levels",
        unit="1",
        # the delay is of another study, so that it is no relation as printed
        kind="calibrated",
        text=(
            "Calibration of this project, of two published numbers: arterial S-ketamine at the "
            "effect site over the 0.3 nmol/mL (71 ng/mL) at which the "
            "drug high of 20 healthy adults was half of its greatest (Simons 2022, part 2)."
        ),
        sources=("simons_2022_part2", "olofsen_2012"),
        curve=_high,
        why_not=arterial_esketamine,
        cuts=(("more than half", 1.0),),
        limits=(
            "The steepness of the curve was not read, so no score is given.",
            "Its own delay was not read: half-lives of 0 to 11.8 min, the range of Olofsen 2012 "
            "over end points that include drug high, are spread evenly over the band.",
            "No spread of sensitivity was read: the band is that of concentrations and delay.",
        ),
    ),
    _scale("strongest"),
    _scale("mildest"),
)
"""Effects on perception that are worked out as curves."""
