"""Every published figure beside the simulation under the study's own conditions.

>>> from ketascope import validate
>>> rows = validate(only="simons_2022.film_50mg.esketamine.cmax")
>>> row = rows[0]
>>> row.used_for, row.model, row.published, row.unit
('reproduce', 'simons_2022', 96.0, 'ng/mL')
>>> 0.5 < row.fold < 2 and row.passed
True
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.checks.arms import (
    candidates,
    conditions_for,
    given_alone,
    key_of,
    regimen_of,
    simulated,
    why_not,
)
from ketascope.checks.measures import INTERNAL, centre_of, measured
from ketascope.checks.rows import Row, Span
from ketascope.checks.rules import rule_for
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue
    from ketascope.models.structure import Model

SEED = 1
MOST_THREADS = 4


def validate(
    only: str | None = None, *, progress: Callable[[int, int], None] | None = None
) -> list[Row]:
    """Compare every published figure with the simulation under its own conditions.

    Parameters
    ----------
    only : str, optional
        Rows whose id begins so.
    progress : callable, optional
        Called with (rows done, rows in all).

    Returns
    -------
    list of Row
        In the order of the evidence base; one row is one number of one arm.

    Raises
    ------
    InputError
        If no id begins as asked for.
    """
    from ketascope.evidence.published import published

    values = [v for v in published() if only is None or v.id.startswith(only)]
    receptor = _receptor_rows(only)
    if not values and not receptor:
        raise InputError(f"no published figure has an id that begins with '{only}'")
    total = len(values) + len(receptor)
    rows: dict[str, Row] = {}
    # arms side by side: most of the time goes into compiling, which keeps one core busy
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        for found in pool.map(_arm_rows, _groups(values)):
            rows |= {row.id: row for row in found}
            if progress is not None:
                progress(len(rows) + len(receptor), total)
    return [rows[value.id] for value in values] + receptor


def _groups(values: Iterable[PublishedValue]) -> list[list[PublishedValue]]:
    """Values that one simulation can answer, if they want the same model."""
    groups: dict[str, list[PublishedValue]] = {}
    for value in values:
        beside = value.conditions.beside or ""
        groups.setdefault(f"{key_of(value.conditions)}{beside}", []).append(value)
    return list(groups.values())


def _arm_rows(group: list[PublishedValue]) -> list[Row]:
    rows: list[Row] = []
    by_model: dict[tuple[str, str | None], list[PublishedValue]] = {}
    for value in group:
        if value.effect is not None:
            rows.append(_effect_row(value))
            continue
        try:
            rule_for(value.quantity)
            key = (candidates(value)[0].name, given_alone(value))
        except KeyError:
            rows.append(_left_out(value, f"no rule is stated for {value.quantity}"))
        except InputError as error:
            rows.append(_left_out(value, why_not(error)))
        else:
            by_model.setdefault(key, []).append(value)
    for (name, _), values in by_model.items():
        rows += _model_rows(name, values)
    return rows


def _effect_row(value: PublishedValue) -> Row:
    """The row of an effect, by whoever answers for it."""
    from ketascope.checks.effects import predict

    try:
        rule = rule_for(value.quantity, effect=value.effect, scale=value.scale)
        found = predict(value)
    except KeyError:
        return _left_out(value, f"no rule is stated for {value.quantity} of {value.effect}")
    except InputError as error:
        return _left_out(value, why_not(error))
    span = None if found.low is None or found.high is None else (found.low, found.high)
    # what was known when a calibration was given its form is no check of it
    known = value.used_for == "check" and found.model in value.not_independent_of
    use = "reproduce" if known else value.used_for
    passed = rule.passes(value.value, found.centre, own=use != "check")
    inside = None
    if value.interval is not None:
        inside = value.interval[0] <= found.centre <= value.interval[1]
    told = [found.note]
    if not passed:
        told.append(_explanations().get(value.id, ""))
    return _with(
        value,
        model=found.model,
        simulated=found.centre,
        simulated_interval=span,
        used_for=use,
        passed=passed,
        inside=inside,
        covered=None if span is None else span[0] <= value.value <= span[1],
        explanation=" ".join(text for text in told if text),
        internal_unit=value.unit,
    )


def _model_rows(name: str, values: list[PublishedValue]) -> list[Row]:
    """Rows of one arm that one model answers."""
    from ketascope.checks.ratios import RATIOS, ratio_of

    said, values = values, [_as_simulated(value) for value in values]
    beside = values[0].conditions.beside
    try:
        result = simulated(values, name, seed=SEED, beside=(beside,) if beside else ())
    except InputError as error:
        return [_left_out(value, why_not(error)) for value in said]
    rows = []
    for printed, value in zip(said, values, strict=True):
        try:
            if value.quantity in RATIOS:
                people, unit = ratio_of(value, name, result, seed=SEED), "1"
            else:
                people, unit = measured(value, result), INTERNAL[value.quantity]
            rows.append(_row(printed, name, people, unit))
        except InputError as error:
            rows.append(_left_out(printed, why_not(error)))
    return rows


def _as_simulated(value: PublishedValue) -> PublishedValue:
    return value.model_copy(update={"conditions": conditions_for(value)})


def _row(value: PublishedValue, name: str, people: Any, unit: str) -> Row:
    from ketascope.models import get

    model = get(name)
    found = np.asarray(people, dtype=float)
    found = found[np.isfinite(found)]
    if not found.size:
        raise Unsupported("the simulated curve does not give it")
    scale = value.value / value.to(unit) if value.value else 1.0
    centre = centre_of(value.statistic, found) * scale
    spread: Span | None = None
    if model.has_variability and found.size > 1:
        low, high = np.quantile(found, (0.05, 0.95)) * scale
        spread = (float(low), float(high))
    inside = None
    if value.interval is not None:
        inside = value.interval[0] <= centre <= value.interval[1]
    use = _used_for(value, model)
    passed = rule_for(value.quantity).passes(value.to(unit), centre / scale, own=use != "check")
    return _with(
        value,
        model=name,
        simulated=centre,
        simulated_interval=spread,
        used_for=use,
        passed=passed,
        inside=inside,
        covered=None,
        explanation=_explained(value, model, passed),
        factor=1.0 / scale,
        internal_unit=unit,
    )


def _used_for(value: PublishedValue, model: Model) -> str:
    """A number that the model may have seen is no check of it, whatever its file says."""
    if value.used_for != "check":
        return value.used_for
    if _rests_on(value, model):
        return "fit"
    return "reproduce" if model.name in (value.model, *value.not_independent_of) else "check"


def _rests_on(value: PublishedValue, model: Model) -> bool:
    """Whether the number is itself the reason for which the model sees no change."""
    beside = value.conditions.beside
    if beside is None:
        return False
    from ketascope.dosing import schedule
    from ketascope.models.interactions import effect

    doses = schedule(regimen_of(conditions_for(value))).administrations
    found = effect(model, beside, [dose.route for dose in doses])
    return found.basis == "no change" and value.id in found.ratios


def _left_out(value: PublishedValue, reason: str) -> Row:
    said = _explanations().get(value.id)
    text = f"Not predicted: {reason.rstrip('.')}."
    return _with(value, explanation=f"{text} {said}" if said else text)


def _with(value: PublishedValue, **more: Any) -> Row:
    quantity = value.quantity
    try:
        rule = rule_for(quantity, effect=value.effect, scale=value.scale).name
    except KeyError:
        rule = "none"
    found = {
        "model": None, "simulated": None, "simulated_interval": None, "passed": None,
        "inside": None, "covered": None, "explanation": "", "used_for": value.used_for, **more,
    }  # fmt: skip
    return Row(
        id=value.id,
        quantity=quantity,
        analyte=value.analyte or value.effect,
        unit=value.unit,
        conditions=_in_words(value),
        published=value.value,
        interval=value.interval,
        interval_kind=value.interval_kind,
        rule=rule,
        source=value.source,
        kind=_kind(value),
        **found,
    )


def _kind(value: PublishedValue) -> str:
    if value.effect is not None:
        return "effect"
    return "interaction" if value.conditions.beside else "exposure"


def _in_words(value: PublishedValue) -> str:
    """Dose, people and sampling."""
    c = value.conditions
    people = f"{c.n} {c.people}" if c.n else c.people
    parts = [c.regimen, people, f"{c.sampling} samples" if c.sampling != "not stated" else ""]
    parts.insert(1, f"with {c.beside}" if c.beside else "")
    if c.time is not None:
        parts.append(f"at {c.time:g} h")
    if c.window is not None:
        parts.append(f"from {c.window[0]:g} to {c.window[1]:g} h")
    return "; ".join(part for part in parts if part)


def _explained(value: PublishedValue, model: Model, passed: bool) -> str:
    """What is known of a failure, and where sampling sites differ."""
    told = []
    if (alone := given_alone(value)) is not None:
        told.append(f"Half of the racemic dose was simulated as {alone} given alone.")
    site = value.conditions.sampling
    if "not stated" not in (site, model.sampling) and site != model.sampling:
        told.append(f"Measured {site}, simulated {model.sampling}.")
    if not passed:
        known = _explanations().get(value.id)
        flag = model.flags.get((str(value.analyte), value.quantity))
        told.append(known or flag or "")
    return " ".join(text for text in told if text)


@lru_cache(maxsize=1)
def _explanations() -> dict[str, str]:
    """Why a row fails, by id, as far as it is understood."""
    from importlib.resources import files

    import yaml

    text = (files("ketascope.checks") / "explanations.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for entry in yaml.safe_load(text) or []:
        found |= dict.fromkeys(entry["rows"], entry["explanation"].strip())
    return found


def _receptor_rows(only: str | None) -> list[Row]:
    from ketascope.checks.receptors import receptor_rows

    rows = receptor_rows(_explanations())
    return [row for row in rows if only is None or row.id.startswith(only)]
