"""The report as one HTML file: figures, tables and sentences in a template, nothing from outside.

The page carries a content security policy that lets nothing load from anywhere and runs one
script, its own, by its hash. User input (regimen, notes, names) reaches the page through the
template's escaping, and through JSON in which the characters of a tag are escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ketascope.report.between import printed
from ketascope.report.captions import captions
from ketascope.report.curves import MEDIAN, Peaks
from ketascope.report.data import Gathered, gather
from ketascope.report.draw_calendar import draw_calendar
from ketascope.report.draw_course import draw_course
from ketascope.report.draw_exposure import draw_exposure
from ketascope.report.numbers import rounded
from ketascope.report.printed import exposure_tables, glance, one_value
from ketascope.report.references import GROUPS, link, reference
from ketascope.report.style import display, hue
from ketascope.report.summary import NOT_PLANNED, NOT_SCREENED, summary
from ketascope.report.svg import Drawing, drawing
from ketascope.report.templating import WIDTHS, environment, template_file

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.report.safe_use import SafeUse


def make_report(
    result: xr.Dataset,
    *,
    alternatives: Sequence[xr.Dataset] = (),
    command: str | None = None,
    as_of: str | None = None,
    regimen_notes: Sequence[str] = (),
    across: pd.DataFrame | None = None,
    without: xr.Dataset | None = None,
    settings: Mapping[str, float] | None = None,
    safe_use: SafeUse | None = None,
    contrasts: bool = False,
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
    across : DataFrame, optional
        From :func:`ketascope.across_models` for the same regimen and people: how far models and
        people are apart.
    without : Dataset, optional
        The same run without the medicines taken beside it, to show what they change.

    settings : mapping, optional
        What else is known of everybody, as in :func:`ketascope.acute_effects`.
    safe_use : SafeUse, optional
        A record and a jurisdiction: the page is screened and planned, too.
    contrasts : bool
        Also simulate what moves readiness to leave: age, dose and route (some 20 s).

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
    gathered = gather(
        result,
        alternatives,
        command,
        as_of,
        regimen_notes,
        across,
        without,
        settings,
        safe_use,
        contrasts,
    )
    return page_of(gathered)


def page_of(gathered: Gathered) -> str:
    """Return the page of what :func:`ketascope.report.data.gather` worked out."""
    tables = exposure_tables(gathered)
    texts = captions(gathered, tables[0]["notes"])
    figures = _figures(gathered, texts)
    script = template_file("report.js")
    context = {
        **gathered.data,
        "figures": {
            name: {width: drawn.svg for width, drawn in both.items()}
            for name, both in figures.items()
        },
        "captions": texts | {p.name: p.picture.caption for p in gathered.story if p.picture},
        "story": gathered.story,
        "screening": gathered.screening,
        "tables": tables,
        "glance": glance(gathered),
        "summary": summary(gathered),
        "not_screened": NOT_SCREENED,
        "not_planned": NOT_PLANNED,
        "between_table": printed(gathered.data["between"]),
        "references": [
            (GROUPS[group], [(reference(item), link(item), item.checked) for item in items])
            for group, items in gathered.sources.items()
        ],
        "css": Markup(template_file("report.css")),
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "hover": _json(_hover(gathered, figures)),
        "one": one_value(gathered),
    }
    return environment().get_template("report.html").render(context)


def _json(value: Any) -> Markup:
    """Return JSON that can stand in a script element, whatever it holds."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _figures(gathered: Gathered, texts: dict[str, str]) -> dict[str, dict[str, Drawing]]:
    """Draw each figure in both widths."""
    regimen = gathered.data["regimen"]["text"]
    first, course, sessions = gathered.first, gathered.course, gathered.sessions
    found: dict[str, dict[str, Drawing]] = {}
    for width in WIDTHS:
        drawn = {
            "exposure": draw_exposure(first, width),
            "course": draw_course(course, sessions, width),
        }
        if len(sessions) > 1:
            drawn["calendar"] = draw_calendar(sessions, width, gathered.start)
        told = {name: (f"{_TITLES[name]}: {regimen}", texts[name]) for name in drawn}
        for part in gathered.story:
            if part.picture is not None:
                drawn[part.name] = part.picture.draw(width)
                told[part.name] = (f"{part.picture.title}: {regimen}", part.picture.caption)
        for name, figure in drawn.items():
            found.setdefault(name, {})[width] = drawing(figure, f"{name}-{width}", *told[name])
    return found


_TITLES = {
    "exposure": "Plasma concentration in the first session",
    "course": "Plasma concentration over the course",
    "calendar": "Calendar of doses",
}


def _hover(gathered: Gathered, figures: dict[str, dict[str, Drawing]]) -> dict[str, Any]:
    """What the script reads: curves in few digits, and where the panels of each figure lie."""
    first, course = gathered.first, gathered.course
    bands = course.peaks if isinstance(course, Peaks) else course.bands
    return {
        "data": {
            "exposure": _set(first.times, first.bands, spread=first.spread, each=bool(first.lines))
            | {
                "others": [
                    {"name": o.short,
                     "values": {k: _few(o.at(k, first.times)) for k in o.values}}
                    for o in first.others
                ]
            },
            "course": _set(course.times, bands, spread=course.spread, each=bool(course.lines))
            | {"starts": [rounded(s.time, 8) for s in gathered.sessions],
               "days": [s.day for s in gathered.sessions],
               "peaks": isinstance(course, Peaks)},
        },
        "plots": {
            f"{name}-{width}": {"data": name, "panels": drawn.panels}
            for name, both in figures.items()
            if name in ("exposure", "course")
            for width, drawn in both.items()
        },
    }  # fmt: skip


def _set(times: NDArray[Any], bands: Any, *, spread: bool, each: bool) -> dict[str, Any]:
    return {
        "t": [rounded(float(t), 6) for t in times],
        "series": [
            {
                "name": display(name),
                "key": name,
                "colour": hue(name),
                "q": [_few(row) for row in _levels(band, spread=spread, each=each)],
            }
            for name, band in bands.items()
        ],
    }


def _levels(band: Any, *, spread: bool, each: bool) -> Any:
    """The rows of a band that differ: of few people lowest, median and highest."""
    if not spread:
        return band[MEDIAN : MEDIAN + 1]
    return band[[0, MEDIAN, -1]] if each else band


def _few(values: Any) -> list[float | None]:
    return [rounded(float(v), 3) for v in values]
