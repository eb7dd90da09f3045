"""Breathing: what is known with an opioid, and why nothing else is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect, never_worked_out
from ketascope.effects.relation import why_not_age, why_not_beyond, why_not_driven
from ketascope.evidence.markers import marker

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

HIGHEST_LEVEL: Final = 250.0
"""About what 40 mg of esketamine over 1 h reach, ng/mL: the model of Simons 2022 gives 234 at
75 kg; the measured level was not read."""
QUARTILE: Final = 0.6744897501960817
"""Upper quartile of the standard normal distribution."""
NOT_PREDICTED: Final = (
    "no published relation ties it to dose or concentration: volunteers breathed 3.1 L/min more "
    "on esketamine up to 1 mg/kg over 3 h (Jansen 2024) and 4.9 L/min less after 1.1 mg/kg of "
    "racemate in boluses (Bourke 1987), and reports, one in some 20,000 sessions with the nasal "
    "spray (Chepke 2024), are no incidence. Not predicted does not mean safe: the label warns of it"
)
"""Why a change of breathing is not predicted."""
BESIDE: Final = {
    "opioid": (
        "with an opioid: morphine and ketamine together shifted the response to CO2 five times as "
        "far as ketamine alone (Bourke 1987)"
    ),
    "benzodiazepine": "with a benzodiazepine nothing was measured that could be used",
    "alcohol": "with alcohol nothing was measured that could be used",
}
"""What is known of each substance beside it."""


def why_not_depression(driving: Driving) -> str:
    """Return why respiratory depression is not predicted, with what is known of what is beside."""
    beside = [words for name, words in BESIDE.items() if driving.settings.get(name)]
    return "; ".join([NOT_PREDICTED, *beside])


def spread_of_quartiles(low: float, high: float) -> float:
    """Return the SD of the logarithm of a log-normal number from its quartiles.

    >>> round(spread_of_quartiles(84.0, 191.0), 3)
    0.609
    """
    return float(np.log(high / low) / (2.0 * QUARTILE))


def _shift(driving: Driving, theta: Theta) -> Values:
    known = marker("jonkman_opioid_c100")
    spread = spread_of_quartiles(*known.ends("ng/mL"))
    own = known.to("ng/mL") * np.exp(spread * driving.normal("opioid_shift:c100"))
    return np.asarray(1.0 + driving.concentrations["esketamine"] / own[:, None])


def _why_not_shift(driving: Driving) -> str | None:
    if not driving.settings.get("opioid"):
        return "it is of people who have an opioid in them; tell opioid=1 to see it"
    sites = ("arterial", "venous", "not stated")
    reason = why_not_driven(driving, "esketamine", ("esketamine",), sites=sites)
    if reason is None and set(driving.routes) != {"intravenous"}:
        reason = "the relation was found with an infusion into a vein"
    return (
        reason
        or why_not_age(driving, 18, 120, "adults")
        or why_not_beyond(
            driving, "esketamine", HIGHEST_LEVEL, "with 40 mg over 1 h, up to some 250 ng/mL"
        )
    )


EFFECTS: tuple[Effect, ...] = (
    never_worked_out(
        "respiratory_depression",
        "Respiratory depression",
        "1",
        ("jansen_2024", "bourke_1987", "chepke_2024"),
        why_not_depression,
    ),
    Effect(
        name="opioid_shift",
        display="Remifentanil for the same effect, times",
        unit="1",
        # one doubling was printed: the straight line and the sampling site are not
        kind="calibrated",
        text=(
            "Calibration of this project, of one published number: 1 + C / own C, C being "
            "S-ketamine: 127 ng/mL (quartiles of people 84 and 191) double "
            "the remifentanil concentration that halves the ventilatory sensitivity to CO2 "
            "(Jonkman 2018, 12 healthy adults). It is no protection: 61 % of the fall of "
            "ventilation is not countered."
        ),
        sources=("jonkman_2018_breathing",),
        curve=_shift,
        why_not=_why_not_shift,
        limits=(
            "Remifentanil in healthy adults only; not other opioids, not opioid users.",
            "That the shift grows linearly with the concentration is assumed; the doubling alone "
            "was read.",
            "The site of sampling was not read; a slowly rising infusion parts sites little.",
            "Anaesthetic doses depress: with morphine the two added up (Bourke 1987).",
        ),
    ),
)
"""Effects on breathing; one is worked out as a curve, the other says why it is not."""
