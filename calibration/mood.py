"""Fit the course of MADRS after esketamine and ketamine to published trials.

Run from the root of the repository: ``python calibration/mood.py`` (about five minutes). It reads
published values that are for fitting (``calibration/mood_points.py``) and writes
``src/ketascope/effects/data/mood.yaml`` and, drawn from the likelihood
(``calibration/mood_sample.py``), ``mood_sample.csv``. ``calibration/mood_sensitivity.py`` fits
again with assumptions moved, one by one.

Model (``ketascope.effects.mood_model``)
    Improvement on a scale without ends: placebo, visit, time with or without a new antidepressant,
    drug, people.
Trials
    Each trial has a factor on the drug's part (1 + trial_drug * u) and a shift of the placebo
    part (trial_placebo * v); trials in another setting than that of outpatients have a further
    shift of that part (setting * w). u, v and w are standard normal and are integrated out: the
    slopes of the points in them add to the covariance of the residuals. The three SDs are fitted
    with the rest by the likelihood of that covariance, each with a wide prior.
Placebo
    How far placebo response differs between trials is assumed from 118 placebo arms of other
    antidepressants (``calibration/placebo.py``), turned to the scale of improvement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fitting import Free, Point, assumed, document, off, on, short, write
from mood_points import AWAY, TRIALS, Arm, arms, has_spread, listed, read
from placebo import placebo_prior, setting_sd
from relapse import RELAPSE_FREE, relapse
from sampling import write_sample
from scipy.optimize import minimize

from ketascope.effects.mood_model import Group, expected, improvement

STEP = 0.05
FREE = {
    "placebo": Free(0.5, "identity", "1", "improvement that comes with taking part, kept"),
    "visit": Free(0.5, "log", "1", "further improvement just after a session, with or without "
                  "the drug", (0.5, 0.7)),
    "visit_hours": Free(8.0, "log", "h", "time constant with which that wears off", (8.0, 0.5)),
    "onset_hours": Free(1.0, "log", "h", "time constant with which the placebo part sets in",
                        (1.0, 0.7)),
    "antidepressant": Free(1.0, "identity", "1", "improvement with a new antidepressant and "
                           "whatever else comes with time beside it, in the end"),
    "alone": Free(0.3, "logit", "1", "part of that which comes with time where none is begun",
                  (0.5, 1.5)),
    "antidepressant_days": Free(14.0, "log", "day", "time constant of that", (14.0, 0.4)),
    "strongest": Free(1.2, "log", "1", "largest improvement by the drug"),
    "beside": Free(0.7, "log", "1", "the drug's part beside a new antidepressant over that without "
                   "one", (1.0, 0.5)),
    "half_mg": Free(20.0, "log", "mg", "nasal esketamine that has half of it", (28.0, 0.8)),
    "decay_days": Free(5.0, "log", "day", "time constant with which a dose decays", (5.0, 0.7)),
    "rise_hours": Free(1.0, "log", "h", "time constant with which a dose rises", (1.5, 0.7)),
    "iv_worth": Free(45.0, "log", "mg", "nasal esketamine that 0.5 mg/kg of the racemate over "
                     "40 min is worth", (45.0, 0.5)),
    "spread": Free(0.9, "log", "1", "SD between people of the improvement"),
    "spread_ad": Free(1.5, "log", "1", "SD between people that a new antidepressant adds in the "
                      "end"),
    "trial_drug": Free(0.4, "log", "1", "SD between trials of the drug's part, over its mean",
                       (0.4, 0.5)),
    "trial_placebo": Free(0.3, "log", "1", "SD between trials of the placebo part",
                          placebo_prior()),
    "setting": Free(0.6, "log", "1", "SD of what a setting other than that of outpatients shifts "
                    "the placebo part by", (setting_sd(), 0.7)),
}  # fmt: skip
HELD_VALUES = {"cap": 1.25, "baseline_mean": 37.4, "baseline_sd": 5.6}


def groups(p: dict[str, float], arm: Arm, hour: float, z: np.ndarray) -> Group:
    """What the model says of an arm in trials that lie at ``z``; shape (rows of z, 1)."""
    w, count = np.asarray(arm.weights), len(TRIALS)
    u, v, away = z[:, :count], z[:, count : 2 * count], z[:, 2 * count :]
    # in SDs between trials, as improvement takes it
    v = v.copy()
    for k, trial in enumerate(AWAY):
        v[:, TRIALS.index(trial)] += away[:, k] * np.ravel(p["setting"] / p["trial_placebo"])
    mean, sd = improvement(p, [hour], arm.plan, (u @ w)[:, None], (v @ w)[:, None])
    return expected(p, mean, np.broadcast_to(sd, mean.shape), arm.baseline)


def predicted_in(p: dict[str, float], z: np.ndarray) -> dict[str, np.ndarray]:
    """What the model says of every point in trials that lie so, each of shape (rows of z,).

    ``z``: in SDs, drug's parts and placebo parts of every trial, then settings.
    """
    full = HELD_VALUES | p
    found: dict[str, np.ndarray] = {}
    known: dict[tuple[Arm, float], Group] = {}
    for value in read():
        hour = float(value.conditions.time or 0.0)
        said = []
        for arm in arms()[value.id]:
            if (arm, hour) not in known:
                known[arm, hour] = groups(full, arm, hour, z)
            said.append(known[arm, hour])
        name = {"madrs": "change"}.get(str(value.effect), str(value.effect))
        numbers = [getattr(one, name)[:, 0] for one in said]
        found[value.id] = numbers[0] - numbers[1] if len(numbers) == 2 else numbers[0]
        if value.quantity == "score":
            found[value.id] = found[value.id] + arms()[value.id][0].baseline[0]
        if has_spread(value):
            found[f"{value.id}:sd"] = said[0].sd[:, 0]
    return found


PLACES = 2 * len(TRIALS) + len(AWAY)


def predicted(p: dict[str, float]) -> dict[str, float]:
    """What the model says of every point in the middle of trials."""
    return {name: float(x[0]) for name, x in predicted_in(p, np.zeros((1, PLACES))).items()}


def slopes(p: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the residuals, and their slopes in where trials lie (drug, placebo, setting)."""
    points, unit = listed(), np.eye(PLACES)
    values = predicted_in(p, np.vstack([np.zeros((1, PLACES)), unit, -unit]))
    said = np.array([np.log(values[q.id]) if q.scale == "log" else values[q.id] for q in points])
    miss = said[:, 0] - np.array([on(q.scale, q.value) for q in points])
    return miss, (said[:, 1 : PLACES + 1] - said[:, PLACES + 1 :]) / 2


