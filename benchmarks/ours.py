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


class Trajectories:
    """Every state of everybody in one array of memory, block after block.

    Indexed like an array of shape (times, states, people), for single people only.
    """

    def __init__(self, times: int, places: Sequence[int], count: int) -> None:
        self.shape = (times, len(places), count)
        self.size = times * len(places) * count
        self._places = list(places)
        self._memory = np.empty(self.size)
        self._firsts: dict[int, Values] = {}

    def put(self, first: int, values: Values) -> None:
        """Copy a block in, shape (times, states as they come, people of the block)."""
        begin = first * self.shape[0] * self.shape[1]
        block = self._memory[begin : begin + values.size].reshape(values.shape)
        block[...] = values
        self._firsts[first] = block

    def __getitem__(self, key: tuple[slice, slice, int]) -> Values:
        times, states, i = key
        first = max(first for first in self._firsts if first <= i)
        return self._firsts[first][:, self._places, i - first][times, states]


def prepared(
    model: Model,
    states: Sequence[str],
    doses: Sequence[Administration],
    times: Values,
    clearance: Values,
    volume: Values,
) -> Callable[[], Trajectories]:
    """Return the call to be timed: from parameters to every state, copied into NumPy memory.

    The memory is made once, before the calls, and filled by each of them.
    """
    call, names = runner(model, doses, times, clearance, volume)
    places = [names.index(state) for state in states]

    result = Trajectories(len(times), places, len(clearance))

    def every_state() -> Trajectories:
        call(result.put)
        return result

    return every_state
