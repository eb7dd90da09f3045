"""Findings as tables: measurements, rules and gaps of one topic, intervals worked out from counts.

>>> from ketascope.effects.known import known
>>> row = next(r for r in known("bladder") if r["id"] == "hundred_sessions")
>>> [round(row["numbers"][0][k], 2) for k in ("value", "low", "high")]
[20.0, 8.07, 41.6]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.scores import wilson
from ketascope.evidence.findings import findings

if TYPE_CHECKING:
    from ketascope.evidence.findings import Finding, Number

WORDS: Final = {
    "cognition": "Attention and memory after a dose and over a course",
    "driving": "Fitness to drive",
    "heart_rate": "Heart rate",
    "tolerance": "Tolerance within and between sessions",
    "abstinence": "Stopping, and what abstinence does",
    "bladder": "Bladder and urinary symptoms",
    "long_cognition": "Cognition after long use",
    "dependence": "Dependence and misuse",
}
"""Headings of the topics."""


def known(topic: str | None = None) -> list[dict[str, Any]]:
    """Return what is known of a topic, with numbers and sources.

    Parameters
    ----------
    topic : str, optional
        ``cognition``, ``driving``, ``heart_rate``, ``tolerance``, ``abstinence``, ``bladder``,
        ``long_cognition`` or ``dependence``; without it, all.

    Returns
    -------
    list of dict
        ``id``, ``topic``, ``heading``, ``kind`` (``measured``, ``rule`` or ``unknown``), ``what``,
        ``pattern``, ``people``, ``n``, ``dose``, ``numbers`` (``what``, ``value``, ``unit``,
        ``low``, ``high``, ``interval_kind``, ``sd``, ``count``, ``n``, ``text``), ``source``,
        ``where``, ``how``, ``note``. Shares of people are in % with Wilson's 95 % interval.

    Raises
    ------
    InputError
        For a topic that there is not.
    """
    return [_row(one) for one in findings(topic)]


def _row(one: Finding) -> dict[str, Any]:
    kept = one.model_dump(exclude={"values"})
    return {**kept, "heading": WORDS[one.topic], "numbers": [_number(v) for v in one.values]}


def _number(value: Number) -> dict[str, Any]:
    found = value.model_dump(exclude={"interval"})
    low, high = value.interval or (None, None)
    if value.count is not None and value.n is not None:
        share = wilson(value.count, value.n)
        low, high = 100 * share.low, 100 * share.high
        found |= {"value": 100 * share.value, "unit": "%", "interval_kind": "95 % CI, Wilson"}
    return {**found, "low": low, "high": high, "text": _text({**found, "low": low, "high": high})}


def _text(found: dict[str, Any]) -> str:
    value = found["value"]
    printed = f"{value:,.0f}".replace(",", " ") if abs(value) >= 1e4 else f"{value:.4g}"
    if found["count"] is not None:
        printed = f"{value:.3g}"
    text = f"{found['what']}: {printed} {found['unit']}"
    if found["count"] is not None:
        text += f" ({found['count']}/{found['n']})"
    if found["sd"] is not None:
        text += f" (SD {found['sd']:.4g})"
    if found["low"] is not None:
        kind = found["interval_kind"].partition(",")[0]
        text += f", {kind} {found['low']:.3g} to {found['high']:.3g}"
    return text
