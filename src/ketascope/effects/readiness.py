"""Readiness to leave: when pressure, alertness and dissociation have come back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.effects.acute import acute_effects, curves, driving_from, known_effects
from ketascope.effects.readiness_rules import ReadyCriterion, ReadyRule, ready_rule
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

DRAWS: Final = 100
"""Draws of the calibrated parameters behind an interval."""
MOST_PEOPLE: Final = 200
"""People over whom each draw is worked out."""
WINDOW: Final = 24.0
"""Hours of a session that are looked at, if the next one does not begin sooner."""
CLOCK: Final = (1.0, 1.5, 2.0, 3.0, 4.0)
"""Hours after the start of the session at which people are counted."""
CURVE: Final = tuple(k / 12 for k in range(73))
"""Hours of the curve of the share that is ready."""
PRESSURES: Final = ("systolic_change", "diastolic_change")
"""Without either of these nobody's readiness is told."""
MINDS: Final = ("sedation", "cadss")
"""Nor without either of these."""
OBSERVATION: Final = "observation"
"""Name of the least hours where they are what comes last."""
_LEVELS: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Ready:
    """When each person is ready, in h after the start of the session.

    Parameters
    ----------
    hours : ndarray, shape (people,)
        Infinite where that person is not ready in the window.
    parts : mapping of str to ndarray, shape (people,)
        The same of each effect alone, and of the least hours of observation if there are any.
    """

    hours: Values
    parts: Mapping[str, Values]

    def share(self, hour: float) -> float:
        """Share of people who are ready at an hour."""
        return float((self.hours <= hour + 1e-9).mean())

    def last(self) -> dict[str, float]:
        """Share of people in whom each part comes last; parts that tie share alike."""
        names = list(self.parts)
        table = np.stack([self.parts[name] for name in names])
        latest = np.isclose(table, table.max(axis=0)) | (table == table.max(axis=0))
        shares = (latest / latest.sum(axis=0)).mean(axis=1)
        return {name: float(share) for name, share in zip(names, shares, strict=True)}


def back_at(criterion: ReadyCriterion, times: Values, values: Values) -> Values:
    """Return when a criterion is met for good, h, shape (people,).

    Parameters
    ----------
    criterion : ReadyCriterion
    times : ndarray, shape (times,)
        h after the start of the session.
    values : ndarray, shape (people, times)
        Of the effect.

    Returns
    -------
    ndarray, shape (people,)
        The first time from which on it is met to the end of the window, 0 where it is always met;
        infinite where it is not met at the end.
    """
    if criterion.at_most is not None:
        bound = np.full(len(values), criterion.at_most)
        if criterion.within_start > 0:
            bound = np.maximum(bound, values[:, 0] + criterion.within_start)
        good = values <= bound[:, None]
    else:
        good = values >= float(criterion.at_least or 0.0)
    if criterion.falling:
        rises = values.max(axis=1) > 0
        rising = np.arange(times.size) < values.argmax(axis=1)[:, None]
        good = good & ~(rising & rises[:, None])
    bad_last = times.size - 1 - np.argmax(~good[:, ::-1], axis=1)
    never_bad = good.all(axis=1)
    later = np.minimum(bad_last + 1, times.size - 1)
    found = np.where(never_bad, 0.0, times[later])
    return np.where(good[:, -1], found, np.inf)


def ready_of(rule: ReadyRule, found: xr.Dataset, session: Mapping[str, Any]) -> Ready:
    """Return when people are ready in a session, from effects over time.

    Parameters
    ----------
    rule : ReadyRule
    found : xarray.Dataset
        From :func:`ketascope.acute_effects`, of the times of the session.
    session : mapping
        ``time`` and ``end`` of the session, h.
    """
    values = {
        c.effect: found[c.effect].transpose("subject", "time").to_numpy()
        for c in rule.criteria
        if c.effect in found
    }
    return _ready_from(rule, found["time"].to_numpy(), values, found.sizes["subject"], session)


