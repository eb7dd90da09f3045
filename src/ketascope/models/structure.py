"""What a model is made of: parameters, compartments, flows, inputs by route, and outputs.

A model is one class: its attributes say what was published, three short methods say how the
compartments are joined. Everything is in the internal system (h, L, kg; amounts in mg of base
or in umol), because parameters are handed over converted from the unit their source prints.

>>> from ketascope.models import get
>>> model = get("clements_1981")
>>> model.drug, model.routes
('ketamine', ('intravenous',))
>>> model.parameter("V1").place.source
'clements_1981'
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

from ketascope.errors import InputError
from ketascope.evidence.parameter import Parameter

if TYPE_CHECKING:
    from types import ModuleType

    from ketascope.dosing.schedule import Administration

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
    "L/h/year": 1.0,
    "1/h": 1.0,
    "1/min": 60.0,
    "h": 1.0,
    "min": 1.0 / 60.0,
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
    """

    text: str
    n: int | None = None
    age: tuple[float, float] | None = None
    weight: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariance of two random effects on the scale of eta."""

    first: str
    second: str
    value: float


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
    """Covariates of the people of a run: age (y), weight (kg), height (cm), sex, race."""

    age: Array
    weight: Array
    height: Array
    sex: Array
    race: Array
    more: Mapping[str, Array] = field(default_factory=dict)

    def of_race(self, *races: str) -> Array:
        """1.0 for people of one of these races, else 0.0."""
        import numpy as np

        return np.isin(self.race, races).astype(float)


Amounts = Literal["mg", "umol"]
ModelStatus = Literal["population model", "typical values only"]


class Model(ABC):
    """One publication's model, declared as printed.

    Subclasses set the attributes below and write :meth:`flows`, :meth:`inputs`,
    :meth:`outputs` and, where people differ by covariates, :meth:`individual`.
    """

    name: ClassVar[str]
    """File name and ``--model`` name."""
    title: ClassVar[str]
    source: ClassVar[str]
    """Key in sources.bib."""
    drug: ClassVar[str]
    """The drug that is dosed: ketamine (racemate), esketamine or arketamine."""
    routes: ClassVar[tuple[str, ...]]
    forms: ClassVar[Mapping[str, str]] = {}
    """Form of the drug studied, for routes where the form decides exposure."""
    analytes: ClassVar[tuple[str, ...]]
    sampling: ClassVar[Literal["venous", "arterial", "not stated"]]
    people: ClassVar[People]
    status: ClassVar[ModelStatus]
    parameters: ClassVar[tuple[Parameter, ...]]
    covariances: ClassVar[tuple[Covariance, ...]] = ()
    compartments: ClassVar[Mapping[str, str]]
    """Name and meaning of each compartment, in order."""
    amounts: ClassVar[Amounts] = "mg"
    covariates: ClassVar[tuple[str, ...]] = ()
    """Covariates that change the result."""
    readings: ClassVar[tuple[str, ...]] = ()
    """What had to be read into the source."""
    leaves_out: ClassVar[tuple[str, ...]] = ()
    not_for: ClassVar[tuple[str, ...]] = ()
    defects: ClassVar[tuple[str, ...]] = ()
    flags: ClassVar[Mapping[tuple[str, str], str]] = {}
    """Defects of single figures, a sentence each, to stand beside the figure wherever it is shown:
    by analyte and measure (``cmax``, ``tmax``, ``auc24``, ``half_life``, ``last``)."""

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Return the parameters with the effects of covariates (default: none)."""
        del who
        return p

    @abstractmethod
    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """Return first-order rate constants in 1/h by (from, to); ``OUT`` leaves the body."""

    def drives(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """Return rates at which a compartment is driven by another without taking from it.

        Effect compartments are written so; the default is none.
        """
        del p
        return {}

    @abstractmethod
    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Return where a dose goes, by its route (and device, for the nasal spray)."""

    @abstractmethod
    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Return what is measured, by analyte."""

    def parameter(self, name: str) -> Parameter:
        """Return one parameter by name.

        Raises
        ------
        InputError
            If the model has none of that name.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise InputError(f"the model {self.name} has no parameter '{name}'")

    @property
    def has_variability(self) -> bool:
        """Whether the source prints any spread between people or occasions."""
        return any(parameter.variability for parameter in self.parameters)

    @property
    def varies_by_occasion(self) -> bool:
        """Whether some parameter is drawn anew for each dosing session."""
        return any(v.level == "occasion" for p in self.parameters for v in p.variability)


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
