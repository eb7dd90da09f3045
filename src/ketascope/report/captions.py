"""What each figure shows, in words: captions, and what assistive technology reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from ketascope.evidence.substances import analyte as describe
from ketascope.report.curves import MEDIAN, Curves, Peaks
from ketascope.report.data import Gathered
from ketascope.report.draw_calendar import left_out
from ketascope.report.draw_course import is_linear
from ketascope.report.draw_exposure import scales_differ
from ketascope.report.numbers import duration, join, sig

_SHADES = " Line: median; dark band: the middle 50 % of people; light band: 90 %."
_PEOPLE = " Thin lines: each person; thick line: median."


def captions(gathered: Gathered, notes: list[str]) -> dict[str, str]:
    """Return the caption of each figure; ``notes`` are those of the first exposure table."""
    flagged = _flagged(gathered.data["exposure"], notes)
    return {
        "exposure": _exposure(gathered) + flagged,
        "course": _course(gathered) + flagged,
        "calendar": _calendar(gathered),
    }


def _exposure(gathered: Gathered) -> str:
    first = gathered.first
    text = join([_peak(first, name) for name in first.analytes]) + "."
    text = text[0].upper() + text[1:]
    if first.spread:
        if _peaks_apart(gathered):
            text += " People peak at different times, so the median of their peaks is higher."
        text += _PEOPLE if first.lines else _SHADES
    if first.others:
        names = join(
            [
                o.short + (f", {o.sampling}" if o.sampling != first.sampling else "")
                for o in first.others
            ]
        )
        lines = "dashed lines" if first.lines else "thin lines"
        text += f" Thick line: {first.short}; {lines}: typical person in other models ({names})."
        if not first.spread:
            text += " Grey: between the lowest and the highest model."
    if scales_differ(first):
        text += " The scales of the panels differ."
    return text


def _peaks_apart(gathered: Gathered) -> bool:
    low, high = ("lowest", "highest") if gathered.data["people"]["few"] else ("q05", "q95")
    rows = gathered.data["exposure"][0]["rows"]
    return any(row[low] != row[high] for row in rows if row["measure"] == "tmax")


def _course(gathered: Gathered) -> str:
    course = gathered.course
    if isinstance(course, Peaks):
        text = "The highest concentration of each session."
        if course.spread and course.lines:
            return text + " Pale: each person; strong: median."
        dots = " Dot: median; dark bar: 50 % of people; light bar: 90 %."
        return text + (dots if course.spread else "")
    log = any(not is_linear(course, name, gathered.sessions) for name in course.analytes)
    text = "Each line across is ten times the one below." if log else ""
    text = f"{text} Ticks on the axis are sessions.".strip()
    if course.spread:
        text += _PEOPLE if course.lines else _SHADES
    return text


def _calendar(gathered: Gathered) -> str:
    missing = left_out(gathered.sessions)
    first_day = "the day of the first dose" if gathered.start is None else _long(gathered.start)
    text = f"Darker cells are higher doses. Day 1 is {first_day}."
    return f"{text} {missing} more rows are not drawn." if missing else text


def _flagged(tables: list[dict[str, Any]], notes: list[str]) -> str:
    """Say under a figure which area under its curves is wrong, and where that is explained."""
    text = ""
    for row in tables[0]["rows"] if tables else []:
        if row["measure"] != "auc24" or not row["flag"]:
            continue
        what, colon, _ = row["flag"].partition(":")
        known = f"is {what[0].lower()}{what[1:]}" if colon else "has a known defect"
        name = describe(row["analyte"]).display
        number = notes.index(row["flag"]) + 1
        text += f" The area under the curve of {name} {known}, see note {number} under Exposure."
    return text


def _long(day: date) -> str:
    """A date in words: Sunday 31 January 2027."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    return f"{names[day.weekday()]} {day.day} {months[day.month - 1]} {day.year}"


def _peak(first: Curves, name: str) -> str:
    line = first.bands[name][MEDIAN]
    k = int(line.argmax())
    what = "the median of" if first.spread else ""
    when = duration(float(first.times[k]))
    known = describe(name).display
    return f"{what} {known} is highest at {when} ({sig(float(line[k]))} ng/mL)".strip()
