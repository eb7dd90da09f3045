"""A slow and obvious simulator of NONMEM's events, to hold the engine against.

It shares nothing with the engine: it walks through a person's records one by one, keeps a list of
doses that are still to come, and goes from one moment to the next with SciPy's matrix exponential.
A steady state is reached by giving hundreds of past doses, one after another.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy.linalg import expm

PAST = 800.0
"""Hours for which the doses before a steady state are given."""
SAME = 1e-9
"""Times closer than this are one."""


@lru_cache(maxsize=10_000)
def moved(rates, hours):
    """Exponential of the rates beside that of the feeding: the same steps come again and again."""
    matrix = np.frombuffer(rates)
    n = int(np.sqrt(len(matrix)))
    whole = np.zeros((2 * n, 2 * n))
    whole[:n, :n], whole[:n, n:] = matrix.reshape(n, n), np.eye(n)
    return expm(whole * hours)


@dataclass
class Body:
    """A state, and what will happen to it."""

    state: np.ndarray
    clock: float
    coming: list = field(default_factory=list)
    """(time, order, kind, compartment, amount or rate, duration)"""
    running: list = field(default_factory=list)
    """(end, compartment, rate)"""
    order: int = 0

    def later(self, time, compartment, size, rate, duration):
        self.order += 1
        heapq.heappush(self.coming, (time, self.order, compartment, size, rate, duration))

    def arrive(self, time, compartment, size, rate, duration):
        if duration > SAME:
            self.running.append((time + duration, compartment, rate))
        else:
            self.state[compartment] += size

    def move(self, matrix, time):
        """Go to a time through whatever happens before it."""
        while True:
            moments = [end for end, _, _ in self.running if end > self.clock + SAME]
            moments += [self.coming[0][0]] if self.coming else []
            following = min([time, *moments])
            self.flow(matrix, following)
            self.running = [r for r in self.running if r[0] > following + SAME]
            while self.coming and self.coming[0][0] <= following + SAME:
                self.arrive(following, *heapq.heappop(self.coming)[2:])
            if following >= time - SAME:
                self.clock = time
                return

    def flow(self, matrix, time):
        if time <= self.clock:
            return
        n = len(self.state)
        feed = np.zeros(n)
        for _, compartment, rate in self.running:
            feed[compartment] += rate
        step = moved(matrix.tobytes(), round(time - self.clock, 12))
        self.state = step[:n, :n] @ self.state + step[:n, n:] @ feed
        self.clock = time

    def clear(self):
        self.state = np.zeros_like(self.state)
        self.coming, self.running = [], []


def simulate(matrix_of, records, n, *, forward=False, entry=lambda record: (1.0, 0.0, None, None)):
    """Return the state at each record of one person: (records, n).

    ``matrix_of(record)`` gives the rates that hold with a record's covariates; ``entry(record)``
    gives bioavailability, lag, duration and rate of its dose. A record is a dict of NONMEM's
    columns in lower case; ``cmt`` counts from 1.
    """
    body = Body(np.zeros(n), records[0]["time"])
    found = []
    for i, record in enumerate(records):
        holding = records[max(i - 1, 0)] if forward else record
        time, evid = record["time"], record["evid"]
        if time < body.clock:
            body.clear()
            body.clock = time
        body.move(matrix_of(holding), time)
        if evid in (3, 4):
            body.clear()
        if evid in (1, 4):
            dose(body, matrix_of(record), record, entry(record))
        found.append(body.state.copy())
    return np.array(found)


def dose(body, matrix, record, entry):
    share, lag, modelled_duration, modelled_rate = entry
    amount, code, ss, ii = (record.get(k, 0) for k in ("amt", "rate", "ss", "ii"))
    compartment, time = max(record.get("cmt", 1) - 1, 0), record["time"]
    if ss == 1:
        body.clear()
    if amount == 0 and ss:
        feed = np.zeros(len(body.state))
        feed[compartment] = modelled_rate if code == -1 else code
        body.state = body.state + np.linalg.solve(-matrix, feed)
        return
    size, rate, duration = share * amount, 0.0, 0.0
    if code == -2:
        duration = modelled_duration
        rate = size / duration
    elif code:
        rate = modelled_rate if code == -1 else code
        duration = size / rate
    what = (compartment, size, rate, duration)
    if ss:
        many = int(PAST / ii)
        past = Body(np.zeros_like(body.state), time + lag - many * ii)
        for k in range(many, 0, -1):
            past.later(time + lag - k * ii, *what)
        waiting = [c for c in past.coming if c[0] >= time - SAME]
        past.coming = [c for c in past.coming if c[0] < time - SAME]
        past.move(matrix, time)
        body.state = body.state + past.state
        body.running += past.running
        for c in waiting:
            arrive_or_wait(body, c[0], what)
    for k in range(record.get("addl", 0) + 1):
        arrive_or_wait(body, time + lag + k * ii, what)


def arrive_or_wait(body, when, what):
    if when <= body.clock + SAME:
        body.arrive(body.clock, *what)
    else:
        body.later(when, *what)
