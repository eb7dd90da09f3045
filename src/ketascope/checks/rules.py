"""The rules by which a simulated number passes or fails: one for each kind of quantity.

They were stated with the first comparison and have not been changed to suit a result. They hold for
every row of their kind, and do not look at which model, study or route a row is of.

Two-fold is the customary bound for predicted exposure. A printed interval is not the rule, because
intervals differ in kind (a confidence interval of a mean shrinks with the size of the study, a
range grows with it): whether the simulated number lies inside it stands in a column of its own.
A number that the model was made from, or that its own publication prints, must be met more
closely, within 1.25-fold: it shows whether the model was rebuilt, not whether it predicts.

An effect is judged by a distance, because a fold has no meaning where a change may be nought or
below it. A score or its change must come within 5 % of the range of its scale (3 points of MADRS:
arms of like trials differ by as much), blood pressure within 5 mmHg (what a cuff is good for), a
share or relative change within 0.10, lane keeping within 1 cm, a standardised difference within
0.3; ratios, times and areas within 1.5-fold, the concentration of an effect within 2-fold.

>>> rule_for("change", effect="madrs", scale="MADRS").passes(-18.0, -15.5)
True
>>> rule_for("cmax").passes(100.0, 180.0), rule_for("cmax").passes(100.0, 210.0)
(True, False)
>>> rule_for("cmax").passes(100.0, 130.0, own=True)
False
>>> rule_for("tmax").passes(5 / 60, 15 / 60), rule_for("tmax").passes(1.0, 2.5)
(True, False)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

FOLD: Final = 2.0
"""Largest ratio, either way, of simulated to published."""
SLACK_HOURS: Final = 0.25
"""A time of a peak may be off by this much whatever its ratio: samples are seldom nearer."""
OWN_FOLD: Final = 1.25
"""Largest ratio, either way, for what a model was made from or its own publication prints."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, what it says, and the bounds it sets.

    Parameters
    ----------
    name : str
    covers : str
        The quantities, in words.
    fold : float
        Largest ratio either way for a check.
    slack_hours : float
        Hours by which a time may be off whatever the ratio.
    margin : float or None
        Largest distance, in the published unit, instead of a ratio; half of it for own numbers.
    """

    name: str
    covers: str
    fold: float = FOLD
    slack_hours: float = 0.0
    margin: float | None = None

    @property
    def text(self) -> str:
        """What it says, in words."""
        if self.margin is not None:
            return (
                f"{self.covers}: within {self.margin:g}; within {self.margin / 2:g} where the "
                "number is the model's own"
            )
        slack = f", or within {60 * self.slack_hours:g} min" if self.slack_hours else ""
        return (
            f"{self.covers}: within {self.fold:g}-fold{slack}; within "
            f"{min(self.fold, OWN_FOLD):g}-fold{slack} where the number is the model's own"
        )

    def passes(self, published: float, simulated: float, *, own: bool = False) -> bool:
        """Return whether a simulated number is near enough to a published one.

        Parameters
        ----------
        published, simulated : float
            In the same unit; times in h.
        own : bool
            Whether the model was made from the number or its own publication prints it.
        """
        if not math.isfinite(simulated):
            return False
        if self.margin is not None:
            return abs(simulated - published) <= (self.margin / 2 if own else self.margin)
        if abs(simulated - published) <= self.slack_hours:
            return True
        if published * simulated <= 0:
            return published == simulated
        fold = min(self.fold, OWN_FOLD) if own else self.fold
        return 1 / fold <= simulated / published <= fold


EXPOSURE = Rule(
    "exposure", "concentrations, areas, clearances, volumes, half-lives, metabolite ratios"
)
TIME = Rule("time", "times of a peak", slack_hours=SLACK_HOURS)
CHANGE = Rule("change", "exposure with a medicine over that without it", fold=1.5)
SHARE = Rule("share", "bioavailability, occupancy, block")
KINETICS = Rule("receptor", "potencies, their ratios and shifts, time constants of block")
PRESSURE = Rule("pressure", "changes of blood pressure (mmHg) and pulse (1/min)", margin=5.0)
FRACTION = Rule("fraction", "shares of people, relative changes", margin=0.10)
LANE = Rule("lane", "changes of lane keeping (cm)", margin=1.0)
BREATH = Rule("breath", "changes of ventilation (L/min)", margin=1.0)
EFFECT_RATIO = Rule("effect ratio", "hazard ratios, times and areas of an effect", fold=1.5)
THRESHOLD = Rule("threshold", "concentrations at which an effect is found")
STANDARDISED = Rule("standardised", "differences in standard deviations", margin=0.3)
SCALE_RANGE: Final[dict[str, float]] = {
    "CADSS": 92,
    "CAPS-5": 80,
    "MADRS": 60,
}
"""Width of each scale of an effect, in its points."""
SCALE_SHARE: Final = 0.05
"""Part of the width of a scale by which a score may be off."""
SCORE = Rule(
    "score", "scores and their changes, in parts of the width of the scale", margin=SCALE_SHARE
)
_BY_EFFECT: Final[dict[str, Rule]] = {
    "depersonalisation": STANDARDISED,
    "diastolic_change": PRESSURE,
    "driving_sdlp_change": LANE,
    "mean_pressure_change": FRACTION,
    "pulse_change": PRESSURE,
    "systolic_change": PRESSURE,
    "ventilation_change": BREATH,
}

_BY_QUANTITY: Final[dict[str, Rule]] = {
    "tmax": TIME,
    "bioavailability": SHARE,
    "proportion": SHARE,
    "occupancy": SHARE,
    "block": SHARE,
    "auc_ratio": CHANGE,
    "cmax_ratio": CHANGE,
    "half_life_ratio": CHANGE,
}
RULES: Final = (
    EXPOSURE,
    TIME,
    CHANGE,
    SHARE,
    KINETICS,
    SCORE,
    PRESSURE,
    FRACTION,
    LANE,
    BREATH,
    EFFECT_RATIO,
    THRESHOLD,
    STANDARDISED,
)
_EXPOSURE: Final = (
    "auc",
    "clearance",
    "clearance_per_weight",
    "cmax",
    "concentration",
    "half_life",
    "ratio",
    "volume",
    "volume_per_weight",
)


def rule_for(
    quantity: str, *, receptor: bool = False, effect: str | None = None, scale: str | None = None
) -> Rule:
    """Return the rule of a quantity; of an effect, by its kind and scale.

    Raises
    ------
    KeyError
        If no rule was stated for it.
    """
    if effect is not None:
        return _rule_of_effect(quantity, effect, scale)
    if quantity in _BY_QUANTITY:
        return _BY_QUANTITY[quantity]
    if receptor:
        return KINETICS
    if quantity in _EXPOSURE:
        return EXPOSURE
    raise KeyError(quantity)


def _rule_of_effect(quantity: str, effect: str, scale: str | None) -> Rule:
    if quantity in ("auc", "half_life", "ratio", "time"):
        return EFFECT_RATIO
    if quantity == "threshold":
        return THRESHOLD
    if effect in _BY_EFFECT:
        return _BY_EFFECT[effect]
    if scale is not None:
        return Rule("score", f"scores of {scale}", margin=SCALE_SHARE * SCALE_RANGE[scale])
    if quantity in ("proportion", "change"):
        return FRACTION
    raise KeyError(quantity)
