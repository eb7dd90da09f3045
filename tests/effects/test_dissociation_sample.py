"""The sample of the parameters of dissociation is of the likelihood that was fitted."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ketascope.effects.calibrated import calibration

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "calibration"))
drawn = pytest.importorskip("dissociation_sample")
dissociation = pytest.importorskip("dissociation")
fitting = pytest.importorskip("fitting")
points = pytest.importorskip("dissociation_points")
sedation = pytest.importorskip("sedation")
sedation_sample = pytest.importorskip("sedation_sample")


def rows() -> np.ndarray:
    """Return the sample on the scales of the parameters."""
    held = calibration("dissociation")
    known = held.sampled()
    return np.array([[fitting.on(p.scale, float(v)) for v in known[p.name]] for p in held.fitted]).T


def estimate() -> np.ndarray:
    return np.array([fitting.on(p.scale, p.value) for p in calibration("dissociation").fitted])


def test_points_are_weighted_by_the_residuals_of_the_fit() -> None:
    """Half the squares of points and of assumptions, worked out apart."""
    some = np.vstack([estimate()[None], rows()[::200]])
    found = drawn.log_likely(some)
    for x, log in zip(some, found, strict=True):
        values = {
            name: fitting.off(one.scale, v)
            for (name, one), v in zip(dissociation.FREE.items(), x, strict=True)
        }
        said = dissociation.predicted(values)
        squares = [
            ((fitting.on(p.scale, said[p.id]) - fitting.on(p.scale, p.value)) / p.error) ** 2
            for p in [*points.listed(), *points.unprinted()]
        ]
        for name, one in dissociation.FREE.items():
            if one.prior is not None:
                centre, sd = one.prior
                apart = fitting.on(one.scale, values[name]) - fitting.on(one.scale, centre)
                squares.append((apart / sd) ** 2)
        assert log == pytest.approx(-sum(squares) / 2)
    assert -2 * found[0] == pytest.approx(calibration("dissociation").chi_square, rel=0.02)


def test_coordinates_of_proposals_turn_back_and_their_volumes_are_known() -> None:
    some = rows()[::250]
    assert drawn.taken_back(drawn.spread_out(some)) == pytest.approx(some)
    steps = 1e-5 * np.eye(some.shape[1])
    for x, volume in zip(some, drawn.log_volume(some), strict=True):
        turn = (drawn.spread_out(x + steps) - drawn.spread_out(x - steps)) / 2e-5
        assert np.log(abs(np.linalg.det(turn))) == pytest.approx(volume, abs=1e-5)


def test_a_likelihood_that_is_known_is_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A normal one in the coordinates, about another middle and narrower than the fit says."""
    at = estimate()
    start = drawn.spread_out(at[None])[0]
    sd = 0.05 * np.abs(start) + 0.02
    middle = start + sd / 2
    steps = 1e-4 * np.eye(at.size)
    turn = (drawn.spread_out(at + steps) - drawn.spread_out(at - steps)) / 2e-4
    back = np.linalg.inv(turn)
    monkeypatch.setattr(
        drawn, "_log_weight", lambda y: -np.sum(((y - middle) / sd) ** 2, axis=1) / 2
    )
    found = drawn.weighted({"at": at, "covariance": back.T @ np.diag((1.4 * sd) ** 2) @ back})
    weight, y = found["weight"], found["y"]
    assert found["behind"] > 1500
    assert np.all(np.abs(weight @ y - middle) < 0.1 * sd)
    assert np.sqrt(weight @ (y - weight @ y) ** 2) == pytest.approx(sd, rel=0.08)


def test_no_draw_has_more_sensitivity_than_ratings_spread() -> None:
    """Both SDs of ratings and their correlation bound it; of a normal draw 1 in 8 lay above."""
    held = calibration("dissociation").central()
    total = float(np.hypot(held["sensitivity_sd"], held["rating_sd"]))
    known = calibration("dissociation").sampled()
    spread = np.hypot(known["sensitivity_sd"], known["rating_sd"])
    error = max(
        p.error for p in points.listed() if p.id.endswith("ketamine_end.cadss_total.score:sd")
    )
    assert np.all(spread < total * np.exp(3.5 * error))
    assert np.mean(known["sensitivity_sd"] > total) < 0.08
    assert known["sensitivity_sd"].max() < 1.5 * total


