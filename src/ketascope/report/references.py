"""The sources behind a report, by what they stand behind, and keys in sentences made readable."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ketascope.dosing.bounds import upper_bounds
from ketascope.dosing.devices import device_for
from ketascope.evidence import Source, source, sources
from ketascope.evidence.substances import analyte
from ketascope.models import library
from ketascope.models.structure import Model
from ketascope.report.course import Given

if TYPE_CHECKING:
    import xarray as xr

GROUPS = {
    "model": "Model and its parameters",
    "course": "People and regimen",
    "dose": "Dose limits and devices",
    "substances": "Molar masses",
    "alternatives": "Other models shown",
    "story": "Effects, course, reactions and long term",
}


def cited(
    result: xr.Dataset,
    sessions: Sequence[Given],
    alternatives: Sequence[str],
    story: Sequence[str] = (),
) -> dict[str, list[Source]]:
    """Return the sources by group, each source once, groups without any left out."""
    model = library().get(str(result.attrs["model"]))
    others = [library()[name] for name in alternatives if name in library()]
    keys: dict[str, list[str]] = {
        "model": _model_keys(model) if model else [],
        "course": json.loads(result.attrs["sources"]),
        "dose": _dose_keys(sessions),
        "substances": [],
        "alternatives": [key for other in others for key in _model_keys(other)],
        "story": list(story),
    }
    if model is not None and model.amounts == "umol":
        keys["substances"] = [analyte(name).substance.place.source for name in model.analytes]
    seen: set[str] = set()
    groups: dict[str, list[Source]] = {}
    for group, mine in keys.items():
        fresh = [key for key in dict.fromkeys(mine) if key not in seen]
        seen.update(fresh)
        if fresh:
            groups[group] = [source(key) for key in fresh]
    return groups


def _model_keys(model: Model) -> list[str]:
    return [model.source, *(p.place.source for p in model.parameters)]


def _dose_keys(sessions: Sequence[Given]) -> list[str]:
    ways = {(c.drug, c.route, c.form, c.minutes) for s in sessions for c in s.components}
    keys = []
    for drug, route, form, minutes in sorted(ways, key=str):
        for bound in upper_bounds():
            near = bound.up_to_min is None or minutes <= bound.up_to_min
            far = not bound.is_rate or minutes > bound.longer_than_min
            if (bound.drug, bound.route) == (drug, route) and near and far:
                keys.append(bound.place.source)
                keys.extend([bound.labelled_source] if bound.labelled_source else [])
        device = device_for(drug, route, form)
        if device is not None:
            keys.append(device.source)
    return keys


def readable(text: str) -> str:
    """Replace keys of sources in a sentence by their short names."""
    known = sources()
    return re.sub(
        r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b",
        lambda m: known[m[0]].short if m[0] in known else m[0],
        text,
    )


def reference(item: Source) -> str:
    """Return the reference text without the DOI where :func:`link` shows it."""
    return item.citation.removesuffix(f" doi:{item.doi}.") if item.doi else item.citation


def link(item: Source) -> str:
    """Return the DOI link of a source, or its own address, or nothing."""
    if item.doi:
        return f"https://doi.org/{item.doi}"
    if item.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{item.pmid}/"
    return item.url if item.url.startswith("https://") else ""
