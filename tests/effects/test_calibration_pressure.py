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
    off = [
        (fitting.on(p.scale, said[p.id]) - fitting.on(p.scale, p.value)) / p.error
        for p in script.listed()
    ]
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


@pytest.mark.parametrize("name", ["highest_systolic", "offset", "noise_systolic", "series_riva"])
def test_the_estimate_is_the_best(script: ModuleType, name: str) -> None:
    fitted = calibration("pressure")
    best = fitted.central()
    least = chi_square(script, best)
    step = next(p.se for p in fitted.fitted if p.name == name)
    for sign in (-0.5, 0.5):
        moved = best | {name: best[name] * float(np.exp(sign * step))}
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
