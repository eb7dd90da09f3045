"""Acute effects of several arms: peaks person by person, shares under draws of the fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.checks.compare_lines import Ends, Line, around, ends
from ketascope.effects.acute import acute_effects, curves, driving_from, known_effects
from ketascope.effects.acute_tables import CLOCK, MOST_PEOPLE, measures
from ketascope.effects.calibrated import calibration
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.effects.effect import Effect

DRAWS: Final = 100
HOURS: Final = 24.0
BACK: Final = 2.0
"""Hours at which those who are back are counted."""


def acute_lines(results: Sequence[xr.Dataset], settings: Mapping[str, float]) -> list[Line]:
    """Return a line for the peak of each effect, each share, and who is back after 2 h."""
    firsts = [_first_session(result) for result in results]
    found, missing = zip(*(_predicted(one, settings) for one in firsts), strict=True)
    lines: list[Line] = []
    for name, effect in known_effects().items():
        there = [found_in is not None and name in found_in for found_in in found]
        if not any(there):
            continue
        lines += _lines(effect, firsts, found, missing, settings)
    return lines


def _first_session(result: xr.Dataset) -> xr.Dataset:
    sessions = json.loads(str(result.attrs["sessions"]))
    later = [s["time"] for s in sessions[1:]]
    return result.sel(time=slice(0.0, min([HOURS, *later]) - (1e-9 if later else 0.0)))


def _predicted(
    result: xr.Dataset, settings: Mapping[str, float]
) -> tuple[xr.Dataset | None, dict[str, str]]:
    try:
        found = acute_effects(result, settings=settings)
    except Unsupported as error:
        return None, dict.fromkeys(known_effects(), str(error))
    reasons: dict[str, str] = json.loads(found.attrs["not_predicted"])
    return found, reasons


def _lines(
    effect: Effect,
    results: Sequence[xr.Dataset],
    found: Sequence[xr.Dataset | None],
    missing: Sequence[dict[str, str]],
    settings: Mapping[str, float],
) -> list[Line]:
    taken = [_measured(effect, one) for one in found]
    clouds = [
        None if one is None else _cloud(effect, result, settings)
        for one, result in zip(taken, results, strict=True)
    ]
    note = " ".join(
        f"{chr(ord('A') + k)} is not predicted: {why[effect.name]}."
        for k, why in enumerate(missing)
        if effect.name in why
    ).replace("..", ".")
    unit = "" if effect.unit == "1" else effect.unit
    peaks = [None if one is None else one["peak"] for one in taken]
    values = tuple(None if peak is None else ends(peak) for peak in peaks)
    lines = [
        Line("effects", f"{effect.display}, strongest", unit, values, _paired(peaks),
             "difference", "people", note)
    ]  # fmt: skip
    for k, (words, _) in enumerate(effect.cuts):
        lines.append(_share(f"{effect.display}, {words}", taken, clouds, "shares", k, note))
    if effect.resolved is not None:
        hour = CLOCK.index(BACK)
        title = f"{effect.display}, gone by {BACK:g} h"
        lines.append(_share(title, taken, clouds, "by", hour, note))
    return lines


def _measured(effect: Effect, found: xr.Dataset | None) -> dict[str, Any] | None:
    if found is None or effect.name not in found:
        return None
    values = found[effect.name].transpose("subject", "time").to_numpy()
    return measures(effect, found["time"].to_numpy(), values)


def _cloud(
    effect: Effect, result: xr.Dataset, settings: Mapping[str, float]
) -> list[dict[str, Any]]:
    if effect.calibration is None or not calibration(effect.calibration).fitted:
        return []
    few = result.isel(subject=slice(0, MOST_PEOPLE))
    driving = driving_from(few, settings=settings)
    drawn = (curves(driving, [effect.name], draw=draw)[effect.name] for draw in range(DRAWS))
    return [measures(effect, driving.times, values) for values in drawn]


def _paired(people: Sequence[Any]) -> tuple[Ends | None, ...]:
    first = people[0]
    return tuple(
        None if first is None or one is None or len(one) != len(first) else ends(one - first)
        for one in people[1:]
    )


def _share(
    title: str,
    taken: Sequence[dict[str, Any] | None],
    clouds: Sequence[list[dict[str, Any]] | None],
    key: str,
    index: int,
    note: str,
) -> Line:
    """A share of people in each arm, and its difference under the same draws, in per cent."""

    def percent(one: dict[str, Any]) -> float:
        return 100.0 * float(one[key][index])

    values: list[Ends | None] = []
    differences: list[Ends | None] = []
    for one, cloud in zip(taken, clouds, strict=True):
        drawn = [percent(part) for part in cloud or ()]
        values.append(None if one is None else around(percent(one), drawn))
    first, first_cloud = taken[0], clouds[0]
    for one, cloud in zip(taken[1:], clouds[1:], strict=True):
        if first is None or one is None:
            differences.append(None)
            continue
        drawn = [
            percent(b) - percent(a) for a, b in zip(first_cloud or (), cloud or (), strict=True)
        ]
        differences.append(around(percent(one) - percent(first), np.asarray(drawn)))
    return Line("effects", title, "% of people", tuple(values), tuple(differences), "difference",
                "fit", note)  # fmt: skip