def _ready_from(
    rule: ReadyRule,
    times: Values,
    values: Mapping[str, Values],
    people: int,
    session: Mapping[str, Any],
) -> Ready:
    """As :func:`ready_of`, from effects by name, each of shape (people, times)."""
    since = times - session["time"]
    parts: dict[str, Values] = {
        c.effect: back_at(c, since, values[c.effect]) for c in rule.criteria if c.effect in values
    }
    least = session["end"] - session["time"] + rule.observe_h
    if rule.observe_h > 0:
        parts[OBSERVATION] = np.full(people, least)
    hours = np.maximum(np.max(np.stack(list(parts.values())), axis=0), least)
    return Ready(hours=hours, parts=parts)


@dataclass(frozen=True)
class Readiness:
    """Readiness to leave in one session.

    Parameters
    ----------
    rule : ReadyRule
    session, day : int
        From 1.
    ready : Ready
        Each person with a draw of the calibrated parameters.
    draws : tuple of Ready
        All people under one draw each: what the calibrations do not know.
    not_predicted : mapping of str to str
        Reason by effect of the rule that is not in it.
    settings : mapping of str to float
    sources : tuple of str
        Keys in ``sources.bib``.
    warnings : tuple of str
        What of the doses an effect of the rule was not fitted with.
    """

    rule: ReadyRule
    session: int
    day: int
    ready: Ready
    draws: tuple[Ready, ...]
    not_predicted: Mapping[str, str]
    settings: Mapping[str, float]
    sources: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def share(self, hour: float) -> dict[str, float | None]:
        """Share of people ready at an hour, with 5 to 95 % of what the fit does not know."""
        low, high = _ends([one.share(hour) for one in self.draws])
        return {"hours": hour, "share": self.ready.share(hour), "low": low, "high": high}

    def time(self) -> dict[str, float | None]:
        """Quantiles of the time over people (h; None if not in the window), median with its fit."""
        q05, q50, q95 = (_finite(float(np.quantile(self.ready.hours, q, method="higher")))
                         for q in _LEVELS)  # fmt: skip
        middles = [float(np.quantile(one.hours, 0.5, method="higher")) for one in self.draws]
        low, high = _ends(middles)
        return {"q05": q05, "q50": q50, "q95": q95, "low": low, "high": high}

    def last(self) -> list[dict[str, Any]]:
        """What comes last: share of people by part, with its interval, most frequent first."""
        clouds = [one.last() for one in self.draws]
        rows = []
        for name, share in self.ready.last().items():
            low, high = _ends([cloud[name] for cloud in clouds])
            rows.append({"part": name, "display": part_display(name), "share": share,
                         "low": low, "high": high})  # fmt: skip
        return sorted(rows, key=lambda row: -float(row["share"]))


def readiness(
    result: xr.Dataset,
    *,
    rule: str | ReadyRule | None = None,
    settings: Mapping[str, float] | None = None,
    session: int = 1,
    draws: int = DRAWS,
    seed: int | None = None,
) -> Readiness:
    """Work out when simulated people are ready to leave after a session.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`: people over time.
    rule : str or ReadyRule, optional
        Id of a rule (``effects``, ``label``, ``strict``); by default ``effects``.
    settings : mapping, optional
        As in :func:`ketascope.acute_effects`.
    session : int
        Which session, from 1.
    draws : int
        Draws of the calibrated parameters behind the intervals.
    seed : int, optional
        By default that of the result.

    Raises
    ------
    InputError
        For a rule, a session or a setting that there is not, and a rule of another drug or route.
    Unsupported
        If no effect of the rule is predicted; the message says why.
    """
    chosen = rule if isinstance(rule, ReadyRule) else ready_rule(rule)
    sessions = json.loads(str(result.attrs["sessions"]))
    if not 1 <= session <= len(sessions):
        raise InputError(f"there is no session {session}", hint=f"there are {len(sessions)}")
    _check_rule(chosen, result, session)
    told, shown = sessions[session - 1], _until(result, sessions, session)
    names, reasons = _predicted(chosen, shown, settings, seed)
    start = told["time"] - 1e-9
    found = acute_effects(shown, names=names, settings=settings, seed=seed)
    ready = ready_of(chosen, found.sel(time=slice(start, None)), told)
    few = driving_from(shown.isel(subject=slice(0, MOST_PEOPLE)), settings=settings, seed=seed)
    inside = few.times >= start

    def drawn(draw: int) -> Ready:
        values = {n: v[:, inside] for n, v in curves(few, names, draw=draw).items()}
        return _ready_from(chosen, few.times[inside], values, few.people, told)

    known = json.loads(str(result.attrs.get("warnings", "[]")))
    return Readiness(
        rule=chosen, session=session, day=int(told["day"]), ready=ready,
        draws=tuple(drawn(draw) for draw in range(draws)),
        not_predicted=reasons, settings=dict(settings or {}),
        sources=tuple(dict.fromkeys([chosen.source, *json.loads(found.attrs["sources"])])),
        warnings=tuple(w for w in json.loads(found.attrs["warnings"]) if w not in known),
    )  # fmt: skip


