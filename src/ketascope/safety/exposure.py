"""What a medicine does to exposure on the route that is given, beside the rule that names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.dosing.schedule import RegimenLike
    from ketascope.patients.patient import Patient
    from ketascope.safety.regimen_rules import Use
    from ketascope.safety.screen import Finding


def with_exposure(
    findings: Sequence[Finding],
    parts: Sequence[Use],
    regimen: RegimenLike,
    patient: Patient | None,
    simulate: bool,
) -> list[Finding]:
    """Return the findings, those on exposure with what is known of it.

    Parameters
    ----------
    findings : sequence of Finding
    parts : sequence of Use
        Of the regimen.
    regimen : regimen
    patient : Patient or None
        Who is simulated; the default adult stands in for what is unknown.
    simulate : bool
        Whether to simulate; otherwise published ratios alone.
    """
    return [
        replace(one, exposure=tuple(_told(one, parts, regimen, patient, simulate)))
        if one.rule.exposure
        else one
        for one in findings
    ]


def _told(
    finding: Finding,
    parts: Sequence[Use],
    regimen: RegimenLike,
    patient: Patient | None,
    simulate: bool,
) -> list[dict[str, Any]]:
    from ketascope.models.choose import choose
    from ketascope.models.interactions import effect

    found = []
    details = [fact.detail for fact in finding.facts if fact.detail]
    for name in dict.fromkeys(name for text in details for name in named(text)):
        for use in (use for use in parts if finding.rule.covers(use)):
            try:
                model = choose(use.drug, [use.route], [(use.route, use.form)]).model
            except InputError as error:
                found.append({"medicine": name, "about": use.words, "text": str(error)})
                continue
            told = effect(model, name, [use.route])
            row: dict[str, Any] = {"about": use.words, "model": model.name, **told.record()}
            if simulate and told.predicted and len(parts) == 1:
                row["simulated"] = _simulated(regimen, use.drug, patient, told.medicine)
            found.append(row)
    return found


def named(text: str) -> list[str]:
    """Return the medicines that the words of a record name; the words themselves where none is.

    >>> named("Carbamazepine[Tegretol]"), named("Clarithromycin 500 MG Oral Tablet")
    (['Carbamazepine[Tegretol]'], ['clarithromycin'])
    """
    from ketascope.models.interactions import find, medicines

    known = find(text)
    if known is not None:
        return [known.name]
    found = [
        one.name
        for one in medicines().values()
        if any(re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)
               for name in (one.name, *one.also))
    ]  # fmt: skip
    return found or [text]


def _simulated(
    regimen: RegimenLike, drug: str, patient: Patient | None, medicine: str
) -> dict[str, float]:
    """Ratio of peak and of area of the drug with the medicine to without, typical values."""
    from ketascope.engine.simulate import simulate
    from ketascope.patients.patient import Patient

    fixed = {} if patient is None else patient.covariates()
    person = Patient.default().updated(fixed)
    alone = simulate(regimen, person, typical=True)
    beside = simulate(regimen, person, typical=True, beside=(medicine,))
    return {
        "peak_ratio": _peak(beside, drug) / _peak(alone, drug),
        "area_ratio": _area(beside, drug) / _area(alone, drug),
    }


def _peak(result: xr.Dataset, drug: str) -> float:
    return float(result[drug].max())


def _area(result: xr.Dataset, drug: str) -> float:
    times = result["time"].to_numpy()
    values = result[drug].transpose(..., "time").to_numpy().reshape(-1, len(times))[0]
    return float(np.trapezoid(values, times))
