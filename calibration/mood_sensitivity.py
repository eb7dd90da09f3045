"""Fit the course of MADRS again with assumptions moved, one by one, and show what that does.

Run from the root of the repository: ``python calibration/mood_sensitivity.py`` (five minutes). It
prints a table and writes ``calibration/results/mood_sensitivity.yaml``: five predictions of the
middle of trials under each change, beside the band of a new trial with the calibration as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mood
import mood_points
import numpy as np
import relapse
import yaml
from fitting import Free, off, on, short
from mood_sample import log_likely
from sampling import by_weight
from scipy.optimize import minimize

import ketascope as ks
from ketascope.checks import effects_course
from ketascope.effects import calibrated
from ketascope.effects.calibrated import calibration
from ketascope.effects.mood_arms import plan_of
from ketascope.effects.mood_model import expected, improvement
from ketascope.errors import Unsupported
from ketascope.evidence.published import PublishedValue, published

SLOPE = 1e-4
FILE = Path(__file__).parent / "results" / "mood_sensitivity.yaml"
NASAL = "esketamine 84 mg intranasal twice weekly for 4 weeks"
VEIN = "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks"
NEW = "oral antidepressant with placebo spray"
SHOWN = {
    "change without the drug at 4 h": (NASAL, NEW, 4.0, "control"),
    "difference on day 28, with a new antidepressant": (NASAL, NEW, 648.0, "difference_change"),
    "response on day 28, with a new antidepressant": (NASAL, NEW, 648.0, "response"),
    "difference on day 28, spray alone": (NASAL, "placebo", 648.0, "difference_change"),
    "difference on day 15, infusions": (VEIN, "placebo", 336.0, "difference_change"),
}


@contextmanager
def held(where: Any, name: str, value: Any) -> Iterator[None]:
    """Set a name of a module for a while."""
    before = getattr(where, name)
    setattr(where, name, value)
    _forget()
    try:
        yield
    finally:
        setattr(where, name, before)
        _forget()


def _forget() -> None:
    for known in (mood_points.read, mood_points.arms, mood_points.listed):
        known.cache_clear()


def prior(name: str, factor: float) -> Callable[[], Any]:
    """A change of the centre of a prior; of a part, of its odds."""
    one = mood.FREE[name]
    centre, sd = one.prior  # type: ignore[misc]
    moved = off(one.scale, on(one.scale, centre) + float(np.log(factor)))
    new = Free(one.start, one.scale, one.unit, one.meaning, (moved, sd))
    return lambda: held(mood, "FREE", mood.FREE | {name: new})


def baseline(study: str, mean: float, *more: str) -> Callable[[], Any]:
    """A change of what is assumed of the mean before the first dose."""
    moved = dict.fromkeys((study, *more), (mean, mood_points.BASELINE_SD))
    known = effects_course.ASSUMED_BASELINES
    return lambda: held(effects_course, "ASSUMED_BASELINES", known | moved)


def cap(value: float) -> Callable[[], Any]:
    """A change of how far people worsen."""
    return lambda: held(mood, "HELD_VALUES", mood.HELD_VALUES | {"cap": value})


CHANGES: dict[str, Callable[[], Any]] = {
    "as it is": lambda: held(mood, "STEP", mood.STEP),
    "decay 2.5 days": prior("decay_days", 0.5),
    "decay 10 days": prior("decay_days", 2.0),
    "drug beside a new antidepressant, 0.6": prior("beside", 0.6),
    "drug beside a new antidepressant, 1.6": prior("beside", 1.6),
    "an infusion is worth 28 mg": prior("iv_worth", 0.625),
    "an infusion is worth 72 mg": prior("iv_worth", 1.6),
    "time alone, odds a third": prior("alone", 1 / 3),
    "time alone, odds threefold": prior("alone", 3.0),
    "time constant 9 days": prior("antidepressant_days", 0.65),
    "time constant 21 days": prior("antidepressant_days", 1.5),
    "numbers of the same people, r 0.4": lambda: held(relapse, "TOGETHER", 0.4),
    "numbers of the same people, r 0.9": lambda: held(relapse, "TOGETHER", 0.9),
    "Singh 2016 from 32": baseline("singh_2016_repeat", 32.0),
    "Singh 2016, errors from the pooled SD of its arms, 9.1": lambda: held(
        mood_points, "POOLED_SD", {"singh_2016_repeat": 9.1}
    ),
    "small trials (Daly 2018, Singh 2016) left out": lambda: held(
        mood_points, "LEFT_OUT", ("daly_2018", "singh_2016_repeat")
    ),
    "TRANSFORM-2 of 75 mg and its pool with TRANSFORM-1 of 72 mg": lambda: held(
        mood_points, "MEAN_DOSES", {"transform_2": 75.0, "transform_1_2": 72.0}
    ),
    "TRD4006 from 34": baseline("trd4006", 34.0),
    "TRANSFORM-1 and -2 by arm, from 36": baseline("transform_1", 36.0, "transform_2"),
    "TRANSFORM-1 and -2 by arm, from 39": baseline("transform_1", 39.0, "transform_2"),
    "people worsen to 1.1 times the baseline": cap(1.1),
    "people worsen to 1.5 times the baseline": cap(1.5),
    "SDs behind the errors of Daly 2018 left out": lambda: held(mood_points, "BEHIND_ERRORS", ()),
    "each arm of Daly 2018 at its own baseline": lambda: held(effects_course, "ADJUSTED", ""),
    "a visit lasts 4 h": prior("visit_hours", 0.5),
    "a visit lasts 16 h": prior("visit_hours", 2.0),
    "placebo sets in over 3 h": prior("onset_hours", 3.0),
}


def fitted() -> dict[str, float]:
    """Return the parameters of a fit, without their errors."""
    known = calibration("mood").central()
    start = np.array([on(f.scale, known[name]) for name, f in mood.FREE.items()])
    found = minimize(_slopes, start, method="L-BFGS-B", jac=True, options={"maxiter": 200})
    return mood.values_at(found.x)


def _slopes(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the objective and its slopes, worked out together."""
    unit = SLOPE * np.eye(x.size)
    said = -2 * log_likely(np.vstack([x[None], x + unit, x - unit]))
    ahead, behind = said[1 : x.size + 1], said[x.size + 1 :]
    return float(said[0]), (ahead - behind) / (2 * SLOPE)


