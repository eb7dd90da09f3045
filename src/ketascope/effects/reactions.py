"""How many people had each common reaction, with the drug and with the control, as published.

Nothing is modelled here and nothing is put between two doses: a dose that no arm was given is
answered with the nearest arm, and that is said.

>>> from ketascope.effects.reactions import reactions
>>> found = reactions("esketamine", "intranasal", 84)
>>> row = next(r for r in found["tables"][0]["rows"] if r["reaction"] == "dissociation")
>>> row["drug"]["count"], row["drug"]["n"], round(row["difference"]["value"], 3)
(142, 346, 0.316)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.scores import wilson
from ketascope.effects.shares import NO_COUNTS, count_of, difference, needed
from ketascope.errors import InputError
from ketascope.evidence.reactions import ReactionTable, reaction_tables

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.dosing.schedule import RegimenLike
    from ketascope.evidence.published import PublishedValue

DISPLAY: Final = {
    "blood_pressure_event": "blood pressure increased (reported)",
    "adverse_event_stop": "stopped for an adverse event",
    "hypoaesthesia": "numbness (hypoaesthesia)",
    "oral_hypoaesthesia": "numbness of the mouth",
    "oral_paraesthesia": "tingling of the mouth",
    "paraesthesia": "tingling (paraesthesia)",
    "dysgeusia": "altered taste (dysgeusia)",
    "pollakiuria": "frequent urination (pollakiuria)",
}
"""Names for readers where the words of the data would not do."""
SAME_DOSE: Final = 1e-6


def reactions(
    drug: str, route: str, dose: float | None = None, unit: str = "mg", *, level: float = 0.95
) -> dict[str, Any]:
    """Return published shares of reactions for a drug, a route and a dose.

    Parameters
    ----------
    drug : {"ketamine", "esketamine", "arketamine"}
    route : str
        Such as ``intranasal``, ``intravenous``, ``oral``.
    dose : float, optional
        What is given each time, in ``unit``; without it, every table of the drug and route.
    unit : {"mg", "mg/kg"}
    level : float
        Confidence of the intervals.

    Returns
    -------
    dict
        ``drug``, ``route``, ``dose``, ``unit``; ``not_predicted`` (a reason, or None); ``note``
        (which arm was taken where none had this dose); ``sources``; ``tables``, a list of dict:
        ``id``, ``title``, ``doses``, ``unit``, ``exact``, ``control``, ``window``, ``terms``,
        ``limits``, ``sources`` and ``rows``, each with ``reaction``, ``display``, ``drug`` and
        ``control`` (``share``, ``low``, ``high``, ``count``, ``n``, or None), ``difference``
        (``value``, ``low``, ``high``, or None), ``needed_to_harm`` (``number``, ``low``, ``high``,
        ``more``, ``text``), ``source``, ``where``, ``how`` and ``values`` (ids).

    Raises
    ------
    InputError
        For a drug, route or unit that there is not, or a dose that is not above 0.
    """
    from ketascope.dosing.values import DRUGS

    if drug not in DRUGS:
        raise InputError(f"'{drug}' is not a drug known here", hint=f"use {', '.join(DRUGS)}")
    route = _route(route)
    if unit not in ("mg", "mg/kg"):
        raise InputError(f"'{unit}' is not a unit of a dose", hint="use mg or mg/kg")
    if dose is not None and not dose > 0:
        raise InputError(f"{dose:g} {unit} is not a dose", hint="give more than 0")
    there = [t for t in reaction_tables() if t.drug == drug and t.route == route]
    head = {"drug": drug, "route": route, "dose": dose, "unit": unit}
    if not there:
        return {**head, "not_predicted": _why_not(drug, route), "note": "", "tables": [],
                "sources": []}  # fmt: skip
    chosen, note = _nearest(there, dose, unit)
    tables = [_table(t, exact=_has(t, dose, unit), level=level) for t in chosen]
    sources = list(dict.fromkeys(s for t in tables for s in t["sources"]))
    return {**head, "not_predicted": None, "note": note, "tables": tables, "sources": sources}


def report_reactions(result: xr.Dataset) -> dict[str, Any]:
    """Return what :func:`reactions` says of each kind of dose of a simulation.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.

    Returns
    -------
    dict
        ``title``, ``text`` (a list of sentences), ``doses`` (a list of what :func:`reactions`
        returns) and ``sources``. It can be written as JSON.
    """
    rows = json.loads(str(result.attrs["doses"]))
    return _report((r["session"], r["drug"], r["route"], r["amount"], r["unit"]) for r in rows)


def reactions_of(regimen: RegimenLike) -> dict[str, Any]:
    """Return the same of a regimen, without simulating it."""
    from ketascope.dosing import schedule

    return _report(
        (a.session, a.drug, a.route, a.amount.value, a.amount.unit)
        for a in schedule(regimen).administrations
    )


def _report(given: Iterable[tuple[int, str, str, float, str]]) -> dict[str, Any]:
    # what is given in parts in one session, such as several devices, is one dose
    whole: dict[tuple[int, str, str, str], float] = {}
    for session, drug, route, amount, unit in given:
        key = (session, drug, route, unit)
        whole[key] = whole.get(key, 0.0) + float(amount)
    kinds = dict.fromkeys((d, r, round(a, 9), u) for (_, d, r, u), a in whole.items())
    found = [reactions(drug, route, amount, unit) for drug, route, amount, unit in kinds]
    sources = dict.fromkeys(s for one in found for s in one["sources"])
    return {
        "title": "Common reactions, as published",
        "text": [
            "Share of people who had a reaction at least once in the time that each table names, "
            "with 95 % intervals; the difference is drug less control. Nothing is modelled, and "
            "no share is of one person.",
            "Number needed to harm: so many people treated for one more with the reaction than "
            f"with the control; '{needed(difference(0, 1, 0, 1)).text}' where the interval of the "
            "difference holds none.",
        ],
        "doses": found,
        "sources": list(sources),
    }


def _route(route: str) -> str:
    from ketascope.dosing.values import ROUTES
    from ketascope.dosing.vocabulary import ROUTE_NAMES

    full = ROUTE_NAMES.get(route.strip().lower())
    if full is None:
        raise InputError(f"'{route[:40]}' is not a route", hint=f"use {', '.join(ROUTES)}")
    return full


def _why_not(drug: str, route: str) -> str:
    known = sorted({f"{t.drug} {t.route}" for t in reaction_tables()})
    return (
        f"no table of reactions of {drug} {route} against a control has been read; shares of "
        f"another drug or route ({', '.join(known)}) do not carry over"
    )


def _has(table: ReactionTable, dose: float | None, unit: str) -> bool:
    return dose is None or (
        unit == table.unit and any(abs(d - dose) <= SAME_DOSE * d for d in table.doses)
    )


def _nearest(
    there: list[ReactionTable], dose: float | None, unit: str
) -> tuple[list[ReactionTable], str]:
    """Tables of this dose, or of the nearest one with a sentence that says so."""
    exact = [t for t in there if _has(t, dose, unit)]
    if exact or dose is None:
        return exact, ""
    same = [t for t in there if t.unit == unit]
    asked = f"{dose:g} {unit}"
    if not same:
        named = ", ".join(dict.fromkeys(f"{d:g} {t.unit}" for t in there for d in t.doses))
        return there, (
            f"No table is of a dose in {unit}; those that there are were given {named}. How near "
            f"{asked} is depends on the weight."
        )
    doses = sorted({d for t in same for d in t.doses})
    least = min(abs(d - dose) for d in doses)
    nearest = [d for d in doses if abs(d - dose) <= least * (1 + SAME_DOSE)]
    fold = max(max(dose, d) / min(dose, d) for d in nearest)
    named = " and ".join(f"{d:g}" for d in nearest)
    return [t for t in same if set(nearest) & set(t.doses)], (
        f"No table is of {asked}: shown is the nearest, {named} {unit} (up to {fold:.3g}-fold "
        "apart). Nothing is worked out between doses."
    )


def _table(table: ReactionTable, *, exact: bool, level: float) -> dict[str, Any]:
    control = table.control_values()
    values = table.values()
    rows = [_row(value, control.get(str(value.effect)), level) for value in values]
    rows.sort(key=lambda row: -row["drug"]["share"])
    return {
        "id": table.id,
        "title": table.title,
        "doses": list(table.doses),
        "unit": table.unit,
        "exact": exact,
        "people": values[0].conditions.people,
        "control": table.control,
        "window": table.window,
        "terms": table.terms,
        "limits": list(table.limits),
        "sources": list(dict.fromkeys(value.source for value in values)),
        "rows": rows,
    }


def _row(value: PublishedValue, control: PublishedValue | None, level: float) -> dict[str, Any]:
    reaction = str(value.effect)
    drug, other = _share(value, level), _share(control, level) if control else None
    found, harm = None, {"number": None, "low": None, "high": None, "more": None, "text": ""}
    if other is not None:
        found, harm = _compared(drug, other, level)
    return {
        "reaction": reaction,
        "display": DISPLAY.get(reaction, reaction.replace("_", " ")),
        "drug": drug,
        "control": other,
        "difference": found,
        "needed_to_harm": harm,
        "source": value.source,
        "where": value.place.where,
        "how": value.place.how,
        "values": [value.id, *([control.id] if control else [])],
    }


def _share(value: PublishedValue, level: float) -> dict[str, Any]:
    count = count_of(value.value, value.conditions.n)
    n = value.conditions.n
    if count is None or n is None:
        return {"share": value.value, "low": None, "high": None, "count": None, "n": n}
    found = wilson(count, n, level)
    return {"share": found.value, "low": found.low, "high": found.high, "count": count, "n": n}


def _compared(
    drug: dict[str, Any], other: dict[str, Any], level: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    if drug["count"] is None or other["count"] is None:
        value = drug["share"] - other["share"]
        none = {"number": None, "low": None, "high": None, "more": None}
        return {"value": value, "low": None, "high": None}, {**none, "text": NO_COUNTS}
    found = difference(drug["count"], drug["n"], other["count"], other["n"], level)
    harm = needed(found)
    text = harm.text if harm.more is not False else f"{harm.text} fewer"
    return (
        {"value": found.value, "low": found.low, "high": found.high},
        {"number": harm.number, "low": harm.low, "high": harm.high, "more": harm.more,
         "text": text},
    )  # fmt: skip
