"""Parameters that change between two records, followed in sub-steps of constant parameters.

Covariates that change in a straight line make rates that change with time. A step is then cut
into equal parts, and during each the parameters are those at its middle. The error of that falls
with even powers of the number of parts, so runs with 1, 2, 4, ... parts are extrapolated (Romberg)
until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.parameter_sets import Drawing, Sets, draw_sets
from ketascope.engine.timeline import Steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

RTOL, ATOL = 1e-7, 1e-10
"""Change allowed at the end, of a value and of a person's largest value."""
FEWEST_PARTS, MOST_PARTS = 8, 1024
"""A relation with a threshold could look settled with fewer."""


def extrapolate(
    solve: Callable[[int], Values], person: Indices, most: int = MOST_PARTS, rtol: float = RTOL
) -> tuple[Values, NDArray[np.bool_]]:
    """Solve with more and more parts until the extrapolated values stay as they are.

    Each person's values stay at the number of parts that was enough for that person, so they do
    not depend on who else is there.

    Parameters
    ----------
    solve : callable
        ``solve(parts)`` gives values of shape (R, n).
    person : ndarray of int, shape (R,)
        Whose each row is, from 0.
    most : int
        Parts at most.
    rtol : float
        Change of a value that is allowed at the end, relative.

    Returns
    -------
    values : ndarray, shape (R, n)
    settled : ndarray of bool, shape (R,)
        Where the last change was within the tolerance.
    """
    values = solve(1)
    row, parts = [values], 2
    settled = np.zeros(len(values), dtype=bool)
    done = settled
    while parts <= most and not done.all():
        better = [solve(parts)]
        for power, coarse in enumerate(row, start=1):
            better.append(better[-1] + (better[-1] - coarse) / (4.0**power - 1.0))
        largest = np.zeros((person.max() + 1, values.shape[1]))
        np.maximum.at(largest, person, np.abs(better[-1]))
        allowed = rtol * np.abs(better[-1]) + ATOL * largest[person]
        change = np.abs(better[-1] - row[-1])
        settled = np.where(done, settled, (change <= allowed).all(axis=1) & (parts >= FEWEST_PARTS))
        values = np.where(done[:, None], values, better[-1])
        unsettled = np.zeros(len(largest), dtype=bool)
        unsettled[person[~settled]] = True
        row, parts, done = better, 2 * parts, ~unsettled[person]
    return values, settled


def cut(drawing: Drawing, sets: Sets, steps: Steps, parts: int) -> tuple[Sets, Steps]:
    """Cut the steps during which covariates change; the others stay whole.

    Returns
    -------
    sets : Sets
        Those given, then one for each part.
    steps : Steps
        ``parts`` rows for each row of before.
    """
    before, after = _neighbours(steps.record)
    inside = (steps.dt > 0) & (before >= 0) & (after >= 0)
    columns = drawing.columns
    changes = np.zeros_like(inside)
    for column in columns.values():
        changes |= inside & (column[before] != column[after])
    k, person = np.nonzero(changes)
    a, b = np.repeat(before[k, person], parts), np.repeat(after[k, person], parts)
    dt, part = steps.dt[k, person] / parts, np.tile(np.arange(parts), len(k))
    begin = np.repeat(steps.start[k, person], parts) + part * np.repeat(dt, parts)
    time = drawing.records.time
    share = (begin + 0.5 * np.repeat(dt, parts) - time[a]) / (time[b] - time[a])
    points = {name: c[a] + share * (c[b] - c[a]) for name, c in columns.items()}
    known = {name: np.append(sets.covariates[name], points[name]) for name in columns}
    finer = draw_sets(drawing, np.append(sets.record, b), known)

    rows = (k[:, None] * parts + np.arange(parts)).ravel()
    people = np.repeat(person, parts)
    last = np.arange(len(steps.dt) * parts) % parts == parts - 1
    pset, start = np.repeat(steps.pset, parts, axis=0), np.repeat(steps.start, parts, axis=0)
    lengths = np.repeat(steps.dt, parts, axis=0) * last[:, None]
    pset[rows, people] = len(sets) + np.arange(len(rows))
    start[rows, people] = begin
    lengths[rows, people] = np.repeat(dt, parts)

    def only_last(array: NDArray[Any], fill: int = 0) -> NDArray[Any]:
        wide = np.full((len(last), *array.shape[1:]), fill, dtype=array.dtype)
        wide[last] = array
        return wide

    return finer, replace(
        steps,
        dt=lengths,
        start=start,
        pset=pset,
        feed=np.repeat(steps.feed, parts, axis=0),
        reset=only_last(steps.reset),
        steady=only_last(steps.steady),
        add=only_last(steps.add),
        jump=only_last(steps.jump),
        record=only_last(steps.record, -1),
    )


def _neighbours(record: Indices) -> tuple[Indices, Indices]:
    """Return the last record before each step and the first at or after its end; -1 for none."""
    none = np.iinfo(np.int64).max
    last = np.maximum.accumulate(record, axis=0)
    before = np.concatenate([np.full_like(record[:1], -1), last[:-1]])
    coming = np.where(record >= 0, record, none)
    after = np.minimum.accumulate(coming[::-1], axis=0)[::-1]
    return before, np.where(after == none, -1, after)
