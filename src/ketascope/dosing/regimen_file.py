"""YAML regimens, for what words cannot say: single days, clock times, dates, device spacing.

    name: Rising doses
    drug: esketamine
    route: intranasal
    administrations:
      - {day: 1, time: "09:00", amount: 56 mg}
      - {day: 5, time: "10:30", amount: 84 mg, spacing: 7 min}
      - {date: 2026-01-19, amount: 84 mg}          # with `start: 2026-01-05`

``drug``, ``route``, ``form``, ``time``, ``amount``, ``duration`` and ``spacing`` at the top hold
for every administration that does not give its own. Amounts, drugs, routes, forms and durations
are written as in the regimen language; an intravenous dose needs a ``duration`` or
``duration: bolus``, and a ``spacing`` without a unit is in minutes. Time 0 is the first
administration; its clock time is 0 h of every day.
Administrations that start within an hour of the end of the one before form one session.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from ketascope.dosing import devices
from ketascope.dosing.file_schema import Given, Located, RegimenFile, read_file
from ketascope.dosing.language import parse_dose, parse_minutes
from ketascope.dosing.schedule import (
    MAX_ADMINISTRATIONS,
    Administration,
    Schedule,
    Session,
    assemble,
    label,
)
from ketascope.dosing.values import TIMED_ROUTES, Amount, Component, Route, duration_words
from ketascope.dosing.vocabulary import DRUG_WORDS, FORM_NAMES, ROUTE_NAMES
from ketascope.errors import InputError

Word = TypeVar("Word", bound=str)

#: Hours between administrations within which they count as one session.
SESSION_GAP_H = 1.0
_MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a YAML regimen.

    ``time`` is h after the first administration, ``day`` counts from 1, ``spacing_min`` is from
    one nasal device to the next (None: as the device's label says).
    """

    time: float
    day: int
    component: Component
    spacing_min: float | None = None


@dataclass(frozen=True, slots=True)
class ListedRegimen:
    """A regimen listed administration by administration; stands wherever a Regimen can."""

    name: str
    listed: tuple[Listed, ...]
    start: str | None = None

    @property
    def text(self) -> str:
        """Its name, or a summary of what it holds."""
        if self.name:
            return self.name
        first = self.listed[0].component
        return f"{len(self.listed)} listed administrations, first {first}"

    def __str__(self) -> str:
        return self.text

    def schedule(self) -> Schedule:
        """Every administration in time, grouped into sessions."""
        given: list[Administration] = []
        sessions: list[Session] = []
        for group in _sessions(self.listed):
            index = len(sessions)
            mine = _administrations(group, index)
            given.extend(mine)
            if len(given) > MAX_ADMINISTRATIONS:
                raise InputError(
                    f"the course has more than {MAX_ADMINISTRATIONS:,} administrations",
                    hint="shorten it",
                )
            first = group[0]
            sessions.append(
                Session(
                    index,
                    first.time,
                    max(a.end for a in mine),
                    first.day,
                    label(first.day, (line.component for line in group)),
                )
            )
        return assemble(given, sessions, 0.0)


def _sessions(listed: tuple[Listed, ...]) -> list[list[Listed]]:
    groups: list[list[Listed]] = []
    end = -math.inf
    for line in listed:
        if line.time > end + SESSION_GAP_H:
            groups.append([])
        groups[-1].append(line)
        end = max(end, line.time + _lasts(line))
    return groups


def _parts(line: Listed) -> tuple[tuple[float, Amount], ...]:
    c = line.component
    return devices.split(c.drug, c.route, c.form, c.amount, line.spacing_min)


def _lasts(line: Listed) -> float:
    return max(line.component.minutes / 60, _parts(line)[-1][0])


def _administrations(group: list[Listed], session: int) -> list[Administration]:
    made: list[Administration] = []
    device = 0
    for line in group:
        c = line.component
        by_device = devices.device_for(c.drug, c.route, c.form) is not None
        for offset, amount in _parts(line):
            made.append(
                Administration(
                    line.time + offset,
                    c.drug,
                    c.route,
                    amount,
                    c.minutes / 60,
                    session,
                    device if by_device else 0,
                    c.form,
                )
            )
            device += by_device
    return made


