"""``ketascope simulate --data``: a data set in, a table out, row for row."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from test_cli import refusal, run

MODEL = str(Path(__file__).parents[1] / "examples/models/one_compartment_depot.py")
HEAD = "C,ID,time,evid,amt,cmt,ss,ii,addl,rate,LAGT,DUR2,RAT2,BIOAV\n"
ROWS = (
    ".,7,0,1,100,central,0,24,1,0,0,2,10,1\n"
    "C,7,0.5,0,0,2,0,0,0,0,0,2,10,1\n"
    ".,7,1,0,0,2,0,0,0,0,0,2,10,1\n"
    ".,3,0,1,100,1,0,0,0,0,0,2,10,1\n"
    ".,3,2.5,0,0,2,0,0,0,0,0,2,10,1\n"
)


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(HEAD + ROWS)
    return str(path)


def test_a_row_for_each_record(capsys, events, tmp_path):
    path = tmp_path / "out.csv"
    code, out, err = run(capsys, "simulate", "--model", MODEL, "--data", events, "-o", str(path))
    assert (code, out) == (0, "")
    assert "Wrote" in err
    table = pd.read_csv(path)
    assert list(table.columns) == ["ID", "TIME", "CP"]
    assert table["ID"].tolist() == [7, 7, 3, 3]
    assert table["TIME"].tolist() == [0.0, 1.0, 0.0, 2.5]
    assert table["CP"][0] == 5000.0
    assert table["CP"][1] == pytest.approx(5000.0 * 2.718281828459045**-0.055, rel=1e-14)


def test_parquet_holds_the_same_and_what_was_run(capsys, events, tmp_path):
    for ending in ("csv", "parquet"):
        path = str(tmp_path / f"out.{ending}")
        arguments = ("--seed", "5", "--covariates", "forward", "-o", path)
        assert run(capsys, "simulate", "--model", MODEL, "--data", events, *arguments)[0] == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.to_pandas()["CP"].tolist() == pd.read_csv(tmp_path / "out.csv")["CP"].tolist()
    assert table.schema.metadata[b"ketascope.seed"] == b"5"
    assert table.schema.metadata[b"ketascope.covariates"] == b"forward"
    assert table.schema.metadata[b"ketascope.source"].endswith(b"events.csv")


def test_a_model_of_the_library(capsys, tmp_path):
    data = tmp_path / "x.csv"
    data.write_text("ID,TIME,AMT,WEIGHT\n1,0,35,70\n1,1,0,70\n")
    path = str(tmp_path / "out.csv")
    code, *_ = run(capsys, "simulate", "--model", "domino_1984", "--data", str(data), "-o", path)
    assert code == 0
    assert list(pd.read_csv(path).columns) == ["ID", "TIME", "ketamine"]


@pytest.mark.parametrize(
    ("clash", "name"),
    [
        (["ketamine 35 mg iv bolus once"], "a REGIMEN"),
        (["--patient", "me.yaml"], "--patient"),
        (["--set", "age=4"], "--set"),
        (["--people", "all.csv"], "--people"),
        (["-n", "4"], "-n"),
        (["--summary", "nca"], "--summary"),
        (["--times", "0:4:1"], "--times"),
        (["--with", "esomeprazole"], "--with"),
        (["--force"], "--force"),
    ],
)
def test_what_cannot_go_with_a_data_set(capsys, events, tmp_path, clash, name):
    path = str(tmp_path / "out.csv")
    told = refusal(capsys, "simulate", *clash, "--model", MODEL, "--data", events, "-o", path)
    assert f"--data cannot go with {name};" in told
    assert not Path(path).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "{events}"], "needs a model"),
        (["--data", "absent.csv", "--model", MODEL], "absent.csv"),
        (["--data", "{events}", "--model", "nobody_1900"], "no model 'nobody_1900'"),
        (["--data", "{events}", "--model", "domino_1984"], "the compartments are 'ketamine' (1)"),
        (["--data", "{events}", "--model", MODEL, "--residual"], "no residual error"),
        (["ketamine 35 mg iv bolus once", "--residual"], "--residual is for data sets"),
        (["ketamine 35 mg iv bolus once", "--covariates", "linear"], "--covariates is for data"),
        (["ketamine 35 mg iv bolus once", "--rtol", "1"], "the relative tolerance is 1"),
        (["ketamine 35 mg iv bolus once", "--atol", "0"], "the absolute tolerance is 0"),
        (["--data", "{events}", "--model", MODEL, "--rtol", "0"], "the relative tolerance is 0"),
        (
            ["--data", "{events}", "--model", MODEL, "--atol", "nan"],
            "the absolute tolerance is nan",
        ),
        ([], "neither a REGIMEN nor a data set"),
    ],
)
def test_bad_input_is_one_sentence(capsys, events, tmp_path, arguments, words):
    given = [word.format(events=events) for word in arguments]
    assert words in refusal(capsys, "simulate", *given, "-o", str(tmp_path / "out.csv"))


def test_what_a_model_prints_does_not_spoil_the_table(capsys, events, tmp_path):
    text = Path(MODEL).read_text().replace("    def flows(self, p):\n", "    def flows(self, p):\n"
                                           "        print('looked at')\n")  # fmt: skip
    (tmp_path / "talking.py").write_text(text)
    model = str(tmp_path / "talking.py")
    code, out, err = run(capsys, "simulate", "--model", model, "--data", events, "-o", "-")
    assert code == 0
    assert out.startswith('"ID","TIME","CP"\n')
    assert "looked at" not in out
    assert "looked at" in err


def test_the_data_set_is_not_written_over(capsys, events, tmp_path):
    before = Path(events).read_bytes()
    same = f"{tmp_path}/../{tmp_path.name}/events.csv"
    told = refusal(capsys, "simulate", "--model", MODEL, "--data", events, "-o", same)
    assert "would take the place of the data set" in told
    assert Path(events).read_bytes() == before


def test_a_reader_who_goes_away_is_no_error(events):
    command = f"'{sys.executable}' -m ketascope simulate --model '{MODEL}' --data '{events}' | true"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


BROKEN = """
from ketascope.models.user import OUT, Concentration, Entry, UserModel, parameter, where
import numpy as np