def residuals(p: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the residuals and their covariance, trials integrated out."""
    miss, j = slopes(p)
    return miss, np.diag([q.error**2 for q in listed()]) + j @ j.T


def places(p: dict[str, float]) -> list[dict[str, Any]]:
    """Where each trial lies among trials, in SDs: what is expected of it given its points."""
    _, j = slopes(p)
    miss, v = residuals(p)
    found = -j.T @ np.linalg.solve(v, miss)
    names = [(part, trial) for part in ("drug", "placebo") for trial in TRIALS]
    names += [("setting", trial) for trial in AWAY]
    return [
        {
            "name": f"{part}_in_{trial}", "value": short(float(x), 3), "unit": "1",
            "meaning": f"where {trial} lies among trials in its {part} part, in SDs",
            "held": "worked out after the fit from the points of that trial (empirical Bayes); "
            "for showing that trial, in no prediction of others",
        }
        for (part, trial), x in zip(names, found, strict=True)
    ]  # fmt: skip


def values_at(x: np.ndarray) -> dict[str, float]:
    """Return parameters from their scales."""
    return {name: off(f.scale, float(v)) for (name, f), v in zip(FREE.items(), x, strict=True)}


def objective(x: np.ndarray) -> float:
    """Twice the negative logarithm of the likelihood, with the priors."""
    p = values_at(x)
    miss, v = residuals(p)
    found = float(miss @ np.linalg.solve(v, miss) + np.linalg.slogdet(v)[1])
    for name, one in FREE.items():
        if one.prior is not None:
            centre, sd = one.prior
            found += ((on(one.scale, p[name]) - on(one.scale, centre)) / sd) ** 2
    return found


def hessian(x: np.ndarray) -> np.ndarray:
    """Second differences of the objective over steps that are small beside the errors."""
    count = x.size
    steps = STEP * np.eye(count)
    h = np.empty((count, count))
    for i in range(count):
        for k in range(i + 1):
            a, b = steps[i], steps[k]
            h[i, k] = h[k, i] = (
                objective(x + a + b) - objective(x + a - b) - objective(x - a + b)
                + objective(x - a - b)
            ) / (4 * STEP**2)  # fmt: skip
    return h


def run() -> dict[str, Any]:
    """Return the fit as ``fitting.document`` wants it."""
    start = np.array([on(f.scale, f.start) for f in FREE.values()])
    found = minimize(objective, start, method="L-BFGS-B", options={"maxiter": 200})
    best = values_at(found.x)
    miss, v = residuals(best)
    covariance = 2 * np.linalg.inv(hessian(found.x))
    points = listed()
    priors = sum(f.prior is not None for f in FREE.values())
    full = np.sqrt(np.diag(v))
    return {
        "values": best, "covariance": covariance, "z": miss / full, "said": predicted(best),
        # with the residuals of the priors, which the degrees of freedom count as well
        "chi_square": float(found.fun - np.linalg.slogdet(v)[1]),
        "freedom": len(points) + priors - len(FREE), "widened": 1.0, "full": full,
        "at": found.x, "objective": float(found.fun),
    }  # fmt: skip


HELD = [
    {
        "name": "cap", "value": HELD_VALUES["cap"], "unit": "1",
        "meaning": "highest total of a person over the baseline",
        "held": "assumed: how far people worsen was not read",
    },
    {
        "name": "baseline_mean", "value": HELD_VALUES["baseline_mean"], "unit": "1",
        "meaning": "mean MADRS before the first dose",
        "held": "women and men of TRANSFORM-1 and -2 together (Jones 2022, Table 4)",
    },
    {
        "name": "baseline_sd", "value": HELD_VALUES["baseline_sd"], "unit": "1",
        "meaning": "SD of that between people",
        "held": "women and men of TRANSFORM-1 and -2 together (Jones 2022, Table 4)",
    },
]  # fmt: skip
LIMITS = [
    "Points go from 2 h to day 28 after the first dose; later totals are not predicted.",
    "With seven trials, how far trials are apart rests in part on what was assumed: an SD of 0.4 "
    "of the drug's mean part, to a factor of 1.6, and for the placebo part what 118 placebo arms "
    "of other antidepressants show (probit of response: SD 0.22), turned to this scale by the SD "
    "between people, which is known to a factor of 1.4. Published heterogeneity of ketamine (Bahji "
    "2022) pools trials that are kept as checks, so it was not used.",
    "How far another setting shifts both arms is mostly an assumption, of whose variance two "
    "trials (inpatients, surgery) took away {taken}: as far as two differences in design shift "
    "response in trials of other antidepressants (several centres over one, 1.32 times, "
    "Furukawa 2016; no placebo arm, odds "
    "1.79 times, Rutherford 2009), to a factor of 2. The shift goes both ways alike, though in "
    "both trials the control arm did better.",
    "Without a new antidepressant, four weeks were fitted to the differences of one trial "
    "(TRD4006) alone; the total of a control arm then was not read. Of what comes with time beside "
    "a new antidepressant a part comes without one, which is hardly known (5 to 95 %: {low:.0f} to "
    "{high:.0f} %).",
    "The trials of Daly 2018 and Singh 2016 are small (11 to 33 people an arm); small trials that "
    "were published tend to show more. Beside TRD4006 they do; that lies in the spread between "
    "trials, and nothing else allows for it. Without them the spray alone would make a difference "
    "of 5.5 points on day 28 instead of 9.3, infusions one of 3.5 on day 15 instead of 7.6 (at the "
    "estimates; middles of draws lie a little nearer nought).",
    "That the drug adds less beside a new antidepressant cannot be told apart from other "
    "differences between trials; the interval of that factor holds 1. It is taken to be the same "
    "from the first hour on: with a new antidepressant day 28 was fitted, and 24 h in suicidal "
    "inpatients alone.",
    "An infusion is taken to rise and decay as a spray does: by vein outpatients were fitted on "
    "day 15 alone, and the first day in surgery at 24 h alone.",
    "One infusion dose was fitted (0.5 mg/kg over 40 min): other doses by vein borrow the shape of "
    "the nasal dose-response. What the infusion is worth leans on an assumption from "
    "bioavailability and binding (45 mg, to a factor of 1.6).",
    "People who improve much with the drug cannot be told from people who improve much with "
    "placebo: the spread is one and the same in both arms, and stays with a person over time.",
    "The time constant of what comes with time (14 days, to a factor of 1.5), the hours of a visit "
    "(8, to a factor of 1.6), of onset (1, to a factor of 2) and of the drug's rise (1.5, to a "
    "factor of 2) are assumptions, whose errors are "
    "in the bands. Apart from 2 h the first day lies between numbers that were read.",
    "Blinding fails where dissociation is felt; what that adds to the drug's part is in it.",
    "Relapse: one trial of people stable after 16 weeks, who kept their antidepressant, weekly or "
    "every two weeks by need; how far trials are apart is not in its bands; hazards that do not "
    "change with time, no dependence on the interval. How fast responders relapse who stop was not "
    "read. The interval of the median ends at 97 days below and is open above: that it is as far "
    "above on the logarithm is assumed.",
    "With a new antidepressant the middle of trials lies above the differences that were fitted on "
    "day 28 (-4.0 in TRANSFORM-2, -4.5 and -2.3 in women and men of both trials): it is of 84 mg "
    "and draws on trials that found more (Daly 2018, Singh 2016), while trials with a new "
    "antidepressant lie below that.",
    "A setting is assumed to leave the drug's part alone. Most trials in other settings found "
    "smaller differences than the middle: ASPIRE-1 and -2, KARMA-Dep 2, Lii 2023 (fitted; the "
    "fall was larger with saline, from a higher baseline) and Takahashi 2021 (-1.0, +0.6 and -0.9 "
    "with 28, 56 and 84 mg: that of 56 mg lies outside the band of the difference from 5 to 95 %, "
    "that of 84 mg on its end, though its arms lie in theirs). For trials like that the band is "
    "too narrow. A trial's drug part and its placebo part are taken as independent of each other; "
    "where placebo does very well, the difference lies toward nought of its band.",
    "Fitted were single sessions and two or three a week; an infusion beside a new antidepressant "
    "borrows the factor of the spray.",
    "Response, remission and changes of TRANSFORM-1 and -2 are of those still rated on day 28 (86 "
    "to 97 %, fewest with 84 mg): with the others counted as not responding, response with 84 mg "
    "is 8 points lower, with placebo 2 to 4; with no change for them the difference is 0.9 points "
    "smaller.",
    "Baselines of TRD4006 and TRANSFORM-1 and -2 by arm were not read (37.4 is taken), nor that of "
    "Singh 2016 (35); people worsen to 1.25 times the baseline at most. These have no error of "
    "their own.",
]
SOURCES = ["daly_2018", "singh_2016_repeat", "katz_2021", "popova_2019", "jones_2022", "daly_2019",
           "janik_2025", "canuso_2018", "lii_2023", "ebert_1997", "cipriani_2018", "furukawa_2016",
           "rutherford_2009"]  # fmt: skip


def limits(rows: np.ndarray, taken: str) -> list[str]:
    """Return the limits, with what the sample says of what is hardly known."""
    drawn = rows[:, list(FREE).index("alone")]
    low, high = (100 * off("logit", float(x)) for x in np.quantile(drawn, (0.05, 0.95)))
    return [one.format(low=low, high=high, taken=taken) for one in LIMITS]


def content() -> dict[str, Any]:
    """Return what the file holds."""
    from mood_sample import FILE, sample, with_normal

    mood, back = run(), relapse()
    drawn = sample(mood)
    names = [*FREE, *RELAPSE_FREE]
    error = float(np.sqrt(np.diag(drawn["covariance"])[list(FREE).index("setting")]))
    # as the file words it beside the parameter
    taken = assumed(FREE["setting"], error).rsplit("away ", 1)[1]
    rows = with_normal(drawn["rows"], back, [one.scale for one in RELAPSE_FREE.values()])
    write_sample(FILE, names, rows)
    method = (
        "MADRS is cap times the baseline times a logistic function of the improvement, which adds "
        "up a placebo part, a visit, what comes with time (beside a new antidepressant, a part of "
        "it without one), and the drug: doses rise within hours, decay over days, and saturate "
        "together. Trials differ by a factor of the drug's part and a shift of the placebo part, "
        "those in another setting by a further shift of it, all integrated out by the slopes of "
        "the points. Maximum of the likelihood with priors that are assumptions (trial_placebo and "
        "setting: from trials of other antidepressants): "
        + "; ".join(
            f"{name} {f.prior[0]:g} {f.unit if f.unit != '1' else ''} ({f.scale} SD {f.prior[1]:g})"
            for name, f in FREE.items() if f.prior is not None
        ).replace(" (", " (").replace("  ", " ")
        + ". Placebo and antidepressant are flat on their own scale, the others on their "
        "logarithm. Errors of points hold what trials differ by. Estimates are where likelihood "
        f"and priors are highest; errors and draws are of a sample from them ({len(rows)} rows "
        f"taken by weight from {drawn['points']} points, which are worth {drawn['behind']:.0f} "
        "independent draws), as a normal approximation shortens far ends. Relapse: constant "
        f"hazards by least squares, chi square {back['chi_square']:.2f} with "
        f"{back['freedom']} degrees of freedom."
    )  # fmt: skip
    head = {
        "name": "mood", "title": "Course of depression (MADRS)", "script": "calibration/mood.py",
        "method": method,
        "studies": [*TRIALS, "transform_1_2", "sustain_1"],
        "limits": limits(rows, taken), "sources": SOURCES,
    }  # fmt: skip
    first, second = len(FREE), len(RELAPSE_FREE)
    covariance = np.zeros((first + second, first + second))
    covariance[:first, :first] = drawn["covariance"]
    covariance[first:, first:] = back["covariance"]
    points = [
        Point(q.id, q.value, float(e), q.unit, q.scale)
        for q, e in zip(listed(), mood["full"], strict=True)
    ]
    found = mood | {
        "values": mood["values"] | back["values"], "covariance": covariance,
        "said": mood["said"] | back["said"], "z": np.concatenate([mood["z"], back["z"]]),
    }  # fmt: skip
    made = document(
        head, FREE | RELAPSE_FREE, HELD + places(mood["values"]), [*points, *back["points"]], found
    )
    return made | {"sample": FILE}


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