def read_regimen_file(path: Path | str) -> ListedRegimen:
    """Read a YAML regimen.

    Raises
    ------
    InputError
        Names the file, the line and the key.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError("the file is too large for a regimen", where=str(path))
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("the file is not text in UTF-8", where=str(path)) from None
    except OSError as failure:
        raise InputError(
            f"the file cannot be read ({failure.strerror or failure})",
            where=str(path),
            hint="give the path of a YAML file, or a regimen in words",
        ) from None
    return parse_regimen_file(text, name=str(path))


def parse_regimen_file(text: str, name: str = "regimen file") -> ListedRegimen:
    """Read a YAML regimen from its text; ``name`` is the file that messages speak of."""
    file, located = read_file(text, name)
    lines = [_line(file, i, located) for i in range(len(file.administrations))]
    clock = _first_clock(lines, located)
    ordered = sorted(
        (
            Listed((day - 1) * 24.0 + hour - clock, day, component, spacing)
            for day, hour, component, spacing in lines
        ),
        key=lambda line: line.time,
    )
    regimen = ListedRegimen(
        file.name, tuple(ordered), file.start.isoformat() if file.start else None
    )
    regimen.schedule()
    return regimen


_Line = tuple[int, float, Component, float | None]


def _line(file: RegimenFile, i: int, located: Located) -> _Line:
    given = file.administrations[i]
    at = partial(located.reading, "administrations", i)
    value = partial(_value, file, given)
    day = at("day" if given.date is None else "date", lambda: _day(file, given))
    hour = at("time", lambda: _hour(value("time")))
    drug = at("drug", lambda: _word(value("drug"), DRUG_WORDS, "drug"))
    route = at("route", lambda: _word(value("route"), ROUTE_NAMES, "route"))
    form_word = value("form")
    form = at("form", lambda: form_word and _word(form_word, FORM_NAMES, "form"))
    if form == "solution" and route == "oral":
        form = "oral solution"
    dose = at("amount", lambda: parse_dose(_needed(value("amount"), "amount", "56 mg")))
    minutes = at("duration", lambda: _minutes(value("duration"), route))
    spacing_word = value("spacing")
    spacing = at("spacing", lambda: parse_minutes(spacing_word) if spacing_word else None)

    def made() -> Component:
        component = Component(drug, dose, route, form or None, minutes)
        devices.split(drug, route, form or None, component.amount, spacing)
        return component

    return day, hour, at("amount", made), spacing


def _value(file: RegimenFile, given: Given, key: str) -> str | None:
    own = getattr(given, key)
    value = getattr(file, key) if own is None else own
    return None if value is None else str(value)


def _needed(value: str | None, key: str, example: str) -> str:
    if value is None:
        raise InputError(f"'{key}' is missing", hint=f"give it here or at the top: {example}")
    return value


def _word(word: str | None, words: dict[str, Word], key: str) -> Word:
    examples = {"drug": "esketamine", "route": "iv", "form": "tablet"}
    plain = " ".join(_needed(word, key, examples[key]).lower().replace("i.v.", "iv").split())
    if plain not in words:
        near = difflib.get_close_matches(plain, words, n=1)
        hint = f"did you mean '{near[0]}'" if near else f"use one such as '{examples[key]}'"
        raise InputError(f"'{word}' is not a {key} that is known here", hint=hint)
    return words[plain]


def _day(file: RegimenFile, given: Given) -> int:
    if given.day is not None:
        if given.date is not None:
            raise InputError("'day' and 'date' are both given", hint="leave one out")
        return given.day
    if given.date is None:
        raise InputError("'day' is missing", hint="give a day, counted from 1, or a date")
    if file.start is None:
        raise InputError(
            "a date needs the date of day 1", hint="add 'start: 2026-01-05' at the top"
        )
    day = (given.date - file.start).days + 1
    if day < 1:
        raise InputError(f"{given.date} lies before the start, {file.start}")
    return day


def _hour(clock: str | None) -> float:
    """Hours of a clock time such as 09:30; 0 where none is given."""
    if clock is None:
        return 0.0
    hours, _, minutes = clock.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise InputError(f"'{clock}' is not a clock time", hint='write one such as "09:30"')
    if int(hours) > 23 or int(minutes) > 59:
        raise InputError(f"'{clock}' is not a clock time", hint="times go from 00:00 to 23:59")
    return int(hours) + int(minutes) / 60


def _minutes(duration: str | None, route: Route) -> float:
    if duration is None:
        if route == "intravenous":
            raise InputError(
                "an intravenous dose does not say how fast it is given",
                hint="add 'duration: 40 min' or 'duration: bolus'",
            )
        return 0.0
    if duration.strip().lower() == "bolus":
        return 0.0
    minutes = parse_minutes(duration)
    if route not in TIMED_ROUTES:
        raise InputError(
            f"the {route} route is given at once, but the duration is {duration_words(minutes)}",
            hint="leave the duration out",
        )
    return minutes


def _first_clock(lines: list[_Line], located: Located) -> float:
    first = min(day for day, *_ in lines)
    if first != 1:
        raise InputError(
            f"the first administration falls on day {first}, but day 1 is the day of the first"
            " dose",
            where=located.where("administrations"),
            hint="count the days from the first dose",
        )
    return min(hour for day, hour, *_ in lines if day == 1)
