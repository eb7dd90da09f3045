"""Small models and one-line ways to run them, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import numpy as np

from ketascope.dosing import Administration, Amount
from ketascope.engine import shapes, solve
from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.responses import Hazard
from ketascope.models.structure import OUT, Concentration, Individual, Into, Model, People

HERE = Place("none", "made for a test", "made for a test")
Inputs = Callable[[Individual, Administration], tuple[Into, ...]]


def number(name: str, value: float, unit: str = "1", *spread: Variability) -> Parameter:
    """A parameter that no publication stands behind."""
    return Parameter(name, value, unit, name, HERE, spread)


def toy(
    compartments: Sequence[str],
    flows: Callable[[Individual], Mapping[tuple[str, str], Any]],
    inputs: Inputs | str,
    *,
    parameters: Sequence[Parameter] = (),
    drives: Callable[[Individual], Mapping[tuple[str, str], Any]] | None = None,
    outputs: Callable[[Individual], Mapping[str, Concentration]] | None = None,
    **attributes: Any,
) -> Model:
    """A model out of functions; ``inputs`` may be the name of the compartment that is dosed.

    Without ``outputs``, the first compartment holds ketamine in 1 L.
    """
    default = {"ketamine": Concentration(compartments[0], 1.0)}

    class Toy(Model):
        def flows(self, p: Individual) -> Mapping[tuple[str, str], Any]:
            return flows(p)

        def drives(self, p: Individual) -> Mapping[tuple[str, str], Any]:
            return drives(p) if drives else {}

        def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
            return (Into(inputs),) if isinstance(inputs, str) else inputs(p, dose)

        def outputs(self, p: Individual) -> Mapping[str, Concentration]:
            return outputs(p) if outputs else default

    given = {
        "name": "toy",
        "title": "Toy",
        "source": "none",
        "drug": "ketamine",
        "routes": ("intravenous",),
        "analytes": tuple(outputs(_Any())) if outputs else ("ketamine",),
        "sampling": "not stated",
        "people": People("nobody"),
        "status": "typical values only",
        "parameters": tuple(parameters),
        "compartments": dict.fromkeys(compartments, ""),
    }
    for name, value in {**given, **attributes}.items():
        setattr(Toy, name, value)
    return Toy()


class _Any(Individual):
    """Stands for any parameters where only the names of the outputs matter."""

    def __init__(self) -> None:
        super().__init__({})

    def __getattr__(self, name: str) -> float:
        return 1.0


def dose(time: float, mg: float, duration: float = 0.0, **more: Any) -> Administration:
    """An intravenous dose of ketamine unless more is said."""
    given = {"drug": "ketamine", "route": "intravenous", "session": 0, **more}
    return Administration(time=time, amount=Amount(mg, "mg"), duration=duration, **given)


def run(
    model: Model,
    doses: Sequence[Administration],
    times: Sequence[float] | np.ndarray,
    values: Mapping[str, Any] | None = None,
    *,
    people: int = 1,
    amounts: Sequence[Any] | None = None,
    occasion_starts: Sequence[float] = (),
    every_state: bool = True,
    block: int | None = None,
    workers: int | None = 1,
    coarse: bool = True,
    **asked: Any,
) -> np.ndarray:
    """What the engine gives: (people, outputs, times), mg in every compartment by default.

    Responses, and what a hazard comes to, follow. More may be asked of the engine by name.

    ``values`` are parameters by name, numbers or arrays whose last axis is the people. ``coarse``
    pads arrays further than the engine would, so that the tests share a few compiled programs.
    """
    p = {parameter.name: parameter.value for parameter in model.parameters} | dict(values or {})
    mg = [d.amount.value for d in doses] if amounts is None else amounts

    def part(value: Any, first: int, stop: int) -> Any:
        return value if np.ndim(value) == 0 else np.asarray(value)[..., first:stop]

    def make(first: int, stop: int) -> solve.Block:
        mine = Individual({name: part(value, first, stop) for name, value in p.items()})
        return solve.Block(first, stop - first, mine, [part(a, first, stop) for a in mg])

    outputs = len(model.compartments) if every_state else len(model.analytes)
    responses = model.responses(make(0, 1).individual).values()
    outputs += sum(2 if isinstance(response, Hazard) else 1 for response in responses)
    found = np.full((people, outputs, len(times)), np.nan)

    def keep(given: solve.Block, values: np.ndarray) -> None:
        found[given.first : given.first + given.count] = values.transpose(2, 1, 0)

    request = solve.Request(
        model, tuple(doses), np.asarray(times, dtype=float), occasion_starts, every_state, **asked
    )
    with patch.multiple(shapes, doubled=padded, bucket=padded) if coarse else nullcontext():
        solve.run(request, make, people, keep, block=block, workers=workers)
    return found


def padded(count: int, least: int) -> int:
    """A length of 32, or doubled until it is enough."""
    size = max(32, least)
    while size < count:
        size *= 2
    return size


def one_compartment(k: float = 0.3) -> Model:
    """Elimination only."""
    return toy(["body"], lambda p: {("body", OUT): p.k}, "body", parameters=[number("k", k, "1/h")])


def depot(ka: float, k: float, inputs: Inputs | str = "gut") -> Model:
    """First-order absorption into a body with elimination."""
    return toy(
        ["body", "gut"],
        lambda p: {("gut", "body"): p.ka, ("body", OUT): p.k},
        inputs,
        parameters=[number("ka", ka, "1/h"), number("k", k, "1/h")],
    )


def chain(n: int, k: float, *, collect: bool = True) -> Model:
    """A dose that passes n compartments at the same rate and is collected after the last."""
    names = [f"step{i + 1}" for i in range(n)]
    targets = [*names[1:], "end" if collect else OUT]
    return toy(
        [*names, "end"] if collect else names,
        lambda p: dict.fromkeys(zip(names, targets, strict=True), p.k),
        "step1",
        parameters=[number("k", k, "1/h")],
    )
