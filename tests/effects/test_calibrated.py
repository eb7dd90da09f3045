"""Calibrations: what their files must hold, and that draws are of the covariance they print."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from ketascope.effects.calibrated import (
    CalibratedParameter,
    Calibration,
    calibration,
    calibrations,
)
from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.evidence.published import published

NAMES = calibrations()
SIDES = {value.id: value for value in published()}


def toy(covariance: tuple[tuple[float, ...], ...]) -> Calibration:
    parameters = (
        CalibratedParameter(name="a", value=2.0, unit="1", scale="log", se=0.3, meaning="a"),
        CalibratedParameter(name="b", value=0.25, unit="1", scale="logit", se=0.5, meaning="b"),
        CalibratedParameter(name="c", value=-1.0, unit="1", se=0.2, meaning="c"),
        CalibratedParameter(name="d", value=7.0, unit="1", meaning="d", held="by hand"),
    )
    return Calibration(
        name="toy", title="Toy", script="none", method="none", parameters=parameters,
        covariance=covariance, points=(), studies=(),
    )  # fmt: skip


COVARIANCE = ((0.09, 0.06, 0.0), (0.06, 0.25, -0.02), (0.0, -0.02, 0.04))


def test_draws_have_the_covariance_on_their_scales() -> None:
    found = toy(COVARIANCE).draws(40_000, seed=3)
    logit = np.log(found["b"] / (1 - found["b"]))
    drawn = np.stack([np.log(found["a"]), logit, found["c"]])
    assert np.allclose(np.cov(drawn), COVARIANCE, atol=0.01)
    assert np.allclose(drawn.mean(axis=1), [np.log(2), np.log(1 / 3), -1.0], atol=0.01)
    assert set(found["d"]) == {7.0}


def test_a_draw_depends_on_its_number_alone() -> None:
    fitted = toy(COVARIANCE)
    many, few = fitted.draws(100, seed=3), fitted.draws_of([17], seed=3)
    assert all(few[name][0] == many[name][17] for name in many)
    assert fitted.draws(5, seed=4)["a"][0] != many["a"][0]


@pytest.mark.parametrize(
    "broken",
    [
        ((0.09, 0.06), (0.06, 0.25)),
        ((0.5, 0.0, 0.0), (0.0, 0.25, 0.0), (0.0, 0.0, 0.04)),
    ],
)
def test_a_covariance_that_does_not_fit_is_refused(broken: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(ValidationError):
        toy(broken)


def test_an_unknown_calibration_is_refused() -> None:
    with pytest.raises(InputError, match="no calibration 'nothing'"):
        calibration("nothing")


def test_there_are_calibrations() -> None:
    assert len(NAMES) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_every_point_is_on_the_fit_side_and_as_published(name: str) -> None:
    fitted = calibration(name)
    assert fitted.name == name
    assert fitted.points
    for point in fitted.points:
        name_of, _, what = point.id.partition(":")
        value = SIDES[name_of]
        assert value.used_for == "fit", point.id
        printed = value.sd if what == "sd" else value.value
        if value.statistic == "range":
            assert value.interval is not None
            assert value.interval[0] < point.published < value.interval[1], point.id
        else:
            assert point.published == pytest.approx(printed, rel=1e-6), point.id
        assert value.study in fitted.studies, point.id


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_it_comes_from(name: str) -> None:
    from pathlib import Path

    fitted = calibration(name)
    assert (Path(__file__).parents[2] / fitted.script).is_file()
    assert fitted.limits
    assert fitted.sources
    assert set(fitted.sources) <= set(sources())
    assert all(p.held or p.se > 0 for p in fitted.parameters)


@pytest.mark.parametrize("name", NAMES)
def test_its_covariance_can_be_drawn_from(name: str) -> None:
    found = calibration(name).draws(200, seed=1)
    assert all(np.isfinite(values).all() for values in found.values())
