"""Fit the pooled reactions again with each assumption moved, and show what that does to the spread.

Run from the root of the repository: ``python calibration/reactions_sensitivity.py`` (about a
minute), before ``reactions.py``, whose limits name what is written here to
``calibration/results/reactions_sensitivity.yaml``: the median of the standard deviation of a logit
between trials under other priors, with other parts of its variance common to all reactions of a
trial, with other parts of a person added, and with people counted in both trials.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import yaml
from fitting import short
from reactions import ARMS, MOVED, SCALE, counts
from reactions_joint import (
    ADDED,
    SHARED,
    SHARED_WEIGHTS,
    SPREADS,
    TRIALS,
    Counts,
    Posterior,
    ends,
    flat,
    grid,
    half_cauchy,
    half_normal,
    posterior,
    with_shared,
)

SAME = {"drug": (51, 231, 152)}
"""People taken as in both trials, a third of an arm of SUSTAIN-1, and the people of each arm."""
_ONE = half_normal(SCALE)
PRIORS = {
    "half": half_normal(0.5), "two": half_normal(2.0), "cauchy": half_cauchy(1.0),
    "flat_to_8": flat,
}  # fmt: skip


def spread(found: Posterior) -> float:
    """Return the estimate of the spread, its median."""
    return short(found.quantiles[1], 2)


def with_logits_normal(found: Counts, correlation: float) -> float:
    """Return the spread with normal errors of the logits, correlated between the trials."""
    pairs = [[t[j] for j in TRIALS] for t in found.values() if len(t) == len(TRIALS)]
    people = np.array(pairs, dtype=float)
    yes = people[..., 0] + ADDED / 2
    no = people[..., 1] - people[..., 0] + ADDED / 2
    logit, error = np.log(yes / no), 1 / yes + 1 / no
    apart = logit[:, 0] - logit[:, 1]
    chance = error.sum(axis=1) - 2 * correlation * np.sqrt(error.prod(axis=1))
    variance = SPREADS[:, None] ** 2
    own = chance[None, None] + (2 * variance * (1 - SHARED))[..., None]
    shared = 2 * variance * SHARED
    precision, at = (1 / own).sum(axis=2), (apart / own).sum(axis=2)
    logs = -0.5 * (
        np.log(own).sum(axis=2) + np.log1p(shared * precision) + (apart**2 / own).sum(axis=2)
        - shared * at**2 / (1 + shared * precision)
    )  # fmt: skip
    weight = np.exp(logs - logs.max()) * SHARED_WEIGHTS * (SPREADS * _ONE(SPREADS))[:, None]
    return ends(weight / weight.sum())[1]


def moved(arm: str, found: Counts) -> dict[str, Any]:
    """Return the spread of one kind of arm, as it is and under each change."""
    here = grid(found)
    now = posterior(here, _ONE)
    overlap = {}
    if arm in SAME:
        both, first, second = SAME[arm]
        correlation = both / np.sqrt(first * second)
        grown = with_logits_normal(found, correlation) / with_logits_normal(found, 0.0) - 1
        overlap = {f"{arm}_overlap": round(100 * grown)}
    return {
        arm: spread(now),
        f"{arm}_shared": short(now.shared, 2),
        **{f"{arm}_{name}": spread(posterior(here, prior)) for name, prior in PRIORS.items()},
        **{
            f"{arm}_{name}": short(with_shared(found, value, _ONE)[1], 2)
            for name, value in (("none", 0.0), ("most", 0.98), ("all", 1.0))
        },
        f"{arm}_added_twice": spread(posterior(grid(found, 2 * ADDED), _ONE)),
        f"{arm}_added_tenth": spread(posterior(grid(found, 0.1 * ADDED), _ONE)),
        **overlap,
    }


def main() -> None:
    """Fit under each change, print and write."""
    rows: dict[str, Any] = {}
    for arm, arms in ARMS.items():
        rows |= moved(arm, counts(arms)[0])
    head = "# Written by calibration/reactions_sensitivity.py. Not to be edited by hand.\n"
    text = yaml.safe_dump(rows, sort_keys=False)
    MOVED.write_text(head + text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
