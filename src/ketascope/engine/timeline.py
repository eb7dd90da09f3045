"""From the records of a data set to steps: what happens to each person, moment by moment.

Each record ends a step. So does everything that falls between records: additional and lagged
doses, the starts and ends of infusions. What an event clears is cleared by cutting a person's
records into stretches: a reset (EVID 3 or 4) or a steady state that replaces (SS = 1) begins a
new one, and nothing given in a stretch outlives it. People differ in everything, so each has
steps of their own, filled up to the longest of the block with steps in which nothing happens.

The rules are those of NONMEM's events, with one difference: an additional dose keeps the
bioavailability, rate and duration of the record that it belongs to, as it keeps its lag, where
NONMEM takes them from the first record at or after the time at which the dose enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.arrivals import Doses, Events, Given, Stretches, find_events, repeated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.records import Records

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Steps:
    """The steps of a block of P people, filled up to K steps, with n compartments.

    At the end of a step, in this order: the state has moved by ``dt`` under ``feed``; it is reset;
    a steady state is taken over; amounts are added; the values of a record are taken.

    Parameters
    ----------
    dt : ndarray, shape (K, P)
        Hours of the step; 0 for what happens at a moment.
    start : ndarray, shape (K, P)
        Clock time at which it begins, h.
    pset : ndarray of int, shape (K, P)
        Parameter set of the block that holds during it.
    feed : ndarray, shape (K, n, P)
        Rates of input during it, amount per hour.
    reset : ndarray of bool, shape (K, P)
        Whether the state returns to its initial values.
    steady : ndarray of int, shape (K, P)
        0, or 1 + index of the steady state that is taken over.
    add : ndarray of bool, shape (K, P)
        Whether the steady state is added to what is there (SS = 2) instead of replacing it.
    jump : ndarray, shape (K, n, P)
        Amounts that come at once.
    record : ndarray of int, shape (K, P)
        Record of the data set whose values are taken here, or -1.
    """

    dt: Values
    start: Values
    pset: Indices
    feed: Values
    reset: Flags
    steady: Indices
    add: Flags
    jump: Values
    record: Indices


@dataclass(frozen=True)
class SteadyStates:
    """The M steady states of a block: the same dose for ever, seen at its record's time.

    Parameters
    ----------
    person, pset : ndarray of int, shape (M,)
        Column of the block, parameter set.
    interval : ndarray, shape (M,)
        Hours from dose to dose; infinite for a constant infusion.
    since : ndarray, shape (M,)
        Hours since the last arrival before the record's time, above 0 and up to the interval.
    compartment : ndarray of int, shape (M,)
        Zero-based.
    size : ndarray, shape (M,)
        Amount that comes at once in each interval; 0 for infusions.
    rate : ndarray, shape (M,)
        Amount per hour while an infusion runs; 0 for boluses.
    duration : ndarray, shape (M,)
        Hours of each infusion, which may exceed the interval (they overlap); infinite for a
        constant infusion.
    """

    person: Indices
    pset: Indices
    interval: Values
    since: Values
    compartment: Indices
    size: Values
    rate: Values
    duration: Values


def make_steps(
    records: Records,
    index: Indices,
    pset: Indices,
    doses: Doses,
    compartments: int,
    *,
    forward: bool = False,
) -> tuple[Steps, SteadyStates]:
    """Lay out the records of some people in steps.

    Parameters
    ----------
    records : Records
    index : ndarray of int, shape (R,)
        Records of the block, person after person, each person's in file order.
    pset : ndarray of int, shape (R,)
        Parameter set of each.
    doses : Doses
    compartments : int
        How many the model has.
    forward : bool
        A record's parameters hold from it on, instead of over the interval that ends at it.
    """
    people = Stretches.of(records, index)
    given = Given.of(records, index, people, doses)
    events = find_events(people, given)
    rows = _rows(people, events)
    steps = _fill(rows, people, events, given, index, pset, compartments, forward)
    repeats = given.steady
    steady = SteadyStates(
        person=people.person[doses.row[repeats]],
        pset=pset[doses.row[repeats]],
        interval=given.interval[repeats],
        since=given.since[repeats],
        compartment=doses.compartment[repeats],
        size=given.size[repeats],
        rate=doses.rate[repeats],
        duration=given.duration[repeats],
    )
    return steps, steady


@dataclass(frozen=True, slots=True)
class _Rows:
    """Every moment in order, person after person (T of them)."""

    of: Indices
    """Row of each moment, numbered as in :class:`Events`."""
    moment: Indices
    person: Indices
    k: Indices
    """Step of the person that ends at each row."""
    dt: Values
    start: Values


def _rows(people: Stretches, events: Events) -> _Rows:
    """Merge records and moments between them into one order."""
    stretch = np.concatenate([people.stretch, events.stretch])
    time = np.concatenate([people.time, events.time])
    moment = np.lexsort((time, stretch))
    of = np.empty_like(moment)
    of[moment] = np.arange(len(moment))
    person = people.person[people.first[stretch[moment]]]
    new = np.append(True, person[1:] != person[:-1])
    begin = np.flatnonzero(new)
    ordered = time[moment]
    dt = np.where(new, 0.0, np.maximum(np.diff(ordered, prepend=ordered[:1]), 0.0))
    k = np.arange(len(moment)) - begin[person]
    return _Rows(of, moment, person, k, dt, ordered - dt)


def _fill(
    rows: _Rows,
    people: Stretches,
    events: Events,
    given: Given,
    index: Indices,
    pset: Indices,
    compartments: int,
    forward: bool,
) -> Steps:
    """Put what happens into arrays of the block."""
    steps, count = int(rows.k.max()) + 1, int(people.person[-1]) + 1
    where = (rows.k, rows.person)
    known = len(index)

    def table(values: Any, fill: Any) -> Any:
        array = np.full((steps, count), fill, dtype=np.asarray(values).dtype)
        array[where] = values
        return array

    jump = np.zeros((steps, compartments, count))
    row = rows.of[events.moment]
    into = given.doses.compartment[events.dose]
    np.add.at(jump, (rows.k[row], into, rows.person[row]), given.size[events.dose])

    feed = np.zeros((steps, compartments, count))
    begin, end = rows.of[events.begin], rows.of[events.end]
    infusion, offset = repeated(np.maximum(end - begin, 0))
    row = begin[infusion] + 1 + offset
    dose = events.infusion[infusion]
    into = given.doses.compartment[dose]
    np.add.at(feed, (rows.k[row], into, rows.person[row]), given.doses.rate[dose])

    steady, add = np.zeros((steps, count), dtype=np.int64), np.zeros((steps, count), dtype=bool)
    row = rows.of[given.doses.row[given.steady]]
    steady[rows.k[row], rows.person[row]] = 1 + np.arange(len(row))
    add[rows.k[row], rows.person[row]] = given.add[given.steady]

    is_record = rows.moment < known
    record = np.where(is_record, rows.moment, 0)
    own_pset = pset[_holding(is_record, record, rows, forward)]
    return Steps(
        dt=table(rows.dt, 0.0),
        start=table(rows.start, 0.0),
        pset=_carried(table(own_pset, -1)),
        feed=feed,
        reset=table(is_record & people.reset[record], False),
        steady=steady,
        add=add,
        jump=jump,
        record=table(np.where(is_record, index[record], -1), -1),
    )


def _holding(is_record: Flags, record: Indices, rows: _Rows, forward: bool) -> Indices:
    """Return the record whose parameters hold during each row's step."""
    if not forward:
        coming = np.where(is_record, record, np.iinfo(np.int64).max)
        return np.minimum.accumulate(coming[::-1])[::-1]
    last = np.maximum.accumulate(np.where(is_record, record, -1))
    return np.where(rows.k == 0, record, np.append(record[:1], last[:-1]))


def _carried(pset: Indices) -> Indices:
    """Fill up with each person's last parameter set, so that filling brings no new ones."""
    last = np.maximum.accumulate(np.where(pset >= 0, np.arange(len(pset))[:, None], 0), axis=0)
    return np.take_along_axis(pset, last, axis=0)
