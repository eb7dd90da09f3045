"""Diffrax on the case full28d (run as a module: one JSON line).

All people in one ``vmap`` with Tsitouras' method of order 5 and a PID controller, which stops at
each switch of the infusion; compiled once, the time for which is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.course28d import (
    CONSTANTS,
    DOSE,
    HOURS,
    INITIAL,
    RATES,
    STARTS,
    STATES,
    SWITCHES,
    TIMES,
)
from benchmarks.full28d import errors
from benchmarks.people import people
from benchmarks.timed import arguments, tell, timed

TOLERANCE = 1e-6


def prepared(clearance: Any, volume: Any, tolerance: float = TOLERANCE) -> Callable[[], Any]:
    """Return the call to be timed, which gives every state of shape (people, times, states)."""
    import diffrax
    import jax
    import jax.numpy as jnp

    # this process is Diffrax's own
    jax.config.update("jax_enable_x64", True)
    codes = [compile(RATES[name], name, "eval") for name in STATES]
    starts = jnp.array(STARTS)

    def slope(t: Any, x: Any, p: Any) -> Any:
        running = (t >= starts) & (t < starts + HOURS)
        values = {**CONSTANTS, "CL": p[0], "V1": p[1], "RATE": running.any() * (DOSE / HOURS),
                  **dict(zip(STATES, x, strict=True))}  # fmt: skip
        return jnp.stack([eval(code, {}, values) for code in codes])

    pid = diffrax.PIDController(rtol=tolerance, atol=tolerance)
    stops = jnp.array([time for time, _ in SWITCHES[1:]])
    controller = diffrax.ClipStepSizeController(pid, jump_ts=stops)

    def one(p: Any) -> Any:
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(slope), diffrax.Tsit5(), 0.0, TIMES[-1], None,
            jnp.array([INITIAL[name] for name in STATES]), p,
            saveat=diffrax.SaveAt(ts=jnp.asarray(TIMES)), stepsize_controller=controller,
            max_steps=1_000_000,
        )  # fmt: skip
        return found.ys

    everybody = jax.jit(jax.vmap(one))
    parameters = jnp.stack([jnp.asarray(clearance), jnp.asarray(volume)], axis=1)
    return lambda: np.asarray(everybody(parameters))


def main() -> None:
    """Time the warm call, then hold its numbers against the references."""
    import diffrax

    given = arguments()
    clearance, volume, origin = people(given.people)
    call = prepared(clearance, volume, given.tolerance or TOLERANCE)
    found, timing = timed(call, given.runs)
    told = errors(np.moveaxis(found, 0, 2), clearance, volume)
    version = diffrax.__version__
    tell({**timing, **told, "cores": given.cores, "people": origin, "version": version})


if __name__ == "__main__":
    main()
