"""From a model, people and doses to arrays: states, rates, inputs and outputs.

A linear model between events is one matrix. A bolus changes an amount at once; an infusion or a
zero-order input feeds a compartment at a constant rate from its start to its end. Times and rates
may be one number for everyone or one a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.errors import InputError
from ketascope.evidence.substances import molar_mass
from ketascope.models.structure import (
    OUT,
    Concentration,
    Individual,
    Into,
    Model,
    Structure,
    numeric,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class States:
    """The states of a run: the compartments, and which of them are fed at a rate."""

    compartments: tuple[str, ...]
    fed: tuple[str, ...]

    @property
    def count(self) -> int:
        """Size of the rate matrix: the compartments, then one column for each that is fed."""
        return len(self.compartments) + len(self.fed)

    def of(self, compartment: str, model: Structure) -> int:
        """Index of a compartment."""
        try:
            return self.compartments.index(compartment)
        except ValueError:
            raise InputError(
                f"the model {model.name} uses the compartment '{compartment}' without declaring it",
                hint=f"its compartments are {', '.join(self.compartments)}",
            ) from None


@dataclass(frozen=True, slots=True)
class Bolus:
    """An amount that arrives at once: time (h), compartment, size."""

    time: Any
    compartment: int
    size: Any


@dataclass(frozen=True, slots=True)
class Infusion:
    """An input at a constant rate: start and end (h), index among the fed, amount per hour."""

    start: Any
    end: Any
    fed: int
    rate: Any


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of a run, in the order of the doses."""

    boluses: tuple[Bolus, ...]
    infusions: tuple[Infusion, ...]


def is_common(*times: Any) -> bool:
    """Whether times are known and the same for everyone (numbers, not arrays or JAX values)."""
    return all(isinstance(time, (int, float, np.floating, np.integer)) for time in times)


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


def rate_matrix(model: Structure, p: Individual, states: States, people: int) -> Any:
    """Assemble the rate matrix, shape (states, states, people), 1/h.

    NumPy in, NumPy out; with JAX parameters the result is a JAX array that can be differentiated.
    """
    flows, drives = model.flows(p), model.drives(p)
    xp = numeric(*flows.values(), *drives.values())
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
    for k, compartment in enumerate(states.fed):
        add(states.of(compartment, model), len(states.compartments) + k, 1.0)
    matrix = xp.zeros((states.count, states.count, people))
    for (i, j), value in entries.items():
        if xp is np:
            matrix[i, j] = value
        else:
            matrix = matrix.at[i, j].set(value)
    return matrix


def find_reach(model: Structure, p: Individual, states: States) -> tuple[tuple[int, ...], ...]:
    """Return for each compartment the columns of the rate matrix that can reach it, in order.

    What cannot reach a compartment has no part in its amount, whatever the rates are.
    """
    size, n = states.count, len(states.compartments)
    near = np.eye(size, dtype=bool)
    for source, target in [*model.flows(p), *model.drives(p)]:
        if target != OUT:
            near[states.of(target, model), states.of(source, model)] = True
    for k, compartment in enumerate(states.fed):
        near[states.of(compartment, model), n + k] = True
    for middle in range(size):
        near |= near[:, middle, None] & near[None, middle]
    return tuple(tuple(int(j) for j in np.flatnonzero(near[i])) for i in range(n))


def find_inputs(
    model: Model,
    p: Individual,
    states: States,
    doses: Sequence[Administration],
    amounts: Sequence[Any],
) -> Inputs:
    """Turn doses into inputs.

    Parameters
    ----------
    amounts : sequence
        mg of base for each dose: one number, or one a person.
    """
    per_mg = 1.0 if model.amounts == "mg" else 1000.0 / molar_mass(model.drug)
    boluses: list[Bolus] = []
    infusions: list[Infusion] = []
    for dose, mg in zip(doses, amounts, strict=True):
        for path in model.inputs(at_occasion(p, dose.session), dose):
            _check_entry(path, model)
            size = mg * per_mg * path.fraction
            start = dose.time + path.lag
            duration = _duration(path, dose)
            if duration is None:
                boluses.append(Bolus(start, states.of(path.compartment, model), size))
            else:
                _check_duration(duration, model, path)
                fed = states.fed.index(path.compartment)
                infusions.append(Infusion(start, start + duration, fed, size / duration))
    return Inputs(tuple(boluses), tuple(infusions))


def _duration(path: Into, dose: Administration) -> Any | None:
    """Hours of zero-order input, or None for a dose that goes in at once."""
    if path.duration is not None:
        return path.duration
    return dose.duration if dose.duration > 0 else None


def _check_entry(path: Into, model: Model) -> None:
    """Refuse a fraction or a lag that is no number or negative."""
    for word, value in (("fraction", path.fraction), ("lag", path.lag)):
        # what JAX differentiates has no value yet
        if not isinstance(value, (int, float, np.ndarray)):
            continue
        bad = ~(np.isfinite(value) & (np.asarray(value) >= 0))
        if bad.any():
            raise InputError(
                f"the {word} of the input into '{path.compartment}' is "
                f"{np.asarray(value)[bad].ravel()[0]:g}",
                where=f"model {model.name}",
                hint="it must be finite and not negative",
            )


def _check_duration(duration: Any, model: Model, path: Into) -> None:
    if isinstance(duration, (int, float, np.ndarray)) and not np.all(np.asarray(duration) > 0):
        raise InputError(
            f"the input into '{path.compartment}' lasts {np.min(duration):g} h",
            where=f"model {model.name}",
            hint="a duration must be greater than 0",
        )


def outputs(model: Model, p: Individual, states: States) -> tuple[tuple[int, ...], list[Any]]:
    """Return the states behind the analytes and the factors from amount to ng/mL."""
    rows, factors = [], []
    for analyte, measured in model.outputs(p).items():
        rows.append(states.of(measured.compartment, model))
        factors.append(factor_of(model, analyte, measured))
    return tuple(rows), factors


def factor_of(model: Structure, analyte: str, measured: Concentration) -> Any:
    """Return the factor from the amount in a compartment to ng/mL."""
    mass = 1.0 if model.amounts == "mg" else molar_mass(analyte) / 1000.0
    # mg/L times 1000 is ug/L, which is ng/mL
    return 1000.0 * mass / measured.volume


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
