"""People of a data set in blocks: from their records to values at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ketascope.engine.arrivals import repeated
from ketascope.engine.compiled import double_precision
from ketascope.engine.data_failures import explained
from ketascope.engine.entries import find_doses
from ketascope.engine.ode_numerics import Numerics
from ketascope.engine.parameter_sets import Drawing, Sets, find_sets, line_of, rates_of
from ketascope.engine.problem import States, factor_of
from ketascope.engine.substeps import RTOL, cut, extrapolate
from ketascope.engine.timeline import SteadyStates, Steps, make_steps
from ketascope.engine.walk import steady_states, walk
from ketascope.errors import InputError, KetascopeError
from ketascope.models.individuals import residual, typical_values
from ketascope.models.responses import Direct
from ketascope.models.structure import Individual, OdeModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.records import Records

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

MEMORY = 2**28
"""Bytes that the blocks that are worked on at once may take, about (256 MiB)."""
SIZES = (8, 64, 512)
"""People in a block at most: the smallest size if one is enough, the middle one up to 512."""
CHANGING, PARTS = 8, 64
"""Where covariates change between records: people in a block at most, if steps are exact (the
numerical solution takes them by full tiles), and parts of a step for which there is room."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of every block.

    Parameters
    ----------
    drawing : Drawing
    carry : {"backward", "forward", "linear"}
        Which covariates hold between two records.
    residual : bool
        Add measurement error, in columns ``NAME_observed``.
    numerics : Numerics
        How models are solved that are not solved exactly.
    steady_errors : list of float
        Of models that are solved numerically, each block's largest relative error of a steady
        state.
    """

    drawing: Drawing
    carry: str = "backward"
    residual: bool = False
    numerics: Numerics = field(default_factory=Numerics)
    steady_errors: list[float] = field(default_factory=list, compare=False)

    @property
    def records(self) -> Records:
        """The data set."""
        return self.drawing.records

    @property
    def exact(self) -> bool:
        """Whether the model is linear, and no response has a memory."""
        model = self.drawing.model
        responses = model.responses(Individual(typical_values(model))).values()
        return not isinstance(model, OdeModel) and all(isinstance(r, Direct) for r in responses)

    @property
    def fed(self) -> tuple[int, ...]:
        """Compartments that are fed at a rate anywhere in the data set."""
        given = np.isin(self.records.evid, (1, 4)) & (self.records.rate != 0)
        return tuple(int(c) for c in np.unique(np.maximum(self.records.cmt[given] - 1, 0)))


def blocks(task: Task, workers: int, wish: int | None = None) -> Iterator[Indices]:
    """Part the people into blocks, those of most records first, within bounds of memory."""
    records, n = task.records, len(task.drawing.model.compartments)
    people = len(records.ids)
    rows = _expected_rows(records)
    order = np.argsort(-rows, kind="stable")
    most = wish or next((size for size in SIZES if people <= size * size), SIZES[-1])
    if not task.exact:
        from ketascope.engine.ode_solve import TILE

        most = wish or TILE
    bytes_each = 8 * (2 * n * (n + len(task.fed)) + 6 * n + 12)
    if task.carry == "linear":
        bytes_each *= PARTS
        most = min(most, CHANGING) if task.exact else most
    first = 0
    while first < people:
        room = MEMORY // workers // int(rows[order[first]] * bytes_each)
        stop = min(first + max(1, min(most, room)), people)
        yield order[first:stop]
        first = stop


def _expected_rows(records: Records) -> Indices:
    """Steps that each person takes, about: records, additional doses, ends of infusions."""
    count = len(records.ids)
    rows = np.bincount(records.subject, minlength=count).astype(np.float64)
    last = np.zeros(count)
    np.maximum.at(last, records.subject, records.time)
    dose = np.flatnonzero(np.isin(records.evid, (1, 4)))
    left, every = last[records.subject[dose]] - records.time[dose], records.ii[dose]
    fit = np.divide(left, every, out=np.zeros(len(dose)), where=every > 0)
    more = 1.0 + np.minimum(fit, records.addl[dose])
    rows += 2.0 * np.bincount(records.subject[dose], more, minlength=count)
    return rows.astype(np.int64)


def solve_people(task: Task, subjects: Indices) -> tuple[Indices, dict[str, Values]]:
    """Solve a block.

    Returns
    -------
    index : ndarray of int, shape (R,)
        Records of these people.
    columns : dict of str to ndarray, shape (R,)
        Outputs, in the order of the model.

    Raises
    ------
    InputError
        Naming the person, for what a model cannot do for somebody.
    """
    solve = partial(_solve, task)
    try:
        # what is not a number is looked for later, and named
        with np.errstate(all="ignore"):
            return solve(subjects)
    except KetascopeError:
        raise
    except (Exception, SystemExit) as error:
        with np.errstate(all="ignore"):
            found = explained(task.drawing, subjects, solve, error)
        if found is None:
            raise
        raise found from error


def _solve(task: Task, subjects: Indices) -> tuple[Indices, dict[str, Values]]:
    drawing, records = task.drawing, task.records
    model = drawing.model
    index = _records_of(records, subjects)
    sets, pset = find_sets(drawing, index)
    doses = find_doses(model, records, index, sets, pset)
    n = len(model.compartments)
    steps, steady = make_steps(records, index, pset, doses, n, forward=task.carry == "forward")
    solve = partial(_states, task, subjects, steady)
    if task.carry == "linear":
        states = _changing(task, index, sets, steps, solve)
    else:
        states = solve(sets, steps)
    columns = {}
    names = States(tuple(model.compartments), ())
    for name, measured in model.outputs(sets.individual).items():
        factor = np.broadcast_to(factor_of(model, name, measured), (len(sets),))
        columns[name] = states[:, names.of(measured.compartment, model)] * factor[pset]
    p = Individual({name: sets.individual[name][pset] for name in sets.individual.names()})
    if model.responses(p):
        from ketascope.engine.ode import respond

        columns |= respond(model, p, states, records.time[index])
    _check(task, index, columns)
    if task.residual:
        columns |= _observed(task, index, p, columns)
    return index, columns


def _records_of(records: Records, subjects: Indices) -> Indices:
    """Return the records of some people, person after person."""
    first = np.searchsorted(records.subject, subjects)
    which, count = repeated(np.searchsorted(records.subject, subjects, side="right") - first)
    return first[which] + count


def _states(
    task: Task, subjects: Indices, steady: SteadyStates, sets: Sets, steps: Steps
) -> Values:
    """Return amounts, then responses with a memory, at each record: shape (R, n + m)."""
    if isinstance(task.drawing.model, OdeModel):
        return _numerical(task, subjects, steady, sets, steps)
    exact = _exact(task, steady, sets, steps)
    if task.exact:
        return exact
    states = _numerical(task, subjects, steady, sets, steps)
    states[:, : exact.shape[1]] = exact
    return states


def _exact(task: Task, steady: SteadyStates, sets: Sets, steps: Steps) -> Values:
    """Solve a linear model."""
    rates = rates_of(task.drawing, sets)
    with double_precision():
        settled, exists = steady_states(rates, steady)
        if not exists.all():
            raise _no_steady_state(task, steps, int(np.flatnonzero(~exists)[0]))
        states = walk(rates, task.fed, steps, settled)
    return _at_records(states, steps)


def _numerical(
    task: Task, subjects: Indices, steady: SteadyStates, sets: Sets, steps: Steps
) -> Values:
    """Solve any model."""
    from ketascope.engine.ode import walk_ode

    walked = walk_ode(
        task.drawing.model,
        sets.individual,
        steps,
        steady,
        ids=task.records.ids[subjects].tolist(),
        line=partial(line_of, task.records),
        numerics=task.numerics,
    )
    if len(steady.person):
        task.steady_errors.append(walked.steady_state_error)
    return _at_records(walked.states, steps)


def _at_records(states: Values, steps: Steps) -> Values:
    """Pick what is there at each record: person after person, each in the order of the file."""
    return states.transpose(2, 0, 1)[steps.record.T >= 0]


def _changing(
    task: Task,
    index: Indices,
    sets: Sets,
    steps: Steps,
    solve: Callable[[Sets, Steps], Values],
) -> Values:
    """Return the states at each record while covariates change between records."""
    records = task.records

    def in_parts(parts: int) -> Values:
        return solve(*cut(task.drawing, sets, steps, parts))

    person = np.cumsum(np.diff(records.subject[index], prepend=-1) != 0) - 1
    # what the solver leaves open cannot settle
    tolerance = RTOL if task.exact else max(RTOL, 10.0 * task.numerics.rtol)
    values, settled = extrapolate(in_parts, person, rtol=tolerance)
    if not settled.all():
        record = int(index[np.flatnonzero(~settled)[0]])
        raise InputError(
            "the covariates change too fast between records to be followed for "
            f"{_whose(records, record)}",
            where=line_of(records, record),
            hint="add records (EVID 2) in between, or carry the covariates backward",
        )
    return values


def _no_steady_state(task: Task, steps: Steps, which: int) -> InputError:
    records = task.records
    record = int(steps.record[steps.steady == which + 1][0])
    return InputError(
        f"there is no steady state for {_whose(records, record)}: of what is dosed, some is never "
        "eliminated",
        where=f"model {task.drawing.model.name}, {line_of(records, record)}",
        hint="give the doses one by one, or let every compartment that the dose reaches lose it",
    )


def _whose(records: Records, record: int) -> str:
    """Return whose a record is and when, in words."""
    return f"ID {records.ids[records.subject[record]]} at {records.time[record]:g} h"


def _check(task: Task, index: Indices, columns: dict[str, Values]) -> None:
    """Refuse values that are not numbers."""
    records = task.records
    for name, values in columns.items():
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            record = int(index[bad[0]])
            raise InputError(
                f"{name} of {_whose(records, record)} is {values[bad[0]]:g}",
                where=f"model {task.drawing.model.name}, {line_of(records, record)}",
                hint="check the parameters and the covariates of this person",
            )


def _observed(
    task: Task, index: Indices, p: Individual, columns: dict[str, Values]
) -> dict[str, Values]:
    """Return the outputs with residual error, as they would be measured."""
    model, subject = task.drawing.model, task.records.subject[index]
    place = index - np.searchsorted(task.records.subject, subject)
    seed = task.drawing.seed
    return {
        f"{name}_observed": residual(model, name, columns[name], p, seed, subject, place)
        for name in model.residuals
        if name in columns
    }
