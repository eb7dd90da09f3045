"""Readiness to leave as plain values: ``ketascope.report_readiness``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.acute import known_effects
from ketascope.effects.readiness import CLOCK, CURVE, DRAWS, readiness
from ketascope.effects.readiness_contrasts import contrasts as _contrasts

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.effects.readiness import Readiness


def report_readiness(
    result: xr.Dataset,
    *,
    rule: str | None = None,
    settings: Mapping[str, float] | None = None,
    session: int = 1,
    draws: int = DRAWS,
    seed: int | None = None,
    contrasts: bool = False,
) -> dict[str, Any]:
    """Return readiness to leave as values that JSON can hold.

    Parameters
    ----------
    result, rule, settings, session, draws, seed
        As in :func:`ketascope.readiness`.
    contrasts : bool
        Whether to simulate the first session again with age, dose and route changed.

    Returns
    -------
    dict
        ``rule``: ``id``, ``title``, ``observe_h``, ``source``, ``where``, ``how``, ``criteria``
        (``effect``, ``display``, ``says``, ``convention``). ``title``: what has come back, as far
        as it is predicted. ``session``, ``day`` (from 1),
        ``people``. ``time``: h after the start of the session, ``q05``, ``q50``, ``q95`` over
        people, ``low``, ``high`` of the median over draws of the calibrations; None where that is
        later than the window. ``shares``: ``hours``, ``share``, ``low``, ``high``. ``last``: what
        comes last, ``part``, ``display``, ``share`` of people, ``low``, ``high``. ``curve``:
        ``hours``, ``share``, ``low``, ``high`` as lists. ``of``: names of the effects that it is
        of. ``not_predicted``: reason by effect. ``kinds``: calibrated or
        published, by effect; ``calibrations``: its name, or None, by effect.
        ``settings``. ``warnings``: what of the doses an effect was not fitted with.
        ``contrasts``: as :func:`ketascope.effects.readiness_contrasts.contrasts`,
        empty if not asked for. ``sources``: keys in ``sources.bib``.

    Raises
    ------
    InputError, Unsupported
        As :func:`ketascope.readiness`.
    """
    found = readiness(result, rule=rule, settings=settings, session=session, draws=draws, seed=seed)
    moved = _contrasts(result, rule=rule, settings=settings) if contrasts else []
    return _plain(found) | {"contrasts": moved}


def _plain(found: Readiness) -> dict[str, Any]:
    known = known_effects()
    names = [name for name in found.rule.effects if name not in found.not_predicted]
    curve = [found.share(hour) for hour in CURVE]
    rule = found.rule
    return {
        "rule": {
            "id": rule.id, "title": rule.title, "observe_h": rule.observe_h,
            "source": rule.source, "where": rule.where, "how": rule.how,
            "criteria": [
                {"effect": c.effect, "display": _display(c.effect), "says": c.says,
                 "convention": c.convention}
                for c in rule.criteria
            ],
        },
        "title": _title(rule.title, names, found.not_predicted),
        "session": found.session, "day": found.day, "people": int(found.ready.hours.size),
        "time": found.time(),
        "shares": [found.share(hour) for hour in CLOCK],
        "last": found.last(),
        "curve": {key: [one[key] for one in curve] for key in ("hours", "share", "low", "high")},
        "of": names,
        "not_predicted": dict(found.not_predicted),
        "kinds": {name: known[name].kind for name in names},
        "calibrations": {name: known[name].calibration for name in names},
        "settings": dict(found.settings),
        "warnings": list(found.warnings),
        "sources": list(found.sources),
    }  # fmt: skip


PARTS: Final = {
    "systolic_change": "pressure", "diastolic_change": "pressure", "sedation": "alertness",
    "cadss": "dissociation",
}  # fmt: skip


def _title(title: str, names: list[str], missing: Mapping[str, str]) -> str:
    """What has come back; where a part is not predicted, without it and with a word of that."""
    if not missing:
        return title
    there = list(dict.fromkeys(PARTS.get(name, name) for name in names))
    gone = [part for part in dict.fromkeys(PARTS.get(n, n) for n in missing) if part not in there]
    if not gone:
        return title
    words = " and ".join(there)
    return f"{words.capitalize()} back ({' and '.join(gone)} not predicted)"


def _display(name: str) -> str:
    known = known_effects()
    return known[name].display if name in known else name
