"""How an effect of a medicine on exposure, or the lack of a prediction, is put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ketascope.models.medicines import (
    RATIOS,
    Medicine,
    drug_of,
    entries,
    from_memory,
    near,
    route_of,
)

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue
    from ketascope.models.structure import Model

OFF = 0.10
"""A ratio that the model gives is said to miss the published one by more than this."""
BY = {
    "oral": "by mouth",
    "intravenous": "into a vein",
    "intranasal": "by nose",
    "intramuscular": "into a muscle",
    "subcutaneous": "under the skin",
    "sublingual": "under the tongue",
    "buccal": "in the cheek",
    "rectal": "by rectum",
    "inhaled": "by inhalation",
}
WITHOUT = "The concentrations shown are those without it."


def applied(
    entry: Mapping[str, Any],
    basis: str,
    values: Sequence[PublishedValue],
    model: Model,
    routes: Sequence[str],
) -> str:
    """Say how an effect is applied, what was measured, and where the model misses it.

    Parameters
    ----------
    entry : mapping
        Of ``interactions.yaml``.
    basis : str
        What its basis is called.
    values : sequence of PublishedValue
        The ratios it stands on.
    """
    title = upper(entry["medicine"])
    why = [f"{upper(entry['why'])}."] if "why" in entry else []
    if "multiply" not in entry:
        told = [
            f"{title} is taken beside it: {_studies(values)} found no change of exposure to "
            f"{model.drug} {ways(routes)}, so nothing is changed here.",
            *why,
        ]
    else:
        changed = ", ".join(f"{name} x {f:.3g}" for name, f in entry["multiply"].items())
        told = [
            f"{title} is taken beside it: {changed} in {model.name} ({basis}).",
            *why,
            f"Measured: {measured(values)}.",
            *_misses(values, entry["gives"]),
        ]
        unmeasured = [r for r in routes if r in entry.get("mechanistic", ())]
        if unmeasured:
            told.append(
                f"With {model.drug} {ways(unmeasured)} nothing was measured: mechanistic, not "
                "measured."
            )
        told.append("It is the same for everybody: how it differs between people is not known.")
    return " ".join(told)


def no_data(name: str) -> str:
    """Say that nothing is known of a medicine."""
    close = near(name)
    mean = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"No data on {name}: its effect on exposure is not predicted.{mean} {WITHOUT}"


def not_predicted(medicine: Medicine, model: Model, routes: Sequence[str]) -> str:
    """Say what was not studied, and what is known instead."""
    values = medicine.values()
    reason = f"no ratio of exposure was found for it with {model.drug} {ways(routes)}"
    same = [v for v in values if drug_of(v) == model.drug and route_of(v) in routes]
    if same:
        reason = f"no multipliers of {model.name} were fitted for {model.drug} {ways(routes)}"
    if same and all(map(from_memory, same)):
        reason = (
            f"the only ratios for it with {model.drug} {ways(routes)} are from memory and were not "
            "found in print"
        )
    told = [f"The effect of {medicine.name} on exposure is not predicted: {reason}.", WITHOUT]
    others = _other_models(medicine, model, routes)
    if others:
        told.append(f"It is predicted by the model {and_(others)}.")
    known = [measured(values)] if values else []
    known += [f"{f.text} ({_short(f.source)})" for f in medicine.known]
    if known:
        told.append(f"Known: {'; '.join(known)}.")
    return " ".join(told)


def together(name: str, others: Sequence[str]) -> str:
    """Say that medicines that each change exposure were not studied together."""
    return (
        f"The effect of {name} on exposure is not predicted beside {and_(others)}: each changes "
        f"exposure, and together they were not studied. {WITHOUT}"
    )


def measured(values: Sequence[PublishedValue]) -> str:
    """Put ratios into words, study by study."""
    groups: dict[tuple[str, ...], list[PublishedValue]] = {}
    for v in values:
        key = (v.source, drug_of(v), route_of(v), v.conditions.regimen)
        groups.setdefault(key, []).append(v)
    parts = []
    for (source, drug, route, _), mine in groups.items():
        ratios = ", ".join(f"{RATIOS[v.quantity]}{_of(v)} x {v.value:g}" for v in mine)
        n = mine[0].conditions.n
        who = [f"{n} people"] if n else []
        doubt = ["from memory, not checked"] if any(map(from_memory, mine)) else []
        parts.append(
            f"{drug} {BY.get(route, route)}, {ratios} ({', '.join([*who, _short(source), *doubt])})"
        )
    return "; ".join(parts)


def _other_models(medicine: Medicine, model: Model, routes: Sequence[str]) -> list[str]:
    """Models of the same drug in which the effect is known on these routes."""
    from ketascope.models import get

    names = [
        str(entry["model"])
        for entry in entries()
        if entry["medicine"] == medicine.name
        and entry.get("model") not in (None, model.name)
        and set(routes) <= set(entry["routes"])
    ]
    return [name for name in dict.fromkeys(names) if get(name).drug == model.drug]


def _misses(values: Sequence[PublishedValue], gives: Mapping[str, float]) -> list[str]:
    """Say which published ratios the model misses."""
    off = [v for v in values if not 1 / (1 + OFF) <= gives[v.id] / v.value <= 1 + OFF]
    return [
        f"The model gives {RATIOS[v.quantity]}{_of(v)} x {gives[v.id]:.3g} where x {v.value:g} was "
        f"measured ({BY.get(route_of(v), route_of(v))})."
        for v in off
    ]


def _of(value: PublishedValue) -> str:
    """Name the analyte of a ratio where it is not the drug that was given."""
    return "" if value.analyte == drug_of(value) else f" of {value.analyte}"


def _studies(values: Sequence[PublishedValue]) -> str:
    people = {v.source: v.conditions.n for v in values}
    return and_([f"{_short(s)} ({n} people)" if n else _short(s) for s, n in people.items()])


def _short(key: str) -> str:
    from ketascope.evidence.sources import source

    return source(key).short


def upper(text: str) -> str:
    """Return a text with a capital in front."""
    return text[:1].upper() + text[1:]


def ways(routes: Sequence[str]) -> str:
    """Put routes into words."""
    return and_([BY.get(route, route) for route in dict.fromkeys(routes)])


def and_(words: Sequence[str]) -> str:
    """Join words with commas and "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
