"""The calibration of the course of depression follows from its points."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ketascope.effects.calibrated import calibration
from ketascope.evidence.published import published

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "calibration"))
mood = pytest.importorskip("mood")


def _at() -> np.ndarray:
    central = calibration("mood").central()
    return np.array([mood.on(f.scale, central[n]) for n, f in mood.FREE.items()])


def test_points_are_of_fitted_studies() -> None:
    known = {v.id: v for v in published()}
    for point in calibration("mood").points:
        value = known[point.id.removesuffix(":sd")]
        assert value.used_for == "fit"
        assert value.study in calibration("mood").studies


def test_the_file_holds_what_the_script_predicts() -> None:
    said = mood.predicted(mood.values_at(_at()))
    held = {p.id: p.fitted for p in calibration("mood").points}
    for name, value in said.items():
        assert value == pytest.approx(held[name], rel=2e-3, abs=2e-3)


def test_the_estimate_is_a_minimum() -> None:
    at = _at()
    best = mood.objective(at)
    errors = [p.se for p in calibration("mood").fitted][: at.size]
    for k, error in enumerate(errors):
        for side in (-1, 1):
            moved = at.copy()
            moved[k] += side * 0.5 * error
            assert mood.objective(moved) > best


def test_relapse_is_fitted_again() -> None:
    central = calibration("mood").central()
    for name, value in mood.relapse()["values"].items():
        assert value == pytest.approx(central[name], rel=1e-3)
