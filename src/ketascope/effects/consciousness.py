"""Consciousness: sedation, arousal and recall of children, recovery and anaesthesia of adults.

The model of Herd 2008 is the one published curve of sedation with its delay, steepness and spread.
For adults a mean concentration at recovery and one of anaesthesia are printed with their spread
between people; each person is given one, and the curve is how many times it is reached.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect
from ketascope.effects.relation import at_site, why_not_age, why_not_driven
from ketascope.evidence.markers import marker

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

AWAKE: Final = 5.0
"""Level of a child that is awake without a stimulus; nought is unresponsive."""
ROUSES: Final = 4.0
"""Level of a child that is drowsy and easily roused by voice."""
SITES: Final = ("not stated", "venous")
"""The relations do not say where blood was drawn; arterial levels are not put in their place."""
_OF_CHILDREN: Final = ("herd_2008",)
_SITE: Final = (
    "Where blood was drawn is not stated; venous levels and levels of no stated site serve."
)


def log_sd(cv: float) -> float:
    """Return the standard deviation of the logarithm of a log-normal number from its CV."""
    return math.sqrt(math.log1p(cv**2))


def level_of(site: Values, ec50: Values | float, emax: Values | float) -> Values:
    """Return the level of sedation, 5 awake to 0 unresponsive, of a concentration at the site.

    Parameters
    ----------
    site : ndarray
        Racemic ketamine, mg/L.
    ec50 : ndarray or float
        mg/L; shaped to broadcast with ``site``.
    emax : ndarray or float
        Part of the baseline that is lost at most.

    Examples
    --------
    >>> float(level_of(np.array(0.56), 0.56, 0.939))
    2.6525
    """
    hill = marker("herd_sedation_hill").number
    ratio = np.asarray(site / ec50) ** hill
    return np.asarray(AWAKE * (1.0 - emax * ratio / (1.0 + ratio)))


def _site(driving: Driving) -> Values:
    """Racemic ketamine at the effect site of children, mg/L."""
    return at_site(driving, "ketamine", marker("herd_delay").to("h")) / 1000.0


def _sedation(driving: Driving, theta: Theta) -> Values:
    half, most = marker("herd_sedation_ec50"), marker("herd_sedation_emax")
    own = half.number * np.exp(log_sd(half.relative_sd) * driving.normal("child_sedation:ec50"))
    top = most.number * np.exp(log_sd(most.relative_sd) * driving.normal("child_sedation:emax"))
    # a fraction: the printed spread would carry some above one
    return level_of(_site(driving), own[:, None], np.minimum(top, 1.0)[:, None])


def _over(name: str) -> Effect:
    """How many times the concentration is reached at which half of the children do something."""
    half = marker(f"herd_{name}_ec50")
    words = {"arousal": "are aroused", "recall": "recall"}[name]

    def curve(driving: Driving, theta: Theta) -> Values:
        return _site(driving) / half.number

    return Effect(
        name=f"child_{name}",
        display=f"Child, in {name} levels",
        unit="1",
        kind="published",
        text=(
            f"Racemic ketamine at the effect site over {half.number:g} mg/L, at which half of 43 "
            f"children {words} (Herd 2008)."
        ),
        sources=_OF_CHILDREN,
        curve=curve,
        why_not=_why_not_child,
        cuts=((f"fewer than half {words}", 1.0),),
        limits=(
            f"The half is known within {half.low:g} to {half.high:g} mg/L ({half.span}), which "
            "the band does not hold.",
            "The slope of the logistic curve was not printed, so no chance is given.",
            _SITE,
        ),
    )


def _why_not_child(driving: Driving) -> str | None:
    return why_not_age(driving, 1, 14, "children") or why_not_driven(
        driving, "ketamine", ("ketamine",), sites=SITES
    )


def own_threshold(driving: Driving, name: str) -> Values:
    """Return a concentration (ng/mL) for each person, log-normal with the printed mean and SD."""
    known = marker(name)
    spread = log_sd(known.relative_sd)
    middle = known.to("ng/mL") / math.exp(spread**2 / 2)
    return np.asarray(middle * np.exp(spread * driving.normal(f"threshold:{name}")))


def _adult(name: str, display: str, cut: str, what: str) -> Effect:
    stored = {"unresponsive": "adult_recovery", "anaesthesia": "adult_anaesthesia"}[name]
    known = marker(stored)

    def curve(driving: Driving, theta: Theta) -> Values:
        return np.asarray(
            driving.concentrations["ketamine"] / own_threshold(driving, stored)[:, None]
        )

    return Effect(
        name=name,
        display=display,
        unit="1",
        # a site that is not stated cannot be the one of the estimation; the shape is assumed
        kind="calibrated",
        text=(
            "Calibration of this project, of two published numbers: racemic ketamine over a "
            f"person's own concentration {what}, {known.number:g} "
            f"(SD {known.sd:g}) mg/L among adults, as quoted by Herd 2008."
        ),
        sources=_OF_CHILDREN,
        curve=curve,
        why_not=_why_not_adult,
        cuts=((cut, 1.0),),
        resolved=1.0,
        limits=(
            "Log-normal between people is an assumption; mean and SD are printed.",
            "No delay behind the concentration: none is printed for adults.",
            "Right after a bolus the number has no meaning: blood is not mixed yet.",
            "After a bolus it hangs on the fast fall of the first minutes, which the model "
            "clements_1981 leaves out and domino_1984 has.",
            _SITE,
            "Ketamine alone: medicines that sedate lower it by an amount that is not known.",
        ),
    )


def _why_not_adult(driving: Driving) -> str | None:
    return why_not_age(driving, 18, 120, "adults") or why_not_driven(
        driving, "ketamine", ("ketamine",), sites=SITES
    )


EFFECTS: tuple[Effect, ...] = (
    _adult(
        "unresponsive",
        "Ketamine, in own recovery levels",
        "not yet recovered",
        "at recovery of consciousness",
    ),
    _adult(
        "anaesthesia",
        "Ketamine, in own anaesthesia levels",
        "above it",
        "of anaesthesia",
    ),
    Effect(
        name="child_sedation",
        display="Child, sedation (5 is awake)",
        unit="1",
        kind="published",
        text=(
            "5 (1 - 0.939 C^3.71 / (0.56^3.71 + C^3.71)), C in mg/L of racemic ketamine at an "
            "effect site with a half-life of 11 s; CV between children 136 % for the 0.56 mg/L "
            "and 24 % for the 0.939 (Herd 2008, 43 children)."
        ),
        sources=_OF_CHILDREN,
        curve=_sedation,
        why_not=_why_not_child,
        cuts=(("below 2, hard to rouse", 2.0),),
        resolved=ROUSES,
        extreme="lowest",
        limits=(
            "The printed CV is read as that of the numbers themselves; were it the SD of their "
            "logarithm, as software prints it, children would differ more (1.36 instead of 1.02).",
            "Log-normal between children is an assumption; a greatest effect above 1 counts as 1.",
            "After 1 to 1.5 mg/kg into a vein; no delay by another route was looked at.",
            _SITE,
        ),
    ),
    _over("arousal"),
    _over("recall"),
)
"""Effects on consciousness that are worked out as curves."""
