"""The command line with the models of children, and with every model that may answer."""

import json

import pandas as pd
import pyarrow.parquet as pq

from ketascope import cli

BOLUS = "ketamine 1 mg/kg iv bolus once"
CHILD = ("--set", "age=8", "--set", "weight=27")
MODELS = ["herd_2007", "elkomy_2015", "sherwin_2015", "hornik_2018"]


def run(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().err


def test_every_model_that_may_answer_gives_rows_of_its_own(tmp_path, capsys):
    path, alone = tmp_path / "all.parquet", tmp_path / "one.csv"
    asked = (BOLUS, *CHILD, "-n", 3, "--seed", 4, "--summary", "nca")
    code, err = run(capsys, "simulate", *asked, "--model", "all", "-o", path)
    assert code == 0
    table = pd.read_parquet(path)
    assert table.columns[0] == "model"
    assert list(table["model"].unique()) == MODELS
    assert (table.groupby("model").size() == 3).all()
    # each source without a spread is named, and a warning that all share is said once
    assert err.count("prints no spread between people") == 3
    assert err.count("Only 3 people") == 1
    run(capsys, "simulate", *asked, "--model", "herd_2007", "-o", alone)
    mine = table[table["model"] == "herd_2007"]["cmax"].to_numpy()
    assert list(mine) == list(pd.read_csv(alone)["cmax"])
    metadata = pq.read_schema(path).metadata
    assert metadata[b"ketascope.model"].decode() == ", ".join(MODELS)
    assert b"ketascope.sampling" not in metadata


def test_curves_of_all_models_are_refused(tmp_path, capsys):
    path = tmp_path / "all.csv"
    for more in ((), ("--summary", "quantiles")):
        code, err = run(capsys, "simulate", BOLUS, *CHILD, "--model", "all", *more, "-o", path)
        assert code == 2
        assert "--model all: curves of several models do not make one table" in err
        assert not path.exists()


def test_a_child_gets_a_model_of_children_and_a_report(tmp_path, capsys):
    page, data = tmp_path / "child.html", tmp_path / "child.json"
    code, err = run(
        capsys, "report", BOLUS, *CHILD, "-n", 30, "--seed", 1, "-o", page, "--data", data
    )
    assert code == 0
    assert "must not be used" not in err
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found["model"]["name"] == "herd_2007"
    assert [row["origin"] for row in found["people"]["covariates"]][:3] == [
        "given", "given", "not drawn under 18",
    ]  # fmt: skip
    assert found["between"]["models"][1:] == ["Elkomy 2015", "Sherwin 2015", "Hornik 2018"]
    assert "Between models and between people" in page.read_text(encoding="utf-8")


def test_a_handful_of_people_has_no_quantiles_of_all_models(tmp_path, capsys):
    page, data = tmp_path / "few.html", tmp_path / "few.json"
    code, _ = run(capsys, "report", BOLUS, *CHILD, "-n", 5, "-o", page, "--data", data)
    assert code == 0
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found["between"] is None
    assert found["comparability"]


def test_a_child_whom_no_model_covers_is_refused_with_what_can_be_named(tmp_path, capsys):
    asked = ("esketamine 56 mg intranasal once", "--set", "age=15", "--set", "weight=50", "-n", 3)
    path = tmp_path / "child.csv"
    code, err = run(capsys, "simulate", *asked, "-o", path)
    assert code == 2
    assert "in people under 18" in err
    assert "--model: perez_ruixo_2021" in err
    code, err = run(capsys, "simulate", *asked, "--model", "perez_ruixo_2021", "-o", path)
    assert code == 0
    assert "The patient is under 18: perez_ruixo_2021 must not be used for children." in err


def test_intensive_care_is_answered_with_the_model_to_name(tmp_path, capsys):
    asked = (BOLUS, "--set", "setting=ICU", "--typical", "-o", tmp_path / "one.csv")
    code, err = run(capsys, "simulate", *asked)
    assert code == 0
    assert "hijazi_2003 was made from critically ill adults" in err
    code, err = run(capsys, "simulate", *asked, "--model", "hijazi_2003")
    assert code == 0
    assert "answers only when it is asked for by name" not in err
