"""Tables of outcome scores as people write them: what is read, and what is refused and how."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketascope as ks
from ketascope.errors import InputError


def wide(pre: list[object], post: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"id": range(1, len(pre) + 1), "pre": pre, "post": post})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "id,visit,score\n1,0,28\n1,1,3\n",
            "line 2, column score: the score 28 is outside 0 to 27",
        ),
        ("id,visit,score\n1,0,-1\n1,1,3\n", "line 2, column score: the score -1 is outside"),
        ("id,visit,score\n1,0,nan\n1,1,inf\n", "line 3, column score: the score inf is outside"),
        (
            "id,visit,score\n1,0,12.5\n1,1,3\n",
            "line 2, column score: the score 12.5 is not a whole",
        ),
        ('id,visit,score\n1,0,"12,5"\n1,1,3\n', "line 2, column score: '12,5' has a decimal comma"),
        ("id,visit,score\n1,0,12,5\n1,1,3\n", "line 2: the line has 4 cells .* decimal comma"),
        ("id;visit;score\n1;0;12,5\n1;1;3\n", "line 2, column score: '12,5' has a decimal comma"),
        ("id,visit,score\n1,0,high\n1,1,3\n", "line 2, column score: 'high' is not a number"),
        ("id,visit,score\n1,0,1_2\n1,1,3\n", "line 2, column score: '1_2' is not a number"),
        ("id,visit,score\n1,0,9\n,1,3\n", "line 3, column id: the id is missing"),
        ("id,visit,score\n1,0,9\n1,,3\n", "line 3, column visit: the visit is missing"),
        ("id,visit,score\n1,0,9\n1,0.0,3\n", "line 3, column score: PHQ-9 of person 1 .* line 2"),
        ("id,pre,post\n1,9,3\n1,8,2\n", "line 3, column pre: PHQ-9 of person 1 at pre .* line 2"),
        ("id,pre,score\n1,9,3\n", "both the long and the wide form"),
        ("id,pre\n1,9\n", "there is no column post"),
        ("pre,post\n9,1\n", "there is no column id"),
        ("id,ID,pre,post\n1,1,9,1\n", "'id' and 'ID' are both the id"),
        ("id,visit,score\n", "the table holds no scores"),
        ("", "the file is empty"),
        ("id,visit,score\n1,0,9\n", "PHQ-9 has 0 visits after|compared with itself"),
        ('id,visit,score\n1,0,"9\n', "not readable CSV"),
        ("id,scale,pre,post\n1,,9,1\n", "line 2, column scale: the scale is missing"),
        ("id,scale,pre,post\n1,BDI,9,1\n", "line 2, column scale: 'BDI' is not a scale"),
    ],
)
def test_a_slip_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as error:
        ks.outcomes(path, scale="PHQ-9")
    assert str(error.value).count(". ") == 0
    assert str(error.value).endswith(".")


def test_other_slips(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("id,pre,post\né,9,1\n".encode("latin-1"))
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 torn")
    for data, said in (
        (tmp_path / "latin.csv", "not UTF-8"),
        (tmp_path / "torn.parquet", "not readable Parquet"),
        (tmp_path / "absent.csv", "no such file"),
        (tmp_path, "cannot be read"),
        ([1, 2], "a list is no table of scores"),
        (wide([True], [4]), "data, row 1, column pre: 'True' is not a number"),
    ):
        with pytest.raises(InputError, match=said):
            ks.outcomes(data, scale="PHQ-9")
    for given_, said in (
        ({"level": 95}, "level 95 is not between"),
        ({"by": "x"}, "'x' is no choice"),
        ({"bootstrap": -1}, "the seed -1 is negative"),
    ):
        with pytest.raises(InputError, match=said):
            ks.outcomes(wide([9], [1]), scale="PHQ-9", **given_)


def test_parquet_and_excel_marks(tmp_path: Path) -> None:
    frame = wide([20, 18], [4, 9])
    frame.to_parquet(tmp_path / "s.parquet")
    (tmp_path / "s.csv").write_text("\ufeffid;pre;post\r\n1;20;4\r\n\r\n2;18.0;9\r\n", "utf-8")
    first, second = (ks.outcomes(tmp_path / n, scale="PHQ-9") for n in ("s.parquet", "s.csv"))
    pd.testing.assert_frame_equal(first, second)


PIECES = st.sampled_from(
    [*"0123456789,.;-\n\t\"' eE_", "id", "visit", "score", "pre", "post", "scale", "PHQ-9", "nan",
     "inf", "\r\n", "\x00", "é", "1e400", "\ufeff", "27", "28"]
)  # fmt: skip


@given(
    text=st.lists(PIECES, max_size=40).map("".join),
    head=st.sampled_from(["", "id,visit,score\n1,0,9\n"]),
)
def test_any_text_is_read_or_refused_in_one_sentence(
    text: str, head: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_text(head + text, encoding="utf-8", newline="")
    refused = None
    try:
        assert len(ks.outcomes(path, scale="PHQ-9"))
    except InputError as error:
        refused = error
    if refused is not None:
        assert str(refused).endswith(".")
        assert "fuzz.csv" in str(refused) or refused.where in ("baseline", "at")
