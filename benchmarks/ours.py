"""The benchmark's model in Ketascope, and the calls that are timed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import course28d, people

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration
    from ketascope.models.structure import Model

    Values = NDArray[np.float64]
    Keep = Callable[[int, Values], None]

MODEL = Path(__file__).parents[1] / "examples/models/benchmark.py"


def benchmark_model() -> Model:
    """Load the model file."""
    spec = importlib.util.spec_from_file_location("benchmark_model", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: Model = module.model
    return model


def linear_model() -> Model:
    """The model without response and tolerance: the states of linear24h."""
    from ketascope.models.structure import OUT

    whole = benchmark_model()
    kept = {*people.STATES, OUT}

    def known(rates: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
        return {pair: rate for pair, rate in rates.items() if kept.issuperset(pair)}

    class Linear(type(whole)):  # type: ignore[misc]
        compartments: Mapping[str, str] = {name: whole.compartments[name] for name in people.STATES}

        def flows(self, p: Any) -> Any:
            return known(super().flows(p))

        def drives(self, p: Any) -> Any:
            return known(super().drives(p))

        def responses(self, p: Any) -> Any:
            return {}

    model: Model = Linear()
    return model


def infusions(starts: Sequence[float]) -> list[Administration]:
    """The benchmark's infusion at some hours."""
    from ketascope.dosing import parse_regimen, schedule

    words = f"ketamine {people.DOSE:g} mg iv over 40 min once"
    (one,) = schedule(parse_regimen(words)).administrations
    return [replace(one, time=start, session=k) for k, start in enumerate(starts)]


def runner(
    model: Model, doses: Sequence[Administration], times: Values, clearance: Values, volume: Values
) -> tuple[Callable[[Keep], None], list[str]]:
    """Return a call that runs all people, and the names of the states it gives.

    The call takes a function of a person's number and values of shape (times, states, people),
    which it calls for each block: the first number is that of the block's first person.
    """
    from ketascope.engine.solve import Block, Request, run
    from ketascope.models.structure import Individual

    request = Request(model, doses, times, every_state=True)
    amounts = [people.DOSE] * len(doses)

    def make(first: int, stop: int) -> Block:
        mine = {"CL": clearance[first:stop], "V1": volume[first:stop]}
        given = Individual({**course28d.CONSTANTS, **mine})
        return Block(first, stop - first, given, amounts)

    def call(keep: Keep) -> None:
        run(request, make, len(clearance), lambda block, values: keep(block.first, values))

    names = [*model.compartments, *model.responses(make(0, 1).individual)]
    return call, names


def prepared(
    model: Model,
    states: Sequence[str],
    doses: Sequence[Administration],
    times: Values,
    clearance: Values,
    volume: Values,
) -> Callable[[], Values]:
    """Return the call to be timed: from parameters to every state in a NumPy array.

    The array has shape (times, states, people) and is new for each call.
    """
    call, names = runner(model, doses, times, clearance, volume)
    places = [names.index(state) for state in states]
    as_they_come = places == list(range(len(names)))

    def every_state() -> Values:
        result = np.empty((len(times), len(states), len(clearance)))

        def keep(first: int, values: Values) -> None:
            who = slice(first, first + values.shape[-1])
            if as_they_come:
                result[:, :, who] = values
                return
            for k, place in enumerate(places):
                result[:, k, who] = values[:, place]

        call(keep)
        return result

    return every_state
