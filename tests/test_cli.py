"""The command line as a user meets it: output, sentences and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from ketascope import cli
from ketascope.evidence.published import published

ONE_DOSE = "esketamine 84 mg intranasal once"


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def refusal(capsys, *arguments):
    """Run what must be refused: exit 2, nothing on standard output, one line that is a sentence."""
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("ketascope: ")
    assert "Traceback" not in err
    assert err.rstrip()[-1] in ".?"
    return err


class TestSimulate:
    def test_columns_and_rows(self, capsys, tmp_path):
        path = tmp_path / "x.csv"
        code, out, err = run(
            capsys, "simulate", ONE_DOSE, "--typical", "--times", "0:2:0.5", "-o", str(path)
        )
        assert (code, out) == (0, "")
        assert "Wrote" in err
        table = pd.read_csv(path)
        assert list(table.columns) == ["id", "time", "esketamine", "esnorketamine"]
        assert table["time"].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]

    @pytest.mark.parametrize("dose", [28, 56, 84])
    @pytest.mark.parametrize("race", ["white", "asian", "japanese"])
    def test_the_nasal_figures_of_the_paper(self, capsys, tmp_path, dose, race):
        path = tmp_path / "x.csv"
        code, _, _ = run(
            capsys,
            "simulate",
            f"esketamine {dose} mg intranasal once",
            "--typical",
            "--model",
            "perez_ruixo_2021",
            "--set",
            f"race={race}",
            "--times",
            "0:24:0.01",
            "-o",
            str(path),
        )
        assert code == 0
        table = pd.read_csv(path)
        printed = {
            (v.analyte, v.quantity): v.value
            for v in published()
            if v.id.startswith(f"perez_ruixo_2021.18_60_{race}_{dose}mg.")
        }
        step = table["time"].diff()
        mean = (table["esketamine"] + table["esketamine"].shift()) / 2
        assert table["esketamine"].max() == pytest.approx(printed["esketamine", "cmax"], rel=0.01)
        assert (step * mean).sum() == pytest.approx(printed["esketamine", "auc"], rel=0.01)
        assert table["esnorketamine"].max() == pytest.approx(
            printed["esnorketamine", "cmax"], rel=0.01
        )

    def test_the_same_seed_gives_the_same_file(self, capsys, tmp_path):
        files = []
        for name, workers in (("a.csv", "1"), ("b.csv", "2")):
            path = tmp_path / name
            assert (
                run(
                    capsys,
                    "simulate",
                    ONE_DOSE,
                    "-n",
                    "20",
                    "--seed",
                    "7",
                    "--times",
                    "0:3:1",
                    "--workers",
                    workers,
                    "-o",
                    str(path),
                )[0]
                == 0
            )
            files.append(path.read_bytes())
        assert files[0] == files[1]

    def test_formats_agree(self, capsys, tmp_path):
        for ending in ("csv", "parquet", "nc"):
            code, _, _ = run(
                capsys,
                "simulate",
                ONE_DOSE,
                "-n",
                "5",
                "--times",
                "0,1,2",
                "-o",
                str(tmp_path / f"x.{ending}"),
            )
            assert code == 0
        text = pd.read_csv(tmp_path / "x.csv")
        columns = pd.read_parquet(tmp_path / "x.parquet")
        cube = xr.load_dataset(tmp_path / "x.nc", engine="h5netcdf")
        pd.testing.assert_frame_equal(text, columns, check_dtype=False)
        assert cube["esketamine"].to_numpy().reshape(-1) == pytest.approx(text["esketamine"])
        assert cube.attrs["model"] == "perez_ruixo_2021"

    def test_a_patient_file_and_a_setting(self, capsys, tmp_path):
        (tmp_path / "p.yaml").write_text("age: 70\nweight: 60 kg\nsex: female\n")
        path = tmp_path / "x.nc"
        code, _, _ = run(
            capsys,
            "simulate",
            ONE_DOSE,
            "--patient",
            str(tmp_path / "p.yaml"),
            "--set",
            "race=japanese",
            "-n",
            "4",
            "--times",
            "0,1",
            "-o",
            str(path),
        )
        assert code == 0
        cube = xr.load_dataset(path, engine="h5netcdf")
        assert cube["age"].to_numpy().tolist() == [70.0] * 4
        assert set(cube["race"].to_numpy()) == {"japanese"}
        assert len(set(cube["p_Vc"].to_numpy())) == 4

    def test_summaries(self, capsys):
        code, out, _ = run(capsys, "simulate", ONE_DOSE, "-n", "3", "--summary", "nca")
        assert code == 0
        assert out.splitlines()[0].replace('"', "") == (
            "id,analyte,session,cmax,tmax,auc24,half_life,last,note"
        )
        assert len(out.splitlines()) == 1 + 3 * 2
        code, out, _ = run(
            capsys, "simulate", ONE_DOSE, "-n", "3", "--times", "0,1", "--summary", "quantiles"
        )
        assert code == 0
        assert out.splitlines()[0].replace('"', "") == "quantile,time,esketamine,esnorketamine"
        assert len(out.splitlines()) == 1 + 5 * 2

    def test_a_medicine_beside_it_changes_exposure(self, capsys):
        code, with_it, err = run(
            capsys,
            "simulate",
            ONE_DOSE,
            "--typical",
            "--times",
            "0,6",
            "--with",
            "Ticlid",
            "-o",
            "-",
        )
        assert code == 0
        assert "Ticlopidine is taken beside it" in err
        assert "calibration of this project" in err
        _, without, _ = run(capsys, "simulate", ONE_DOSE, "--typical", "--times", "0,6", "-o", "-")
        last = [float(text.splitlines()[-1].split(",")[2]) for text in (with_it, without)]
        assert 1.2 < last[0] / last[1] < 2.0

    def test_an_unknown_medicine_is_said_not_to_be_predicted(self, capsys):
        code, _, err = run(
            capsys, "simulate", ONE_DOSE, "--typical", "--times", "0,1", "--with", "ticlopidin"
        )
        assert code == 0
        assert "No data on ticlopidin: its effect on exposure is not predicted" in err
        assert "Did you mean ticlopidine?" in err

    def test_outside_the_people_of_the_model_is_warned_of(self, capsys):
        code, _, err = run(
            capsys, "simulate", ONE_DOSE, "--typical", "--set", "age=90", "--times", "0,1"
        )
        assert code == 0
        assert "Warning: Age 90 years is outside" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", "eskatemine 84 mg intranasal once"], ["eskatemine", "esketamine"]),
        (["simulate", "esketamine 84 mg intransal once"], ["intransal", "intranasal"]),
        (["simulate", "esketamine 84 furlong intranasal once"], ["furlong"]),
        (["simulate", "esketamine -84 mg intranasal once"], ["column"]),
        (["simulate", "esketamine 8400 mg intranasal once"], ["above", "--force"]),
        (["simulate", "ketamine 50 mg sc once"], ["no published model", "covered are"]),
        (["simulate", ONE_DOSE, "--times", "5:1:1"], ["does not go forwards"]),
        (["simulate", ONE_DOSE, "--times", "0,2,1"], ["must increase"]),
        (["simulate", ONE_DOSE, "--times", "-1,2"], ["-1"]),
        (["simulate", ONE_DOSE, "--times", "soon"], ["not a list of times"]),
        (["simulate", ONE_DOSE, "--model", "none_2001"], ["there is no model"]),
        (["simulate", ONE_DOSE, "--model", "kamp_2020"], ["does not cover"]),
        (["simulate", ONE_DOSE, "--set", "age=old"], ["age"]),
        (["simulate", ONE_DOSE, "--set", "agee=40"], ["agee", "age"]),
        (["simulate", ONE_DOSE, "--patient", "nobody.yaml"], ["nobody.yaml"]),
        (["simulate", ONE_DOSE, "-n", "0"], ["0 people"]),
        (["simulate", ONE_DOSE, "-n", "3", "--typical"], ["--typical"]),
        (["simulate", ONE_DOSE, "--seed", "-1"], ["seed"]),
        (["simulate", ONE_DOSE, "-o", "x.docx"], [".parquet, .csv or .nc"]),
        (["simulate", ONE_DOSE, "-o", "no/such/folder/x.csv"], ["does not exist"]),
        (["simulate", ONE_DOSE, "--people", "p.csv", "-n", "3"], ["--people cannot go with -n"]),
        (["simulate", ONE_DOSE, "--typical", "--replicates", "3"], ["no standard errors"]),
        (["report", ONE_DOSE, "-o", "no/such/folder/x.html"], ["does not exist"]),
        (["report", ONE_DOSE, "--start", "tomorrow"], ["2027-01-31"]),
        (["models", "none_2001"], ["there is no model"]),
        (["regimen", "label:nothing"], ["nothing"]),
        (["nonsense"], ["nonsense", "--help"]),
        (["simulate", ONE_DOSE, "--nonsense"], ["nonsense"]),
        (["simulate"], ["REGIMEN"]),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else None,
)
def test_bad_input_is_one_sentence(capsys, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    err = refusal(capsys, *arguments)
    assert all(word in err for word in words), err
    assert list(tmp_path.iterdir()) == []


def test_a_dose_above_its_bound_goes_through_with_force(capsys):
    code, _, err = run(
        capsys,
        "simulate",
        "esketamine 168 mg intranasal once",
        "--typical",
        "--times",
        "0,1",
        "--force",
    )
    assert code == 0
    assert "Warning" in err


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder nobody can write to")
def test_an_unwritable_output_is_refused(capsys):
    told = refusal(capsys, "simulate", ONE_DOSE, "--typical", "-o", "/proc/self/x.csv")
    assert "/proc/self/x.csv" in told
    assert "written" in told


class TestReport:
    def test_one_file_and_its_data(self, capsys, tmp_path):
        page, data = tmp_path / "r.html", tmp_path / "r.json"
        code, out, err = run(
            capsys, "report", ONE_DOSE, "-n", "30", "-o", str(page), "--data", str(data)
        )
        assert (code, out) == (0, "")
        assert "Wrote" in err
        text = page.read_text(encoding="utf-8")
        assert text.lstrip().lower().startswith("<!doctype html>")
        assert ONE_DOSE in text
        assert "not a medical device" in text
        content = json.loads(data.read_text(encoding="utf-8"))
        assert {"schema", "version", "as_of"} <= set(content)

    def test_the_racemate_shows_the_spread_between_models(self, capsys, tmp_path):
        page = tmp_path / "r.html"
        code, _, _ = run(
            capsys, "report", "ketamine 0.5 mg/kg iv over 40 min once", "--typical", "-o", str(page)
        )
        assert code == 0
        text = page.read_text(encoding="utf-8")
        assert "Domino 1984" in text
        assert "Kamp 2020" in text


class TestListings:
    def test_models_as_json(self, capsys):
        code, out, _ = run(capsys, "models", "--format", "json")
        assert code == 0
        listing = json.loads(out)
        assert set(listing) == {"schema", "version", "as_of", "items"}
        assert set(listing["items"][0]) >= {
            "name",
            "drugs",
            "routes",
            "analytes",
            "population",
            "sampling",
            "variability",
            "source",
            "status",
        }

    def test_a_model_in_full(self, capsys):
        code, out, _ = run(capsys, "models", "perez_ruixo_2021")
        assert code == 0
        assert "kel" in out
        assert "Table 3" in out
        assert "Noresketamine AUC0-24" in out

    def test_sources(self, capsys):
        code, out, _ = run(capsys, "sources", "--format", "json")
        assert code == 0
        assert "10.1007/s40262-020-00953-4" in out
        assert all("id" in item and "type" in item for item in json.loads(out)["items"])
        code, out, _ = run(capsys, "sources", "--bib")
        assert code == 0
        assert "@article{perez_ruixo_2021" in out

    def test_regimens(self, capsys):
        code, out, _ = run(capsys, "regimen")
        assert code == 0
        assert "label:spravato-trd-us" in out
        code, out, _ = run(capsys, "regimen", ONE_DOSE, "--format", "json")
        assert code == 0
        assert [dose["time"] for dose in json.loads(out)["items"]] == pytest.approx(
            [0, 5 / 60, 10 / 60]
        )


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit])
def test_an_internal_error_is_exit_3_with_a_file_to_send(capsys, monkeypatch, kind):
    def broken():
        raise kind("a wheel came off")

    monkeypatch.setattr("ketascope.models.library", broken)
    code, out, err = run(capsys, "models")
    assert (code, out) == (3, "")
    assert "Traceback" not in err
    path = err.split("the details are in ")[1].split(".txt")[0] + ".txt"
    assert "a wheel came off" in Path(path).read_text(encoding="utf-8")
    os.unlink(path)


def test_the_program_itself():
    program = [sys.executable, "-m", "ketascope.cli"]
    told = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("ketascope ")
    refused = subprocess.run([*program, "nonsense"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2


def test_help_and_import_load_nothing_heavy():
    script = (
        "import sys; from ketascope import cli; cli.main(['--help']); "
        "heavy = {'jax', 'pandas', 'numpy', 'matplotlib', 'pint', 'scipy', 'xarray', 'pyarrow', "
        "'pydantic'} & set(sys.modules); print('HEAVY', sorted(heavy))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-1] == "HEAVY []"
