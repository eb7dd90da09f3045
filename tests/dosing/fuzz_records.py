"""Fuzz data sets: whatever the bytes or cells, the answer is Records or an InputError.

Text is read twice, at full speed and line by line: both must say the same.
"""

from __future__ import annotations

import io
import random
from typing import Any
from unittest import mock

import numpy as np

from ketascope.dosing import records_text
from ketascope.dosing.records import Records, read_records
from ketascope.errors import InputError

COMPARTMENTS = ("depot", "central")
HEADER = "C,ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS,MDV,DV,OCC,WT,SEX"
SEEDS = (
    HEADER
    + "\n.,1,0,1,100,0,1,3,24,0,1,.,1,70,F\n.,1,1.5,0,0,0,2,0,0,0,0,12.5,1,70,F\n"
    + ".,1,30,4,50,-2,depot,0,12,1,1,.,2,71,F\nC,1,31,0,oops,,,,,,,,,,\n"
    + ".,2,0,1,0,10,2,0,0,1,1,.,1,60,M\n.,2,8,3,0,0,0,0,0,0,1,.,1,60,M\n.,2,0,2,,,,,,,1,.,1,.,M\n",
    "ID,TIME,AMT\n1,0,100\n1,1,0\n\n1,2,.\n2,0,5\n",
    "id;time;amt;ii;addl;note\n7;0;80;12;6;first\n7;4;0;0;0;\n8.5;0;80;12;6;\n",
    "ID TIME AMT DV\n1 0 100 .\n1 1 . 41.5\n1 2 . 20.1\n",
    "# a comment\n\ntime\tID\tevid\tamt\n0\t3\t1\t5\n2\t3\t0\t0\n",
    '"ID","TIME","WHEN","AMT"\n1,0,"2024-01-05",10\n1,1,"2024-01-06",0\n',
)
CELLS = (
    *("", ".", "NA", "nan", "0", "1", "2", "3", "4", "-1", "-2", "0.5", "1e9", "1e999", "-inf"),
    *("12", "24", "100", " 7 ", "+5", "1D2", "0x1F", "1_0", "1,5", "8:30", "08:30:00", "٣", "C"),
    *("2024-01-05", "#", "C1", "oops", '"1"', '"a,b"', '"x\ny"', '"', '""', "true", "depot"),
    *("Central", "\x00", "\ufeff", "9007199254740993", "1e300", "1.", ".5", "nan(1)", "−1"),
)
OBJECTS: tuple[Any, ...] = (
    *(None, float("nan"), float("inf"), True, 1, 2.5, -3, 10**400, 1 + 2j, "1", "x", "", b"1"),
    *(
        [],
        {},
        object,
        np.float32(2),
        np.int8(1),
        np.datetime64("2024-01-05"),
        np.timedelta64(1, "h"),
        np.nan,
        ".",
    ),
)
# Once answered in two ways, or with a crash.
FOUND: tuple[Any, ...] = (
    b"ID,TIME\n0x10,0\n17,0\n",
    b"ID,TIME,WT\n1,0,nan(1)\n1,1,70\n",
    b'"a,b" time amt\nid time amt\n7 0 80\n',
    b'ID;TIME;"x\ny"\r\n7;0;1\r\n7;1;"a,b"\r\n',
    b'time\tID\tamt\n0\t3\t5\n2\t3\t"\n',
    b"ID\tTIME\n0\t 7 C\n",
    b"ID TIME\n\xef\xbb\xbf 0\n1 1\n",
    {"ID": [1, 1], "TIME": [0, 1], "II": [[], 0]},
    {"ID": [1, 1], "TIME": [np.timedelta64(1, "h"), np.timedelta64(2, "h")]},
)
MARKS = ",;\t\"'\n\r #.-+0123456789eECc\x00\ufeffé"


def mutated(rng: random.Random) -> bytes:
    """Return the bytes of a data set, or of something near one."""
    if rng.random() < 0.03:
        return rng.randbytes(rng.randrange(80))
    text = rng.choice(SEEDS)
    mark = next(mark for mark in ",;\t " if mark in text.splitlines()[-1])
    rows = [line.split(mark) for line in text.split("\n")]
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 5))):
        _change(rng, rows)
    if rng.random() < 0.1:
        mark = rng.choice(",;\t ")
    text = rng.choice(("\n", "\n", "\n", "\r\n", "\r")).join(mark.join(row) for row in rows)
    if rng.random() < 0.1:
        spot = rng.randrange(len(text) + 1)
        text = text[:spot] + rng.choice(MARKS) + text[spot + rng.randrange(2) :]
    if rng.random() < 0.05:
        text = "\ufeff" + text
    encoding = "latin-1" if rng.random() < 0.02 else "utf-8"
    return text.encode(encoding, errors="replace")


