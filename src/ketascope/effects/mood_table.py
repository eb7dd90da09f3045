"""Tables of the course of depression: at set times, relapse, and plain values for a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.effects.calibrated import calibration
from ketascope.effects.mood import DRAWS, MEASURES, NAME, SPREADS, TEXT

if TYPE_CHECKING:
    import xarray as xr

TABLE_TIMES: Final = ((2.0, "2 h"), (24.0, "24 h"), (168.0, "day 8"), (648.0, "day 28"))
RELAPSE_WEEKS: Final = (13, 26, 52)
_NNT_MOST: Final = 1000.0
_SAME: Final = 48.0
"""h within which the end is no row of its own."""


def course_table(found: xr.Dataset) -> list[dict[str, Any]]:
    """Return change, difference, response, remission and number needed to treat at set times.

    Parameters
    ----------
    found : Dataset
        From :func:`ketascope.course`.

    Returns
    -------
    list of dict
        A row for each of 2 h, 24 h, day 8, day 28 and the end (where no other is
        within two days of it), as far as the result has them:
        ``time`` (h), ``label``, and for ``change``, ``response`` and ``remission`` ``drug``,
        ``control`` and ``difference``, each ``{q05, q50, q95}`` over the calibration and trials of
        outpatients, with ``within`` (the ends of the calibration alone) and ``elsewhere`` (the ends
        in another setting). ``response`` and ``remission`` have
        ``nnt`` too: ``{value, low, high}``, ``high`` None where the interval of the difference
        holds nought.
    """
    at = found["time"].to_numpy()
    wanted = [(h, label) for h, label in TABLE_TIMES if h in at]
    if not any(at[-1] - h < _SAME for h, _ in wanted):
        wanted.append((float(at[-1]), "end"))
    return [_row(found, hour, label) for hour, label in wanted]


def _row(found: xr.Dataset, hour: float, label: str) -> dict[str, Any]:
    now = found.sel(time=hour)
    row: dict[str, Any] = {"time": hour, "label": label}
    for name, field in MEASURES.items():
        gap = now[f"difference_{field}"]
        row[field] = {
            "drug": _ends(now[name].sel(arm="drug")),
            "control": _ends(now[name].sel(arm="control")),
            "difference": _ends(gap),
        }
        if field != "change":
            row[field]["nnt"] = needed(row[field]["difference"])
    return row


def _ends(values: xr.DataArray) -> dict[str, Any]:
    within, both, away = (values.sel(spread=s).to_numpy() for s in SPREADS)
    return {
        "q05": float(both[0]), "q50": float(both[1]), "q95": float(both[2]),
        "within": [float(within[0]), float(within[2])],
        "elsewhere": [float(away[0]), float(away[2])],
    }  # fmt: skip


def needed(gap: dict[str, Any]) -> dict[str, float | None]:
    """Return the number needed to treat for one more, with the ends of its interval.

    None where the difference is nought or goes the other way.
    """

    def one(share: float) -> float | None:
        return 1.0 / share if share > 1.0 / _NNT_MOST else None

    return {"value": one(gap["q50"]), "low": one(gap["q95"]), "high": one(gap["q05"])}


def relapse_table(weeks: tuple[int, ...] = RELAPSE_WEEKS, seed: int = 0) -> list[dict[str, Any]]:
    """Return relapse of stable remitters who go on with the spray or stop it.

    Parameters
    ----------
    weeks : tuple of int
        After 16 weeks of treatment and stable remission.
    seed : int

    Returns
    -------
    list of dict
        ``weeks``; ``going_on``, ``stopped`` and ``difference``, each ``{q05, q50, q95}`` over the
        calibration (one trial: how far trials are apart is not known).
    """
    drawn = calibration(NAME).draws(DRAWS, seed)
    rate = np.log(2) / drawn["relapse_half_life"]
    rows = []
    for week in weeks:
        stopped = 1 - np.exp(-rate * 7 * week)
        going_on = 1 - np.exp(-rate * 7 * week * drawn["hazard_ratio_remitters"])
        parts = {"going_on": going_on, "stopped": stopped, "difference": going_on - stopped}
        rows.append({"weeks": week} | {name: _three(x) for name, x in parts.items()})
    return rows


def _three(values: Any) -> dict[str, float]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def report_course_of_mood(result: Any, seed: int = 0, n: int = 1000) -> dict[str, Any]:
    """Return what a report says of the course of depression, as plain values.

    Parameters
    ----------
    result : Dataset, str or RegimenLike
        From :func:`ketascope.simulate`, or a regimen.
    seed, n : int

    Returns
    -------
    dict
        ``predicted``: whether there is a curve; if not, ``why`` and nothing else. Otherwise
        ``comparator``, ``text``, ``table`` (:func:`course_table`), ``people`` (for each arm, 5 to
        95 % of people's MADRS at the times of the table), ``relapse`` (:func:`relapse_table`; an
        empty list where the regimen is not nasal esketamine), ``limits``, ``sources``,
        ``warnings``, ``dissociation`` (findings of both sides).
    """
    from ketascope.effects.mood import course
    from ketascope.errors import Unsupported
    from ketascope.evidence.benefit import dissociation_and_benefit

    try:
        found = course(result, n=n, seed=seed)
    except Unsupported as error:
        return {"predicted": False, "why": error.message}
    table = course_table(found)
    nasal = not json.loads(found.attrs["plan"])["by_vein"]
    return {
        "predicted": True,
        "comparator": found.attrs["comparator"],
        "text": TEXT,
        "table": table,
        "people": [_people(found, row["time"]) for row in table],
        "relapse": relapse_table(seed=seed) if nasal else [],
        "limits": json.loads(found.attrs["limits"]),
        "sources": json.loads(found.attrs["sources"]),
        "warnings": json.loads(found.attrs["warnings"]),
        "dissociation": [row.model_dump() for row in dissociation_and_benefit()],
    }


def _people(found: xr.Dataset, hour: float) -> dict[str, Any]:
    now = found["madrs"].sel(time=hour)
    arms = {str(arm): _three(now.sel(arm=arm).to_numpy()) for arm in now["arm"].values}
    return {"time": hour} | arms
