"""What the page says of doses in mg, of spread, of few people, of other models and of days."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

import ketascope as ks
from ketascope.report import make_report, plot, report_data
from ketascope.report.curves import Curves, Peaks, course, session_curves
from ketascope.report.draw_exposure import scales_differ
from ketascope.report.words import covariate_rows

INFUSION = "ketamine 0.5 mg/kg iv over 40 min once"


def text_of(page: str) -> str:
    """The page without scripts, figures and elements."""
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def report_of(text: str, **options: object) -> str:
    return text_of(make_report(ks.simulate(ks.parse_regimen(text), **options)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def few() -> xr.Dataset:
    """Five people."""
    return ks.simulate(ks.parse_regimen("esketamine 84 mg intranasal once"), n=5, seed=1)


def test_a_flagged_area_is_named_under_the_figures(page_of: Callable[[str], str]) -> None:
    page = page_of("course")
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)[:3]
    said = "The area under the curve of S-norketamine (noresketamine) is over-predicted, see note 1"
    assert [said in caption for caption in captions] == [False, True, True]
    assert "over-predicted, see" not in page_of("film")


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        ("0.5 mg/kg", "0.5 mg/kg: weight 70 kg gives 35.0 mg."),
        ("0.5 mg/kg of ideal weight", "0.5 mg/kg of ideal weight: ideal weight 61.4 kg gives "
         "30.7 mg."),
        ("0.5 mg/kg of ideal weight max 25 mg", "ideal weight 61.4 kg gives 30.7 mg, held at "
         "25 mg."),
        ("0.5 mg/kg max 50 mg", "weight 70 kg gives 35.0 mg, under the limit of 50 mg."),
    ],
)  # fmt: skip
def test_a_dose_per_kg_says_the_mg_of_one_person(dose: str, said: str) -> None:
    assert said in report_of(f"ketamine {dose} iv over 40 min once")


def test_a_dose_per_kg_says_the_mg_of_many_people() -> None:
    result = ks.simulate(
        ks.parse_regimen("ketamine 0.5 mg/kg of ideal weight max 25 mg iv over 40 min once"),
        n=50, seed=1,
    )  # fmt: skip
    said = re.findall(r"mg/kg of ideal weight gives[^.]*\.[^.]*\.[^.]*\.[^.]*\.",
                      text_of(make_report(result)))  # fmt: skip
    assert len(set(said)) == 1  # on the first page and under what is given
    assert "to 25.0 mg), held at 25 mg in " in said[0]
    assert said[0].endswith("% of people.")


def test_a_limit_that_holds_everyone_is_said_once() -> None:
    said = report_of("ketamine 0.5 mg/kg max 10 mg iv over 40 min once", people=5)
    assert "0.5 mg/kg is over 10 mg for everyone, so everyone gets 10 mg." in said


def test_why_everyone_has_the_same_curve() -> None:
    proportional = report_of(INFUSION, people=30)
    assert "everyone has the same curve, because the doses per kg" in proportional
    alike = ks.Patient(weight=80)
    fixed = report_of("ketamine 40 mg iv over 40 min once", people=alike, n=30)
    assert "everyone has the same curve, because all have the same weight" in fixed
    assert "the bands show covariates only" in report_of(
        "ketamine 40 mg iv over 40 min once", people=30
    )
    young = ks.Patient(age=40, race="white")
    people = ks.sample_population(30, 1, patient=young)
    typical = report_of("esketamine 84 mg intranasal once", people=people, typical=True)
    assert "because all have the same age and race" in typical


def test_people_who_do_not_differ_have_one_value() -> None:
    said = report_of(INFUSION, people=30)
    assert "Figure Value" in said
    assert "quantiles over" not in said
    assert "the same for all 30 people to the digits shown" in said


def test_other_models_stand_at_a_glance(
    results: dict[str, xr.Dataset], others: list[xr.Dataset], beside: str
) -> None:
    found = report_data(results["infusions"], alternatives=others)["other_models"]
    alike = [other for other in others if "ketamine" in other]
    peaks = [float(other["ketamine"].sel(time=slice(0, 24)).max()) for other in alike]
    assert found["low"] == pytest.approx(min(peaks), rel=1e-3)
    assert found["high"] == pytest.approx(max(peaks), rel=1e-3)
    said = text_of(beside)
    assert f"{len(alike)} other models, typical person in each, session 1: Cmax " in said
    assert report_data(results["infusions"])["other_models"] is None


def test_few_people_are_drawn_one_by_one(few: xr.Dataset, results: dict[str, xr.Dataset]) -> None:
    data = session_curves(few)
    assert data.lines["esketamine"].shape == (5, data.times.size)
    for figure in (plot.exposure(few), plot.course(few)):
        assert not any(ax.collections for ax in figure.axes)
        assert all(len(ax.lines) >= 6 for ax in figure.axes)
    assert not session_curves(results["year"]).lines
    whole = course(few)
    assert isinstance(whole, Curves)
    assert set(whole.lines) == {"esketamine", "esnorketamine"}


def test_few_people_have_lowest_and_highest_and_no_quantiles(few: xr.Dataset) -> None:
    said = text_of(make_report(few))
    assert "5 people: lowest and highest instead of quantiles" in said
    assert "Figure median lowest highest" in said
    assert "90 %" not in said
    row = report_data(few)["exposure"][0]["rows"][0]
    peaks = few["esketamine"].max("time")
    assert row["lowest"] == pytest.approx(float(peaks.min()), rel=1e-3)
    assert row["highest"] == pytest.approx(float(peaks.max()), rel=1e-3)
    assert "q05" not in row
    assert set(report_data(few)["curves"]["course"]["analytes"]["esketamine"]) == {
        "lowest", "q50", "highest",
    }  # fmt: skip


def test_few_people_over_many_sessions_stay_small() -> None:
    regimen = ks.parse_regimen("esketamine 84 mg intranasal weekly for 52 weeks")
    result = ks.simulate(regimen, n=19, seed=1)
    found = course(result)
    assert isinstance(found, Peaks)
    assert found.lines["esketamine"].shape == (19, 52)
    assert len(make_report(result).encode()) < 900_000


def test_where_a_covariate_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("age,weight,height,sex\n45,80,175,male\n50,70,,female\n8,25,,\n")
    result = ks.simulate(ks.parse_regimen(INFUSION), ks.Population.read(str(file)))
    rows = {row["name"]: row for row in report_data(result)["people"]["covariates"]}
    assert rows["age"]["origin"] == "given"
    assert rows["sex"]["origin"] == "given; 1 drawn"
    assert rows["height"]["origin"] == "given; 1 drawn"
    assert rows["height"]["text"].endswith("unknown for 1")
    assert rows["race"]["origin"] == "drawn"
    child = ks.simulate(ks.parse_regimen(INFUSION), ks.Patient(age=8, weight=25), n=30)
    fixed = json.loads(child.attrs["fixed"])
    height = covariate_rows(child, fixed, json.loads(child.attrs["notes"]))[2]
    assert (height["text"], height["origin"]) == ("unknown", "not drawn under 18")


def test_listed_sessions_have_dates_times_of_day_and_the_last_at_a_glance(tmp_path: Path) -> None:
    file = tmp_path / "rising.yaml"
    file.write_text(
        "name: Rising\ndrug: esketamine\nroute: intranasal\nadministrations:\n"
        '  - {day: 1, time: "09:00", amount: 56 mg}\n'
        '  - {day: 5, time: "10:30", amount: 84 mg}\n'
        '  - {day: 15, time: "09:00", amount: 56 mg}\n'
    )
    result = ks.simulate(str(file)).assign_attrs(start="2026-01-05")
    page = make_report(result)
    said = text_of(page)
    assert "on days 1 (5 Jan 2026) and 15 (19 Jan 2026)" in said
    assert "on day 5 (9 Jan 2026, 90 min later in the day than the first dose)" in said
    glance = page[page.index('id="glance"') : page.index('id="calendar"')]
    assert [f"Session {k} of 3" in glance for k in (1, 2, 3)] == [True] * 3


def test_panels_far_apart_have_their_own_scales(
    results: dict[str, xr.Dataset], page_of: Callable[[str], str]
) -> None:
    assert scales_differ(session_curves(results["film"]))
    assert len({ax.get_ylim() for ax in plot.exposure(results["film"]).axes}) == 3
    assert "The scales of the panels differ." in page_of("film")
    assert len({ax.get_ylim() for ax in plot.exposure(results["course"]).axes}) == 1
    assert "The scales of the panels differ." not in page_of("course")


def test_the_model_is_named_once_in_the_header(page_of: Callable[[str], str]) -> None:
    page = page_of("course")
    header = page[page.index("<header>") : page.index("</header>")]
    assert header.count("Perez-Ruixo 2021") == 1
