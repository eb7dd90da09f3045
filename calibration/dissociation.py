"""Fit dissociation (CADSS total) to published scores and shares.

Run from the root of the repository: ``python calibration/dissociation.py`` (about three minutes).
It reads published values of ``effects/dissociation.yaml`` that are for fitting, by their ids, and
writes ``src/ketascope/effects/data/dissociation.yaml`` and, drawn from the likelihood
(``calibration/dissociation_sample.py``), ``dissociation_sample.csv``.

Model (``ketascope.effects.dissociation``)
    Of a concentration at an effect site, a process that follows it late (rate ``ktol``) offsets
    the part ``offset``. What is left, over ``half``, times a lognormal sensitivity, is the
    strength; the total rises by the fraction strength / (1 + strength) of the room up to 92. A
    single rating has a lognormal scatter of its own about that.
Concentrations
    Racemate: ``clements_1981``, the default model, which has no spread between people, so that
    the spread of sensitivity holds that of exposure. Esketamine: ``perez_ruixo_2021``, the
    default model, with its spread.
Points
    Means (error SD / sqrt(n)), standard deviations (error sqrt((kurtosis - 1) / 4 n) of the
    logarithm), shares (binomial error; of ranges over arms, which were read without their arms, a
    third and two thirds for the smaller and the larger dose: ``dissociation_points.placed``), one
    correlation (error (1 - r^2) / sqrt(n - 2)), a first mean without spread (0.22 of the logarithm:
    20 people whose SD is about the mean) and its ratio to a late one (0.28). Of patients after
    racemate, rated at a minute of the infusion that is not stated, mean and SD over its second
    half, with 15 % more of error. What is of the same people has larger errors.
Words read as numbers
    "Generally resolved by 1.5 h" of the maker is read as 10 % above 4 at 1.5 h, and "resolved 120
    min after the start" of an infusion over 40 min (Danboeck 2024, of four studies) as 10 % above 4
    at 2 h, 5 to 20 % as one standard error: a convention.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from dissociation_points import (
    ABOVE,
    END,
    FIRST,
    GLUE,
    PLACEBO,
    POST,
    PRE,
    SALINE,
    SCHALKWYK,
    SPRAY,
    listed,
    place,
    points_read,
    unprinted,
)
from dissociation_words import HELD, LIMITS, METHOD, OCCASION_PART, SOURCES, ZERO
from fitting import Free, document, fit, on, write
from sampling import write_sample
from scipy.special import ndtr
from scipy.stats import qmc

from ketascope.checks.arms import regimen_of
from ketascope.checks.effects_dissociation import late_scores
from ketascope.dosing import schedule
from ketascope.effects.dissociation import HIGHEST, TRIAL_CUT, baseline, score, waned
from ketascope.effects.site import effect_site
from ketascope.engine.simulate import simulate
from ketascope.evidence.published import PublishedValue
from ketascope.patients import Patient

TIMES = np.unique(np.concatenate([np.arange(0, 41) / 60, np.arange(42, 260, 2) / 60]))
"""h after the start."""
RATED = (40 / 60, 1.5)
"""h at which trials of the spray rated."""
SESSIONS = 8
SIMULATED = 4096
PEOPLE = 1024
"""Every fourth of those simulated, ordered by concentration: 256 drawn at random were 4 % low, and
the shares with them by as much as their errors."""
KE0 = float(np.log(2) / (6.1 / 60))
INFUSION = 176 / 60
BETWEEN_TRIALS = 0.3
"""Assumed: about as far as trials of the spray differ in what it does to the MADRS (0.34 of its
mean, ``calibration/mood.py``)."""
CARRIED_SD = 0.65
"""Assumed: half the distance of the two factors of patients (0.125 and 0.40), so that either of
them lies one SD from the middle, with the error of that distance."""
FREE = {
    "half": Free(450.0, "log", "ng/mL", "racemate left by tolerance at which a middle person's "
                 "total is half-way to 92"),
    "esketamine_potency": Free(1.65, "log", "1", "ng/mL of racemate that 1 ng/mL of esketamine is "
                               "worth", (1.65, 0.2)),
    "patients": Free(0.15, "log", "1", "strength in patients of a trial of the spray over that in "
                     "healthy volunteers, at concentrations that are as potent"),
    "patients_racemate": Free(0.25, "log", "1", "the same after racemate by vein"),
    "offset": Free(0.7, "log", "1", "part of a steady concentration that acute tolerance offsets "
                   "in the end"),
    "offset_sd": Free(0.4, "log", "1", "SD of the logarithm of offset between people",
                      (0.3, 0.7)),
    "ktol": Free(1.5, "log", "1/h", "rate at which acute tolerance follows the effect site",
                 (1.5, 0.7)),
    "ke0": Free(KE0, "log", "1/h", "rate at which the effect site follows plasma: half-time of 6.1 "
                "min, mean over end points of esketamine in Olofsen 2012 (0 to 11.8), from "
                "arterial concentrations and none of dissociation", (KE0, 0.6)),
    "sensitivity_sd": Free(0.45, "log", "1", "SD of the logarithm of sensitivity, between people "
                           "and sessions together", (0.6, 0.7)),
    "rating_sd": Free(0.3, "log", "1", "SD of the logarithm by which a single rating scatters, its "
                      "mean 1; not in curves", (0.6, 0.7)),
    "waning": Free(0.055, "log", "1", "fall of the logarithm of strength from session to session",
                   (0.05, 1.0)),
    "late_strength": Free(0.3, "log", "1", "strength of the drug in a first session of Glue 2018, "
                          "under the skin; not in curves"),
    "late_sessions": Free(19.5, "log", "1", "sessions before its week 14, one or two a week; not "
                          "in curves", (19.5, 0.2)),
    "baseline_sd": Free(6.0, "log", "1", "SD of the normal whose part between 0 and 4 is the total "
                        "before the drug", (6.0, 0.5)),
    "saline_mean": Free(3.7, "identity", "1", "mean total with saline in a first session"),
    "placebo_above_4": Free(0.05, "logit", "1", "share above 4 and above the level before, after "
                            "any of 8 sessions of placebo spray", (0.1, 1.0)),
    "arms_place": Free(0.0, "identity", "1", "where in their range the shares of both arms of the "
                       "spray lie, in SDs; not in curves", (0.0, 1.0)),
    "carried_over": Free(1.0, "log", "1", "strength after a drug by a route of which no score was "
                         "fitted, over the middle of the factors of patients; no point tells it",
                         (1.0, CARRIED_SD)),
    "end_part": Free(0.5, "logit", "1", "when the last rating of Goldway 2025 was, as a part of "
                     "the half hour after the end of the infusion (stated both as the end and as "
                     "30 min later); not used in curves", (0.5, 1.0)),
}  # fmt: skip


@lru_cache(maxsize=1)
def racemate() -> np.ndarray:
    """Concentrations of the infusion of Goldway 2025, ng/mL, shape (1, times)."""
    return _exposure(points_read()[POST], "clements_1981", 1)


@lru_cache(maxsize=1)
def infusion() -> np.ndarray:
    """Concentrations of the infusion of van Schalkwyk 2018, ng/mL, shape (1, times)."""
    return _exposure(points_read()[SCHALKWYK], "clements_1981", 1)


@lru_cache(maxsize=2)
def spray(dose: int) -> np.ndarray:
    """Concentrations of the first and of a later session of an arm, ng/mL.

    Shape (people, 2, times). Later sessions are alike: the model has no spread between occasions
    and nothing is left after three days.
    """
    plan = schedule(regimen_of(points_read()[SPRAY[dose]].conditions))
    starts = np.array([one.time for one in plan.sessions[:2]])
    hours = np.add.outer(starts, TIMES)
    found = _exposure(points_read()[SPRAY[dose]], "perez_ruixo_2021", SIMULATED, hours.ravel())
    found = found.reshape(SIMULATED, *hours.shape)
    order = np.argsort(found[:, 1, at_hour(RATED[0])])
    part = SIMULATED // PEOPLE
    # in no order again: who has which concentration owes nothing to his other numbers
    return found[np.random.default_rng(1).permutation(order[part // 2 :: part])]


def _exposure(
    value: PublishedValue, model: str, people: int, hours: np.ndarray = TIMES
) -> np.ndarray:
    result = simulate(
        regimen_of(value.conditions), Patient.of(dict(value.conditions.patient)), n=people,
        model=model, times=hours, seed=20261127, force=True, workers=1,
    )  # fmt: skip
    drug = "ketamine" if model == "clements_1981" else "esketamine"
    return np.asarray(result[drug].transpose("subject", "time"))


@lru_cache(maxsize=4)
def normals(count: int) -> np.ndarray:
    """Standard normal numbers that fill their space evenly, shape (count, 5)."""
    from scipy.special import ndtri

    even = qmc.Sobol(5, seed=7).random(2 ** int(np.ceil(np.log2(count))))[:count]
    return np.asarray(ndtri(np.clip(even, 1e-6, 1 - 1e-6)))


@lru_cache(maxsize=256)
def sites(ke0: float, ktol: float) -> tuple[np.ndarray, np.ndarray]:
    """What a concentration of 1 at each time (rows) adds at each time to both sites.

    They are linear in the concentrations (``ketascope.effects.opposed.drive``), so that this is
    worked out once for all people.
    """
    site = effect_site(TIMES, np.eye(TIMES.size), ke0)
    return site, effect_site(TIMES, site, ktol)


def after_racemate(
    p: dict[str, float], plasma: np.ndarray, z: np.ndarray, seen: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """What tolerance leaves at some times (people, seen), and the totals of people before."""
    offset = p["offset"] * np.exp(p["offset_sd"] * z[:, 0])
    site, late = (plasma @ parts[:, seen] for parts in sites(p["ke0"], p["ktol"]))
    base = baseline(z[:, 2], p["baseline_sd"], ZERO)
    return np.clip(site - offset[:, None] * late, 0.0, None), base


def at_hour(hour: float) -> int:
    """Return the number of the time nearest to an hour."""
    return int(np.argmin(np.abs(TIMES - hour)))


def volunteers(p: dict[str, float]) -> dict[str, float]:
    """What the model says of the ratings of Goldway 2025."""
    z = normals(1024)
    end = INFUSION + 0.5 * p["end_part"]
    k = int(np.searchsorted(TIMES, end)) - 1
    part = (end - TIMES[k]) / (TIMES[k + 1] - TIMES[k])
    left, base = after_racemate(p, racemate(), z, [at_hour(1 / 3), k, k + 1])
    felt = np.exp(p["sensitivity_sd"] * z[:, 1]) / p["half"]
    early, late = left[:, 0], left[:, 1] * (1 - part) + left[:, 2] * part
    noise = np.exp(p["rating_sd"] * z[:, 3:] - p["rating_sd"] ** 2 / 2)
    first = score(base, early * felt * noise[:, 0])
    last = score(base, late * felt * noise[:, 1])
    spread = float(np.hypot(p["sensitivity_sd"], p["rating_sd"]))
    return {
        POST: float(first.mean()), f"{POST}:sd": float(first.std()),
        END: float(last.mean()), f"{END}:sd": float(last.std()),
        ABOVE: float(above(late / p["half"] * middle_rating(p), base, spread).mean()),
        f"{END}:correlation": float(np.corrcoef(first, last)[0, 1]),
        PRE: float(base.mean()),
    }  # fmt: skip


def middle_rating(p: dict[str, float]) -> float:
    """Middle of what ratings scatter by: their mean is 1, so that curves are of mean strength."""
    return float(np.exp(-(p["rating_sd"] ** 2) / 2))


def above(middle: np.ndarray, base: np.ndarray, sd: float, cut: float = TRIAL_CUT) -> np.ndarray:
    """Probability of a total above a cut, over sensitivity of that SD of the logarithm."""
    with np.errstate(divide="ignore"):
        return np.asarray(ndtr((np.log(middle) - needed(base, cut)) / sd))


def needed(base: np.ndarray, cut: float = TRIAL_CUT) -> np.ndarray:
    """Return the logarithm of the strength with which a total reaches a cut."""
    share = np.clip((cut - base) / (HIGHEST - base), 1e-9, None)
    return np.asarray(np.log(share / (1 - share)))


def left_at(
    p: dict[str, float], dose: int, offset: np.ndarray, potency: float, seen: list[int]
) -> np.ndarray:
    """What tolerance leaves at times of a first and a later session, shape (people, 2, seen)."""
    until = max(seen) + 1
    site, late = (
        (until_then(dose, until) @ parts[:until, seen]).reshape(PEOPLE, 2, len(seen))
        for parts in sites(p["ke0"], p["ktol"])
    )
    return np.asarray(potency * np.clip(site - offset[:, None, None] * late, 0.0, None))


@lru_cache(maxsize=4)
def until_then(dose: int, until: int) -> np.ndarray:
    """Concentrations of both sessions of all people, one below the other, to a time."""
    return np.ascontiguousarray(spray(dose)[:, :, :until]).reshape(-1, until)


def patients(p: dict[str, float]) -> dict[str, float]:
    """What the model says of eight sessions of the spray."""
    z = normals(PEOPLE)
    offset = p["offset"] * np.exp(p["offset_sd"] * z[:, 0])
    base = baseline(z[:, 2], p["baseline_sd"], ZERO)
    seen = [at_hour(hour) for hour in RATED]
    left = {dose: left_at(p, dose, offset, p["esketamine_potency"], seen) for dose in SPRAY}
    part = p.get("occasion_part", OCCASION_PART)
    felt = p["patients"] * middle_rating(p) / p["half"]
    person = felt * np.exp(p["sensitivity_sd"] * np.sqrt(1 - part) * z[:, 1])
    # the second rating of a session has no scatter of its own here: with one, some 2 % more people
    # would rate above 4, and the factor of patients would be 3 % lower
    own = float(np.hypot(p["sensitivity_sd"] * np.sqrt(part), p["rating_sd"]))
    found = {}
    for dose, one in SPRAY.items():
        none = np.ones(PEOPLE)
        with np.errstate(divide="ignore"):
            over = np.log(left[dose].max(axis=2) * person[:, None]) - needed(base)[:, None]
        for k in range(SESSIONS):
            none *= ndtr(-(over[:, min(k, 1)] + np.log(waned(p["waning"], k))) / own)
        by_drug = 1 - none.mean()
        both = float(1 - (1 - by_drug) * (1 - p["placebo_above_4"]))
        found[one] = both - p["arms_place"] * place(points_read()[one])
    found["resolved"] = float(above(left[56][:, 0, 1] * person, base, own).mean())
    return found


def infused(p: dict[str, float]) -> dict[str, float]:
    """What the model says of patients in the second half of an infusion over 40 min."""
    z = normals(1024)
    inside = np.flatnonzero((TIMES >= 20 / 60) & (TIMES <= 40 / 60))
    left, base = after_racemate(p, infusion(), z, [*inside, at_hour(2.0)])
    spread = float(np.hypot(p["sensitivity_sd"], p["rating_sd"]))
    felt = p["patients_racemate"] * middle_rating(p) * np.exp(spread * z[:, 1]) / p["half"]
    seen = score(base[:, None], left[:, :-1] * felt[:, None])
    late = left[:, -1] * p["patients_racemate"]
    still = above(late * middle_rating(p) / p["half"], base, spread)
    return {
        SCHALKWYK: float(seen.mean()), f"{SCHALKWYK}:sd": float(seen.std()),
        "resolved_infusion": float(still.mean()),
    }  # fmt: skip


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    found = volunteers(p) | patients(p) | infused(p)
    first, late = late_scores(p, normals(1024)[:, :3], ZERO)
    return found | {
        **dict.fromkeys(SALINE, p["saline_mean"]),
        PLACEBO: p["placebo_above_4"],
        FIRST: first,
        GLUE: late / first,
    }


def run(occasion_part: float = OCCASION_PART) -> dict[str, Any]:
    """Return the fit: estimates, covariance, residuals; see ``fitting.fit``."""
    more = {"occasion_part": occasion_part}
    return fit(FREE, [*listed(), *unprinted()], lambda p: predicted(p | more))


WITHOUT = {"offset": 1e-9, "offset_sd": 1e-9, "ktol": 1.0}
"""No acute tolerance."""


def without_tolerance() -> dict[str, Any]:
    """Return the fit without acute tolerance, to be compared with the one with it."""
    free = {name: one for name, one in FREE.items() if name not in WITHOUT}
    return fit(free, [*listed(), *unprinted()], lambda p: predicted(p | WITHOUT))


def on_scales(values: dict[str, float]) -> np.ndarray:
    """Return parameters on their scales, in their order."""
    return np.array([on(one.scale, values[name]) for name, one in FREE.items()])


def widened() -> dict[str, Any]:
    """Return the fit with the errors of a sample, and with what it takes for granted in them.

    That half of the variance of sensitivity is of the occasion is an assumption: the fits with a
    quarter and with three quarters lie one standard error either way. Trials differ more than
    their errors: the level has 0.3 of its logarithm more.
    """
    from dissociation_sample import sample

    found = run()
    low, high = (on_scales(run(part)["values"]) for part in (0.25, 0.75))
    at = on_scales(found["values"])
    drawn = sample({"at": at, "covariance": found["covariance"]}, low, high)
    return found | {
        "covariance": drawn["covariance"], "of_points": drawn["of_points"], "drawn": drawn,
    }  # fmt: skip


def content() -> dict[str, Any]:
    """Return what the file holds."""
    from dissociation_sample import FILE

    found, bare = widened(), without_tolerance()
    write_sample(FILE, list(FREE), found["drawn"]["rows"])
    more = {p.id.rsplit(":", 1)[-1]: p for p in unprinted()}
    told = {
        "correlation": more["correlation"].value, "fitted": found["said"][f"{END}:correlation"],
        "carried_over": CARRIED_SD, "resolved": 100 * found["said"]["resolved"],
        "resolved_infusion": 100 * found["said"]["resolved_infusion"],
        "bare": bare["chi_square"], "chi_square": found["chi_square"],
        "rows": len(found["drawn"]["rows"]), "points": found["drawn"]["points"],
        "behind": found["drawn"]["behind"],
    }  # fmt: skip
    head = {
        "name": "dissociation", "title": "Dissociation (CADSS total)",
        "script": "calibration/dissociation.py", "method": METHOD.format(**told),
        "studies": ["goldway_2025", "van_schalkwyk_2018", "transform_1", "glue_2018"],
        "limits": LIMITS, "sources": SOURCES,
    }  # fmt: skip
    return document(head, FREE, HELD, listed(), found) | {"sample": FILE}


def main() -> None:
    """Write the file and print what was fitted."""
    made = content()
    print(write(made))
    for one in made["parameters"]:
        print(one["name"], one["value"], one["unit"], one.get("se", "held"))
    for point in made["points"]:
        print(point["id"], point["published"], point["fitted"], "z", point["z"])
    print(made["chi_square"], made["degrees_of_freedom"], made["method"])


if __name__ == "__main__":
    main()
