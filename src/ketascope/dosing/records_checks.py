"""Hold records to what they may be: names, numbers, the rules of events, and their order.

Of all that is wrong with the cells, the first in the file is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from ketascope.dosing.records_rules import DATES, RULES, Cells, Rule
from ketascope.dosing.records_table import STANDARD, Table, Words, number, words_of
from ketascope.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Numbers(NamedTuple):
    """Columns that are numbers by name, NaN for missing cells, and the names of the others."""

    columns: dict[str, NDArray[np.float64]]
    ignored: tuple[str, ...]


def check_names(table: Table) -> None:
    """Refuse columns that cannot be told apart, or without which there are no records."""
    header = table.source if table.counted == "row" else f"{table.source}, header"
    seen: dict[str, str] = {}
    for name in filter(None, table.names):
        other = seen.get(name.casefold())
        if other is not None:
            raise InputError(
                f"two columns have the name {shown(name)}"
                if other == name
                else f"the columns {shown(other)} and {shown(name)} differ in capitals alone",
                where=header,
                hint="rename or leave out one of them",
            )
        seen[name.casefold()] = name
    for name in ("ID", "TIME"):
        if name.casefold() in seen:
            continue
        if table.counted == "line" and all(number(cell) is not None for cell in table.names):
            raise InputError(
                "the first line has no names of columns",
                where=table.source,
                hint="begin with a line such as ID,TIME,EVID,AMT,DV",
            )
        names = ", ".join(shown(cell) for cell in table.names[:10])
        more = " and so on" if len(table.names) > 10 else ""
        raise InputError(
            f"there is no column {name}",
            where=header,
            hint=f"the columns are {names}{more}" if names else "name columns ID, TIME and so on",
        )
    for name in filter(None, table.names):
        if name.upper() in DATES:
            raise InputError(
                f"the column {name} would move the times by days, which is not supported",
                where=header,
                hint="give TIME in hours from the first record, and leave the dates out",
            )
    if not len(table.lines):
        raise InputError(
            "there are no records",
            where=table.source,
            hint=f"give one {table.counted} for each event",
        )


def read_numbers(table: Table, compartments: Sequence[str]) -> Numbers:
    """Return the columns as numbers.

    Further columns without a single number, and columns without a name, are left out.

    Raises
    ------
    InputError
        Naming the first cell that is no number, or is infinite.
    """
    indices = {name.casefold(): i for i, name in enumerate(compartments, start=1)}
    columns: dict[str, NDArray[np.float64]] = {}
    ignored = []
    faults: list[tuple[int, str, str, str]] = []
    for position, (name, column) in enumerate(zip(table.names, table.columns, strict=True)):
        if not name:
            if not _empty(column):
                ignored.append(f"column {position + 1}")
            continue
        if isinstance(column, Words):
            known = indices if name.upper() == "CMT" else {}
            column, wrong, wordy = _from_words(column, known)
            if wordy and name.upper() not in STANDARD:
                ignored.append(name)
                continue
            if wrong is not None:
                hint = _hint(name, str(wrong[1]), compartments)
                faults.append((wrong[0], name, f"{shown(wrong[1])} is not a number", hint))
        endless = np.isinf(column)
        if endless.any():
            row = int(np.argmax(endless))
            faults.append((row, name, "the number is infinite", "give a finite number"))
        columns[name] = column
    if faults:
        row, name, message, hint = min(faults, key=lambda fault: fault[0])
        raise InputError(message, where=table.where(row, name), hint=hint)
    return Numbers(columns, tuple(ignored))


def _from_words(
    column: Words, known: Mapping[str, int]
) -> tuple[NDArray[np.float64], tuple[int, Any] | None, bool]:
    """Return the numbers, the first row and cell that is none, and whether no cell is one."""
    values = np.full(len(column.words) + 1, np.nan)
    good = np.ones(len(column.words) + 1, dtype=bool)
    any_number = False
    for code, word in words_of(column):
        index = known.get(word.strip().casefold()) if isinstance(word, str) else None
        value = number(word) if index is None else float(index)
        good[code] = value is not None
        if value is not None:
            values[code] = value
            any_number = any_number or not np.isnan(value)
    bad = ~good[column.codes]
    if not bad.any():
        return values[column.codes], None, False
    row = int(np.argmax(bad))
    return values[column.codes], (row, column.words[column.codes[row]]), not any_number


def _empty(column: Any) -> bool:
    if isinstance(column, Words):
        values = (number(word) for _, word in words_of(column))
        return all(value is not None and np.isnan(value) for value in values)
    return bool(np.isnan(column).all())


def _hint(name: str, cell: str, compartments: Sequence[str]) -> str:
    if name.upper() == "TIME" and any(mark in cell for mark in ":/-"):
        return "give the time in hours from the first record, as 8.5 for half past eight"
    if name.upper() == "CMT":
        return named(compartments) if compartments else "give the number of a compartment"
    if number(cell.replace(",", ".")) is not None:
        return "write 1.5 with a point"
    return "give a number, or '.' where there is none"


def named(compartments: Sequence[str]) -> str:
    """Return "the compartments are depot (1) and central (2)"."""
    words = [f"{shown(name)} ({i})" for i, name in enumerate(compartments[:8], start=1)]
    if len(compartments) > len(words):
        words.append(f"so on to {len(compartments)}")
    if len(words) == 1:
        return f"the only compartment is {words[0]}"
    return f"the compartments are {', '.join(words[:-1])} and {words[-1]}"


def check_cells(
    cells: Cells, where: Callable[[int, str], str], compartments: Sequence[str]
) -> None:
    """Hold every record to the rules; ``cells`` has all standard columns, filled.

    Raises
    ------
    InputError
        Naming the first record that breaks a rule.
    """
    rules = RULES
    if compartments:
        beyond = Rule(
            "CMT",
            lambda c: c["CMT"] > len(compartments),
            "the model has no compartment {CMT}",
            named(compartments),
        )
        rules = (beyond, *RULES)
    first: tuple[int, Rule] | None = None
    for rule in rules:
        broken = rule.broken(cells)
        row = int(np.argmax(broken))
        if broken[row] and (first is None or row < first[0]):
            first = row, rule
    if first is not None:
        row, rule = first
        values = {name: figure(column[row]) for name, column in cells.items()}
        raise InputError(
            rule.message.format(**values), where=where(row, rule.column), hint=rule.hint
        )


def check_order(cells: Cells, where: Callable[[int, str], str]) -> NDArray[np.int64]:
    """Return the index of each record's subject, once records stand in order.

    Raises
    ------
    InputError
        Naming the first record of a subject that comes again, or whose time goes back.
    """
    ids, time = cells["ID"], cells["TIME"]
    new = np.concatenate(([True], ids[1:] != ids[:-1]))
    starts = np.flatnonzero(new)
    _, firsts = np.unique(ids[starts], return_index=True)
    again = np.ones(len(starts), dtype=bool)
    again[firsts] = False
    restarts = (cells["EVID"] == 3) | (cells["EVID"] == 4)
    back = np.concatenate(([False], time[1:] < time[:-1])) & ~new & ~restarts
    if again.any() or back.any():
        _refuse_order(
            cells,
            where,
            int(starts[np.argmax(again)]) if again.any() else len(ids),
            int(np.argmax(back)) if back.any() else len(ids),
        )
    return np.cumsum(new, dtype=np.int64) - 1


def _refuse_order(
    cells: Cells, where: Callable[[int, str], str], again: int, back: int
) -> NoReturn:
    person = figure(cells["ID"][min(again, back)])
    if again < back:
        raise InputError(
            f"the records of subject {person} do not stand together",
            where=where(again, "ID"),
            hint="put all records of a subject one after the other",
        )
    earlier, later = figure(cells["TIME"][back - 1]), figure(cells["TIME"][back])
    raise InputError(
        f"the TIME goes back from {earlier} to {later} within subject {person}",
        where=where(back, "TIME"),
        hint="sort the records of a subject by time; only EVID 3 and 4 may restart the clock",
    )


def figure(value: float) -> str:
    """Return a number as a reader would write it."""
    return f"{value:.15g}"


def shown(cell: Any) -> str:
    """Return a cell for a message: quoted, one line, short."""
    text = repr(str(cell).strip())
    return text if len(text) <= 42 else f"{text[:38]}...{text[0]}"
