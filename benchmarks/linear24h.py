"""Ketascope on the case linear24h (run as a module: one JSON line)."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.exact import by_exponential, by_formula, error
from benchmarks.people import CONSTANTS, DOSE, STATES, TIMES, people

if TYPE_CHECKING:
    from ketascope.models.structure import Model

MODEL = Path(__file__).parents[1] / "examples/models/benchmark.py"
CHECKED = 50
"""People whose every state is held against the exact answers."""


def benchmark_model() -> Model:
    """Load the model file."""
    spec = importlib.util.spec_from_file_location("benchmark_model", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: Model = module.model
    return model


def use_cores(count: int) -> int:
    """Keep this process to that many cores, where the system lets it; return how many it has."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    mine = sorted(os.sched_getaffinity(0))[:count]
    os.sched_setaffinity(0, mine)
    return len(mine)


def main() -> None:
    """Time the warm call, then hold its numbers against the exact ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    cores = use_cores(given.cores)
    clearance, volume, origin = people(given.people)
    call = prepared(clearance, volume)
    begin = time.perf_counter()
    found = call()
    first = time.perf_counter() - begin
    seconds = []
    for _ in range(given.runs):
        begin = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - begin)
    checked = range(0, given.people, max(1, given.people // CHECKED))
    errors = [
        [error(found[:, :, i].T, exact(clearance[i], volume[i])) for i in checked]
        for exact in (by_exponential, by_formula)
    ]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "first": first,
                "cores": cores,
                "people": origin,
                "error": max(errors[0]),
                "error_formula": max(errors[1]),
                "checked": len(checked),
                "numbers": int(found.size),
            }
        )
    )


def prepared(clearance: Any, volume: Any) -> Any:
    """Return the call to be timed: from parameters to every state in a NumPy array.

    The array has shape (times, states, people) and is new for each call.
    """
    from ketascope.dosing import parse_regimen, schedule
    from ketascope.engine.solve import Block, Request, run
    from ketascope.models.structure import Individual

    model = benchmark_model()
    assert tuple(model.compartments) == STATES
    doses = schedule(parse_regimen(f"ketamine {DOSE:g} mg iv over 40 min once")).administrations
    request = Request(model, doses, TIMES, every_state=True)
    count = len(clearance)

    def make(first: int, stop: int) -> Block:
        mine = {"CL": clearance[first:stop], "V1": volume[first:stop]}
        return Block(first, stop - first, Individual({**CONSTANTS, **mine}), [DOSE])

    def call() -> Any:
        result = np.empty((len(TIMES), len(STATES), count))

        def keep(block: Block, values: Any) -> None:
            result[:, :, block.first : block.first + block.count] = values

        run(request, make, count, keep)
        return result

    return call


if __name__ == "__main__":
    main()
