"""How far placebo response differs between trials of other antidepressants."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "calibration"))
placebo = pytest.importorskip("placebo")


def test_without_a_spread_it_is_the_binomial() -> None:
    people, responders = placebo.arms()
    q = ndtr(-0.3)
    want = -(responders * np.log(q) + (people - responders) * np.log(1 - q)).sum()
    assert placebo.deviance(np.array([-0.3, -20.0])) == pytest.approx(want, rel=1e-6)


def test_moments_of_the_shares_agree() -> None:
    people, responders = placebo.arms()
    assert people.size == 118
    assert np.all(responders <= people)
    share = responders / people
    weight = people / people.sum()
    mean = (weight * share).sum()
    spread = (weight * (share - mean) ** 2).sum()
    sampling = (weight * mean * (1 - mean) / people).sum()
    _, sd, error = placebo.between_trials()
    # the slope of the normal distribution turns an SD of shares into one of probits
    middle = np.exp(-(0.34**2) / 2) / np.sqrt(2 * np.pi)
    assert sd == pytest.approx(np.sqrt(spread - sampling) / middle, rel=0.25)
    assert 0.05 < error < 0.2


def test_the_assumption_of_the_course_is_taken_from_it() -> None:
    mood = pytest.importorskip("mood")
    centre, sd = mood.FREE["trial_placebo"].prior
    low, high = placebo.PEOPLE_SD
    assert low < centre / placebo.between_trials()[1] < high
    assert sd > placebo.between_trials()[2]
    # an SD of logits is a probit's over 0.61, as is said of odds ratios
    people, responders = placebo.arms()
    share = (responders + 0.5) / (people + 1)
    logit, probit = np.log(share / (1 - share)), np.vectorize(_probit)(share)
    assert probit.std() / logit.std() == pytest.approx(0.61, abs=0.02)


def _probit(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))
