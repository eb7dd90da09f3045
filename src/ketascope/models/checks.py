"""Checks of what a model declares: names, units, numbers, covariances.

What its methods return is checked in :mod:`ketascope.models.trials`.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from ketascope.errors import InputError
from ketascope.evidence.parameter import Kind, Level, Parameter, Variability
from ketascope.models.individuals import random_effects, square_root
from ketascope.models.parts import OUT, TO_INTERNAL, Covariance, Joint, Residual, internal
from ketascope.models.places import Places
from ketascope.models.structure import Amounts, Model, OdeModel, Structure

TAKEN = ("names", "replace")
"""Names that the objects p, x and s use themselves."""
STANDARD = ("age", "weight", "height", "sex", "race")


def check_model(model: Structure, places: Places | None = None) -> None:
    """Check everything about a model that can be known before it is run.

    Raises
    ------
    InputError
        One sentence about the first thing that is wrong, with its place.
    """
    from ketascope.models.trials import try_methods

    places = places or Places(model)
    check_declared(model, places)
    try_methods(model, places)


def check_declared(model: Structure, places: Places) -> None:
    """Check the attributes of a model, without calling its methods."""
    _present(model, places)
    _parameters(model, places)
    check_names(model.compartments, "compartments", "compartment", places, more=(OUT, "time"))
    if model.amounts not in get_args(Amounts):
        raise places.refuse("amounts", f"amounts are '{model.amounts}'", hint="give mg or umol")
    _covariates(model, places)
    _covariances(model, places)
    if model.joint is not None:
        _joint(model, model.joint, places)
    _residuals(model, places)
    if isinstance(model, OdeModel):
        _equations(model, places)


def _present(model: Structure, places: Places) -> None:
    kinds: Mapping[str, tuple[Any, str]] = {
        "parameters": ((tuple, list), 'a tuple of parameter("CL", 1.1, "L/h", "clearance"), ...'),
        "compartments": (Mapping, '{"central": "drug in plasma, mg"}'),
        "covariates": ((tuple, list), '("WT",)'),
        "covariances": ((tuple, list), '(Covariance("CL", "V", 0.02),)'),
        "residuals": (Mapping, '{"CP": Residual(proportional="SD")}'),
        "reference": (Mapping, '{"WT": 70}'),
    }
    for name, (kind, example) in kinds.items():
        value = getattr(model, name, None)
        if value is None:
            raise places.refuse(name, f"the model has no {name}", hint=f"give {name} = {example}")
        if not isinstance(value, kind):
            raise places.refuse(
                name, f"{name} is a {type(value).__name__}", hint=f"write it as {example}"
            )
        if not value and name in ("parameters", "compartments"):
            raise places.refuse(name, f"the model has no {name}", hint=f"give {name} = {example}")
    if isinstance(model, Model):
        needed = [name for name in Model.__annotations__ if not hasattr(model, name)]
        if needed:
            raise places.refuse(
                needed[0],
                f"a published model says its {needed[0]}, which is missing",
                hint="write it, or take UserModel as the base for a model of your own",
            )


def _parameters(model: Structure, places: Places) -> None:
    for p in model.parameters:
        if not isinstance(p, Parameter):
            raise places.refuse(
                "parameters",
                f"{p!r} is no parameter",
                hint='write parameter("CL", 1.1, "L/h", "clearance")',
            )
    check_names([p.name for p in model.parameters], "parameters", "parameter", places)
    for p in model.parameters:
        if p.unit not in TO_INTERNAL:
            raise places.refuse(
                "parameters",
                f"parameter {p.name} has the unit '{p.unit}'",
                hint=f"a model may use {', '.join(TO_INTERNAL)}",
                word=p.name,
            )
        if not _is_number(p.value):
            raise places.refuse(
                "parameters",
                f"parameter {p.name} is {p.value!r}",
                hint="give a finite number",
                word=p.name,
            )
        if p.se is not None and not (_is_number(p.se) and p.se >= 0 and p.value != 0):
            raise places.refuse(
                "parameters",
                f"the standard error of parameter {p.name} is {p.se!r}",
                hint="give a finite number, not negative, for a value that is not 0",
                word=p.name,
            )
        _spread(p, places)


def _spread(p: Parameter, places: Places) -> None:
    levels: list[str] = []
    spreads: Any = p.variability
    for v in spreads:
        wrong = None
        if not isinstance(v, Variability):
            wrong = f"the spread of parameter {p.name} is {v!r}", "give Variability or cv=0.3"
        elif v.kind not in get_args(Kind):
            kinds = ", ".join(get_args(Kind))
            wrong = f"the spread of parameter {p.name} is of the kind '{v.kind}'", f"take {kinds}"
        elif v.level not in get_args(Level):
            levels_known = " or ".join(get_args(Level))
            wrong = f"the spread of parameter {p.name} is by '{v.level}'", f"take {levels_known}"
        elif not (_is_number(v.sd) and v.sd >= 0):
            wrong = f"the spread of parameter {p.name} is {v.sd!r}", "give a number, not negative"
        elif v.level in levels:
            wrong = f"parameter {p.name} has two spreads by {v.level}", "give one"
        elif v.kind == "logit" and not 0 < internal(p) < 1:
            wrong = (
                f"parameter {p.name} is {p.value:g} and varies on the logit scale",
                "a logit needs a value between 0 and 1",
            )
        if wrong:
            raise places.refuse("parameters", wrong[0], hint=wrong[1], word=p.name)
        levels.append(v.level)


def check_names(
    names: Iterable[Any], member: str, what: str, places: Places, more: tuple[str, ...] = ()
) -> None:
    """Check that names are words that may follow a dot, and that each is there once."""
    seen: list[str] = []
    for name in names:
        hint = None
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            hint = "a name is made of letters, digits and _, does not begin with a digit, and is "
            hint += "no word of Python"
        elif name in (*TAKEN, *more) or name.startswith("_"):
            hint = "that word is taken; choose another"
        if hint:
            word = name if isinstance(name, str) else None
            raise places.refuse(member, f"{name!r} cannot name a {what}", hint=hint, word=word)
        if name in seen:
            raise places.refuse(
                member, f"there are two {what}s '{name}'", hint="give each its own name", word=name
            )
        seen.append(name)


def _covariates(model: Structure, places: Places) -> None:
    check_names(model.covariates, "covariates", "covariate", places)
    for name, value in model.reference.items():
        if name not in (*STANDARD, *model.covariates):
            raise places.refuse(
                "reference",
                f"'{name}' is not among the model's covariates",
                hint=f"they are {', '.join(model.covariates) or 'none'}",
                word=name,
            )
        if name not in ("sex", "race") and not _is_number(value):
            raise places.refuse(
                "reference", f"'{name}' is {value!r}", hint="give a finite number", word=name
            )


def _covariances(model: Structure, places: Places) -> None:
    covariances: Any = model.covariances
    for c in covariances:
        if not isinstance(c, Covariance) or not _is_number(c.value) or c.first == c.second:
            raise places.refuse(
                "covariances",
                f"{c!r} is no covariance",
                hint='write Covariance("CL", "V", 0.02) for two parameters',
            )
        for name in (c.first, c.second):
            _known_parameter(model, name, "covariances", places)
    for level in get_args(Level):
        try:
            _, omega = random_effects(model, level)
            square_root(omega, where="")
        except InputError as error:
            raise places.refuse("covariances", error.message, hint=error.hint) from None


def _joint(model: Structure, joint: Any, places: Places) -> None:
    import numpy as np

    if not isinstance(joint, Joint) or joint.scale not in ("log", "natural"):
        raise places.refuse("joint", "this is no Joint", hint='scale is "log" or "natural"')
    for name in joint.names:
        _known_parameter(model, name, "joint", places)
        if model.parameter(name).value == 0:
            raise places.refuse(
                "joint", f"parameter {name} is 0", hint="leave it out of the matrix", word=name
            )
    try:
        matrix = np.asarray(joint.matrix, dtype=float)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    n = len(joint.names)
    if matrix.shape != (n, n) or len(set(joint.names)) != n:
        raise places.refuse(
            "joint",
            f"the matrix is not {n} by {n} for {n} different names",
            hint="give one row and one column for each name",
        )
    try:
        square_root(matrix, where="")
    except InputError as error:
        raise places.refuse("joint", error.message, hint=error.hint) from None


def _residuals(model: Structure, places: Places) -> None:
    residuals: Any = model.residuals
    for name, error in residuals.items():
        if not isinstance(error, Residual):
            raise places.refuse(
                "residuals",
                f"the residual error of '{name}' is a {type(error).__name__}",
                hint='write Residual(proportional="SD") with the name of a parameter',
                word=name,
            )
        used = [n for n in (error.additive, error.proportional, error.log) if n is not None]
        if not used or (error.log is not None and len(used) > 1):
            raise places.refuse(
                "residuals",
                f"the residual error of '{name}' is not usable",
                hint="give additive, proportional or both, or log alone",
                word=name,
            )
        for sd in used:
            _known_parameter(model, sd, "residuals", places)
            p = model.parameter(sd)
            if p.value < 0 or (sd != error.additive and p.unit != "1"):
                raise places.refuse(
                    "residuals",
                    f"{sd} is {p.value:g} {p.unit}",
                    hint="a standard deviation is not negative; a proportional one, or one of the "
                    "logarithm, has the unit 1",
                    word=sd,
                )


def _equations(model: OdeModel, places: Places) -> None:
    if model.solver not in ("explicit", "stiff"):
        raise places.refuse(
            "solver", f"the solver is '{model.solver}'", hint="give explicit or stiff"
        )
    for name, value in model.initial.items():
        if name not in model.compartments:
            raise places.refuse(
                "initial",
                f"'{name}' is no compartment",
                hint=f"the compartments are {', '.join(model.compartments)}",
                word=name,
            )
        if isinstance(value, str):
            _known_parameter(model, value, "initial", places)
        elif not _is_number(value):
            raise places.refuse(
                "initial", f"'{name}' begins with {value!r}", hint="give a number or a parameter"
            )


def _known_parameter(model: Structure, name: str, member: str, places: Places) -> None:
    names = [p.name for p in model.parameters]
    if name not in names:
        raise places.refuse(
            member,
            f"'{name}' is no parameter",
            hint=f"the parameters are {', '.join(names)}",
            word=name,
        )


def _is_number(value: Any) -> bool:
    return (
        (isinstance(value, (int, float)) or type(value).__module__ == "numpy")
        and not isinstance(value, bool)
        and math.isfinite(value)
    )
