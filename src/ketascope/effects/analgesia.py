"""Experimental pain: the additive model of Olofsen 2012 beside the half-effects of Simons 2022.

The two disagree on S-norketamine, which opposes ketamine in the one and does nothing in the other.
Both are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect
from ketascope.effects.perception import NEEDS_ARTERIAL, arterial_esketamine, delay
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

PAIN_SCALE: Final = 10.0
"""Length of the pain scale, cm."""
HIGHEST_LEVEL: Final = 150.0
"""About what 20 mg/h over 2 h reach in arterial S-ketamine, ng/mL: the model of Simons 2022 gives
142 at 75 kg; the measured level was not read."""


def _pain(driving: Driving, theta: Theta) -> Values:
    wait = marker("olofsen_pain_delay").to("h")
    total = np.zeros((driving.people, driving.times.size))
    for name in ("olofsen_pain_ketamine", "olofsen_pain_norketamine"):
        known = marker(name)
        total += known.slope * at_site(driving, known.analyte, wait)
    return np.clip(total, -PAIN_SCALE, PAIN_SCALE)


def _why_not_pain(driving: Driving) -> str | None:
    analytes = ("esketamine", "esnorketamine")
    reason = why_not_driven(driving, "esketamine", analytes, sites=("arterial",))
    if reason is not None and driving.drug == "esketamine":
        return f"{reason} ({NEEDS_ARTERIAL})"
    if reason is None and set(driving.routes) != {"intravenous"}:
        reason = (
            "the relation was found with infusions into a vein, where S-norketamine stays below "
            "S-ketamine"
        )
    return (
        reason
        or why_not_age(driving, 18, 120, "adults")
        or why_not_beyond(
            driving, "esketamine", HIGHEST_LEVEL, "with 20 mg/h over 2 h, up to some 150 ng/mL"
        )
    )


def _tests(driving: Driving, theta: Theta) -> Values:
    half = between(driving, "antinociception:test", *marker("simons_pain_c50").ends("ng/mL"))
    site = at_site(driving, "esketamine", delay(driving, "antinociception:delay"))
    return np.asarray(site / half[:, None])


EFFECTS: tuple[Effect, ...] = (
    Effect(
        name="pain_change",
        display="Change of experimental pain",
        unit="cm of 10",
        kind="published",
        text=(
            "-3.8 cm for each 100 ng/mL of arterial S-ketamine and +1.5 cm for each 50 ng/mL of "
            "S-norketamine, at an effect site with a half-life of 11.8 min (Olofsen 2012, 12 "
            "healthy men)."
        ),
        sources=("olofsen_2012", "noppers_2011"),
        curve=_pain,
        why_not=_why_not_pain,
        extreme="lowest",
        limits=(
            "Nought is the pain before; a fall cannot exceed that pain, which is not in it.",
            "The same delay is used for both substances.",
            "No spread of sensitivity was read: the band is that of concentrations.",
            "That S-norketamine opposes was not found by Simons 2022 or Sigtermans 2009; without "
            "it the fall is larger and the rebound above nought is not there.",
            "Experimental pain of volunteers, not pain after surgery and not chronic pain.",
        ),
    ),
    Effect(
        name="antinociception",
        display="Pain relief, in half-effect levels",
        unit="1",
        # the delay is of another study, so that it is no relation as printed
        kind="calibrated",
        text=(
            "Calibration of this project, of published numbers: arterial S-ketamine at the "
            "effect site over the 1.2 to 1.7 nmol/mL (285 to 404 ng/mL) "
            "at which relief in electrical, heat and pressure tests was half of its greatest "
            "(Simons 2022, part 2, 20 healthy adults)."
        ),
        sources=("simons_2022_part2", "olofsen_2012"),
        curve=_tests,
        why_not=arterial_esketamine,
        cuts=(("more than half", 1.0),),
        limits=(
            "Which of the three tests has which number was not read: the band runs over them.",
            "The steepness of the curve was not read, so no score is given.",
            "Its own delay was not read: half-lives of 0 to 11.8 min (Olofsen 2012) are spread "
            "evenly over the band.",
            "The study could not show a clear relation of dose and relief.",
        ),
    ),
)
"""Effects on pain that are worked out as curves."""