def _check_rule(rule: ReadyRule, result: xr.Dataset, session: int) -> None:
    """Refuse a rule whose source speaks of another drug or route."""
    doses = [d for d in json.loads(str(result.attrs["doses"])) if d["session"] == session - 1]
    for dose in doses:
        if rule.drug not in (None, dose["drug"]) or rule.route not in (None, dose["route"]):
            raise InputError(
                f"the rule '{rule.id}' is of {rule.drug} {rule.route}, not of {dose['drug']} "
                f"{dose['route']}",
                hint="rules that hold for every dose are 'effects' and 'strict'",
            )


def _until(result: xr.Dataset, sessions: list[dict[str, Any]], session: int) -> xr.Dataset:
    """The course up to the end of a session's window; the next session is not in it."""
    start = sessions[session - 1]["time"]
    later = [s["time"] - 1e-6 for s in sessions if s["time"] > start]
    return result.sel(time=slice(None, min([start + WINDOW, *later])))


def _predicted(
    rule: ReadyRule,
    result: xr.Dataset,
    settings: Mapping[str, float] | None,
    seed: int | None,
) -> tuple[list[str], dict[str, str]]:
    """Effects of the rule that are predicted, and the reasons of the others."""
    known = known_effects()
    there = [name for name in rule.effects if name in known]
    reasons = {name: "there is no model of it" for name in rule.effects if name not in known}
    driving = driving_from(result, settings=settings, seed=seed)
    why = {name: known[name].why_not(driving) for name in there}
    reasons |= {name: reason for name, reason in why.items() if reason is not None}
    names = [name for name in there if why[name] is None]
    pressures = [name for name in rule.effects if name in PRESSURES]
    if names and pressures and not set(pressures) & set(names):
        raise Unsupported(
            "readiness is not predicted: the rule asks for pressure, which is not predicted, and "
            "without it people would seem ready too early",
            hint=reasons[pressures[0]],
        )
    minds = [name for name in rule.effects if name in MINDS]
    if names and minds and not set(minds) & set(names):
        raise Unsupported(
            "readiness is not predicted: the rule asks for dissociation and alertness, neither of "
            "which is predicted, and without them people would seem ready too early",
            hint=reasons[minds[-1]],
        )
    if not names:
        raise Unsupported(
            "none of the effects of this rule is predicted",
            hint="; ".join(f"{name}: {reason}" for name, reason in reasons.items()),
        )
    return names, reasons


def part_display(name: str) -> str:
    """Return how a part of readiness is called."""
    if name == OBSERVATION:
        return "Least hours of observation"
    known = known_effects()
    return known[name].display if name in known else name


def _ends(values: list[float]) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    low, high = np.quantile(values, (0.05, 0.95), method="nearest")
    return _finite(float(low)), _finite(float(high))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
