"""Shares of people with a reaction in a trial that no fit has seen, from those that were pooled.

The band holds what the pooling does not know, how far trials are apart, and the chance of a trial
of that size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ketascope.checks.effects import Prediction
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ketascope.effects.calibrated import Calibration
    from ketascope.evidence.published import PublishedValue

NAME: Final = "reactions"
QUANTILES: Final = (0.05, 0.95)
STEPS: Final = 1000
"""Points of the distribution of a trial's own share."""
TRIALS: Final = 50
"""Trials of each row of the sample, at evenly spaced points of their distribution."""
NOT_POOLED: Final = (
    "not both of the trials that were pooled (TRANSFORM-1, SUSTAIN-1) print this reaction; each "
    "prints what 5 % or more of an arm had"
)


def predict_reaction(value: PublishedValue) -> Prediction:
    """Return the share of people with a reaction that a new trial of nasal esketamine would have.

    Parameters
    ----------
    value : PublishedValue
        A share of people, drug or placebo, of a trial with a nasal spray.

    Returns
    -------
    Prediction
        The centre is the share of a middle trial; the band 5 to 95 % of new trials of that size.

    Raises
    ------
    Unsupported
        For another drug or route, a share of sessions, grouped terms, or a reaction that was not
        pooled.
    """
    import numpy as np

    from ketascope.effects.calibrated import calibration

    arm = _arm(value)
    fitted = calibration(NAME)
    known = {p.name for p in fitted.parameters}
    name = f"{arm}_{value.effect}"
    if name not in known:
        raise Unsupported(NOT_POOLED)
    shares = trial_shares(fitted, arm, name)
    n = value.conditions.n
    low, high = (
        (float(q) for q in np.quantile(shares, QUANTILES)) if n is None else _counted(shares, n)
    )
    note = "pooled over TRANSFORM-1 and SUSTAIN-1, 56 and 84 mg together"
    if n is None:
        note += "; the size of the arm is not known, so chance is not in the band"
    return Prediction(fitted.central()[name], low, high, "calibration: reactions", note)


def trial_shares(fitted: Calibration, arm: str, name: str) -> NDArray[np.float64]:
    """Shares of new trials at evenly spaced points of their distribution, shape (STEPS,).

    Each row of the sample of the calibration has a mean and a standard deviation between trials; a
    trial is normal on the logit given both.
    """
    import numpy as np
    from scipy.special import expit, logit, ndtri

    rows = fitted.sampled()
    far = ndtri((np.arange(TRIALS) + 0.5) / TRIALS)
    logits: Any = logit(rows[name])[:, None] + rows[f"between_{arm}"][:, None] * far
    levels = (np.arange(STEPS) + 0.5) / STEPS
    return np.asarray(expit(np.quantile(logits, levels)), dtype=float)


def _counted(shares: NDArray[np.float64], n: int) -> tuple[float, float]:
    """Ends of the band of a share of ``n`` people, each with the trial's own chance."""
    import numpy as np
    from scipy.stats import binom

    counts = np.arange(n + 1)
    below = binom.cdf(counts[:, None], n, shares[None, :]).mean(axis=1)
    low, high = (int(np.searchsorted(below, level)) for level in QUANTILES)
    # published shares are held with four decimals: an end that is met must not lie beside one
    return math.floor(1e4 * low / n) / 1e4, math.ceil(1e4 * high / n) / 1e4


def _arm(value: PublishedValue) -> str:
    """Which arm of the calibration answers; Unsupported with the reason where none does."""
    words = value.conditions.regimen
    if value.quantity != "proportion" or value.taken != "at any time":
        raise Unsupported("the calibration is of people with a reaction at any time")
    if "sessions" in words:
        raise Unsupported("a share of sessions; the calibration is of people over a course")
    if value.cut is not None:
        raise Unsupported(f"counted {value.cut}; the calibration is of single terms")
    if value.role == "placebo" and "nasal spray" in words:
        return "control"
    if value.role == "drug" and "esketamine" in words and "intranasal" in words:
        return "drug"
    raise Unsupported("the calibration is of nasal esketamine and of placebo spray alone")
