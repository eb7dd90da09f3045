"""Steady states of models that are solved numerically: fixed points of one dosing interval.

The state just before a dose is looked for that one interval brings back to itself. Newton's method
finds it, with the derivatives of the interval by differences; where a Newton step would leave what
can be, the interval itself is taken as the step, as if one more dose were given. A constant
infusion is the same with an interval in which nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ketascope.engine.ode_numerics import Numerics
from ketascope.engine.ode_solve import Path, explain, follow
from ketascope.errors import NotConverged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.engine.ode_field import Field
    from ketascope.engine.timeline import SteadyStates, Steps

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

ROUNDS = 50
"""Newton steps before a steady state is given up."""
ROUGH_ROUNDS = 12
"""Newton steps taken with larger errors at first, to come near at little cost."""
SLOWEST = 1e-6
"""What is left of a deviation after one interval must be below 1 by this."""
CONSTANT = 24.0
"""Hours of the interval by which a constant infusion is solved."""


class _Problems(NamedTuple):
    """Steady states to find, one in each of M lanes.

    In each interval inputs run ``more`` high for ``first`` hours, then ``less`` high.
    """

    arrival: Values
    interval: Values
    first: Values
    more: Values
    less: Values
    jump: Values
    pset: Indices
    label: list[str]

    def take(self, lanes: Indices) -> _Problems:
        """Return some lanes, perhaps more than once."""
        return _Problems(
            self.arrival[lanes],
            self.interval[lanes],
            self.first[lanes],
            self.more[:, lanes],
            self.less[:, lanes],
            self.jump[:, lanes],
            self.pset[lanes],
            [self.label[i] for i in lanes],
        )


def settle(
    field: Field,
    table: Values,
    initial: Values,
    steps: Steps,
    steady: SteadyStates,
    place: Callable[[int, int, float], str],
    numerics: Numerics,
) -> tuple[Values, float]:
    """Find all steady states of a block, at the times of their records.

    Parameters
    ----------
    field : Field
    table : ndarray, shape (parameters, Q)
    initial : ndarray, shape (size, Q)
    place : callable
        From a step, a person and a time to words for messages.

    Returns
    -------
    states : ndarray, shape (size, M)
        Cumulative hazards have none; they are 0.
    error : float
        The largest relative error, estimated by the last Newton step.

    Raises
    ------
    NotConverged
        If one is not reached; with the ID and the time.
    """
    count = len(steady.person)
    if count == 0:
        return np.zeros((field.size, 0)), 0.0
    # errors of an interval add up over all the past ones
    finer = replace(
        numerics, rtol=max(numerics.rtol / 100, 1e-12), atol=max(numerics.atol / 100, 1e-300)
    )
    rough = replace(finer, rtol=max(finer.rtol, 1e-6), atol=max(finer.atol, 1e-8), steady_tol=1e-3)
    problems = _problems(field, steps, steady, place)
    near = _newton(field, table, initial[:, steady.pset], problems, rough, ROUGH_ROUNDS)
    before = _newton(field, table, near.state, problems, finer, ROUNDS)
    if len(before.going_on):
        raise _unsettled(field, before.slope[0], problems.label[before.going_on[0]])
    constant = np.isinf(steady.interval)
    since = np.where(constant, 0.0, steady.since)
    carried = _carry(field, table, before.state + problems.jump, problems, since, finer)
    carried[np.setdiff1d(np.arange(field.size), field.settling)] = 0.0
    return carried, before.error


def _problems(
    field: Field, steps: Steps, steady: SteadyStates, place: Callable[[int, int, float], str]
) -> _Problems:
    """Write each steady state as two pieces of constant input."""
    constant = np.isinf(steady.interval)
    interval = np.where(constant, CONSTANT, steady.interval)
    duration = np.where(constant, CONSTANT, np.where(steady.rate > 0, steady.duration, 0.0))
    running = np.floor(duration / interval)
    count = len(interval)
    time = np.zeros(count)
    label = [""] * count
    for k, who in np.argwhere(steps.steady).tolist():
        which = steps.steady[k, who] - 1
        time[which] = steps.start[k, who] + steps.dt[k, who]
        label[which] = place(k, who, time[which])
    into = np.zeros((field.size, count))
    into[steady.compartment, np.arange(count)] = 1.0
    feed = into[: len(field.compartments)] * steady.rate
    return _Problems(
        arrival=time - np.where(constant, 0.0, steady.since),
        interval=interval,
        first=duration - running * interval,
        more=feed * (running + 1.0),
        less=feed * running,
        jump=into * steady.size,
        pset=steady.pset,
        label=label,
    )


def _carry(
    field: Field,
    table: Values,
    state: Values,
    problems: _Problems,
    hours: Values,
    numerics: Numerics,
) -> Values:
    """Carry states from just after a dose for some hours, up to one interval."""
    first = np.minimum(problems.first, hours)
    lanes = state.shape[1]

    def values(rows: slice, tile: slice) -> Values:
        own = table[:, problems.pset[tile]]
        return np.broadcast_to(own, (rows.stop - rows.start, *own.shape))

    path = Path(
        dt=np.stack([first, hours - first]),
        start=np.stack([problems.arrival, problems.arrival + first]),
        values=values,
        feed=np.stack([problems.more, problems.less]),
        keep=np.ones((2, lanes), dtype=bool),
        plus=np.zeros((2, *state.shape)),
    )
    states, failure = follow(field, state, path, numerics)
    if failure is not None:
        where = f"{problems.label[failure.lane]}, steady state"
        raise explain(field, failure, path, where, numerics)
    last: Values = states[-1]
    return last


class _Linearised(NamedTuple):
    """What one interval does to states, and to small deviations from them."""

    after: Values
    """States after it, shape (size, M)."""
    slope: Values
    """Derivatives of the settling states, shape (M, s, s)."""


def _interval(
    field: Field, table: Values, state: Values, problems: _Problems, numerics: Numerics
) -> _Linearised:
    """Carry states over one interval, and neighbours of theirs for the derivatives."""
    rows = list(field.settling)
    count, s = state.shape[1], len(rows)
    size = np.maximum(np.abs(state[rows]), 1e-3 * np.abs(state + problems.jump).max(axis=0))
    # a solution's error over the change, and the change itself, are then of the same size
    nudge = np.sqrt(numerics.rtol) * np.maximum(size, 1e4 * numerics.atol)
    many = np.tile(state, s + 1)
    for j, row in enumerate(rows):
        many[row, (j + 1) * count : (j + 2) * count] += nudge[j]
    all_problems = problems.take(np.tile(np.arange(count), s + 1))
    ends = _carry(
        field, table, many + all_problems.jump, all_problems, all_problems.interval, numerics
    ).reshape(field.size, s + 1, count)
    slope = (ends[rows, 1:] - ends[rows, :1]) / nudge
    return _Linearised(ends[:, 0], np.moveaxis(slope, 2, 0))


class _Found(NamedTuple):
    """Fixed points: states, largest relative error, and the lanes that have none, with slopes."""

    state: Values
    error: float
    going_on: Indices
    slope: Values


def _newton(
    field: Field,
    table: Values,
    start: Values,
    problems: _Problems,
    numerics: Numerics,
    rounds: int,
) -> _Found:
    """Find the states just before a dose that one interval brings back to themselves."""
    rows = np.array(field.settling)
    state = start.copy()
    active = np.arange(state.shape[1])
    going_on, slopes, error = [], [np.zeros((0, len(rows), len(rows)))], 0.0
    floor = numerics.atol / numerics.steady_tol
    for round_ in range(rounds):
        own = state[:, active]
        linear = _interval(field, table, own, problems.take(active), numerics)
        here, after = own[rows], linear.after[rows]
        scale = np.maximum(np.abs(here), np.abs(after)) + floor
        change = _solve(linear.slope, (after - here).T, scale.T).T
        size = np.abs(change / scale).max(axis=0)
        done = size < numerics.steady_tol
        error = max(error, float(size[done].max(initial=0.0)))
        # doses do not lead to a point where deviations stay or grow
        left_over = np.abs(np.linalg.eigvals(linear.slope)).max(axis=1)
        never = (done & (left_over > 1.0 - SLOWEST)) | (~done & (round_ == rounds - 1))
        going_on.extend(active[never])
        slopes.append(linear.slope[never])
        following = here + change
        beyond = (following < 0) & (here >= 0) & (after >= 0)
        bad = (~np.isfinite(following) | beyond).any(axis=0) & ~done
        state[np.ix_(rows, active)] = np.where(bad, after, following)
        active = active[~done]
        if len(active) == 0:
            break
    return _Found(state, error, np.array(going_on, dtype=np.int64), np.concatenate(slopes))


def _solve(slope: Values, change: Values, scale: Values) -> Values:
    """Solve (I - slope) step = change for each lane, in units of the states' sizes."""
    identity = np.eye(slope.shape[1])
    matrix = (identity - slope) * scale[:, None, :] / scale[:, :, None]
    left, values, right = np.linalg.svd(matrix)
    turned = np.einsum("mij,mi->mj", left, change / scale) / np.maximum(values, 1e-300)
    return np.asarray(np.einsum("mji,mj->mi", right, turned) * scale)


def _unsettled(field: Field, slope: Values, label: str) -> NotConverged:
    """Name the state that goes on changing from dose to dose."""
    values, vectors = np.linalg.eig(slope)
    slowest = np.abs(vectors[:, np.argmax(np.abs(values))])
    name = field.names[field.settling[int(np.argmax(slowest))]]
    return NotConverged(
        f"there is no steady state: '{name}' of the model {field.model.name} goes on changing from "
        "dose to dose",
        where=label,
        hint="give the doses one by one, or leave out what only collects",
    )
