"""The section of the course of depression: MADRS beside a control, response, remission, relapse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ketascope.effects.mood import NAME, course
from ketascope.effects.mood_table import report_course_of_mood
from ketascope.report.draw_mood import draw_mood
from ketascope.report.section import Picture, Section, Table, Tile, not_predicted, sentence

if TYPE_CHECKING:
    import xarray as xr

PEOPLE = 1000


def mood_section(result: xr.Dataset, settings: Mapping[str, float]) -> Section:
    """Return the section; ``settings`` change nothing here."""
    del settings
    title, seed = "Course of depression", int(result.attrs["seed"])
    found = report_course_of_mood(result, seed=seed, n=PEOPLE)
    if not found["predicted"]:
        return Section(
            "course_of_mood", title, not_predicted=(sentence(found["why"]),), data=found,
            tiles=(not_predicted(title, found["why"]),),
        )  # fmt: skip
    curves = course(result, n=PEOPLE, seed=seed)
    both_sides = [row["source"] for row in found["dissociation"]]
    return Section(
        "course_of_mood",
        title,
        lead=(_headline(found), found["text"], *map(sentence, found["warnings"])),
        picture=Picture(
            lambda width: draw_mood(curves, width),
            "MADRS over four weeks, beside the control",
            "A calibration of this project. Bands hold what the fit does not know and how far "
            f"trials are apart. Control: {found['comparator']}.",
        ),
        tables=(_changes(found), _shares(found), *_relapse(found)),
        tiles=(_tile(title, found),),
        more=(
            ("Limits", tuple(map(sentence, found["limits"]))),
            ("Dissociation and benefit: findings of both sides", tuple(
                f"{row['study']} ({row['drug']}, {row['route']}): {row['found']}"
                for row in found["dissociation"]
            )),
        ),
        sources=tuple(dict.fromkeys([*found["sources"], *both_sides])),
        data=found | {"calibration": NAME},
    )  # fmt: skip


def _points(found: Mapping[str, float], *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    text = f"{found['q50']:{plus}.1f} ({found['q05']:{plus}.1f} to {found['q95']:{plus}.1f})"
    return text.replace("-", "\u2212")


def _percent(found: Mapping[str, float], *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    middle, low, high = (100 * found[key] for key in ("q50", "q05", "q95"))
    return f"{middle:{plus}.0f} % ({low:{plus}.0f} to {high:{plus}.0f})".replace("-", "\u2212")


def _when(label: str) -> str:
    return "the end" if label == "end" else label


def _needed(found: Mapping[str, Any]) -> str:
    """Number needed to treat; where the interval of the difference holds none, that."""
    low, high = found["low"], found["high"]
    if found["value"] is None or low is None or high is None or low <= 0 or high <= 0:
        return "no difference shown"
    return f"{found['value']:.1f} ({low:.1f} to {high:.1f})"


def _rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table; the end only where it is a time of its own."""
    times = [row["time"] for row in found["table"]]
    return [row for k, row in enumerate(found["table"]) if row["time"] not in times[:k]]


def _headline(found: Mapping[str, Any]) -> str:
    last = _rows(found)[-1]
    return (
        f"At {_when(last['label'])} the MADRS has changed by "
        f"{_points(last['change']['drug'])} points, "
        f"with the control ({found['comparator']}) by {_points(last['change']['control'])}: a "
        f"difference of {_points(last['change']['difference'])}. Response "
        f"{_percent(last['response']['drug'])} against {_percent(last['response']['control'])}, "
        f"remission {_percent(last['remission']['drug'])} against "
        f"{_percent(last['remission']['control'])}. Intervals: 5 to 95 %, between trials of "
        "outpatients. In another setting (inpatients, surgery, another region, practice) response "
        f"may lie anywhere in {_span(last['response']['drug'])} against "
        f"{_span(last['response']['control'])}."
    )


def _span(found: Mapping[str, Any]) -> str:
    low, high = (100 * x for x in found["elsewhere"])
    return f"{low:.0f} to {high:.0f} %"


def _tile(title: str, found: Mapping[str, Any]) -> Tile:
    last = _rows(found)[-1]
    value, _, band = _points(last["change"]["difference"]).partition(" ")
    return Tile(
        title,
        value,
        f"MADRS at {_when(last['label'])}",
        f"against control {band}",
        tuple(
            line
            for name in ("response", "remission")
            for line in (
                (name, _percent(last[name]["drug"])),
                ("control", _percent(last[name]["control"])),
            )
        ),
        f"brackets: 5 to 95 % between trials; control: {found['comparator']}",
        "calibration",
    )


def _changes(found: Mapping[str, Any]) -> Table:
    return Table(
        "Change of the MADRS, mean of a large group; 5 to 95 % between trials",
        ("When", "Drug", "Control", "Difference"),
        tuple(
            (row["label"], *(_points(row["change"][part]) for part in
             ("drug", "control", "difference")))
            for row in _rows(found)
        ),
    )  # fmt: skip


def _shares(found: Mapping[str, Any]) -> Table:
    rows = []
    for row in _rows(found):
        for name, words in (("response", "response, half or less"),
                            ("remission", "remission, 12 or less")):  # fmt: skip
            parts = row[name]
            rows.append(
                (
                    f"{row['label']}: {words}",
                    _percent(parts["drug"]),
                    _percent(parts["control"]),
                    _percent(parts["difference"], sign=True),
                    _needed(parts["nnt"]),
                )
            )
    return Table(
        "Response and remission",
        ("When and what", "Drug", "Control", "Difference", "Needed to treat"),
        tuple(rows),
    )


def _relapse(found: Mapping[str, Any]) -> tuple[Table, ...]:
    if not found["relapse"]:
        return ()
    return (
        Table(
            "Relapse of people in stable remission, going on or stopping (SUSTAIN-1 alone: how far "
            "trials are apart is not in it)",
            ("Weeks", "Going on", "Stopped", "Difference"),
            tuple(
                (
                    f"{row['weeks']}",
                    _percent(row["going_on"]),
                    _percent(row["stopped"]),
                    _percent(row["difference"], sign=True),
                )
                for row in found["relapse"]
            ),
        ),
    )
