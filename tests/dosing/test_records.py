import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, parquet

from ketascope.dosing import records_text
from ketascope.dosing.records import Records, read_records
from ketascope.errors import InputError

FILE = """\
ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS,MDV,DV,OCC,wt,SEX
3,0,1,100,0,1,2,12,0,1,.,1,70.5,F
3,2,0,0,0,2,0,0,0,0,41.5,1,70.5,F
3,30,4,50,-2,2,0,0,0,1,.,2,71,F
3,31,2,0,0,0,0,0,0,1,.,2,.,F
1,0,1,80,8,2,0,24,1,1,.,1,60,M
1,1,0,,,2,,,,,,1,60,M
"""
COLUMNS = FILE.split("\n", 1)[0].split(",")
ARRAYS = (
    "ids subject time amt rate ii dv evid cmt addl ss mdv occasion lines".split()
)  # all that is an array in Records
Reader = Callable[[str], Records]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Reads a text as the file events.csv."""
    monkeypatch.chdir(tmp_path)

    def read_as_file(text: str, **options: Any) -> Records:
        Path("events.csv").write_bytes(text.encode())
        return read_records("events.csv", **options)

    return read_as_file


def refusal(read: Callable[..., Records], data: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(data, **options)
    return str(caught.value)


def assert_same(one: Records, other: Records, *, but: tuple[str, ...] = ()) -> None:
    for name in ARRAYS:
        if name not in but:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert list(one.more) == list(other.more)
    for name in one.more:
        np.testing.assert_array_equal(one.more[name], other.more[name], name)
    assert one.ignored == other.ignored


def test_every_column(read: Reader) -> None:
    records = read(FILE)
    assert len(records) == 6
    assert records.ids.tolist() == [3, 1]
    assert records.ids.dtype == np.int64
    assert records.subject.tolist() == [0, 0, 0, 0, 1, 1]
    assert records.time.tolist() == [0, 2, 30, 31, 0, 1]
    assert records.evid.tolist() == [1, 0, 4, 2, 1, 0]
    assert records.amt.tolist() == [100, 0, 50, 0, 80, 0]
    assert records.rate.tolist() == [0, 0, -2, 0, 8, 0]
    assert records.cmt.tolist() == [1, 2, 2, 0, 2, 2]
    assert records.addl.tolist() == [2, 0, 0, 0, 0, 0]
    assert records.ii.tolist() == [12, 0, 0, 0, 24, 0]
    assert records.ss.tolist() == [0, 0, 0, 0, 1, 0]
    assert records.mdv.tolist() == [1, 0, 1, 1, 1, 1]
    np.testing.assert_array_equal(records.dv, [np.nan, 41.5, np.nan, np.nan, np.nan, np.nan])
    assert records.occasion.tolist() == [0, 0, 1, 1, 0, 0]
    assert records.lines.tolist() == [2, 3, 4, 5, 6, 7]
    assert list(records.more) == ["wt"]
    np.testing.assert_array_equal(records.more["wt"], [70.5, 70.5, 71, np.nan, 60, 60])
    assert records.ignored == ("SEX",)
    assert records.header["RATE"] == "RATE"
    assert records.where(4, "rate") == "events.csv, line 6, column RATE"
    assert records.where(4, "wt") == "events.csv, line 6, column wt"


def test_all_but_id_and_time_may_be_left_out(read: Reader) -> None:
    records = read("time,Id,amt\n0,7,100\n1.5,7,0\n3,7,.\n")
    assert records.evid.tolist() == [1, 0, 0]
    assert records.mdv.tolist() == [1, 1, 1]
    assert records.cmt.tolist() == records.occasion.tolist() == [0, 0, 0]
    assert np.isnan(records.dv).all()
    assert records.where(1, "TIME") == "events.csv, line 3, column time"
    assert read("ID,TIME,DV\n7,0,1\n7,1,.\n").mdv.tolist() == [0, 1]
    assert read("ID,TIME,RATE,AMT,EVID\n7,0,5,10,.\n7,1,0,0,.\n").evid.tolist() == [1, 0]


def test_ids_may_have_fractions(read: Reader) -> None:
    records = read("ID,TIME\n1.5,0\n2,0\n-3,0\n")
    assert records.ids.tolist() == [1.5, 2, -3]


def test_occasions_count_within_each_subject(read: Reader) -> None:
    rows = [(1, 5), (1, 5), (1, 2), (1, 5), (2, 2), (2, 3), (3, 3), (4, "."), (4, 1)]
    text = "".join(f"{who},{i},{occ}\n" for i, (who, occ) in enumerate(rows))
    assert read("ID,TIME,OCC\n" + text).occasion.tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_compartments_by_name_or_number(read: Reader) -> None:
    text = "ID,TIME,AMT,CMT\n1,0,5,depot\n1,1,5,2\n1,2,0,.\n1,3,0,Central\n"
    assert read(text, compartments=("depot", "central")).cmt.tolist() == [1, 2, 0, 2]
    assert refusal(read, text) == (
        "events.csv, line 2, column CMT: 'depot' is not a number; give the number of a compartment."
    )
    assert refusal(read, text.replace("2\n", "3\n", 1), compartments=("depot", "central")) == (
        "events.csv, line 3, column CMT: the model has no compartment 3; "
        "the compartments are 'depot' (1) and 'central' (2)."
    )
    assert "the only compartment is 'central' (1)." in refusal(
        read, text, compartments=("central",)
    )


# The ways of writing one and the same data set

WAYS = {
    "byte order mark": lambda text: "\ufeff" + text,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "semicolons": lambda text: text.replace(",", ";"),
    "tabs": lambda text: text.replace(",", "\t"),
    "blanks": lambda text: text.replace(",,", ",.,").replace(",,", ",.,").replace(",", "  "),
    "blanks around cells": lambda text: text.replace(",", " , "),
    "quoted cells": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split("\n")[:-1]
    ),
    "quoted names": lambda text: text.replace("wt", '"wt"').replace("F\n", '"F"\n'),
    "quotes after blanks": lambda text: text.replace(",F", ', "F"'),
    "delimiter at each end": lambda text: text.replace("\n", ",\n"),
    "delimiter at the ends of rows": lambda text: text.replace("F\n", "F,\n"),
    "blank lines at the end": lambda text: text + "\n\n  \n",
    "empty rows at the end": lambda text: text + 13 * "," + "\n" + 13 * "," + "\n",
    "no last line end": lambda text: text.rstrip("\n"),
    "NA": lambda text: text.replace(",.,", ",NA,"),
    "capitals": lambda text: text.replace("TIME", "Time").replace("ADDL", "addl"),
    "exponents": lambda text: text.replace(",100,", ",1.0D+02,").replace(",50,", ",+5e1,"),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_of_writing(read: Reader, way: str) -> None:
    written = WAYS[way](FILE)
    assert written != FILE
    assert_same(read(written), read(FILE))


def test_columns_in_any_order(read: Reader) -> None:
    frame = pd.read_csv(io.StringIO(FILE), dtype=str, keep_default_na=False)
    assert_same(read(frame[COLUMNS[::-1]].to_csv(index=False)), read(FILE))
    with_index = frame.to_csv()
    assert with_index.startswith(",")
    records = read(with_index)
    assert records.ignored == ("column 1", "SEX")
    np.testing.assert_array_equal(records.amt, read(FILE).amt)


def test_lines_count_what_is_left_out(read: Reader) -> None:
    text = (
        "# made by hand\n\nID,TIME,AMT,NOTE\n1,0,5,a\n\n"
        "#1,1,5,b\n# a longer, comment, with, more, cells\nC1,1,oops,b\nC all of this\n1,2,0,c\n"
    )
    records = read(text)
    assert records.lines.tolist() == [4, 10]
    assert records.comments == 4
    assert records.ignored == ("NOTE",)
    regular = read("ID,TIME\n\n1,0\n\r\n\n1,1\n")
    assert regular.lines.tolist() == [3, 6]
    folded = read('ID,TIME,NOTE\n1,0,"two\nlines"\n1,1,x\n')
    assert folded.lines.tolist() == [3, 4]


def test_comment_column(read: Reader) -> None:
    text = "C,ID,TIME,AMT\n.,1,0,5\nC,1,1,oops\n,1,2,5\n0,1,3,5\nX,1\n,2,0,1\n"
    records = read(text)
    assert records.lines.tolist() == [2, 4, 5, 7]
    assert records.comments == 2
    assert "C" not in records.more
    assert read("ID,TIME,c\n1,0,0\n1,1,1\n").lines.tolist() == [2]


def test_words_that_begin_with_c_are_no_comments(read: Reader) -> None:
    records = read("STUDY,ID,TIME\nC101,1,0\nD102,1,1\n")
    assert len(records) == 2
    assert records.comments == 0


def test_standard_input(monkeypatch: pytest.MonkeyPatch, read: Reader) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FILE.encode())))
    records = read_records("-")
    assert_same(records, read(FILE))
    assert records.where(0, "AMT") == "standard input, line 2, column AMT"


def frame_of(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), na_values=".")


def test_frames_files_and_mappings_are_read_alike(read: Reader, tmp_path: Path) -> None:
    frame = frame_of(FILE)
    table = pa.Table.from_pandas(frame)
    parquet.write_table(table, tmp_path / "events.parquet")
    feather.write_feather(table, tmp_path / "events.feather", compression="uncompressed")
    with pa.ipc.new_stream(tmp_path / "events.arrows", table.schema) as stream:
        stream.write_table(table)
    text = read(FILE)
    for data in (
        frame,
        frame.astype(object),
        frame.convert_dtypes(),
        frame.astype({"SEX": "category", "CMT": "int8", "MDV": "boolean"}),
        table,
        table.combine_chunks(),
        dict(frame),
        {name: column.tolist() for name, column in frame.items()},
        tmp_path / "events.parquet",
        str(tmp_path / "events.feather"),
        tmp_path / "events.arrows",
    ):
        records = read_records(data)
        assert_same(records, text)
        assert records.where(2, "AMT").endswith(", row 3, column AMT")


def test_frames_of_words() -> None:
    frame = pd.read_csv(io.StringIO(FILE), dtype=str, keep_default_na=False)
    assert_same(read_records(frame), read_records(frame_of(FILE)))
    assert_same(read_records(pa.Table.from_pandas(frame)), read_records(frame_of(FILE)))


def test_lists_of_any_kind() -> None:
    data = {
        "ID": pa.array([7, 7]),
        "TIME": np.array([0, 1], dtype=np.float32),
        "AMT": (Decimal("2.5"), None),
        "EVID": pd.array([1, None], dtype="Int64"),
        "CMT": pd.Categorical(["depot", "depot"]),
        "SMOKER": np.array([True, False]),
        "VISIT": range(2),
        "": [".", None],
    }
    arrow = pa.table({**data, "CMT": pa.array(["depot"] * 2).dictionary_encode(), "": ["NA"] * 2})
    for table in (data, pd.DataFrame({**data, "ID": [7, 7]}), arrow):
        records = read_records(table, compartments=("depot",))
        assert records.ids.tolist() == [7]
        assert records.amt.tolist() == [2.5, 0]
        assert records.evid.tolist() == [1, 0]
        assert records.cmt.tolist() == [1, 1]
        assert {name: column.tolist() for name, column in records.more.items()} == {
            "SMOKER": [1, 0],
            "VISIT": [0, 1],
        }
        assert records.ignored == ()


# Where a fault is


@given(
    st.integers(0, 40),
    st.sampled_from([name for name in COLUMNS if name != "SEX"]),
    st.sampled_from(["oops", "1,5x", "--2", "1e", "٣", "0x10", "1_000"]),
    st.sets(st.integers(0, 40), max_size=3),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_bad_cell_is_named(row: int, column: str, word: str, blank: set[int], end: str) -> None:
    cells = [
        [
            f"{1 + i // 10}",
            f"{i % 10}",
            "0",
            "0",
            "0",
            "0",
            "0",
            "0",
            "0",
            "0",
            "2.5",
            "1",
            "7",
            "F",
        ]
        for i in range(41)
    ]
    cells[row][COLUMNS.index(column)] = f'"{word}"'
    lines = [",".join(COLUMNS)]
    for i, line in enumerate(cells):
        lines += [""] * (i in blank) + [",".join(line)]
    there = next(i for i, line in enumerate(lines, start=1) if word in line)
    with pytest.raises(InputError) as caught:
        read_text(end.join(lines))
    assert str(caught.value).startswith(f"events.csv, line {there}, column {column}: '{word}' ")
    frame = pd.DataFrame(cells, columns=COLUMNS)
    with pytest.raises(InputError, match=f"^data, row {row + 1}, column {column}: "):
        read_records(frame)


def read_text(text: str) -> Records:
    """Read a text without a file of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: text.encode())
        return read_records("events.csv")