def _change(rng: random.Random, rows: list[list[str]]) -> None:
    row = rng.randrange(len(rows))
    cell = rng.randrange(len(rows[row])) if rows[row] else 0
    choice = rng.randrange(8)
    if choice <= 2 and rows[row]:
        rows[row][cell] = rng.choice(CELLS)
    elif choice == 3:
        rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))
    elif choice == 4 and len(rows) > 1:
        del rows[row]
    elif choice == 5:
        rows[row].insert(cell, rng.choice(CELLS))
    elif choice == 6 and rows[row]:
        del rows[row][cell]
    else:
        names = [*HEADER.lower().split(","), "DATE", "", "wt"]
        if rows[0]:
            rows[0][rng.randrange(len(rows[0]))] = rng.choice(names)


def mapping(rng: random.Random) -> dict[str, Any]:
    """Return columns of cells of any kind."""
    n = rng.randrange(1, 6)
    data: dict[str, Any] = {"ID": [1] * n, "TIME": list(range(n)), "AMT": [100] + [0] * (n - 1)}
    for _ in range(rng.randrange(4)):
        name = rng.choice(HEADER.split(","))
        cells = data.setdefault(name, [0] * n)
        if cells:
            cells[rng.randrange(len(cells))] = rng.choice(OBJECTS)
            if rng.random() < 0.1:
                cells.pop()
    return data


def answer(data: Any) -> Records | str:
    """Return what is read, or the sentence that refuses it.

    Raises
    ------
    AssertionError
        For any other error, for a message that is not one sentence, and for records that are not
        what records must be.
    """
    try:
        records = read_records(data, compartments=COMPARTMENTS)
    except InputError as refusal:
        message = str(refusal)
        assert message.endswith("."), message
        assert len(message) < 500, message
        assert "\n" not in message, message
        return message
    _check(records)
    return records


def answer_to_text(content: bytes) -> Records | str:
    """Return the answer to a text on standard input, which must not depend on the way of reading.

    Raises
    ------
    AssertionError
        As ``answer``; and if the two ways of reading differ.
    """
    with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(content))):
        quick = answer("-")
    slow_only = mock.patch.object(records_text, "_read_fast", return_value=None)
    with slow_only, mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(content))):
        careful = answer("-")
    if isinstance(quick, str) or isinstance(careful, str):
        assert quick == careful
    else:
        for name, value in vars(quick).items():
            other = getattr(careful, name)
            if name == "more":
                assert list(value) == list(other)
                for key in value:
                    np.testing.assert_array_equal(value[key], other[key])
            else:
                np.testing.assert_array_equal(value, other, name)
    return quick


def _check(records: Records) -> None:
    n = len(records)
    numbers = "time amt rate ii evid cmt addl ss mdv occasion subject lines".split()
    for name in numbers:
        column = getattr(records, name)
        assert column.shape == (n,), name
        assert np.isfinite(column).all(), name
        assert name == "rate" or (column >= 0).all(), name
    same = np.diff(records.subject) == 0
    assert (np.diff(records.subject)[~same] == 1).all()
    assert len(set(records.ids.tolist())) == len(records.ids) == records.subject[-1] + 1
    restarts = np.isin(records.evid, (3, 4))
    assert ((np.diff(records.time) >= 0) | ~same | restarts[1:]).all()
    assert (np.diff(records.lines) > 0).all()
    dose = np.isin(records.evid, (1, 4))
    constant = (records.amt == 0) & (records.ss == 1) & (records.rate != 0) & (records.ii == 0)
    assert ((records.amt > 0) | constant)[dose].all()
    assert (records.amt + np.abs(records.rate) + records.ii + records.ss == 0)[~dose].all()
    assert (records.ii > 0)[(records.addl > 0) | ((records.ss > 0) & (records.amt > 0))].all()
    assert (records.cmt <= len(COMPARTMENTS)).all()
    for column in records.more.values():
        assert column.shape == (n,)
        assert not np.isinf(column).any()


def fuzz(n: int, seed: int) -> int:
    """Read ``n`` data sets; return how many were taken.

    Raises
    ------
    AssertionError
        With the input that is not answered as it should be.
    """
    rng = random.Random(seed)
    taken = 0
    for _ in range(n):
        data = mapping(rng) if rng.random() < 0.1 else mutated(rng)
        taken += isinstance(answer_to(data), Records)
    return taken


def answer_to(data: Any) -> Records | str:
    """Return the answer to bytes or to a mapping.

    Raises
    ------
    AssertionError
        With the input that is not answered as it should be.
    """
    try:
        return answer_to_text(data) if isinstance(data, bytes) else answer(data)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} for {data!r}: {error}") from error
