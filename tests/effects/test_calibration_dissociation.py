"""The files of dissociation and alertness are what their scripts fit."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ketascope.effects.calibrated import calibration
from ketascope.effects.opposed import drive

ROOT = Path(__file__).parents[2]
MODULES = ("dissociation", "sedation")


@pytest.fixture(scope="module", autouse=True)
def _scripts() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "calibration"))
    yield
    sys.path.remove(str(ROOT / "calibration"))


def script(name: str) -> ModuleType:
    return importlib.import_module(name)


def chi_square(module: ModuleType, values: dict[str, float]) -> float:
    """Weighted squares of the points and of what was assumed, apart from ``fitting.fit``."""
    fitting = script("fitting")
    said = module.predicted(values)
    free = module.FREE
    points = module.listed() + (module.unprinted() if hasattr(module, "unprinted") else [])
    off = [
        (fitting.on(p.scale, said[p.id]) - fitting.on(p.scale, p.value)) / p.error for p in points
    ]
    for name, one in free.items():
        if one.prior is not None:
            centre = fitting.on(one.scale, one.prior[0])
            off.append((fitting.on(one.scale, values[name]) - centre) / one.prior[1])
    return float(np.sum(np.square(off)))


@pytest.mark.parametrize("name", MODULES)
def test_the_file_holds_what_the_script_says_at_the_estimate(name: str) -> None:
    module, fitted = script(name), calibration(name)
    said = module.predicted(fitted.central())
    for point in fitted.points:
        assert point.fitted == pytest.approx(said[point.id], rel=2e-3), point.id
    errors = {p.id: p.error for p in module.listed()}
    assert {p.id: p.error for p in fitted.points} == pytest.approx(errors, rel=1e-3)
    assert chi_square(module, fitted.central()) == pytest.approx(fitted.chi_square, rel=0.02)


@pytest.mark.parametrize("name", MODULES)
def test_the_estimate_is_the_best(name: str) -> None:
    module, fitted = script(name), calibration(name)
    best = fitted.central()
    least = chi_square(module, best)
    for parameter in [p for p in fitted.fitted if p.name in module.FREE]:
        for step in (-1.0, 1.0):
            moved = best[parameter.name]
            on = script("fitting").on(parameter.scale, moved) + step * parameter.se
            there = best | {parameter.name: script("fitting").off(parameter.scale, on)}
            assert chi_square(module, there) > least - 0.02, (parameter.name, step)


@pytest.mark.parametrize("name", MODULES)
def test_no_study_kept_as_a_check_was_read(name: str) -> None:
    read = script(name).points_read().values()
    assert read
    assert all(value.used_for == "fit" for value in read)


def test_what_the_points_did_not_decide_is_said_to_be_assumed() -> None:
    """An error as large as the one assumed is no result of a fit."""
    known = {p.name: p for p in calibration("dissociation").fitted}
    for name, one in script("dissociation").FREE.items():
        assert bool(known[name].assumed) == (one.prior is not None), name
    assert "took away none" in known["esketamine_potency"].assumed
    assert known["esketamine_potency"].se == pytest.approx(0.2, rel=0.02)
    taken = {name: script("fitting").assumed(script("dissociation").FREE["ktol"], sd)
             for name, sd in (("none", 0.7), ("75 %", 0.35))}  # fmt: skip
    for words, said in taken.items():
        assert f"took away {words}" in said


def test_the_people_of_the_fit_have_the_concentrations_of_many() -> None:
    """A small sample had concentrations 4 % low, and a factor of patients as much too high."""
    module = script("dissociation")
    few = module.spray(56)[:, 0].max(axis=1)
    many = module._exposure(
        module.points_read()[module.SPRAY[56]], "perez_ruixo_2021", 4096, module.TIMES
    ).max(axis=1)
    assert len(few) == module.PEOPLE
    assert few.mean() == pytest.approx(many.mean(), rel=0.005)
    assert few.std() == pytest.approx(many.std(), rel=0.02)


def test_a_share_whose_arm_was_not_read_lies_in_its_range() -> None:
    """Two even draws in order lie at a third and two thirds: means and SD by drawing them."""
    module = script("dissociation")
    draw = np.sort(np.random.default_rng(1).uniform(0.61, 0.75, (200_000, 2)), axis=1)
    for k, dose in enumerate((56, 84)):
        point = next(p for p in module.listed() if p.id == module.SPRAY[dose])
        assert point.value == pytest.approx(draw[:, k].mean(), rel=1e-3)
        n = 115 if dose == 56 else 114
        chance = point.value * (1 - point.value) / n
        both = np.cov(draw.T)
        common = module.place(module.points_read()[module.SPRAY[dose]])
        assert common**2 == pytest.approx(both[0, 1], rel=0.02)
        own = np.sqrt(chance + both[k, k] - both[0, 1])
        assert point.error == pytest.approx(own, rel=5e-3)


def test_a_late_score_is_that_of_what_is_left_of_the_strength() -> None:
    """Without scatter and total before, both scores have a closed form."""
    from ketascope.checks.effects_dissociation import late_scores

    p = {
        "baseline_sd": 1.0, "sensitivity_sd": 0.0, "rating_sd": 0.0, "late_strength": 0.25,
        "waning": np.log(2) / 20, "late_sessions": 20.0,
    }  # fmt: skip
    first, late = late_scores(p, np.zeros((4, 3)), 0.72)
    assert first == pytest.approx(92 * 0.25 / 1.25)
    assert late == pytest.approx(92 * 0.125 / 1.125)
    # of scores the fall is less than of strengths
    assert late / first > 0.5


def test_what_is_carried_over_holds_the_factors_of_both_kinds_of_patients() -> None:
    known = {p.name: p for p in calibration("dissociation").parameters}
    gap = np.log(known["patients_racemate"].value / known["patients"].value)
    assert gap / 2 < known["carried_over"].se < 1.2 * gap / 2
    assert known["carried_over"].value == pytest.approx(1.0)


def test_alertness_takes_tolerance_row_by_row() -> None:
    source, taken = calibration("dissociation"), calibration("sedation")
    theirs, ours = source.sampled(), taken.sampled()
    assert taken.borrowed == ("offset", "offset_sd", "ktol", "ke0")
    errors = [{p.name: p.se for p in one.fitted} for one in (source, taken)]
    for name in taken.borrowed:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-4), name
        assert taken.central()[name] == source.central()[name]
        assert errors[1][name] == pytest.approx(errors[0][name], rel=0.05)


def test_without_tolerance_the_scores_are_not_met() -> None:
    """The fit without acute tolerance is far worse: it is there because the data ask for it."""
    module = script("dissociation")
    assert module.without_tolerance()["chi_square"] > calibration("dissociation").chi_square + 15


def test_a_rise_of_errors_is_in_the_level() -> None:
    """Trials differ by 0.3 of the logarithm more than the points of one of them say."""
    half = next(p for p in calibration("dissociation").parameters if p.name == "half")
    assert half.se > 0.3


def test_tolerance_is_the_differential_equation() -> None:
    """The exact steps against an integration of dCe/dt and dM/dt by another method."""
    times = np.linspace(0, 4, 241)
    plasma = 180 * (np.exp(-0.8 * times) - np.exp(-4 * times))
    ke0, ktol, offset = 6.8, 1.2, 0.8

    def slope(t: float, state: np.ndarray) -> list[float]:
        c = float(np.interp(t, times, plasma))
        return [ke0 * (c - state[0]), ktol * (state[0] - state[1])]

    found = solve_ivp(slope, (0, 4), [0, 0], t_eval=times, rtol=1e-8, atol=1e-8, max_step=0.01)
    expected = np.clip(found.y[0] - offset * found.y[1], 0, None)
    assert drive(times, plasma[None, :], ke0, offset, ktol)[0] == pytest.approx(expected, abs=0.05)


PINNED = {
    "dissociation": {
        "half": 346.79, "patients": 0.12535, "patients_racemate": 0.39992,
        "offset": 0.73831, "ktol": 1.4277, "ke0": 6.1935, "sensitivity_sd": 0.50742,
        "rating_sd": 0.64556, "waning": 0.056411,
    },
    "sedation": {
        "threshold": 106.47, "ratio": 7.4958, "sensitivity_sd": 0.68835,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_estimates_are_pinned(name: str) -> None:
    central = calibration(name).central()
    assert {key: central[key] for key in PINNED[name]} == pytest.approx(PINNED[name], rel=1e-3)
