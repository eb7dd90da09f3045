"""The command interactions, and medicines in reports."""

import json
import re

import pytest

from ketascope.cli import main
from ketascope.models.medicines import medicines, ratios


def run(capsys, *arguments):
    code = main(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_every_medicine_and_ratio_is_listed(capsys):
    code, out, _ = run(capsys, "interactions", "--format", "json")
    assert code == 0
    top = json.loads(out)
    assert top["schema"] == "ketascope/interactions/1"
    assert [item["medicine"] for item in top["items"]] == list(medicines())
    listed = {ratio["id"] for item in top["items"] for ratio in item["ratios"]}
    assert listed == {value.id for value in ratios()}
    code, out, _ = run(capsys, "interactions")
    assert code == 0
    assert all(name in " ".join(out.split()) for name in medicines())


def test_one_medicine_by_another_name(capsys):
    code, out, _ = run(capsys, "interactions", "Rifadin")
    assert code == 0
    assert "AUC x 0.14" in out
    assert "otto_2021, intravenous: CL x 1.17" in out
    assert "calibration of this project" in out
    assert "clarithromycin" not in out


def test_what_is_not_predicted_in_any_model(capsys):
    _, out, _ = run(capsys, "interactions", "Valium")
    assert "half-life x 1.61" in out
    assert "not predicted in any model" in out


def test_an_unknown_medicine_is_answered_with_the_nearest(capsys):
    code, _, err = run(capsys, "interactions", "Biaxim")
    assert code == 2
    assert "no data on 'Biaxim': its effect on exposure is not predicted" in err
    assert "did you mean Biaxin" in err


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    page, data = folder / "r.html", folder / "r.json"
    code = main([
        "report", "esketamine 14 mg oral solution once", "--typical", "--set", "age=25",
        "--with", "Klacid", "--with", "aspirin", "-o", str(page), "--data", str(data),
    ])  # fmt: skip
    assert code == 0
    return page.read_text(encoding="utf-8"), json.loads(data.read_text(encoding="utf-8"))


def test_a_report_shows_studies_and_exposure_with_and_without(report):
    _, data = report
    known, unknown = data["beside"]["medicines"]
    assert known["basis"] == "calibration of this project"
    assert {row["ratio"] for row in known["rows"]} == {"2.6", "3.6", "1.2"}
    assert not unknown["predicted"]
    groups = {group["analyte"]: group["rows"] for group in data["beside"]["exposure"]}
    rows = {row["name"]: row for row in groups["esketamine"]}
    assert rows["AUC0-24"]["ratio"] == pytest.approx(2.4, abs=0.15)
    assert rows["AUC0-24"]["with"] / rows["AUC0-24"]["without"] == pytest.approx(
        rows["AUC0-24"]["ratio"], rel=1e-3
    )
    assert any("Hagelberg" in json.dumps(item) for item in data["sources"])


def test_a_model_without_the_medicine_is_not_drawn_beside_one_with_it(report):
    _, data = report
    assert data["alternatives"] == []
    assert any(
        "exposure with clarithromycin is not predicted by it: perez_ruixo_2021" in warning
        or "exposure with clarithromycin is not predicted by it: Perez-Ruixo 2021" in warning
        for warning in data["warnings"]
    )


def test_the_page_has_a_section_for_them(report):
    page, _ = report
    section = re.search(r'<section aria-labelledby="beside">.*?</section>', page, re.DOTALL)
    assert section
    text = " ".join(re.sub(r"<[^>]+>", " ", section[0]).split())
    assert "Clarithromycin: calibration of this project" in text
    assert "Aspirin: not predicted" in text
    assert "First session with and without them" in text


def test_a_report_without_medicines_has_no_such_section(capsys, tmp_path):
    page = tmp_path / "plain.html"
    code, _, _ = run(
        capsys, "report", "esketamine 14 mg oral solution once", "--typical", "-o", str(page)
    )
    assert code == 0
    assert 'aria-labelledby="beside"' not in page.read_text(encoding="utf-8")
