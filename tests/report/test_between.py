"""How far models and people are apart: the numbers, the table and the remarks of a report."""

import html
import json
import re

import pandas as pd
import pytest

import ketascope as ks
from ketascope.engine.across import combine
from ketascope.report import make_report, report_data
from ketascope.report.between import between, printed
from ketascope.report.numbers import sig

BOLUS = "ketamine 1 mg/kg iv bolus once"
CHILD = ks.Patient(age=8, weight=27)


def text_of(page):
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", "|", page)))


@pytest.fixture(scope="module")
def child():
    result = ks.simulate(BOLUS, CHILD, n=40, seed=2)
    names = json.loads(result.attrs["alternatives"])
    others = [ks.simulate(BOLUS, CHILD, model=name, typical=True) for name in names]
    return result, others, ks.across_models(BOLUS, CHILD, n=40, seed=2)


def test_the_page_has_the_table_beside_the_curves_of_other_models(child):
    result, others, across = child
    page = make_report(result, alternatives=others, across=across)
    section = text_of(page[page.index('id="first"') : page.index('id="course"')])
    assert "Between models and between people" in section
    row = next(line for line in section.splitlines() if line.startswith("AUC0-24"))
    cells = row.split("|")
    area = across[across["measure"] == "auc24"].set_index("kind")
    medians = across[(across["kind"] == "model") & (across["measure"] == "auc24")]["q50"]
    assert cells[1] == f"{sig(medians.min())} to {sig(medians.max())}"
    assert cells[2] == f"{area.loc['between models', 'fold']:.1f}-fold"
    assert cells[3] == f"{area.loc['between people', 'fold']:.1f}-fold"
    assert "Elkomy 2015, Sherwin 2015 and Hornik 2018 print no spread between people" in section
    assert "too narrow" in section


def test_remarks_stand_where_models_are_compared_and_nowhere_else(child):
    result, others, _ = child
    data = report_data(result, alternatives=others)
    assert data["comparability"][0].startswith("Sampling is not stated")
    assert any("serum (Herd & Anderson 2007)" in text for text in data["comparability"])
    page = text_of(make_report(result, alternatives=others))
    assert "Before the models are compared" in page
    assert "Between models and between people" not in page
    alone = report_data(result)
    assert alone["comparability"] == []
    assert alone["between"] is None
    assert "Before the models are compared" not in make_report(result)


def test_the_data_hold_the_numbers_of_the_table(child):
    result, others, across = child
    data = report_data(result, alternatives=others, across=across)["between"]
    assert data["models"][0] == "Herd & Anderson 2007"
    assert data["with_spread"] == ["Herd & Anderson 2007"]
    peak = next(row for row in data["rows"] if row["measure"] == "cmax")
    mixture = across[(across["kind"] == "mixture") & (across["measure"] == "cmax")].iloc[0]
    assert peak["q50"] == pytest.approx(mixture["q50"], rel=1e-3)
    assert peak["n"] == 4
    assert json.loads(json.dumps(data)) == data


def toy(n, varying):
    """Two models of the library with made-up figures of n people."""
    models = {"clements_1981": 100.0, "domino_1984": 150.0}
    frames = [
        pd.DataFrame({"model": name, "analyte": "ketamine", "value": [value] * n})
        for name, value in models.items()
    ]
    people = pd.concat(frames, ignore_index=True)
    figures = dict.fromkeys(("cmax", "tmax", "auc24", "half_life"), people["value"])
    table = combine(people.assign(**figures), varying)
    without = [name for name in models if name not in varying]
    table.attrs = {"people": n, "models": list(models), "without_spread": without}
    return table


def test_one_person_has_no_spread_between_people():
    table = printed(between(toy(1, [])))
    assert table["heads"] == ["Medians of the models", "Between models"]
    assert table["groups"][0]["rows"][0]["cells"] == ["100 to 150", "1.5-fold"]
    assert "the same person in" in table["meaning"]
    assert "no spread" not in table["meaning"]


def test_no_model_with_a_spread_is_said():
    table = printed(between(toy(30, [])))
    assert table["groups"][0]["rows"][0]["cells"] == [
        "100 to 150", "1.5-fold", "–", "125 (100 to 150)",
    ]  # fmt: skip
    assert "not known, because none of them prints a spread" in table["meaning"]


def test_figures_of_one_model_alone_are_left_out():
    table = toy(1, [])
    alone = table[table["model"] != "domino_1984"].copy()
    alone.loc[alone["kind"] == "mixture", "n"] = 1
    alone.attrs = table.attrs
    assert between(alone) is None
    assert between(None) is None
    assert printed(None) is None
