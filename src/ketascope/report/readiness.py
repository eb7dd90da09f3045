"""The section of readiness to leave: how many are ready when, what comes last, what moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ketascope.effects.acute import known_effects
from ketascope.effects.readiness_report import report_readiness
from ketascope.errors import Unsupported
from ketascope.report.draw_readiness import draw_readiness
from ketascope.report.effect_words import plainly
from ketascope.report.numbers import duration, join
from ketascope.report.section import Picture, Section, Table, Tile, not_predicted

if TYPE_CHECKING:
    import xarray as xr


def readiness_section(
    result: xr.Dataset, settings: Mapping[str, float], *, contrasts: bool = False
) -> Section:
    """Return the section; where nothing can be said it says why.

    With ``contrasts`` the session is simulated again with age, dose and route changed.
    """
    title = "Readiness to leave"
    try:
        found = report_readiness(result, settings=settings, contrasts=contrasts)
    except Unsupported as error:
        return Section(
            "readiness", title, not_predicted=(f"{error}.",),
            tiles=(not_predicted(title, str(error)),),
        )  # fmt: skip
    rule = found["rule"]
    return Section(
        "readiness",
        title,
        lead=_lead(found),
        picture=Picture(
            lambda width: draw_readiness(found, width),
            "Share of people who are ready to leave",
            "Share of people whose pressure, alertness and dissociation have come back, as far as "
            "they are predicted; band: what the calibrations do not know.",
        ),
        tiles=(_tile(title, found),),
        tables=(_shares(found), *([_contrasts(found["contrasts"])] if contrasts else [])),
        more=(
            ("The rule, and what in it is a convention of this project", tuple(
                f"{one['display']}: {one['says']}. {one['convention']}" for one in rule["criteria"]
            )),
        ),
        not_predicted=tuple(
            f"{name.replace('_', ' ')}: {why}; readiness is of the others alone."
            for name, why in found["not_predicted"].items()
        ),
        sources=tuple(found["sources"]),
        data=found,
    )  # fmt: skip


def _tile(title: str, found: dict[str, Any]) -> Tile:
    time, by = found["time"], {one["hours"]: one for one in found["shares"]}
    middle, low, high = (_hours(time[key]) for key in ("q50", "q05", "q95"))
    if low != high:
        # one unit for all three where they share it
        low = low.removesuffix(" min") if high.endswith(" min") else low
        middle = f"{middle} ({low} to {high})"
    value, _, band = _in_brackets(by[2.0]).partition(" %")
    note = f"judged by {join(plainly(found['of']))}"
    if found["not_predicted"]:
        note += f", not by {join(plainly(found['not_predicted']))}"
    return Tile(
        title,
        f"{value} %",
        "of people at 2 h",
        band.strip(),
        (("at 1.5 h", _in_brackets(by[1.5])), ("middle person", middle)),
        f"{note}; does not replace the hours of a label or a site",
        "calibration",
    )


def _in_brackets(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} %"
    if one["low"] is not None and one["low"] != one["high"]:
        text += f" [{100 * one['low']:.0f} to {100 * one['high']:.0f}]"
    return text


def _lead(found: dict[str, Any]) -> tuple[str, ...]:
    time = found["time"]
    by = {share["hours"]: share for share in found["shares"]}
    first = (
        f"The middle person is ready {_hours(time['q50'])} after the start (90 % of people "
        f"{_hours(time['q05'])} to {_hours(time['q95'])}; the calibrations allow "
        f"{_hours(time['low'])} to {_hours(time['high'])} for the middle). "
        f"Ready at 1.5 h: {_percent(by[1.5])}; at 2 h: {_percent(by[2.0])}."
    )
    return (
        first,
        "This is when simulated people are back, by calibrations of this project; it does not "
        "replace the hours that a label or a site asks for, nor the judgement of who watches.",
    )


def _hours(value: float | None) -> str:
    return "later than followed" if value is None else duration(value)


def _percent(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} % of people"
    if one["low"] is not None:
        text += f" ({100 * one['low']:.0f} to {100 * one['high']:.0f})"
    return text


def _shares(found: dict[str, Any]) -> Table:
    rows = [(f"Ready by {one['hours']:g} h", _percent(one)) for one in found["shares"]]
    rows += [
        (f"Comes last: {_small(one['display'])}", _percent(one))
        for one in found["last"]
        if one["share"] > 0
    ]
    return Table("How many are ready, and what comes last", ("", "People"), tuple(rows))


def _contrasts(rows: list[dict[str, Any]]) -> Table:
    return Table(
        "What moves it, simulated again in the same people",
        ("What is changed", "Middle person", "Ready at 1.5 h", "Ready at 2 h", "It is of"),
        # the session as given stands above, over more people and draws
        tuple(_contrast(row) for row in rows if row["what"] != "as given"),
    )


def _small(text: str) -> str:
    """Begin with a small letter; abbreviations stay as they are."""
    return text[0].lower() + text[1:]


def _contrast(row: dict[str, Any]) -> tuple[str, ...]:
    if row["not_known"]:
        return (row["case"], "not predicted", "–", "–", row["not_known"])
    by = {one["hours"]: one for one in row["share"]}
    middle = f"{_hours(row['median_h'])} ({_hours(row['low'])} to {_hours(row['high'])})"
    parts = ", ".join(_small(known_effects()[name].display) for name in row["over"])
    return (row["case"], middle, _percent(by[1.5]), _percent(by[2.0]), parts)
