"""Responses of a model: what they read, and their values at a moment and over a step.

Responses without a memory are functions of the moment. The others are carried over a step
by collocation (:mod:`ketascope.engine.collocation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ketascope.engine.collocation import collocate
from ketascope.engine.tolerances import ATOL, FINEST, RTOL, SMALLEST, check_tolerance
from ketascope.errors import InputError
from ketascope.models.responses import Direct, Hazard, Response, Turnover, functions_of
from ketascope.models.structure import Individual, Structure


class Signals:
    """Values at some moments by name, as attributes; notes which names were read."""

    def __init__(self, values: Mapping[str, Any], read: set[str] | None = None) -> None:
        self._values = dict(values)
        self._read = read

    def __getattr__(self, name: str) -> Any:
        values: dict[str, Any] = self.__dict__["_values"]
        if name not in values:
            known = ", ".join(values)
            raise AttributeError(f"there is no '{name}' to respond to; there are {known}")
        if self.__dict__["_read"] is not None:
            self.__dict__["_read"].add(name)
        return values[name]

    def set(self, name: str, value: Any) -> None:
        """Add what later responses may read."""
        self._values[name] = value

    def values(self) -> Mapping[str, Any]:
        """Return all values by name."""
        return self._values


class _Noted(Individual):
    """Parameters that note which of them were read."""

    def __init__(self, values: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(values)
        self._read = read

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        self.__dict__["_read"].add(name)
        return value

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)


@dataclass(frozen=True)
class Program:
    """The responses of a model, as a compiled program is built around them.

    Parameters
    ----------
    model : Structure
    names : tuple of str
        What is returned, in order; a hazard gives two.
    kept : tuple of str
        Responses with a memory, in order: the states that are carried along.
    steady : tuple of str
        Those of them whose loss depends on parameters alone.
    passed_on : tuple of str
        Responses that later ones read.
    compartments : tuple of str
        Compartments whose amounts are needed, by themselves or behind an output.
    outputs : tuple of tuple of str
        Outputs that are read, with their compartments.
    parameters : tuple of str
        Parameters that are read, by the responses or by the outputs behind them.
    rtol, atol : float
    """

    model: Structure
    names: tuple[str, ...]
    kept: tuple[str, ...]
    steady: tuple[str, ...]
    passed_on: tuple[str, ...]
    compartments: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    parameters: tuple[str, ...]
    rtol: float = RTOL
    atol: float = ATOL

    def initial(self, p: Individual, people: int) -> Any:
        """Return the carried states at the start: (kept, people)."""
        rows = [np.zeros((0, people))]
        for response in self.model.responses(p).values():
            if isinstance(response, Turnover):
                rows.append(np.broadcast_to(np.asarray(response.initial, float), (1, people)))
            elif isinstance(response, Hazard):
                rows.append(np.zeros((1, people)))
        return np.concatenate(rows)


def find_program(
    model: Structure, p: Individual, *, rtol: float = RTOL, atol: float = ATOL
) -> Program | None:
    """Find out what a model's responses are and what they read; None if it has none.

    Parameters
    ----------
    p : Individual
        Parameters of some people, as numbers or NumPy arrays.

    Raises
    ------
    InputError
        If a tolerance is not usable, or a response reads what there is not.
    """
    check_tolerance("relative", rtol, FINEST)
    check_tolerance("absolute", atol, SMALLEST)
    first = Individual({name: _first(p[name]) for name in p.names()})
    if not model.responses(first):
        return None
    read, used = set[str](), set[str]()
    noted = _Noted({name: first[name] for name in first.names()}, used)
    measured = model.outputs(first)
    signals = Signals(
        {
            **dict.fromkeys(model.compartments, 1.0),
            **dict.fromkeys(measured, 1.0),
            "time": 0.0,
        },
        read,
    )
    names, kept, steady = list[str](), list[str](), list[str]()
    try:
        for name, response in model.responses(noted).items():
            _call(response, signals)
            signals.set(name, 1.0)
            names.extend([name, f"{name}_survival"] if isinstance(response, Hazard) else [name])
            if not isinstance(response, Direct):
                kept.append(name)
            if isinstance(response, Turnover) and not _reads(response.loss, signals):
                steady.append(name)
        # the volumes behind the outputs that are read are parameters too
        if read & set(measured):
            model.outputs(noted)
    except AttributeError as error:
        raise InputError(str(error), where=f"model {model.name}, responses") from None
    outputs = tuple((name, c.compartment) for name, c in measured.items() if name in read)
    behind = {compartment for _, compartment in outputs} | (read & set(model.compartments))
    return Program(
        model,
        tuple(names),
        tuple(kept),
        tuple(steady),
        tuple(name for name in names if name in read),
        tuple(c for c in model.compartments if c in behind),
        outputs,
        tuple(name for name in p.names() if name in used),
        rtol,
        atol,
    )


def _first(value: Any) -> Any:
    """Take one person's number out of an array over people, or occasions by people."""
    return value if np.ndim(value) == 0 else float(np.asarray(value).reshape(-1)[0])


