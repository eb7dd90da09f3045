"""What a model is, as data: for the command line, the report and the documentation."""

from __future__ import annotations

from typing import Any

from ketascope.evidence import source
from ketascope.evidence.parameter import Parameter, Variability
from ketascope.models.structure import Model

KINDS = {"lognormal": "log-normal", "logit": "normal on the logit scale", "normal": "normal"}
LEVELS = {"subject": "between people", "occasion": "between occasions"}


def summary(model: Model) -> dict[str, Any]:
    """Return the item of ``ketascope models --format json``."""
    cited = source(model.source)
    return {
        "name": model.name,
        "title": model.title,
        "drugs": [model.drug],
        "routes": list(model.routes),
        "forms": dict(model.forms),
        "analytes": list(model.analytes),
        "population": model.people.text,
        "age_range": list(model.people.age) if model.people.age else None,
        "weight_range": list(model.people.weight) if model.people.weight else None,
        "covariates": list(model.covariates),
        "sampling": model.sampling,
        "variability": variability_words(model),
        "source": {"key": model.source, "citation": cited.citation, "doi": cited.doi},
        "status": model.status,
    }


def details(model: Model) -> dict[str, Any]:
    """Return everything about a model: the summary, parameters, structure and limits."""
    return {
        **summary(model),
        "parameters": [parameter_row(p) for p in model.parameters],
        "covariances": [
            {"first": c.first, "second": c.second, "value": c.value} for c in model.covariances
        ],
        "amounts": model.amounts,
        "compartments": dict(model.compartments),
        "readings": list(model.readings),
        "leaves_out": list(model.leaves_out),
        "not_for": list(model.not_for),
        "defects": list(model.defects),
    }


def parameter_row(p: Parameter) -> dict[str, Any]:
    """Return one parameter with its source, as plain values."""
    return {
        "name": p.name,
        "value": p.value,
        "unit": p.unit,
        "meaning": p.meaning,
        "standard_error": p.se,
        "variability": [spread_words(v) for v in p.variability],
        "status": p.status,
        "source": p.place.source,
        "where": p.place.where,
        "how": p.place.how,
        "note": p.note,
    }


def spread_words(spread: Variability) -> str:
    """Say a spread in words, for example ``log-normal between people, CV 28 %``."""
    size = f"CV {100 * spread.cv:.3g} %" if spread.cv is not None else f"SD {spread.sd:.3g}"
    return f"{KINDS[spread.kind]} {LEVELS[spread.level]}, {size}"


def variability_words(model: Model) -> str:
    """Say what kinds of spread the source prints."""
    if not model.has_variability:
        return "none published"
    return "between people and occasions" if model.varies_by_occasion else "between people"
