"""Fit dissociation (CADSS total) to published scores and shares.

Run from the root of the repository: ``python calibration/dissociation.py`` (about half a minute).
It reads published values of ``effects/dissociation.yaml`` that are for fitting, by their ids, and
writes ``src/ketascope/effects/data/dissociation.yaml``.

Model (``ketascope.effects.dissociation``)
    Of a concentration at an effect site, a process that follows it late (rate ``ktol``) offsets
    the part ``offset``. What is left, over ``half``, times a lognormal sensitivity, is the
    strength; the total rises by the fraction strength / (1 + strength) of the room up to 92.
Concentrations
    Racemate: ``clements_1981``, the default model, which has no spread between people, so that
    the spread of sensitivity holds that of exposure. Esketamine: ``perez_ruixo_2021``, the
    default model, with its spread.
Points
    Means (error SD / sqrt(n)), standard deviations (error 1 / sqrt(2 n - 2) of the logarithm),
    shares (binomial error; what is from memory has 0.05 more, and where a printed range was read
    but not which arm has its end, the SD of an even spread over it), one correlation (error
    (1 - r^2) / sqrt(n - 2)), one ratio of means without spread (0.28 of the logarithm: two means
    of 20 people whose SD is about the mean).
Words read as numbers
    "Generally resolved by 1.5 h" of the maker is read as 10 % above 4 at 1.5 h, 5 to 20 % as one
    standard error: a convention.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from fitting import Free, Point, document, fit, on, short, write
from scipy.special import ndtr
from scipy.stats import qmc

from ketascope.checks.arms import regimen_of
from ketascope.dosing import schedule
from ketascope.effects.dissociation import HIGHEST, TRIAL_CUT, baseline, score, waned
from ketascope.effects.opposed import drive
from ketascope.engine.simulate import simulate
from ketascope.evidence.published import PublishedValue, published
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
MEMORY = 0.05
RANGES = {"dissociation.transform_1_esk56.cadss_total.proportion": (0.61, 0.75),
          "dissociation.transform_1_placebo.cadss_total.proportion": (0.05, 0.16),
          "dissociation.transform_1_esk84.moaas.proportion": (0.49, 0.61)}  # fmt: skip
"""Printed ranges over arms of which the value is an end; that it is of this arm is from memory."""
OCCASION_PART = 0.5
KE0 = float(np.log(2) / (6.1 / 60))
INFUSION = 176 / 60
BETWEEN_TRIALS = 0.3
"""Assumed. The label prints 61 to 84 % over its trials, some of which are kept as checks: what was
known of them widens the errors and moves no estimate."""
ZERO = 23 / 32
POST = "dissociation.goldway_2025_ketamine_post.cadss_total.score.0.333333h"
END = "dissociation.goldway_2025_ketamine_end.cadss_total.score"
ABOVE = "dissociation.goldway_2025_ketamine_end.cadss_total.proportion"
PRE = "dissociation.goldway_2025_ketamine_pre.cadss_total.score.0h"
SALINE = tuple(f"dissociation.goldway_2025_saline_{k}.cadss_total.score" for k in
               ("pre", "post", "end"))  # fmt: skip
SPRAY = {d: f"dissociation.transform_1_esk{d}.cadss_total.proportion" for d in (56, 84)}
PLACEBO = "dissociation.transform_1_placebo.cadss_total.proportion"
GLUE = "dissociation.glue_2018_ratio.cadss_total.ratio.1h"
GLUE_SESSIONS = 19.5
"""Sessions before week 14 at one to two a week: 13 to 26."""
CORRELATION = (0.24, 27)
"""Of the ratings after the bolus and at the end, and its n: note of the published arm."""

FREE = {
    "half": Free(450.0, "log", "ng/mL", "racemate left by tolerance at which a middle person's "
                 "total is half-way to 92"),
    "esketamine_potency": Free(1.65, "log", "1", "ng/mL of racemate that 1 ng/mL of esketamine is "
                               "worth", (1.65, 0.2)),
    "patients": Free(0.15, "log", "1", "strength in patients of a trial of the spray over that in "
                     "healthy volunteers, at concentrations that are as potent"),
    "offset": Free(0.7, "log", "1", "part of a steady concentration that acute tolerance offsets "
                   "in the end"),
    "offset_sd": Free(0.4, "log", "1", "SD of the logarithm of offset between people"),
    "ktol": Free(1.5, "log", "1/h", "rate at which acute tolerance follows the effect site",
                 (1.5, 0.7)),
    "sensitivity_sd": Free(0.45, "log", "1", "SD of the logarithm of sensitivity, between people "
                           "and sessions together"),
    "waning": Free(0.04, "log", "1", "fall of the logarithm of strength from session to session"),
    "baseline_sd": Free(6.0, "log", "1", "SD of the normal whose part between 0 and 4 is the total "
                        "before the drug", (6.0, 0.5)),
    "saline_mean": Free(3.7, "log", "1", "mean total with saline in a first session"),
    "placebo_above_4": Free(0.05, "logit", "1", "share above 4 and above the level before, after "
                            "any of 8 sessions of placebo spray"),
    "end_part": Free(0.5, "logit", "1", "when the last rating of Goldway 2025 was, as a part of "
                     "the half hour after the end of the infusion (stated both as the end and as "
                     "30 min later); not used in curves", (0.5, 1.0)),
}  # fmt: skip


@lru_cache(maxsize=1)
def points_read() -> dict[str, PublishedValue]:
    """Published values of dissociation for fitting, by id."""
    return {
        v.id: v for v in published() if v.id.startswith("dissociation.") and v.used_for == "fit"
    }


@lru_cache(maxsize=1)
def racemate() -> np.ndarray:
    """Concentrations of the infusion of Goldway 2025, ng/mL, shape (1, times)."""
    return _exposure(points_read()[POST], "clements_1981", 1)


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
    order = np.argsort(found[:, 1, int(np.argmin(np.abs(TIMES - RATED[0])))])
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
    """Standard normal numbers that fill their space evenly, shape (count, 3)."""
    from scipy.special import ndtri

    even = qmc.Sobol(3, seed=7).random(2 ** int(np.ceil(np.log2(count))))[:count]
    return np.asarray(ndtri(np.clip(even, 1e-6, 1 - 1e-6)))


def volunteers(p: dict[str, float]) -> dict[str, float]:
    """What the model says of the ratings of Goldway 2025."""
    z = normals(1024)
    offset = p["offset"] * np.exp(p["offset_sd"] * z[:, 0])
    rows = np.broadcast_to(racemate(), (len(z), TIMES.size))
    left = drive(TIMES, rows, KE0, offset, p["ktol"])
    base = baseline(z[:, 2], p["baseline_sd"], ZERO)
    felt = np.exp(p["sensitivity_sd"] * z[:, 1]) / p["half"]
    early = left[:, int(np.argmin(np.abs(TIMES - 1 / 3)))]
    end = INFUSION + 0.5 * p["end_part"]
    k = int(np.searchsorted(TIMES, end)) - 1
    part = (end - TIMES[k]) / (TIMES[k + 1] - TIMES[k])
    late = left[:, k] * (1 - part) + left[:, k + 1] * part
    first, last = score(base, early * felt), score(base, late * felt)
    return {
        POST: float(first.mean()), f"{POST}:sd": float(first.std()),
        END: float(last.mean()), f"{END}:sd": float(last.std()),
        ABOVE: float(above(late / p["half"], base, p["sensitivity_sd"]).mean()),
        f"{END}:correlation": float(np.corrcoef(first, last)[0, 1]),
        PRE: float(base.mean()),
    }  # fmt: skip


def above(middle: np.ndarray, base: np.ndarray, sd: float, cut: float = TRIAL_CUT) -> np.ndarray:
    """Probability of a total above a cut, over sensitivity of that SD of the logarithm."""
    share = np.clip((cut - base) / (HIGHEST - base), 1e-9, None)
    need = np.log(share / (1 - share))
    with np.errstate(divide="ignore"):
        return np.asarray(ndtr((np.log(middle) - need) / sd))


def left_at(
    p: dict[str, float], dose: int, offset: np.ndarray, potency: float, seen: list[int]
) -> np.ndarray:
    """What tolerance leaves at times of a first and a later session, shape (people, 2, seen)."""
    rows = potency * spray(dose).reshape(-1, TIMES.size)[:, : max(seen) + 1]
    left = drive(TIMES[: max(seen) + 1], rows, KE0, np.repeat(offset, 2), p["ktol"])
    return np.asarray(left[:, seen].reshape(PEOPLE, 2, len(seen)))


def patients(p: dict[str, float]) -> dict[str, float]:
    """What the model says of eight sessions of the spray."""
    z = normals(PEOPLE)
    offset = p["offset"] * np.exp(p["offset_sd"] * z[:, 0])
    base = baseline(z[:, 2], p["baseline_sd"], ZERO)
    seen = [int(np.argmin(np.abs(TIMES - hour))) for hour in RATED]
    left = {dose: left_at(p, dose, offset, p["esketamine_potency"], seen) for dose in SPRAY}
    part = p.get("occasion_part", OCCASION_PART)
    person = p["patients"] * np.exp(p["sensitivity_sd"] * np.sqrt(1 - part) * z[:, 1]) / p["half"]
    own = p["sensitivity_sd"] * np.sqrt(part)
    found = {}
    for dose, one in SPRAY.items():
        none = np.ones(PEOPLE)
        for k in range(SESSIONS):
            now = left[dose][:, min(k, 1)].max(axis=1)
            none *= 1 - above(now * person * waned(p["waning"], k), base, own)
        by_drug = 1 - none.mean()
        found[one] = float(1 - (1 - by_drug) * (1 - p["placebo_above_4"]))
    found["resolved"] = float(above(left[56][:, 0, 1] * person, base, own).mean())
    return found


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    found = volunteers(p) | patients(p)
    ratio = float(np.exp(-p["waning"] * GLUE_SESSIONS))
    return found | {
        **dict.fromkeys(SALINE, p["saline_mean"]),
        PLACEBO: p["placebo_above_4"],
        GLUE: ratio,
    }


def listed() -> list[Point]:
    """Return the points with their errors."""
    read = points_read()
    found = [_mean(read[one]) for one in (POST, END, PRE, *SALINE)]
    found += [_sd(read[one]) for one in (POST, END)]
    found += [_share(read[ABOVE]), _share(read[SPRAY[56]]), _share(read[SPRAY[84]], MEMORY)]
    found.append(_share(read[PLACEBO]))
    found.append(Point(GLUE, read[GLUE].value, 0.28, scale="log"))
    return found


def unprinted() -> list[Point]:
    """Return what counts in the fit and is no printed number of an arm.

    The second is an assumption of what words mean and is told with the assumptions.
    """
    r, n = CORRELATION
    return [
        Point(f"{END}:correlation", r, (1 - r**2) / np.sqrt(n - 2)),
        Point("resolved", 0.10, 0.75, scale="logit"),
    ]


def _mean(v: PublishedValue) -> Point:
    error = float(v.sd or 0) / np.sqrt(v.conditions.n or 1)
    # the three saline ratings are of the same people: their means count as one
    return Point(v.id, v.value, error * (np.sqrt(3) if "saline" in v.id else 1))


def _sd(v: PublishedValue) -> Point:
    n = v.conditions.n or 2
    return Point(f"{v.id}:sd", float(v.sd or 0), 1 / np.sqrt(2 * n - 2), scale="log")


def _share(v: PublishedValue, more: float = 0.0) -> Point:
    n = v.conditions.n or 1
    more = max(more, doubt(v.id))
    return Point(v.id, v.value, float(np.hypot(np.sqrt(v.value * (1 - v.value) / n), more)))


def doubt(name: str) -> float:
    """SD of an even spread over the printed range of which a value is an end; nought for others."""
    low, high = RANGES.get(name, (0.0, 0.0))
    return (high - low) / float(np.sqrt(12))


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


def widened() -> dict[str, Any]:
    """Return the fit with what it takes for granted in its covariance.

    That half of the variance of sensitivity is of the occasion is an assumption: the fits with a
    quarter and with three quarters lie one standard error either way. Trials differ more than
    their errors: the level has 0.3 of its logarithm more.
    """
    found = run()
    low, high = (run(part)["values"] for part in (0.25, 0.75))
    step = np.array(
        [(on(f.scale, high[n]) - on(f.scale, low[n])) / 2 for n, f in FREE.items()]
    )  # fmt: skip
    covariance = found["covariance"] + np.outer(step, step)
    covariance[0, 0] += BETWEEN_TRIALS**2
    return found | {"covariance": covariance, "of_points": found["covariance"]}


HELD = [
    {
        "name": "ke0", "value": short(KE0), "unit": "1/h",
        "meaning": "rate at which the effect site follows plasma",
        "held": "half-time of 6.1 min, mean over end points of esketamine in Olofsen 2012; none is "
        "of dissociation",
    },
    {
        "name": "occasion_part", "value": OCCASION_PART, "unit": "1",
        "meaning": "part of the variance of sensitivity that is drawn anew in each session",
        "held": "assumed: nobody printed scores of the same people in several sessions; a quarter "
        "and three quarters are in the errors",
    },
    {
        "name": "baseline_zero", "value": short(ZERO), "unit": "1",
        "meaning": "share of people with a total of 0 before the drug",
        "held": "23 of 32 before ketamine in Goldway 2025",
    },
]  # fmt: skip
LIMITS = [
    "Scores after racemate are of one study of 33 healthy volunteers of about 30 years, 16 of whom "
    "had had ketamine before. Patients have their own factor, from shares after the spray, with "
    "the potency of esketamine taken from binding (Ebert 1997: 1.65, assumed to a factor of 1.2): "
    "the two cannot be told apart. That it holds for racemate as well is an assumption.",
    "69 % after 84 mg is from memory of the label (section 6.1). 61 % after 56 mg and 5 % after "
    "placebo are ends of ranges that were read (61 to 75 %, 5 to 16 %); that they are of these "
    "arms is from memory. The errors are larger for it.",
    "A small chi square proves little: saline, placebo and waning have a parameter each, and mean, "
    "SD and share of the last rating are of the same 27 people.",
    "No score after a dose into a muscle, of racemate by spray or of esketamine into a vein is in "
    "it: there the concentration alone carries it over.",
    "Acute tolerance rests on the last rating of the infusion, whose minute is not settled, and on "
    "the disposition of clements_1981. Its rate is assumed, not found: without that assumption "
    "neither the rate nor the part it offsets is determined.",
    "Waning is by number of sessions, from one open study of 20 responders given racemate under "
    "the skin; after 26 sessions it stays as it is. What a break of weeks brings back is not "
    "known.",
    "Ratings scatter more within a session than here: the correlation of the two ratings is 0.24, "
    "the fit has more.",
    "The level before the drug is at most 4; with saline 30 % of the same people rated above 4 in "
    "a first session.",
]
SOURCES = [
    "goldway_2025", "spravato_us_label", "jnj_dissociation", "glue_2018", "olofsen_2012",
    "ebert_1997", "bowdle_1998", "clements_1981", "perez_ruixo_2021",
]  # fmt: skip


def content() -> dict[str, Any]:
    """Return what the file holds."""
    found, bare = widened(), without_tolerance()
    more = {p.id.rsplit(":", 1)[-1]: p for p in unprinted()}
    method = (
        "The total rises by x/(1 + x) of the room up to 92; x is the concentration left by acute "
        "tolerance over half, times a lognormal sensitivity (linear in concentration as Bowdle "
        "1998 found of other scales). Weighted least squares of means, standard deviations and "
        "shares. More residuals: the correlation of the two ratings after racemate "
        f"({more['correlation'].value} published, "
        f"{found['said'][f'{END}:correlation']:.2f} fitted). "
        "Assumed before the fit: potency of esketamine 1.65 (error 0.2 of its logarithm), ktol 1.5 "
        "per h (0.7), the last rating 15 min after the infusion (0 to 30), and that generally "
        "resolved by 1.5 h means 10 % of people above 4 (5 to 20 %; "
        f"{100 * found['said']['resolved']:.0f} % in the fit). The errors hold the "
        "split of sensitivity between person and occasion, and 0.3 of the logarithm of half for "
        "other trials, which is assumed as well. Without acute "
        "tolerance chi square is "
        f"{bare['chi_square']:.1f} instead of {found['chi_square']:.1f}, with three parameters "
        "fewer. Concentrations: clements_1981, perez_ruixo_2021."
    )
    head = {
        "name": "dissociation", "title": "Dissociation (CADSS total)",
        "script": "calibration/dissociation.py", "method": method,
        "studies": ["goldway_2025", "transform_1", "glue_2018"],
        "limits": LIMITS, "sources": SOURCES,
    }  # fmt: skip
    return document(head, FREE, HELD, listed(), found)


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
