"""Models of a user's own, from a Python file.

A file holds one class (or more, named on the command line as ``FILE.py:NAME``):

>>> from ketascope.models.user import OUT, Concentration, UserModel, parameter
>>> class OneCompartment(UserModel):
...     parameters = (
...         parameter("CL", 1.1, "L/h", "clearance", cv=0.3),
...         parameter("V", 20, "L", "volume"),
...     )
...     compartments = {"central": "drug in plasma, mg"}
...
...     def flows(self, p):
...         return {("central", OUT): p.CL / p.V}
...
...     def outputs(self, p):
...         return {"CP": Concentration("central", p.V)}
>>> OneCompartment().parameter("CL").unit
'L/h'

or one function, for a model that is not linear:

>>> from ketascope.models.user import ode_model
>>> @ode_model(
...     parameters=[
...         parameter("VMAX", 20, "mg/h", "largest rate of elimination", cv=0.2),
...         parameter("KM", 4, "mg/L", "concentration at half of it"),
...         parameter("V", 50, "L", "volume"),
...     ],
...     compartments={"central": "drug in plasma, mg"},
...     outputs={"CP": ("central", "V")},
... )
... def saturable(t, x, p):
...     "One compartment with saturable elimination."
...     concentration = 1000 * x.central / p.V  # ug/L, as KM
...     return {"central": -p.VMAX * concentration / (p.KM + concentration)}
>>> saturable.name, saturable.title
('saturable', 'One compartment with saturable elimination')
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.responses import (
    Direct,
    Hazard,
    Turnover,
    emax,
    indirect_response,
    logistic,
)
from ketascope.models.structure import (
    OUT,
    Amounts,
    Array,
    Concentration,
    Covariance,
    Covariates,
    Entry,
    Individual,
    Joint,
    OdeModel,
    Residual,
    Structure,
    internal,
    numeric,
)

__all__ = [
    "OUT",
    "Array",
    "Concentration",
    "Covariance",
    "Covariates",
    "Direct",
    "Entry",
    "Hazard",
    "Individual",
    "Joint",
    "Residual",
    "Turnover",
    "UserModel",
    "UserOdeModel",
    "Variability",
    "emax",
    "exp",
    "indirect_response",
    "internal",
    "log",
    "logistic",
    "maximum",
    "minimum",
    "ode_model",
    "parameter",
    "sqrt",
    "where",
]

Function: TypeAlias = Callable[..., Any]
Measured: TypeAlias = Mapping[str, tuple[str, str | float]]
"""Outputs by name: the compartment, and the name of the volume's parameter or a number in L."""


def parameter(
    name: str,
    value: float,
    unit: str = "1",
    meaning: str = "",
    *variability: Variability,
    cv: float | None = None,
    occasion_cv: float | None = None,
    se: float | None = None,
    source: str = "",
) -> Parameter:
    """Return a parameter of a user's own model; the source is whatever the user writes.

    Parameters
    ----------
    name, unit, meaning : str
    value : float
        Typical value in ``unit``.
    variability : Variability
        Spread of any kind; the two below are short for the usual ones.
    cv, occasion_cv : float, optional
        Coefficient of variation of a log-normal spread between people, between occasions; a
        fraction, not per cent.
    se : float, optional
        Standard error of the value, in ``unit``.
    source : str
        Where the number was read.
    """
    spread = list(variability)
    if cv is not None:
        spread.append(Variability.from_cv(cv))
    if occasion_cv is not None:
        spread.append(Variability.from_cv(occasion_cv, "occasion"))
    place = Place(source, "", "as written in the user's file")
    return Parameter(name, value, unit, meaning or name, place, tuple(spread), se)


class UserModel(Structure):
    """A linear model of a user's own, with or without responses."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""


class UserOdeModel(OdeModel):
    """A model of a user's own written as differential equations."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    compartments: ClassVar[Mapping[str, str]]


def ode_model(
    *,
    parameters: Sequence[Parameter],
    compartments: Mapping[str, str],
    outputs: Measured | Function,
    initial: Mapping[str, float | str] | None = None,
    covariates: Sequence[str] = (),
    individual: Function | None = None,
    entries: Function | None = None,
    responses: Function | None = None,
    covariances: Sequence[Covariance] = (),
    joint: Joint | None = None,
    residuals: Mapping[str, Residual] | None = None,
    amounts: Amounts = "mg",
    solver: Literal["explicit", "stiff"] = "explicit",
    reference: Mapping[str, float | str] | None = None,
) -> Callable[[Function], UserOdeModel]:
    """Make a model of one function ``f(t, x, p)`` that returns the rates of change.

    The function's name is the model's name, the first line of its docstring the title.

    Parameters
    ----------
    parameters : sequence of Parameter
        Made by :func:`parameter`.
    compartments : mapping
        Name and meaning of each, in the order of CMT.
    outputs : mapping, or function of p
        ``{"CP": ("central", "V")}``, or what :meth:`Structure.outputs` returns.
    individual, entries : function of (p, who), optional
        As the methods of :class:`Structure` of the same name.
    responses : function of p, optional
        The same.
    initial, covariates, covariances, joint, residuals, amounts, solver, reference : optional
        As the attributes of :class:`OdeModel` of the same name.

    Returns
    -------
    callable
        Decorator that turns the function into a :class:`UserOdeModel`.
    """

    def measured(p: Individual) -> Mapping[str, Concentration]:
        if callable(outputs):
            found: Mapping[str, Concentration] = outputs(p)
            return found
        return {
            name: Concentration(
                compartment, getattr(p, volume) if isinstance(volume, str) else volume
            )
            for name, (compartment, volume) in outputs.items()
        }

    def decorate(function: Function) -> UserOdeModel:
        members: dict[str, Any] = {
            "__module__": function.__module__,
            "__doc__": function.__doc__,
            "name": function.__name__,
            "title": (inspect.getdoc(function) or function.__name__).split("\n")[0].rstrip("."),
            "parameters": tuple(parameters),
            "compartments": compartments,
            "initial": initial or {},
            "covariates": tuple(covariates),
            "covariances": tuple(covariances),
            "joint": joint,
            "residuals": residuals or {},
            "amounts": amounts,
            "solver": solver,
            "reference": reference or {},
            "derivatives": staticmethod(function),
            "outputs": staticmethod(measured),
        }
        given = {"individual": individual, "entries": entries, "responses": responses}
        members.update({name: staticmethod(f) for name, f in given.items() if f is not None})
        made: UserOdeModel = type(function.__name__, (UserOdeModel,), members)()
        return made

    return decorate


def where(condition: Array, then: Array, otherwise: Array) -> Array:
    """Choose for each person: ``then`` where the condition holds, else ``otherwise``."""
    return numeric(condition, then, otherwise).where(condition, then, otherwise)


def exp(value: Array) -> Array:
    """Return e to the power of a value."""
    return numeric(value).exp(value)


def log(value: Array) -> Array:
    """Return the natural logarithm."""
    return numeric(value).log(value)


def sqrt(value: Array) -> Array:
    """Return the square root."""
    return numeric(value).sqrt(value)


def minimum(first: Array, second: Array) -> Array:
    """Return the smaller of two values, for each person."""
    return numeric(first, second).minimum(first, second)


def maximum(first: Array, second: Array) -> Array:
    """Return the larger of two values, for each person."""
    return numeric(first, second).maximum(first, second)