def shown(p: dict[str, float]) -> dict[str, float]:
    """Return the predictions of the middle of trials."""
    said = {}
    for name, (words, comparator, hour, field) in SHOWN.items():
        plan, _, _ = plan_of(words, comparator, None)
        both = [
            expected(p | mood.HELD_VALUES, *improvement(p | mood.HELD_VALUES, [hour], arm))
            for arm in (plan, plan.control())
        ]
        drug, control = both
        if field == "response":
            said[name] = short(float(drug.response[0]), 3)
        elif field == "control":
            said[name] = short(float(control.change[0]), 3)
        else:
            said[name] = short(float(drug.change[0] - control.change[0]), 3)
    return said


def bands() -> dict[str, list[float]]:
    """Return 5 to 95 % for a new trial, with the calibration as it is."""
    found = {}
    for name, (words, comparator, hour, field) in SHOWN.items():
        now = ks.course(words, comparator, n=1, seed=1, times=[hour]).sel(
            time=hour, spread="between trials"
        )
        of = {
            "response": now["response_share"].sel(arm="drug"),
            "control": now["mean_change"].sel(arm="control"),
        }
        values = of[field] if field in of else now[field]
        found[name] = [short(float(x), 3) for x in values.sel(quantile=[0.05, 0.95])]
    return found


def settings() -> dict[str, dict[str, float]]:
    """Return how wide bands of the checks are with other priors of how far settings shift.

    Rows of the sample are weighted by the other prior over the one of the fit.
    """
    known = calibration("mood")
    names = tuple(p.name for p in known.fitted)
    rows = calibrated._sample(known.sample, names)
    at = rows[:, names.index("setting")]
    centre, sd = mood.FREE["setting"].prior  # type: ignore[misc]
    checks = [v for v in published() if v.used_for == "check" and v.id.startswith("course.")]
    found = {}
    for factor in (0.5, 1.0, 2.0):
        away = [(at - on("log", centre * f)) / sd for f in (factor, 1.0)]
        weight = np.exp((away[1] ** 2 - away[0] ** 2) / 2)
        other = rows[by_weight(weight / weight.sum(), len(rows), 0.5)]
        with held(calibrated, "_sample", lambda _file, _names, other=other: other):
            found[f"prior {centre * factor:.2g}"] = _widths(checks)
    return found


def _widths(checks: list[PublishedValue]) -> dict[str, float]:
    widths, inside, count = [], 0, 0
    for value in checks:
        try:
            said = effects_course.predict(value)
        except Unsupported:
            continue
        count += 1
        inside += said.low <= value.value <= said.high
        if value.quantity != "proportion":
            widths.append(said.high - said.low)
    return {"checks": count, "inside": inside, "mean_width": short(float(np.mean(widths)), 3)}


def main() -> None:
    """Fit under each change, print and write."""
    rows = {}
    for name, change in CHANGES.items():
        with change():
            rows[name] = shown(fitted())
        print(name, *rows[name].values(), sep=" | ", flush=True)
    made = {"band_of_a_new_trial": bands(), "settings": settings(), "middle": rows}
    head = "# Written by calibration/mood_sensitivity.py. Not to be edited by hand.\n"
    FILE.write_text(head + yaml.safe_dump(made, sort_keys=False, width=100), encoding="utf-8")
    print(FILE)


if __name__ == "__main__":
    main()
