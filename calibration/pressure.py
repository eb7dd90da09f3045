"""Fit the rise of blood pressure to published means and shares.

Run from the root of the repository: ``python calibration/pressure.py`` (about a minute). It reads
published values of ``effects/blood_pressure.yaml`` that are for fitting, by their ids, and writes
``src/ketascope/effects/data/pressure.yaml``.

Model (``ketascope.effects.pressure``)
    What acute tolerance leaves of the concentration, over itself and ``ec50``, times the highest
    rise, times a lognormal sensitivity of person and session, is the rise. Racemate counts as
    ``racemate_potency`` of its concentration of esketamine.
Readings
    Each reading scatters about the true level; the one before the dose does too, so that a change
    of one reading scatters by root two of it. People differ in how much they scatter. With placebo
    the largest of three changes is above nought by scatter alone.
Points
    Of the spray: mean of the largest change (two thirds had 84 mg, one third 56), shares with large
    changes and high readings at any of eight sessions, with placebo as well. Of infusions of
    racemate: means of three series, near the end, and the SD of one. Of anaesthesia: the rise of
    mean pressure, in parts of the level before. Numbers of the same people go together: six of each
    arm of the spray (r of 0.5 assumed), systolic and diastolic of a series (0.7); their errors are
    larger by the root of 1 + (k - 1) r. How fast pressure falls no point tells: it follows from
    what is assumed of acute tolerance, and its errors say so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from fitting import Free, document, fit, on, short, write
from pressure_points import (
    ESK,
    EVENT,
    HIGH,
    INFUSED,
    KINDS,
    LANGSJO,
    PBO,
    RISE,
    SERIES,
    SERIES_AGE,
    SHORT,
    YALE,
    age_prior,
    between_series,
    listed,
    read,
)
from scipy.special import ndtri
from scipy.stats import binom, qmc

from ketascope.checks.arms import regimen_of
from ketascope.effects.opposed import drive
from ketascope.effects.pressure import AGE, age_factor, response
from ketascope.effects.pressure_readings import (
    READ,
    levels_before,
    mean_of_largest,
    share_changed,
    share_high,
)
from ketascope.engine.simulate import simulate
from ketascope.evidence.published import Conditions
from ketascope.patients import Patient

TIMES = np.unique(np.concatenate([np.arange(0, 91, 2.5) / 60, [2 / 3]]))
"""h after the start."""
SESSIONS = 8
SIMULATED = 2048
PEOPLE = 128
"""One in sixteen of those simulated, ordered by concentration: so few at random would be off."""
SHARE_84 = 2 / 3
OCCASION_PART = 0.5
KE0 = float(np.log(2) / (6.1 / 60))
BETWEEN_TRIALS = 0.2
MEAN_PRESSURE = 85.0
HELD_LEVEL, HELD_HOURS, YOUNG = 1959.0, 1.0, 25.0
BASE_SD = {"systolic": 11.0, "diastolic": 8.0}


def parameters() -> dict[str, Free]:
    """Return what is fitted, with what is assumed of it."""
    return {
        "highest_systolic": Free(40.0, "log", "mmHg", "highest rise of systolic pressure of a "
                                 "middle person of 46 years"),
        "highest_diastolic": Free(26.0, "log", "mmHg", "highest rise of diastolic pressure of a "
                                  "middle person of 46 years"),
        "ec50": Free(230.0, "log", "ng/mL", "esketamine left by tolerance at half the highest "
                     "rise"),
        "racemate_potency": Free(1 / 1.65, "log", "1", "ng/mL of esketamine that 1 ng/mL of "
                                 "racemate is worth", (1 / 1.65, 0.3)),
        "offset": Free(0.72, "log", "1", "part of a steady concentration that acute tolerance "
                       "offsets in the end", (0.5, 0.5)),
        "ktol": Free(1.5, "log", "1/h", "rate at which acute tolerance follows the effect site",
                     (1.5, 0.7)),
        "sensitivity_sd": Free(0.59, "log", "1", "SD of the logarithm of the rise, between people "
                               "and sessions together"),
        "age_slope": Free(age_prior()[0], "identity", "1/year", "slope of the logarithm of the "
                          "rise by age, turned from odds of a surge", age_prior()),
        "noise_systolic": Free(5.7, "log", "mmHg", "SD of a systolic reading in a middle person"),
        "noise_diastolic": Free(4.3, "log", "mmHg", "SD of a diastolic reading in a middle "
                                "person"),
        "noise_spread": Free(0.32, "log", "1", "SD of the logarithm of that SD between people",
                             (0.4, 0.5)),
        "before_systolic": Free(117.0, "identity", "mmHg", "mean systolic pressure before the dose "
                                "in the trials of the spray", (117.0, 5.0)),
        "before_diastolic": Free(74.0, "identity", "mmHg", "mean diastolic pressure before the "
                                 "dose in the trials of the spray", (74.0, 4.0)),
        **{
            f"series_{name}": Free(1.0, "log", "1", f"rise in a fitted series of infusions "
                                   f"({name}) over that in all; not in curves",
                                   (1.0, between_series()))
            for name in SERIES
        },
        "infusions": Free(1.0, "log", "1", "rise in another series of infusions of racemate over "
                          "that in all", (1.0, between_series())),
    }  # fmt: skip


def count(p: dict[str, float]) -> int:
    """How many people the model is worked out for."""
    return int(p.get("people", PEOPLE))


@lru_cache(maxsize=2)
def normals(people: int) -> dict[str, np.ndarray]:
    """Standard normal numbers that fill their space evenly."""
    even = qmc.Sobol(4 + SESSIONS, seed=7).random(people)
    z = ndtri(np.clip(even, 1e-6, 1 - 1e-6))
    return {
        "person": z[:, 0], "noise": z[:, 1], "systolic": z[:, 2], "diastolic": z[:, 3],
        "occasion": z[:, 4:],
    }  # fmt: skip


@lru_cache(maxsize=2)
def spray(people: int) -> np.ndarray:
    """Concentrations of a session, ng/mL, shape (people, times): a third of people has 56 mg."""
    found = [_exposure(f"esketamine {dose} mg intranasal once", "esketamine", SIMULATED)
             for dose in (56, 84)]  # fmt: skip
    order = np.argsort(found[1][:, at((2 / 3,))[0]])
    part = SIMULATED // people
    # in no order again: who has which concentration owes nothing to his other numbers
    chosen = np.random.default_rng(1).permutation(order[part // 2 :: part])
    found = [one[chosen] for one in found]
    most = np.arange(people) % 3 != 0
    return np.where(most[:, None], found[1], found[0])


@lru_cache(maxsize=1)
def infusion() -> np.ndarray:
    """Concentrations of racemate of the series of infusions, ng/mL, shape (1, times)."""
    return _exposure(read()[YALE.format("systolic")].conditions.regimen, "ketamine", 1)


def _exposure(regimen: str, drug: str, people: int) -> np.ndarray:
    model = {"esketamine": "perez_ruixo_2021", "ketamine": "clements_1981"}[drug]
    result = simulate(
        regimen_of(Conditions(regimen=regimen, people="")), Patient.of({"age": AGE, "weight": 80}),
        n=people, model=model, times=TIMES, seed=20261127, force=True, workers=1,
    )  # fmt: skip
    return np.asarray(result[drug].transpose("subject", "time"))


def at(hours: tuple[float, ...]) -> list[int]:
    """Return where times lie."""
    return [int(np.argmin(np.abs(TIMES - hour))) for hour in hours]


def parts(p: dict[str, float], concentrations: np.ndarray, hours: tuple[float, ...]) -> np.ndarray:
    """Part of the highest rise of a middle person at times, shape (people, len(hours))."""
    left = drive(TIMES, concentrations, KE0, p["offset"], p["ktol"])
    return response(left, p["ec50"])[:, at(hours)]


def factors(p: dict[str, float]) -> np.ndarray:
    """Sensitivity of people in sessions, shape (people, sessions)."""
    z, part = normals(count(p)), p.get("occasion_part", OCCASION_PART)
    own = np.sqrt(1 - part) * z["person"][:, None] + np.sqrt(part) * z["occasion"]
    return np.asarray(np.exp(p["sensitivity_sd"] * own))


def scatter(p: dict[str, float], kind: str) -> np.ndarray:
    """SD of a reading of people, mmHg, shape (people,)."""
    return np.asarray(p[f"noise_{kind}"] * np.exp(p["noise_spread"] * normals(count(p))["noise"]))


def arm(p: dict[str, float], kind: str, rise: np.ndarray) -> tuple[float, float, float]:
    """Mean of largest changes (of the largest day), share with a large change, with a high one."""
    sd = scatter(p, kind)
    n = read()[(ESK if rise.any() else PBO).format(kind)].conditions.n or 1
    before = levels_before(kind, p[f"before_{kind}"], BASE_SD[kind], normals(count(p))[kind])
    return (
        mean_of_largest(rise, sd, n),
        share_changed(rise, sd, RISE[kind]),
        share_high(rise, sd, before, HIGH[kind]),
    )


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    sensitivity = factors(p)
    nasal = parts(p, spray(count(p)), READ)
    vein = parts(p, p["racemate_potency"] * infusion(), (0.5, 2 / 3))[0]
    young = float(age_factor(YOUNG, p["age_slope"]))
    held = _held(p) * young * sensitivity.mean()
    found: dict[str, float] = {}
    for kind in KINDS:
        most = p[f"highest_{kind}"]
        rise = most * sensitivity[:, :, None] * nasal[:, None, :]
        for who, rises, mean in (("esk", rise, ESK), ("pbo", np.zeros_like(rise), PBO)):
            largest_mean, changed, high = arm(p, kind, rises)
            found[mean.format(kind)] = largest_mean
            found[EVENT.format(who, SHORT[kind], RISE[kind])] = changed
            found[EVENT.format(who, SHORT[kind], HIGH[kind])] = high
        for name, (of, hour) in INFUSED.items():
            part = vein[0] if hour == 0.5 else vein[1]
            older = float(age_factor(SERIES_AGE.get(name, AGE), p["age_slope"]))
            infused = p[f"series_{name}"] * most * part * sensitivity * older
            found[of.format(kind)] = float(infused.mean())
            if name == "yale":
                spread = infused.var() + 2 * np.mean(scatter(p, kind) ** 2)
                found[f"{of.format(kind)}:sd"] = float(np.sqrt(spread))
    rises = [p[f"highest_{kind}"] * held for kind in KINDS]
    found[LANGSJO] = float((rises[0] + 2 * rises[1]) / 3 / MEAN_PRESSURE)
    return found


def _held(p: dict[str, float]) -> float:
    """Part of the highest rise after an hour at the level of anaesthesia."""
    times = np.linspace(0, HELD_HOURS, 61)
    left = drive(times, np.full((1, times.size), HELD_LEVEL), KE0, p["offset"], p["ktol"])
    return float(response(left, p["ec50"]).max())


def run(occasion_part: float = OCCASION_PART) -> dict[str, Any]:
    """Return the fit: estimates, covariance, residuals; see ``fitting.fit``."""
    more = {"occasion_part": occasion_part}
    return fit(parameters(), listed(), lambda p: predicted(p | more))


def widened() -> dict[str, Any]:
    """Return the fit with its assumptions in the covariance, as for dissociation.

    Trials differ more than their errors: both highest rises have 0.2 of the logarithm more, the
    same for both.
    """
    found = run()
    low, high = (run(part)["values"] for part in (0.25, 0.75))
    step = np.array(
        [(on(f.scale, high[n]) - on(f.scale, low[n])) / 2 for n, f in parameters().items()]
    )  # fmt: skip
    covariance = found["covariance"] + np.outer(step, step)
    covariance[:2, :2] += BETWEEN_TRIALS**2
    return found | {"covariance": covariance, "of_points": found["covariance"]}


HELD = [
    {
        "name": "ke0", "value": short(KE0), "unit": "1/h",
        "meaning": "rate at which the effect site follows plasma",
        "held": "as for dissociation: half-time of 6.1 min, mean over end points of esketamine in "
        "Olofsen 2012; none is of pressure",
    },
    {
        "name": "occasion_part", "value": OCCASION_PART, "unit": "1",
        "meaning": "part of the variance of sensitivity that is drawn anew in each session",
        "held": "assumed: nobody printed rises of the same people in several sessions; a quarter "
        "and three quarters are in the errors",
    },
    {
        "name": "before_systolic_sd", "value": BASE_SD["systolic"], "unit": "mmHg",
        "meaning": "SD of systolic pressure before the dose between people",
        "held": "559 patients with depression in Bakish 2014 (10.9 to 11.2), cut off at 140: the "
        "trials of the spray did not dose above",
    },
    {
        "name": "before_diastolic_sd", "value": BASE_SD["diastolic"], "unit": "mmHg",
        "meaning": "SD of diastolic pressure before the dose between people",
        "held": "559 patients with depression in Bakish 2014 (7.5 to 8.3), cut off at 90: the "
        "trials of the spray did not dose above",
    },
]  # fmt: skip
LIMITS = [
    "How fast pressure falls no fitted point tells: the mean by time was not found in print. It "
    "follows from the concentration and from what is assumed of acute tolerance (offset 0.5, rate "
    "1.5 per h, to factors of 1.6 and 2), which the errors hold. What is said elsewhere conflicts: "
    "about 4 h (US label), 1 to 2 h (EU), back by 1.5 h (the trials).",
    "Three series of infusions differ fivefold (largest mean rises of 16, 7.4 and 3.3 "
    "mmHg: Yale 2024, Zhou 2021, Riva-Posse 2018): 0.8 of the logarithm, in every curve after "
    "racemate: three series hardly tell that SD, so that the band is the least that can be said. "
    "The dose and the age of Yale 2024 are assumed (its abstract has none), and whether its mean "
    "is over all infusions or those with a surge is not said. Potency of racemate is assumed from "
    "binding (Ebert 1997: 1 over 1.65, to a factor of 1.35).",
    "Where the rise ends rests on one level in eight anaesthetised men (Langsjo 2005), with a mean "
    "pressure of 85 mmHg before, 25 years of age and an hour at the level assumed; its error is "
    "0.3 of the logarithm.",
    "Systolic pressure of 180 mmHg or more: {seen} of {people} measured, where {many} people at "
    "the estimate expect {expected:.1f} (as many or more come by chance with {chance:.1%}): the "
    "tail is too short. The fit, with {few} people, takes {fitted:.1f} to be expected. A rise that "
    "grows with the pressure before the dose would lengthen it; how far they go together was not "
    "found in print.",
    "Numbers of one arm are of the same readings: how far they go together (r of 0.5; 0.7 of a "
    "series) is assumed.",
    "That trials of the spray differ by 0.2 of the logarithm of the highest rise is assumed.",
    "Readings at 40 min, 1 h and 1.5 h are assumed. The largest day of dosing is allowed for as "
    "the largest of eight means.",
    "No pressure by session was fitted: that the rise is the same in each session is assumed.",
    "Scatter of readings is of people under 65; that it grows with age is known but no number was "
    "fitted.",
    "Hypertension, stimulants, monoamine oxidase inhibitors, benzodiazepines: no number to fit. "
    "Pulse: two means, of infusions and of anaesthesia, are not enough.",
]


def limits(found: dict[str, Any]) -> list[str]:
    """Return the limits, with how far the largest readings are from what was measured.

    A tail needs more people than the fit has: it is worked out again with all that were simulated.
    """
    name = EVENT.format("esk", "sbp", HIGH["systolic"])
    people = read()[name].conditions.n or 1
    seen = round(read()[name].value * people)
    share = predicted(found["values"] | {"people": SIMULATED})[name]
    told = {
        "seen": seen, "people": people, "many": SIMULATED, "few": PEOPLE,
        "expected": people * share, "chance": float(binom.sf(seen - 1, people, share)),
        "fitted": people * found["said"][name],
    }  # fmt: skip
    return [one.format(**told) if "{expected" in one else one for one in LIMITS]


def content() -> dict[str, Any]:
    """Return what the file holds."""
    found = widened()
    slope, error = age_prior()
    method = (
        "The rise is highest * x/(ec50 + x), x what acute tolerance leaves of esketamine (racemate "
        "by its potency), times a lognormal sensitivity, half of whose variance is of the session. "
        "Readings scatter, people differ in how much. Weighted least squares of means of largest "
        "changes, shares, means of three series of infusions, an SD of one, and one level in "
        "anaesthesia; numbers of the same people count for less. Assumed before "
        "the fit (error of the logarithm): racemate_potency 0.61 (0.3), offset 0.5 (0.5), ktol 1.5 "
        "per h (0.7), noise_spread 0.4 (0.5), each series and infusions 1 "
        f"({between_series():.2f}, what three series differ by); mean pressure before "
        "117 and 74 mmHg (5 and 4: Bakish 2014, patients of 43 years). age_slope "
        f"{slope:.4f} ({error:.4f}) a year is turned from odds of a surge of 1.04 (1.02 to 1.05) a "
        "year, by a logistic distribution of changes with the printed mean and SD. The errors hold "
        "the split of sensitivity between person and session (a quarter to three quarters), and "
        "0.2 of the logarithm of both highest rises for other trials. Concentrations: "
        f"perez_ruixo_2021 ({PEOPLE} people, a third 56 mg, the others 84 mg), clements_1981."
    )
    head = {
        "name": "pressure", "title": "Rise of blood pressure", "script": "calibration/pressure.py",
        "method": method,
        "studies": ["transform_1_2", "yale_bp_2024", "zhou_2021", "riva_posse_2018",
                    "langsjo_2005"],
        "limits": limits(found),
        "sources": ["doherty_2020", "spravato_us_label", "yale_bp_2024", "zhou_2021",
                    "riva_posse_2018", "langsjo_2005", "bakish_2014", "ebert_1997", "olofsen_2012",
                    "clements_1981", "perez_ruixo_2021"],
    }  # fmt: skip
    return document(head, parameters(), HELD, listed(), found)


def main() -> None:
    """Write the file and print what was fitted."""
    made = content()
    print(write(made))
    for one in made["parameters"]:
        print(one["name"], one["value"], one["unit"], one.get("se", "held"))
    for point in made["points"]:
        print(point["id"], point["published"], point["fitted"], "z", point["z"])
    print(made["chi_square"], made["degrees_of_freedom"], made["widened_by"])


if __name__ == "__main__":
    main()
