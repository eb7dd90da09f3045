"""Answers that owe nothing to the engine: SciPy's matrix exponential, and diffrax.

Both read what a model declares (flows, drives, inputs, outputs) and lay out the events of a course
in their own way, one person at a time: between two events the inputs are constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.linalg import expm

from ketascope.dosing import Administration
from ketascope.evidence.substances import molar_mass
from ketascope.models.structure import OUT, Individual, Model

ByOccasion = Callable[[int], Mapping[str, float]]


@dataclass(frozen=True)
class Course:
    """What happens to one person: jumps of amounts, and inputs at a constant rate."""

    jumps: tuple[tuple[float, int, float], ...]
    """(time, compartment, amount)."""
    inputs: tuple[tuple[float, float, int, float], ...]
    """(start, end, compartment, amount per hour)."""


def matrix(model: Model, p: Mapping[str, float]) -> np.ndarray:
    """Right-hand side of the model: d(amounts)/dt = matrix @ amounts."""
    names = list(model.compartments)
    a = np.zeros((len(names), len(names)))
    for (source, target), rate in model.flows(Individual(p)).items():
        a[names.index(source), names.index(source)] -= rate
        if target != OUT:
            a[names.index(target), names.index(source)] += rate
    for (source, target), rate in model.drives(Individual(p)).items():
        a[names.index(target), names.index(source)] += rate
    return a


def course(
    model: Model, of: ByOccasion, doses: Sequence[Administration], amounts: Sequence[float]
) -> Course:
    """Events of one person."""
    names = list(model.compartments)
    jumps, inputs = [], []
    for dose, mg in zip(doses, amounts, strict=True):
        amount = mg if model.amounts == "mg" else mg / molar_mass(model.drug) * 1000.0
        for path in model.inputs(Individual(of(dose.session)), dose):
            where, begin = names.index(path.compartment), dose.time + float(path.lag)
            lasts = dose.duration if path.duration is None else float(path.duration)
            into = amount * float(path.fraction)
            if lasts > 0:
                inputs.append((begin, begin + lasts, where, into / lasts))
            else:
                jumps.append((begin, where, into))
    return Course(tuple(jumps), tuple(inputs))


def pieces(
    events: Course, times: Sequence[float], starts: Sequence[float]
) -> list[tuple[float, float]]:
    """Intervals in which nothing changes, from 0 to the last time."""
    ends = [t for begin, end, _, _ in events.inputs for t in (begin, end)]
    marks = {0.0, *map(float, times), *ends, *starts, *(t for t, _, _ in events.jumps)}
    inside = sorted(t for t in marks if t <= max(times))
    return list(pairwise(inside))


Step = Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]
"""(matrix, inputs, amounts, hours) to the amounts after these hours."""


def by_expm(a: np.ndarray, u: np.ndarray, x: np.ndarray, hours: float) -> np.ndarray:
    """One interval by SciPy: the inputs are one more column."""
    n = len(a)
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n], whole[:n, n] = a, u
    return (expm(whole * hours) @ np.append(x, 1.0))[:n]


def amounts(
    model: Model,
    of: ByOccasion,
    doses: Sequence[Administration],
    mg: Sequence[float],
    times: Sequence[float],
    starts: Sequence[float] = (),
    step: Step = by_expm,
) -> np.ndarray:
    """Amount in every compartment, shape (compartments, times), after what happens at a time.

    ``of(k)`` gives the parameters of occasion k, which begins at ``starts[k]``.
    """
    events = course(model, of, doses, mg)

    def jump(x: np.ndarray, at: float) -> np.ndarray:
        x = x.copy()
        for time, where, amount in events.jumps:
            if time == at:
                x[where] += amount
        return x

    x = jump(np.zeros(len(model.compartments)), 0.0)
    found = {0.0: x}
    for begin, end in pieces(events, times, starts):
        occasion = max(int(np.searchsorted(starts, begin, side="right")) - 1, 0)
        u = np.zeros(len(x))
        for first, last, where, rate in events.inputs:
            if first <= begin and last >= end:
                u[where] += rate
        x = jump(step(matrix(model, of(occasion)), u, x, end - begin), end)
        found[end] = x
    return np.stack([found[float(t)] for t in times], axis=-1)


def concentrations(
    model: Model,
    of: ByOccasion,
    found: np.ndarray,
    times: Sequence[float],
    starts: Sequence[float] = (),
) -> dict[str, np.ndarray]:
    """Turn amounts into ng/mL by analyte."""
    names = list(model.compartments)
    result: dict[str, np.ndarray] = {}
    for k, time in enumerate(times):
        occasion = max(int(np.searchsorted(starts, time, side="right")) - 1, 0)
        for analyte, measured in model.outputs(Individual(of(occasion))).items():
            mass = 1.0 if model.amounts == "mg" else molar_mass(analyte) / 1000.0
            row = result.setdefault(analyte, np.empty(len(times)))
            amount = found[names.index(measured.compartment), k]
            row[k] = amount * mass / float(measured.volume) * 1000.0
    return result


@lru_cache(maxsize=32)
def diffrax_step(size: int, solver: str = "Dopri8") -> Step:
    """One interval by a Runge-Kutta method at tolerances of 1e-13, compiled once for a size."""
    import diffrax
    import jax

    method: Any = getattr(diffrax, solver)()

    def right_hand_side(t: Any, x: Any, args: Any) -> Any:
        del t
        a, u = args
        return a @ x + u

    @jax.jit
    def solve(a: Any, u: Any, x: Any, hours: Any) -> Any:
        # the interval is stretched to 0..1, so that every length shares one compiled program
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(right_hand_side), method, 0.0, 1.0, None, x, (a * hours, u * hours),
            stepsize_controller=diffrax.PIDController(rtol=1e-13, atol=1e-13),
            max_steps=2_000_000,
        )  # fmt: skip
        return solution.ys[0]

    def step(a: np.ndarray, u: np.ndarray, x: np.ndarray, hours: float) -> np.ndarray:
        with jax.enable_x64(True):
            return np.asarray(solve(a, u, x, hours))

    return step
