"""What published relations of concentration and effect share: when they hold, what they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.effects.site import effect_site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ketascope.effects.effect import Driving

    Values = NDArray[np.float64]

WORDS = {
    "ketamine": "racemic ketamine",
    "esketamine": "S-ketamine",
    "esnorketamine": "S-norketamine",
}
"""How an analyte of a relation is called in a reason."""


def why_not_driven(
    driving: Driving, drug: str, analytes: Iterable[str], *, sites: Iterable[str]
) -> str | None:
    """Return why a relation does not hold for drug, analytes and sampling site; None if it does.

    Parameters
    ----------
    driving : Driving
    drug : str
        The drug with which the relation was found.
    analytes : iterable of str
        What it follows.
    sites : iterable of str
        Sampling sites with which it may be used, the one of its estimation first.
    """
    names = " and ".join(WORDS[a] for a in analytes)
    if any(dose.drug != drug for dose in driving.doses):
        return f"the relation was found with {WORDS[drug]} given alone"
    if any(a not in driving.concentrations for a in analytes):
        return f"the relation follows {names}, which this model does not give"
    listed = tuple(sites)
    if driving.sampling not in listed and listed[0] == "not stated":
        return (
            f"where blood was drawn is not stated for the relation, and the {driving.sampling} "
            "concentrations of this model are far from venous ones in the first minutes"
        )
    if driving.sampling not in listed:
        return (
            f"the relation follows {listed[0]} concentrations of {names}, and those of this model "
            f"are {driving.sampling.replace('not stated', 'of a site that is not stated')}"
        )
    return None


def why_not_age(driving: Driving, low: float, high: float, who: str) -> str | None:
    """Return why a relation does not hold for the ages; None if all lie from low to high."""
    ages = np.asarray(driving.covariates["age"], dtype=float)
    if bool(((ages >= low) & (ages <= high)).all()):
        return None
    return f"the relation was found in {who}"


def why_not_beyond(driving: Driving, analyte: str, highest: float, seen: str) -> str | None:
    """Return why concentrations lie too far above those of a study; None if they do not.

    They do where the peak of the median person is more than one and a half times ``highest``
    (ng/mL).
    """
    peak = float(np.median(driving.concentrations[analyte].max(axis=1)))
    if peak <= 1.5 * highest:
        return None
    return (
        f"the relation was seen {seen}, and here half of people reach {peak:.0f} ng/mL "
        f"of {WORDS[analyte]} or more"
    )


def between(driving: Driving, stream: str, low: float, high: float) -> Values:
    """Return a number for each person, even between low and high; the middle if people are alike.

    For what is printed as a range only: it is put into the band, not into a person's nature.
    """
    from scipy.special import ndtr

    return np.asarray(low + (high - low) * ndtr(driving.normal(stream)))


def at_site(driving: Driving, analyte: str, half_life: Values | float) -> Values:
    """Return concentrations (ng/mL) at the effect site, shape (people, times).

    Parameters
    ----------
    driving : Driving
    analyte : str
    half_life : float or ndarray, shape (people,)
        Of equilibration, h; nought for none.
    """
    wait = np.broadcast_to(np.asarray(half_life, dtype=float), (driving.people,))
    with np.errstate(divide="ignore"):
        rate = np.log(2.0) / wait
    return effect_site(driving.times, driving.concentrations[analyte], rate)
