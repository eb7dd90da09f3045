"""The comparison as one HTML file: shared axes, a table of differences with intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from markupsafe import Markup

from ketascope.checks.compare import GROUPS, Arm, Comparison
from ketascope.effects.acute import acute_effects, known_effects
from ketascope.engine.summary import analytes_of
from ketascope.errors import Unsupported
from ketascope.evidence import source
from ketascope.report.draw_compare import ARMS, Panel, draw_compare
from ketascope.report.numbers import plain, sig
from ketascope.report.references import link, readable, reference
from ketascope.report.svg import drawing
from ketascope.report.templating import WIDTHS, environment, template_file
from ketascope.report.words import DISCLAIMER

if TYPE_CHECKING:
    from ketascope.checks.compare_lines import Ends, Line

SCHEMA: Final = "ketascope/compare/1"
HOURS: Final = 6.0
"""Hours of the first session that are drawn."""
SCOPE: Final = (
    "A comparison of what models and calibrations give. It screens nobody, and nothing in it says "
    "that one arm is safe or should be chosen."
)
_UNKNOWN: Final = {"burden": "set by the site"}
"""What stands for a missing value of a group: a time of observation is not a prediction."""
_LEVELS: Final = (0.05, 0.5, 0.95)


def compare_data(
    found: Comparison, *, command: str | None = None, as_of: str | None = None
) -> dict[str, Any]:
    """Return what the page says, as plain values.

    Parameters
    ----------
    found : Comparison
        From :func:`ketascope.compare`.
    command, as_of
        As for :func:`ketascope.make_report`.

    Returns
    -------
    dict
        ``schema``, ``version``, ``as_of``, ``arms`` (letter, regimen, who, model), ``remarks``,
        ``settings``, ``items`` (the lines: group, quantity, unit, kind, interval, values and
        against_first by arm, note), ``sources`` (CSL-JSON), ``reproduce``.
    """
    first = found.arms[0].result
    return {
        "schema": SCHEMA,
        "version": str(first.attrs["version"]),
        "as_of": as_of or date.today().isoformat(),
        "arms": [
            {
                "letter": arm.letter,
                "regimen": arm.regimen,
                "who": arm.who,
                "model": str(arm.result.attrs["model"]),
            }
            for arm in found.arms
        ],
        "remarks": [readable(text) for text in found.remarks],
        "settings": dict(found.settings),
        "items": found.records(),
        "sources": [source(key).csl() for key in _sources(found)],
        "reproduce": {"command": command, "seed": int(first.attrs["seed"])},
    }


def compare_page(found: Comparison, *, command: str | None = None, as_of: str | None = None) -> str:
    """Return the page as the text of one self-contained HTML file; parameters as above."""
    data = compare_data(found, command=command, as_of=as_of)
    letters = [arm.letter for arm in found.arms]
    panels = panels_of(found)
    caption = (
        "Line: median of people; band: 90 % of people, where there are up to three arms. "
        f"{'; '.join(f'{arm.letter}: {arm.regimen}' for arm in found.arms)}."
    )
    drawn = {
        width: drawing(
            draw_compare(panels, letters, width), f"compare-{width}", "Arms side by side", caption
        ).svg
        for width in WIDTHS
    }
    arms = [
        {**told, "model": str(arm.result.attrs["model_title"]), "colour": ARMS[k]}
        for k, (told, arm) in enumerate(zip(data["arms"], found.arms, strict=True))
    ]
    items = [source(key) for key in _sources(found)]
    context = {
        **data,
        "arms": arms,
        "disclaimer": DISCLAIMER,
        "scope": SCOPE,
        "css": Markup(template_file("report.css")),
        "figure": drawn,
        "caption": caption,
        "groups": [_group(name, found.lines) for name in GROUPS],
        "references": [(reference(item), link(item), item.checked) for item in items],
        "command": command,
        "seed": data["reproduce"]["seed"],
    }
    context["groups"] = [group for group in context["groups"] if group["rows"]]
    return environment().get_template("compare.html").render(context)


def _sources(found: Comparison) -> list[str]:
    keys: dict[str, None] = {}
    for arm in found.arms:
        keys |= dict.fromkeys(json.loads(str(arm.result.attrs["sources"])))
        try:
            effects = acute_effects(arm.result, settings=found.settings, uncertainty="central")
        except Unsupported:
            continue
        keys |= dict.fromkeys(json.loads(str(effects.attrs["sources"])))
    return list(keys)


def panels_of(found: Comparison) -> list[Panel]:
    """Return the panels: concentration of the drug, then each effect that an arm has."""
    curves = []
    for k, arm in enumerate(found.arms):
        shown = _first_hours(arm)
        values = shown[analytes_of(shown)[0]].transpose("subject", "time").to_numpy()
        curves.append((k, shown["time"].to_numpy(), np.quantile(values, _LEVELS, axis=0)))
    names = dict.fromkeys(analytes_of(arm.result)[0] for arm in found.arms)
    across = "hours after the dose begins"
    panels = [Panel(f"Plasma {' / '.join(names)}", "ng/mL", across, tuple(curves))]
    return panels + _effect_panels(found, across)


def _first_hours(arm: Arm) -> Any:
    sessions = json.loads(str(arm.result.attrs["sessions"]))
    later = [s["time"] - 1e-9 for s in sessions[1:]]
    return arm.result.sel(time=slice(0.0, min([HOURS, *later])))


def _effect_panels(found: Comparison, across: str) -> list[Panel]:
    by_effect: dict[str, list[Any]] = {}
    for k, arm in enumerate(found.arms):
        try:
            effects = acute_effects(_first_hours(arm), settings=found.settings)
        except Unsupported:
            continue
        for name in effects.data_vars:
            values = effects[name].transpose("subject", "time").to_numpy()
            bands = np.quantile(values, _LEVELS, axis=0)
            by_effect.setdefault(str(name), []).append((k, effects["time"].to_numpy(), bands))
    known = known_effects()
    return [
        Panel(known[name].display, known[name].unit, across, tuple(curves))
        for name, curves in by_effect.items()
    ]


def _group(name: str, lines: Sequence[Line]) -> dict[str, Any]:
    mine = [line for line in lines if line.group == name]
    notes = list(dict.fromkeys(line.note for line in mine if line.note))
    return {
        "name": name,
        "title": GROUPS[name],
        "rows": [
            {
                "quantity": f"{line.quantity}{', ' + line.unit if line.unit else ''}",
                "cells": [
                    *(_cell(value, unknown=_UNKNOWN.get(name, "")) for value in line.values),
                    *(_cell(value, line.kind) for value in line.differences),
                ],
                "interval": "" if line.interval == "none" else line.interval,
                "mark": notes.index(line.note) + 1 if line.note else None,
            }
            for line in mine
        ],
        "notes": notes,
    }


def _cell(value: Ends | None, kind: str = "", unknown: str = "") -> str:
    """A value or a difference with its ends; what is not predicted says so."""
    if value is None:
        return "not compared" if kind else unknown or "not predicted"

    def said(number: float | None) -> str:
        given = float(number or 0.0)
        text = plain(given) if given == round(given) and abs(given) < 1000 else sig(given)
        return f"+{text}" if kind == "difference" and number and number > 0 else text

    text = ("× " if kind == "ratio" else "") + said(value["q50"])
    low, high = value["q05"], value["q95"]
    if low is None or high is None or math.isclose(low, high, rel_tol=1e-6):
        return text.replace("-", "\u2212")
    return f"{text} ({said(low)} to {said(high)})".replace("-", "\u2212")
