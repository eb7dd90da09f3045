"""How often a dose is given, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal, get_args

from ketascope.dosing.numbers import MOST, check_count, check_number, number_words
from ketascope.errors import InputError

FrequencyKind = Literal[
    "once", "daily", "days", "hours", "weekly", "weeks", "on days", "course days"
]
ExtentKind = Literal["days", "weeks", "doses"]
_LISTED = ("on days", "course days")


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a phase's components are given.

    ``once``; ``daily`` (n times a day, evenly spread); ``days`` (every n days); ``hours`` (every n
    hours); ``weekly`` (n times a week: twice is days 1 and 4, three times days 1, 3 and 5);
    ``weeks`` (every n weeks); ``on days`` (the listed days, counted from the phase's first);
    ``course days`` (the listed days, counted from day 1 of the course).
    Each schedule has one spelling: every day is ``daily``, every week is ``weekly``.
    """

    kind: FrequencyKind
    n: float = 1
    days: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        most = {"daily": 24, "weekly": 7}.get(self.kind, MOST)
        if self.kind not in get_args(FrequencyKind):
            raise InputError(f"'{self.kind}' is not a frequency")
        if self.kind == "hours":
            check_number(self.n, "an interval in hours")
        elif self.kind == "weekly" and self.n > most:
            raise InputError(
                f"{self.n:g} times weekly is more often than daily", hint="say how many times daily"
            )
        else:
            check_count(self.n, f"the number in '{self._label()}'", most)
        if self.kind in ("days", "weeks") and self.n == 1:
            raise InputError("an interval of one day or week is written 'daily' or 'weekly'")
        if self.kind in ("once", *_LISTED) and self.n != 1:
            raise InputError(f"'{self.kind}' takes no number")
        if (self.kind in _LISTED) != bool(self.days):
            raise InputError("days are listed with 'on days' and only there")
        for earlier, later in zip((0, *self.days), self.days, strict=False):
            check_count(later, "a day")
            if later <= earlier:
                raise InputError(
                    f"day {later} is listed after day {earlier}",
                    hint="list each day once, in rising order",
                )

    def _label(self) -> str:
        labels = {"daily": "times daily", "weekly": "times weekly"}
        return labels.get(self.kind, f"every ... {self.kind}")

    @classmethod
    def every(cls, n: float, unit: Literal["days", "weeks", "hours"]) -> Frequency:
        """Every n days, weeks or hours, in its one spelling."""
        if n == 1 and unit == "days":
            return cls("daily")
        if n == 1 and unit == "weeks":
            return cls("weekly")
        return cls(unit, n)

    @property
    def repeats(self) -> bool:
        """Whether it goes on until an extent ends it."""
        return self.kind not in ("once", *_LISTED)

    def offsets(self) -> Iterator[float]:
        """Yield dosing times in hours from the start of the phase, without end if it repeats.

        Those of ``course days`` are from the start of the course.
        """
        if self.kind == "once":
            yield 0.0
        elif self.kind in _LISTED:
            yield from ((day - 1) * 24.0 for day in self.days)
        elif self.kind == "weekly":
            times = int(self.n)
            yield from ((7 * (i // times) + (i % times) * 7 // times) * 24.0 for i in count())
        else:
            hours = {"daily": 24.0 / self.n, "days": 24.0 * self.n, "weeks": 168.0 * self.n}
            interval = hours.get(self.kind, self.n)
            yield from (i * interval for i in count())

    def __str__(self) -> str:
        if self.kind in ("daily", "weekly"):
            times = {1: "", 2: "twice "}.get(int(self.n), f"{int(self.n)} times ")
            return f"{times}{self.kind}"
        if self.kind in _LISTED:
            plural = "s" if len(self.days) > 1 else ""
            counted = " of the course" if self.kind == "course days" else ""
            return f"on day{plural} {', '.join(str(day) for day in self.days)}{counted}"
        if self.kind == "once":
            return "once"
        unit = "h" if self.kind == "hours" else self.kind
        return f"every {number_words(self.n)} {unit}"


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a phase lasts: ``n`` days, weeks or doses."""

    n: int
    kind: ExtentKind

    def __post_init__(self) -> None:
        if self.kind not in get_args(ExtentKind):
            raise InputError(f"'{self.kind}' is not an extent", hint="use days, weeks or doses")
        check_count(self.n, f"a number of {self.kind}")

    @property
    def hours(self) -> float | None:
        """Length in hours; None for a number of doses."""
        return {"days": 24.0 * self.n, "weeks": 168.0 * self.n}.get(self.kind)

    def __str__(self) -> str:
        return f"for {self.n} {self.kind if self.n != 1 else self.kind[:-1]}"


def check_extent(frequency: Frequency, extent: Extent | None) -> None:
    """Refuse a frequency and an extent that contradict each other (InputError)."""
    if frequency.repeats:
        if extent is None:
            raise InputError(
                f"'{frequency}' does not say for how long",
                hint="add an extent such as 'for 4 weeks' or 'for 8 doses'",
            )
        return
    if extent is None:
        return
    if frequency.kind == "once":
        raise InputError(
            f"'once' and '{extent}' contradict each other",
            hint="leave one out, or say how often, such as 'weekly'",
        )
    if extent.kind == "doses":
        raise InputError(
            f"'{frequency}' already says how many doses there are", hint=f"leave out '{extent}'"
        )
    if frequency.kind == "course days":
        raise InputError(
            f"days of the course already say how long the phase is, so '{extent}' is too much",
            hint=f"leave out '{extent}'",
        )
    days = extent.n * (7 if extent.kind == "weeks" else 1)
    if frequency.days[-1] > days:
        raise InputError(
            f"day {frequency.days[-1]} lies outside '{extent}'",
            hint=f"leave the day out or lengthen the phase to {frequency.days[-1]} days or more",
        )
