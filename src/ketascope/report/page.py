"""The report as one HTML file: figures, tables and sentences in a template, nothing from outside.

The page carries a content security policy that lets nothing load from anywhere and runs one
script, its own, by its hash. User input (regimen, notes, names) reaches the page through the
template's escaping, and through JSON in which the characters of a tag are escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ketascope.engine.summary import MEASURES
from ketascope.evidence.substances import analyte as describe
from ketascope.report.curves import MEDIAN, Curves, Peaks
from ketascope.report.data import Gathered, gather
from ketascope.report.draw_calendar import draw_calendar, left_out
from ketascope.report.draw_course import draw_course, is_linear
from ketascope.report.draw_exposure import draw_exposure
from ketascope.report.numbers import duration, join, rounded, sig
from ketascope.report.references import GROUPS, link, reference
from ketascope.report.style import Width, display, hue
from ketascope.report.svg import Drawing, drawing
from ketascope.report.tables import COLUMNS, cell, unit_of

if TYPE_CHECKING:
    import xarray as xr
    from jinja2 import Environment
    from numpy.typing import NDArray

WIDTHS: tuple[Width, Width] = ("wide", "narrow")


def make_report(
    result: xr.Dataset,
    *,
    alternatives: Sequence[xr.Dataset] = (),
    command: str | None = None,
    as_of: str | None = None,
    regimen_notes: Sequence[str] = (),
) -> str:
    """Return the report of a simulation as the text of one self-contained HTML file.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`, without replicates.
    alternatives : sequence of Dataset
        Typical-person runs of other models for the same regimen, drawn beside it.
    command : str, optional
        The command line that made the report, shown so that it can be made again.
    as_of : str, optional
        Date of the report, ``2026-11-23``; today by default. Apart from it the same input gives the
        same text.
    regimen_notes : sequence of str
        Further sentences on the regimen, beside those of the result.

    Raises
    ------
    InputError
        If the result has replicates, or no time of its first session.

    Examples
    --------
    >>> import ketascope as ks
    >>> page = ks.make_report(ks.simulate("esketamine 84 mg intranasal once", people=20, seed=1))
    >>> page.startswith("<!DOCTYPE html>")
    True
    """
    gathered = gather(result, alternatives, command, as_of, regimen_notes)
    figures = _figures(gathered)
    script = _file("report.js")
    context = {
        **gathered.data,
        "figures": {
            name: {width: drawn.svg for width, drawn in both.items()}
            for name, both in figures.items()
        },
        "captions": _captions(gathered),
        "tables": _tables(gathered),
        "glance": _glance(gathered),
        "references": [
            (GROUPS[group], [(reference(item), link(item), item.checked) for item in items])
            for group, items in gathered.sources.items()
        ],
        "css": Markup(_file("report.css")),
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "hover": _json(_hover(gathered, figures)),
        "one": gathered.data["people"]["n"] == 1,
    }
    return _environment().get_template("report.html").render(context)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"report.html": _file("report.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["analyte"] = display
    environment.filters["together"] = _together
    return environment


def _together(text: str) -> str:
    """Keep numbers and their units on one line."""
    return re.sub(r"(?<=\d) (?=(?:mg|ug|kg|g|min|h|ng|%|weeks|days|doses|times)\b)", "\u00a0", text)


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return files("ketascope.report").joinpath("templates", name).read_text(encoding="utf-8")


def _json(value: Any) -> Markup:
    """Return JSON that can stand in a script element, whatever it holds."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _figures(gathered: Gathered) -> dict[str, dict[str, Drawing]]:
    """Draw each figure in both widths."""
    regimen = gathered.data["regimen"]["text"]
    first, course, sessions = gathered.first, gathered.course, gathered.sessions
    texts = _captions(gathered)
    found: dict[str, dict[str, Drawing]] = {}
    for width in WIDTHS:
        drawn = {
            "exposure": draw_exposure(first, width),
            "course": draw_course(course, sessions, width),
        }
        if len(sessions) > 1:
            drawn["calendar"] = draw_calendar(sessions, width, gathered.start)
        for name, figure in drawn.items():
            title = f"{_TITLES[name]}: {regimen}"
            found.setdefault(name, {})[width] = drawing(
                figure, f"{name}-{width}", title, texts[name]
            )
    return found


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


_TITLES = {
    "exposure": "Plasma concentration in the first session",
    "course": "Plasma concentration over the course",
    "calendar": "Calendar of doses",
}


def _captions(gathered: Gathered) -> dict[str, str]:
    """What each figure shows, in words: captions, and what assistive technology reads."""
    first, course = gathered.first, gathered.course
    shades = " Line: median; dark band: the middle 50 % of people; light band: 90 %."
    exposure = join([_peak(first, name) for name in first.analytes]) + "."
    exposure = exposure[0].upper() + exposure[1:]
    if first.spread:
        exposure += " People peak at different times, so the median of their peaks is higher."
        exposure += shades
    if first.others:
        names = join(
            [
                o.short + (f", {o.sampling}" if o.sampling != first.sampling else "")
                for o in first.others
            ]
        )
        exposure += (
            f" Thick line: {first.short}; thin lines: typical person in other models ({names})."
        )
        if not first.spread:
            exposure += " Grey: between the lowest and the highest model."
    if isinstance(course, Peaks):
        text = "The highest concentration of each session."
        text += " Dot: median; dark bar: 50 % of people; light bar: 90 %." if course.spread else ""
    else:
        log = any(not is_linear(course, name, gathered.sessions) for name in course.analytes)
        text = "Each line across is ten times the one below." if log else ""
        text = f"{text} Ticks on the axis are sessions.".strip() + (shades if course.spread else "")
    missing = left_out(gathered.sessions)
    first_day = "the day of the first dose" if gathered.start is None else _long(gathered.start)
    calendar = f"Darker cells are higher doses. Day 1 is {first_day}."
    if missing:
        calendar += f" {missing} more rows are not drawn."
    return {"exposure": exposure, "course": text, "calendar": calendar}


def _peak(first: Curves, name: str) -> str:
    line = first.bands[name][MEDIAN]
    k = int(line.argmax())
    what = "the median of" if first.spread else ""
    when = duration(float(first.times[k]))
    known = describe(name).display
    return f"{what} {known} is highest at {when} ({sig(float(line[k]))} ng/mL)".strip()


def _tables(gathered: Gathered) -> list[dict[str, Any]]:
    """Exposure tables as printed: one a session with quantiles; of one person a single table."""
    tables = gathered.data["exposure"]
    if gathered.data["people"]["n"] > 1:
        return [_table([t], t["title"], list(COLUMNS.values()), list(COLUMNS)) for t in tables]
    titles = [f"Session {t['session']}, day {t['day']}" for t in tables]
    title = tables[0]["title"] if len(tables) == 1 else "Sessions"
    return [_table(tables, title, titles if len(tables) > 1 else ["Value"], ["q50"])]


def _table(
    tables: Sequence[dict[str, Any]], title: str, heads: list[str], columns: Sequence[str]
) -> dict[str, Any]:
    """One printed table: the cells of each row from every session given, and numbered notes."""
    notes: list[str] = []
    groups: list[dict[str, Any]] = []
    for row in tables[-1]["rows"]:
        if not groups or groups[-1]["analyte"] != row["analyte"]:
            groups.append({"analyte": row["analyte"], "rows": []})
        same = [_like(table, row) for table in tables]
        found = list(dict.fromkeys(note for one in same if one for note in one["notes"]))
        notes.extend(note for note in found if note not in notes)
        cells = [cell(one, column) if one else "" for one in same for column in columns]
        groups[-1]["rows"].append(
            {
                "name": row["name"],
                "unit": unit_of(row),
                "cells": cells,
                "marks": [notes.index(note) + 1 for note in found],
                "flagged": row["flagged"],
            }
        )
    return {"title": title, "heads": heads, "groups": groups, "notes": notes,
            "session": tables[0]["session"]}  # fmt: skip


def _like(table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    """The row of another session with the same figure; the last concentration has none."""
    wanted = (row["analyte"], row["measure"])
    return next((r for r in table["rows"] if (r["analyte"], r["measure"]) == wanted), None)


def _glance(gathered: Gathered) -> dict[str, Any]:
    """Peak, time and area of the parent drug: first session, and the last of the highest dose."""
    tables = gathered.data["exposure"]
    highest = max(tables, key=lambda t: (_q50(t, "cmax") or 0.0, t["session"]))
    same_dose = tables[-1]["dose"] == highest["dose"]
    second = tables[-1] if same_dose else highest
    shown = [tables[0]] + ([second] if second is not tables[0] else [])
    rows = []
    for measure in ("cmax", "tmax", "auc24"):
        cells = []
        for table in shown:
            row = _parent_row(table, measure)
            spread = row["q95"] is not None and row["q95"] > row["q05"]
            low, high = cell(row, "q05"), cell(row, "q95")
            cells.append({"value": cell(row, "q50"),
                          "range": f"{low} to {high}" if spread else ""})  # fmt: skip
            cells[-1]["unit"] = unit_of(row) if row["q50"] is not None else ""
        rows.append({"name": _WORDS[measure], "short": MEASURES[measure][0], "cells": cells})
    return {"analyte": gathered.first.analytes[0], "columns": shown, "rows": rows}


_WORDS = {"cmax": "Highest concentration", "tmax": "Reached after", "auc24": "Area over 24 h"}


def _parent_row(table: dict[str, Any], measure: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in table["rows"] if row["measure"] == measure)
    return found


def _q50(table: dict[str, Any], measure: str) -> float | None:
    found: float | None = _parent_row(table, measure)["q50"]
    return found


def _hover(gathered: Gathered, figures: dict[str, dict[str, Drawing]]) -> dict[str, Any]:
    """What the script reads: curves in few digits, and where the panels of each figure lie."""
    first, course = gathered.first, gathered.course
    bands = course.peaks if isinstance(course, Peaks) else course.bands
    return {
        "data": {
            "exposure": _set(first.times, first.bands, spread=first.spread)
            | {
                "others": [
                    {"name": o.short,
                     "values": {k: _few(o.at(k, first.times)) for k in o.values}}
                    for o in first.others
                ]
            },
            "course": _set(course.times, bands, spread=course.spread)
            | {"starts": [rounded(s.time, 8) for s in gathered.sessions],
               "days": [s.day for s in gathered.sessions],
               "peaks": isinstance(course, Peaks)},
        },
        "plots": {
            f"{name}-{width}": {"data": name, "panels": drawn.panels}
            for name, both in figures.items()
            if name != "calendar"
            for width, drawn in both.items()
        },
    }  # fmt: skip


def _set(times: NDArray[Any], bands: Any, *, spread: bool) -> dict[str, Any]:
    return {
        "t": [rounded(float(t), 6) for t in times],
        "series": [
            {
                "name": display(name),
                "key": name,
                "colour": hue(name),
                "q": [_few(row) for row in (band if spread else band[MEDIAN : MEDIAN + 1])],
            }
            for name, band in bands.items()
        ],
    }


def _few(values: Any) -> list[float | None]:
    return [rounded(float(v), 3) for v in values]
