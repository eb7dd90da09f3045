"""The right-hand side of a model's differential equations, for one person.

Responses with a memory (:class:`Turnover`, :class:`Hazard`) are states like the amounts: they
follow the compartments, in the order in which the model names them. A linear model can be written
in the same way, from its flows, so that one numerical solution serves all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ketascope.engine.problem import factor_of
from ketascope.engine.response import Signals
from ketascope.errors import InputError
from ketascope.models.responses import Direct, Hazard, Turnover
from ketascope.models.structure import OUT, Individual, OdeModel, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """The differential equations of a model.

    Parameters
    ----------
    model : Structure
    parameters : tuple of str
        Names of the parameters, in the order in which their values come.
    compartments : tuple of str
    kept : tuple of str
        Responses with a memory: the states after the compartments.
    """

    model: Structure
    parameters: tuple[str, ...]
    compartments: tuple[str, ...]
    kept: tuple[str, ...]

    @classmethod
    def of(cls, model: Structure, p: Individual) -> Field:
        """Find the states of a model."""
        responses = model.responses(p).items()
        kept = tuple(name for name, r in responses if isinstance(r, (Turnover, Hazard)))
        return cls(model, p.names(), tuple(model.compartments), kept)

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.compartments) + len(self.kept)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states."""
        return (*self.compartments, *self.kept)

    def rates(self, time: Any, state: Any, values: Any, feed: Any) -> Any:
        """Return the rates of change of one person's states.

        Parameters
        ----------
        time : Array, shape ()
            Clock time, h.
        state : Array, shape (size,)
        values : Array, shape (parameters,)
        feed : Array, shape (compartments,)
            Input, amount per hour.
        """
        p = Individual({name: values[k] for k, name in enumerate(self.parameters)})
        x = Individual({name: state[k] for k, name in enumerate(self.compartments)})
        change = _derivatives(self.model, time, x, p)
        amounts = [jnp.asarray(change[c], float) + feed[k] for k, c in enumerate(self.compartments)]
        memory: list[Any] = []
        if self.kept:
            self._respond(time, x, p, state[len(self.compartments) :], memory)
        return jnp.stack([*amounts, *(jnp.asarray(rate, float) for rate in memory)])

    def responses(self, time: Any, states: Any, p: Individual) -> dict[str, Any]:
        """Return the values of all responses; a hazard gives ``NAME_survival`` too.

        Parameters
        ----------
        time : Array, shape (R,)
        states : Array, shape (size, R)
        p : Individual
            Arrays of shape (R,).
        """
        x = Individual({name: states[k] for k, name in enumerate(self.compartments)})
        return self._respond(time, x, p, states[len(self.compartments) :], [])

    def _respond(
        self, time: Any, x: Individual, p: Individual, kept: Any, rates: list[Any]
    ) -> dict[str, Any]:
        """Return the responses, and put the rates of change of those with a memory into a list."""
        measured = {
            name: x[output.compartment] * factor_of(self.model, name, output)
            for name, output in self.model.outputs(p).items()
        }
        s = Signals({**{c: x[c] for c in x.names()}, **measured, "time": time})
        values: dict[str, Any] = {}
        for name, response in self.model.responses(p).items():
            if isinstance(response, Direct):
                values[name] = response.value(s)
            else:
                values[name] = kept[len(rates)]
                if isinstance(response, Hazard):
                    rates.append(response.rate(s))
                    values[f"{name}_survival"] = jnp.exp(-values[name])
                else:
                    rates.append(response.production(s) - response.loss(s) * values[name])
            s.set(name, values[name])
        return values

    def initial(self, p: Individual, sets: int) -> Values:
        """Return the states at time 0 and after a reset: (size, sets).

        Raises
        ------
        InputError
            If an initial amount names no parameter, or a compartment that is not there.
        """
        start = np.zeros((self.size, sets))
        if isinstance(self.model, OdeModel):
            for name, value in self.model.initial.items():
                if name not in self.compartments or (
                    isinstance(value, str) and value not in self.parameters
                ):
                    raise InputError(
                        f"the initial amount '{value}' of '{name}' cannot be used",
                        where=f"model {self.model.name}",
                        hint="name a compartment, and give a number or a parameter",
                    )
                start[self.compartments.index(name)] = p[value] if isinstance(value, str) else value
        row = len(self.compartments)
        for response in self.model.responses(p).values():
            if isinstance(response, Turnover):
                start[row] = np.asarray(response.initial)
            row += isinstance(response, (Turnover, Hazard))
        return start

    @property
    def settling(self) -> Sequence[int]:
        """States that can come to a steady state: all but cumulative hazards."""
        p = Individual(dict.fromkeys(self.parameters, 1.0))
        responses = self.model.responses(p)
        hazards = {name for name, r in responses.items() if isinstance(r, Hazard)}
        return [k for k, name in enumerate(self.names) if name not in hazards]


def _derivatives(model: Structure, time: Any, x: Individual, p: Individual) -> Mapping[str, Any]:
    """Rates of change of the amounts, without inputs."""
    if not isinstance(model, OdeModel):
        return _linear(model, x, p)
    change = model.derivatives(time, x, p)
    if set(change) != set(model.compartments):
        wrong = ", ".join(sorted(set(change) ^ set(model.compartments)))
        raise InputError(
            f"the derivatives and the compartments do not agree about {wrong}",
            where=f"model {model.name}",
            hint="return one rate of change for each compartment",
        )
    return change


def _linear(model: Structure, x: Individual, p: Individual) -> Mapping[str, Any]:
    """Rates of change of a model of flows."""
    change: dict[str, Any] = dict.fromkeys(model.compartments, 0.0)
    for (source, target), rate in model.flows(p).items():
        moved = rate * x[source]
        change[source] = change[source] - moved
        if target != OUT:
            change[target] = change[target] + moved
    for (source, target), rate in model.drives(p).items():
        change[target] = change[target] + rate * x[source]
    return change
