"""The section of acute effects: curves of the first session, figures of the first and the last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.acute import acute_effects, known_effects
from ketascope.effects.acute_tables import effect_table, needed
from ketascope.errors import Unsupported
from ketascope.report.draw_effects import draw_effects, effect_curves
from ketascope.report.numbers import duration, plain, sig
from ketascope.report.section import Picture, Section, Table, Tile, not_predicted, sentence

if TYPE_CHECKING:
    import xarray as xr

HOURS: Final = 6.0
"""Hours of the first session that the figure shows."""
OWN_LEVELS: Final = ("unresponsive", "anaesthesia")
"""Effects in multiples of a person's own level of another state: drawn only where that is near."""
TILES: Final = {
    "cadss": ("Dissociation", "CADSS"),
    "sedation": ("Sedation", "MOAA/S; 5 is awake"),
    "systolic_change": ("Blood pressure", "mmHg, systolic rise"),
}
"""Effects of the first page: title and unit; the diastolic rise stands beside the systolic."""
BASIS: Final = {
    "calibrated": "calibration of this project",
    "published": "published relation",
}


def _drawn(found: xr.Dataset, rows: list[dict[str, Any]]) -> xr.Dataset:
    """The effects that the figure shows: not those that nearly nobody comes half-way to."""
    far = [
        row["effect"]
        for row in rows
        if row["session"] == 1
        and row["effect"] in OWN_LEVELS
        and row["peak"]["q95"] is not None
        and row["peak"]["q95"] < 0.5
    ]
    shown = [name for name in found.data_vars if name not in far]
    return found[shown] if shown else found


def acute_section(result: xr.Dataset, settings: Mapping[str, float]) -> Section:
    """Return the section; where nothing is predicted it says why."""
    title = "Acute effects"
    try:
        days = needed(result, json.loads(str(result.attrs["sessions"])))
        found = acute_effects(result.isel(time=days.nonzero()[0]), settings=settings)
    except Unsupported as error:
        return Section(
            "effects", title, not_predicted=(sentence(str(error)),),
            tiles=tuple(not_predicted(name, str(error)) for name, _ in TILES.values()),
        )  # fmt: skip
    rows = effect_table(result, settings=settings)
    missing = json.loads(found.attrs["not_predicted"])
    known = known_effects()
    levels = {name: e.resolved for name, e in known.items() if e.resolved is not None}
    infusion, drawn = _infusion(result), _drawn(found, rows)
    sources = dict.fromkeys(key for row in rows for key in row["sources"])
    return Section(
        "effects",
        title,
        lead=tuple(filter(None, (headline(row) for row in rows if row["session"] == 1))),
        picture=Picture(
            lambda width: draw_effects(
                drawn, width, infusion=infusion, hours=HOURS,
                levels={k: float(v) for k, v in levels.items()},
            ),
            "Acute effects in the first session",
            _caption(result),
        ),
        tables=tuple(_table(rows, number) for number in sorted({row["session"] for row in rows})),
        more=(
            ("What each rests on", tuple(
                f"{row['display']} ({BASIS[row['kind']]}): {row['text']}"
                for row in {row["effect"]: row for row in rows}.values()
            )),
            ("Limits", tuple(dict.fromkeys(
                f"{row['display']}: {limit}" for row in rows for limit in row["limits"]
            ))),
        ),
        not_predicted=_grouped(missing),
        tiles=tuple(_tile(name, rows, missing) for name in TILES),
        sources=tuple(sources),
        data={
            "table": rows,
            "curves": effect_curves(found, HOURS),
            "not_predicted": missing,
            "settings": dict(settings),
        },
    )  # fmt: skip


def _tile(name: str, rows: list[dict[str, Any]], missing: Mapping[str, str]) -> Tile:
    """What an effect comes to in the first session, and how strong it is in the last."""
    title, unit = TILES[name]
    mine = [row for row in rows if row["effect"] == name and row["peak"]["q50"] is not None]
    if not mine:
        return not_predicted(title, missing.get(name, "no figure"))
    row, *later = mine
    peak, when = row["peak"], row["time"]["q50"]
    lines = [
        # a person whom the dose does not move is strongest at the start
        *([("reached after", duration(when))] if when else []),
        *_cuts(row),
        *_gone(row["gone"]),
        *(_diastolic(rows, row["session"]) if name == "systolic_change" else []),
        *((f"session {one['session']}", _over_people(one["peak"])) for one in later),
    ]
    value, _, band = _over_people(peak).partition(" ")
    if peak["low"] is not None and peak["low"] != peak["high"]:
        band = f"{band} [{_level(peak['low'])} to {_level(peak['high'])}]"
    basis = "calibration" if row["kind"] == "calibrated" else BASIS[row["kind"]]
    return Tile(title, value, unit, band.strip(), tuple(lines), basis=basis)