def test_one_bad_line_of_many() -> None:
    lines = [f"{1 + i // 10},{i % 10},{0},71.{i % 7}" for i in range(200_000)]
    lines[123_455] = lines[123_455].replace("71", "7l")
    assert refusal(read_text, "\n".join(["ID,TIME,AMT,WT", *lines])) == (
        "events.csv, line 123457, column WT: '7l.3' is not a number; "
        "give a number, or '.' where there is none."
    )
    lines[123_455] = "1,2,3"
    assert refusal(read_text, "\n".join(["ID,TIME,AMT,WT", *lines])) == (
        "events.csv, line 123457: the line has 3 cells and the header 4; "
        "give one cell for each column."
    )


def test_regular_text_is_read_at_full_speed(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(FILE)
    monkeypatch.setattr(records_text, "_read_slow", None)
    for way in (
        "byte order mark", "carriage returns", "semicolons", "tabs", "blanks", "quoted names",
        "no last line end", "delimiter at each end", "blanks around cells",
    ):  # fmt: skip
        assert_same(read(WAYS[way](FILE)), expected)
    dated = read("ID,TIME,DAY,CLOCK\n1,0,2024-01-05,08:30:00\n1,1,2024-01-06,09:30:00\n")
    assert dated.ignored == ("DAY", "CLOCK")


# What is refused, in words

HEAD = "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS,MDV\n1,0,0,0,0,0,0,0,0,.\n"
CELLS = {
    # cells of the second record: what the sentence says after "events.csv, line 3, column "
    "1,x,0,0,0,0,0,0,0,.": "TIME: 'x' is not a number; give a number, or '.' where there is none.",
    "1,8:30,0,0,0,0,0,0,0,.": "TIME: '8:30' is not a number; give the time in hours from the first "
    "record, as 8.5 for half past eight.",
    "1,2024-01-05,0,0,0,0,0,0,0,.": "TIME: '2024-01-05' is not a number; give the time in hours",
    "1,inf,0,0,0,0,0,0,0,.": "TIME: the number is infinite; give a finite number.",
    "1,1,1,1e999,0,0,0,0,0,.": "AMT: the number is infinite; give a finite number.",
    ".,1,0,0,0,0,0,0,0,.": "ID: the ID is missing; give each record the number of its subject.",
    "1e17,1,0,0,0,0,0,0,0,.": "ID: the ID is too long to be told from its neighbours; number",
    "1,.,0,0,0,0,0,0,0,.": "TIME: the TIME is missing; give each record its time in hours.",
    "1,-1,0,0,0,0,0,0,0,.": "TIME: the TIME is -1, before time zero; let the hours begin",
    "1,1e308,0,0,0,0,0,0,0,.": "TIME: the TIME is 1e+308 h; give at most 100000000 h",
    "1,1,5,0,0,0,0,0,0,.": "EVID: the EVID is 5; use 0 for an observation, 1 for a dose, 2 for",
    "1,1,-1,0,0,0,0,0,0,.": "EVID: the EVID is -1; use 0 for an observation",
    "1,1,0.5,0,0,0,0,0,0,.": "EVID: the EVID is 0.5; give a whole number.",
    "1,1,1,-5,0,0,0,0,0,.": "AMT: the AMT is -5; give the amount of the dose, which is not",
    "1,1,1,5,-3,0,0,0,0,.": "RATE: the RATE is -3; give the amount per hour, 0 for a bolus, -1",
    "1,1,1,5,-1.5,0,0,0,0,.": "RATE: the RATE is -1.5; give the amount per hour",
    "1,1,1,5,0,1.5,0,0,0,.": "CMT: the CMT is 1.5; give a whole number.",
    "1,1,1,5,0,-2,0,0,0,.": "CMT: the CMT is -2; give the number of a compartment; turning comp",
    "1,1,2,0,0,1e300,0,0,0,.": "CMT: the CMT is 1e+300; give at most 1000000.",
    "1,1,1,5,0,0,2.5,12,0,.": "ADDL: the ADDL is 2.5; give a whole number.",
    "1,1,1,5,0,0,-2,12,0,.": "ADDL: the ADDL is -2; give the number of additional doses",
    "1,1,1,5,0,0,1e9,12,0,.": "ADDL: the ADDL is 1000000000; give at most 1000000.",
    "1,1,1,5,0,0,2,-12,0,.": "II: the II is -12; give the hours between two doses, which are not",
    "1,1,1,5,0,0,2,0,0,.": "II: the additional doses (ADDL 2) have an II of 0; give the hours",
    "1,1,1,5,0,0,0,12,0,.": "II: the II is 12 but ADDL and SS are 0; give ADDL or SS, or set II",
    "1,1,1,5,0,0,0,12,3,.": "SS: the SS is 3; use 0 for no steady state, 1 for a steady state",
    "1,1,1,5,0,0,0,12,.5,.": "SS: the SS is 0.5; give a whole number.",
    "1,1,1,5,0,0,0,0,1,.": "II: the steady state (SS 1) has an II of 0; give the hours between",
    "1,1,1,0,0,0,0,0,0,.": "AMT: the dose has an AMT of 0; give the amount, or use EVID 2 (3 for a",
    "1,1,1,0,-2,0,0,0,0,.": "AMT: the dose has an AMT of 0; give the amount",
    "1,1,1,.,-1,0,0,0,0,.": "AMT: the dose has an AMT of 0; give the amount",
    "1,1,4,0,0,0,0,0,0,.": "AMT: the dose has an AMT of 0; give the amount",
    "1,1,1,0,10,0,0,0,2,.": "AMT: the dose has an AMT of 0; give the amount",
    "1,1,1,0,0,0,0,0,1,.": "AMT: the steady state has an AMT of 0 and a RATE of 0; give the amount",
    "1,1,1,0,-2,0,0,0,1,.": "AMT: the steady state has an AMT of 0 and a RATE of -2; give the",
    "1,1,1,0,10,0,0,8,1,.": "II: a constant infusion (AMT 0, SS 1) has no interval but its II is 8",
    "1,1,1,0,10,0,2,0,1,.": "II: the additional doses (ADDL 2) have an II of 0",
    "1,1,0,100,0,0,0,0,0,.": "AMT: the record gives no dose (EVID 0) but its AMT is 100; set AMT "
    "to 0, or EVID to 1.",
    "1,1,2,0,-1,0,0,0,0,.": "RATE: the record gives no dose (EVID 2) but its RATE is -1; set RATE",
    "1,1,0,0,0,0,0,0,1,.": "SS: the record gives no dose (EVID 0) but its SS is 1; set SS to 0",
    "1,1,3,0,0,0,0,12,0,.": "II: the record gives no dose (EVID 3) but its II is 12; set II to 0",
    "1,1,0,0,0,0,3,0,0,.": "ADDL: the record gives no dose (EVID 0) but its ADDL is 3; set ADDL",
    "1,1,0,0,0,0,0,0,0,2": "MDV: the MDV is 2; use 0 or 1.",
    "1,1,1,5,0,0,0,0,0,0": "MDV: the MDV is 0 but the record is no observation (EVID 1); set MDV",
}  # fmt: skip


@pytest.mark.parametrize("cells", CELLS)
def test_cells_that_are_refused(read: Reader, cells: str) -> None:
    message = refusal(read, HEAD + cells + "\n1,9,7,0,0,0,0,0,0,.\n")
    assert message.startswith(f"events.csv, line 3, column {CELLS[cells]}"), message
    assert message.endswith(".")


@pytest.mark.parametrize(
    "cells",
    [
        "1,0,1,0,10,1,0,0,1,.",  # constant infusion
        "1,0,1,0,-1,1,0,0,1,.",  # constant infusion, rate from the model
        "1,0,1,5,-2,1,3,8,2,1",
        "1,0,4,5,9,1,3,8,1,1",
        "1,0,3,.,.,.,.,.,.,.",
        "1,0,2,0,0,9,0,0,0,1",
    ],
)
def test_cells_that_are_taken(read: Reader, cells: str) -> None:
    assert len(read(HEAD + cells + "\n")) == 2


TEXTS = {
    "": "events.csv: the file is empty; begin with a line such as ID,TIME,EVID,AMT,DV.",
    "\n # nothing\n": "events.csv: the file is empty; begin with a line such as "
    "ID,TIME,EVID,AMT,DV.",
    "ID,TIME\n": "events.csv: there are no records; give one line for each event.",
    "ID,TIME\nC1,0\n\n": "events.csv: there are no records; give one line for each event.",
    "TIME,AMT\n0,1\n": "events.csv, header: there is no column ID; the columns are 'TIME', 'AMT'.",
    "ID,AMT\n0,1\n": "events.csv, header: there is no column TIME; the columns are 'ID', 'AMT'.",
    "1,0,100\n1,1,0\n": "events.csv: the first line has no names of columns; begin with a line "
    "such as ID,TIME,EVID,AMT,DV.",
    "ID,TIME,Amt,AMT\n1,0,1,1\n": "events.csv, header: the columns 'Amt' and 'AMT' differ in "
    "capitals alone; rename or leave out one of them.",
    "ID,TIME,WT,WT\n1,0,1,1\n": "events.csv, header: two columns have the name 'WT'; rename or "
    "leave out one of them.",
    "ID,TIME,X,X\n1,0,1,2\n": "events.csv, header: two columns have the name 'X'; rename or leave "
    "out one of them.",
    "ID,DATE,TIME\n1,5/1/2024,0\n": "events.csv, header: the column DATE would move the times by "
    "days, which is not supported; give TIME in hours from the first record, and leave the dates "
    "out.",
    "ID,TIME\n1,0\n2,0\n1,1\n": "events.csv, line 4, column ID: the records of subject 1 do not "
    "stand together; put all records of a subject one after the other.",
    "ID,TIME\n1,0\n1,2\n1,1.5\n": "events.csv, line 4, column TIME: the TIME goes back from 2 to "
    "1.5 within subject 1; sort the records of a subject by time; only EVID 3 and 4 may restart "
    "the clock.",
    "ID,TIME,VISIT\n1,0,1\n1,1,two\n1,2,three\n": "events.csv, line 3, column VISIT: 'two' is not "
    "a number; give a number, or '.' where there is none.",
    "ID;TIME;WT\n1;0;70,5\n1;1;70\n": "events.csv, line 2, column WT: '70,5' is not a number; "
    "write 1.5 with a point.",
    'ID,TIME\n1,"0\n1,1\n': "events.csv, line 2: the line is not readable CSV (a quote is not "
    "closed).",
    "ID,TIME\n1,0,7\n": "events.csv, line 2: the line has 3 cells and the header 2; give one cell "
    "for each column.",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_are_refused(read: Reader, text: str) -> None:
    assert refusal(read, text) == TEXTS[text]


def test_the_clock_may_restart_at_a_reset(read: Reader) -> None:
    text = "ID,TIME,EVID,AMT\n1,0,1,5\n1,9,0,0\n1,0,{},{}\n1,1,0,0\n"
    assert read(text.format(3, 0)).time.tolist() == [0, 9, 0, 1]
    assert read(text.format(4, 5)).time.tolist() == [0, 9, 0, 1]
    assert "goes back" in refusal(read, text.format(1, 5))


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, hint = "the file is not UTF-8 text", "save it as CSV in UTF-8, or as Parquet"
    for name, content, message in (
        ("latin.csv", "ID,TIME\r\n1,0\r# naïve".encode("latin-1"), f", line 3: {text}; {hint}"),
        ("null.csv", b"ID,TIME\n1,\x00\n\xff", f", line 2: {text}; {hint}"),
        ("utf16.csv", FILE.encode("utf-16"), f", line 1: {text}; {hint}"),
        ("wide.csv", FILE.encode("utf-16-le"), f", line 1: {text}; {hint}"),
        ("book.xlsx", b"PK\x03\x04" + bytes(20), f", line 1: {text}; {hint}"),
        ("cut.parquet", b"PAR1" + bytes(20), ": the file is not readable Parquet or Arrow"),
        ("cut.feather", b"ARROW1" + bytes(20), ": the file is not readable Parquet or Arrow"),
    ):
        Path(name).write_bytes(content)
        assert refusal(read_records, name) == f"{name}{message}."
    assert refusal(read_records, "none.csv") == "none.csv: there is no such file; check the path."
    assert refusal(read_records, tmp_path).startswith(f"{tmp_path}: the file cannot be read (")
    assert "the name is not usable" in refusal(read_records, "a\0b")


def test_frames_that_are_refused() -> None:
    good = {"ID": [1, 1], "TIME": [0, 1]}
    assert refusal(read_records, {**good, "AMT": [0, "x"]}) == (
        "data, row 2, column AMT: 'x' is not a number; give a number, or '.' where there is none."
    )
    assert refusal(read_records, pd.DataFrame({**good, "EVID": [0, 9]})).startswith(
        "data, row 2, column EVID: the EVID is 9; "
    )
    assert refusal(read_records, {**good, "AMT": [1]}) == (
        "data, column AMT: the column has 1 values and ID has 2; give all columns the same length."
    )
    assert "column AMT: the column is no list of values" in refusal(
        read_records, {**good, "AMT": 5}
    )
    assert refusal(read_records, {"ID": [1], "TIME": [pd.Timestamp("2024-01-05 08:30")]}) == (
        "data, row 1, column TIME: '2024-01-05 08:30:00' is not a number; give the time in hours "
        "from the first record, as 8.5 for half past eight."
    )
    assert refusal(read_records, {**good, "AMT": [0, 10**400]}).startswith(
        "data, row 2, column AMT: the number is infinite; "
    )
    assert "column TIME: '1 hours' is not a number" in refusal(
        read_records, {"ID": [1], "TIME": [np.timedelta64(1, "h")]}
    )
    assert refusal(read_records, pa.table({"ID": pa.nulls(0), "TIME": pa.array([], "str")})) == (
        "data: there are no records; give one row for each event."
    )
    assert "cannot be read from a list" in refusal(read_records, [1, 2])
    assert refusal(read_records, {}) == (
        "data: there is no column ID; name columns ID, TIME and so on."
    )
    assert refusal(read_records, pd.DataFrame(columns=["ID", "TIME"])) == (
        "data: there are no records; give one row for each event."
    )


@pytest.mark.outside_data
def test_nonmem_data(nonmem_data: Path) -> None:
    records = read_records(nonmem_data / "events.csv", compartments=("depot", "central"))
    frame = pd.read_csv(nonmem_data / "events.csv", na_values=".")
    for name in ("time", "amt", "rate", "ii", "evid", "cmt", "addl", "ss"):
        np.testing.assert_array_equal(getattr(records, name), frame[name], name)
    np.testing.assert_array_equal(records.ids[records.subject], frame["ID"])
    assert list(records.more) == ["LAGT", "MODE", "DUR2", "RAT2", "BIOAV"]
    assert records.where(0, "RATE").endswith("events.csv, line 2, column rate")
