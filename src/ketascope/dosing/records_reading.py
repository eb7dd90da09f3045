"""Read a data set from a file, a data frame, an Arrow table or a mapping of columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ketascope.dosing.records_table import (
    Column,
    Table,
    Words,
    arrow_column,
    encoded,
    tidy,
    without_blanks,
    without_comments,
)
from ketascope.dosing.records_text import read_text
from ketascope.errors import InputError


def read_table(data: Any) -> Table:
    """Read a file, a data frame, an Arrow table or a mapping; comments are left out.

    Raises
    ------
    InputError
        For what cannot be read as a table, with the line where there is one.
    """
    if isinstance(data, (str, Path)):
        table = _read_file(data)
    elif _is_pandas(data):
        columns = [_pandas_column(data.iloc[:, i]) for i in range(data.shape[1])]
        table = _framed("data", [str(name) for name in data.columns], columns, len(data))
    elif hasattr(data, "__arrow_c_stream__"):
        import pyarrow as pa

        table = _arrow_table("data", pa.table(data))
    elif isinstance(data, Mapping):
        table = _mapped(data)
    else:
        raise InputError(
            f"a data set cannot be read from a {type(data).__name__}",
            hint="give a file name, a data frame, an Arrow table or a mapping of columns",
        )
    return without_blanks(without_comments(table))


def _read_file(path: str | Path) -> Table:
    source = str(path)
    try:
        if source == "-":
            source = "standard input"
            data = sys.stdin.buffer.read()
        else:
            data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file", where=source, hint="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not usable"
        raise InputError(f"the file cannot be read ({reason})", where=source) from None
    if data[:4] == b"PAR1" or data[:6] == b"ARROW1" or data[:4] == b"\xff\xff\xff\xff":
        return _read_arrow(data, source)
    return read_text(data, source)


def _read_arrow(data: bytes, source: str) -> Table:
    import pyarrow as pa

    try:
        if data[:4] == b"PAR1":
            from pyarrow import parquet

            table = parquet.read_table(pa.BufferReader(data))
        elif data[:6] == b"ARROW1":
            table = pa.ipc.open_file(data).read_all()
        else:
            table = pa.ipc.open_stream(data).read_all()
        return _arrow_table(source, table)
    except (pa.ArrowException, OSError, ValueError):
        raise InputError("the file is not readable Parquet or Arrow", where=source) from None


# Frames


def _is_pandas(data: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def _framed(source: str, names: list[str], columns: list[Column], rows: int) -> Table:
    names = [tidy(name) for name in names]
    return Table(source, names, columns, np.arange(2, rows + 2, dtype=np.int64), "row")


def _arrow_table(source: str, table: Any) -> Table:
    columns = [arrow_column(column) for column in table.columns]
    return _framed(source, list(table.column_names), columns, table.num_rows)


def _mapped(data: Mapping[Any, Any]) -> Table:
    names = [str(name) for name in data]
    columns = [_listed(name, cells) for name, cells in zip(names, data.values(), strict=True)]
    lengths = [_length(column) for column in columns]
    for name, length in zip(names, lengths, strict=True):
        if length != lengths[0]:
            raise InputError(
                f"the column has {length} values and {names[0]} has {lengths[0]}",
                where=f"data, column {name}",
                hint="give all columns the same length",
            )
    return _framed("data", names, columns, lengths[0] if lengths else 0)


def _listed(name: str, cells: Any) -> Column:
    """Return one column of a mapping, whatever kind of list it is."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(cells, pandas.Series):
        return _pandas_column(cells)
    if hasattr(cells, "to_pylist"):
        return encoded(cells.to_pylist())
    if hasattr(cells, "__array__"):
        cells = np.asarray(cells)
        if cells.ndim == 1:
            plain = cells.dtype.kind in "iufb"
            return cells.astype(np.float64) if plain else encoded(list(cells))
    elif isinstance(cells, Iterable) and not isinstance(cells, (str, bytes, Mapping)):
        return encoded(list(cells))
    raise InputError(
        "the column is no list of values",
        where=f"data, column {name}",
        hint="give each column one value for each record",
    )


def _pandas_column(series: Any) -> Column:
    from pandas.api.types import is_complex_dtype, is_numeric_dtype

    if is_numeric_dtype(series.dtype) and not is_complex_dtype(series.dtype):
        return np.array(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return encoded(series.astype(object).tolist())


def _length(column: Column) -> int:
    return len(column.codes) if isinstance(column, Words) else len(column)