def _cuts(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Shares beyond a level, without levels further off that nobody reaches."""
    first, *rest = row["shares"]
    reached = [one for one in rest if one["high"] or one["share"]]
    return [(one["cut"], _percent(one)) for one in (first, *reached)]


def _gone(gone: dict[str, Any] | None) -> list[tuple[str, str]]:
    if gone is None:
        return []
    by = [(f"gone by {one['hours']:g} h", _percent(one)) for one in gone["by"]]
    two = [line for line in by if line[0] == "gone by 2 h"]
    if not gone["q95"]:
        # not gone while followed, or never there
        return two
    who = "" if gone["q05"] == gone["q95"] else " in 95 % of people"
    return [(f"gone{who}", f"after {duration(gone['q95'])}"), *two]


def _diastolic(rows: list[dict[str, Any]], session: int) -> list[tuple[str, str]]:
    found = [
        row
        for row in rows
        if row["effect"] == "diastolic_change"
        and row["session"] == session
        and row["peak"]["q50"] is not None
    ]
    return [
        line
        for row in found
        for line in (
            ("diastolic rise", _over_people(row["peak"])),
            *((f"diastolic {name}", share) for name, share in _cuts(row)),
        )
    ]


def _over_people(found: dict[str, Any]) -> str:
    """The middle, and 90 % of people in brackets."""
    text = _level(found["q50"])
    if found["q05"] is None or found["q05"] == found["q95"]:
        return text
    high = "no end in sight" if found["q95"] is None else _level(found["q95"])
    return f"{text} ({_level(found['q05'])} to {high})"


def _level(value: float) -> str:
    """Two significant digits, and no decimals for a whole number."""
    return plain(value) if value == int(value) else _two(value)


def _grouped(missing: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence a reason, with all the effects it is the reason for."""
    known = known_effects()
    groups: dict[str, list[str]] = {}
    for name, why in missing.items():
        groups.setdefault(why, []).append(known[name].display)
    return tuple(f"{'; '.join(names)}: {sentence(why)}" for why, names in groups.items())


def _infusion(result: xr.Dataset) -> float:
    doses = json.loads(str(result.attrs["doses"]))
    return max(float(dose["minutes"]) for dose in doses if dose["session"] == 0) / 60


def _caption(result: xr.Dataset) -> str:
    text = (
        "Line: median of people; dark band: the middle 50 %; light band: 90 %. "
        "Blue: a published relation; brown: a calibration of this project, whose bands hold what "
        "the fit does not know. Dashed: the level at which it counts as gone."
    )
    if str(result.attrs.get("variability")) == "covariates only":
        text += (
            " The model of exposure knows no spread between people, so bands are of the effects "
            "alone and too narrow."
        )
    return text


def headline(row: dict[str, Any]) -> str:
    """Say in one sentence what happens to the middle person and to how many."""
    peak, when, gone = row["peak"], row["time"], row["gone"]
    if peak["q50"] is None:
        return ""
    unit = "" if row["unit"] in ("", "1") else f" {row['unit']}"
    down = row["extreme"] == "lowest"
    if gone and gone["q50"] == 0:
        beyond = "below" if down else "above"
        text = (
            f"{row['display']}: the middle person does not go {beyond} {plain(gone['level'])}"
            f"{unit} ({_two(peak['q50'])} at the strongest{_range(peak)})"
        )
    else:
        end = "at its lowest" if down else "at most"
        text = (
            f"{row['display']}: {_two(peak['q50'])}{unit} {end} in the middle person"
            f"{_range(peak)}, {duration(when['q50'])} after the start"
        )
    if row["shares"]:
        one = row["shares"][0]
        text += f"; {one['cut']} in {_share(one)}"
    if gone and gone["q50"]:
        text += f"; back after {duration(gone['q50'])}"
    return f"{text}."


def _two(value: float) -> str:
    """Two significant digits: the bands allow no more."""
    return sig(value, 2)


def _range(found: dict[str, Any]) -> str:
    if found["q05"] is None or found["q05"] == found["q95"]:
        return ""
    high = "no end in sight" if found["q95"] is None else _two(found["q95"])
    return f", 90 % of people {_two(found['q05'])} to {high}"


def _share(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} % of people"
    if one["low"] is not None:
        text += f" (fit allows {100 * one['low']:.0f} to {100 * one['high']:.0f} %)"
    return text


def _table(rows: list[dict[str, Any]], number: int) -> Table:
    mine = [row for row in rows if row["session"] == number]
    heads = ("Effect", "Strongest", "When", "How many", "Gone after", "Gone by 2 h")
    return Table(
        f"Session {number}, day {mine[0]['day']}: median and 90 % of people; in brackets what the "
        "fit allows",
        heads,
        tuple(_line(row) for row in mine),
    )


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    unit = "" if row["unit"] in ("", "1") else f", {row['unit']}"
    gone = row["gone"]
    by = next((one for one in gone["by"] if one["hours"] == 2.0), None) if gone else None
    return (
        f"{row['display']}{unit}",
        _cell(row["peak"], sig),
        _cell(row["time"], duration),
        "; ".join(f"{one['cut']}: {_percent(one)}" for one in row["shares"]) or "–",
        _cell(gone, duration) if gone else "no level set",
        _percent(by) if by else "–",
    )


def _cell(found: dict[str, Any], write: Any) -> str:
    def said(value: float | None) -> str:
        return "later than shown" if value is None else str(write(value))

    text = said(found["q50"])
    if found["q05"] != found["q95"]:
        text += f" ({said(found['q05'])} to {said(found['q95'])})"
    if found["low"] is not None and found["low"] != found["high"]:
        text += f" [{said(found['low'])} to {said(found['high'])}]"
    return text


def _percent(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} %"
    if one["low"] is not None and one["low"] != one["high"]:
        text += f" [{100 * one['low']:.0f} to {100 * one['high']:.0f}]"
    return text
