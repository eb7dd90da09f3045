"""What moves readiness to leave: the same session with one thing changed, simulated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ketascope.effects.acute import SETTINGS, acute_effects
from ketascope.effects.readiness import Readiness, readiness
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.dosing import RegimenLike

PEOPLE: Final = 200
"""People of each contrast."""
DRAWS: Final = 50
AGES: Final = (30.0, 70.0)
REFERENCE: Final = (
    "esketamine 56 mg intranasal once",
    "esketamine 84 mg intranasal once",
    "ketamine 0.5 mg/kg iv over 40 min once",
    "ketamine 1 mg/kg iv over 40 min once",
)
"""Doses and routes beside the session."""
TOLD: Final = ("hypertension", "benzodiazepine")
HOURS: Final = (1.0, 1.5, 2.0)


def contrasts(
    result: xr.Dataset,
    *,
    rule: str | None = None,
    settings: Mapping[str, float] | None = None,
    people: int = PEOPLE,
    draws: int = DRAWS,
) -> list[dict[str, Any]]:
    """Simulate a first session again with one thing changed at a time.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`; its first session is what is compared.
    rule, settings
        As in :func:`ketascope.readiness`.
    people, draws : int
        Of each contrast.

    Returns
    -------
    list of dict
        ``what`` (as given, age, dose and route, hypertension, benzodiazepine), ``case``,
        ``median_h``, ``low``, ``high`` (5 to 95 % of what the fit does not know), ``share``
        (``hours``, ``share``, ``low``, ``high``), ``over`` (names of the effects that it is of),
        and ``not_known``: None, or why there is no number.
    """
    base = _base(result)
    rows = []
    for what, case, regimen, patient in _cases(result, base):
        row: dict[str, Any] = {"what": what, "case": case}
        try:
            shown = _simulated(result, regimen, patient, people)
            found = readiness(shown, rule=rule, settings=settings, draws=draws)
            row |= _numbers(found)
        except (InputError, Unsupported) as error:
            row |= _no_number(str(error))
        rows.append(row)
    return rows + [_told(result, name, rule, settings, draws) for name in TOLD]


def _cases(
    result: xr.Dataset, base: RegimenLike
) -> Iterator[tuple[str, str, RegimenLike, dict[str, Any]]]:
    from ketascope.dosing import load_regimen

    fixed = _fixed(result)
    yield "as given", "the first session as given", base, fixed
    for age in AGES:
        yield "age", f"everybody {age:.0f} years", base, fixed | {"age": age}
    for text in REFERENCE:
        yield "dose and route", text.removesuffix(" once"), load_regimen(text), fixed


def _base(result: xr.Dataset) -> RegimenLike:
    """The doses of the first session."""
    from ketascope.dosing.language import parse_dose
    from ketascope.dosing.regimen_file import Listed, ListedRegimen
    from ketascope.dosing.values import Component
    from ketascope.dosing.vocabulary import FORM_NAMES, ROUTE_NAMES

    listed = []
    for dose in json.loads(str(result.attrs["doses"])):
        if dose["session"] != 0:
            continue
        form = FORM_NAMES[dose["form"]] if dose["form"] else None
        amount = parse_dose(f"{dose['amount']:g} {dose['unit']}")
        component = Component(
            dose["drug"], amount, ROUTE_NAMES[dose["route"]], form, minutes=dose["minutes"]
        )
        listed.append(Listed(dose["time"], 1, component))
    return ListedRegimen("the first session", tuple(listed))


def _fixed(result: xr.Dataset) -> dict[str, Any]:
    """What is the same in everybody, as it was given."""
    names = json.loads(str(result.attrs.get("fixed", "[]")))
    return {
        name: result[name].to_numpy()[0].item()
        for name in names
        if name in ("age", "weight", "height", "sex", "race")
    }


def _simulated(
    result: xr.Dataset, regimen: RegimenLike, patient: dict[str, Any], people: int
) -> xr.Dataset:
    from ketascope.engine.simulate import simulate
    from ketascope.patients import Patient

    return simulate(
        regimen, Patient.of(patient), n=people, seed=int(result.attrs["seed"]), force=True
    )


def _numbers(found: Readiness) -> dict[str, Any]:
    time = found.time()
    return {
        "median_h": time["q50"], "low": time["low"], "high": time["high"],
        "share": [found.share(hour) for hour in HOURS],
        "over": [name for name in found.rule.effects if name not in found.not_predicted],
        "not_known": None,
    }  # fmt: skip


def _no_number(why: str) -> dict[str, Any]:
    return {"median_h": None, "low": None, "high": None, "share": [], "over": [], "not_known": why}


def _told(
    result: xr.Dataset,
    name: str,
    rule: str | None,
    settings: Mapping[str, float] | None,
    draws: int,
) -> dict[str, Any]:
    """A setting that no effect of the rule looks at has no number, and this says so."""
    row: dict[str, Any] = {"what": name, "case": SETTINGS[name].partition(" (")[0]}
    plain = dict(settings or {})
    found = readiness(result, rule=rule, settings=plain | {name: 1.0}, draws=0)
    names = [one for one in found.rule.effects if one not in found.not_predicted]
    few = result.isel(subject=slice(0, 5))
    off, on = (
        acute_effects(few, names=names, settings=plain | {name: value}) for value in (0.0, 1.0)
    )
    if any(not np.array_equal(off[one], on[one]) for one in names):
        again = readiness(result, rule=rule, settings=plain | {name: 1.0}, draws=draws)
        return row | _numbers(again)
    return row | _no_number(
        f"none of these effects has data on it: what {name} does to readiness is not predicted"
    )
