"""How differential equations are solved: tolerances, solver, limits."""

from __future__ import annotations

from dataclasses import dataclass

from ketascope.engine.tolerances import FINEST, SMALLEST, check_tolerance
from ketascope.errors import InputError

RTOL, ATOL = 1e-8, 1e-10
MAX_STEPS = 10_000


@dataclass(frozen=True)
class Numerics:
    """How differential equations are solved.

    Parameters
    ----------
    rtol, atol : float
        Error allowed in one step of the solver, relative to each state and absolute in its unit.
    solver : {"explicit", "stiff"} or None
        None takes the one that the model names.
    max_steps : int
        Steps of the solver between two events before it gives up.
    steady_tol : float
        Relative error allowed in a steady state.
    """

    rtol: float = RTOL
    atol: float = ATOL
    solver: str | None = None
    max_steps: int = MAX_STEPS
    steady_tol: float = 1e-8

    def __post_init__(self) -> None:
        check_tolerance("relative", self.rtol, FINEST)
        check_tolerance("absolute", self.atol, SMALLEST)
        check_tolerance("steady-state", self.steady_tol, FINEST)
        if self.solver not in (None, "explicit", "stiff"):
            raise InputError(f"there is no solver '{self.solver}'", hint="take explicit or stiff")
        if self.max_steps < 1:
            raise InputError(
                f"the number of solver steps is {self.max_steps}", hint="take 1000 or more"
            )

    @classmethod
    def within(cls, rtol: float | None, atol: float | None) -> Numerics:
        """Return the usual numerics with other tolerances, where some are given."""
        return cls(RTOL if rtol is None else rtol, ATOL if atol is None else atol)
