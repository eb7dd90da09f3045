"""Concentrations as a function of the parameters that JAX can differentiate.

The same propagator as :mod:`ketascope.engine.solve`, for one person, written so that parameters
stay JAX values throughout: rates, bioavailabilities, and also durations and lags, whose jumps are
carried from their own time to the end of the step they fall in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ketascope.engine.problem import (
    Jump,
    States,
    Steps,
    Stretch,
    declare_states,
    find_jumps,
    make_steps,
    make_stretches,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import segment
from ketascope.errors import InputError
from ketascope.models.individuals import typical_values
from ketascope.models.structure import Individual, Model

if TYPE_CHECKING:
    from jax import Array
    from numpy.typing import ArrayLike

    from ketascope.dosing import RegimenLike
    from ketascope.dosing.schedule import Administration
    from ketascope.patients import Patient

SQUARINGS = 24
"""Enough for the fastest rate times the longest step up to 8 million."""


def curve(
    model: Model,
    regimen: RegimenLike,
    times: ArrayLike,
    patient: Patient | None = None,
    *,
    squarings: int = SQUARINGS,
) -> Callable[[Mapping[str, Any]], Array]:
    """Return the concentrations of one person as a function of typical parameter values.

    Parameters
    ----------
    model : Model
    regimen : RegimenLike
        A parsed regimen.
    times : array_like, shape (t,), h
    patient : Patient, optional
        Covariates; the default adult otherwise.
    squarings : int
        Fixed number of squarings of the matrix exponential; where more would be needed the result
        is not a number.

    Returns
    -------
    callable
        ``f(values) -> Array`` of shape (analytes, t), ng/mL. ``values`` maps parameter names to
        typical values in internal units (h, L, kg); those left out keep their printed value. Use
        it, and take derivatives of it, inside ``jax.enable_x64(True)``.

    Examples
    --------
    >>> import jax
    >>> from ketascope.dosing import parse_regimen
    >>> from ketascope.models import get
    >>> f = curve(get("kamp_2020"), parse_regimen("ketamine 35 mg iv over 40 min once"), [0.5])
    >>> with jax.enable_x64(True):
    ...     slope = jax.grad(lambda cl: f({"CL": cl})[0, 0])(84.0)
    >>> round(float(slope), 3)
    -0.849
    """
    from ketascope.dosing import schedule
    from ketascope.engine.grid import check_times
    from ketascope.engine.simulate import covariates_of, dose_amounts
    from ketascope.patients import Population

    grid = check_times(times)
    doses = schedule(regimen).administrations
    person = Population.typical(patient)
    who = covariates_of(person)
    amounts = [float(np.squeeze(mg)) for mg in dose_amounts(doses, person)]
    printed = typical_values(model)

    def concentrations(values: Mapping[str, Any]) -> Array:
        unknown = set(values) - set(printed)
        if unknown:
            raise InputError(
                f"the model {model.name} has no parameter {', '.join(sorted(unknown))}",
                hint=f"its parameters are {', '.join(printed)}",
            )
        merged = {name: values.get(name, value) for name, value in printed.items()}
        p = model.individual(Individual(merged), who)
        flat = Individual(
            {
                name: jnp.reshape(jnp.asarray(p[name]), ()) if name in values else _scalar(p[name])
                for name in p.names()
            }
        )
        return _solve(model, flat, doses, amounts, grid, squarings)

    return concentrations


def _scalar(value: Any) -> Any:
    """Take the one person's value out of an array; a number that is known stays a number."""
    if isinstance(value, (int, float, np.ndarray)):
        return float(np.squeeze(value))
    return jnp.reshape(value, ())


def _solve(
    model: Model,
    p: Individual,
    doses: Sequence[Administration],
    amounts: Sequence[float],
    times: Any,
    squarings: int,
) -> Array:
    states = declare_states(model, p, doses)
    jumps = find_jumps(model, p, states, doses, amounts)
    fixed = [jump for jump in jumps if isinstance(jump.time, (int, float, np.floating))]
    moving = [jump for jump in jumps if not isinstance(jump.time, (int, float, np.floating))]
    steps = make_steps(times, [float(jump.time) for jump in fixed])
    rates = jnp.asarray(rate_matrix(model, p, states, 1))
    rows, factors = outputs(model, p, states)
    scale = jnp.stack([jnp.asarray(factor) for factor in factors])[:, None]
    x = jnp.zeros((states.count, 1))
    found = []
    for stretch in make_stretches(steps, []):
        at, table = _table(steps, stretch, fixed, states)
        values, x = segment(
            rates,
            jnp.asarray(stretch.lengths),
            jnp.asarray(stretch.which),
            at,
            table,
            _moving(steps, stretch, moving, states),
            x,
            scale,
            rows=rows,
            fed=len(states.fed),
            limit=squarings,
        )
        found.append(values)
    return jnp.concatenate(found)[steps.asked, :, 0].T


def _table(
    steps: Steps, stretch: Stretch, jumps: list[Jump], states: States
) -> tuple[Array, Array]:
    """Jumps at known times: row of the table for each step, and the table."""
    table = jnp.zeros((stretch.stop - stretch.first + 1, states.count, 1))
    for jump in jumps:
        if jump.time <= steps.times[-1]:
            k = steps.index(float(jump.time)) - stretch.first
            if 0 <= k < stretch.stop - stretch.first:
                table = table.at[k + 1, jump.state, 0].add(jump.size)
    return jnp.arange(1, stretch.stop - stretch.first + 1), table


def _moving(
    steps: Steps, stretch: Stretch, jumps: list[Jump], states: States
) -> tuple[Array, Array, Array] | None:
    """Jumps whose times depend on parameters."""
    if not jumps:
        return None
    grid = jnp.asarray(steps.times)
    count = stretch.stop - stretch.first
    where, left, change = [], [], []
    for jump in jumps:
        k = jnp.searchsorted(grid, jump.time)
        inside = (k >= stretch.first) & (k < stretch.stop)
        end = grid[jnp.minimum(k, len(steps.times) - 1)]
        where.append(jnp.where(inside, k - stretch.first, count)[None])
        left.append(jnp.where(inside, end - jump.time, 0.0)[None])
        size = jnp.where(inside, jump.size, 0.0)
        change.append(jnp.zeros((states.count, 1)).at[jump.state, 0].set(size))
    return jnp.stack(where), jnp.stack(left), jnp.stack(change)
