"""Fit sedation (MOAA/S levels) to published shares of patients given the esketamine spray.

Run from the root of the repository: ``python calibration/sedation.py`` (some minutes), after
``calibration/dissociation.py``, from which acute tolerance is borrowed. It reads published values
of ``effects/dissociation.yaml`` that are for fitting, by their ids, and writes
``src/ketascope/effects/data/sedation.yaml`` and, of a sample (``sedation_sample.py``),
``sedation_sample.csv``.

Model (``ketascope.effects.sedation``)
    What acute tolerance leaves of the concentration, times a lognormal sensitivity, exceeds none,
    one or more thresholds: the first is that of level 4, the last that of level 0.
Points
    Shares of people below 5, and of people at 0, after any of eight sessions, each with its
    binomial error; the first lie in a range over arms (``dissociation_points.placed``). The share
    after placebo was not read and is assumed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from dissociation import (
    BETWEEN_TRIALS,
    OCCASION_PART,
    PEOPLE,
    SESSIONS,
    TIMES,
    left_at,
    normals,
)
from dissociation_points import place, share
from fitting import Free, Point, document, fit, on, write
from sampling import write_sample
from scipy.special import ndtr

from ketascope.effects.calibrated import calibration
from ketascope.evidence.published import PublishedValue, published

RATED = np.arange(15, 91, 15) / 60
"""h at which alertness is taken to have been rated."""
BELOW = {dose: f"dissociation.transform_1_esk{dose}.moaas.proportion" for dose in (56, 84)}
NONE = "dissociation.spravato_label_pool.moaas.proportion"
FREE = {
    "threshold": Free(30.0, "log", "ng/mL", "esketamine left by tolerance at which a middle person "
                      "falls below level 5"),
    "ratio": Free(20.0, "log", "1", "threshold of level 0 over that of level 4"),
    "sensitivity_sd": Free(0.6, "log", "1", "SD of the logarithm of sensitivity, between people "
                           "and sessions together", (0.6, 0.25)),
    "placebo_below_5": Free(0.1, "logit", "1", "share below 5 after any of 8 sessions of placebo "
                            "spray; not in curves", (0.1, 0.7)),
    "arms_place": Free(0.0, "identity", "1", "where in their range the shares of both arms of the "
                       "spray lie, in SDs; not in curves", (0.0, 1.0)),
}  # fmt: skip
BORROWED = ("offset", "offset_sd", "ktol", "ke0")
"""Parameters of acute tolerance: those of dissociation, with the covariance that they have there;
what the few points of alertness would say of them is not used."""


@lru_cache(maxsize=1)
def points_read() -> dict[str, PublishedValue]:
    """Published shares for fitting, by id."""
    return {v.id: v for v in published() if v.effect == "moaas" and v.used_for == "fit"}


def borrowed() -> tuple[dict[str, Free], np.ndarray]:
    """Return acute tolerance as dissociation has it, with its covariance."""
    source = calibration("dissociation")
    names = [p.name for p in source.fitted]
    at = [names.index(name) for name in BORROWED]
    known = [source.fitted[k] for k in at]
    free = {
        p.name: Free(
            p.value, p.scale, p.unit, f"{p.meaning}; borrowed from dissociation with its error",
            (p.value, p.se),
        )
        for p in known
    }  # fmt: skip
    return free, np.asarray(source.covariance)[np.ix_(at, at)]


def highest(p: dict[str, float], dose: int) -> np.ndarray:
    """What tolerance leaves at most of a first and a later session, ng/mL, shape (people, 2)."""
    offset = p["offset"] * np.exp(p["offset_sd"] * normals(PEOPLE)[:, 0])
    seen = [int(np.argmin(np.abs(TIMES - hour))) for hour in RATED]
    return np.asarray(left_at(p, dose, offset, 1.0, seen).max(axis=2))


def reached(p: dict[str, float], dose: int, threshold: float) -> float:
    """Share of people who exceed a threshold after any session; the first is of 56 mg."""
    part = p.get("occasion_part", OCCASION_PART)
    sd = p["sensitivity_sd"]
    person = sd * np.sqrt(1 - part) * normals(PEOPLE)[:, 1]
    none = np.ones(PEOPLE)
    with np.errstate(divide="ignore"):
        left = np.log(highest(p, dose))
    for k in range(SESSIONS):
        none *= ndtr((np.log(threshold) - left[:, min(k, 1)] - person) / (sd * np.sqrt(part)))
    return float(1 - none.mean())


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    found = {
        one: 1 - (1 - reached(p, dose, p["threshold"])) * (1 - p["placebo_below_5"])
        - p["arms_place"] * place(points_read()[one])
        for dose, one in BELOW.items()
    }  # fmt: skip
    lost = reached(p, 84, p["threshold"] * p["ratio"])
    return found | {NONE: lost}


def listed() -> list[Point]:
    """Return the points with their errors; of the lost consciousness on its logarithm."""
    read = points_read()
    found = []
    for one in BELOW.values():
        found.append(share(read[one]))
    found.append(Point(NONE, read[NONE].value, 0.5, scale="log"))
    return found


def run(occasion_part: float = OCCASION_PART, **tolerance: float) -> dict[str, Any]:
    """Return the fit: estimates, covariance, residuals; see ``fitting.fit``."""
    more = {"occasion_part": occasion_part, **tolerance}
    return fit(FREE, listed(), lambda p: predicted(p | more))


def widened() -> dict[str, Any]:
    """Return the fit with the errors of a sample: a row for each row of dissociation."""
    from sedation_sample import sample

    tolerance, _ = borrowed()
    middle = {name: one.start for name, one in tolerance.items()}
    found = run(**middle)
    split = _step(run(0.25, **middle), run(0.75, **middle))
    others = np.zeros(len(FREE))
    others[list(FREE).index("threshold")] = BETWEEN_TRIALS
    added = np.stack([split, others])
    rows = sample(added)
    covariance = np.cov(rows.T)
    alone = covariance.copy()
    alone[: len(FREE), : len(FREE)] -= added.T @ added
    return found | {
        "values": found["values"] | middle, "covariance": covariance, "of_points": alone,
        "rows": rows,
    }  # fmt: skip


def _step(low: dict[str, Any], high: dict[str, Any]) -> np.ndarray:
    """Half of how far two fits are apart, on the scales of the parameters."""
    return np.array([
        (on(f.scale, high["values"][n]) - on(f.scale, low["values"][n])) / 2
        for n, f in FREE.items()
    ])  # fmt: skip


def held() -> list[dict[str, Any]]:
    """Return what was not fitted, and why."""
    known = {p.name: p for p in calibration("dissociation").parameters}
    return [
        {
            "name": name, "value": known[name].value, "unit": known[name].unit,
            "meaning": known[name].meaning, "held": f"as for dissociation: {known[name].held}",
        }
        for name in ("occasion_part",)
    ]  # fmt: skip


def content() -> dict[str, Any]:
    """Return what the file holds."""
    from sedation_sample import FILE

    found = widened()
    write_sample(FILE, [*FREE, *BORROWED], found["rows"])
    head = {
        "name": "sedation", "title": "Alertness (MOAA/S level)",
        "script": "calibration/sedation.py",
        "method": (
            "What acute tolerance leaves of esketamine, times a lognormal sensitivity, is held "
            "against thresholds of the levels 4 to 0 at equal ratios. Weighted least squares of "
            "shares of people after any of eight sessions. Assumed before the fit: "
            "sensitivity_sd 0.6 (error 0.25 of its logarithm); 10 % "
            "below 5 with placebo (error 0.7 of its logit: 9 % had sedation as a reaction with "
            "placebo in the label's table); acute "
            "tolerance as fitted to dissociation, with its covariance and nothing of it from these "
            "points; both shares where two even draws in order lie in their range; alertness "
            "rated each quarter of an hour to 1.5 h. The errors hold the split of sensitivity "
            "between person and occasion (a quarter to three quarters), and 0.3 of the logarithm "
            f"of threshold for other trials. Draws are {len(found['rows'])} rows of a sample from "
            "likelihood and assumptions, each with the tolerance of that row of dissociation. "
            f"Concentrations: perez_ruixo_2021 ({PEOPLE} people)."
        ),
        "studies": ["transform_1", "spravato_label_pool"],
        "limits": [
            "Shares are over all arms that the label counts, one of people of 65 and more among "
            "them as far as its tables show: no level of theirs was fitted by itself. Age is taken "
            "to change nothing but the concentration.",
            "The degrees of freedom are of assumptions: the points could hardly contradict the "
            "model.",
            "Shares by arm were not read, only the range of 48 to 61 % over arms: "
            "anywhere in it is as likely, 84 mg above 56 mg. How much more it sedates follows for "
            "the most part from the concentration. The maker's page of this label prints 49 to 61 "
            "%; 48 % is of a later, wider set of arms: with 56 mg at 49 % and 84 mg at 61 % the "
            "threshold would be 0.08 of its logarithm lower, its error being 0.52.",
            "Acute tolerance is assumed, and the points say nothing of it; the spread of "
            "sensitivity mostly: they moved it from 0.6 to 0.69 and left its error as assumed.",
            "Doses and sessions behind the share that lost consciousness are not stated: it is "
            "taken as of one session of 56 mg and seven of 84 mg, to a factor of 1.6.",
            "Shares of levels 3, 2 and 1 were not found; nor any MOAA/S after racemate, by vein, "
            "with benzodiazepines, opioids or alcohol, or session by session.",
            "The share at level 0 in simulated people is larger than the estimate where they carry "
            "draws of the parameters: what the fit does not know weighs most on what is rare.",
            "Onset and end follow from the acute tolerance of dissociation, whose course after the "
            "spray is alike (medical information of the maker: sedation is greatest at 30 to 45 "
            "min, resolved by 1 to 1.5 h; dissociation at 40 min and by 1.5 h).",
        ],
        "sources": ["spravato_us_label", "jnj_sedation", "perez_ruixo_2021"],
    }  # fmt: skip
    made = document(head, FREE | borrowed()[0], held(), listed(), found)
    return made | {
        "borrowed_from": "dissociation", "borrowed": list(BORROWED), "sample": FILE,
    }  # fmt: skip


def main() -> None:
    """Write the file and print what was fitted."""
    made = content()
    print(write(made))
    for one in made["parameters"]:
        print(one["name"], one["value"], one["unit"], one.get("se", "held"))
    for point in made["points"]:
        print(point["id"], point["published"], point["fitted"], "z", point["z"])
    print(made["chi_square"], made["degrees_of_freedom"])


if __name__ == "__main__":
    main()
