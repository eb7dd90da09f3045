"""General models: people carried through their events by a numerical solution.

The equations are solved in :mod:`ketascope.engine.ode_solve`, steady states are found in
:mod:`ketascope.engine.ode_steady`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ketascope.engine.compiled import double_precision
from ketascope.engine.ode_field import Field
from ketascope.engine.ode_numerics import Numerics
from ketascope.engine.ode_solve import Path, explain, follow
from ketascope.engine.ode_steady import settle
from ketascope.models.structure import Individual, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.engine.timeline import SteadyStates, Steps

    Values = NDArray[np.float64]


@dataclass(frozen=True)
class Walked:
    """The states of people after each step.

    Parameters
    ----------
    states : ndarray, shape (K, n + m, P)
        Amounts in the n compartments, then the m responses with a memory, in the order of the
        model.
    steady_state_error : float
        Largest relative error of a steady state, estimated; 0 without any.
    """

    states: Values
    steady_state_error: float


def walk_ode(
    model: Structure,
    p: Individual,
    steps: Steps,
    steady: SteadyStates,
    *,
    ids: Sequence[Any],
    line: Callable[[int], str] | None = None,
    numerics: Numerics | None = None,
) -> Walked:
    """Carry people through their steps.

    Parameters
    ----------
    model : Structure
        Usually an :class:`OdeModel`; a model of flows is solved in the same way.
    p : Individual
        Parameter sets of the block, numbers or arrays of shape (Q,).
    steps : Steps
    steady : SteadyStates
    ids : sequence
        ID of each person of the block, for messages.
    line : callable, optional
        From the index of a record to its place in words, for messages.
    numerics : Numerics, optional

    Raises
    ------
    NotConverged
        If the equations cannot be solved for somebody, or a steady state is not reached; with the
        ID and the time.
    """
    numerics = numerics or Numerics()

    def place(k: int, who: int, time: float) -> str:
        """Say whose step it is, and the record that ends it or comes next."""
        told = f"ID {ids[who]}, time {time:g} h"
        records = steps.record[k:, who]
        records = records[records >= 0]
        return told if line is None or not len(records) else f"{line(int(records[0]))}, {told}"

    field = Field.of(model, p)
    table = _stacked(p, int(steps.pset.max(initial=0)) + 1)
    sets = table.shape[1]
    with double_precision():
        initial = field.initial(p, sets)
        settled, error = settle(field, table, initial, steps, steady, place, numerics)
        path = _path(field, table, initial, steps, steady, settled)
        states, failure = follow(field, initial[:, steps.pset[0]], path, numerics)
        if failure is not None:
            k, who = failure.step, failure.lane
            time = steps.start[k, who] + failure.elapsed
            raise explain(field, failure, path, place(k, who, time), numerics)
    return Walked(states, error)


def respond(model: Structure, p: Individual, states: Values, time: Values) -> dict[str, Values]:
    """Return the responses at some moments, in the order of the model.

    Parameters
    ----------
    p : Individual
        Parameters at each moment, shape (R,).
    states : ndarray, shape (R, n + m)
        As :func:`walk_ode` gives them.
    time : ndarray, shape (R,)
    """
    with double_precision():
        found = Field.of(model, p).responses(jnp.asarray(time), jnp.asarray(states.T), p)
        return {name: np.array(np.broadcast_to(v, time.shape)) for name, v in found.items()}


def _stacked(p: Individual, used: int) -> Values:
    """Parameters as one array, shape (parameters, sets)."""
    rows = [np.asarray(p[name], dtype=float) for name in p.names()]
    sets = max([used, *(row.size for row in rows)])
    return (
        np.stack([np.broadcast_to(row, (sets,)) for row in rows]) if rows else np.zeros((0, sets))
    )


def _path(
    field: Field,
    table: Values,
    initial: Values,
    steps: Steps,
    steady: SteadyStates,
    settled: Values,
) -> Path:
    """Write what happens at the end of each step as a state that stays or not, and an addition."""
    n = len(field.compartments)
    replaced = (steps.steady > 0) & ~steps.add
    plus = np.zeros((steps.dt.shape[0], field.size, steps.dt.shape[1]))
    plus += np.where(steps.reset[:, None] & ~replaced[:, None], _at(initial, steps.pset), 0.0)
    plus[:, :n] += steps.jump
    k, who = np.nonzero(steps.steady)
    which = steps.steady[k, who] - 1
    taken = settled[:, which].T
    # a steady state that is added brings amounts; what responds to them is there already
    taken[:, n:] *= replaced[k, who, None]
    plus[k, :, who] += taken

    def values(rows: slice, lanes: slice) -> Values:
        return _at(table, steps.pset[rows, lanes])

    keep = ~(steps.reset | replaced)
    return Path(steps.dt, steps.start, values, steps.feed, keep, plus)


def _at(table: Values, pset: NDArray[np.int64]) -> Values:
    """Rows of a table over sets, for each step and person: (K, rows, P)."""
    return np.moveaxis(table[:, pset], 0, 1)
