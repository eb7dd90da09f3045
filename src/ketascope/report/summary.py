"""The first page of a report: what its sections come to, for one who reads no more than that.

Nothing is worked out here. Figures are those that sections hand over as tiles, sentences those of
the screen and of the plan; each points at the section that it is of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.report.effect_words import plainly
from ketascope.report.numbers import join
from ketascope.report.plan_page import HEADINGS
from ketascope.report.printed import glance, one_value
from ketascope.report.safe_use import gravest
from ketascope.report.section import Section, Tile
from ketascope.report.style import display
from ketascope.safety.rules import SEVERITIES

if TYPE_CHECKING:
    from ketascope.report.data import Gathered

ASKED: Final = ("staff", "equipment", "aftercare")
"""Kinds of steps that the first page repeats, in this order."""
MOST_WARNINGS: Final = 4
NOT_SCREENED: Final = (
    "Not screened: that takes a patient's record and a place (options patient and jurisdiction)."
)
NOT_PLANNED: Final = (
    "Not planned: observation, people on site and equipment depend on the place (options patient "
    "and jurisdiction)."
)


def summary(gathered: Gathered) -> dict[str, Any]:
    """Return what the template of the first page reads.

    Parameters
    ----------
    gathered : Gathered
        As :func:`ketascope.report.data.gather` returns it.

    Returns
    -------
    dict
        ``who``, ``what``, ``tiles`` (section and tile), ``brackets`` (what they mean), ``stands``
        and ``asks`` (lines), ``not_predicted``, ``warnings`` and ``more_warnings``, ``contents``
        (section and title).
    """
    data = gathered.data
    tiles = [("exposure", _exposure(gathered))]
    tiles += [(part.name, tile) for part in gathered.story for tile in part.tiles]
    plan = next((part for part in gathered.story if part.name == "plan"), None)
    devices = data["regimen"]["devices"]
    # what a screen rules out stands by name under what stands against it
    ruled_out = {line for part in gathered.screening for line in gravest(part)}
    cut = [_first_clause(text) for text in data["warnings"] if text not in ruled_out]
    return {
        "who": _who(data),
        "what": [line for line in data["regimen"]["what"] if line not in devices],
        "brackets": _brackets(data["people"]),
        "tiles": tiles,
        "stands": [line for part in gathered.screening for line in _stands(part.data)],
        "asks": _asks(plan) if plan else [],
        "not_predicted": _missing(data),
        "warnings": cut[:MOST_WARNINGS],
        "more_warnings": len(cut[MOST_WARNINGS:]),
        "contents": [(part.name, part.title) for part in (*gathered.screening, *gathered.story)],
    }


def _who(data: Mapping[str, Any]) -> str:
    people = data["people"]
    given = [f"{r['name']} {r['text']}" for r in people["covariates"] if r["origin"] == "given"]
    settings = (data["effects"] or {}).get("settings", {})
    told = [name.replace("_", " ") for name, value in settings.items() if value]
    denied = [f"no {name.replace('_', ' ')}" for name, value in settings.items() if not value]
    parts = [*given, *told, *denied]
    drawn = [row["name"] for row in people["covariates"] if row["origin"] == "drawn"]
    who = f"{people['title']}, {', '.join(parts)}" if parts else people["title"]
    return f"{who} ({join(drawn)} drawn)" if drawn and people["n"] > 1 else who


def _brackets(people: Mapping[str, Any]) -> str:
    """Say what the figures are of."""
    fit = "[a to b]: what the fit of a calibration allows for it"
    if people["n"] == 1:
        return f"Figures are of one person. {fit}."
    share = "lowest to highest" if people["few"] else "90 % of people"
    return f"Figures are of the middle person, first session. (a to b): {share}; {fit}."


def _exposure(gathered: Gathered) -> Tile:
    """The highest concentration of the sessions that the tables show."""
    shown = glance(gathered)
    peak, when = (row["cells"] for row in shown["rows"][:2])
    lines = [("reached after", f"{_spread(when[0])} {when[0]['unit']}")]
    lines += [
        (f"session {column['session']}, {column['dose']}", _spread(cell))
        for column, cell in list(zip(shown["columns"], peak, strict=True))[1:]
    ]
    note = display(shown["analyte"])
    if one_value(gathered) and gathered.data["people"]["n"] > 1:
        note += "; the source gives no spread between people: it is unknown, not nought"
    band = _spread(peak[0]).partition(" ")[2]
    return Tile("Highest concentration", peak[0]["value"], peak[0]["unit"], band, tuple(lines),
                note, "published model")  # fmt: skip


def _spread(cell: Mapping[str, str]) -> str:
    return f"{cell['value']} ({cell['range']})" if cell["range"] else cell["value"]


def _stands(data: Mapping[str, Any]) -> list[str]:
    """What a screen found: how many, the gravest by name, and how much is open."""
    found = data["findings"]
    counts = {name: sum(one["severity"] == name for one in found) for name in SEVERITIES}
    named = [f"{number} {name}" for name, number in counts.items() if number]
    lines = [
        f"{len(found)} findings: {', '.join(named)}."
        if found
        else "No rule applies by what is known; that is not \u201csafe\u201d."
    ]
    for severity in ("contraindicated", "avoid"):
        titles = dict.fromkeys(one["title"] for one in found if one["severity"] == severity)
        if titles:
            lines.append(f"{severity.capitalize()}: {'; '.join(titles)}.")
    complete = "yes" if data["complete"] else "no"
    lines.append(
        f"Complete: {complete}; open questions: {len(data['questions'])}, not screened: "
        f"{len(data['not_screened'])}."
    )
    return [*lines, *(f"Off-label here: {words}." for words in data["off_label"])]


def _asks(plan: Section) -> list[str]:
    """What a session asks for: how long people stay, who and what must be there."""
    if not plan.data:
        return list(plan.not_predicted)
    first = plan.data["visits"][0]
    start, leave = first["start"][11:16], (first["leave_from"] or "")[11:16]
    lines = [
        f"Observation: a first session that begins at {start} is left from {leave} on, once the "
        "rule of readiness is met."
        if leave
        else "Observation: no source that was read sets its hours for this drug and route; the "
        "site sets them."
    ]
    for kind in ASKED:
        steps = [step["text"] for step in first["steps"] if step["what"] == kind]
        if steps:
            lines.append(f"{HEADINGS[kind]}: {' '.join(steps)}")
    return lines


def _missing(data: Mapping[str, Any]) -> list[str]:
    """Effects without a figure, each named once."""
    missing = (data["effects"] or {}).get("not_predicted", {})
    return plainly(missing)


def _first_clause(text: str) -> str:
    """The beginning of a warning, up to where it begins to explain."""
    return re.split(r"; |\. ", text.rstrip("."), maxsplit=1)[0]
