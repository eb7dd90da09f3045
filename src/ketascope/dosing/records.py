"""Data sets of dosing events and observations, in the columns that NONMEM made the custom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.dosing.records_checks import (
    check_cells,
    check_names,
    check_order,
    read_numbers,
)
from ketascope.dosing.records_reading import read_table
from ketascope.dosing.records_table import COMMENT, STANDARD, place

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Records:
    """Checked records in the order of the file; N records of S subjects.

    Parameters
    ----------
    source : str
        Name of the file, or "data" for a frame; for messages.
    ids : (S,) int64 or float64
        ID of each subject, in order of appearance; whole numbers are int64.
    subject : (N,) int64
        Index of each record's subject in ``ids``; never falls.
    time, amt, rate, ii : (N,) float64
        Time (h), amount, amount/h (-1: the model has the rate, -2: the duration), and hours between
        additional or steady-state doses.
    dv : (N,) float64
        What was observed; NaN if missing.
    evid, cmt, addl, ss, mdv : (N,) int64
        As in the file; ``cmt`` counts from 1, and 0 is not given.
    occasion : (N,) int64
        Occasion within the subject: 0 for the first OCC that the subject has, then 1, ...
    more : mapping of str to (N,) float64
        Every other numeric column by its name as written; NaN if missing.
    lines : (N,) int64
        Line in the file, the header being line 1; for a frame, position of the row + 2.
    header : mapping of str to str
        Standard name, in capitals, to the name as written.
    ignored : tuple of str
        Further columns without numbers, which were left out.
    comments : int
        Rows that were left out as comments.
    counted : str
        What ``lines`` are called in messages: "line", or "row" for what is no text file.
    """

    source: str
    ids: NDArray[Any]
    subject: NDArray[np.int64]
    time: NDArray[np.float64]
    amt: NDArray[np.float64]
    rate: NDArray[np.float64]
    ii: NDArray[np.float64]
    dv: NDArray[np.float64]
    evid: NDArray[np.int64]
    cmt: NDArray[np.int64]
    addl: NDArray[np.int64]
    ss: NDArray[np.int64]
    mdv: NDArray[np.int64]
    occasion: NDArray[np.int64]
    more: Mapping[str, NDArray[np.float64]]
    lines: NDArray[np.int64]
    header: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    comments: int = 0
    counted: str = "line"

    def __len__(self) -> int:
        return len(self.time)

    def where(self, record: int, column: str) -> str:
        """Return the place of a cell in words: "events.csv, line 12, column RATE".

        ``column`` is a standard name in any case, or a name as written. Rows of a frame are counted
        from 1.
        """
        name = self.header.get(column.upper(), column)
        return place(self.source, self.counted, int(self.lines[record]), name)


def read_records(
    data: str | Path | pd.DataFrame | pa.Table | Mapping[str, Any],
    *,
    compartments: Sequence[str] = (),
) -> Records:
    """Read and check a data set of dosing events and observations.

    Parameters
    ----------
    data : path, data frame, Arrow table or mapping of columns
        A text file (cells parted by commas, semicolons, tabs or blanks), a Parquet or Arrow file,
        "-" for standard input, or a table in memory.
    compartments : sequence of str
        Names of the model's compartments. CMT may then be one of them, and may not be beyond
        their number.

    Returns
    -------
    Records

    Raises
    ------
    InputError
        Naming the file, the line and the column, for what is not a number or breaks a rule of the
        events. Nothing is sorted or mended.

    Notes
    -----
    The columns are ID and TIME (h), and if there are any EVID, AMT, RATE, CMT, ADDL, II, SS, MDV,
    DV and OCC, in any order and in any case; the other numeric columns are covariates. Cells that
    are empty, ".", "NA" or "NaN" are missing. A missing EVID is 1 where AMT or RATE is not 0, else
    0; a missing MDV is 1 for a record that is no observation or has no DV, else 0; the others are
    0.

    Examples
    --------
    >>> records = read_records({"ID": [1, 1], "TIME": [0, 2], "AMT": [100, 0], "WT": [70, 70]})
    >>> records.evid, records.more["WT"]
    (array([1, 0]), array([70., 70.]))
    """
    table = read_table(data)
    check_names(table)
    columns, ignored = read_numbers(table, compartments)
    header = {name.upper(): name for name in table.names if name.upper() in (*STANDARD, COMMENT)}

    def where(row: int, column: str) -> str:
        return table.where(row, header.get(column, column))

    cells = _filled(columns, header, len(table.lines))
    check_cells(cells, where, compartments)
    subject = check_order(cells, where)
    return Records(
        source=table.source,
        ids=_ids(cells["ID"], subject),
        subject=subject,
        time=cells["TIME"],
        amt=cells["AMT"],
        rate=cells["RATE"],
        ii=cells["II"],
        dv=cells["DV"],
        evid=cells["EVID"].astype(np.int64),
        cmt=cells["CMT"].astype(np.int64),
        addl=cells["ADDL"].astype(np.int64),
        ss=cells["SS"].astype(np.int64),
        mdv=cells["MDV"].astype(np.int64),
        occasion=_occasions(cells["OCC"], subject),
        more=MappingProxyType(
            {name: column for name, column in columns.items() if name not in header.values()}
        ),
        lines=table.lines,
        header=MappingProxyType(header),
        ignored=ignored,
        comments=table.comments,
        counted=table.counted,
    )


def _filled(
    columns: Mapping[str, NDArray[np.float64]], header: Mapping[str, str], n: int
) -> dict[str, NDArray[np.float64]]:
    """Return every standard column, its missing cells filled; only ID, TIME and DV keep NaN."""
    cells = {}
    for name in STANDARD:
        column = columns[header[name]] if name in header else np.full(n, np.nan)
        kept = name in ("ID", "TIME", "DV", "EVID", "MDV")
        cells[name] = column if kept else np.where(np.isnan(column), 0.0, column)
    given = ((cells["AMT"] != 0) | (cells["RATE"] != 0)).astype(np.float64)
    cells["EVID"] = np.where(np.isnan(cells["EVID"]), given, cells["EVID"])
    unseen = ((cells["EVID"] != 0) | np.isnan(cells["DV"])).astype(np.float64)
    cells["MDV"] = np.where(np.isnan(cells["MDV"]), unseen, cells["MDV"])
    return cells


def _ids(ids: NDArray[np.float64], subject: NDArray[np.int64]) -> NDArray[Any]:
    each = ids[np.flatnonzero(np.diff(subject, prepend=-1))]
    return each.astype(np.int64) if (each == np.round(each)).all() else each


def _occasions(occ: NDArray[np.float64], subject: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the occasions of each subject 0, 1, ... in the order of their first records."""
    changes = np.flatnonzero((np.diff(occ) != 0) | (np.diff(subject) != 0)) + 1
    starts = np.concatenate(([0], changes))
    index = np.zeros(len(starts), dtype=np.int64)
    known: dict[float, int] = {}
    last = -1
    for block, (person, value) in enumerate(
        zip(subject[starts].tolist(), occ[starts].tolist(), strict=True)
    ):
        if person != last:
            known, last = {}, person
        index[block] = known.setdefault(value, len(known))
    return np.repeat(index, np.diff(np.append(starts, len(occ))))