def test_errors_of_standard_deviations_are_of_ratings_as_the_model_has_them() -> None:
    """Kurtosis and how mean and SD go together, at the estimates."""
    p = calibration("dissociation").central()
    z = np.random.default_rng(1).standard_normal((200_000, 5))
    noise = np.exp(p["rating_sd"] * z[:, 3] - p["rating_sd"] ** 2 / 2)
    felt = np.exp(p["sensitivity_sd"] * z[:, 1]) * noise / p["half"]
    at = dissociation.at_hour
    end = dissociation.INFUSION + 0.5 * p["end_part"]
    for name, plasma, hour, factor in (
        (points.POST, dissociation.racemate(), 1 / 3, 1.0),
        (points.END, dissociation.racemate(), end, 1.0),
        (points.SCHALKWYK, dissociation.infusion(), 0.5, p["patients_racemate"]),
    ):
        left, base = dissociation.after_racemate(p, plasma, z, [at(hour)])
        x = dissociation.score(base, left[:, 0] * felt * factor)
        off = x - x.mean()
        kurtosis = np.mean(off**4) / np.mean(off**2) ** 2
        assert points.KURTOSIS[name] == pytest.approx(kurtosis, rel=0.1)
        together = np.mean(off**3) / np.mean(off**2) ** 1.5 / np.sqrt(kurtosis - 1)
        assert together == pytest.approx(0.6, abs=0.12)


def test_tolerance_of_the_fit_is_that_of_the_effect() -> None:
    """What concentrations of each time add, summed, against the steps of the effect."""
    from ketascope.effects.opposed import drive

    p = calibration("dissociation").central()
    offset = np.linspace(0.3, 1.2, dissociation.PEOPLE)
    seen = [dissociation.at_hour(hour) for hour in dissociation.RATED]
    found = dissociation.left_at(p, 84, offset, 1.65, seen)
    plasma = dissociation.spray(84)[:, 1]
    apart = drive(dissociation.TIMES, 1.65 * plasma, p["ke0"], offset, p["ktol"])[:, seen]
    assert found[:, 1] == pytest.approx(apart)


def test_a_draw_of_alertness_has_the_tolerance_of_that_of_dissociation() -> None:
    source, taken = calibration("dissociation"), calibration("sedation")
    assert source.sample
    theirs, ours = source.draws(200, seed=6), taken.draws(200, seed=6)
    for name in taken.borrowed:
        assert ours[name] == pytest.approx(theirs[name]), name
    held = source.sampled()["ktol"]
    assert np.isclose(ours["ktol"][:, None], held[None], rtol=1e-9).any(axis=1).all()


def test_thresholds_of_alertness_are_weighted_as_the_likelihood_has_them() -> None:
    """Candidates of a row against the model of the fit: densities by its slopes, by differences."""
    names = sedation_sample.BORROWED
    held = calibration("dissociation").sampled()
    tolerance = {name: float(held[name][7]) for name in names}
    rows, weight = sedation_sample.candidates(tolerance, np.random.default_rng(3))
    points = sedation_sample.listed()

    def z(row: np.ndarray) -> np.ndarray:
        own = {
            name: fitting.off(one.scale, float(v))
            for (name, one), v in zip(sedation_sample.FREE.items(), row, strict=True)
        }
        said = sedation.predicted(own | tolerance)
        return np.array([point.z(said[point.id]) for point in points])

    told = []
    for row in rows[:5]:
        step = np.zeros(len(row))
        step[0] = 0.02
        # both thresholds move where the ratio stays: the third point follows alone
        slope = (z(row + step) - z(row - step)) / 0.04
        step = np.roll(step, 1)
        rare = (z(row + step) - z(row - step)) / 0.04
        volume = abs(slope[1] * rare[2])
        told.append(-(z(row)[0] ** 2) / 2 - np.log(volume))
    ours = np.log(weight[:5])
    assert ours - ours[0] == pytest.approx(np.array(told) - told[0], abs=0.15)
