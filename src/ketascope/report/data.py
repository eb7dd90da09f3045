"""What a report says, as plain values: ``report_data``, the JSON beside the page.

Top level: ``schema``, ``version``, ``as_of``, ``scope``, ``regimen``, ``people``, ``model``,
``warnings``, ``sessions``, ``exposure`` (a table a shown session, a row an analyte and measure with
``q05`` to ``q95``, or ``q50``, ``lowest`` and ``highest`` of 2 to 19 people), ``curves`` (the same
at the plotted times: ``first_session`` and ``course``), ``alternatives`` (typical curves of other
models), ``other_models`` (the lowest and the highest of their peaks in the first session),
``comparability`` (remarks before models are compared), ``between`` (how far models and people are
apart in the first session: medians of models, folds, quantiles of the mixture),
``beside`` (medicines taken beside it: published ratios, what was applied, exposure with and
without), a key for each section that follows (``effects``, ``readiness``, ``course_of_mood``,
``reactions``, ``long_term``, ``other_treatments``; see ``docs/results.md``), ``sources``
(CSL-JSON) and ``reproduce``. Times are in h, concentrations in ng/mL; what is not known is null.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from ketascope.effects.acute import extrapolated
from ketascope.engine.summary import exposure
from ketascope.evidence import Source, source
from ketascope.models import library
from ketascope.report import curves as c
from ketascope.report import words
from ketascope.report.beside import medicines_beside
from ketascope.report.between import between, remarks
from ketascope.report.course import Given, device_sentence, sessions_of, start_of, total_mg
from ketascope.report.given import dose_by_weight
from ketascope.report.numbers import rounded
from ketascope.report.references import cited, readable
from ketascope.report.safe_use import SafeUse, gravest, safe_use_sections
from ketascope.report.section import Section
from ketascope.report.spread import variability_sentence
from ketascope.report.story import story
from ketascope.report.tables import COLUMNS, exposure_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ketascope.evidence import Parameter
    from ketascope.models.structure import Model

SCHEMA = "ketascope/report/1"
_PACKAGES = ("jax", "numpy")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a report needs, worked out once: the data, and what the figures draw."""

    data: dict[str, Any]
    sessions: tuple[Given, ...]
    first: c.Curves
    course: c.Curves | c.Peaks
    sources: dict[str, list[Source]]
    start: date | None = None
    story: tuple[Section, ...] = ()
    screening: tuple[Section, ...] = ()


def report_data(
    result: xr.Dataset,
    *,
    alternatives: Sequence[xr.Dataset] = (),
    command: str | None = None,
    as_of: str | None = None,
    regimen_notes: Sequence[str] = (),
    across: pd.DataFrame | None = None,
    without: xr.Dataset | None = None,
    settings: Mapping[str, float] | None = None,
    safe_use: SafeUse | None = None,
    contrasts: bool = False,
) -> dict[str, Any]:
    """Return what a report says; parameters as in :func:`ketascope.report.make_report`."""
    told = (alternatives, command, as_of, regimen_notes, across, without, settings, safe_use,
            contrasts)  # fmt: skip
    return gather(result, *told).data


