"""What ``ketascope models`` says and draws."""

import json

import pytest

from ketascope.cli import main

DEPOT = "examples/models/one_compartment_depot.py"
MINTO = "examples/models/minto_1997.py"


def run(capsys, *arguments):
    code = main(["models", *arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_file_in_words(capsys):
    code, out, err = run(capsys, MINTO)
    assert (code, err) == (0, "")
    assert "Remifentanil, three compartments and an effect site (Minto 1997)" in out
    assert "1/h for a person of AGE 40, LBM 55" in out
    assert "├◀ 12.5 ── 24.1 ▶ [ 2 shallow ]" in out
    assert "responses: SEF" in out
    assert "log-normal between people, CV 14.1 %" in out


def test_residual_error_and_covariances_in_words(capsys):
    _, out, _ = run(capsys, "examples/models/indirect_response.py")
    assert "residual error of CP: proportional (SD_CP)" in out
    assert "- CL, V2: 0.025 (by subject)" in out


def test_a_file_as_json(capsys):
    code, out, _ = run(capsys, DEPOT, "--format", "json")
    assert code == 0
    (item,) = json.loads(out)["items"]
    assert item["name"] == "OneCompartmentDepot"
    assert item["analytes"] == ["CP"]
    assert item["outputs"] == {"CP": {"compartment": "central", "volume": 20.0}}
    assert item["flows"][0] == {"from": "depot", "to": "central", "rate": 1.5, "takes": True}
    assert item["source"] is None


def test_every_item_has_the_keys_of_the_list(capsys):
    _, listed, _ = run(capsys, "--format", "json")
    _, own, _ = run(capsys, "examples/models/saturable_elimination.py", "--format", "json")
    _, one, _ = run(capsys, "kamp_2020", "--format", "json")
    keys = set(json.loads(listed)["items"][0])
    for text in (own, one):
        assert keys <= set(json.loads(text)["items"][0])
    assert json.loads(own)["items"][0]["solution"] == "numerical, explicit"


def test_a_published_model_is_drawn_too(capsys):
    _, out, _ = run(capsys, "kamp_2020")
    assert "IV → [ ketamine ]  central   ● ketamine" in out
    assert "source: Kamp" in out


@pytest.mark.parametrize("name", [DEPOT, "perez_ruixo_2021"])
def test_a_picture(capsys, tmp_path, name):
    file = tmp_path / "model.svg"
    code, out, err = run(capsys, name, "-o", str(file))
    assert (code, out) == (0, "")
    assert f"Wrote {file}." in err
    assert file.read_text(encoding="utf-8").startswith("<svg xmlns=")
    code, out, err = run(capsys, name, "-o", "-")
    assert out.startswith("<svg xmlns=")
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "x.svg"], "-o: a picture is of one model; name the model as well."),
        ([DEPOT, "-o", "x.png"], "'x.png' is not the name of an SVG file; use .svg, or -."),
        (["nothing.py"], "there is no file 'nothing.py'"),
        ([f"{DEPOT}:Two"], "there is no model 'Two' in the file; it holds OneCompartmentDepot."),
    ],
)
def test_what_cannot_be_shown(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
