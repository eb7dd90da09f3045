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
    changes and high readings at any of eight sessions, with placebo as well; the mean over placebo
    at 40 min and 1.5 h (from memory). Of infusions of racemate: mean and SD at 40 min. Of
    anaesthesia: the rise of mean pressure, in parts of the level before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from fitting import Free, Point, document, fit, on, short, write
from scipy.special import ndtri
from scipy.stats import qmc

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
from ketascope.evidence.published import Conditions, PublishedValue, published
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
SERIES = 0.6
"""SD between series of infusions of the logarithm of the rise: two of the same dose had a mean rise
of 16 (Yale 2024) and a largest one of 3.3 mmHg (Riva-Posse 2018), an SD of 1.1 from one difference;
half-way to that from 0.2, which trials of the spray were given."""
MEAN_PRESSURE = 85.0
HELD_LEVEL, HELD_HOURS, YOUNG = 1959.0, 1.0, 25.0
BASE_SD = {"systolic": 11.0, "diastolic": 8.0}
KINDS = ("systolic", "diastolic")
RISE = {"systolic": 40.0, "diastolic": 25.0}
HIGH = {"systolic": 180.0, "diastolic": 110.0}
SHORT = {"systolic": "sbp", "diastolic": "dbp"}
ESK = "blood_pressure.transform_1_2_esketamine.{}_change.change"
PBO = "blood_pressure.transform_1_2_placebo.{}_change.change"
EVENT = "blood_pressure.transform_1_2_{}_{}{:.0f}.blood_pressure_event.proportion"
LABEL = "blood_pressure.spravato_label_course.{}_change.difference.{}h"
YALE = "blood_pressure.yale_bp_2024_infusions.{}_change.change.0.6667h"
LANGSJO = "blood_pressure.langsjo_2005_anaesthesia.mean_pressure_change.change"
ODDS_AGE, ODDS_LOW, ODDS_HIGH = 1.04, 1.02, 1.05
"""Odds of a surge for each year of age: note of the published arm of infusions."""


def age_prior() -> tuple[float, float]:
    """Slope of the logarithm of the rise by age, and its error, from the odds of a surge.

    Changes of a logistic distribution with the printed mean m and SD s: odds of lying above any
    cut that grow by log(OR) a year mean that m grows by log(OR) s sqrt(3) / pi. Half as much again
    goes into the error: the cut, and whether people or sessions were counted, are not stated.
    """
    value = read()[YALE.format("systolic")]
    scale = float(value.sd or 0) * np.sqrt(3) / np.pi / value.value
    slope = np.log(ODDS_AGE) * scale
    error = (np.log(ODDS_HIGH) - np.log(ODDS_LOW)) / (2 * 1.96) * scale
    return float(slope), float(np.hypot(error, 0.5 * slope))


@lru_cache(maxsize=1)
def read() -> dict[str, PublishedValue]:
    """Published values of pressure for fitting, by id."""
    return {
        v.id: v for v in published()
        if v.id.startswith("blood_pressure.") and v.used_for == "fit"
    }  # fmt: skip


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
        "series": Free(1.0, "log", "1", "rise in the fitted series of infusions over that in all; "
                       "not in curves", (1.0, SERIES)),
        "infusions": Free(1.0, "log", "1", "rise in another series of infusions of racemate over "
                          "that in all", (1.0, SERIES)),
    }  # fmt: skip


@lru_cache(maxsize=1)
def normals() -> dict[str, np.ndarray]:
    """Standard normal numbers that fill their space evenly."""
    even = qmc.Sobol(4 + SESSIONS, seed=7).random(PEOPLE)
    z = ndtri(np.clip(even, 1e-6, 1 - 1e-6))
    return {
        "person": z[:, 0], "noise": z[:, 1], "systolic": z[:, 2], "diastolic": z[:, 3],
        "occasion": z[:, 4:],
    }  # fmt: skip


