"""Sentences on how people differ: what the bands hold, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.models.structure import Model
from ketascope.report.course import sessions_of
from ketascope.report.curves import few
from ketascope.report.numbers import join

if TYPE_CHECKING:
    import xarray as xr


def variability_sentence(result: xr.Dataset, model: Model, *, spread: bool) -> str:
    """Say what the bands or curves hold, or why there are none."""
    people = result.sizes["subject"]
    kind = str(result.attrs.get("variability", "none"))
    drawn = "curves" if few(people) else "bands"
    none = f"The source of this model as read ({model.title}) prints no spread between people"
    unknown = "The true spread is unknown, not zero."
    covariates = f"the {drawn} show covariates only" if spread else _same_curve(result, model)
    if kind in ("none", "covariates only") and not model.has_variability:
        if people == 1:
            return f"Typical values only. {none}: the true spread is unknown, not zero."
        return f"{none}: {covariates}. {unknown}"
    if kind == "none":
        return (
            "One typical person: no random effects were drawn. The lines say nothing about how "
            "much people differ."
            if people == 1
            else f"No random effects were drawn: each person has typical parameters, and "
            f"{covariates}."
        )
    occasions = (
        " and between dosing sessions of one person" if kind == "people and occasions" else ""
    )
    if people == 1:
        return (
            f"One person, drawn from the spread between people{occasions} that the model’s source "
            "prints. The lines say nothing about how much people differ."
        )
    return (
        f"The {drawn} hold the spread between people{occasions} that the model’s source prints. "
        "They do not hold the uncertainty of the model itself, and they are not safety margins."
    )


def _same_curve(result: xr.Dataset, model: Model) -> str:
    """Say why everyone has the same curve."""
    per_kg = any(a.unit == "mg/kg" for s in sessions_of(result) for a in s.amounts)
    matter = [
        *model.covariates,
        *(["weight"] if per_kg and "weight" not in model.covariates else []),
    ]
    differ = [name for name in matter if not _alike(result, name)]
    same = "everyone has the same curve, because"
    if not matter:
        return f"{same} no covariate changes the result in this model"
    if not differ:
        return f"{same} all have the same {join(matter)}, and nothing else changes the result"
    if per_kg and differ == ["weight"]:
        return (
            f"{same} the doses per kg and the volumes and clearances of the model are in the same "
            "proportion to weight"
        )
    return f"{same} people do not differ in {join(differ)} so far that it changes the result"


def _alike(result: xr.Dataset, name: str) -> bool:
    values = result[name].to_numpy()
    if values.dtype.kind == "f":
        return bool(np.isnan(values).all() or np.ptp(values) < 1e-9)
    return bool(np.all(values == values[0]))
