"""The shape of a model, for drawings and listings: what flows where, for a typical person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ketascope.models.checks import STANDARD
from ketascope.models.individuals import typical_values
from ketascope.models.parts import Array, Covariates, Individual
from ketascope.models.responses import Direct, Hazard, Response, Turnover
from ketascope.models.structure import Model, OdeModel, Structure, reference_person

KINDS: Mapping[type, str] = {Direct: "direct", Turnover: "turnover", Hazard: "hazard"}
_ENOUGH = 1e-4
"""Relative size below which a difference of two slopes is rounding."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one compartment to another.

    Parameters
    ----------
    start, end : str
        Compartments; ``OUT`` leaves the body.
    rate : float or None
        1/h for the reference person; None where it depends on the amounts.
    takes : bool
        Whether the first loses what the second gains; an effect site takes nothing.
    """

    start: str
    end: str
    rate: float | None = None
    takes: bool = True


@dataclass(frozen=True, slots=True)
class Effect:
    """A response: its kind, and the names that it reads."""

    kind: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a drawing of a model shows.

    Parameters
    ----------
    compartments : mapping of name to meaning, in order
    flows : tuple of Flow
    outputs : mapping of output to the compartment behind it
    given : mapping of compartment to the routes that reach it first
    responses : mapping of name to Effect
    numbered : bool
        Whether doses name the compartments by number, as in a data set.
    """

    compartments: Mapping[str, str]
    flows: tuple[Flow, ...]
    outputs: Mapping[str, str]
    given: Mapping[str, tuple[str, ...]]
    responses: Mapping[str, Effect]
    numbered: bool


def reference_individual(model: Structure) -> tuple[Individual, Covariates]:
    """Return the parameters and covariates of a model's reference person, as numbers."""
    person: dict[str, Any] = dict(reference_person(model))
    age, weight, height, sex, race = (person.pop(name) for name in STANDARD)
    who = Covariates(age, weight, height, sex, race, person)
    return model.individual(Individual(typical_values(model)), who), who


def shape_of(model: Structure) -> Shape:
    """Return the shape of a model, at the parameters of its reference person."""
    p, _ = reference_individual(model)
    equations = isinstance(model, OdeModel)
    return Shape(
        compartments=dict(model.compartments),
        flows=_equations(model, p) if isinstance(model, OdeModel) else _flows(model, p),
        outputs={name: output.compartment for name, output in model.outputs(p).items()},
        given=_given(model, p) if isinstance(model, Model) else {},
        responses={
            name: Effect(KINDS[type(response)], reads)
            for name, response, reads in _responses(model, p)
        },
        numbered=not isinstance(model, Model) or equations,
    )


def _flows(model: Structure, p: Individual) -> tuple[Flow, ...]:
    return (
        *(Flow(start, end, float(rate)) for (start, end), rate in model.flows(p).items()),
        *(Flow(start, end, float(rate), False) for (start, end), rate in model.drives(p).items()),
    )


def _equations(model: OdeModel, p: Individual) -> tuple[Flow, ...]:
    """Find out what flows where from the slopes of the equations, at some amounts.

    A compartment feeds those that gain by its amount, the slowest first, as long as it loses as
    much; others are driven by it, and what it loses beyond leaves the body.
    """
    import jax
    import numpy as np

    from ketascope.models.parts import OUT

    names = list(model.compartments)
    values = {name: p[name] for name in p.names()}

    def rates(amounts: list[Array]) -> list[Array]:
        found = model.derivatives(
            1.0, Individual(dict(zip(names, amounts, strict=True))), Individual(values)
        )
        return [1.0 * found[name] + 0.0 * sum(amounts) for name in names]

    amounts = [1.0 + 0.1 * k for k in range(len(names))]
    slopes = np.asarray(jax.jacfwd(rates)(amounts), dtype=float)
    flows = []
    for j, start in enumerate(names):
        fed = {i: slopes[i, j] for i in range(len(names)) if i != j and slopes[i, j] != 0}
        lost = -slopes[j, j] * (1 + _ENOUGH)
        left = lost
        for i, slope in sorted(fed.items(), key=lambda item: item[1]):
            takes = bool(0 < slope <= left)
            left -= slope * takes
            flows.append(Flow(start, names[i], None, takes))
        if left > 2 * _ENOUGH * abs(lost):
            flows.append(Flow(start, OUT, None))
    return tuple(flows)


def _given(model: Model, p: Individual) -> dict[str, tuple[str, ...]]:
    """Return the routes by the compartment that a dose of each reaches first."""
    from ketascope.dosing import Administration, Amount

    found: dict[str, tuple[str, ...]] = {}
    for route in model.routes:
        what: dict[str, Any] = {"drug": model.drug, "route": route, "amount": Amount(1.0, "mg")}
        dose = Administration(time=0.0, duration=0.0, session=0, device=0, form=None, **what)
        for into in model.inputs(p, dose):
            found[into.compartment] = (*found.get(into.compartment, ()), route)
    return found


class _Noted:
    """Signals that note which of them are read."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        self._values = dict(values)
        self._read: list[str] = []

    def __getattr__(self, name: str) -> Array:
        try:
            value = self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None
        if name not in self._read:
            self._read.append(name)
        return value


def _responses(model: Structure, p: Individual) -> list[tuple[str, Response, tuple[str, ...]]]:
    signals = dict.fromkeys([*model.compartments, *model.outputs(p), "time"], 1.0)
    found = []
    for name, response in model.responses(p).items():
        s = _Noted(signals)
        if isinstance(response, Direct):
            response.value(s)
        elif isinstance(response, Turnover):
            response.production(s)
            response.loss(s)
        else:
            response.rate(s)
        found.append((name, response, tuple(s._read)))
        signals[name] = 1.0
    return found
