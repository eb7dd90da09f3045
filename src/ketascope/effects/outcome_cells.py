"""Cells of a table of scores: from a file or a data frame, each with its place."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ketascope.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from ketascope.evidence.scales import Scale

HINT = "columns are id, visit and score (and scale), or id, pre and post"
NAMES = {
    **dict.fromkeys(("id", "subject", "subjid", "usubjid", "patient", "person"), "id"),
    **dict.fromkeys(("visit", "time", "day", "week", "month"), "visit"),
    **dict.fromkeys(("scale", "instrument", "questionnaire", "measure"), "scale"),
    **dict.fromkeys(("score", "total", "total score", "total_score"), "score"),
    **dict.fromkeys(("pre", "baseline", "before"), "pre"),
    **dict.fromkeys(("post", "after", "follow-up", "followup", "follow_up", "endpoint"), "post"),
}
MISSING = frozenset({"", ".", "na", "n/a", "nan", "none", "null", "missing", "unknown", "?"})
_WHOLE = re.compile(r"([1-9]\d*|0)\.0+")
_COMMA = re.compile(r"[+-]?\d+,\d+")


class Cells(NamedTuple):
    """Columns by what they are, the header of each, and where a row stands."""

    columns: dict[str, Sequence[Any]]
    headers: dict[str, str]
    unused: tuple[str, ...]
    rows: int
    place: Callable[[int], str]
    label: str


def read_cells(data: pd.DataFrame | str | PathLike[str]) -> Cells:
    """Take a data frame, or read a CSV or Parquet file.

    Raises
    ------
    InputError
        If the file cannot be read, or its columns are not those of :data:`HINT`.
    """
    if not isinstance(data, (str, PathLike)):
        if not hasattr(data, "columns") or not hasattr(data, "iloc"):
            raise InputError(
                f"a {type(data).__name__} is no table of scores",
                where="data",
                hint="give a data frame, or the name of a CSV or Parquet file",
            )
        return _from_frame(data, "data")
    label = str(data)
    try:
        with Path(data).open("rb") as file:
            parquet = file.read(4) == b"PAR1"
    except FileNotFoundError:
        raise InputError("there is no such file", where=label, hint="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not usable"
        raise InputError(f"the file cannot be read ({reason})", where=label) from None
    return _from_frame(_parquet(data, label), label) if parquet else _csv(data, label)


def _parquet(path: str | PathLike[str], label: str) -> pd.DataFrame:
    import pandas as pd
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(path)
    except (ArrowException, OSError, ValueError):
        raise InputError("the file is not readable Parquet", where=label) from None


def _from_frame(frame: pd.DataFrame, label: str) -> Cells:
    columns = []
    for position in range(len(frame.columns)):
        column = frame.iloc[:, position]
        gone = column.isna().tolist()
        whole: list[Any] = column.astype(object).tolist()
        columns.append([None if out else cell for cell, out in zip(whole, gone, strict=True)])
    names = [str(name) for name in frame.columns]
    return _named(names, columns, lambda row: f"{label}, row {row + 1}", label)


def _csv(path: str | PathLike[str], label: str) -> Cells:
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
            header = [name.strip() for name in next(reader, [])]
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) != len(header):
                    raise InputError(
                        f"the line has {len(row)} cells and the header {len(header)}",
                        where=f"{label}, line {reader.line_num}",
                        hint="give one cell for each column; a decimal comma makes one too many",
                    )
                rows.append(row)
                lines.append(reader.line_num)
    except UnicodeDecodeError:
        raise InputError(
            "the file is not UTF-8 text", where=label, hint="save it as CSV in UTF-8, or Parquet"
        ) from None
    except (csv.Error, OSError) as error:
        raise InputError(f"the file is not readable CSV ({error})", where=label) from None
    if not header:
        raise InputError("the file is empty", where=label, hint=HINT)
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(header)
    return _named(header, columns, lambda row: f"{label}, line {lines[row]}", label)


def _named(
    header: Sequence[str], columns: Sequence[Sequence[Any]], place: Callable[[int], str], label: str
) -> Cells:
    """Say what each column is; refuse two of a kind, and a mixture of long and wide."""
    found: dict[str, Sequence[Any]] = {}
    headers: dict[str, str] = {}
    unused = []
    for name, column in zip(header, columns, strict=True):
        key = NAMES.get(" ".join(name.casefold().split()))
        if key is None:
            unused.append(name)
        elif key in found:
            raise InputError(
                f"the columns '{headers[key]}' and '{name}' are both the {key}",
                where=label,
                hint="keep one of them, or rename the other",
            )
        else:
            found[key], headers[key] = column, name
    long, wide = {"visit", "score"} & set(found), {"pre", "post"} & set(found)
    if long and wide:
        names = ", ".join(headers[key] for key in sorted(long | wide))
        raise InputError(
            f"the columns {names} are of both the long and the wide form", where=label, hint=HINT
        )
    wanted = {"id", "pre", "post"} if wide else {"id", "visit", "score"}
    absent = [key for key in ("id", "visit", "score", "pre", "post") if key in wanted - set(found)]
    if absent:
        raise InputError(f"there is no column {' or '.join(absent)}", where=label, hint=HINT)
    rows = len(columns[0]) if columns else 0
    if not rows:
        raise InputError("the table holds no scores", where=label, hint="give one row a score")
    return Cells(found, headers, tuple(unused), rows, place, label)


def is_missing(cell: Any) -> bool:
    """Tell whether a cell says that its value is not known."""
    return cell is None or cell != cell or str(cell).strip().casefold() in MISSING


def score(cell: Any, scale: Scale, where: str) -> float:
    """Read a total score in points; NaN where it is missing.

    Raises
    ------
    InputError
        If it is no number, no whole one, or outside the range of the scale.
    """
    if is_missing(cell):
        return math.nan
    text = str(cell).strip()
    low, high = scale.range
    hint = (
        f"totals of {scale.name} are whole numbers from {low} to {high}; leave missing ones empty"
    )
    if _COMMA.fullmatch(text):
        raise InputError(f"'{text[:40]}' has a decimal comma", where=where, hint=hint)
    try:
        if isinstance(cell, bool) or "_" in text:
            raise ValueError
        value = float(text)
    except ValueError:
        raise InputError(f"'{text[:40]}' is not a number", where=where, hint=hint) from None
    if not low <= value <= high:
        raise InputError(
            f"the score {text[:40]} is outside {low} to {high} of {scale.name}",
            where=where,
            hint="check the score and the scale",
        )
    if value != int(value):
        raise InputError(f"the score {text[:40]} is not a whole number", where=where, hint=hint)
    return value


def word(cell: Any, what: str, where: str) -> str:
    """Read an id or a visit as text; 1, 1.0 and "1" are the same.

    Raises
    ------
    InputError
        If it is missing.
    """
    if is_missing(cell):
        raise InputError(f"the {what} is missing", where=where, hint=f"give each row its {what}")
    text = " ".join(str(cell).split())
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text
