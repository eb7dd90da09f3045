"""Differential equations solved along a path of steps, for many people at once.

Every step between two events is solved anew by a Runge-Kutta method with error control (diffrax),
so that no event is stepped over. People go through in tiles of one fixed size and steps in
stretches of one fixed length, filled up with steps in which nothing happens: one compiled program
serves a model whatever is asked of it, and a person's numbers do not depend on who else is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ketascope.engine.compiled import compiled
from ketascope.engine.ode_field import Field
from ketascope.engine.ode_implicit import implicit_method
from ketascope.engine.ode_numerics import Numerics
from ketascope.errors import NotConverged
from ketascope.models.structure import OdeModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

TILE = 128
"""People who are solved together."""
STRETCH = 16
"""Steps for which the program is called once."""


class Path(NamedTuple):
    """Steps to carry states along; L lanes, each a person of its own.

    Parameters
    ----------
    dt, start : ndarray, shape (K, L)
    values : callable
        From a slice of steps and one of lanes to parameters, shape (steps, parameters, lanes).
    feed : ndarray, shape (K, compartments, L)
    keep : ndarray of bool, shape (K, L)
        Whether the state stays at the end of the step; else it begins from nothing.
    plus : ndarray, shape (K, size, L)
        What is then added.
    """

    dt: Values
    start: Values
    values: Callable[[slice, slice], Values]
    feed: Values
    keep: NDArray[np.bool_]
    plus: Values


class Failure(NamedTuple):
    """Where a solution ended early: lane, step, hours into it, the state there, and why."""

    lane: int
    step: int
    elapsed: float
    state: Values
    exhausted: bool


def follow(
    field: Field, start: Values, path: Path, numerics: Numerics
) -> tuple[Values, Failure | None]:
    """Carry lanes along a path, tile after tile and stretch after stretch.

    Parameters
    ----------
    start : ndarray, shape (size, L)

    Returns
    -------
    states : ndarray, shape (K, size, L)
    failure : Failure or None
        The first lane's that could not be solved.
    """
    count, lanes = path.dt.shape
    states = np.empty((count, field.size, lanes))
    solver = numerics.solver or (
        field.model.solver if isinstance(field.model, OdeModel) else "explicit"
    )
    static = {"program": (field, solver, numerics.max_steps)}
    rtol, atol = np.float64(numerics.rtol), np.float64(numerics.atol)
    for first in range(0, lanes, TILE):
        tile = slice(first, min(first + TILE, lanes))
        used = tile.stop - tile.start
        carry = (
            _filled(start[:, tile]),
            np.zeros(TILE, dtype=bool),
            np.zeros((field.size, TILE)),
        )
        for k in range(0, count, STRETCH):
            rows = slice(k, min(k + STRETCH, count))
            given = (
                path.dt[rows, tile],
                path.start[rows, tile],
                path.values(rows, tile),
                path.feed[rows, :, tile],
                path.keep[rows, tile],
                path.plus[rows, :, tile],
            )
            block = tuple(_filled(array, STRETCH) for array in given)
            args = (carry, block, np.int64(rows.stop - k), rtol, atol)
            carry, (after, elapsed, failed, exhausted) = compiled(_stretch, static, args)(*args)
            states[rows, :, tile] = np.asarray(after)[: rows.stop - k, :, :used]
            bad = np.argwhere(np.asarray(failed)[: rows.stop - k, :used].T)
            if len(bad):
                lane, step = (int(i) for i in bad[0])
                return states, Failure(
                    first + lane,
                    k + step,
                    float(elapsed[step, lane]),
                    np.asarray(carry[2])[:, lane],
                    bool(exhausted[step, lane]),
                )
    return states, None


def _filled(array: Any, rows: int | None = None) -> Any:
    """Fill up lanes with copies of the last, and steps with nothing."""
    shape = [(0, 0)] * array.ndim
    shape[-1] = (0, TILE - array.shape[-1])
    array = np.pad(array, shape, mode="edge")
    if rows is None:
        return array
    return np.pad(array, [(0, rows - len(array)), *[(0, 0)] * (array.ndim - 1)])


def _mover(field: Field, solver: str, max_steps: int) -> Callable[..., Any]:
    """Return the function that carries one person through one step."""
    stiff = solver == "stiff"
    method: Any = implicit_method(field.size) if stiff else diffrax.Dopri8()

    def move(y: Any, dt: Any, start: Any, values: Any, feed: Any, rtol: Any, atol: Any) -> Any:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, args: field.rates(start + t, y, *args)),
            method,
            0.0,
            dt,
            None,
            y,
            (values, feed),
            # the largest error of any state counts, so that further states do not thin it out
            stepsize_controller=diffrax.PIDController(
                rtol, atol, norm=_largest, dtmin=1e-13 * dt, force_dtmin=False
            ),
            adjoint=diffrax.ForwardMode(),
            max_steps=max_steps,
            throw=False,
        )
        assert solution.ys is not None
        assert solution.ts is not None
        # a last step of a few roundings may be shorter than the solver allows, and yet arrive
        arrived = (solution.ts[0] == dt) & jnp.isfinite(solution.ys[0]).all()
        ok = (solution.result == diffrax.RESULTS.successful) | arrived
        out = solution.result == diffrax.RESULTS.max_steps_reached
        return solution.ys[0], solution.ts[0], ok, out

    return move


def _largest(values: Any) -> Any:
    return jnp.max(jnp.abs(values))


def _stretch(
    carry: Any, block: Any, count: Any, rtol: Any, atol: Any, *, program: tuple[Field, str, int]
) -> Any:
    """Carry a tile of people through some steps.

    Parameters
    ----------
    carry : tuple
        States, who has failed, and the states at which they did.
    block : tuple
        The arrays of a :class:`Path`.
    count : Array
        How many steps there are; the rest is filling.
    program : tuple
        Arguments of :func:`_mover`.
    """
    move = _mover(*program)
    lanes = jax.vmap(move, in_axes=(-1, 0, 0, -1, -1, None, None), out_axes=(-1, 0, 0, 0))

    def step(k: Any, state: Any) -> Any:
        (y, failed, broken), (after, elapsed, stopped, exhausted) = state
        dt, start, values, feed, keep, plus = (array[k] for array in block)
        # who has failed stays where that was, so that nobody waits for them
        hours = jnp.where(failed, 0.0, dt)
        moved, reached, ok, out = lanes(y, hours, start, values, feed, rtol, atol)
        fails = ~failed & ~ok
        broken = jnp.where(fails, moved, broken)
        y = jnp.where(keep, moved, 0.0) + plus
        told = (
            after.at[k].set(y),
            elapsed.at[k].set(jnp.abs(reached)),
            stopped.at[k].set(fails),
            exhausted.at[k].set(out),
        )
        return (y, failed | fails, broken), told

    states, hours = jnp.zeros((STRETCH, *carry[0].shape)), jnp.zeros((STRETCH, TILE))
    flags = jnp.zeros((STRETCH, TILE), dtype=bool)
    return lax.fori_loop(0, count, step, (carry, (states, hours, flags, flags)))


def explain(
    field: Field, failure: Failure, path: Path, where: str, numerics: Numerics
) -> NotConverged:
    """Say why a solution ended, from the rates of change where it did."""
    k, lane = failure.step, failure.lane
    values = path.values(slice(k, k + 1), slice(lane, lane + 1))[0, :, 0]
    time = path.start[k, lane] + failure.elapsed
    rates = np.asarray(field.rates(time, jnp.asarray(failure.state), values, path.feed[k, :, lane]))
    model = f"the model {field.model.name}"
    if not np.isfinite(rates).all():
        row = int(np.flatnonzero(~np.isfinite(rates))[0])
        return NotConverged(
            f"in {model} the rate of change of '{field.names[row]}' is {rates[row]:g}",
            where=where,
            hint="look for a division by 0, or a root or logarithm of a number below 0",
        )
    if failure.exhausted:
        # only a model of equations can name its solver
        way = 'set solver = "stiff" in the model if rates differ widely'
        if not isinstance(field.model, OdeModel):
            way = "add records in between (EVID 2)"
        return NotConverged(
            f"{model} was not solved in {numerics.max_steps} solver steps",
            where=where,
            hint=f"{way}, or allow larger errors with a relative tolerance (rtol) above "
            f"{numerics.rtol:g}",
        )
    return NotConverged(
        f"{model} has no solution that continues from here",
        where=where,
        hint="look for amounts that grow without bound or rates of change that jump",
    )
