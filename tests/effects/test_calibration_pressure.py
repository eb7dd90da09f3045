"""The file of blood pressure is what its script says at the estimate."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ketascope.effects.calibrated import calibration
from ketascope.evidence.published import published

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "calibration"))
    yield importlib.import_module("pressure")
    sys.path.remove(str(ROOT / "calibration"))


def chi_square(script: ModuleType, values: dict[str, float]) -> float:
    """Weighted squares of points and of what was assumed, apart from ``fitting.fit``."""
    fitting = importlib.import_module("fitting")
    said = script.predicted(values)
    off = []
    for p in script.listed():
        aim = p.value if p.target is None else p.target
        off.append((fitting.on(p.scale, said[p.id]) - fitting.on(p.scale, aim)) / p.error)
    for name, one in script.parameters().items():
        if one.prior is not None:
            centre = fitting.on(one.scale, one.prior[0])
            off.append((fitting.on(one.scale, values[name]) - centre) / one.prior[1])
    return float(np.sum(np.square(off)))


def test_the_file_holds_what_the_script_says(script: ModuleType) -> None:
    fitted = calibration("pressure")
    said = script.predicted(fitted.central())
    for point in fitted.points:
        assert point.fitted == pytest.approx(said[point.id], rel=2e-3), point.id
    assert {p.id: p.error for p in fitted.points} == pytest.approx(
        {p.id: p.error for p in script.listed()}, rel=1e-3
    )
    assert chi_square(script, fitted.central()) == pytest.approx(fitted.chi_square, rel=0.02)


@pytest.mark.parametrize(
    "name", ["highest_systolic", "offset", "noise_systolic", "series_riva", "rise_with_before"]
)
def test_the_estimate_is_the_best(script: ModuleType, name: str) -> None:
    fitting = importlib.import_module("fitting")
    fitted = calibration("pressure")
    best = fitted.central()
    least = chi_square(script, best)
    one = next(p for p in fitted.fitted if p.name == name)
    for sign in (-0.5, 0.5):
        step = fitting.on(one.scale, best[name]) + sign * one.se
        moved = best | {name: fitting.off(one.scale, step)}
        assert chi_square(script, moved) > least - 0.02


def test_only_studies_for_fitting_are_in_it(script: ModuleType) -> None:
    rows = {v.id: v for v in published()}
    for point in calibration("pressure").points:
        value = rows[point.id.removesuffix(":sd")]
        assert value.used_for == "fit"
        assert value.study in calibration("pressure").studies


def test_the_slope_of_age_is_that_of_the_odds(script: ModuleType) -> None:
    """Log-odds 0.0392 a year on a logistic of SD 11.2 is 0.242 mmHg, 1.5 % of 16 mmHg."""
    slope, error = script.age_prior()
    assert slope == pytest.approx(np.log(1.04) * 11.2 * np.sqrt(3) / np.pi / 16.0)
    assert slope == pytest.approx(0.0151, abs=2e-4)
    assert error > 0.5 * slope


def test_twice_the_people_say_the_same(script: ModuleType) -> None:
    """No residual moves by a tenth of the error of its point."""
    model = importlib.import_module("pressure_model")
    best = calibration("pressure").central()
    once, twice = (script.predicted(best | {"people": k * model.PEOPLE}) for k in (1, 2))
    for point in script.listed():
        assert point.z(once[point.id]) == pytest.approx(point.z(twice[point.id]), abs=0.1), point.id


def test_sessions_by_quadrature_are_sessions_drawn(script: ModuleType) -> None:
    """The share at any of eight sessions, against sessions drawn one by one."""
    model = importlib.import_module("pressure_model")
    readings = importlib.import_module("ketascope.effects.pressure_readings")
    p = calibration("pressure").central()
    people = model.PEOPLE
    nasal = model.parts(p, model.spray(people))[:, model.at(readings.READ)]
    drawn = np.random.default_rng(2).normal(size=(people, model.SESSIONS))
    rise = p["highest_systolic"] * model.factors(p, drawn)[:, :, None] * nasal[:, None, :]
    sd = model.scatter(p, "systolic")
    z = model.normals(people)
    own = readings.with_sensitivity(z["before"], z["person"], p["rise_with_before"])
    before = readings.levels_before("systolic", p["before_systolic"], 11.0, own)
    _, changed, high = model.arm(p, "systolic", nasal, 346)
    assert readings.share_changed(rise, sd, 40.0) == pytest.approx(changed, abs=0.006)
    assert readings.share_high(rise, sd, before, 180.0) == pytest.approx(high, abs=0.003)


def test_another_series_is_as_wide_as_three_can_tell(script: ModuleType) -> None:
    """Against draws: an SD from three means and its prior, then another series with that SD."""
    means = np.array([16, 7.4, 3.28])
    seen = np.std(np.log(means / (49 - means)), ddof=1)
    assert script.between_series() == pytest.approx(seen)
    draw = np.random.default_rng(1)
    # flat on the SD: chi square of 2 degrees less one, weighted by the half-normal prior
    spread = seen * np.sqrt(2 / draw.chisquare(1, 2_000_000))
    weight = np.exp(-(spread**2) / 2)
    another = np.abs(spread * draw.normal(size=spread.size))
    order = np.argsort(another)
    at = np.searchsorted(np.cumsum(weight[order]) / weight.sum(), 0.9)
    assert script.another_series() == pytest.approx(another[order][at] / 1.645, rel=0.01)
    fitted = {p.name: p for p in calibration("pressure").fitted}
    assert fitted["infusions"].se == pytest.approx(script.another_series(), rel=1e-3)


def test_the_highest_mean_rise_is_that_of_the_fit() -> None:
    points = importlib.import_module("pressure_points")
    best = calibration("pressure").central()
    mean = best["highest_systolic"] * np.exp(best["sensitivity_sd"] ** 2 / 2)
    assert mean == pytest.approx(points.TOP, rel=0.05)


def test_a_share_misses_alike_whatever_was_expected(script: ModuleType) -> None:
    """Nine of 346 where one is expected: far by counts, and near by a binomial error at nine."""
    point = next(p for p in script.listed() if "esk_sbp180" in p.id)
    far = (2 * np.sqrt(346.5)) * (np.arcsin(np.sqrt(9.375 / 346.75)) - np.arcsin(np.sqrt(1 / 346)))
    assert -point.z(1 / 346) == pytest.approx(far / np.sqrt(3.5), rel=1e-3)


def test_the_page_has_the_numbers_of_the_file() -> None:
    """What the limits say of the band between trials and of the tail stands on the page as well."""
    import re
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "effects" / "pressure.md").read_text("utf-8")
    page = " ".join(page.split())
    limits = " ".join(calibration("pressure").limits)
    bands = re.search(
        r"is ([\d.]+) mmHg \(([\d.]+ to [\d.]+)\); with 0.1 it would be ([\d.]+ to [\d.]+), with "
        r"0.4 ([\d.]+ to [\d.]+)\.",
        limits,
    )
    assert bands is not None
    for words in bands.groups()[1:]:
        assert words in page
    series = re.search(r"has ([\d.]+), 6 times .* \(scale 0.5: ([\d.]+), 2: ([\d.]+)\)", limits)
    assert series is not None
    assert f"SD {series[1]}; with scale 0.5 {series[2]}, with 2 {series[3]}" in page
    tail = re.search(r"([\d.]+) expected at the estimate with", limits)
    assert tail is not None
    assert f"{tail[1]} expected at the estimate" in page
