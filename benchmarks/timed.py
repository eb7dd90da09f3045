"""What every timed program shares: its arguments, its cores, its runs and its one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def arguments() -> argparse.Namespace:
    """Read how many people, runs and cores; keep this process to so many cores.

    A tolerance is for programs that have one: None for their default.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--tolerance", type=float)
    given = parser.parse_args()
    given.cores = use_cores(given.cores)
    return given


def use_cores(count: int) -> int:
    """Keep this process to that many cores, where the system lets it; return how many it has."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    mine = sorted(os.sched_getaffinity(0))[:count]
    os.sched_setaffinity(0, mine)
    return len(mine)


def timed(call: Callable[[], T], runs: int) -> tuple[T, dict[str, Any]]:
    """Call once to warm up, then so many times; return the last result and the seconds."""
    begin = time.perf_counter()
    found = call()
    first = time.perf_counter() - begin
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - begin)
    return found, {"seconds": seconds, "first": first}


def spread(people: int, wanted: int) -> range:
    """Return about so many numbers of people, evenly from the first on."""
    return range(0, people, max(1, people // wanted))


def tell(result: dict[str, Any]) -> None:
    """Print the one line that the parent reads."""
    print(json.dumps(result))
