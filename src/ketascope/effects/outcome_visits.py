"""From cells to the scores of each scale: who, at which visit, how many points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ketascope.effects.outcome_cells import Cells, score, word
from ketascope.errors import InputError
from ketascope.evidence.scales import Scale, scale

if TYPE_CHECKING:
    from ketascope.effects.scores import Floats

_FIRST = frozenset({"baseline", "pre", "before", "screening"})


@dataclass(slots=True)
class Series:
    """The scores of one scale: by visit, then by person; NaN is a row without a score."""

    scale: Scale
    visits: dict[str, dict[str, float]] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """Everybody with any row, in an order that the file's does not change."""
        names = {person for scores in self.visits.values() for person in scores}
        return sorted(names, key=lambda name: (_number(name), name))

    def at(self, visit: str) -> Floats:
        """Scores at a visit, in the order of :attr:`people`."""
        scores = self.visits[visit]
        return np.array([scores.get(person, math.nan) for person in self.people])

    def carried(self, first: str, last: str) -> tuple[Floats, int]:
        """Return the last score after the first visit up to the last, and how many were carried.

        Raises
        ------
        InputError
            If visits are not numbers, so that their order is not known.
        """
        times = self.times()
        if times is None:
            raise InputError(
                "scores can be carried forward only where visits are numbers",
                where="carry_forward",
                hint="give days or weeks as numbers in the column visit",
            )
        low, high = times[first], times[last]
        between = [v for v in sorted(times, key=times.__getitem__) if low < times[v] <= high]
        result, count = self.at(last).copy(), 0
        for row, person in enumerate(self.people):
            seen = [self.visits[v].get(person, math.nan) for v in between]
            kept = [value for value in seen if not math.isnan(value)]
            if math.isnan(result[row]) and kept:
                result[row], count = kept[-1], count + 1
        return result, count

    def times(self) -> dict[str, float] | None:
        """Visits as numbers, or None where one is not."""
        found = {visit: _number(visit) for visit in self.visits}
        return found if all(math.isfinite(value) for value in found.values()) else None


def series(cells: Cells, name: str | None) -> tuple[list[Series], list[str]]:
    """Sort cells by scale, visit and person.

    Parameters
    ----------
    cells : Cells
    name : str or None
        The scale; None takes each that the column ``scale`` names.

    Returns
    -------
    list of Series
        In the order of ``scales.yaml``.
    notes : list of str

    Raises
    ------
    InputError
        With the place of the first row that cannot be used.
    """
    wanted = scale(name, "scale") if name is not None else None
    if wanted is None and "scale" not in cells.columns:
        from ketascope.evidence.scales import scales

        raise InputError(
            "it is not said which scale the scores are of",
            where=cells.label,
            hint=f"name it ({', '.join(scales())}), or add a column scale",
        )
    found: dict[str, Series] = {}
    places: dict[tuple[str, str, str], int] = {}
    others: set[str] = set()
    for row in range(cells.rows):
        mine = _scale_of(cells, row, wanted)
        if wanted is not None and mine.name != wanted.name:
            others.add(mine.name)
            continue
        one = found.setdefault(mine.name, Series(mine))
        person = word(cells.columns["id"][row], "id", _at(cells, row, "id"))
        for visit, column in _visits(cells, row):
            key = _key(visit)
            if (mine.name, key, person) in places:
                first = cells.place(places[mine.name, key, person])
                raise InputError(
                    f"{mine.name} of person {person} at {visit} stands also in {first}",
                    where=_at(cells, row, column),
                    hint="keep one score for each person and visit",
                )
            places[mine.name, key, person] = row
            value = score(cells.columns[column][row], mine, _at(cells, row, column))
            one.visits.setdefault(key, {})[person] = value
            one.shown[key] = min(one.shown.get(key, visit), visit)
    if wanted is not None and not found:
        raise InputError(
            f"no row is of {wanted.name}", where=cells.label, hint=f"there are {_join(others)}"
        )
    notes = [f"Rows of {_join(others)} were left aside, as asked."] if others else []
    if cells.unused:
        notes.append(f"Columns that were not used: {', '.join(cells.unused)}.")
    return list(found.values()), notes


def choose_visits(one: Series, baseline: str | None, at: str | None) -> tuple[str, str]:
    """Return the visits to compare: those named, or the first and the last.

    Raises
    ------
    InputError
        If a visit is not there, both are the same, or which is first is not known.
    """
    first = _named(one, baseline, "baseline") if baseline is not None else None
    last = _named(one, at, "at") if at is not None else None
    times = one.times()
    if first is None:
        first = _first(one, times)
    if last is None:
        rest = [visit for visit in one.visits if visit != first]
        if times is None and len(rest) != 1:
            raise InputError(
                f"{one.scale.name} has {len(rest)} visits after {one.shown[first]}",
                where="at",
                hint=f"name one of {_join(one.shown[visit] for visit in rest)}"
                if rest
                else "give scores of a second visit",
            )
        last = max(one.visits, key=times.__getitem__) if times else rest[0]
    if first == last:
        raise InputError(
            f"{one.scale.name} is compared with itself, at {one.shown[first]}",
            where="at",
            hint="give scores of two visits",
        )
    if times and times[last] < times[first]:
        raise InputError(
            f"visit {one.shown[last]} is before the baseline, {one.shown[first]}",
            where="at",
            hint="name a later visit",
        )
    return first, last


def _first(one: Series, times: dict[str, float] | None) -> str:
    if times:
        return min(times, key=times.__getitem__)
    likely = [visit for visit in one.visits if visit in _FIRST]
    if len(likely) == 1:
        return likely[0]
    raise InputError(
        f"it is not clear which visit of {one.scale.name} is the baseline",
        where="baseline",
        hint=f"name one of {_join(one.shown.values())}",
    )


def _named(one: Series, visit: str, where: str) -> str:
    key = _key(visit)
    if key not in one.visits:
        raise InputError(
            f"{one.scale.name} has no visit '{visit[:40]}'",
            where=where,
            hint=f"there are {_join(one.shown.values())}",
        )
    return key


def _scale_of(cells: Cells, row: int, wanted: Scale | None) -> Scale:
    if "scale" not in cells.columns:
        assert wanted is not None
        return wanted
    where = _at(cells, row, "scale")
    return scale(word(cells.columns["scale"][row], "scale", where), where)


def _visits(cells: Cells, row: int) -> list[tuple[str, str]]:
    """Visits of a row, each with the column of its score."""
    if "score" not in cells.columns:
        return [("pre", "pre"), ("post", "post")]
    visit = word(cells.columns["visit"][row], "visit", _at(cells, row, "visit"))
    return [(visit, "score")]


def _at(cells: Cells, row: int, column: str) -> str:
    return f"{cells.place(row)}, column {cells.headers[column]}"


def _key(visit: str) -> str:
    value = _number(visit)
    return repr(value + 0.0) if math.isfinite(value) else " ".join(visit.casefold().split())


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.inf
    return value if math.isfinite(value) else math.inf


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
