"""From a model, a schedule and people to arrays: states, rates, jumps and the steps between.

A linear model between jumps is one matrix. A bolus is a jump of a compartment; an infusion or a
zero-order input is a jump of a *rate state*, which feeds its compartment and never decays, up at
the start and down at the end. Jumps at the same time for everyone lie on the grid of steps; jumps
at times of a person's own (durations or lags with variability) are carried from their own time to
the end of the step they fall in, which is exact because the model is linear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.errors import InputError
from ketascope.evidence.substances import molar_mass
from ketascope.models.structure import OUT, Individual, Into, Model, numeric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]

SAME_TIME = 1e-9
"""Times closer than this (h; 4 microseconds) are one."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A change of one state: its time (h) and size, each one number or one a person."""

    time: Any
    state: int
    size: Any

    @property
    def common(self) -> bool:
        """Whether it comes at the same time for everyone."""
        return np.ndim(self.time) == 0


@dataclass(frozen=True, slots=True)
class States:
    """The states of a run: the compartments, then one rate state for each fed compartment."""

    compartments: tuple[str, ...]
    fed: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of states."""
        return len(self.compartments) + len(self.fed)

    def of(self, compartment: str, model: Model) -> int:
        """Index of a compartment."""
        try:
            return self.compartments.index(compartment)
        except ValueError:
            raise InputError(
                f"the model {model.name} uses the compartment '{compartment}' without declaring it",
                hint=f"its compartments are {', '.join(self.compartments)}",
            ) from None

    def rate(self, compartment: str) -> int:
        """Index of the rate state that feeds a compartment."""
        return len(self.compartments) + self.fed.index(compartment)


def at_occasion(p: Individual, occasion: int) -> Individual:
    """Return the parameters of one occasion: rows of those that vary by occasion."""
    values = {name: p[name] for name in p.names()}
    return Individual({name: v[occasion] if np.ndim(v) == 2 else v for name, v in values.items()})


def declare_states(model: Model, p: Individual, doses: Sequence[Administration]) -> States:
    """Find which compartments are fed by infusion or zero-order input."""
    fed: list[str] = []
    seen: set[tuple[str, int, bool]] = set()
    first = at_occasion(p, 0)
    for dose in doses:
        kind = (dose.route, dose.device, dose.duration > 0)
        if kind in seen:
            continue
        seen.add(kind)
        for path in model.inputs(first, dose):
            if _duration(path, dose) is not None and path.compartment not in fed:
                fed.append(path.compartment)
    return States(tuple(model.compartments), tuple(fed))


def rate_matrix(model: Model, p: Individual, states: States, people: int) -> Any:
    """Assemble the rate matrix, shape (states, states, people), 1/h.

    NumPy in, NumPy out; with JAX parameters the result is a JAX array that can be differentiated.
    """
    flows, drives = model.flows(p), model.drives(p)
    xp = numeric(*flows.values(), *drives.values())
    size = states.count
    entries: dict[tuple[int, int], Any] = {}

    def add(i: int, j: int, value: Any) -> None:
        entries[i, j] = entries[i, j] + value if (i, j) in entries else value

    for (source, target), rate in flows.items():
        j = states.of(source, model)
        add(j, j, -rate)
        if target != OUT:
            add(states.of(target, model), j, rate)
    for (source, target), rate in drives.items():
        add(states.of(target, model), states.of(source, model), rate)
    for compartment in states.fed:
        add(states.of(compartment, model), states.rate(compartment), 1.0)
    matrix = xp.zeros((size, size, people))
    for (i, j), value in entries.items():
        if xp is np:
            matrix[i, j] = value
        else:
            matrix = matrix.at[i, j].set(value)
    return matrix


def find_jumps(
    model: Model,
    p: Individual,
    states: States,
    doses: Sequence[Administration],
    amounts: Sequence[Any],
) -> list[Jump]:
    """Turn doses into jumps.

    Parameters
    ----------
    amounts : sequence
        mg of base for each dose: one number, or one a person.
    """
    per_mg = 1.0 if model.amounts == "mg" else 1000.0 / molar_mass(model.drug)
    jumps: list[Jump] = []
    for dose, mg in zip(doses, amounts, strict=True):
        here = at_occasion(p, dose.session)
        for path in model.inputs(here, dose):
            size = mg * per_mg * path.fraction
            start = dose.time + path.lag
            duration = _duration(path, dose)
            if duration is None:
                jumps.append(Jump(start, states.of(path.compartment, model), size))
            else:
                state = states.rate(path.compartment)
                jumps.append(Jump(start, state, size / duration))
                jumps.append(Jump(start + duration, state, -size / duration))
    return jumps


def _duration(path: Into, dose: Administration) -> Any | None:
    """Hours of zero-order input, or None for a dose that goes in at once."""
    if path.duration is not None:
        return path.duration
    return dose.duration if dose.duration > 0 else None


@dataclass(frozen=True, slots=True)
class Steps:
    """The grid a run walks: its times, and where the times asked for stand in it."""

    times: Values
    asked: NDArray[np.int64]

    def index(self, time: float) -> int:
        """Index of a time on the grid."""
        k = int(np.searchsorted(self.times, time - SAME_TIME))
        assert abs(self.times[k] - time) <= SAME_TIME
        return k


def make_steps(asked: Values, jump_times: Sequence[float]) -> Steps:
    """Merge the times asked for with those of jumps; the grid begins at 0."""
    last = float(asked[-1])
    extra = [t for t in jump_times if t <= last + SAME_TIME]
    merged = np.unique(np.concatenate([[0.0], asked, extra]))
    keep = np.concatenate([[True], np.diff(merged) > SAME_TIME])
    times = merged[keep]
    place = np.searchsorted(times, asked - SAME_TIME)
    return Steps(times, place.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of steps with the same rates and few distinct lengths."""

    first: int
    """Index of the first step (the step that ends at ``times[first]``)."""
    stop: int
    occasion: int
    lengths: Values
    """Distinct step lengths, h."""
    which: NDArray[np.int32]


