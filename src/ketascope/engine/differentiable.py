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

from ketascope.engine.lay import Plan
from ketascope.engine.own_times import own_inputs, pieces, whole_steps
from ketascope.engine.plan import Stretch, make_steps, make_stretches
from ketascope.engine.problem import (
    Inputs,
    States,
    declare_states,
    find_inputs,
    outputs,
    rate_matrix,
)
from ketascope.engine.propagator import Course, segment
from ketascope.engine.solve import event_times
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
    inputs = find_inputs(model, p, states, doses, amounts)
    steps = make_steps(times, event_times(inputs))
    stretches = make_stretches(steps, [], inputs)
    rates = jnp.asarray(rate_matrix(model, p, states, 1))
    rows, factors = outputs(model, p, states)
    plan = Plan(states, steps, stretches, rows)
    scale = jnp.stack([jnp.asarray(factor) for factor in factors])[:, None]
    x = jnp.zeros((len(states.compartments), 1))
    found = []
    for stretch in stretches:
        course = _course(plan, stretch, inputs, states)
        values, x = segment(rates, course, x, scale, rows=rows, limit=squarings)
        found.append(values)
    return jnp.concatenate(found)[steps.asked, :, 0].T


def _course(plan: Plan, stretch: Stretch, inputs: Inputs, states: States) -> Course:
    """Lay out one stretch for one person, with JAX values where parameters stand behind them."""
    jumps = jnp.zeros((len(stretch.jumps), len(states.compartments), 1))
    for row, members in enumerate(stretch.jumps):
        for i in members:
            bolus = inputs.boluses[i]
            jumps = jumps.at[row, bolus.compartment, 0].add(bolus.size)
    feeds = jnp.zeros((len(stretch.feeds), len(states.fed), 1))
    for row, members in enumerate(stretch.feeds):
        for i in members:
            infusion = inputs.infusions[i]
            feeds = feeds.at[row, infusion.fed, 0].add(infusion.rate)
    feed = jnp.asarray(stretch.feed)
    whole = whole_steps(plan.steps, stretch, inputs, states, 1, jnp)
    if whole is not None:
        feeds, feed = feeds[feed] + whole, jnp.arange(stretch.count)
    own = _own(plan, stretch, inputs, states)
    return Course(
        lengths=jnp.asarray(stretch.lengths),
        distinct=len(stretch.lengths),
        which=jnp.asarray(stretch.which),
        runs=jnp.asarray(stretch.runs),
        feed=feed,
        feeds=feeds,
        jump=jnp.asarray(stretch.jump),
        jumps=jumps,
        own=own,
        pieces=0 if own is None else len(own[0]),
    )


def _own(
    plan: Plan, stretch: Stretch, inputs: Inputs, states: States
) -> tuple[Array, Array, Array, Array] | None:
    """Parts of inputs whose times depend on parameters."""
    if not any(own_inputs(inputs)):
        return None
    found = pieces(plan.steps, stretch, inputs, states, 1, jnp)
    what = [jnp.zeros((states.count, 1)).at[p.state].set(p.size) for p in found]
    return (
        jnp.stack([p.step for p in found]),
        jnp.stack([p.lasts for p in found]),
        jnp.stack([p.left for p in found]),
        jnp.stack(what),
    )
