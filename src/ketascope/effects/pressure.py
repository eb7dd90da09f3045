"""Blood pressure: rise of systolic and diastolic over the own level before the dose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect, too_fast
from ketascope.effects.opposed import drive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

AGE: Final = 46.0
"""Age (y) at which the age factor is 1: about the mean of the trials of the spray."""
ROUTES: Final = ("intranasal", "intravenous")
DRUGS: Final = ("ketamine", "esketamine")
TOO_HIGH: Final = 2000.0
"""Highest median level that is predicted, ng/mL of esketamine or what is as potent."""
MARKED: Final = {"systolic": 40.0, "diastolic": 25.0}
"""Rises (mmHg) that the label counts."""


def response(left: ArrayLike, ec50: ArrayLike) -> Values:
    """Return the part of the largest rise for what tolerance leaves: left / (ec50 + left).

    >>> response([0.0, 200.0], 200.0).tolist()
    [0.0, 0.5]
    """
    now = np.asarray(left, dtype=float)
    return np.asarray(now / (np.asarray(ec50, dtype=float) + now))


def age_factor(age: ArrayLike, slope: ArrayLike) -> Values:
    """Return the factor on the rise at an age (y); ``slope`` is of its logarithm, per year."""
    return np.asarray(np.exp(np.asarray(slope) * (np.asarray(age, dtype=float) - AGE)))


def equivalent(driving: Driving, theta: Theta) -> Values:
    """Return concentrations as esketamine that is as potent, ng/mL, shape (people, times)."""
    plasma = driving.concentrations[driving.drug]
    if driving.drug == "esketamine":
        # series of infusions differ, of whichever drug: none of esketamine was fitted
        sessions = range(len(driving.sessions))
        vein = [("esketamine", "intravenous") in driving.given_in(k) for k in sessions]
        now = np.asarray(vein)[driving.session_at]
        return np.where(now, np.asarray(theta["infusions"])[:, None], 1.0) * plasma
    worth = np.asarray(theta["racemate_potency"]) * np.asarray(theta["infusions"])
    return np.asarray(worth[:, None] * plasma)


def strength(driving: Driving, theta: Theta) -> Values:
    """Return the rise as a part of the largest rise of a middle person, shape (people, times)."""
    left = drive(
        driving.times, equivalent(driving, theta), theta["ke0"], theta["offset"], theta["ktol"]
    )
    part = theta["occasion_part"]
    person = np.sqrt(1 - part) * driving.normal("pressure:sensitivity")
    at = driving.session_at
    factor = np.empty((driving.people, len(driving.sessions)))
    for k in np.unique(at):
        own = np.sqrt(part) * driving.normal("pressure:occasion", int(k))
        factor[:, k] = np.exp(theta["sensitivity_sd"] * (person + own))
    age = age_factor(driving.covariates["age"].astype(float), theta["age_slope"])
    return np.asarray(response(left, theta["ec50"][:, None]) * age[:, None] * factor[:, at])


def systolic(driving: Driving, theta: Theta) -> Values:
    """Return rises of systolic pressure in mmHg, shape (people, times)."""
    return np.asarray(theta["highest_systolic"][:, None] * strength(driving, theta))


def diastolic(driving: Driving, theta: Theta) -> Values:
    """Return rises of diastolic pressure in mmHg, shape (people, times)."""
    return np.asarray(theta["highest_diastolic"][:, None] * strength(driving, theta))


def why_not(driving: Driving) -> str | None:
    """Return why pressure is not predicted, or None."""
    if driving.drug not in DRUGS:
        return f"no blood pressure after {driving.drug} was found"
    if any(dose.drug != driving.drug for dose in driving.doses):
        return "no blood pressure after several of these drugs together was found"
    if driving.drug not in driving.concentrations:
        return f"the model does not give {driving.drug}, which pressure was calibrated with"
    if driving.sampling == "arterial":
        return "it was calibrated with venous concentrations, the model gives arterial ones"
    others = [route for route in driving.routes if route not in ROUTES]
    if others:
        return f"no blood pressure after {others[0]} doses is in the calibration"
    if bool(np.any(np.asarray(driving.covariates["age"], dtype=float) < 18)):
        return "no blood pressure of people under 18 is in the calibration"
    return _too_high(driving) or too_fast(driving)


def _too_high(driving: Driving) -> str | None:
    from ketascope.effects.calibrated import calibration

    central = calibration("pressure").central()
    theta: Theta = {
        name: np.full(driving.people, central[name]) for name in ("racemate_potency", "infusions")
    }
    if float(np.median(equivalent(driving, theta).max(axis=1))) <= TOO_HIGH:
        return None
    return "concentrations lie above those of the calibration (2000 ng/mL of esketamine)"


_TEXT: Final = (
    "A calibration of this project. The rise follows the concentration that acute tolerance leaves,"
    " up to a highest one; fitted to means and shares of patients given the esketamine spray or"
    " placebo, to three series of infusions of racemate, and to one level in anaesthesia. Shown is"
    " what the drug adds on average to a person's readings; single readings scatter about it."
)
_SOURCES: Final = (
    "doherty_2020", "spravato_us_label", "yale_bp_2024", "zhou_2021", "riva_posse_2018",
    "langsjo_2005", "bakish_2014", "ebert_1997", "vankawala_2021",
)  # fmt: skip
_LIMITS: Final = (
    "Single readings scatter by about 5 (systolic) and 4 (diastolic) mmHg; a reading may lie above"
    " the curve by chance.",
    "The rise is taken as the same in every session: no number of it by session was fitted.",
    "That people with a higher pressure before the dose rise more is assumed, and counts in shares"
    " with high readings alone; curves are of rises, which have no level before.",
    "Hypertension: not in it. The series of infusions says that all with it had a surge, with no"
    " number; what it does to the level before the dose is not predicted.",
    "Age: odds of a surge rise by 1.04 a year in the series of infusions, turned into 1.5 % of the"
    " rise a year; more than 65 years were not fitted.",
    "Largest changes with the spray less those with placebo were 7.2 (systolic) and 3.8 mmHg in the"
    " trials under 65, where the fit has 8.2 and 5.6: the diastolic mean may be too high by about a"
    " half. In the one trial of people of 65 and more both were half of what is predicted or less.",
    "Three series of infusions differ fivefold in the mean rise (16, 7.4 and 3.3 mmHg; the dose of"
    " the first is assumed). Three hardly tell how far series differ: curves after racemate hold"
    " a factor of 7 either way on its strength at 5 to 95 %, which leans on an assumed prior. 15"
    " articles in a pool have a mean of 12.6 mmHg (10.4 to 14.8).",
    "Esketamine into a vein and racemate by spray: no rise was fitted; concentration carries it"
    " over, with the factor of another series.",
    "A push of racemate into a vein (under 5 min): not predicted. Infusions of 40 min were fitted,"
    " and the default model has no fast fall.",
    "How long it lasts was not fitted, and what is printed conflicts: about 4 h (US label), 1 to"
    " 2 h (EU), 1.5 h (the trials). It follows from concentration and assumed tolerance.",
    "Stimulants, monoamine oxidase inhibitors, benzodiazepines and antihypertensives: no numbers.",
)


def _effect(name: str, what: str, curve: object) -> Effect:
    cut = MARKED[what]
    return Effect(
        name=name,
        display=f"Rise of {what} pressure",
        unit="mmHg",
        kind="calibrated",
        text=_TEXT,
        sources=_SOURCES,
        curve=curve,  # type: ignore[arg-type]
        why_not=why_not,
        calibration="pressure",
        fitted_with=(("ketamine", "intravenous"), ("esketamine", "intranasal")),
        cuts=((f"rise of {cut:.0f} or more", cut),),
        limits=_LIMITS,
    )


EFFECTS: Final = (
    _effect("systolic_change", "systolic", systolic),
    _effect("diastolic_change", "diastolic", diastolic),
)
