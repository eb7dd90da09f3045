"""A data set before it is checked: columns of numbers or words, each row with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STANDARD = ("ID", "TIME", "EVID", "AMT", "RATE", "CMT", "ADDL", "II", "SS", "MDV", "DV", "OCC")
COMMENT = "C"
_MISSING = frozenset({"", ".", "na", "nan"})
ARROW_MISSING = ["", ".", "NA", "NaN", "nan"]
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)


class Words(NamedTuple):
    """Cells that are not all plain numbers: ``words[codes[row]]``; -1 is a missing cell."""

    codes: NDArray[np.int64]
    words: list[Any]


Column = Any  # NDArray[float64] with NaN for a missing cell, or Words


class Table(NamedTuple):
    """Columns in the order of the file.

    ``lines`` is the line of each row (the header is line 1), ``counted`` the word for it in
    messages: "line", or "row" for what is no text file. ``comments`` tells how many rows were
    left out so far.
    """

    source: str
    names: list[str]
    columns: list[Column]
    lines: NDArray[np.int64]
    counted: str
    comments: int = 0

    def where(self, row: int, name: str) -> str:
        """Return the place of a cell in words."""
        return place(self.source, self.counted, int(self.lines[row]), name)

    def kept(self, keep: NDArray[np.bool_]) -> Table:
        """Return the rows for which ``keep`` holds."""
        columns: list[Column] = [
            Words(column.codes[keep], column.words) if isinstance(column, Words) else column[keep]
            for column in self.columns
        ]
        return self._replace(columns=columns, lines=self.lines[keep])


def place(source: str, counted: str, line: int, name: str) -> str:
    """Return "events.csv, line 12, column AMT"; rows of a frame are counted from 1."""
    return f"{source}, {counted} {line if counted == 'line' else line - 1}, column {name[:60]}"


def tidy(name: str) -> str:
    """Return the name of a column without blanks around it, on one line."""
    return " ".join(name.split())


def number(cell: Any) -> float | None:
    """Return a cell as a number, NaN for a missing one, None for what is no number."""
    if isinstance(cell, str):
        text = cell.strip()
        if text.casefold() in _MISSING:
            return np.nan
        if _NUMBER.fullmatch(text):
            return float(text.upper().replace("D", "E"))
        return float(text) if _INFINITE.fullmatch(text) else None
    # NumPy counts its durations as whole numbers, of whatever unit they have.
    if isinstance(cell, (Real, Decimal, np.bool_)) and not isinstance(cell, np.timedelta64):
        try:
            return float(cell)
        except OverflowError:
            return np.inf
        except ValueError:
            return None
    return None


def arrow_column(column: Any) -> Column:
    """Return an Arrow column; what is neither number nor text stays as the words it has."""
    import pyarrow as pa

    is_ = pa.types
    if is_.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if is_.is_boolean(kind):
        column = column.cast(pa.int8())
        kind = column.type
    if is_.is_null(kind):
        return np.full(len(column), np.nan)
    if is_.is_integer(kind) or is_.is_floating(kind) or is_.is_decimal(kind):
        return column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    if is_.is_string(kind) or is_.is_large_string(kind):
        coded = column.dictionary_encode().unify_dictionaries()
        if not coded.num_chunks:
            return np.empty(0)
        codes = [chunk.indices.fill_null(-1).to_numpy(False) for chunk in coded.chunks]
        return Words(np.concatenate(codes).astype(np.int64), coded.chunk(0).dictionary.to_pylist())
    return encoded(column.to_pylist())


def encoded(cells: Sequence[Any]) -> Column:
    """Return cells of any kind as words; each distinct one is looked at once later."""
    codes = np.empty(len(cells), dtype=np.int64)
    known: dict[Any, int] = {}
    words: list[Any] = []
    for row, cell in enumerate(cells):
        if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
            codes[row] = -1
            continue
        key = cell if isinstance(cell, (str, float, int)) else repr(cell)
        if key not in known:
            known[key] = len(words)
            words.append(cell)
        codes[row] = known[key]
    return Words(codes, words)


# Rows that are no records


def starts_with_numbers(names: Sequence[str]) -> bool:
    """Whether the first column can hold no words, so that a C there is a comment's."""
    return names[0].upper() in (*STANDARD, COMMENT)


def flags(cell: Any) -> bool:
    """Whether a cell of the comment column leaves its row out."""
    value = number(cell)
    return value is None or not (np.isnan(value) or value == 0.0)


def without_comments(table: Table) -> Table:
    """Leave out the rows that are comments, and count them.

    Those whose column C holds anything but a missing cell or 0; in text also those whose first cell
    begins with #, or with C where the first column is a standard one and so can hold no words.
    """
    drop = np.zeros(len(table.lines), dtype=bool)
    for position, (name, column) in enumerate(zip(table.names, table.columns, strict=True)):
        if name.upper() == COMMENT:
            if isinstance(column, Words):
                drop |= _chosen(column, [flags(word) for word in column.words])
            else:
                drop |= ~np.isnan(column) & (column != 0.0)
        elif position == 0 and table.counted == "line" and isinstance(column, Words):
            marks = ("#", "C") if starts_with_numbers(table.names) else ("#",)
            drop |= _chosen(column, [str(word).lstrip().startswith(marks) for word in column.words])
    if not drop.any():
        return table
    return table.kept(~drop)._replace(comments=table.comments + int(drop.sum()))


def _chosen(column: Words, choice: Sequence[bool]) -> NDArray[np.bool_]:
    """Rows whose word is chosen; a missing cell never is."""
    return np.array([*choice, False], dtype=bool)[column.codes]


def without_blanks(table: Table) -> Table:
    """Leave out the rows in which every cell is missing."""
    blank = np.ones(len(table.lines), dtype=bool)
    for column in table.columns:
        if not blank.any():
            return table
        if isinstance(column, Words):
            missing = [_is_missing(word) for word in column.words]
            blank &= np.array([*missing, True], dtype=bool)[column.codes]
        else:
            blank &= np.isnan(column)
    return table.kept(~blank) if blank.any() else table


def _is_missing(word: Any) -> bool:
    value = number(word)
    return value is not None and np.isnan(value)


def words_of(column: Words) -> Iterator[tuple[int, Any]]:
    """Codes and words that some row still has."""
    for code in np.unique(column.codes[column.codes >= 0]):
        yield int(code), column.words[code]