def gather(
    result: xr.Dataset,
    alternatives: Sequence[xr.Dataset] = (),
    command: str | None = None,
    as_of: str | None = None,
    regimen_notes: Sequence[str] = (),
    across: pd.DataFrame | None = None,
    without: xr.Dataset | None = None,
    settings: Mapping[str, float] | None = None,
    safe_use: SafeUse | None = None,
    contrasts: bool = False,
) -> Gathered:
    """Work out everything that a report needs."""
    sessions, start = sessions_of(result), start_of(result)
    model = library().get(str(result.attrs["model"]))
    first = c.session_curves(result, alternatives=alternatives)
    course = c.course(result)
    others = [str(a.attrs["model"]) for a in alternatives]
    screening: tuple[Section, ...] = ()
    planned: tuple[Section, ...] = ()
    if safe_use is not None:
        first_section, last_section = safe_use_sections(result, safe_use)
        screening, planned = (first_section,), (last_section,)
    parts = (*story(result, settings, contrasts=contrasts), *planned)
    told_of = [key for part in (*screening, *parts) for key in part.sources]
    groups = cited(result, sessions, others, told_of)
    notes = [*_listed(result, "regimen_notes"), *regimen_notes]
    few = c.few(result.sizes["subject"])
    data = {
        "schema": SCHEMA,
        "version": str(result.attrs["version"]),
        "as_of": as_of or date.today().isoformat(),
        "scope": words.SCOPE_SCREENED if safe_use else words.SCOPE,
        "disclaimer": words.DISCLAIMER,
        "regimen": _regimen(result, sessions, notes, start),
        "people": _people(result, model, spread=first.spread or course.spread),
        "model": _model(result, model),
        "start": start.isoformat() if start else None,
        "warnings": [
            *(text for part in screening for text in gravest(part)),
            *(readable(text) for text in _listed(result, "warnings")),
            *extrapolated(result, settings),
        ],
        "sessions": [
            {"number": s.index + 1, "day": s.day, "date": _date_of(start, s.day),
             "time": rounded(s.time, 8), "dose": s.dose, "words": s.words}
            for s in sessions
        ],
        "exposure": exposure_of(result, sessions, model),
        "curves": {"first_session": _curves(first, few=few),
                   "course": _course(course, few=few)},
        "alternatives": [_other(other) for other in first.others],
        "other_models": _other_models(result, alternatives),
        "comparability": remarks([str(result.attrs["model"]), *others]) if others else [],
        "between": between(across),
        "beside": medicines_beside(result, without),
        **{part.name: part.data for part in (*screening, *parts)},
        "sources": [item.csl() for group in groups.values() for item in group],
        "reproduce": _reproduce(result, command),
    }  # fmt: skip
    return Gathered(data, sessions, first, course, groups, start, parts, screening)


def _date_of(start: date | None, day: int) -> str | None:
    return (start + timedelta(days=day - 1)).isoformat() if start else None


def _listed(result: xr.Dataset, name: str) -> list[str]:
    found: list[str] = json.loads(str(result.attrs.get(name, "[]")))
    return found


def _regimen(
    result: xr.Dataset, sessions: tuple[Given, ...], notes: Sequence[str], start: date | None
) -> dict[str, Any]:
    return {
        "text": str(result.attrs["regimen"]),
        "name": str(result.attrs.get("regimen_name", "")) or None,
        "title": str(result.attrs.get("regimen_title", "")) or None,
        "drug": str(result.attrs["drug"]),
        "routes": list(dict.fromkeys(part.route for s in sessions for part in s.components)),
        "sessions": len(sessions),
        "last_day": sessions[-1].day,
        "total_mg": total_mg(sessions),
        "what": [*words.what_sentences(sessions, start), *dose_by_weight(result, sessions)],
        "devices": list(dict.fromkeys(filter(None, map(device_sentence, sessions)))),
        "notes": [readable(note) for note in notes],
    }


def _people(result: xr.Dataset, model: Model | None, *, spread: bool) -> dict[str, Any]:
    people = result.sizes["subject"]
    kind = str(result.attrs.get("variability", "none"))
    return {
        "n": people,
        "few": c.few(people),
        "title": words.people_title(people),
        "covariates": words.covariate_rows(
            result, _listed(result, "fixed"), _listed(result, "notes")
        ),
        "matter": list(model.covariates) if model else [],
        "notes": _listed(result, "notes"),
        "variability": kind,
        "spread": spread,
        "variability_text": variability_sentence(result, model, spread=spread) if model else "",
    }


