"""The effect site against closed forms and an independent solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from ketascope.effects.site import effect_site


def test_after_a_bolus_it_is_a_bateman_curve() -> None:
    times = np.linspace(0, 6, 6001)
    k, ke0 = 0.8, 3.0
    plasma = 100 * np.exp(-k * times)
    site = effect_site(times, plasma[None, :], ke0)[0]
    exact = 100 * ke0 / (ke0 - k) * (np.exp(-k * times) - np.exp(-ke0 * times))
    assert np.allclose(site, exact, rtol=1e-5, atol=1e-4)


@settings(max_examples=20)
@given(ke0=st.floats(0.05, 200.0), seed=st.integers(0, 1000))
def test_it_is_exact_between_any_points(ke0: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.concatenate([[0.0], np.cumsum(rng.uniform(0.05, 1.0, 5))])
    plasma = rng.uniform(0, 100, (1, 6))
    site = effect_site(times, plasma, ke0)[0]
    solved = solve_ivp(
        lambda t, y: ke0 * (np.interp(t, times, plasma[0]) - y), (0, times[-1]), [0.0],
        method="Radau", t_eval=times, rtol=1e-8, atol=1e-8, max_step=0.05,
    ).y[0]  # fmt: skip
    assert np.allclose(site, solved, rtol=2e-4, atol=2e-3)


@given(ke0=st.floats(1e-6, 1e6))
def test_it_never_leaves_the_range_of_plasma(ke0: float) -> None:
    times = np.array([0.0, 0.5, 1.0, 4.0, 30.0])
    plasma = np.array([[0.0, 80.0, 20.0, 60.0, 0.0]])
    site = effect_site(times, plasma, ke0)
    assert (site >= -1e-9).all()
    assert (site <= 80.0 + 1e-9).all()


def test_without_delay_it_is_plasma() -> None:
    plasma = np.array([[1.0, 5.0, 2.0], [0.0, 1.0, 0.0]])
    site = effect_site([0.0, 1.0, 2.0], plasma, [np.inf, 2.0])
    assert site[0] == pytest.approx(plasma[0])
    assert site[1, 1] < 1.0
