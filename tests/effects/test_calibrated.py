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
        printed = value.value
        if what == "sd":
            behind = (value.se or 0) * (value.conditions.n or 1) ** 0.5
            printed = behind if value.sd is None else value.sd
        if value.statistic == "range":
            assert value.interval is not None
            assert value.interval[0] < point.published < value.interval[1], point.id
        else:
            assert point.published == pytest.approx(printed, rel=5e-4), point.id
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


def test_draws_of_a_sample_are_rows_of_it_and_their_spread_is_its_errors() -> None:
    """Rows as they lie in the file, each by its own number, with the covariance that is told."""
    from importlib.resources import files

    fitted = calibration("mood")
    text = (files("ketascope.effects") / "data" / fitted.sample).read_text(encoding="utf-8")
    head, *lines = text.split()
    rows = np.array([[float(x) for x in line.split(",")] for line in lines])
    assert tuple(head.split(",")) == tuple(p.name for p in fitted.fitted)
    errors = np.array([p.se for p in fitted.fitted])
    assert rows.std(axis=0) == pytest.approx(errors, rel=0.12)
    found = fitted.draws(500, seed=4)
    decay = np.log(found["decay_days"])
    at = head.split(",").index("decay_days")
    assert np.all(np.isclose(decay[:, None], rows[None, :, at]).any(axis=1))
    again = fitted.draws_of(np.array([7, 3]), seed=4)["decay_days"]
    assert again == pytest.approx(found["decay_days"][[7, 3]])
    assert fitted.draws(500, seed=5)["decay_days"] != pytest.approx(found["decay_days"])


def test_every_row_of_a_sample_can_be_had() -> None:
    fitted = calibration("mood")
    rows = fitted.sampled()
    assert set(rows) == {p.name for p in fitted.fitted}
    drawn = fitted.draws(300, seed=4)["decay_days"]
    assert np.isin(drawn, rows["decay_days"]).all()
    with pytest.raises(InputError, match="has no sample"):
        fitted.model_copy(update={"sample": ""}).sampled()


def test_a_sample_with_other_columns_is_refused() -> None:
    fitted = calibration("mood")
    other = fitted.model_copy(update={"parameters": fitted.parameters[1:]})
    with pytest.raises(InputError, match=r"mood_sample.csv: columns"):
        other.draws(3, seed=1)
