"""When doses of a data set arrive, how long their infusions run, and what clears them.

What an event clears is cleared by cutting a person's records into stretches: a reset (EVID 3 or 4)
or a steady state that replaces (SS = 1) begins a new one, and nothing given in a stretch outlives
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ketascope.dosing.records import Records

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NEAR = 1e-13
"""Times closer than this share of the time (or of an hour) are one: a few hundred roundings."""


def near(time: Values) -> Values:
    """Return how far apart times may be and still be one."""
    tolerance: Values = NEAR * np.maximum(1.0, np.abs(time))
    return tolerance


def whole(ratio: Values) -> Indices:
    """Round down, but to the nearest whole number where that is only roundings away."""
    nearest = np.rint(ratio)
    close = np.abs(ratio - nearest) <= 16 * NEAR * np.maximum(1.0, np.abs(ratio))
    count = np.where(close, nearest, np.floor(ratio))
    return np.clip(count, -(2.0**53), 2.0**53).astype(np.int64)


def repeated(number: Indices) -> tuple[Indices, Indices]:
    """Return each index as often as its number says, and the count within each, from 0."""
    which = np.repeat(np.arange(len(number)), number)
    first = np.cumsum(number) - number
    return which, np.arange(len(which)) - first[which]


@dataclass(frozen=True, slots=True)
class Doses:
    """Dose records of a block, as they enter (D of them).

    Parameters
    ----------
    row : ndarray of int, shape (D,)
        Position among the records of the block, increasing.
    compartment : ndarray of int, shape (D,)
        Zero-based.
    size, rate, duration : ndarray, shape (D,)
        After bioavailability: an amount at once and 0, 0; or 0, amount per hour and hours, which
        are infinite for a constant infusion at steady state.
    lag : ndarray, shape (D,)
        Hours.
    """

    row: Indices
    compartment: Indices
    size: Values
    rate: Values
    duration: Values
    lag: Values


@dataclass(frozen=True, slots=True)
class Stretches:
    """Records of a block in stretches: what is given in one does not outlive it."""

    time: Values
    person: Indices
    stretch: Indices
    """Person and stretch of each record."""
    reset: Flags
    first: Indices
    stop: Indices
    """First record of each stretch, and the one after its last."""
    limit: Values
    closing: Indices
    """Time up to which what is given in a stretch acts, and the record that ends it: the first of
    the person's next stretch, or the last of this one."""

    @classmethod
    def of(cls, records: Records, index: Indices) -> Stretches:
        """Cut the records of a block where a person or a stretch begins."""
        time, evid, subject = records.time[index], records.evid[index], records.subject[index]
        new = np.append(True, subject[1:] != subject[:-1])
        reset = (evid == 3) | (evid == 4)
        clears = reset | ((records.ss[index] == 1) & ((evid == 1) | (evid == 4)))
        person = np.cumsum(new) - 1
        stretch = np.cumsum(new | clears) - 1
        first = np.flatnonzero(new | clears)
        stop = np.append(first[1:], len(index))
        following = np.minimum(stop, len(index) - 1)
        # a clock that starts anew says nothing about the hours before it did
        goes_on = (person[following] == person[first]) & (time[following] >= time[stop - 1])
        goes_on &= stop < len(index)
        closing = np.where(goes_on, following, stop - 1)
        return cls(time, person, stretch, reset, first, stop, time[closing], closing)

    def find(self, stretch: Indices, time: Values) -> Indices:
        """Return the first record of a stretch at a time, or -1 where there is none."""
        low, high = self.first[stretch], self.stop[stretch]
        end, wanted = high.copy(), time - near(time)
        while (searching := low < high).any():
            middle = (low + high) // 2
            below = self.time[np.minimum(middle, len(self.time) - 1)] < wanted
            low = np.where(searching & below, middle + 1, low)
            high = np.where(searching & ~below, middle, high)
        found = np.minimum(low, len(self.time) - 1)
        there = (low < end) & (np.abs(self.time[found] - time) <= near(time))
        return np.where(there, low, -1)


