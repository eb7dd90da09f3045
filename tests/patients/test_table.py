"""People from CSV, Parquet and data frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketascope.errors import InputError
from ketascope.patients import Population, sample_population

CSV = "ID,Age,WT,Ht,Gender,RACE\n3,45,70,170,F,White\n7,60,80.5,180,male,japanese\n"


def read(tmp_path: Path, text: str | bytes, **more: int) -> Population:
    file = tmp_path / "people.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return Population.read(file, **more)


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        CSV.replace("\n", "\r\n"),
        "\ufeff" + CSV + "\n\n",
        CSV.replace("70,170", "154.32358353 lb,1.7 m"),
    ],
)
def test_reads_a_whole_table(tmp_path: Path, text: str) -> None:
    people = read(tmp_path, text)
    assert people.data.round(6).to_dict("list") == {
        "id": [3, 7],
        "age": [45.0, 60.0],
        "weight": [70.0, 80.5],
        "height": [170.0, 180.0],
        "sex": ["female", "male"],
        "race": ["white", "japanese"],
    }
    assert people.notes == ()
    assert people.sources == ()
    assert people.fixed == {"age", "weight", "height", "sex", "race"}


def test_what_is_unknown_is_drawn_and_said(tmp_path: Path) -> None:
    people = read(tmp_path, "wt,sex,dose\n70,F,56\n.,M,84\n60,NA,56\n", seed=4)
    data = people.data
    assert data["id"].tolist() == [1, 2, 3]
    assert data["weight"][0] == 70
    assert not data.isna().any(axis=None)
    assert people.fixed == {"weight", "sex"}
    label = tmp_path / "people.csv"
    assert people.notes[:3] == (
        f"In {label} the age is not given and was drawn with seed 4.",
        f"In {label} the weight is unknown for 1 of 3 people and was drawn with seed 4.",
        f"In {label} the height is not given and was drawn with seed 4.",
    )
    assert f"Columns of {label} that are not used here: 'dose'." in people.notes
    again = Population.from_frame(pd.DataFrame({"wt": [70, None], "sex": ["F", "M"]}), seed=4)
    pd.testing.assert_frame_equal(again.data, data.head(2))


def test_parquet_and_frames_keep_a_population(tmp_path: Path) -> None:
    people = sample_population(30, 2)
    file = tmp_path / "people.any"
    people.data.to_parquet(file)
    for copy in (Population.read(file), Population.from_frame(people.data)):
        pd.testing.assert_frame_equal(copy.data, people.data)
    people.data.to_csv(tmp_path / "people.csv", index=False)
    back = Population.read(tmp_path / "people.csv").data
    pd.testing.assert_frame_equal(back, people.data, rtol=1e-12)


def test_missing_cells_of_any_kind_are_unknown() -> None:
    frame = pd.DataFrame(
        {
            "age": pd.array([45, None], dtype="Int64"),
            "weight": [np.nan, 80.0],
            "sex": pd.Categorical(["F", None]),
            "race": ["unknown", "black"],
        }
    )
    people = Population.from_frame(frame)
    assert not people.data.isna().any(axis=None)
    assert people.data["race"][1] == "black"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty; the columns are id, age (y), weight (kg)"),
        ("id,dose\n1,56\n", "no column is a covariate"),
        ("age,sex\n", "the table holds no people"),
        ("wt,weight\n1,2\n", "the columns 'wt' and 'weight' are both the weight"),
        ("age\n45\n\nold\n", "line 4, column age: age 'old' is not understood"),
        ("Age\n45\n450\n", "line 3, column Age: age '450' is outside 0 to 120 y"),
        ("wt\n70\ninf\n", "line 3, column wt: weight"),
        ("wt;ht\n70,5;170\n", "line 2, column wt: weight '70,5' is not understood"),
        ("sex\nF\n2\n", "line 3, column sex: sex '2' is not one"),
        ("age,sex\n45\n", "line 2: the line has 1 cells and the header 2"),
        ("id,age\n1,45\n2,46\n1,47\n", "line 4, column id: the id 1 is also that of"),
        ("id,age\nA1,45\n", "line 2, column id: the id 'A1' is not a whole number"),
        ("id,age\n1.5,45\n", "the id '1.5' is not a whole number"),
        ("id,age\n,45\n", "the id '' is not a whole number"),
        ("age,wt,ht\n45,70,170\n45,70,50\n", "line 3: weight 70 kg and height 50 cm give a body"),
        ("id,age\n1,45\n2,12\n", "person 2 of"),
        ('age\n"45\n', "the file is not readable CSV"),
        (b"age\n\xff\xfe\n", "the file is not UTF-8 text"),
        (b"PAR1 not really", "the file is not readable Parquet"),
    ],
)
def test_each_mistake_gets_its_sentence(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "people.csv" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        Population.read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="the file cannot be read"):
        Population.read(tmp_path)


def test_truth_values_are_no_numbers() -> None:
    with pytest.raises(InputError, match="row 2, column age: age is True"):
        Population.from_frame(pd.DataFrame({"age": [45, True]}))
