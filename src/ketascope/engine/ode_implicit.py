"""The implicit method for stiff equations, with a linear solver made for small systems of many.

Each stage of the method solves for the states by Newton steps with one matrix. For a handful of
states the matrix is inverted by elimination written out in array operations, which run along the
people; a call of a library for each person takes several times as long.
"""

from __future__ import annotations

from typing import Any

import diffrax
import jax.numpy as jnp
import lineax
import optimistix

WRITTEN_OUT = 12
"""Largest number of states for which the elimination is written out."""


class Elimination(lineax.AbstractLinearSolver[Any]):  # type: ignore[misc]
    """Gauss-Jordan elimination with partial pivoting."""

    def init(self, operator: lineax.AbstractLinearOperator, options: dict[str, Any]) -> Any:
        """Return the inverse."""
        del options
        matrix = operator.as_matrix()
        n = matrix.shape[0]
        row = jnp.arange(n)[:, None]
        a = jnp.concatenate([matrix, jnp.eye(n, dtype=matrix.dtype)], axis=1)
        for k in range(n):
            best = jnp.argmax(jnp.where(row[:, 0] >= k, jnp.abs(a[:, k]), -1.0))
            pivot = jnp.sum(jnp.where(row == best, a, 0.0), axis=0)
            a = jnp.where(row == best, a[k], a)
            pivot = pivot / pivot[k]
            a = jnp.where(row == k, pivot, a - a[:, k, None] * pivot)
        return a[:, n:]

    def compute(
        self, state: Any, vector: Any, options: dict[str, Any]
    ) -> tuple[Any, lineax.RESULTS, dict[str, Any]]:
        """Multiply with the inverse."""
        del options
        return jnp.sum(state * vector[None, :], axis=1), lineax.RESULTS.successful, {}

    def transpose(self, state: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the inverse of the transposed matrix."""
        return state.T, options

    def conj(self, state: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the inverse of the conjugate matrix."""
        return jnp.conj(state), options

    def assume_full_rank(self) -> bool:
        """The matrix is taken to be regular."""
        return True


def implicit_method(states: int) -> diffrax.AbstractSolver[Any]:
    """Return the method for stiff equations of so many states.

    The Newton steps are those of optimistix: the stricter ones that diffrax has as its default
    reject half of the steps at small tolerances.
    """
    linear = Elimination() if states <= WRITTEN_OUT else lineax.AutoLinearSolver(well_posed=None)
    newton = diffrax.with_stepsize_controller_tols(optimistix.Chord)(linear_solver=linear)
    return diffrax.Kvaerno5(root_finder=newton)
