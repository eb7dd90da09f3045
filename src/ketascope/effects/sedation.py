"""Sedation as the level of alertness of the MOAA/S (5 to 0): a calibration of this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect
from ketascope.effects.opposed import drive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

ALERT: Final = 5.0
"""Responds readily to the name spoken in normal tone."""
STEPS: Final = 5
"""Levels below it: 4, 3, 2, 1 and 0 (no response to a painful squeeze)."""
ROUTES: Final = ("intranasal",)
TOO_HIGH: Final = 300.0
"""Highest median concentration of esketamine that is predicted, ng/mL."""


def thresholds(first: ArrayLike, ratio: ArrayLike) -> Values:
    """Return what must be exceeded for each level below 5, shape (people, 5).

    Parameters
    ----------
    first : array_like, shape (people,)
        For level 4, ng/mL left by tolerance.
    ratio : array_like, shape (people,)
        Threshold of level 0 over that of level 4; the others lie between at equal ratios.

    >>> thresholds([10.0], [16.0]).tolist()
    [[10.0, 20.0, 40.0, 80.0, 160.0]]
    """
    start, whole = np.asarray(first, dtype=float), np.asarray(ratio, dtype=float)
    power = np.arange(STEPS) / (STEPS - 1)
    return np.asarray(start[:, None] * whole[:, None] ** power)


def level(left: ArrayLike, limits: ArrayLike) -> Values:
    """Return the level for what tolerance leaves, shape (people, times).

    Parameters
    ----------
    left : array_like, shape (people, times)
        ng/mL.
    limits : array_like, shape (people, 5)
    """
    now, over = np.asarray(left, dtype=float), np.asarray(limits, dtype=float)
    found = np.full(now.shape, ALERT)
    for k in range(STEPS):
        found -= now > over[:, k : k + 1]
    return found


def moaas(driving: Driving, theta: Theta) -> Values:
    """Return levels of alertness, shape (people, times)."""
    offset = theta["offset"] * np.exp(theta["offset_sd"] * driving.normal("cadss:offset"))
    left = drive(
        driving.times, driving.concentrations["esketamine"], theta["ke0"], offset, theta["ktol"]
    )
    person = np.sqrt(1 - theta["occasion_part"]) * driving.normal("sedation:sensitivity")
    at = driving.session_at
    factor = np.empty((driving.people, len(driving.sessions)))
    for k in np.unique(at):
        own = np.sqrt(theta["occasion_part"]) * driving.normal("sedation:occasion", int(k))
        factor[:, k] = np.exp(theta["sensitivity_sd"] * (person + own))
    return level(left * factor[:, at], thresholds(theta["threshold"], theta["ratio"]))


def why_not(driving: Driving) -> str | None:
    """Return why sedation is not predicted, or None."""
    if driving.drug != "esketamine" or "esketamine" not in driving.concentrations:
        return f"no levels of alertness (MOAA/S) after {driving.drug} were found for adults"
    if driving.sampling == "arterial":
        return "it was calibrated with venous concentrations, the model gives arterial ones"
    others = [route for route in driving.routes if route not in ROUTES]
    if others:
        return f"no levels of alertness (MOAA/S) after {others[0]} doses are in the calibration"
    if bool(np.any(np.asarray(driving.covariates["age"], dtype=float) < 18)):
        return "no levels of alertness (MOAA/S) of people under 18 after esketamine were found"
    if float(np.median(driving.concentrations["esketamine"].max(axis=1))) > TOO_HIGH:
        return (
            "concentrations lie far above those of the calibration (about 100 ng/mL), where"
            " esketamine is an anaesthetic"
        )
    return None


EFFECTS: Final = (
    Effect(
        name="sedation",
        display="Alertness (MOAA/S level)",
        unit="1",
        kind="calibrated",
        text=(
            "A calibration of this project. Level 5 is awake, 0 no response to pain. Shares of"
            " patients below 5 after 56 and 84 mg of the esketamine spray and the share that lost"
            " consciousness fix the thresholds of 4 and of 0; the levels between are put at equal"
            " ratios. The course over time is that of dissociation, and alert again is level 5."
        ),
        sources=("spravato_us_label", "jnj_sedation"),
        curve=moaas,
        why_not=why_not,
        calibration="sedation",
        fitted_with=(("esketamine", "intranasal"),),
        cuts=(("below 5", 5.0), ("3 or less", 3.5), ("0", 0.5)),
        resolved=ALERT,
        extreme="lowest",
        limits=(
            "People of 65 and more: no level was fitted by itself, though the range may hold an arm"
            " of theirs; age is taken to change nothing but the concentration.",
            "Shares of levels 3, 2 and 1 were not found: they lie between those fitted.",
            "Acute tolerance is borrowed from dissociation and assumed here, as is the spread.",
            "What placebo does is not in the curve; a tenth below 5 with it is assumed, not read.",
            "Esketamine into a vein: not predicted. No levels were found, and for dissociation what"
            " patients feel at a concentration differs three times between spray and infusion.",
            "Whether sedation wanes over sessions is not in it: no number was found to fit.",
            "Benzodiazepines, opioids and alcohol are not in it: no MOAA/S data with them.",
        ),
    ),
)