@lru_cache(maxsize=1)
def spray() -> np.ndarray:
    """Concentrations of a session, ng/mL, shape (people, times): a third of people has 56 mg."""
    found = [_exposure(f"esketamine {dose} mg intranasal once", "esketamine", SIMULATED)
             for dose in (56, 84)]  # fmt: skip
    order = np.argsort(found[1][:, at((2 / 3,))[0]])
    part = SIMULATED // PEOPLE
    # in no order again: who has which concentration owes nothing to his other numbers
    chosen = np.random.default_rng(1).permutation(order[part // 2 :: part])
    found = [one[chosen] for one in found]
    most = np.arange(PEOPLE) % 3 != 0
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
    z, part = normals(), p.get("occasion_part", OCCASION_PART)
    own = np.sqrt(1 - part) * z["person"][:, None] + np.sqrt(part) * z["occasion"]
    return np.asarray(np.exp(p["sensitivity_sd"] * own))


def scatter(p: dict[str, float], kind: str) -> np.ndarray:
    """SD of a reading of people, mmHg, shape (people,)."""
    return np.asarray(p[f"noise_{kind}"] * np.exp(p["noise_spread"] * normals()["noise"]))


def arm(p: dict[str, float], kind: str, rise: np.ndarray) -> tuple[float, float, float]:
    """Mean of largest changes (of the largest day), share with a large change, with a high one."""
    sd = scatter(p, kind)
    n = read()[(ESK if rise.any() else PBO).format(kind)].conditions.n or 1
    before = levels_before(kind, p[f"before_{kind}"], BASE_SD[kind], normals()[kind])
    return (
        mean_of_largest(rise, sd, n),
        share_changed(rise, sd, RISE[kind]),
        share_high(rise, sd, before, HIGH[kind]),
    )


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    sensitivity = factors(p)
    nasal = parts(p, spray(), READ)
    vein = parts(p, p["racemate_potency"] * infusion(), (2 / 3,))[0, 0]
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
        found[LABEL.format(kind, "0.6667")] = float(rise[:, :, 0].mean())
        found[LABEL.format(kind, "1.5")] = float(rise[:, :, 2].mean())
        infused = p["series"] * most * vein * sensitivity
        found[YALE.format(kind)] = float(infused.mean())
        spread = infused.var() + 2 * np.mean(scatter(p, kind) ** 2)
        found[f"{YALE.format(kind)}:sd"] = float(np.sqrt(spread))
    rises = [p[f"highest_{kind}"] * held for kind in KINDS]
    found[LANGSJO] = float((rises[0] + 2 * rises[1]) / 3 / MEAN_PRESSURE)
    return found


def _held(p: dict[str, float]) -> float:
    """Part of the highest rise after an hour at the level of anaesthesia."""
    times = np.linspace(0, HELD_HOURS, 61)
    left = drive(times, np.full((1, times.size), HELD_LEVEL), KE0, p["offset"], p["ktol"])
    return float(response(left, p["ec50"]).max())


def listed() -> list[Point]:
    """Return the points with their errors."""
    values = read()
    found = []
    for kind in KINDS:
        # SE of the mean of about 10 mmHg of SD, and 0.5 for what the largest day adds
        for one, size in ((ESK, 10.0), (PBO, 8.0)):
            v = values[one.format(kind)]
            error = float(np.hypot(size / np.sqrt(v.conditions.n or 1), 0.5))
            found.append(Point(v.id, v.value, error, "mmHg"))
        # from memory: 1 mmHg more than half the range
        for hour in ("0.6667", "1.5"):
            v = values[LABEL.format(kind, hour)]
            low, high = v.interval or (v.value, v.value)
            error = float(np.hypot((high - low) / 2, 1.0))
            found.append(Point(v.id, v.value, error, "mmHg"))
        v = values[YALE.format(kind)]
        n = v.conditions.n or 2
        found.append(Point(v.id, v.value, float(v.sd or 0) / np.sqrt(n), "mmHg"))
        # whose SD it is (people or infusions) is not stated: 0.15 more
        sd_error = float(np.hypot(1 / np.sqrt(2 * n - 2), 0.15))
        found.append(Point(f"{v.id}:sd", float(v.sd or 0), sd_error, "mmHg", "log"))
        for who in ("esk", "pbo"):
            for cut in (RISE[kind], HIGH[kind]):
                found.append(_share(values[EVENT.format(who, SHORT[kind], cut)]))
    found.append(Point(LANGSJO, values[LANGSJO].value, 0.3, scale="log"))
    return found


def _share(v: PublishedValue) -> Point:
    """A share with its binomial error; that of none is as of one half of a person."""
    n = v.conditions.n or 1
    chance = max(v.value, 0.5 / n)
    return Point(v.id, v.value, float(np.sqrt(chance * (1 - chance) / n)))


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
    "The mean over placebo at 40 min and 1.5 h is from memory of the label (section 6.1); its "
    "errors are larger for it. How fast pressure falls rests on it, with the assumed offset and "
    "rate of acute tolerance.",
    "Series of infusions of one dose differ fivefold (mean rises of 16 and 3.3 mmHg: Yale 2024, "
    "Riva-Posse 2018), which is assumed as 0.6 of the logarithm in every curve after racemate. The "
    "fitted one may be of infusions with a surge alone (series). Potency of racemate is assumed "
    "from binding (Ebert 1997: 1 over 1.65, to a factor of 1.35): points alone cannot tell the two "
    "apart.",
    "Where the rise ends rests on one level in eight anaesthetised men (Langsjo 2005), with a mean "
    "pressure of 85 mmHg before, 25 years of age and an hour at the level assumed; its error is "
    "0.3 of the logarithm.",
    "Systolic pressure of 180 mmHg or more is met worst: 2.6 % of patients measured, 1.5 % fitted. "
    "Such tails rest on few of the 128 people of the fit, and shift by half with who they are.",
    "Systolic and diastolic are of the same readings and are fitted as if they were not: what both "
    "share (offset, rate, spread, concentration of half) is known less well than the errors say.",
    "Readings at 40 min, 1 h and 1.5 h are assumed. The largest day of dosing is allowed for as "
    "the largest of eight means.",
    "No pressure by session was fitted: that the rise is the same in each session is assumed.",
    "Scatter of readings is of people under 65; that it grows with age is known but no number was "
    "fitted.",
    "Hypertension, stimulants, monoamine oxidase inhibitors, benzodiazepines: no number to fit. "
    "Pulse: one number, of anaesthesia, is not enough.",
]


def content() -> dict[str, Any]:
    """Return what the file holds."""
    found = widened()
    slope, error = age_prior()
    method = (
        "The rise is highest * x/(ec50 + x), x what acute tolerance leaves of esketamine (racemate "
        "by its potency), times a lognormal sensitivity, half of whose variance is of the session. "
        "Readings scatter, people differ in how much. Weighted least squares of means of largest "
        "changes, shares, a mean and SD of infusions and one level in anaesthesia. Assumed before "
        "the fit (error of the logarithm): racemate_potency 0.61 (0.3), offset 0.5 (0.5), ktol 1.5 "
        "per h (0.7), noise_spread 0.4 (0.5), series and infusions 1 (0.6); mean pressure before "
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
        "studies": ["transform_1_2", "spravato_label_pool", "yale_bp_2024", "langsjo_2005"],
        "limits": LIMITS,
        "sources": ["doherty_2020", "spravato_us_label", "yale_bp_2024", "riva_posse_2018",
                    "langsjo_2005", "bakish_2014", "ebert_1997", "olofsen_2012", "clements_1981",
                    "perez_ruixo_2021"],
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
