"""Published figures on receptors beside what the potencies and kinetics of the package give.

A row here holds one publication against another through the package's numbers; no people are
simulated. What rests on a potency that was only remembered is not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketascope.checks.rows import Row
from ketascope.checks.rules import rule_for
from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.evidence.receptor_values import ReceptorValue


def receptor_rows(explanations: dict[str, str]) -> list[Row]:
    """Return a row for each published figure on a receptor.

    Parameters
    ----------
    explanations : dict
        Why a row fails, by id.
    """
    from ketascope.evidence.receptor_values import receptor_values

    return [_row(value, explanations) for value in receptor_values()]


def _row(value: ReceptorValue, explanations: dict[str, str]) -> Row:
    from ketascope.effects.receptor_checks import compute

    rule = rule_for(value.quantity, receptor=True)
    simulated, interval, passed, inside = None, None, None, None
    told = value.note
    unread = _unread(value)
    if unread:
        told = f"Not predicted: {unread} is from memory and was not found in print. {value.note}"
    else:
        try:
            simulated, interval = compute(value)
        except InputError as error:
            told = f"Not predicted: {error.message}. {value.note}"
    if simulated is not None:
        passed = rule.passes(value.value, simulated, own=value.used_for != "check")
        if value.interval is not None:
            inside = value.interval[0] <= simulated <= value.interval[1]
        if not passed:
            told = explanations.get(value.id, value.note)
    return Row(
        id=value.id,
        quantity=value.quantity,
        analyte=None,
        unit=value.unit,
        model="receptors" if simulated is not None else None,
        conditions=value.conditions,
        published=value.value,
        interval=value.interval,
        interval_kind=value.interval_kind,
        simulated=simulated,
        simulated_interval=interval,
        used_for=value.used_for,
        rule=rule.name,
        passed=passed,
        inside=inside,
        covered=None,
        explanation=told.strip(),
        source=value.source,
        kind="receptor",
        internal_unit=value.unit,
    )


def _unread(value: ReceptorValue) -> str:
    """Return what the comparison rests on that nobody read; empty where there is nothing."""
    from ketascope.evidence.receptors import affinities

    checked = {row.id for row in affinities()}
    known = {row.id for row in affinities(unchecked=True)}
    named = [
        key
        for part in value.compute.values()
        for key in (part if isinstance(part, list) else [part])
    ]
    missing = [str(key) for key in named if key in known - checked]
    return " and ".join(missing)
