"""The model of ``calibration/pressure.py``: what it says of every point at given parameters.

People differ in sensitivity, in scatter of readings, in pressure before the dose, in concentration
and in dose: five numbers that fill their space evenly. Sessions of a person are alike but for what
is drawn anew, so that a share at any of eight is one less the eighth power of the chance of none,
by quadrature. So a thousand people settle shares that would take many more at random.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from pressure_points import (
    ESK,
    EVENT,
    HIGH,
    INFUSED,
    KINDS,
    LANGSJO,
    PBO,
    RISE,
    SERIES_AGE,
    SHORT,
    YALE,
    read,
)
from scipy.special import ndtri
from scipy.stats import qmc

from ketascope.checks.arms import regimen_of
from ketascope.effects.opposed import drive
from ketascope.effects.pressure import AGE, age_factor, response
from ketascope.effects.pressure_readings import (
    READ,
    below,
    largest,
    largest_day,
    levels_before,
    none_high,
    with_sensitivity,
)
from ketascope.engine.simulate import simulate
from ketascope.evidence.published import Conditions
from ketascope.patients import Patient

TIMES = np.unique(np.concatenate([np.arange(0, 91, 2.5) / 60, [2 / 3]]))
"""h after the start."""
SESSIONS = 8
SIMULATED = 4096
PEOPLE = 1024
"""One in four of those simulated, ordered by concentration."""
SHARE_56 = 1 / 3
OCCASION_PART = 0.5
BEFORE_PART = 0.0
"""Part of the variance of pressure before the dose that is drawn anew in each session."""
KE0 = float(np.log(2) / (6.1 / 60))
MEAN_PRESSURE = 85.0
HELD_LEVEL, HELD_HOURS, YOUNG = 1959.0, 1.0, 25.0
BASE_SD = {"systolic": 11.0, "diastolic": 8.0}


def nodes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal nodes and their weights, which add up to one."""
    found, weights = np.polynomial.hermite_e.hermegauss(count)
    return found, weights / weights.sum()


OCCASION, OCCASION_WEIGHT = nodes(13)


def count(p: dict[str, float]) -> int:
    """How many people the model is worked out for."""
    return int(p.get("people", PEOPLE))


@lru_cache(maxsize=3)
def normals(people: int) -> dict[str, np.ndarray]:
    """Standard normal numbers of people; ``rank`` and ``dose`` are even numbers from 0 to 1."""
    even = np.clip(qmc.Sobol(6, seed=7).random(people), 1e-6, 1 - 1e-6)
    z = ndtri(even)
    return {
        "person": z[:, 0], "noise": z[:, 1], "before": z[:, 2], "occasion": z[:, 3],
        "rank": even[:, 4], "dose": even[:, 5],
    }  # fmt: skip


@lru_cache(maxsize=1)
def simulated() -> tuple[np.ndarray, np.ndarray]:
    """Concentrations after 56 and 84 mg, ng/mL, of the same people, by their level at 40 min."""
    low, high = (
        _exposure(f"esketamine {dose} mg intranasal once", "esketamine", SIMULATED)
        for dose in (56, 84)
    )
    order = np.argsort(high[:, at((2 / 3,))[0]])
    return low[order], high[order]


@lru_cache(maxsize=3)
def spray(people: int) -> np.ndarray:
    """Concentrations of a session, ng/mL, shape (people, times): a third of people has 56 mg."""
    low, high = simulated()
    z = normals(people)
    part = SIMULATED // people
    rank = np.argsort(np.argsort(z["rank"])) * part + part // 2
    return np.where((z["dose"] < SHARE_56)[:, None], low[rank], high[rank])


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


def parts(p: dict[str, float], concentrations: np.ndarray) -> np.ndarray:
    """Part of the highest rise of a middle person, shape (people, times)."""
    left = drive(TIMES, concentrations, p["ke0"], p["offset"], p["ktol"])
    return response(left, p["ec50"])


def factors(p: dict[str, float], occasion: np.ndarray) -> np.ndarray:
    """Sensitivity of people with these numbers of the session, shape (people, sessions)."""
    z, part = normals(count(p)), p.get("occasion_part", OCCASION_PART)
    own = np.sqrt(1 - part) * z["person"][:, None] + np.sqrt(part) * occasion
    return np.asarray(np.exp(p["sensitivity_sd"] * own))


def scatter(p: dict[str, float], kind: str) -> np.ndarray:
    """SD of a reading of people, mmHg, shape (people,)."""
    return np.asarray(p[f"noise_{kind}"] * np.exp(p["noise_spread"] * normals(count(p))["noise"]))


