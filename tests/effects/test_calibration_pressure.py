"""The file of blood pressure is what its script says at the estimate."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from ketascope.effects.calibrated import calibration
from ketascope.evidence.published import published

ROOT = Path(__file__).parents[2]
Array = NDArray[np.float64]


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
    # the third at the age of the others: 10.7 years older
    means = np.array([16, 7.4, 3.28 / np.exp(0.0151355 * 10.7)])
    top = importlib.import_module("pressure_points").TOP
    seen = np.std(np.log(means / (top - means)), ddof=1)
    assert script.between_series() == pytest.approx(seen, rel=1e-3)
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
    assert mean == pytest.approx(points.TOP, rel=0.01)


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
    series = re.search(r"has ([\d.]+), 7 times .* \(scale 0.5: ([\d.]+), 2: ([\d.]+)\)", limits)
    assert series is not None
    assert f"SD {series[1]}; with scale 0.5 {series[2]}, with 2 {series[3]}" in page
    tail = re.search(r"([\d.]+) expected at the estimate with", limits)
    assert tail is not None
    assert f"{tail[1]} expected at the estimate" in page


@pytest.fixture(scope="module")
def drawn(script: ModuleType) -> ModuleType:
    return importlib.import_module("pressure_sample")


@pytest.fixture(scope="module")
def rows() -> Array:
    """The sample as its file holds it, on the scales of the parameters."""
    fitted = calibration("pressure")
    found = fitted.sampled()
    return np.stack(
        [np.log(found[p.name]) if p.scale == "log" else found[p.name] for p in fitted.fitted],
        axis=1,
    )


def of_row(row: Array) -> dict[str, float]:
    pairs = zip(calibration("pressure").fitted, row, strict=True)
    return {p.name: float(np.exp(x)) if p.scale == "log" else float(x) for p, x in pairs}


def test_the_sample_is_weighted_by_the_chi_square_of_the_fit(
    script: ModuleType, drawn: ModuleType, rows: Array
) -> None:
    found = drawn.log_likely(script.parameters(), rows[:4], people=256)
    ours = [-chi_square(script, of_row(row) | {"people": 256}) / 2 for row in rows[:4]]
    assert found == pytest.approx(ours)


def test_coordinates_of_the_draws_go_there_and_back(drawn: ModuleType, rows: Array) -> None:
    """And their volume is that of the slopes."""
    names = [p.name for p in calibration("pressure").fitted]
    there = drawn.turned(names, rows)
    x, volume = drawn.back(names, there)
    assert x == pytest.approx(rows, abs=1e-8)
    steps = 1e-4 * np.eye(len(names))
    sizes = []
    for k in range(5):
        ends = [drawn.back(names, there[k] + sign * steps)[0] for sign in (1, -1)]
        sizes.append(np.linalg.slogdet((ends[0] - ends[1]) / 2e-4)[1])
    assert np.array(sizes) - volume[:5] == pytest.approx(np.full(5, 3 * np.log(2)), abs=1e-4)
    outside = there[:1].copy()
    outside[0, names.index("series_yale")] = 100.0
    assert drawn.back(names, outside)[1] == -np.inf


def test_a_known_likelihood_gives_its_own_moments(
    script: ModuleType, drawn: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A normal one on the scales of the parameters, off the estimate, with weighted points."""
    free = {n: one for n, one in script.parameters().items() if n != drawn.UNSEEN}
    fitted = calibration("pressure")
    spread = np.asarray(fitted.covariance)[: len(free), : len(free)] / 4
    values = fitted.central()
    fitting = importlib.import_module("fitting")
    errors = np.sqrt(np.diag(spread))
    middle = np.array([fitting.on(f.scale, values[n]) for n, f in free.items()]) + errors / 2
    known = multivariate_normal(middle, spread)
    monkeypatch.setattr(drawn, "log_likely", lambda _, x: known.logpdf(x))
    monkeypatch.setattr(drawn, "ROUNDS", (4000, 8000, 30000))
    fit = {
        "values": {n: values[n] for n in free}, "covariance": spread, "widened": 1.0,
    }  # fmt: skip
    x, weight = drawn.weighted(free, fit)
    assert 1 / np.sum(weight**2) > 2000
    mean, covariance = drawn.moments(x, weight)
    assert (mean - middle) / errors == pytest.approx(np.zeros(len(free)), abs=0.12)
    assert np.diag(covariance) / errors**2 == pytest.approx(np.ones(len(free)), abs=0.2)


def test_rows_have_the_errors_of_the_file_and_lie_about_the_estimate(rows: Array) -> None:
    fitted = calibration("pressure")
    errors = np.array([p.se for p in fitted.fitted])
    assert rows.std(axis=0) == pytest.approx(errors, rel=0.12)
    best = np.array([np.log(p.value) if p.scale == "log" else p.value for p in fitted.fitted])
    assert np.all(np.abs(rows.mean(axis=0) - best) < 0.6 * errors)


def test_the_middle_of_draws_is_near_the_estimate(script: ModuleType, rows: Array) -> None:
    """Largest mean systolic rise after 84 mg; normal draws had it a tenth too low."""
    rises = [script.largest_mean_rise(of_row(row)) for row in rows[::4]]
    low, middle, high = np.quantile(rises, (0.05, 0.5, 0.95))
    best = script.largest_mean_rise(calibration("pressure").central())
    assert abs(middle - best) < 0.1 * (high - low)


def test_the_drug_part_under_65_is_told_beside_the_trials() -> None:
    """Spray less placebo, which no point is: what the points leave of it, in limits."""
    fitted = calibration("pressure")
    known = {p.id: p for p in fitted.points}
    said = " ".join(fitted.limits)
    for kind, trials, words in (("systolic", 7.2, "8.2"), ("diastolic", 3.8, "5.6")):
        arms = [
            known[f"blood_pressure.transform_1_2_{arm}.{kind}_change.change"]
            for arm in ("esketamine", "placebo")
        ]
        assert arms[0].published - arms[1].published == pytest.approx(trials)
        assert arms[0].fitted - arms[1].fitted == pytest.approx(float(words), abs=0.05)
        assert words in said
