"""Pool shares of people with common reactions over the trials that may be fitted to.

Run from the root of the repository: ``python calibration/reactions.py``. It reads counts from
``src/ketascope/evidence/data/published/effects/adverse_events.yaml`` (TRANSFORM-1 and SUSTAIN-1,
single terms) and writes ``src/ketascope/effects/data/reactions.yaml``.

Model
    The logit of a reaction's share in a trial is normal around its mean, with one standard
    deviation between trials for all reactions of the drug arms and one for the control arms; counts
    are binomial. The two doses of TRANSFORM-1 are one trial and are put together.
Fit
    The standard deviation by its likelihood with the means integrated out, over a grid, flat from 0
    to 2 (flat in its logarithm would let the lower end of the grid decide: two trials cannot rule
    out that they differ by nothing); its estimate is the mean. The means by theirs, with the
    standard deviation at its estimate. Half a person with a reaction and half a person without are
    added to each trial, so that no count of 0 sends a mean to nothing; means are else flat on the
    logit, so that nothing draws a reaction of one trial away from what that trial printed. Two
    trials say little of how far trials are apart, so a prediction uses t with as many degrees of
    freedom as reactions that both trials print.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from fitting import short, write
from scipy.special import expit, gammaln, logsumexp

from ketascope.effects.shares import count_of
from ketascope.evidence.published import PublishedValue
from ketascope.evidence.reactions import shares_of

ARMS: dict[str, dict[str, tuple[str, ...]]] = {
    "drug": {
        "transform_1": ("transform_1_esk56", "transform_1_esk84"),
        "sustain_1": ("sustain_1_esketamine",),
    },
    "control": {"transform_1": ("transform_1_placebo",), "sustain_1": ("sustain_1_placebo",)},
}
REACTIONS = (
    "dissociation", "dizziness", "nausea", "vertigo", "sedation", "vomiting", "headache",
    "dysgeusia", "anxiety", "somnolence", "blurred_vision", "paraesthesia", "hypoaesthesia",
)  # fmt: skip
MEANS = np.linspace(-9.0, 3.0, 601)
SPREADS = np.linspace(0.0125, 2.0, 160)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
HALF = 0.5
"""People with, and people without, who are added to each trial."""
Counts = dict[str, dict[str, tuple[int, int]]]


def counts(arms: Mapping[str, tuple[str, ...]]) -> tuple[Counts, list[PublishedValue]]:
    """People with each reaction and in all, by reaction and trial, and the values behind them."""
    found: Counts = {}
    used = []
    for trial, names in arms.items():
        for name in names:
            for value in shares_of(f"adverse_events.{name}"):
                reaction = str(value.effect)
                n = value.conditions.n
                count = count_of(value.value, n)
                if reaction not in REACTIONS or count is None or n is None:
                    continue
                if value.used_for != "fit":
                    raise SystemExit(f"{value.id} is kept as a check")
                before = found.setdefault(reaction, {}).get(trial, (0, 0))
                found[reaction][trial] = (before[0] + count, before[1] + n)
                used.append(value)
    return found, used


def log_likelihood(count: float, n: float, spread: float) -> np.ndarray:
    """Of one trial over MEANS, its own logit integrated out, shape (means,)."""
    share = expit(MEANS[:, None] + spread * NODES[None, :])
    const = gammaln(n + 1) - gammaln(count + 1) - gammaln(n - count + 1)
    terms = const + count * np.log(share) + (n - count) * np.log1p(-share)
    return np.asarray(logsumexp(terms + np.log(WEIGHTS), axis=1))


def profile(found: Counts, spread: float) -> dict[str, np.ndarray]:
    """Log likelihood of each reaction's mean over MEANS, at one spread between trials."""
    return {
        reaction: np.sum(
            [log_likelihood(c + HALF, n + 2 * HALF, spread) for c, n in trials.values()], axis=0
        )
        for reaction, trials in found.items()
    }


