"""A turnover over one step by collocation, with an estimate of its error.

Between two points of the grid the amounts are known exactly at any moment, so a turnover
``dR/dt = a(t) - b(t) R`` has a known ``a`` and ``b``. It is solved by collocation at the five
points of Lobatto (order 8 at the end of a step, stable for any loss). The size of the last Legendre
coefficients of the net rate tells how well the points resolve it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np

NODES = np.array([0.0, 0.5 - np.sqrt(3.0 / 28.0), 0.5, 0.5 + np.sqrt(3.0 / 28.0), 1.0])
"""Points of Lobatto on a step of length 1."""
INSIDE = NODES[1:4]
_TINY = 1e-100
"""Keeps quotients finite; times a tolerance, which a compiler may make of it, it is still there."""


@lru_cache(maxsize=1)
def integrals() -> tuple[Any, Any]:
    """Integrals of the interpolant from 0 to each later point (4, 5), and Legendre coefficients."""
    from numpy.polynomial import Polynomial, legendre

    integrals = np.zeros((4, 5))
    for j in range(5):
        others = np.delete(NODES, j)
        basis = Polynomial.fromroots(others) / np.prod(NODES[j] - others)
        integral = basis.integ()
        integrals[:, j] = integral(NODES[1:]) - integral(0.0)
    return integrals, np.linalg.inv(legendre.legvander(2.0 * NODES - 1.0, 4))


def solve_net(net: Sequence[Any], loss: Sequence[Any], step: Any) -> list[Any]:
    """Solve ``dz/dt = net - loss z``, z = 0 at first, at the four later points of a step.

    Parameters
    ----------
    net, loss : sequence of 5 Arrays
        At the points :data:`NODES`, per h.
    step : Array
        Length of the step, h.
    """
    inner, _ = integrals()
    # (I + h S b) z = h S net
    x = [step * sum(inner[i, j] * net[j] for j in range(5)) for i in range(4)]
    a = [
        [step * inner[i, j + 1] * loss[j + 1] + (1.0 if i == j else 0.0) for j in range(4)]
        for i in range(4)
    ]
    for k in range(4):
        inverse = 1.0 / a[k][k]
        for i in range(k + 1, 4):
            factor = a[i][k] * inverse
            for j in range(k + 1, 4):
                a[i][j] = a[i][j] - factor * a[k][j]
            x[i] = x[i] - factor * x[k]
    for k in reversed(range(4)):
        for j in range(k + 1, 4):
            x[k] = x[k] - a[k][j] * x[j]
        x[k] = x[k] / a[k][k]
    return x


def steady_maps(loss: Any, step: Any) -> tuple[Any, Any]:
    """Solve a turnover of steady loss once for all: what each unit of net rate comes to.

    Returns
    -------
    later : Array, shape (4, 5, ...)
        Change at each later point for a net rate of 1 at each point of the step.
    last : Array, shape (2, 5, ...)
        The last two Legendre coefficients of the rate likewise.
    """
    one, none = jnp.ones_like(loss), jnp.zeros_like(loss)
    columns, lasts = [], []
    for j in range(5):
        net = [one if i == j else none for i in range(5)]
        change = solve_net(net, [loss] * 5, step)
        rate = [net[0], *(net[i] - loss * change[i - 1] for i in range(1, 5))]
        columns.append(jnp.stack(change))
        lasts.append(jnp.stack(last_coefficients(rate)))
    return jnp.stack(columns, axis=1), jnp.stack(lasts, axis=1)


def last_coefficients(rate: Sequence[Any]) -> tuple[Any, Any]:
    """Return the third and fourth Legendre coefficients of what is known at the points of a step.

    Returns
    -------
    tuple of Array
    """
    _, legendre = integrals()
    return _dot(legendre[3], rate), _dot(legendre[4], rate)


def _dot(weights: Any, values: Sequence[Any]) -> Any:
    return sum(weights[j] * values[j] for j in range(5))


def error_of(last: tuple[Any, Any], change: Any, step: Any) -> Any:
    """Estimate the error of a step from the last Legendre coefficients of the rate and the change.

    Coefficients that fall off steadily reach, at the order of the method, fourth^2 / first; the
    first is the mean rate. The fourth may be small by chance: the third stands in for it then.
    Lobatto's points integrate an eighth coefficient wrongly by 0.36 times the step, so the whole of
    it is on the safe side.
    """
    size = jnp.maximum(abs(last[1]), abs(last[0]) / 8.0)
    mean = abs(change) / jnp.maximum(step, _TINY)
    return step * size**2 / (mean + size + _TINY)


def collocate(
    production: Sequence[Any], loss: Sequence[Any], start: Any, step: Any
) -> tuple[list[Any], Any]:
    """Solve one turnover over one step.

    Parameters
    ----------
    production, loss : sequence of 5 Arrays
        At the points :data:`NODES`, per h.
    start : Array
        Response at the start.
    step : Array
        Length of the step, h.

    Returns
    -------
    later : list of Array
        Response at the four later points.
    error : Array
        Estimate of the error at the end.
    """
    net = [production[j] - loss[j] * start for j in range(5)]
    change = solve_net(net, loss, step)
    rate = [net[0], *(net[j] - loss[j] * change[j - 1] for j in range(1, 5))]
    error = error_of(last_coefficients(rate), change[3], step)
    return [start + z for z in change], error