def _model(result: xr.Dataset, model: Model | None) -> dict[str, Any]:
    sampling = str(result.attrs.get("sampling", "not stated"))
    head = {
        "name": str(result.attrs["model"]),
        "title": str(result.attrs["model_title"]),
        "why": str(result.attrs.get("model_why", "")),
        "sampling": sampling,
        "sampling_text": words.sampling_sentence(sampling),
        "short": c.short_name(str(result.attrs["model"])),
    }
    if model is None:
        return head
    return head | {
        "status": model.status,
        "source": model.source,
        "population": model.people.text,
        "n": model.people.n,
        "covariates": list(model.covariates),
        "leaves_out": list(model.leaves_out),
        "not_for": list(model.not_for),
        "defects": list(model.defects),
        "readings": list(model.readings),
        "parameters": [_parameter(p) for p in model.parameters],
    }


def _parameter(p: Parameter) -> dict[str, Any]:
    spread = []
    for v in p.variability:
        level = "people" if v.level == "subject" else "sessions"
        size = f"SD {v.sd:.3g} ({v.kind})" if v.cv is None else f"CV {v.cv * 100:.0f} %"
        spread.append(f"{size} between {level}")
    return {
        "name": p.name,
        "value": p.value,
        "unit": "" if p.unit == "1" else p.unit,
        "meaning": p.meaning,
        "spread": "; ".join(spread),
        "se": p.se,
        "status": p.status,
        "source": p.place.source,
        "short": source(p.place.source).short,
        "where": p.place.where,
        "how": p.place.how,
        "note": p.note,
    }


def _values(values: Any) -> list[float | None]:
    return [rounded(float(v)) for v in values]


def _by_level(values: Any, *, few: bool) -> dict[str, list[float | None]]:
    if few:
        return {"lowest": _values(values[0]), "q50": _values(values[c.MEDIAN]),
                "highest": _values(values[-1])}  # fmt: skip
    return {column: _values(row) for column, row in zip(COLUMNS, values, strict=True)}


def _curves(found: c.Curves, *, few: bool) -> dict[str, Any]:
    return {
        "kind": "curves",
        "time_h": [rounded(float(t), 8) for t in found.times],
        "unit": "ng/mL",
        "analytes": {name: _by_level(found.bands[name], few=few) for name in found.analytes},
    }


def _course(found: c.Curves | c.Peaks, *, few: bool) -> dict[str, Any]:
    if isinstance(found, c.Curves):
        return _curves(found, few=few)
    return {
        "kind": "peaks",
        "time_h": [rounded(float(t), 8) for t in found.times],
        "unit": "ng/mL",
        "analytes": {name: _by_level(found.peaks[name], few=few) for name in found.analytes},
        "before_next": {name: _by_level(found.troughs[name], few=few) for name in found.analytes},
    }


def _other(other: c.Other) -> dict[str, Any]:
    return {
        "model": other.model,
        "short": other.short,
        "sampling": other.sampling,
        "time_h": [rounded(float(t), 8) for t in other.times],
        "analytes": {name: _values(values) for name, values in other.values.items()},
    }


def _other_models(result: xr.Dataset, alternatives: Sequence[xr.Dataset]) -> dict[str, Any] | None:
    """How high the first session peaks in the typical person of other models (ng/mL)."""
    name = c.chosen(result, None)[0]
    found = {}
    for other in alternatives:
        if name in other.data_vars:
            frame = exposure(other)
            peak = float(frame.loc[frame["analyte"] == name, "cmax"].median())
            found[c.short_name(str(other.attrs["model"]))] = peak
    if not found:
        return None
    return {"analyte": name, "measure": "cmax", "unit": "ng/mL", "session": 1, "n": len(found),
            "names": list(found), "low": rounded(min(found.values())),
            "high": rounded(max(found.values()))}  # fmt: skip


def _reproduce(result: xr.Dataset, command: str | None) -> dict[str, Any]:
    versions = {"ketascope": str(result.attrs["version"]), "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"
    return {"command": command, "seed": int(result.attrs["seed"]), "versions": versions}