class Broken(UserModel):
    parameters = (parameter("CL", 4, "L/h"), parameter("V", 30, "L"))
    compartments = {"central": "mg"}
    covariates = ("WT",)
    reference = {"WT": 70}

    def individual(self, p, who):
        light = np.any(np.asarray(who.WT) < 50)
        INDIVIDUAL
        return p

    def flows(self, p):
        FLOWS
        return {("central", OUT): p.CL / p.V}

    def entries(self, p, who):
        light = np.any(np.asarray(who.WT) < 50)
        ENTRIES
        return {}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V)}
"""


@pytest.mark.parametrize(
    ("where", "line", "words"),
    [
        ("INDIVIDUAL", 'if light: raise ValueError("too light")', "ValueError: too light"),
        ("INDIVIDUAL", "if light: raise SystemExit", "individual fails with SystemExit, for ID 6"),
        ("INDIVIDUAL", "if light: return p.replace(CL=np.ones(7))", "CL has the shape (7,)"),
        ("INDIVIDUAL", "if light: return None", "individual returns nothing"),
        ("INDIVIDUAL", "p = p.replace(CL=p.CL * (who.WT - 50.0) ** 0.5)", "'central' is nan"),
        ("INDIVIDUAL", "p = p.replace(CLX=1.0) if light else p", "did you mean CL?"),
        ("FLOWS", "p.CL + [1, 2][0 if np.ndim(p.CL) == 0 else 5]", "IndexError"),
        ("ENTRIES", "if light: return {'central': Entry(lag=np.ones(9))}", "the shape (9,)"),
        ("ENTRIES", "return {'central': Entry(lag=(who.WT - 50.0) ** 0.5)}", "'central' is nan"),
    ],
)
def test_a_model_that_fails_for_somebody_says_for_whom(capsys, tmp_path, where, line, words):
    """The model is sound for the person for whom it is checked on load."""
    text = BROKEN.replace(where, line)
    for other in ("INDIVIDUAL", "FLOWS", "ENTRIES"):
        text = text.replace(other, "pass")
    (tmp_path / "broken.py").write_text(text)
    rows = [f"{i},{t},{1 - t},{100 * (1 - t)},{40 if i == 6 else 70}" for i in range(4, 9)
            for t in (0, 1)]  # fmt: skip
    (tmp_path / "people.csv").write_text("ID,TIME,EVID,AMT,WT\n" + "\n".join(rows))
    told = refusal(
        capsys, "simulate", "--model", str(tmp_path / "broken.py"),
        "--data", str(tmp_path / "people.csv"), "-o", str(tmp_path / "out.csv"),
    )  # fmt: skip
    assert words in told
    if where != "FLOWS":
        assert "people.csv, line 6" in told
    assert not (tmp_path / "out.csv").exists()


def test_netcdf_is_refused(capsys, events, tmp_path):
    path = str(tmp_path / "out.nc")
    told = refusal(capsys, "simulate", "--model", MODEL, "--data", events, "-o", path)
    assert "records are a table" in told
    assert not Path(path).exists()
