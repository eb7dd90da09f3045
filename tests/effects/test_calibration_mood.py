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
mood_points = pytest.importorskip("mood_points")


def _at() -> np.ndarray:
    central = calibration("mood").central()
    return np.array([mood.on(f.scale, central[n]) for n, f in mood.FREE.items()])


def test_points_are_of_fitted_studies() -> None:
    known = {v.id: v for v in published()}
    for point in calibration("mood").points:
        value = known[point.id.removesuffix(":sd")]
        assert value.used_for == "fit"
        assert value.study in calibration("mood").studies


def test_errors_are_of_the_people_with_data() -> None:
    errors = {p.id: p.error for p in mood.listed()}
    assert errors["course.jones_men_pbo.madrs.change.648h"] == pytest.approx(
        14.3 / np.sqrt(70) * mood_points.together(4)
    )
    # totals of surgery have their own number of people at each time
    assert errors["course.lii_2023_lii_ket.madrs.score.168h"] == pytest.approx(
        9.2 / np.sqrt(18) * mood_points.together(6)
    )
    less, more = (errors[f"adverse_events.trd4006_alone_{d}.madrs.change.648h"] for d in (84, 56))
    assert less < more


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


def test_relapse_says_no_more_than_the_printed_interval() -> None:
    """Shares and hazard ratio are of the same people: together they know what one of them knows."""
    said = {p.name: p.se for p in calibration("mood").parameters}
    assert said["hazard_ratio_remitters"] >= np.log(0.84 / 0.29) / 3.92
    assert said["relapse_half_life"] == pytest.approx(np.log(273 / 97) / 1.96, rel=0.02)


def test_where_trials_lie_makes_their_points_nearer() -> None:
    p = mood.values_at(_at())
    central = calibration("mood").central()
    names = [f"{part}_in_{t}" for part in ("drug", "placebo") for t in mood.TRIALS]
    names += [f"setting_in_{t}" for t in mood.AWAY]
    z = np.array([[central[name] for name in names]])
    there = {k: float(x[0]) for k, x in mood.predicted_in(p, z).items()}
    middle = mood.predicted(p)

    def miss(said: dict[str, float]) -> float:
        off = [(mood.on(q.scale, said[q.id]) - mood.on(q.scale, q.value)) / q.error
               for q in mood.listed()]  # fmt: skip
        return float(np.square(off).sum())

    assert miss(there) < 0.7 * miss(middle)
    assert abs(z).max() < 2


def test_the_setting_shifts_both_arms_of_its_trials_alone() -> None:
    p = mood.values_at(_at())
    z = np.zeros((2, mood.PLACES))
    z[1, -1] = 1.0
    said = mood.predicted_in(p, z)
    moved = {name for name, x in said.items() if abs(x[1] - x[0]) > 1e-9}
    assert moved == {name for name in said if mood.AWAY[-1] in name}
