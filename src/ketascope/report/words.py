"""Sentences of the report: who, what, how people differ, and which sources stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.models.structure import Model
from ketascope.report.course import Given, device_sentence, kinds, total_mg
from ketascope.report.numbers import join, plain, rounded, sig

if TYPE_CHECKING:
    import xarray as xr

SCOPE = (
    "This report covers plasma exposure only. Effects, safety screening and monitoring are not "
    "part of it; nothing in it says that a dose is safe."
)
DISCLAIMER = "Research, teaching and decision support; not a medical device."
_NAMES = {"white": "White", "black": "Black", "asian": "Asian", "japanese": "Japanese"}
_UNITS = {"age": "years", "weight": "kg", "height": "cm"}


def variability_sentence(kind: str, model: Model, people: int, *, spread: bool) -> str:
    """Say what the bands hold, or why there are none."""
    none = f"The source of this model as read ({model.title}) prints no spread between people"
    if kind == "none" and not model.has_variability:
        return f"Typical values only. {none}: the true spread is unknown, not zero."
    if kind == "none":
        return (
            "One typical person: no random effects were drawn. The lines say nothing about how "
            "much people differ."
            if people == 1
            else "No random effects were drawn: each person has typical parameters, and the bands "
            "show covariates only."
        )
    if kind == "covariates only":
        shown = (
            "the bands show covariates only"
            if spread
            else "everyone has the same curve, because the dose goes by weight as the model does"
        )
        return f"{none}: {shown}. The true spread is unknown, not zero."
    occasions = (
        " and between dosing sessions of one person" if kind == "people and occasions" else ""
    )
    return (
        f"The bands hold the spread between people{occasions} that the model’s source prints. "
        "They do not hold the uncertainty of the model itself, and they are not safety margins."
    )


def sampling_sentence(sampling: str) -> str:
    """Say where blood was drawn."""
    if sampling == "not stated":
        return (
            "The source as read does not say whether blood was drawn from an artery or a vein; "
            "the two differ in the first minutes after a dose."
        )
    other = "venous" if sampling == "arterial" else "arterial"
    return (
        f"Concentrations are {sampling}, as the model’s samples were; {other} concentrations "
        "differ in the first minutes after a dose."
    )


def what_sentences(sessions: Sequence[Given]) -> list[str]:
    """Say what is given: sessions, dose by dose, devices, and the total."""
    mine = tuple(sessions)
    lines = []
    for words, group in kinds(mine).items():
        days = _days(group)
        count = "once" if len(group) == 1 else f"{len(group):,} sessions"
        lines.append(f"{words}: {count}, {days}")
    devices = dict.fromkeys(filter(None, (device_sentence(g[0]) for g in kinds(mine).values())))
    lines.extend(devices)
    total = total_mg(mine)
    if total is not None and len(mine) > 1:
        last = mine[-1].day
        lines.append(f"{plain(total)} mg in {len(mine):,} sessions over {last:,} days.")
    return [line if line.endswith(".") else f"{line}." for line in lines]


def _days(group: Sequence[Given]) -> str:
    days = [g.day for g in group]
    if len(days) == 1:
        return f"on day {days[0]}"
    if len(days) <= 12:
        return f"on days {join([str(d) for d in days])}"
    return f"from day {days[0]} to day {days[-1]}"


def dose_by_weight(result: xr.Dataset, sessions: Sequence[Given]) -> list[str]:
    """Say what doses per kg come to in mg."""
    found: dict[str, None] = {}
    for session in sessions:
        for a in session.amounts:
            if a.unit != "mg/kg" or a.basis != "actual":
                continue
            mg = a.value * result["weight"].to_numpy()
            mg = mg if a.cap_mg is None else np.minimum(mg, a.cap_mg)
            low, middle, high = np.quantile(mg, (0.05, 0.5, 0.95))
            text = f"{a} is {sig(middle)} mg"
            if high - low > 1e-9 * high:
                text += f" at the median weight (90 % of people {sig(low)} to {sig(high)} mg)"
            else:
                text += f" at {plain(round(float(result['weight'][0]), 1))} kg"
            found[f"{text}."] = None
    return list(found)


def covariate_rows(result: xr.Dataset, fixed: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row a covariate: name, unit, where it comes from, and its values."""
    people = result.sizes["subject"]
    rows = []
    for name in ("age", "weight", "height", "sex", "race"):
        values = result[name].to_numpy()
        # a covariate that was fixed for some people of a table may be drawn for the others
        origin = "given" if name in fixed else "drawn" if people > 1 else "assumed"
        row: dict[str, Any] = {"name": name, "unit": _UNITS.get(name, ""), "origin": origin}
        if name in _UNITS:
            row |= _numbers(values.astype(float), row["unit"])
        else:
            row |= _shares(values)
        rows.append(row)
    return rows


def _numbers(values: Any, unit: str) -> dict[str, Any]:
    values = values[np.isfinite(values)]
    if not values.size:
        return {"text": "unknown", "median": None, "q05": None, "q95": None}
    low, middle, high = (float(v) for v in np.quantile(values, (0.05, 0.5, 0.95)))
    text = f"{plain(round(middle, 1))} {unit}"
    if high > low:
        text = (
            f"median {plain(round(middle))} {unit}; 90\u00a0% from {plain(round(low))} to "
            f"{plain(round(high))}"
        )
    return {"text": text, "median": rounded(middle), "q05": rounded(low), "q95": rounded(high)}


def _shares(values: Any) -> dict[str, Any]:
    names, counts = np.unique(values.astype(str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    shares = {str(names[k]): float(counts[k] / values.size) for k in order}
    if len(shares) == 1:
        return {"text": _NAMES.get(next(iter(shares)), next(iter(shares))), "shares": shares}
    text = ", ".join(
        f"{_NAMES.get(name, name)} {share * 100:.0f}\u00a0%" for name, share in shares.items()
    )
    return {"text": text, "shares": {k: rounded(v) for k, v in shares.items()}}


def people_title(people: int) -> str:
    """Count of people in words."""
    return "One person" if people == 1 else f"{people:,} people"


def session_title(session: Given, count: int) -> str:
    """Name a session in a table: ``Session 9 of 12, day 29, 84 mg``."""
    if count == 1:
        return f"The dose, {session.dose}"
    return f"Session {session.index + 1:,} of {count:,}, day {session.day:,}, {session.dose}"
