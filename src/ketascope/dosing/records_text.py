"""Read a data set that is text; regular text at full speed, anything else line by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.dosing.records_table import (
    ARROW_MISSING,
    COMMENT,
    Column,
    Table,
    arrow_column,
    flags,
    starts_with_numbers,
    tidy,
)
from ketascope.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NOT_TEXT = "save it as CSV in UTF-8, or as Parquet"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# 0x10 and nan(1) are numbers to Arrow, and a byte order mark in the first cell is none.
_ODD = (b"0x", b"0X", b"n(", b"N(", _BYTE_ORDER_MARK)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_EXAMPLE = "begin with a line such as ID,TIME,EVID,AMT,DV"


def read_text(data: bytes, source: str) -> Table:
    """Read text whose cells are parted by commas, semicolons, tabs or blanks.

    Raises
    ------
    InputError
        For what is not UTF-8, an empty file, or a line that cannot be read.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    odd = _first_odd(data)
    if odd is not None:
        line = len(_LINE_END.findall(data[:odd])) + 1
        where = f"{source}, line {line}"
        raise InputError("the file is not UTF-8 text", where=where, hint=_NOT_TEXT)
    start, end, line = _find_header(data)
    head = data[start:end].decode("utf-8")
    if not head.strip():
        raise InputError("the file is empty", where=source, hint=_EXAMPLE)
    mark = max(",;\t", key=head.count)
    body = data[end:]
    if mark not in head:
        mark = ","
        if not {'"', ","} & set(head):
            head, body = _commas(head.encode()).decode(), _commas(body)
    if not _oddly_quoted(head.encode(), mark):
        names = [tidy(name) for name in next(csv.reader([head], delimiter=mark))]
        table = _read_fast(body, mark, names, source, line)
        if table is not None:
            return table
    return _read_slow(head + body.decode("utf-8"), mark, source, line)


def _first_odd(data: bytes) -> int | None:
    """Return the place of the first byte that UTF-8 text does not have there, or None."""
    null = data.find(b"\0")
    try:
        if not data.isascii():
            data.decode("utf-8")
    except UnicodeDecodeError as error:
        return min(error.start, null) if null >= 0 else error.start
    return None if null < 0 else null


def _find_header(data: bytes) -> tuple[int, int, int]:
    """Return start, end and line of the first line that is neither blank nor a # comment."""
    for line, found in enumerate(re.finditer(rb"[^\r\n]*(?:\r\n|\r|\n|$)", data), start=1):
        text = found.group().strip()
        if text and not text.startswith(b"#"):
            return found.start(), found.end(), line
    return 0, 0, 1


def _commas(text: bytes) -> bytes:
    """Put commas where blanks part the cells."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    for end in (b"\r", b"\n"):
        text = text.replace(end + b" ", end).replace(b" " + end, end)
    return text.strip(b" ").replace(b" ", b",")


def _read_fast(
    body: bytes, mark: str, names: list[str], source: str, header_line: int
) -> Table | None:
    """Read regular text at full speed; None for what needs a closer look."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if body.count(b"\r") != body.count(b"\r\n"):
        return None
    if any(odd in body for odd in _ODD) or _oddly_quoted(body, mark):
        return None
    keys = [str(i) for i in range(len(names))]
    types: dict[str, Any] = {}
    # a copy of Arrow's own: its threads may let go of it when the interpreter has ended
    sink = pa.BufferOutputStream()
    sink.write(body)
    held = sink.getvalue()
    while True:
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(held),
                arrow_csv.ReadOptions(column_names=keys),
                arrow_csv.ParseOptions(delimiter=mark),
                arrow_csv.ConvertOptions(
                    column_types=types,
                    null_values=ARROW_MISSING,
                    strings_can_be_null=True,
                    true_values=[],
                    false_values=[],
                ),
            )
        except pa.ArrowInvalid:
            return None
        # A date or a clock time is wanted as it is written.
        dates = {
            key: pa.string()
            for key, column in zip(keys, table.columns, strict=True)
            if pa.types.is_temporal(column.type)
        }
        if not dates:
            break
        types |= dates
    lines = _lines_with_text(body) + header_line
    if len(lines) != table.num_rows:  # a line end within quotes
        return None
    return Table(source, names, [arrow_column(c) for c in table.columns], lines, "line")


def _oddly_quoted(text: bytes, mark: str) -> bool:
    """Whether there are quotes within cells, or open ones, which readers take in their own ways."""
    inner = rb'[^%b\r\n"]' % re.escape(mark.encode())
    quotes = text.count(b'"')
    return quotes % 2 == 1 or (
        quotes > 0 and re.search(inner + b'"' + inner + b'|""', text) is not None
    )


def _lines_with_text(body: bytes) -> NDArray[np.int64]:
    """Numbers, from 1, of the lines that are not empty."""
    ends = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == ord("\n"))
    if body and not body.endswith(b"\n"):
        ends = np.append(ends, len(body))
    lengths = np.diff(ends, prepend=-1) - 1
    empty = lengths == 0
    for line in np.flatnonzero(lengths == 1):
        empty[line] = body[ends[line] - 1 : ends[line]] == b"\r"
    return np.asarray(np.flatnonzero(~empty) + 1, dtype=np.int64)


def _read_slow(text: str, mark: str, source: str, header_line: int) -> Table:
    """Read any text, and name the first line that cannot be read."""
    import pyarrow as pa

    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=mark, strict=True, skipinitialspace=True
    )
    lines: list[int] = []
    rows: list[list[str]] = []
    comments = 0
    # cells repeat from line to line, and each is held once
    held: dict[str, str] = {}
    began = 1
    try:
        names = [tidy(name) for name in next(reader)]
        began = reader.line_num + 1
        for row in reader:
            if len(row) > len(names) and not any(cell.strip() for cell in row[len(names) :]):
                del row[len(names) :]
            if len(row) == len(names):
                lines.append(reader.line_num)
                rows.append([held.setdefault(cell, cell) for cell in row])
            elif _is_comment(row, names):
                comments += 1
            elif any(cell.strip() for cell in row):
                raise InputError(
                    f"the line has {len(row)} cells and the header {len(names)}",
                    where=f"{source}, line {reader.line_num + header_line - 1}",
                    hint="give one cell for each column",
                )
            began = reader.line_num + 1
    except csv.Error as error:
        # a quote that is not closed takes in all lines after it
        open_ = "a quote is not closed" if "unexpected end" in str(error) else error
        raise InputError(
            f"the line is not readable CSV ({open_})",
            where=f"{source}, line {began + header_line - 1}",
        ) from None
    columns: list[Column] = [
        arrow_column(pa.chunked_array([pa.array(cells, pa.large_string())]))
        for cells in (zip(*rows, strict=True) if rows else [()] * len(names))
    ]
    numbers = np.array(lines, dtype=np.int64) + (header_line - 1)
    return Table(source, names, columns, numbers, "line", comments)


def _is_comment(row: Sequence[str], names: Sequence[str]) -> bool:
    first = row[0].lstrip() if row else ""
    if first.startswith("#") or (first.startswith("C") and starts_with_numbers(names)):
        return True
    return any(
        name.upper() == COMMENT and flags(cell) for name, cell in zip(names, row, strict=False)
    )
