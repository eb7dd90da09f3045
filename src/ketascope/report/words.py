"""Sentences of the report: who, what, how people differ, and which sources stand behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.report.course import Given, device_sentence, kinds, total_mg
from ketascope.report.curves import few
from ketascope.report.numbers import duration, join, plain, rounded

if TYPE_CHECKING:
    import xarray as xr

SCOPE = (
    "This report covers exposure, acute effects, the course of symptoms and long-term harm as far "
    "as sources and calibrations go. Safety screening and monitoring are not part of it; nothing "
    "in it says that a dose is safe."
)
SCOPE_SCREENED = (
    "This report covers exposure, acute effects, the course of symptoms, long-term harm, screening "
    "by rules and a plan, as far as sources and calibrations go; nothing in it says that a dose is "
    "safe."
)
DISCLAIMER = "Research, teaching and decision support; not a medical device."
_NAMES = {"white": "White", "black": "Black", "asian": "Asian", "japanese": "Japanese"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: More sessions than this are not listed by day.
_MOST_DATES = 12
_UNITS = {"age": "years", "weight": "kg", "height": "cm"}


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


def what_sentences(sessions: Sequence[Given], start: date | None = None) -> list[str]:
    """Say what is given: sessions, dose by dose, devices, and the total.

    With the date of day 1, days have dates beside them where sessions are few.
    """
    mine = tuple(sessions)
    lines = []
    for words, group in kinds(mine).items():
        days = _days(group, start if len(mine) <= _MOST_DATES else None)
        count = "once" if len(group) == 1 else f"{len(group):,} sessions"
        lines.append(f"{words}: {count}, {days}")
    devices = dict.fromkeys(filter(None, (device_sentence(g[0]) for g in kinds(mine).values())))
    lines.extend(devices)
    total = total_mg(mine)
    if total is not None and len(mine) > 1:
        last = mine[-1].day
        lines.append(f"{plain(total)} mg in {len(mine):,} sessions over {last:,} days.")
    return [line if line.endswith(".") else f"{line}." for line in lines]


def _days(group: Sequence[Given], start: date | None) -> str:
    if len(group) > _MOST_DATES:
        return f"from day {group[0].day} to day {group[-1].day}"
    days = list(dict.fromkeys(_day(session, start) for session in group))
    return f"on day{'' if len(days) == 1 else 's'} {join(days)}"


def _day(session: Given, start: date | None) -> str:
    """A day as a number, with the date and the hours by which the dose is later in the day."""
    later = session.time - 24 * (session.day - 1)
    day = start + timedelta(days=session.day - 1) if start else None
    beside = [f"{day.day} {MONTHS[day.month - 1]} {day.year}"] if day else []
    if later > 0.01:
        beside.append(f"{duration(later)} later in the day than the first dose")
    return f"{session.day} ({', '.join(beside)})" if beside else str(session.day)


def covariate_rows(
    result: xr.Dataset, fixed: Sequence[str], notes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return a row a covariate: name, unit, where it comes from, and its values."""
    assumed = any(note.startswith("Not given and therefore assumed") for note in notes)
    rows = []
    for name in ("age", "weight", "height", "sex", "race"):
        values = result[name].to_numpy()
        row: dict[str, Any] = {"name": name, "unit": _UNITS.get(name, "")}
        row["origin"] = _origin(name, values, fixed, notes, "assumed" if assumed else "drawn")
        if name in _UNITS:
            row |= _numbers(values.astype(float), row["unit"])
        else:
            row |= _shares(values)
        rows.append(row)
    return rows


def _origin(name: str, values: Any, fixed: Sequence[str], notes: Sequence[str], filled: str) -> str:
    """Where a covariate comes from; the height of a child is left unknown."""
    if name in fixed:
        # a covariate that a table gives for some people is drawn for the others
        pattern = rf" the {name} is unknown for (\d+) of \d+ people and was drawn with seed \d+\.$"
        found = next(filter(None, (re.search(pattern, note) for note in notes)), None)
        return f"given; {int(found[1]):,} drawn" if found else "given"
    if name in _UNITS:
        known = np.isfinite(values.astype(float))
        if not known.all():
            return f"{filled}; not under 18" if known.any() else f"not {filled} under 18"
    return filled


def _numbers(values: Any, unit: str) -> dict[str, Any]:
    unknown = int(np.sum(~np.isfinite(values)))
    values = values[np.isfinite(values)]
    if not values.size:
        return {"text": "unknown", "median": None, "q05": None, "q95": None}
    levels = (0.0, 0.5, 1.0) if few(values.size + unknown) else (0.05, 0.5, 0.95)
    share = "all" if few(values.size + unknown) else "90\u00a0%"
    low, middle, high = (float(v) for v in np.quantile(values, levels))
    text = f"{plain(round(middle, 1))} {unit}"
    if high > low:
        text = (
            f"median {plain(round(middle))} {unit}; {share} from {plain(round(low))} to "
            f"{plain(round(high))}"
        )
    if unknown:
        text += f"; unknown for {unknown:,}"
    ends = ("lowest", "highest") if few(values.size + unknown) else ("q05", "q95")
    return {"text": text, "median": rounded(middle), ends[0]: rounded(low), ends[1]: rounded(high)}


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