@dataclass(frozen=True, slots=True)
class Given:
    """Dose records with what repeats: shapes (D,)."""

    doses: Doses
    size: Values
    duration: Values
    interval: Values
    steady: Flags
    add: Flags
    constant: Flags
    pending: Indices
    """How many implied past doses of a steady state are still to come."""
    since: Values
    running: Indices
    """How many of those that have come are still running."""
    more: Indices
    """How many additional doses come before the stretch ends."""

    @classmethod
    def of(cls, records: Records, index: Indices, people: Stretches, doses: Doses) -> Given:
        """Work out what repeats, up to the end of each dose's stretch."""
        at = index[doses.row]
        time, interval, ss = records.time[at], records.ii[at], records.ss[at]
        horizon = people.limit[people.stretch[doses.row]]
        # an infusion too short to be told from a moment comes at once
        brief = (doses.rate > 0) & (doses.duration <= 4.0 * near(horizon))
        constant = np.isinf(doses.duration)
        duration = np.where(brief | constant, 0.0, doses.duration)
        size = doses.size + np.where(brief, doses.rate * np.where(brief, doses.duration, 0.0), 0.0)
        repeats = (ss > 0) & ~constant
        every = np.where(interval > 0, interval, 1.0)
        pending = np.where(repeats, whole(doses.lag / every), 0)
        since = np.clip((pending + 1) * every - doses.lag, NEAR * every, every)
        left = np.where(repeats & (duration > 0), (duration - since) / every, 0.0)
        last = np.minimum(whole((horizon - time - doses.lag) / every) + 1, records.addl[at])
        return cls(
            doses=doses,
            size=size,
            duration=np.where(constant, np.inf, duration),
            interval=np.where(constant, np.inf, interval),
            steady=ss > 0,
            add=ss == 2,
            constant=constant,
            pending=pending,
            since=np.where(constant, np.inf, since),
            running=np.maximum(-whole(-left), 0),
            more=np.where(constant | (interval <= 0), 0, np.maximum(last, 0)),
        )


@dataclass(frozen=True, slots=True)
class Events:
    """Everything doses do: arrivals at once, infusions, and moments that are no record's.

    A moment is a record of the block, or the number of records plus the index of a time in
    ``time`` (with its ``stretch``).
    """

    dose: Indices
    moment: Indices
    """Arrivals at once."""
    infusion: Indices
    begin: Indices
    end: Indices
    """Infusions: their dose, the moments at which they begin and end."""
    stretch: Indices
    time: Values


def find_events(people: Stretches, given: Given) -> Events:
    """Find when each dose arrives, and when infusions end."""
    doses = given.doses
    dose, arrival, own = _arrivals(people, given)
    stretch = people.stretch[doses.row[dose]]
    record = np.where(own, doses.row[dose], people.find(stretch, arrival))
    # what comes after the stretch has ended, or just as it does, is cleared with it
    comes = (record >= 0) | (arrival < people.limit[stretch] - near(arrival))
    dose, arrival, record = dose[comes], arrival[comes], record[comes]
    arrival = np.where(record >= 0, people.time[record], arrival)

    lasts = given.duration[dose] > 0
    past, ages = repeated(np.where(given.steady, given.running, 0))
    remaining = given.duration[past] - given.since[past] - ages * given.interval[past]
    infusion = np.concatenate([dose[lasts], past])
    begun = np.concatenate([arrival[lasts], people.time[doses.row[past]]])
    begins_at = np.concatenate([record[lasts], doses.row[past]])
    end = begun + np.concatenate([given.duration[dose[lasts]], remaining])
    stretch = people.stretch[doses.row[infusion]]
    over = end >= people.limit[stretch] - near(end)
    ends_at = np.where(over, people.closing[stretch], people.find(stretch, end))

    # times that are no record's become moments of their own
    wanted = np.concatenate([arrival, end])
    where = np.concatenate([people.stretch[doses.row[dose]], stretch])
    found = np.concatenate([record, ends_at])
    free = np.flatnonzero(found < 0)
    order = free[np.lexsort((wanted[free], where[free]))]
    apart = np.diff(wanted[order]) > near(wanted[order][1:])
    new = np.append(True, apart | (np.diff(where[order]) != 0))[: len(order)]
    found[order] = len(people.time) + np.cumsum(new) - 1
    moment, ends_at = found[: len(dose)], found[len(dose) :]
    begins_at = np.concatenate([moment[lasts], begins_at[lasts.sum() :]])
    return Events(
        dose=dose[~lasts],
        moment=moment[~lasts],
        infusion=infusion,
        begin=begins_at,
        end=ends_at,
        stretch=where[order][new],
        time=wanted[order][new],
    )


def _arrivals(people: Stretches, given: Given) -> tuple[Indices, Values, Flags]:
    """Return each arrival's dose, its time, and whether it acts with the dose's own record."""
    doses = given.doses
    number = np.where(given.constant, 0, given.pending + 1 + given.more)
    dose, count = repeated(number)
    step = count - given.pending[dose]
    # a dose without an interval has one arrival, step 0
    after = np.where(step == 0, 0.0, step * np.where(step == 0, 0.0, given.interval[dose]))
    time = people.time[doses.row[dose]]
    arrival = time + (doses.lag[dose] + after)
    own = arrival <= time + near(time)
    return dose, arrival, own
