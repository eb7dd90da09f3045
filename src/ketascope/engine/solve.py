"""Run people through a model in blocks, over all cores.

People are taken in blocks of a fixed size, each block on one core; a block is padded to the size,
so the compiled program and the numbers are the same whatever the number of people or cores.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ketascope.engine import spare
from ketascope.engine.compiled import double_precision
from ketascope.engine.counts import check_count
from ketascope.engine.request import Block, Request, block_size, cores, event_times, make_plan
from ketascope.engine.stretches import Care, solve_block

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Block", "Request", "cores", "event_times", "run"]


def run(
    request: Request,
    make_block: Callable[[int, int], Block],
    people: int,
    keep: Callable[[Block, Values], None],
    *,
    block: int | None = None,
    workers: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> None:
    """Solve a request for all people.

    Parameters
    ----------
    request : Request
    make_block : callable
        ``make_block(first, stop)`` gives the people from ``first`` to ``stop`` (excluded).
    people : int
    keep : callable
        ``keep(block, values)`` receives values of some people, shape (times, outputs, people), as
        soon as they are there; the blocks may come in any order, and be smaller than were made.
        Take the values over at once: an array that is kept costs memory for a whole block.
    block, workers : int, optional
        Size of a block, number of threads. Neither changes the numbers.
    advance : callable, optional
        Called with the number of people done, for a progress display.
    """
    for name, wish in (("workers", workers), ("block", block)):
        if wish is not None:
            check_count(name, wish)
    size = block_size(people, block)
    firsts = range(0, people, size)
    first_block = make_block(0, min(size, people))
    plan = make_plan(request, first_block)
    care = Care()

    def work(first: int) -> int:
        stop = min(first + size, people)
        given = make_block(first, stop) if first else first_block
        with double_precision():
            filled: list[Any] = []
            found = solve_block(request, plan, given, size, filled, care)
            while found:
                keep(*found.pop())
            # nothing looks at them any more
            for array in filled:
                spare.give(array)
        return stop - first

    threads = max(1, min(workers or cores(), len(firsts)))
    if threads == 1:
        for first in firsts:
            _report(advance, work(first))
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="ketascope") as pool:
        for done in pool.map(work, firsts):
            _report(advance, done)


def _report(advance: Callable[[int], None] | None, done: int) -> None:
    if advance is not None:
        advance(done)
