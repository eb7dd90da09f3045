"""Models of a user's own, from a Python file.

A file holds one class (or more, named on the command line as ``FILE.py:NAME``):

>>> from ketascope.models.user import OUT, Concentration, UserModel, parameter
>>> class OneCompartment(UserModel):
...     parameters = (parameter("CL", 1.1, "L/h", "clearance"), parameter("V", 20, "L", "volume"))
...     compartments = {"central": "drug in plasma, mg"}
...
...     def flows(self, p):
...         return {("central", OUT): p.CL / p.V}
...
...     def outputs(self, p):
...         return {"CP": Concentration("central", p.V)}
>>> OneCompartment().parameter("CL").unit
'L/h'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.structure import (
    OUT,
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
)

__all__ = [
    "OUT",
    "Array",
    "Concentration",
    "Covariance",
    "Covariates",
    "Entry",
    "Individual",
    "Joint",
    "Residual",
    "UserModel",
    "UserOdeModel",
    "Variability",
    "parameter",
]


def parameter(
    name: str,
    value: float,
    unit: str = "1",
    meaning: str = "",
    *variability: Variability,
    se: float | None = None,
    source: str = "",
) -> Parameter:
    """Return a parameter of a user's own model; the source is whatever the user writes."""
    place = Place(source, "", "as written in the user's file")
    return Parameter(name, float(value), unit, meaning or name, place, variability, se)


class UserModel(Structure):
    """A linear model of a user's own, with or without responses."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""


class UserOdeModel(OdeModel):
    """A model of a user's own written as differential equations."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    compartments: ClassVar[Mapping[str, str]]
