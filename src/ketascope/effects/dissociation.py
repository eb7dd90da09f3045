"""Dissociation as the total of the CADSS (0 to 92) over time: a calibration of this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ketascope.effects.effect import Effect, too_fast
from ketascope.effects.opposed import drive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from ketascope.effects.effect import Driving, Theta

    Values = NDArray[np.float64]

HIGHEST: Final = 92.0
"""Highest total of 23 items of 0 to 4."""
TRIAL_CUT: Final = 4.5
"""A total above 4, of whole points, was called dissociation in the trials of the spray."""
MOST_BEFORE: Final = 4.0
"""Highest total before the drug; 30 of 32 volunteers had no more."""
MARKED_CUT: Final = 23.5
"""Highest of 90 totals rated with saline (Goldway 2025): none without the drug lay above it."""
SESSIONS_SEEN: Final = 26
"""Sessions over which waning was seen; later sessions are like the last of these."""
ROUTES: Final = ("intravenous", "intramuscular", "intranasal")
PATIENTS: Final = {"ketamine": "patients_racemate", "esketamine": "patients"}
"""Parameters of what patients feel of what volunteers feel: after infusions, after the spray."""
VOLUNTEERS: Final = (("ketamine", "intravenous"),)
FITTED: Final = (("ketamine", "intravenous"), ("esketamine", "intranasal"))
"""Drugs and routes of which scores of volunteers, and of patients, were fitted."""
TOO_HIGH: Final = 600.0
"""Highest median concentration, ng/mL of the racemate or what is as potent, that is predicted."""


def driver(driving: Driving) -> tuple[str, str] | None:
    """Return the analyte that drives and its drug, or None where the calibration has none."""
    for drug in ("ketamine", "esketamine"):
        if driving.drug == drug and drug in driving.concentrations:
            return drug, drug
    return None


def equivalent(driving: Driving, theta: Theta) -> Values:
    """Return concentrations as racemate that is as potent, ng/mL, shape (people, times)."""
    plasma = driving.concentrations[driving.drug]
    if driving.drug == "ketamine":
        return plasma
    return np.asarray(theta["esketamine_potency"])[:, None] * plasma


def baseline(z: ArrayLike, spread: ArrayLike, share_zero: ArrayLike) -> Values:
    """Return totals before the drug: nought for a share of people, never above 4.

    Parameters
    ----------
    z : array_like
        Standard normal.
    spread : array_like
        SD of the normal that is cut off at nought.
    share_zero : array_like
        Share of people at nought.
    """
    from scipy.special import ndtri

    level = np.asarray(spread) * (np.asarray(z, dtype=float) - ndtri(share_zero))
    return np.asarray(np.clip(level, 0.0, MOST_BEFORE))


def score(base: ArrayLike, strength: ArrayLike) -> Values:
    """Return the total for a strength of the drug: of the room up to 92, strength/(1 + strength).

    >>> score(2.0, 0.0), score(2.0, 1.0)
    (array(2.), array(47.))
    """
    start, x = np.asarray(base, dtype=float), np.asarray(strength, dtype=float)
    return np.asarray(start + (HIGHEST - start) * x / (1.0 + x))


def waned(waning: ArrayLike, session: ArrayLike) -> Values:
    """Return the factor on strength in a session, counted from 0; not after a break for longer."""
    return np.asarray(np.exp(-np.asarray(waning) * np.minimum(session, SESSIONS_SEEN)))


def strength_of(driving: Driving, theta: Theta) -> Values:
    """Return the strength of the drug over time, shape (people, times)."""
    offset = theta["offset"] * np.exp(theta["offset_sd"] * driving.normal("cadss:offset"))
    left = drive(
        driving.times, equivalent(driving, theta), theta["ke0"], offset, theta["ktol"]
    )  # fmt: skip
    person = np.sqrt(1 - theta["occasion_part"]) * driving.normal("cadss:sensitivity")
    at = driving.session_at
    noise = np.asarray(theta["rating_sd"]) * (driving.settings.get("rated") == 1)
    factor = np.empty((driving.people, len(driving.sessions)))
    for k in np.unique(at):
        own = person + np.sqrt(theta["occasion_part"]) * driving.normal("cadss:occasion", int(k))
        who = _who(driving, theta, int(k))
        factor[:, k] = who * np.exp(theta["sensitivity_sd"] * own) * waned(theta["waning"], k)
        # a rating has the strength in the mean
        rating = noise * driving.normal("cadss:rating", int(k)) - noise**2 / 2
        factor[:, k] *= np.exp(rating)
    return np.asarray(left / theta["half"][:, None] * factor[:, at])


def _who(driving: Driving, theta: Theta, session: int) -> Values:
    """Return strength over that of volunteers after racemate by vein in a session, shape (people,).

    Where no score was fitted, what the factor of the spray's patients below that of patients of
    infusions is of (drug, route or rating) is open: the middle, with an SD that holds both ends.
    """
    infused, sprayed = (np.asarray(theta[PATIENTS[drug]]) for drug in ("ketamine", "esketamine"))
    healthy = driving.settings.get("healthy") == 1
    given = driving.given_in(session)
    if given <= set(VOLUNTEERS if healthy else FITTED):
        return np.ones_like(infused) if healthy else np.asarray(theta[PATIENTS[driving.drug]])
    middle = np.sqrt(sprayed / infused) * np.asarray(theta["carried_over"])
    return np.asarray(middle if healthy else middle * infused)


def cadss(driving: Driving, theta: Theta) -> Values:
    """Return totals of the CADSS, shape (people, times)."""
    before = baseline(
        driving.normal("cadss:baseline"), theta["baseline_sd"], theta["baseline_zero"]
    )  # fmt: skip
    return score(before[:, None], strength_of(driving, theta))


def why_not(driving: Driving) -> str | None:
    """Return why dissociation is not predicted, or None."""
    if driving.drug == "arketamine":
        return "no scores of dissociation after arketamine were found"
    if driver(driving) is None:
        return f"the model does not give {driving.drug}, which dissociation was calibrated with"
    if driving.sampling == "arterial":
        return "it was calibrated with venous concentrations, the model gives arterial ones"
    others = [route for route in driving.routes if route not in ROUTES]
    if others:
        return f"no scores of dissociation after {others[0]} doses are in the calibration"
    if bool(np.any(np.asarray(driving.covariates["age"], dtype=float) < 18)):
        return "no scores of dissociation of people under 18 were found"
    return _too_high(driving) or too_fast(driving)


def _too_high(driving: Driving) -> str | None:
    from ketascope.effects.calibrated import calibration
    from ketascope.effects.site import effect_site

    central = calibration("dissociation").central()
    theta: Mapping[str, Values] = {
        "esketamine_potency": np.full(driving.people, central["esketamine_potency"])
    }
    site = effect_site(driving.times, equivalent(driving, theta), central["ke0"])
    if float(np.median(site.max(axis=1))) <= TOO_HIGH:
        return None
    return (
        "concentrations lie far above those of the calibration (about 250 ng/mL of racemate), where"
        " people lose consciousness rather than rate dissociation"
    )


EFFECTS: Final = (
    Effect(
        name="cadss",
        display="Dissociation (CADSS total)",
        unit="1",
        kind="calibrated",
        text=(
            "A calibration of this project. The total (0 to 92) is linear in the concentration that"
            " acute tolerance leaves, up to a ceiling; fitted to 33 healthy volunteers and 110"
            " patients given racemate into a vein and to shares of patients given the esketamine"
            " spray. Patients are shown; potency of esketamine and rate of tolerance are assumed."
            " Shown is a person's level, about which single ratings scatter; gone is 4 or less, or"
            " within a point of the own total before. Of the same volunteers 30 % rated above 4"
            " after saline in their first session; none of 90 ratings with saline lay above 23."
        ),
        sources=(
            "goldway_2025", "van_schalkwyk_2018", "spravato_us_label", "jnj_dissociation",
            "glue_2018", "bowdle_1998", "olofsen_2012", "ebert_1997", "gitlin_2020",
            "williamson_2023",
        ),
        curve=cadss,
        why_not=why_not,
        calibration="dissociation",
        fitted_with=FITTED,
        healthy_with=VOLUNTEERS,
        cuts=(("above 4", TRIAL_CUT), ("above 23", MARKED_CUT)),
        resolved=TRIAL_CUT,
        within_start=1.0,
        limits=(
            "People of 65 and more: no score was fitted by itself, though the ranges of the spray"
            " may hold an arm of theirs; age is taken to change nothing but the concentration.",
            "The level before the drug is taken as at most 4, which 30 of 32 volunteers had.",
            "Potency of esketamine (1.65) is assumed from binding and cannot be told from the"
            " factor of patients; the rate of acute tolerance is assumed.",
            "What placebo does is not in the curve: 5 to 16 % of patients were above 4 with it"
            " (in more trials than those of the shares with the spray).",
            "A single rating scatters about the level: rated=1 shows ratings.",
            "No score after a dose into a muscle, of racemate by spray, of esketamine into a vein"
            " or of volunteers after the spray was found: there the concentration carries it over,"
            " in a band that holds the factors of both kinds of patients.",
            "Waning over sessions rests on one small open study and is not known after a break.",
            "Patients rate lower than volunteers, after the spray more so than after an infusion:"
            " each has its own factor; healthy=1 shows volunteers.",
            "No cut of the score tells well who reports dissociation (Williamson 2023).",
            "Benzodiazepines: not in it. In 15 volunteers recovering from 2 mg/kg, midazolam"
            " lowered the score by 10.3 (3.4 to 17.1) points (Gitlin 2020).",
        ),
    ),
)  # fmt: skip
