"""A regimen in time: every administration, grouped into sessions.

Time 0 is the first spray or the start of the infusion on day 1; day d starts at (d - 1) * 24 h.
Phases follow each other. A phase lasts as long as its extent says: ``for 4 weeks`` is 28 days, so
the next phase starts on day 29. After a number of doses the next phase starts when the next dose
would have been given. After ``once``, or ``on days`` without an extent, it starts on the day after
the last dose. Days listed with ``on days`` count from the first day of their phase, which for the
first phase is day 1 of the course; with ``of the course`` they always count from there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Protocol, runtime_checkable

from ketascope.dosing import devices
from ketascope.dosing.values import Amount, Component, Drug, Form, Phase, Regimen, Route
from ketascope.errors import InputError

#: Most administrations (a nasal device is one) and days that a course may have.
MAX_ADMINISTRATIONS = 20_000
MAX_DAYS = 3660


@runtime_checkable
class RegimenLike(Protocol):
    """What can stand where a regimen is asked for: words or a YAML file."""

    @property
    def text(self) -> str:
        """What it says, in words."""

    def schedule(self) -> Schedule:
        """Every administration in time."""


@dataclass(frozen=True, slots=True)
class Administration:
    """One administration: a spray device, an injection, an infusion, a tablet.

    ``time`` and ``duration`` are in hours, ``duration`` 0 for what is given at once; ``session``
    and ``device`` count from 0.
    """

    time: float
    drug: Drug
    route: Route
    amount: Amount
    duration: float
    session: int
    device: int = 0
    form: Form | None = None

    @property
    def end(self) -> float:
        """End of the administration, h."""
        return self.time + self.duration


@dataclass(frozen=True, slots=True)
class Session:
    """Administrations that belong together.

    ``time`` is the first spray or start, ``end`` the last spray or end of infusion (h); ``day``
    counts from 1.
    """

    index: int
    time: float
    end: float
    day: int
    label: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every administration of a course, sorted by time, with its sessions.

    ``horizon`` (h) is the end of the course: of the last phase, and at least 24 h after the start
    of the last session.
    """

    administrations: tuple[Administration, ...]
    sessions: tuple[Session, ...]
    horizon: float

    @property
    def drugs(self) -> tuple[Drug, ...]:
        """Drugs given, in order of first use."""
        return tuple(dict.fromkeys(a.drug for a in self.administrations))

    @property
    def routes(self) -> tuple[Route, ...]:
        """Routes used, in order of first use."""
        return tuple(dict.fromkeys(a.route for a in self.administrations))

    def of_session(self, index: int) -> tuple[Administration, ...]:
        """Return the administrations of one session."""
        return tuple(a for a in self.administrations if a.session == index)


def schedule(regimen: RegimenLike) -> Schedule:
    """Lay a regimen out in time.

    Raises
    ------
    InputError
        If the course has more than :data:`MAX_ADMINISTRATIONS` administrations, lasts longer than
        :data:`MAX_DAYS` days, or a nasal device cannot give a dose.
    """
    if not isinstance(regimen, Regimen):
        return regimen.schedule()
    start = 0.0
    groups: list[tuple[float, Phase]] = []
    administrations = 0
    for phase in regimen.phases:
        parts = sum(len(_parts(c)) for c in phase.components)
        room = (MAX_ADMINISTRATIONS - administrations) // parts
        times = list(islice(_times(phase, start), room + 1))
        if len(times) > room:
            raise InputError(
                f"'{phase}' brings the course to more than {MAX_ADMINISTRATIONS:,} administrations",
                hint="shorten the course or give fewer doses",
            )
        administrations += parts * len(times)
        groups.extend((start + time, phase) for time in times)
        start += _length(phase, start, times)
        _check_length(start)
    return _assembled(groups, start)


def _times(phase: Phase, start: float) -> Iterable[float]:
    """Dosing times in hours from ``start``, the start of the phase in hours of the course."""
    offsets = phase.frequency.offsets()
    if phase.frequency.kind == "course days":
        return _from_course(phase, start)
    extent = phase.extent
    if extent is None:
        return offsets
    if extent.hours is None:
        return islice(offsets, extent.n)
    end = extent.hours
    return takewhile(lambda time: time < end - 1e-9, offsets)


def _from_course(phase: Phase, start: float) -> Iterable[float]:
    first = phase.frequency.days[0]
    earliest = math.ceil(start / 24 - 1e-9) + 1
    if first < earliest:
        raise InputError(
            f"'{phase}' begins on day {first} of the course, but the phase before it"
            " has not ended by then",
            hint=f"begin on day {earliest} or later",
        )
    return (time - start for time in phase.frequency.offsets())


def _length(phase: Phase, start: float, times: list[float]) -> float:
    """Hours from the start of a phase to the start of the next."""
    if phase.extent and phase.extent.hours is not None:
        return phase.extent.hours
    if phase.extent:
        return next(islice(phase.frequency.offsets(), phase.extent.n, None))
    if phase.frequency.kind == "course days":
        return phase.frequency.days[-1] * 24.0 - start
    return (math.floor(times[-1] / 24) + 1) * 24.0


def _check_length(hours: float) -> None:
    if hours > MAX_DAYS * 24:
        raise InputError(
            f"the course lasts {hours / 24:,.0f} days, more than the {MAX_DAYS:,} that are"
            " simulated",
            hint="shorten the course",
        )


def _parts(component: Component) -> tuple[tuple[float, Amount], ...]:
    return devices.split(component.drug, component.route, component.form, component.amount)


def _assembled(groups: list[tuple[float, Phase]], end: float) -> Schedule:
    given: list[Administration] = []
    sessions: list[Session] = []
    for index, (time, phase) in enumerate(groups):
        mine = [
            Administration(
                time + offset, c.drug, c.route, amount, c.minutes / 60, index, device, c.form
            )
            for c in phase.components
            for device, (offset, amount) in enumerate(_parts(c))
        ]
        given.extend(mine)
        day = math.floor(time / 24 + 1e-9) + 1
        sessions.append(
            Session(index, time, max(a.end for a in mine), day, label(day, phase.components))
        )
    return assemble(given, sessions, end)


def label(day: int, components: Iterable[Component]) -> str:
    """Name a session: ``day 4: esketamine 84 mg intranasal``."""
    return f"day {day}: {' and '.join(map(str, components))}"


def assemble(given: list[Administration], sessions: list[Session], end: float) -> Schedule:
    """Sort administrations and close the course (``end`` in h, if later than what is given)."""
    last = max(a.end for a in given)
    horizon = max(end, sessions[-1].time + 24.0, last)
    _check_length(horizon)
    ordered = tuple(sorted(given, key=lambda a: (a.time, a.session)))
    return Schedule(ordered, tuple(sessions), horizon)
