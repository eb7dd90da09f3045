"""Fit the rise of blood pressure to published means and shares.

Run from the root of the repository: ``python calibration/pressure.py`` (about ten minutes). It
reads published values of ``effects/blood_pressure.yaml`` that are for fitting, by their ids, and
writes ``src/ketascope/effects/data/pressure.yaml`` and, drawn from the likelihood
(``pressure_sample.py``), ``pressure_sample.csv``.

Model (``ketascope.effects.pressure``; worked out in ``pressure_model.py``)
    What acute tolerance leaves of the concentration, over itself and ``ec50``, times the highest
    rise, times a lognormal sensitivity of person and session, is the rise. Racemate counts as
    ``racemate_potency`` of its concentration of esketamine.
Readings
    Each reading scatters about the true level; the one before the dose does too, so that a change
    of one reading scatters by root two of it. People differ in how much they scatter. With placebo
    the largest of three changes is above nought by scatter alone. Pressure before the dose differs
    between people, is cut off where trials did not dose, and goes together with the
    sensitivity of the person as far as ``rise_with_before`` says.
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

from dataclasses import replace
from typing import Any

import numpy as np
from fitting import Free, document, fit, off, on, write
from pressure_model import (
    BASE_SD,
    KE0,
    OCCASION_PART,
    PEOPLE,
    SIMULATED,
    largest_mean_rise,
    predicted,
)
from pressure_points import (
    EVENT,
    HIGH,
    SERIES,
    TOP,
    age_prior,
    another_series,
    between_series,
    listed,
    read,
)
from pressure_sample import FILE, sample
from sampling import write_sample
from scipy.stats import binom, norm

BETWEEN_TRIALS = 0.2
OTHERS = (0.1, 0.4)
"""What else the differences between trials of the spray might be: told, not used."""
NEAR = 0.01
TOGETHER = (0.3, 0.3)
"""Of the inverse hyperbolic tangent of a correlation: centre and SD, assumed."""


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
        "ke0": Free(KE0, "log", "1/h", "rate at which the effect site follows plasma: half-time of "
                    "6.1 min, mean over end points of esketamine in Olofsen 2012 (0 to 11.8), from "
                    "arterial concentrations and none of pressure", (KE0, 0.6)),
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
        "rise_with_before": Free(0.3, "identity", "1", "inverse hyperbolic tangent of the "
                                 "correlation of a person's log sensitivity with the pressure "
                                 "before the dose; in shares with high readings, not in curves",
                                 TOGETHER),
        **{
            f"series_{name}": Free(1.0, "log", "1", "strength of the racemate in a fitted "
                                   f"series of infusions ({name}) over that in all; not in curves",
                                   (1.0, another_series()))
            for name in SERIES
        },
        "infusions": Free(1.0, "log", "1", "strength of the racemate in another series of "
                          "infusions over that in all",
                          (1.0, another_series())),
    }  # fmt: skip


def run(start: dict[str, float] | None = None, **held: float) -> dict[str, Any]:
    """Return the fit: estimates, covariance, residuals; see ``fitting.fit``.

    ``start`` is where the search begins; ``held`` replaces numbers that are not fitted.
    """
    free = parameters()
    if start is not None:
        free = {name: replace(one, start=start[name]) for name, one in free.items()}
    return fit(free, listed(), lambda p: predicted(p | held))


def moved(one: dict[str, float], other: dict[str, float]) -> np.ndarray:
    """Return how far estimates lie from others, on the scales of the parameters."""
    return np.array([on(f.scale, one[n]) - on(f.scale, other[n]) for n, f in parameters().items()])


def in_step(best: dict[str, float]) -> None:
    """Raise an error if how far series differ was worked out with another highest rise."""
    top = best["highest_systolic"] * float(np.exp(best["sensitivity_sd"] ** 2 / 2))
    if abs(top / TOP - 1) > NEAR:
        raise ValueError(f"the highest mean rise is {top:.1f} mmHg: TOP of pressure_points.py")


def drawn() -> dict[str, Any]:
    """Return the fit with a sample from its likelihood, and its assumptions on top of both.

    Trials differ more than their errors: both highest rises have 0.2 of the logarithm more, the
    same for both. ``steadiness`` is how far twice the people move an estimate, in its errors;
    ``untold`` are the rows but for the differences between trials, which are 0.2 of ``trial``.
    """
    found, free = run(), parameters()
    best, alone = found["values"], np.sqrt(np.diag(found["covariance"]))
    in_step(best)
    low, high = (run(best, occasion_part=part)["values"] for part in (0.25, 0.75))
    twice = run(best, people=2 * PEOPLE)["values"]
    steadiness = float(np.abs(moved(twice, best) / alone).max())
    made = sample(free, found)
    split = moved(high, low) / 2
    trials = BETWEEN_TRIALS * np.array([name.startswith("highest_") for name in free])
    session, trial = made["deviates"].T
    untold = made["rows"] + np.outer(session, split)
    on_top = np.outer(split, split) + np.outer(trials, trials)
    return found | {
        "covariance": made["covariance"] + on_top, "of_points": made["covariance"],
        "untold": untold, "rows": untold + np.outer(trial, trials), "trial": trial,
        "behind": made["behind"], "drawn": made["points"], "steadiness": steadiness,
    }  # fmt: skip


def bands(found: dict[str, Any]) -> list[str]:
    """Return 5 and 95 % of the largest mean systolic rise after 84 mg, were trials so different."""
    free, rises = parameters(), []
    for row in found["untold"]:
        of = zip(free.items(), row, strict=True)
        rises.append(largest_mean_rise({n: off(f.scale, float(x)) for (n, f), x in of}))
    told = []
    for between in (BETWEEN_TRIALS, *OTHERS):
        ends = np.quantile(rises * np.exp(between * found["trial"]), (0.05, 0.95))
        told.append("{:.1f} to {:.1f}".format(*ends))
    return told


HELD = [
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
    "mmHg: Yale 2024, Zhou 2021, Riva-Posse 2018): by what is taken for the strength of the "
    "racemate, {between:.2f} of its logarithm. Three hardly tell an SD, so it is integrated out "
    "with a half-normal prior of scale 1, which is assumed: each series, and another one in every "
    "curve after racemate, has {another:.2f}, {factor:.0f} times either way at 5 and 95 % (scale "
    "0.5: {scales[0]:.2f}, 2: {scales[1]:.2f}). A pool of 15 articles (Vankawala 2021; trials "
    "fitted here are among them, so that it was not fitted to) has 12.6 mmHg (10.4 to 14.8). "
    "The dose and the age of Yale 2024 are assumed (its abstract has none), and whether its mean "
    "is over all infusions or those with a surge is not said. Potency of racemate is assumed from "
    "binding (Ebert 1997: 1 over 1.65, to a factor of 1.35).",
    "Where the rise ends rests on one level in eight anaesthetised men (Langsjo 2005), with a mean "
    "pressure of 85 mmHg before, 25 years of age and an hour at the level assumed; its error is "
    "0.3 of the logarithm.",
    "Systolic pressure of 180 mmHg or more: {seen} of {people} measured, {expected:.1f} expected "
    "at the estimate with {many} people (as many or more come by chance with {chance:.1%}): the "
    "tail is still too short. That people with a higher pressure before the dose rise more is "
    "assumed (correlation {assumed:.1f}, 0 to 0.5 within an SD) and was moved to {together:.2f} "
    "by shares with high readings; without it, all else alike, {without:.1f} are expected. That "
    "pressure before the dose is the same in each session is assumed: with half of its variance "
    "drawn anew, {anew:.1f}.",
    "Numbers of one arm are of the same readings: how far they go together (r of 0.5; 0.7 of a "
    "series) is assumed. So are SDs behind errors of means where none is printed: 10 and 8 mmHg of "
    "largest changes with the spray and with placebo, and those of Yale 2024 for the other two "
    "series.",
    "That trials of the spray differ by 0.2 of the logarithm of the highest rise is assumed: the "
    "largest mean systolic rise after 84 mg is {rise:.1f} mmHg ({bands[0]}); with 0.1 it would "
    "be {bands[1]}, with 0.4 {bands[2]}.",
    "Two thirds of the people with the spray are taken to have had 84 mg in all eight sessions, "
    "and a third 56 mg; the label begins with 56 mg on day 1, and who had what on which day was "
    "not read. So the rise after 84 mg may be a little too low where sessions are counted "
    "together.",
    "Readings at 40 min, 1 h and 1.5 h are assumed. The largest day of dosing is allowed for as "
    "the largest of eight means.",
    "The model of racemate has no spread of exposure between people: that of sensitivity holds it.",
    "SDs of systolic and diastolic changes of Yale 2024 are taken as apart, though they are of the "
    "same readings, and whose they are (people or infusions) is one doubt of both: taken together, "
    "the spread of sensitivity would be 0.59 instead of 0.56 and its error a tenth larger.",
    "Everybody in the fit is of 46 years (56.7 in one series), so that the spread of sensitivity "
    "holds that of the ages of the trials; simulated people have their own ages on top (SD of the "
    "logarithm of the rise 0.63 instead of 0.61).",
    "No pressure by session was fitted: that the rise is the same in each session is assumed.",
    "With placebo pressure is taken to change by scatter alone. In people under 65 the means with "
    "placebo lie 0.8 and 1.0 mmHg above that, and the spray less placebo made 7.2 (systolic) and "
    "3.8 mmHg, where the fit has 8.2 (4.9 to 12.3) and 5.6 (3.6 to 8.7): the diastolic mean may be "
    "too high by about a half. In the one trial of people of 65 and more they lie 5 and 2.5 mmHg "
    "above it, and the spray less placebo made 4.9 and 2.7 mmHg, where 10.3 (5.3 to 18.1) and 7.1 "
    "(3.4 to 12.9) are predicted: the rise at 65 and more may be too high by about two times.",
    "Hypertension, stimulants, monoamine oxidase inhibitors, benzodiazepines: no number to fit. "
    "Pulse: two means, of infusions and of anaesthesia, are not enough.",
]


def limits(found: dict[str, Any]) -> list[str]:
    """Return the limits, with what is worked out at the estimate.

    The tail is told with all people that were simulated.
    """
    name = EVENT.format("esk", "sbp", HIGH["systolic"])
    best = found["values"] | {"people": SIMULATED}
    people = read()[name].conditions.n or 1
    seen = round(read()[name].value * people)
    share = predicted(best)[name]
    told = {
        "seen": seen, "people": people, "many": SIMULATED, "expected": people * share,
        "chance": float(binom.sf(seen - 1, people, share)),
        "assumed": float(np.tanh(TOGETHER[0])),
        "together": float(np.tanh(best["rise_with_before"])),
        "without": people * predicted(best | {"rise_with_before": 0.0})[name],
        "anew": people * predicted(best | {"before_part": 0.5})[name],
        "between": between_series(), "another": another_series(),
        "scales": [another_series(scale) for scale in (0.5, 2.0)],
        "factor": float(np.exp(norm.ppf(0.95) * another_series())),
        "rise": largest_mean_rise(best),
        "bands": bands(found),
    }  # fmt: skip
    return [one.format(**told) for one in LIMITS]


def content() -> dict[str, Any]:
    """Return what the file holds."""
    found = drawn()
    write_sample(FILE, list(parameters()), found["rows"])
    slope, error = age_prior()
    method = (
        "The rise is highest * x/(ec50 + x), x what acute tolerance leaves of esketamine (racemate "
        "by its potency), times a lognormal sensitivity, half of whose variance is of the session. "
        "Readings scatter, people differ in how much. Weighted least squares of means of largest "
        "changes, shares (by their arcsine, whose error does not hang on what was seen), means of "
        "three series of infusions, an SD of one, and one level in "
        "anaesthesia; numbers of the same people count for less. Assumed before "
        "the fit (error of the logarithm): racemate_potency 0.61 (0.3), offset 0.5 (0.5), ktol 1.5 "
        "per h (0.7), ke0 6.8 per h (0.6), noise_spread 0.4 (0.5), each series and infusions 1 "
        f"({another_series():.2f}: {between_series():.2f} is what three series differ by, of a "
        "factor on the strength of the racemate; half-normal prior of scale 1); mean pressure "
        "before 117 and 74 mmHg (5 and 4: Bakish 2014, patients of 43 years); rise_with_before "
        "0.3 (0.3). age_slope "
        f"{slope:.4f} ({error:.4f}) a year is turned from odds of a surge of 1.04 (1.02 to 1.05) a "
        "year, by a logistic distribution of changes with the printed mean and SD. Estimates are "
        "where likelihood and priors are highest; errors and draws are of a sample from them "
        f"({len(found['rows'])} rows taken by weight from {found['drawn']} points, which are worth "
        f"{found['behind']:.0f} independent draws), as normal draws lay too low. They also hold "
        "the split of sensitivity between person and session (a quarter to three quarters), and "
        "0.2 of the logarithm of both highest rises for other trials. Concentrations: "
        f"perez_ruixo_2021 ({PEOPLE} people, a third 56 mg, the others 84 mg; twice as many move "
        f"no estimate by more than {found['steadiness']:.2f} of its error), clements_1981."
    )
    head = {
        "name": "pressure", "title": "Rise of blood pressure", "script": "calibration/pressure.py",
        "method": method,
        "studies": ["transform_1_2", "yale_bp_2024", "zhou_2021", "riva_posse_2018",
                    "langsjo_2005"],
        "limits": limits(found),
        "sources": ["doherty_2020", "spravato_us_label", "yale_bp_2024", "zhou_2021",
                    "riva_posse_2018", "langsjo_2005", "vankawala_2021", "bakish_2014",
                    "ebert_1997", "olofsen_2012", "clements_1981", "perez_ruixo_2021"],
    }  # fmt: skip
    return document(head, parameters(), HELD, listed(), found) | {"sample": FILE}


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
