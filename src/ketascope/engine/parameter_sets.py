"""Parameters of the people of a data set, a set for each person, covariates and occasion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.problem import States, rate_matrix
from ketascope.errors import InputError
from ketascope.models.individuals import Layers, draw
from ketascope.models.structure import Covariates, Individual, Model, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.records import Records

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

PEOPLE = ("age", "weight", "height", "sex", "race")
"""Covariates that a column may name in any case."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How parameters are drawn, the same for every block."""

    model: Structure
    records: Records
    columns: Mapping[str, Values]
    """Covariates of the model by record, shape (N,)."""
    seed: int
    random: bool
    typical: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Sets:
    """The Q parameter sets of a block.

    Parameters
    ----------
    individual : Individual
        Arrays of shape (Q,).
    who : Covariates
    record : ndarray of int, shape (Q,)
        A record that each stands for, for messages.
    covariates : mapping of str to ndarray, shape (Q,)
    """

    individual: Individual
    who: Covariates
    record: Indices
    covariates: Mapping[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.record)


def find_columns(model: Structure, records: Records) -> dict[str, Values]:
    """Return the columns that a model reads as covariates, by its names for them.

    Raises
    ------
    InputError
        If the data set lacks one, or a cell of one is missing.
    """
    found: dict[str, Values] = {}
    for name in model.covariates:
        if isinstance(model, Model) and name in ("sex", "race"):
            raise InputError(
                f"the model {model.name} asks for {name} in words, and a data set holds numbers",
                where=records.source,
                hint="take another model, or a file of your own that reads a number",
            )
        same = [c for c in records.more if c == name] or [
            c for c in records.more if name in PEOPLE and c.lower() == name
        ]
        if not same:
            raise _no_column(name, model, records)
        values = records.more[same[0]]
        if np.isnan(values).any():
            raise InputError(
                f"'{same[0]}' is missing, which the model {model.name} reads",
                where=records.where(int(np.flatnonzero(np.isnan(values))[0]), same[0]),
                hint="give it on every record",
            )
        found[name] = values
    return found


def _no_column(name: str, model: Structure, records: Records) -> InputError:
    """Say that a covariate has no column, or one without a single number."""
    if name in records.ignored:
        return InputError(
            f"the column '{name}', which the model {model.name} reads, holds no number",
            where=records.source,
            hint="give numbers, such as 0 and 1 for two kinds",
        )
    columns = ", ".join(records.more)
    return InputError(
        f"there is no column '{name}', which the model {model.name} reads",
        where=records.source,
        hint=f"the columns of covariates are {columns}" if columns else "add one of that name",
    )


def find_sets(drawing: Drawing, index: Indices) -> tuple[Sets, Indices]:
    """Draw the parameter sets of some records.

    Returns
    -------
    sets : Sets
    pset : ndarray of int, shape (len(index),)
        Set of each record.
    """
    records = drawing.records
    keys: list[NDArray[Any]] = [column[index] for column in drawing.columns.values()]
    if drawing.random and drawing.model.varies_by_occasion:
        keys.append(records.occasion[index])
    keys.append(records.subject[index])
    order = np.lexsort(keys)
    new = np.append(True, np.zeros(len(order) - 1, dtype=bool))
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    pset = np.empty(len(order), dtype=np.int64)
    pset[order] = np.cumsum(new) - 1
    record = index[order[new]]
    at = {name: column[record] for name, column in drawing.columns.items()}
    return draw_sets(drawing, record, at), pset


def draw_sets(drawing: Drawing, record: Indices, covariates: Mapping[str, Values]) -> Sets:
    """Draw the parameter sets of the people and occasions of some records, at these covariates."""
    count = len(record)
    unknown = np.full(count, np.nan)
    usual: dict[str, Any] = {name: covariates.get(name, unknown) for name in PEOPLE}
    others = {name: values for name, values in covariates.items() if name not in PEOPLE}
    who = Covariates(**usual, more=others)
    individual = draw(
        drawing.model,
        who,
        drawing.records.subject[record],
        seed=drawing.seed,
        occasions=drawing.records.occasion[record],
        layers=Layers(people=drawing.random),
        typical=drawing.typical,
    )
    values = {name: np.broadcast_to(individual[name], (count,)) for name in individual.names()}
    return Sets(Individual(values), who, record, covariates)


def rates_of(drawing: Drawing, sets: Sets) -> Values:
    """Return the rate matrices of parameter sets, shape (n, n, Q), 1/h.

    Raises
    ------
    InputError
        For rates that are not numbers or negative, naming the compartments and the record.
    """
    model, records = drawing.model, drawing.records
    states = States(tuple(model.compartments), ())
    rates: Values = rate_matrix(model, sets.individual, states, len(sets))
    loses = np.eye(len(rates), dtype=bool)[:, :, None]
    bad = ~np.isfinite(rates) | ((rates < 0) & ~loses) | ((rates > 0) & loses)
    if bad.any():
        i, j, q = (int(x[0]) for x in np.nonzero(bad))
        source, target = states.compartments[j], states.compartments[i]
        flow = f"from '{source}' to '{target}'" if i != j else f"out of '{source}'"
        raise InputError(
            f"the rate {flow} is {rates[i, j, q] if i != j else -rates[i, j, q]:g} for ID "
            f"{records.ids[records.subject[sets.record[q]]]}",
            where=f"model {model.name}, {line_of(records, int(sets.record[q]))}",
            hint="rates must be finite and not negative",
        )
    return rates


def line_of(records: Records, record: int) -> str:
    """Return the place of a record in words; rows of what is no text file count from 1."""
    line = int(records.lines[record])
    return f"{records.source}, {records.counted} {line if records.counted == 'line' else line - 1}"
