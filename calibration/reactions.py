"""Pool shares of people with common reactions over two trials that may be fitted to.

Run from the root of the repository: ``python calibration/reactions.py``. It reads counts from
``src/ketascope/evidence/data/published/effects/adverse_events.yaml`` (TRANSFORM-1 and SUSTAIN-1,
single terms) and writes ``src/ketascope/effects/data/reactions.yaml`` and ``reactions_sample.csv``
beside it; the posterior is worked out in ``reactions_joint.py`` and drawn from in
``reactions_sample.py`` (about two minutes). ``reactions_sensitivity.py`` fits again with each
assumption moved.

Model
    The logit of a reaction's share in a trial is normal around its mean, with one standard
    deviation between trials for all reactions of the drug arms and one for the control arms; counts
    are binomial. A part of that variance is common to all reactions of a trial, the rest each
    reaction's own: what sets a trial apart (its length, who took part) moves all of them, so that
    two trials show it once and not once for each reaction. The two doses of TRANSFORM-1 are one
    trial and are put together.
Fit
    The joint posterior of the standard deviation, the common part and the means, over a grid.
    Before it, the standard deviation is half-normal of scale 1, so that its middle is 0.67 and 5 %
    lie above 1.96: the form is that of Roever et al. 2021 for few studies, the scale an assumption,
    as logits of single arms differ by more than log odds ratios do. Flat, it would have a tail that
    any end of the grid cuts, as two trials that share all of their difference do not bound it. The
    common part is flat from 0 to 1; one difference between two trials tells little of it. Means are
    flat on the logit, and one person, half with a reaction and half without, is added to each
    reaction, half of that to each trial. That is a prior, Jeffreys' of the pooled share where
    trials do not differ, and it weighs where few had a reaction. Estimates are medians of the
    posterior, errors its standard deviations on the scale on which each is held, and all
    covariances are kept. Draws are rows of a sample from the posterior itself, as it is not normal
    where few had a reaction. A prediction takes standard deviation and mean together from a row and
    a trial as normal given both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from fitting import short, write
from reactions_joint import Counts, Grid, Posterior, grid, half_normal, posterior
from reactions_sample import FILE, ROWS, points_of, sample
from sampling import write_sample
from scipy.linalg import block_diag
from scipy.special import expit

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
    "oral_paraesthesia", "oral_hypoaesthesia", "postural_dizziness", "blood_pressure_event",
    "nasal_discomfort", "throat_irritation",
)  # fmt: skip
"""Those that both trials print; one that a single trial prints was chosen for lying high there."""
MOVED = Path(__file__).parent / "results" / "reactions_sensitivity.yaml"
"""Numbers of the limits; see reactions_sensitivity.py."""
SCALE = 1.0
"""Of the half-normal prior of the standard deviation between trials."""
FEW = 1
"""Where at most so many people had a reaction, what was added decides its mean."""
LIMITS = [
    "Two trials, one of 4 weeks and a maintenance phase of months of people who had borne it for "
    "16 weeks, which ended at relapse and so was shorter with placebo: how far trials differ is "
    "poorly known, and so the bands are wide.",
    "The control arms owe a part of their standard deviation between trials to what is assumed "
    "before the counts: {control_half} and {control_two} with a half-normal of scale 0.5 and 2, "
    "{control_cauchy} with a half-Cauchy of scale 1, instead of {control}; the drug arms less: "
    "{drug_half}, {drug_two} and {drug_cauchy} instead of {drug}.",
    "How much of what sets trials apart is common to all reactions is hardly known "
    "({drug_shared} in the mean in drug arms and {control_shared} in control arms, 0.5 before the "
    "counts). Were it nothing, the standard deviations would be {drug_none} and {control_none}; "
    "were it all, {drug_all} and {control_all}, and all but a fiftieth, {drug_most} and "
    "{control_most}, as that alone then has to hold how far reactions differ.",
    "People of SUSTAIN-1 came in part from TRANSFORM-1; how many was not read, and the two are "
    "taken as apart. If a third of the drug arm of SUSTAIN-1 had been in a drug arm of TRANSFORM-1 "
    "as well and had answered the same both times, the standard deviation of drug arms would be "
    "larger by {drug_overlap} % (with logits taken as normal). Those with placebo in SUSTAIN-1 had "
    "had the drug before, so that the two kinds of arm are not wholly apart.",
    "Both trials print what 5 % or more of an arm had, and only what both print is pooled: a "
    "reaction near 5 % is here because it lay above that in both, so that its middle may lie a "
    "little high, and one that lay above in one trial alone (diarrhoea, fatigue) is not predicted.",
    "TRD4006 may be fitted to as well, but prints three shares without the number of people: they "
    "are not pooled (24.8, 24.3 and 21.7 % with nausea, dissociation and dizziness).",
    "56 and 84 mg together; no dose is told from the other.",
    "Single terms as the trials report them; the label groups terms and gives larger shares.",
    "Nasal esketamine in depression; nothing is said of another drug or route.",
]


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


def medians(rows: np.ndarray) -> np.ndarray:
    """Return the median of each column of a sample, on its scale."""
    return np.asarray(np.median(rows, axis=0))


def points(
    used: list[PublishedValue], fitted: Posterior, middle: np.ndarray
) -> list[dict[str, Any]]:
    """Each published share beside the pooled one, with the error that the model gives it."""
    rows = []
    spread = float(np.exp(middle[0]))
    at_mean = dict(zip(fitted.names, (float(x) for x in middle[1:]), strict=True))
    for value in used:
        at = at_mean[str(value.effect)]
        n = value.conditions.n or 1
        share = float(expit(at))
        # on the logit: between trials, and binomial of the pooled share in this arm
        error = float(np.sqrt(spread**2 + 1 / (n * share * (1 - share))))
        seen = (value.value * n + 0.5) / (n + 1)
        z = (at - np.log(seen / (1 - seen))) / error
        rows.append({
            "id": value.id, "published": value.value, "fitted": short(share, 4), "unit": "1",
            "error": short(error, 4), "z": short(float(z), 3),
        })  # fmt: skip
    return rows


def parameters(
    arm: str, found: Counts, fitted: Posterior, middle: np.ndarray
) -> list[dict[str, Any]]:
    """Return the spread and the means of one kind of arm as the file holds them."""
    errors = np.sqrt(np.diag(fitted.covariance))
    low, _, high = fitted.quantiles
    rows: list[dict[str, Any]] = [{
        "name": f"between_{arm}", "value": short(float(np.exp(middle[0]))), "unit": "1",
        "scale": "log", "se": short(float(errors[0])),
        "meaning": f"standard deviation of a logit between trials, all reactions, {arm} arms",
        "assumed": f"half-normal of scale {SCALE:g}; 5 to 95 % after the counts: "
        f"{low:.2g} to {high:.2g}",
    }]  # fmt: skip
    for reaction, at, error in zip(fitted.names, middle[1:], errors[1:], strict=True):
        few = sum(count for count, _ in found[reaction].values()) <= FEW
        rows.append({
            "name": f"{arm}_{reaction}", "value": short(float(expit(at))), "unit": "1",
            "scale": "logit", "se": short(float(error)),
            "meaning": f"share with {reaction.replace('_', ' ')} at least once, {arm} arm of "
            "a middle trial",
            **({"assumed": "half a person with it and half without, which decide"} if few else {}),
        })  # fmt: skip
    return rows


def drawn(found: list[Counts], grids: list[Grid]) -> list[np.ndarray]:
    """Return a sample of the posterior of each kind of arm."""
    prior = half_normal(SCALE)
    return [
        sample(counted, on, prior, points)
        for counted, on, points in zip(found, grids, points_of(found), strict=True)
    ]


def document(told: Mapping[str, Any]) -> tuple[dict[str, Any], np.ndarray]:
    """Return the calibration as its file holds it, and the sample beside it.

    ``told`` are the numbers of its limits.
    """
    read = [counts(arms) for arms in ARMS.values()]
    grids = [grid(found) for found, _ in read]
    samples = drawn([found for found, _ in read], grids)
    listed, rows, blocks = [], [], []
    for arm, (found, used), on, own in zip(ARMS, read, grids, samples, strict=True):
        fitted, middle = posterior(on, half_normal(SCALE)), medians(own)
        listed += parameters(arm, found, fitted, middle)
        blocks.append(fitted.covariance)
        rows += points(used, fitted, middle)
    content = fields(told, listed, blocks, rows)
    return content, np.hstack(samples)


def fields(
    told: Mapping[str, Any],
    listed: list[dict[str, Any]],
    blocks: list[np.ndarray],
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the file of the calibration from its parameters, covariances and points."""
    return {
        "name": "reactions",
        "title": "Common reactions to nasal esketamine, pooled over trials",
        "script": "calibration/reactions.py",
        "method": " ".join(
            (__doc__ or "").partition("Model\n")[2].replace("Fit\n", "Fit:\n").split()
        ),
        "parameters": listed,
        "covariance": [[short(float(x), 6) for x in row] for row in block_diag(*blocks)],
        "points": rows,
        "studies": ["transform_1", "sustain_1"],
        "limits": [text.format(**told) for text in LIMITS],
        "sources": ["fedgchin_2019", "daly_2019", "roever_2021"],
        "sample": FILE,
    }


if __name__ == "__main__":
    content, sampled = document(yaml.safe_load(MOVED.read_text(encoding="utf-8")))
    print(write(content))
    names = [row["name"] for row in content["parameters"]]
    print(write_sample(FILE, names, sampled[:ROWS]))
    for row in content["parameters"]:
        print(row["name"], row["value"], row["se"])