def fit(found: Counts) -> dict[str, Any]:
    """Return the spread between trials with its error, and each reaction's mean with its own."""
    both = {r: t for r, t in found.items() if len(t) == 2}
    total = np.array(
        [sum(float(logsumexp(row)) for row in profile(both, s).values()) for s in SPREADS]
    )
    weight = np.exp(total - logsumexp(total))
    spread = float(weight @ SPREADS)
    se = float(np.sqrt(weight @ (SPREADS - spread) ** 2)) / spread
    means = {}
    for reaction, row in profile(found, spread).items():
        w = np.exp(row - logsumexp(row))
        at = float(w @ MEANS)
        means[reaction] = (at, float(np.sqrt(w @ (MEANS - at) ** 2)))
    return {"spread": spread, "spread_se": se, "means": means, "both": len(both)}


def points(
    arm: str, found: Counts, used: list[PublishedValue], fitted: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each published share beside the pooled one, with the error that the model gives it."""
    rows = []
    for value in used:
        at, _ = fitted["means"][str(value.effect)]
        n = value.conditions.n or 1
        share = float(expit(at))
        # on the logit: between trials, and binomial of the pooled share in this arm
        error = float(np.sqrt(fitted["spread"] ** 2 + 1 / (n * share * (1 - share))))
        seen = (value.value * n + 0.5) / (n + 1)
        z = (at - np.log(seen / (1 - seen))) / error
        rows.append({
            "id": value.id, "published": value.value, "fitted": short(share, 4), "unit": "1",
            "error": short(error, 4), "z": short(float(z), 3),
        })  # fmt: skip
    return rows


def document() -> dict[str, Any]:
    """Return the calibration as its file holds it."""
    parameters, variances, rows = [], [], []
    held = []
    for arm, arms in ARMS.items():
        found, used = counts(arms)
        fitted = fit(found)
        parameters.append({
            "name": f"between_{arm}", "value": short(fitted["spread"]), "unit": "1",
            "scale": "log", "se": short(fitted["spread_se"]),
            "meaning": f"standard deviation of a logit between trials, all reactions, {arm} arms",
        })  # fmt: skip
        variances.append(fitted["spread_se"] ** 2)
        for reaction, (at, se) in fitted["means"].items():
            parameters.append({
                "name": f"{arm}_{reaction}", "value": short(float(expit(at))), "unit": "1",
                "scale": "logit", "se": short(se),
                "meaning": f"share with {reaction.replace('_', ' ')} at least once, {arm} arm of "
                "a middle trial",
            })  # fmt: skip
            variances.append(se**2)
        held.append({
            "name": f"freedom_{arm}", "value": float(fitted["both"]), "unit": "1",
            "meaning": "degrees of freedom of a prediction",
            "held": "number of reactions that both trials print",
        })  # fmt: skip
        rows += points(arm, found, used, fitted)
    return {
        "name": "reactions",
        "title": "Common reactions to nasal esketamine, pooled over trials",
        "script": "calibration/reactions.py",
        "method": (__doc__ or "").partition("Model\n")[2].replace("\n", " ").strip(),
        "parameters": parameters + held,
        "covariance": [
            [short(float(v), 6) if i == k else 0.0 for k in range(len(variances))]
            for i, v in enumerate(variances)
        ],
        "points": rows,
        "studies": ["transform_1", "sustain_1"],
        "limits": [
            "Two trials, one of 4 weeks and one of people who had borne it for 16: how far trials "
            "differ is poorly known, and so the bands are wide.",
            "The degrees of freedom take reactions as independent; what sets one trial apart from "
            "the other (its length, who took part) is the same for all of them, so that the bands "
            "are the least that can be said.",
            "People of SUSTAIN-1 came in part from TRANSFORM-1; the two are taken as apart, so "
            "that trials may differ by more than is said. The spread of the control arms ends at 2 "
            "on its scale: with an end at 4 it would be 1.24 instead of 1.10.",
            "56 and 84 mg together; no dose is told from the other.",
            "Single terms as the trials report them; the label groups terms and gives larger "
            "shares.",
            "Nasal esketamine in depression; nothing is said of another drug or route.",
            "The errors of the means and of the spread are taken as independent.",
        ],
        "sources": ["fedgchin_2019", "daly_2019"],
    }


if __name__ == "__main__":
    content = document()
    print(write(content))
    for row in content["parameters"]:
        print(row["name"], row["value"], row.get("se", ""))
