"""Turn a table of people (CSV, Parquet or a data frame) into checked columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ketascope.errors import InputError
from ketascope.patients import values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_NAMES = {
    **{key: key for key in ("id", *values.COVARIATES)},
    **dict.fromkeys(("subject", "subjid", "patient"), "id"),
    **dict.fromkeys(
        ("wt", "bw", "bodyweight", "body_weight", "body weight", "weight_kg"), "weight"
    ),
    **dict.fromkeys(("ht", "height_cm"), "height"),
    "age_y": "age",
    "gender": "sex",
    "ethnicity": "race",
}
_HINT = "the columns are id, age (y), weight (kg), height (cm), sex and race"


class Raw(NamedTuple):
    """Cells as they were written: columns by their own header, and where a row stands."""

    cells: dict[str, Sequence[Any]]
    rows: int
    place: Callable[[int], str]
    label: str


class Table(NamedTuple):
    """Checked columns: NaN or None is unknown."""

    ids: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    given: frozenset[str]
    unused: tuple[str, ...]
    label: str


def read_table(path: str | PathLike[str]) -> Table:
    """Read a CSV or Parquet file of people.

    Raises
    ------
    InputError
        Naming the file, the line and the column.
    """
    label = str(path)
    try:
        with Path(path).open("rb") as file:
            parquet = file.read(4) == b"PAR1"
    except FileNotFoundError:
        raise InputError("there is no such file", where=label, hint="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not usable"
        raise InputError(f"the file cannot be read ({reason})", where=label) from None
    if parquet:
        return parse(from_frame(_read_parquet(path, label), label))
    return parse(_read_csv(path, label))


def from_frame(frame: pd.DataFrame, label: str) -> Raw:
    """Take the cells of a data frame; missing ones become None."""
    headers = [str(name) for name in frame.columns]
    _refuse_twice(headers, label)
    cells: dict[str, Sequence[Any]] = {}
    for position, header in enumerate(headers):
        column = frame.iloc[:, position]
        whole: list[Any] = column.astype(object).tolist()
        unknown = column.isna().tolist()
        cells[header] = [None if gone else cell for cell, gone in zip(whole, unknown, strict=True)]
    return Raw(cells, len(frame), lambda row: f"{label}, row {row + 1}", label)


def _read_parquet(path: str | PathLike[str], label: str) -> pd.DataFrame:
    import pandas as pd
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(path)
    except (ArrowException, OSError, ValueError):
        raise InputError("the file is not readable Parquet", where=label) from None


def _read_csv(path: str | PathLike[str], label: str) -> Raw:
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            mark = max(",;\t", key=first.count)
            reader = csv.reader(file, delimiter=mark, strict=True)
            header = [name.strip() for name in next(reader, [])]
            for row in reader:
                if any(cell.strip() for cell in row):
                    rows.append(row)
                    lines.append(reader.line_num)
                    if len(row) != len(header):
                        raise InputError(
                            f"the line has {len(row)} cells and the header {len(header)}",
                            where=f"{label}, line {reader.line_num}",
                            hint="give one cell for each column",
                        )
    except UnicodeDecodeError:
        raise InputError(
            "the file is not UTF-8 text", where=label, hint="save it as CSV in UTF-8, or Parquet"
        ) from None
    except (csv.Error, OSError) as error:
        raise InputError(f"the file is not readable CSV ({error})", where=label) from None
    if not header:
        raise InputError("the file is empty", where=label, hint=_HINT)
    _refuse_twice(header, label)
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    cells: dict[str, Sequence[Any]] = dict(zip(header, columns, strict=True))
    return Raw(cells, len(rows), lambda row: f"{label}, line {lines[row]}", label)


def _refuse_twice(headers: Sequence[str], label: str) -> None:
    seen: dict[str, str] = {}
    for header in headers:
        key = _NAMES.get(header.strip().casefold(), header)
        if key in seen:
            raise InputError(
                f"the columns '{seen[key]}' and '{header}' are both the {key}",
                where=label,
                hint="keep one of them",
            )
        seen[key] = header


def parse(raw: Raw) -> Table:
    """Check every cell; columns that are absent are unknown for everyone."""
    import numpy as np

    names = {header: _NAMES.get(header.strip().casefold()) for header in raw.cells}
    header_of = {key: header for header, key in names.items() if key}
    if not set(header_of) & set(values.COVARIATES):
        raise InputError("no column is a covariate", where=raw.label, hint=_HINT)
    if not raw.rows:
        raise InputError("the table holds no people", where=raw.label, hint="give one row a person")
    columns: dict[str, NDArray[Any]] = {}
    for key in values.COVARIATES:
        dtype: Any = np.float64 if key in values.NUMBERS else object
        columns[key] = np.full(raw.rows, np.nan if dtype is np.float64 else None, dtype=dtype)
        if key in header_of:
            header = header_of[key]
            read = _numbers if key in values.NUMBERS else _categories
            columns[key] = read(key, raw.cells[header], header, raw.place)
    _check_sizes(columns, raw.place)
    ids = (
        _ids(raw.cells[header_of["id"]], header_of["id"], raw.place)
        if "id" in header_of
        else np.arange(1, raw.rows + 1)
    )
    given = frozenset(
        key for key in values.COVARIATES if any(not _unknown(cell) for cell in columns[key])
    )
    unused = tuple(header for header, key in names.items() if key is None)
    return Table(ids, columns, given, unused, raw.label)


def _check_sizes(columns: dict[str, NDArray[Any]], place: Callable[[int], str]) -> None:
    import numpy as np

    age, weight, height = (columns[key] for key in values.NUMBERS)
    with np.errstate(invalid="ignore"):
        bmi = weight / (height / 100.0) ** 2
        odd = ((bmi < values.BMI_LIMITS[0]) | (bmi > values.BMI_LIMITS[1])) & ~(
            age < values.ADULT_AGE
        )
    if odd.any():
        row = int(np.argmax(odd))
        values.check_size(None, float(weight[row]), float(height[row]), place(row))


def _unknown(cell: Any) -> bool:
    return cell is None or cell != cell


def _numbers(
    key: str, cells: Sequence[Any], header: str, place: Callable[[int], str]
) -> NDArray[Any]:
    import numpy as np

    low, high, *_ = values.LIMITS[key]
    try:  # the common case, all plain numbers, at the speed of an array
        plain = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        plain = None
    if plain is not None and plain.ndim == 1 and not any(isinstance(cell, bool) for cell in cells):
        usable = np.isnan(plain) | ((plain >= low) & (plain <= high))
        if usable.all():
            return plain
    result = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        value = values.covariate(key, cell, f"{place(row)}, column {header}")
        if value is not None:
            result[row] = value
    return result


def _categories(
    key: str, cells: Sequence[Any], header: str, place: Callable[[int], str]
) -> NDArray[Any]:
    import numpy as np

    known: dict[str, Any] = {}
    result = np.full(len(cells), None, dtype=object)
    for row, cell in enumerate(cells):
        word = cell if isinstance(cell, str) else repr(cell)
        if word not in known:
            known[word] = values.covariate(key, cell, f"{place(row)}, column {header}")
        result[row] = known[word]
    return result


def _ids(cells: Sequence[Any], header: str, place: Callable[[int], str]) -> NDArray[np.int64]:
    import numpy as np

    seen: dict[int, int] = {}
    for row, cell in enumerate(cells):
        where = f"{place(row)}, column {header}"
        try:
            whole = int(float(cell)) if not isinstance(cell, int) else cell
            good = float(cell) == whole and 0 <= whole < 2**53 and not isinstance(cell, bool)
        except (TypeError, ValueError, OverflowError):
            good, whole = False, 0
        if not good:
            raise InputError(
                f"the id {str(cell)[:40]!r} is not a whole number",
                where=where,
                hint="number the people 1, 2, 3 and so on",
            )
        if whole in seen:
            raise InputError(
                f"the id {whole} is also that of {place(seen[whole])}",
                where=where,
                hint="give each person an id of their own",
            )
        seen[whole] = row
    return np.array(list(seen), dtype=np.int64)
