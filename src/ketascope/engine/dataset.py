"""The result of a simulation as an xarray dataset that says where it comes from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope import __version__
from ketascope.evidence.substances import analyte as describe_analyte
from ketascope.models.compare import comparability
from ketascope.models.structure import Model

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.dosing import Label
    from ketascope.engine.prepare import Run
    from ketascope.engine.solve import Block

    Values = NDArray[np.float64]

SCHEMA = "ketascope/simulation/1"
TIME = {"units": "h", "long_name": "Time after the first dose"}
COVARIATES = ("age", "weight", "height", "sex", "race")


def to_dataset(
    run: Run, names: Sequence[str], values: Values, blocks: Sequence[Block]
) -> xr.Dataset:
    """Put values (names, people, times) and what they came from together."""
    import xarray as xr

    model = run.choice.model
    variables = {
        name: (("subject", "time"), values[k], described(model, name))
        for k, name in enumerate(names)
    }
    data = run.people.data
    coordinates: dict[str, Any] = {
        "time": ("time", run.times, TIME),
        "id": ("subject", data["id"].to_numpy()),
        **{c: ("subject", _plain(data[c])) for c in COVARIATES},
        **_parameter_coordinates(model, blocks),
    }
    return xr.Dataset(variables, coordinates, attributes(run))


def described(model: Model, name: str) -> dict[str, str]:
    """Return what the variable of an analyte or a response says of itself."""
    if name not in model.analytes:
        return {"long_name": name, "response": name, "units": ""}
    known = describe_analyte(name)
    matrix = "plasma" if model.matrix == "not stated" else model.matrix
    return {
        "units": "ng/mL",
        "long_name": f"{known.display} in {matrix}",
        "analyte": known.display,
        "sampling": model.sampling,
    }


def _plain(column: Any) -> NDArray[Any]:
    values: NDArray[Any] = column.to_numpy()
    return values.astype(str) if values.dtype.kind not in "iuf" else values


def _parameter_coordinates(model: Model, blocks: Sequence[Block]) -> dict[str, Any]:
    """Individual parameters that differ between people, in internal units."""
    coordinates: dict[str, Any] = {}
    for parameter in model.parameters:
        parts = [block.individual[parameter.name] for block in blocks]
        if np.ndim(parts[0]) == 0:
            continue
        joined = np.concatenate(parts, axis=-1)
        dims = ("subject",) if joined.ndim == 1 else ("occasion", "subject")
        coordinates[f"p_{parameter.name}"] = (dims, joined, {"long_name": parameter.meaning})
    return coordinates


def _regimen_notes(label: Label | None) -> list[str]:
    """Say what a named regimen is, which choices it makes, and where it was read."""
    if label is None:
        return []
    read = [
        f"Read {r.read} ({r.version}): {r.place.source}, {r.place.where}; {r.place.how}."
        for r in label.sources
    ]
    return [
        f"Indication: {label.indication}.",
        *filter(None, [label.choices, label.notes]),
        *read,
    ]


def _doses(run: Run) -> list[dict[str, Any]]:
    """Every dose as given, devices of one session together: h, min, and the amount as said."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for dose in run.schedule.administrations:
        amount = dose.amount
        key: tuple[Any, ...] = (
            dose.session,
            dose.drug,
            dose.route,
            dose.form,
            amount.unit,
            amount.basis,
        )
        if dose.duration:
            key = (*key, dose.time)
        if key in found:
            found[key]["amount"] += amount.value
            continue
        found[key] = {
            "session": dose.session,
            "time": dose.time,
            "drug": dose.drug,
            "route": dose.route,
            "form": dose.form,
            "amount": amount.value,
            "unit": amount.unit,
            "basis": amount.basis,
            "cap_mg": amount.cap_mg,
            "minutes": 60 * dose.duration,
        }
    return list(found.values())


def attributes(run: Run) -> dict[str, Any]:
    """Say where a simulation comes from, in text and numbers that every file format takes."""
    model = run.choice.model
    spread = "none"
    if run.layers.people and model.has_variability:
        spread = "people and occasions" if model.varies_by_occasion else "people"
    elif run.layers.people:
        spread = "covariates only"
    sessions = [
        {"index": s.index, "time": s.time, "end": s.end, "day": s.day, "label": s.label}
        for s in run.schedule.sessions
    ]
    keys = dict.fromkeys([model.source, *(p.place.source for p in model.parameters)])
    label = run.name
    cited = [*run.people.sources, *(r.place.source for r in (label.sources if label else ()))]
    cited += [key for effect in run.beside for key in effect.sources]
    sources = list(dict.fromkeys([*keys, *cited]))
    return {
        "schema": SCHEMA,
        "title": "Ketascope simulation",
        "version": __version__,
        "regimen": str(run.regimen),
        "regimen_name": label.name if label else "",
        "regimen_title": label.title if label else "",
        "regimen_notes": json.dumps(_regimen_notes(label)),
        # the date of day 1, where a regimen file names it
        **({"start": start} if (start := getattr(run.regimen, "start", None)) else {}),
        "drug": model.drug,
        "doses": json.dumps(_doses(run)),
        "model": model.name,
        "model_title": model.title,
        "model_status": model.status,
        "model_why": run.choice.why,
        "alternatives": json.dumps([m.name for m in run.choice.alternatives]),
        "comparability": json.dumps(comparability([model, *run.choice.alternatives])),
        "sampling": model.sampling,
        "matrix": model.matrix,
        "variability": spread,
        "seed": run.seed,
        "subjects": len(run.people),
        "sessions": json.dumps(sessions),
        "warnings": json.dumps(list(run.warnings)),
        "notes": json.dumps(list(run.people.notes)),
        "fixed": json.dumps(sorted(run.people.fixed)),
        "beside": json.dumps([effect.record() for effect in run.beside]),
        "sources": json.dumps(sources),
        "disclaimer": "Research, teaching and decision support; not a medical device.",
    }