def any_day(none: np.ndarray, weights: np.ndarray) -> float:
    """Share of people with it at any of eight sessions, from the chance of none in one."""
    return max(0.0, float(1 - ((none @ weights) ** SESSIONS).mean()))


def high_share(p: dict[str, float], kind: str, nasal: np.ndarray, most: float) -> float:
    """Share of people with a high reading at any of eight sessions."""
    z, part = normals(count(p)), p.get("before_part", BEFORE_PART)
    day, weights = nodes(9 if part else 1)
    own = with_sensitivity(z["before"], z["person"], p["rise_with_before"])[:, None]
    own = np.sqrt(1 - part) * own + np.sqrt(part) * day
    levels = levels_before(kind, p[f"before_{kind}"], BASE_SD[kind], own)
    sd, none = scatter(p, kind), np.zeros((count(p), OCCASION.size))
    rise = most * factors(p, OCCASION)[:, :, None] * nasal[:, None, :]
    for k, weight in enumerate(weights):
        none += weight * none_high(rise, sd, levels[:, k], HIGH[kind])
    return any_day(none, OCCASION_WEIGHT)


def arm(p: dict[str, float], kind: str, nasal: np.ndarray, n: int) -> tuple[float, float, float]:
    """Mean of largest changes (of the largest day), share with a large change, with a high one."""
    sd, most = scatter(p, kind), p[f"highest_{kind}"]
    z = normals(count(p))
    one = most * factors(p, z["occasion"][:, None])[:, :, None] * nasal[:, None, :]
    sessions = most * factors(p, OCCASION)
    rise = sessions[:, :, None] * nasal[:, None, :]
    first = sessions * nasal[:, :1]
    differ = (first**2) @ OCCASION_WEIGHT - (first @ OCCASION_WEIGHT) ** 2
    return (
        float(largest(one, sd).mean()) + largest_day(sd, float(differ.mean()), n),
        any_day(below(rise, sd, RISE[kind]), OCCASION_WEIGHT),
        high_share(p, kind, nasal, most),
    )


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point."""
    nasal = parts(p, spray(count(p)))[:, at(READ)]
    vein = {
        name: parts(p, p[f"series_{name}"] * p["racemate_potency"] * infusion())[0]
        for name in INFUSED
    }
    mean = float(np.exp(p["sensitivity_sd"] ** 2 / 2))
    square = float(np.exp(2 * p["sensitivity_sd"] ** 2))
    held = _held(p) * float(age_factor(YOUNG, p["age_slope"])) * mean
    found: dict[str, float] = {}
    for kind in KINDS:
        most = p[f"highest_{kind}"]
        for who, seen, of in (("esk", nasal, ESK), ("pbo", np.zeros_like(nasal), PBO)):
            n = read()[of.format(kind)].conditions.n or 1
            told = arm(p, kind, seen, n)
            names = [EVENT.format(who, SHORT[kind], cut) for cut in (RISE[kind], HIGH[kind])]
            found |= dict(zip((of.format(kind), *names), told, strict=True))
        for name, (of, hour) in INFUSED.items():
            older = float(age_factor(SERIES_AGE.get(name, AGE), p["age_slope"]))
            middle = most * float(vein[name][at((hour,))[0]]) * older
            found[of.format(kind)] = middle * mean
            if name == "yale":
                spread = middle**2 * (square - mean**2) + 2 * np.mean(scatter(p, kind) ** 2)
                found[f"{of.format(kind)}:sd"] = float(np.sqrt(spread))
    rises = [p[f"highest_{kind}"] * held for kind in KINDS]
    found[LANGSJO] = float((rises[0] + 2 * rises[1]) / 3 / MEAN_PRESSURE)
    return found


def _held(p: dict[str, float]) -> float:
    """Part of the highest rise after an hour at the level of anaesthesia."""
    times = np.linspace(0, HELD_HOURS, 61)
    left = drive(times, np.full((1, times.size), HELD_LEVEL), p["ke0"], p["offset"], p["ktol"])
    return float(response(left, p["ec50"]).max())


def largest_mean_rise(p: dict[str, float]) -> float:
    """Largest mean systolic rise after 84 mg of the spray, mmHg, at the age of the trials."""
    people = simulated()[1][8::16]
    mean = parts(p, people).mean(axis=0).max() * np.exp(p["sensitivity_sd"] ** 2 / 2)
    return float(p["highest_systolic"] * mean)
