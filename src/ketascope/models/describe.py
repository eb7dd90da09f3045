"""What a model is, as data: for the command line, the report and the documentation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.evidence.parameter import Parameter, Variability
from ketascope.models.parts import People
from ketascope.models.shape import Shape, reference_individual, shape_of
from ketascope.models.structure import Model, OdeModel, Structure, reference_person

KINDS = {"lognormal": "log-normal", "logit": "normal on the logit scale", "normal": "normal"}
LEVELS = {"subject": "between people", "occasion": "between occasions"}
OWN = "a user's own"


def summary(model: Structure) -> dict[str, Any]:
    """Return the item of ``ketascope models --format json``.

    What only a publication has is empty, or None, for a model of a user's own.
    """
    if not isinstance(model, Model):
        p, _ = reference_individual(model)
        return {
            "name": model.name,
            "title": model.title,
            "drugs": [],
            "routes": [],
            "forms": {},
            "analytes": list(model.outputs(p)),
            "population": None,
            "people": None,
            "age_range": None,
            "weight_range": None,
            "covariates": list(model.covariates),
            "sampling": "not stated",
            "matrix": "not stated",
            "doses_as": "not stated",
            "variability": variability_words(model),
            "source": None,
            "status": OWN,
        }
    return {
        "name": model.name,
        "title": model.title,
        "drugs": [model.drug],
        "routes": list(model.routes),
        "forms": dict(model.forms),
        "analytes": list(model.analytes),
        "population": model.people.text,
        "people": people_words(model.people),
        "age_range": list(model.people.age) if model.people.age else None,
        "weight_range": list(model.people.weight) if model.people.weight else None,
        "covariates": list(model.covariates),
        "sampling": model.sampling,
        "matrix": model.matrix,
        "doses_as": model.doses_as,
        "variability": variability_words(model),
        "source": _source(model.source),
        "status": status_words(model),
    }


def people_words(people: People) -> str:
    """Say in a few words whom a model was made from.

    >>> from ketascope.models.parts import People
    >>> people_words(People("...", n=12, age=(18.0, 65.0)))
    '12 adults, 18 to 65 y'
    """
    group = people.ill or ("children" if people.children else "adults")
    count = f"{people.n} " if people.n else ""
    ages = f", {people.age[0]:g} to {people.age[1]:g} y" if people.age else ""
    return f"{count}{group}{ages}"


def status_words(model: Model) -> str:
    """Say what kind of model it is, and where this project fitted or put together a part of it."""
    if not model.made_here:
        return model.status
    fitted = any(parameter.status == "calibrated" for parameter in model.parameters)
    made = "calibrated here" if fitted else "assembled here"
    return f"{made}, {model.status}"


def _source(key: str) -> dict[str, Any]:
    try:
        cited = source(key)
    except InputError:
        # a file of a user's own may name a source that this project does not hold
        return {"key": key, "citation": key, "doi": None}
    return {"key": key, "citation": cited.citation, "doi": cited.doi}


def details(model: Structure, shape: Shape | None = None) -> dict[str, Any]:
    """Return everything about a model: the summary, parameters, structure and limits."""
    shape = shape or shape_of(model)
    p, _ = reference_individual(model)
    return {
        **summary(model),
        "parameters": [parameter_row(p) for p in model.parameters],
        "covariances": [asdict(c) for c in model.covariances],
        "joint_uncertainty": asdict(model.joint) if model.joint else None,
        "residual_error": {name: asdict(error) for name, error in model.residuals.items()},
        "amounts": model.amounts,
        "compartments": dict(model.compartments),
        "reference_person": {name: reference_person(model)[name] for name in model.covariates},
        "flows": [
            {"from": f.start, "to": f.end, "rate": f.rate, "takes": f.takes} for f in shape.flows
        ],
        "outputs": {
            name: {"compartment": output.compartment, "volume": float(output.volume)}
            for name, output in model.outputs(p).items()
        },
        "responses": {
            name: {"kind": effect.kind, "reads": list(effect.reads)}
            for name, effect in shape.responses.items()
        },
        **_equations(model),
        **{name: list(getattr(model, name, ())) for name in LIMITS},
    }


LIMITS = ("readings", "leaves_out", "not_for", "defects")


def _equations(model: Structure) -> dict[str, Any]:
    if not isinstance(model, OdeModel):
        return {"solution": "exact"}
    return {"solution": f"numerical, {model.solver}", "initial": dict(model.initial)}


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


def variability_words(model: Structure) -> str:
    """Say what kinds of spread the source prints."""
    if not model.has_variability:
        return "none published" if isinstance(model, Model) else "none"
    return "between people and occasions" if model.varies_by_occasion else "between people"