MAX_LENGTHS, MAX_STEPS = 32, 4096
"""Distinct step lengths, and steps, of one stretch: they bound the memory it takes."""


def make_stretches(steps: Steps, occasion_starts: Sequence[float]) -> list[Stretch]:
    """Divide the grid where the rates change and where step lengths become too many.

    Parameters
    ----------
    occasion_starts : sequence of float
        Start of each occasion, h; empty where the rates never change.
    """
    times = steps.times
    lengths = np.diff(times, prepend=times[0])
    tolerance = 8.0 * np.spacing(max(times[-1], 1.0))
    starts = np.asarray(occasion_starts if len(occasion_starts) else [0.0])
    before = np.concatenate([[times[0]], times[:-1]])
    occasion = np.maximum(np.searchsorted(starts, before + SAME_TIME, side="right") - 1, 0)
    stretches: list[Stretch] = []
    first = 0
    while first < len(times):
        stop = first
        distinct: list[float] = []
        which: list[int] = []
        end = min(len(times), first + MAX_STEPS)
        while stop < end and occasion[stop] == occasion[first]:
            near = [i for i, d in enumerate(distinct) if abs(d - lengths[stop]) <= tolerance]
            if not near and len(distinct) == MAX_LENGTHS:
                break
            if not near:
                distinct.append(float(lengths[stop]))
            which.append(near[0] if near else len(distinct) - 1)
            stop += 1
        stretches.append(
            Stretch(
                first,
                stop,
                int(occasion[first]),
                np.asarray(distinct),
                np.asarray(which, dtype=np.int32),
            )
        )
        first = stop
    return stretches


def outputs(model: Model, p: Individual, states: States) -> tuple[tuple[int, ...], list[Any]]:
    """Return the states behind the analytes and the factors from amount to ng/mL."""
    rows, factors = [], []
    for analyte, measured in model.outputs(p).items():
        mass = 1.0 if model.amounts == "mg" else molar_mass(analyte) / 1000.0
        rows.append(states.of(measured.compartment, model))
        # mg/L times 1000 is ug/L, which is ng/mL
        factors.append(1000.0 * mass / measured.volume)
    return tuple(rows), factors


def check_rates(rates: Values, model: Model, first_subject: int) -> None:
    """Refuse rates that are not numbers, or negative flows.

    Raises
    ------
    InputError
        Naming the model, the compartment and the person.
    """
    bad = ~np.isfinite(rates)
    off_diagonal = ~np.eye(rates.shape[0], dtype=bool)
    bad |= (rates < 0) & off_diagonal[:, :, None]
    if bad.any():
        i, j, person = (int(x[0]) for x in np.nonzero(bad))
        names: Mapping[int, str] = dict(enumerate(model.compartments))
        raise InputError(
            f"the rate from '{names.get(j, 'input')}' to '{names.get(i, 'input')}' is "
            f"{rates[i, j, person]:g} for person {first_subject + person + 1}",
            where=f"model {model.name}",
            hint="rates must be finite and not negative",
        )
