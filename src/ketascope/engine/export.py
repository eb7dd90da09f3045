"""Simulations into files: Parquet, CSV and NetCDF, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.summary import values_of
from ketascope.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import xarray as xr

FORMATS = ("parquet", "csv", "nc")


def format_of(path: str) -> str:
    """Return the format a file name asks for; ``-`` is CSV on standard output.

    Raises
    ------
    InputError
        If the ending is none of .parquet, .csv and .nc.
    """
    if path == "-":
        return "csv"
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise InputError(
            f"the ending of '{path}' names no format that can be written",
            where="-o",
            hint="use .parquet, .csv or .nc, or - for CSV on standard output",
        )
    return ending


def text_ending(path: str, known: Sequence[str]) -> str:
    """Return the ending of a file of text, without its point; "" for ``-``.

    Parameters
    ----------
    path : str
    known : sequence of str
        Endings that can be written, such as ``("txt", "json")``.

    Raises
    ------
    InputError
        If the ending is none of them.
    """
    if path == "-":
        return ""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in known:
        *most, last = (f".{one}" for one in known)
        named = f"{', '.join(most)} or {last}" if most else last
        raise InputError(
            f"the ending of '{path}' names no format that can be written",
            where="-o",
            hint=f"use {named}",
        )
    return ending


def check_writable(path: str) -> None:
    """Refuse a path that cannot be written, before any work is done.

    Raises
    ------
    InputError
        Naming the folder or the file.
    """
    if path == "-":
        return
    if "\0" in path or len(Path(path).name.encode()) > 255:
        raise InputError(f"'{path[:40]}...' is not a file name", where="-o", hint="give another")
    target = Path(path)
    if target.is_dir():
        raise InputError(f"'{path}' is a folder", where="-o", hint="give the name of a file")
    folder = target.parent
    if not folder.is_dir():
        raise InputError(f"the folder '{folder}' does not exist", where="-o", hint="create it")
    if not os.access(folder, os.W_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise InputError(f"'{path}' cannot be written", where="-o", hint="choose another place")


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[Path]:
    """Give a temporary file beside the target and move it into place only if all went well.

    Raises
    ------
    InputError
        If the disk refuses.
    """
    target = Path(path)
    check_writable(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise InputError(
            f"'{path}' could not be written ({error.strerror or error})",
            where="-o",
            hint="choose another place",
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def records(result: xr.Dataset) -> pa.Table:
    """Return one row for each person and time: id, time (h), analytes (ng/mL), responses."""
    import pyarrow as pa

    if "quantile" in result.dims:
        from ketascope.engine.summary import quantile_records

        return table_of(quantile_records(result), result)
    count, people = result.sizes["time"], result.sizes["subject"]
    columns: dict[str, Any] = {}
    repeats = 1
    if "replicate" in result.dims:
        repeats = result.sizes["replicate"]
        columns["replicate"] = np.repeat(np.arange(1, repeats + 1), people * count)
    columns["id"] = np.tile(np.repeat(result["id"].to_numpy(), count), repeats)
    columns["time"] = np.tile(result["time"].to_numpy(), people * repeats)
    for name in values_of(result):
        columns[name] = result[name].transpose(..., "subject", "time").to_numpy().reshape(-1)
    metadata = {f"ketascope.{key}": str(value) for key, value in result.attrs.items()}
    return pa.table(columns).replace_schema_metadata(metadata)


def table_of(frame: pd.DataFrame, result: xr.Dataset | pd.DataFrame) -> pa.Table:
    """Return a summary as a table with the metadata of its simulation."""
    import pyarrow as pa

    metadata = {f"ketascope.{key}": str(value) for key, value in result.attrs.items()}
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(metadata)


def write(result: xr.Dataset, path: str) -> None:
    """Write a simulation in the format its file name asks for.

    Raises
    ------
    InputError
        If the format is unknown or the file cannot be written.
    """
    if format_of(path) == "nc":
        with whole_file(path) as temporary:
            result.to_netcdf(temporary, engine="h5netcdf")
    else:
        write_table(records(result), path)


def write_table(table: pa.Table, path: str) -> None:
    """Write a table as Parquet or CSV.

    Raises
    ------
    InputError
        If the format is NetCDF or unknown, or the file cannot be written.
    """
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    writers: dict[str, Callable[[Any, Any], Any]] = {
        "csv": pa_csv.write_csv,
        "parquet": pa_parquet.write_table,
    }
    kind = format_of(path)
    if kind not in writers:
        raise InputError("a summary is a table", where="-o", hint="use .csv or .parquet")
    if path == "-":
        pa_csv.write_csv(table, sys.stdout.buffer)
        sys.stdout.flush()
        return
    with whole_file(path) as temporary, temporary.open("wb") as sink:
        writers[kind](table, sink)


def write_text(text: str, path: str) -> None:
    """Write text to a file, whole or not at all, or to standard output for ``-``."""
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def to_json(value: Any) -> str:
    """Return JSON text with numbers as numbers; a number that is not finite becomes null."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=1) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