def _reads(function: Any, signals: Signals) -> bool:
    """Whether a function of a response reads anything but parameters."""
    read = set[str]()
    function(Signals(signals.values(), read))
    return bool(read)


def _call(response: Any, s: Any) -> None:
    """Evaluate every function of a response, for what it reads."""
    if not isinstance(response, Response):
        raise InputError(
            f"a response is {type(response).__name__}",
            hint="give Direct, Turnover or Hazard of ketascope.models.responses",
        )
    for function in functions_of(response).values():
        function(s)


def signals_of(program: Program, p: Individual, amounts: Sequence[Any], time: Any) -> Signals:
    """Put together what responses may read, from the amounts in ``program.compartments``."""
    from ketascope.engine.problem import factor_of

    by_name = dict(zip(program.compartments, amounts, strict=True))
    values = dict(by_name)
    if program.outputs:
        measured = program.model.outputs(p)
        for name, compartment in program.outputs:
            values[name] = by_name[compartment] * factor_of(program.model, name, measured[name])
    return Signals({**values, "time": time})


def panel(
    program: Program, p: Individual, amounts: Sequence[Any], time: Any, start: Any, step: Any
) -> tuple[Any, Any, Any]:
    """Carry the responses over one step.

    Parameters
    ----------
    amounts : sequence of Array, each of shape (5, people)
        Amounts in ``program.compartments`` at the points of the step.
    time : Array, shape (5, ...)
        Hours at these points.
    start : Array, shape (kept, people)
    step : Array
        Length, h: a number or one a person.

    Returns
    -------
    end : Array, shape (kept, people)
    values : Array, shape (names, people)
        What is returned, at the end of the step.
    excess : Array, shape (people,)
        Estimated error as a multiple of the tolerance.
    """
    s = signals_of(program, p, amounts, time)
    ends: list[Any] = []
    values: list[Any] = []
    excess: Any = 0.0
    shape = start.shape[1:]
    for name, response in program.model.responses(p).items():
        if isinstance(response, Direct):
            points = response.value(s)
            values.append(jnp.broadcast_to(points, (5, *shape))[4])
            excess = jnp.where(jnp.isnan(values[-1]), jnp.nan, excess)
        else:
            before = start[len(ends)]
            make, lose = _rates(response, s, (5, *shape))
            later, error = collocate(make, lose, before, step)
            points = jnp.stack([before, *later])
            scale = program.atol + program.rtol * jnp.maximum(abs(before), abs(later[3]))
            excess = jnp.maximum(excess, error / scale)
            ends.append(later[3])
            values.append(later[3])
            if isinstance(response, Hazard):
                values.append(jnp.exp(-later[3]))
        s.set(name, points)
    end = jnp.stack(ends) if ends else start
    return end, jnp.stack(values), jnp.broadcast_to(excess, shape)


def _rates(response: Any, s: Signals, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Production and loss at the points of a step."""
    if isinstance(response, Hazard):
        return jnp.broadcast_to(response.rate(s), shape), jnp.zeros(shape)
    return (
        jnp.broadcast_to(response.production(s), shape),
        jnp.broadcast_to(response.loss(s), shape),
    )


def at_once(program: Program, p: Individual, amounts: Sequence[Any], time: Any, kept: Any) -> Any:
    """Return the values of all responses at one moment, given the carried states.

    Parameters
    ----------
    amounts : sequence of Array, each of shape (people,)
    kept : Array, shape (kept, people)

    Returns
    -------
    Array, shape (names, people)
    """
    s = signals_of(program, p, amounts, time)
    values: list[Any] = []
    k = 0
    for name, response in program.model.responses(p).items():
        if isinstance(response, Direct):
            value = jnp.broadcast_to(response.value(s), kept.shape[1:])
            values.append(value)
        else:
            value, k = kept[k], k + 1
            values.append(value)
            if isinstance(response, Hazard):
                values.append(jnp.exp(-value))
        s.set(name, value)
    return jnp.stack(values)
