"""Inputs at times of a person's own: durations and lags that vary between people.

Whatever part of such an input falls inside a step is worked out from the input itself and carried
to the end of the step, so that only positive numbers are added; steps it covers wholly are fed
like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketascope.engine.plan import Steps, Stretch
from ketascope.engine.problem import Bolus, Infusion, Inputs, States, is_common


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of an input inside one step, for each person.

    Parameters
    ----------
    step : array of int, shape (people,)
        Step of the stretch it falls in; the number of steps where it is in none.
    lasts, left : array, shape (people,)
        Hours that it lasts inside the step, and hours from its end to the end of the step.
    state : int
        Row of the rate matrix it acts on: a compartment, or the column that feeds one.
    size : array, shape (people,)
        Amount, or amount per hour.
    """

    step: Any
    lasts: Any
    left: Any
    state: int
    size: Any


def own_inputs(inputs: Inputs) -> tuple[list[Bolus], list[Infusion]]:
    """Return the inputs whose times are not the same for everyone."""
    boluses = [b for b in inputs.boluses if not is_common(b.time)]
    infusions = [f for f in inputs.infusions if not is_common(f.start, f.end)]
    return boluses, infusions


def pieces(
    steps: Steps, stretch: Stretch, inputs: Inputs, states: States, people: int, xp: Any = np
) -> list[Piece]:
    """Return the parts of own inputs that fall inside the steps of a stretch."""
    grid = xp.asarray(steps.times)
    boluses, infusions = own_inputs(inputs)
    found = []

    def add(step: Any, lasts: Any, left: Any, state: int, size: Any) -> None:
        inside = _inside(step, stretch)
        if xp is np and not inside.any():
            return
        found.append(
            Piece(
                xp.where(inside, step - stretch.first, stretch.count),
                xp.where(inside, lasts, 0.0),
                xp.where(inside, left, 0.0),
                state,
                xp.where(inside, size, 0.0),
            )
        )

    for bolus in boluses:
        time = xp.broadcast_to(xp.asarray(bolus.time), (people,))
        k = xp.searchsorted(grid, time)
        add(k, 0.0 * time, _at(grid, k) - time, bolus.compartment, bolus.size)
    for infusion in infusions:
        start, end = (
            xp.broadcast_to(xp.asarray(t), (people,)) for t in (infusion.start, infusion.end)
        )
        first, last = xp.searchsorted(grid, start), xp.searchsorted(grid, end)
        state = len(states.compartments) + infusion.fed
        if not is_common(infusion.start):
            apart = xp.where(first < last, first, -1)
            add(apart, _at(grid, first) - start, 0.0 * start, state, infusion.rate)
        begin = xp.maximum(start, grid[xp.maximum(last - 1, 0)])
        add(last, end - begin, _at(grid, last) - end, state, infusion.rate)
    return found


def whole_steps(
    steps: Steps, stretch: Stretch, inputs: Inputs, states: States, people: int, xp: Any = np
) -> Any | None:
    """Return what own infusions feed in steps they cover wholly: (steps, fed, people), or None."""
    _, infusions = own_inputs(inputs)
    if not infusions:
        return None
    grid = xp.asarray(steps.times)
    k = np.arange(stretch.first, stretch.stop)[:, None]
    rows: list[Any] = [xp.zeros((stretch.count, people)) for _ in states.fed]
    for infusion in infusions:
        first, last = (
            xp.searchsorted(grid, xp.broadcast_to(xp.asarray(t), (people,)))
            for t in (infusion.start, infusion.end)
        )
        covered = (k > first) & (k < last)
        rows[infusion.fed] = rows[infusion.fed] + xp.where(covered, infusion.rate, 0.0)
    return xp.stack(rows, axis=1)


def _inside(step: Any, stretch: Stretch) -> Any:
    """Whether a step of the grid is worked by this stretch (a leading step has no length)."""
    return (step >= stretch.first + stretch.leads) & (step < stretch.stop)


def _at(grid: Any, k: Any) -> Any:
    """Grid times, held at the last for steps beyond it."""
    limit = len(grid) - 1
    return grid[np.minimum(k, limit) if isinstance(k, np.ndarray) else k.clip(0, limit)]
