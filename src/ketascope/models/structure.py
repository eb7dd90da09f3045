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
from typing import TYPE_CHECKING, ClassVar, Literal

from ketascope.errors import InputError
from ketascope.evidence.parameter import Parameter
from ketascope.models.parts import (
    OUT,
    TO_INTERNAL,
    Array,
    Concentration,
    Covariance,
    Covariates,
    Entry,
    Individual,
    Into,
    Joint,
    People,
    Residual,
    internal,
    numeric,
)
from ketascope.models.responses import Response

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

__all__ = [
    "OUT",
    "TO_INTERNAL",
    "Amounts",
    "Array",
    "Concentration",
    "Covariance",
    "Covariates",
    "Entry",
    "Individual",
    "Into",
    "Joint",
    "Model",
    "OdeModel",
    "People",
    "Residual",
    "Structure",
    "internal",
    "numeric",
]

Amounts = Literal["mg", "umol"]
ModelStatus = Literal["population model", "typical values only"]
Matrix = Literal["plasma", "serum", "whole blood", "not stated"]
DosesAs = Literal["base", "hydrochloride", "not stated"]


class Structure(ABC):
    """What the engine needs of a model: parameters, compartments, flows, outputs, responses.

    A published model (:class:`Model`) and a user's own (:mod:`ketascope.models.user`) are both
    one of these.
    """

    name: ClassVar[str]
    """File name and ``--model`` name."""
    title: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    covariances: ClassVar[tuple[Covariance, ...]] = ()
    joint: ClassVar[Joint | None] = None
    """Joint uncertainty of the typical values, where a covariance matrix of estimates is known."""
    residuals: ClassVar[Mapping[str, Residual]] = {}
    """Residual error by output."""
    compartments: ClassVar[Mapping[str, str]]
    """Name and meaning of each compartment, in order; the first is number 1 of a data set."""
    amounts: ClassVar[Amounts] = "mg"
    covariates: ClassVar[tuple[str, ...]] = ()
    """Covariates that change the result; for a data set, names of its columns."""
    reference: ClassVar[Mapping[str, float | str]] = {}
    """Covariates of the person for whom the model is checked and drawn, where they are not those
    of :func:`reference_person`."""

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
    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Return what is measured, by analyte."""

    def responses(self, p: Individual) -> Mapping[str, Response]:
        """Return what follows from the concentrations, each able to read those before it.

        See :mod:`ketascope.models.responses`; the default is none.
        """
        del p
        return {}

    def entries(self, p: Individual, who: Covariates) -> Mapping[str, Entry]:
        """Return, by compartment, how doses of a data set enter it.

        A compartment that is not named takes doses as they are, which is the default for all.
        """
        del p, who
        return {}

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


def reference_person(model: Structure) -> dict[str, float | str]:
    """Return the covariates of the person for whom a model is checked and drawn.

    45 years, 70 kg, 170 cm, white, female; any other covariate of the model is 1; its attribute
    ``reference`` says otherwise.
    """
    usual: dict[str, float | str] = {"age": 45.0, "weight": 70.0, "height": 170.0}
    usual.update(sex="female", race="white")
    rest: dict[str, float | str] = dict.fromkeys(model.covariates, 1.0)
    return {**rest, **usual, **model.reference}


class OdeModel(Structure):
    """A model written as ordinary differential equations, solved numerically.

    Subclasses write :meth:`derivatives` instead of :meth:`flows`; doses, outputs and responses are
    as for any other model.
    """

    initial: ClassVar[Mapping[str, float | str]] = {}
    """Amounts at time 0 and after a reset, a number or the name of a parameter; 0 if not named."""
    solver: ClassVar[Literal["explicit", "stiff"]] = "explicit"

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """An ODE model has no table of flows."""
        del p
        return {}

    @abstractmethod
    def derivatives(self, t: Array, x: Individual, p: Individual) -> Mapping[str, Array]:
        """Return the rate of change of each compartment, amount per hour, without the doses.

        Parameters
        ----------
        t : Array
            Hours.
        x : Individual
            Amounts by compartment.
        p : Individual
            Parameters.
        """


class Model(Structure):
    """One publication's model, declared as printed.

    Subclasses set the attributes below and write :meth:`flows`, :meth:`inputs`,
    :meth:`outputs` and, where people differ by covariates, :meth:`individual`.
    """

    source: ClassVar[str]
    """Key in sources.bib."""
    drug: ClassVar[str]
    """The drug that is dosed: ketamine (racemate), esketamine or arketamine."""
    routes: ClassVar[tuple[str, ...]]
    forms: ClassVar[Mapping[str, str]] = {}
    """Form of the drug studied, for routes where the form decides exposure."""
    analytes: ClassVar[tuple[str, ...]]
    sampling: ClassVar[Literal["venous", "arterial", "not stated"]]
    matrix: ClassVar[Matrix] = "not stated"
    """In what the drug was measured, as far as the source was read."""
    doses_as: ClassVar[DosesAs] = "not stated"
    """As what the doses of the source were weighed; a dose given here is always mg of base."""
    people: ClassVar[People]
    status: ClassVar[ModelStatus]
    made_here: ClassVar[str] = ""
    """What this project did to make the model, where no publication has it whole: every run with it
    warns so."""
    readings: ClassVar[tuple[str, ...]] = ()
    """What had to be read into the source."""
    leaves_out: ClassVar[tuple[str, ...]] = ()
    not_for: ClassVar[tuple[str, ...]] = ()
    defects: ClassVar[tuple[str, ...]] = ()
    flags: ClassVar[Mapping[tuple[str, str], str]] = {}
    """Defects of single figures, a sentence each, to stand beside the figure wherever it is shown:
    by analyte and measure (``cmax``, ``tmax``, ``auc24``, ``half_life``, ``last``)."""

    @abstractmethod
    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Return where a dose goes, by its route (and device, for the nasal spray)."""
