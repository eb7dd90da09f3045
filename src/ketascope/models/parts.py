"""What models are put together from: doses' paths, concentrations, people, values, units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ketascope.errors import InputError
from ketascope.evidence.parameter import Level, Parameter

if TYPE_CHECKING:
    from types import ModuleType

Array: TypeAlias = Any
"""A number, or an array over people (or occasions by people), NumPy or JAX."""

OUT: Final = "out"
"""Destination of a flow that leaves the body."""

TO_INTERNAL: Final[Mapping[str, float]] = {
    "1": 1.0,
    "L": 1.0,
    "L/kg": 1.0,
    "L/h": 1.0,
    "L/min": 60.0,
    "L/year": 1.0,
    "L/h/year": 1.0,
    "L/min/year": 60.0,
    "1/min/year": 60.0,
    "ug/L/year": 1.0,
    "1/h": 1.0,
    "1/min": 60.0,
    "h": 1.0,
    "min": 1.0 / 60.0,
    "1/day": 1.0 / 24.0,
    "day": 24.0,
    "kg": 1.0,
    "mg": 1.0,
    "ug": 1e-3,
    "g": 1e3,
    "umol": 1.0,
    "mg/h": 1.0,
    "mg/day": 1.0 / 24.0,
    "ug/h": 1e-3,
    "umol/h": 1.0,
    "mg/L": 1000.0,
    "ug/L": 1.0,
    "ng/mL": 1.0,
    "ug/mL": 1000.0,
    "umol/L": 1.0,
    "mL": 1e-3,
    "mL/h": 1e-3,
    "mL/min": 0.06,
    "mL/kg": 1e-3,
    "mL/min/kg": 0.06,
    "L/min/kg": 60.0,
    "L/day": 1.0 / 24.0,
    "L/h/kg": 1.0,
    "cm": 1.0,
    "year": 1.0,
    "mmHg": 1.0,
    "g/mol": 1.0,
}
"""Factor from each unit a model may use to the internal one (the tests hold it against Pint)."""


@dataclass(frozen=True, slots=True)
class Into:
    """Where part of a dose goes.

    Parameters
    ----------
    compartment : str
        Compartment that receives it.
    fraction : Array
        Share of the dose that arrives (bioavailability of this path).
    duration : Array or None
        Hours of zero-order input that the model itself gives the path; None takes the duration
        of the administration (0 is at once).
    lag : Array
        Hours before it begins.
    """

    compartment: str
    fraction: Array = 1.0
    duration: Array | None = None
    lag: Array = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """How doses of a data set enter a compartment.

    Parameters
    ----------
    bioavailability : Array
        Share of the dose that arrives (F of NONMEM).
    lag : Array
        Hours before it begins (ALAG).
    duration : Array or None
        Hours of input of a record with RATE -2 (D); needed only for such records.
    rate : Array or None
        Amount per hour of a record with RATE -1 (R).
    """

    bioavailability: Array = 1.0
    lag: Array = 0.0
    duration: Array | None = None
    rate: Array | None = None


@dataclass(frozen=True, slots=True)
class Concentration:
    """A measured concentration: the amount in a compartment over a volume in L."""

    compartment: str
    volume: Array


@dataclass(frozen=True, slots=True)
class People:
    """Whom a model was made from.

    Parameters
    ----------
    text : str
        Who they were, in words.
    n : int or None
        How many; None where the source as read does not say.
    age, weight : tuple of float or None
        Range in years and in kg, where printed; outside it a result carries a warning.
    children : bool
        Whether they were children: such a model is not for adults, any other not for children.
    ill : str
        Their illness, where it may change exposure, as a group: ``critically ill adults``; empty
        for healthy people and for patients who take the drug for what it is meant for.
    """

    text: str
    n: int | None = None
    age: tuple[float, float] | None = None
    weight: tuple[float, float] | None = None
    children: bool = False
    ill: str = ""


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariance of two random effects on the scale of eta."""

    first: str
    second: str
    value: float
    level: Level = "subject"


@dataclass(frozen=True, slots=True)
class Joint:
    """Joint uncertainty of typical values: the covariance matrix of the estimates.

    Parameters
    ----------
    names : tuple of str
        Parameters, in the order of the rows.
    matrix : tuple of tuple of float
        Covariances, symmetric and positive semi-definite: of the logarithms of the values with
        ``scale="log"`` (a redrawn value stays positive), of the values in their printed units with
        ``scale="natural"``.
    scale : {"log", "natural"}
    """

    names: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    scale: Literal["log", "natural"] = "log"


@dataclass(frozen=True, slots=True)
class Residual:
    """Residual error of an output, from standard deviations that are parameters of the model.

    Parameters
    ----------
    additive, proportional, log : str or None
        Names of parameters: SD in the unit of the output, SD as a fraction of the value, SD of
        the logarithm. Additive and proportional may go together (combined); log stands alone.
    """

    additive: str | None = None
    proportional: str | None = None
    log: str | None = None


class Individual:
    """Parameter values of the people of a run, by name, in internal units."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        self._values = dict(values)

    def __getattr__(self, name: str) -> Array:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"the model has no parameter '{name}'") from None

    def __getitem__(self, name: str) -> Array:
        return self._values[name]

    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of the model."""
        return tuple(self._values)

    def replace(self, **values: Array) -> Individual:
        """Return a copy in which some parameters have other values."""
        unknown = set(values) - set(self._values)
        if unknown:
            raise KeyError(f"the model has no parameter {', '.join(sorted(unknown))}")
        return Individual({**self._values, **values})


@dataclass(frozen=True, slots=True)
class Covariates:
    """Covariates of the people of a run: age (y), weight (kg), height (cm), sex, race.

    Further columns of a data set are attributes of their own name.
    """

    age: Array
    weight: Array
    height: Array
    sex: Array
    race: Array
    more: Mapping[str, Array] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Array:
        try:
            return object.__getattribute__(self, "more")[name]
        except (AttributeError, KeyError):
            raise AttributeError(f"there is no covariate '{name}'") from None

    def of_race(self, *races: str) -> Array:
        """1.0 for people of one of these races, else 0.0."""
        import numpy as np

        return np.isin(self.race, races).astype(float)


def internal(parameter: Parameter) -> float:
    """Return a parameter's typical value in internal units.

    Raises
    ------
    InputError
        If its unit is not one a model may use.
    """
    try:
        return parameter.value * TO_INTERNAL[parameter.unit]
    except KeyError:
        raise InputError(
            f"parameter {parameter.name} has the unit '{parameter.unit}'",
            hint=f"a model may use {', '.join(TO_INTERNAL)}",
        ) from None


def numeric(*values: Array) -> ModuleType:
    """Return the array module of the values: ``jax.numpy`` if any is a JAX array, else NumPy."""
    if any(type(value).__module__.split(".")[0] in ("jax", "jaxlib") for value in values):
        import jax.numpy as jnp

        return jnp
    import numpy as np

    return np
