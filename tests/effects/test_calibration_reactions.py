"""The pooled shares of reactions follow from their counts, and no end of a grid decides them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import digamma, log_expit, logit, ndtr, ndtri, polygamma
from scipy.stats import beta, multivariate_normal, qmc

from ketascope.checks.effects_reactions import trial_shares
from ketascope.effects.calibrated import calibration

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "calibration"))
script = pytest.importorskip("reactions")
joint = pytest.importorskip("reactions_joint")
drawn = pytest.importorskip("reactions_sample")
moved = pytest.importorskip("reactions_sensitivity")
ARMS = ("drug", "control")


@pytest.fixture(scope="module")
def counts() -> dict[str, Any]:
    return {arm: script.counts(script.ARMS[arm])[0] for arm in ARMS}


@pytest.fixture(scope="module")
def grids(counts: dict[str, Any]) -> dict[str, Any]:
    return {arm: joint.grid(counts[arm]) for arm in ARMS}


def columns(arm: str, names: tuple[str, ...]) -> list[int]:
    """Where the parameters of an arm stand in the file, which must be in the order of the grid."""
    wanted = [f"between_{arm}", *(f"{arm}_{name}" for name in names)]
    rows = [k for k, p in enumerate(calibration("reactions").fitted) if p.name in wanted]
    assert [calibration("reactions").fitted[k].name for k in rows] == wanted
    return rows


def written() -> np.ndarray:
    """Return the sample as its file holds it, on its scales."""
    held = calibration("reactions")
    rows = held.sampled()
    return np.stack(
        [np.log(rows[p.name]) if p.scale == "log" else logit(rows[p.name]) for p in held.fitted],
        axis=1,
    )


@pytest.mark.parametrize("arm", ARMS)
def test_the_file_holds_what_the_script_fits(grids: dict[str, Any], arm: str) -> None:
    found = joint.posterior(grids[arm], joint.half_normal(script.SCALE))
    held = calibration("reactions")
    rows = columns(arm, found.names)
    kept = np.array(held.covariance)[np.ix_(rows, rows)]
    assert kept == pytest.approx(found.covariance, rel=1e-4, abs=1e-5)
    assert held.fitted[rows[0]].value == pytest.approx(found.quantiles[1], rel=0.01)


@pytest.mark.parametrize("arm", ARMS)
def test_the_sample_is_of_the_posterior(
    counts: dict[str, Any], grids: dict[str, Any], arm: str
) -> None:
    """Its first rows drawn anew; all of them against the moments of the grid, and the medians."""
    first = drawn.points_of(list(counts.values()))[ARMS.index(arm)][:16]
    prior = joint.half_normal(script.SCALE)
    anew = drawn.sample(counts[arm], grids[arm], prior, first)
    found = joint.posterior(grids[arm], prior)
    rows = columns(arm, found.names)
    held = written()[:, rows]
    assert held[:16] == pytest.approx(anew, rel=1e-4, abs=1e-4)
    error = np.sqrt(np.diag(found.covariance))
    assert (held.mean(axis=0) - found.mean) / error == pytest.approx(0, abs=0.03)
    assert held.std(axis=0) / error == pytest.approx(1, abs=0.06)
    told = [calibration("reactions").fitted[k] for k in rows]
    middle = [np.log(p.value) if p.scale == "log" else logit(p.value) for p in told]
    assert (np.median(held, axis=0) - middle) / error == pytest.approx(0, abs=0.04)


def test_a_sample_is_that_of_weighted_draws_from_the_model() -> None:
    """Two reactions, one of them of nobody, by importance instead of by inversion on a grid."""
    made = {
        "a": {"transform_1": (6, 100), "sustain_1": (1, 120)},
        "b": {"transform_1": (0, 100), "sustain_1": (0, 120)},
    }
    points = qmc.Sobol(drawn.sizes(made), seed=1).random_base2(9)
    ours = drawn.sample(made, joint.grid(made), joint.half_normal(1.0), points)
    rng = np.random.default_rng(2)
    many = 300_000
    spread, shared = np.abs(rng.standard_normal(many)), rng.random(many)
    trials = rng.standard_normal((2, many)) * np.sqrt(shared)
    own = rng.standard_normal((2, 2, many)) * np.sqrt(1 - shared)
    log_weight = np.zeros(many)
    means = []
    for (yes, no, yes_2, no_2), (here, there) in zip(
        ((6.25, 94.25, 1.25, 119.25), (0.25, 100.25, 0.25, 120.25)), own, strict=True
    ):
        # with a flat mean, the logit of one trial is that of a beta share, whatever the deviates
        mean = logit(rng.beta(yes, no, many)) - spread * (trials[0] + here)
        other = mean + spread * (trials[1] + there)
        log_weight += yes_2 * log_expit(other) + no_2 * log_expit(-other)
        means.append(mean)
    weight = np.exp(log_weight - log_weight.max())
    new = rng.standard_normal(many) * spread
    far = ndtri((np.arange(50) + 0.5) / 50)
    pairs = [
        (ours[:, 0], np.log(spread)),
        *((ours[:, k + 1], mean) for k, mean in enumerate(means)),
        *(((ours[:, [k + 1]] + np.exp(ours[:, :1]) * far).ravel(), mean + new)
          for k, mean in enumerate(means)),
    ]  # fmt: skip
    for k, (mine, theirs) in enumerate(pairs):
        order = np.argsort(theirs)
        below = np.cumsum(weight[order]) / weight.sum()
        at = np.interp([0.05, 0.5, 0.95], below, theirs[order])
        said = np.quantile(mine, [0.05, 0.5, 0.95])
        assert (said - at) / (at[2] - at[0]) == pytest.approx(0, abs=0.03), k


@pytest.mark.parametrize("arm", ARMS)
def test_ends_of_the_grid_decide_nothing(grids: dict[str, Any], arm: str) -> None:
    """An end of 4 instead of 8, and of 0.01 instead of 0.003, leaves the estimate as it is."""
    prior = joint.half_normal(script.SCALE)
    whole = joint.posterior(grids[arm], prior)
    cut = joint.posterior(grids[arm], lambda s: np.where((s > 0.01) & (s < 4), prior(s), 1e-300))
    assert cut.mean[0] == pytest.approx(whole.mean[0], abs=0.03)
    assert cut.quantiles[2] == pytest.approx(whole.quantiles[2], rel=0.01)


def test_a_flat_prior_of_the_control_arms_would_have_no_end(grids: dict[str, Any]) -> None:
    """Why one that falls is used: the 95 % point moves with where the grid ends."""
    flat = joint.posterior(grids["control"], joint.flat)
    ended = joint.posterior(grids["control"], lambda s: np.where(s < 4, 1.0, 1e-300))
    assert flat.quantiles[2] > 1.15 * ended.quantiles[2]


def test_counts_of_nobody_are_cut_nowhere() -> None:
    """Half a person in all, trials all but alike: a beta share's logit, by mean and variance."""
    made = {"a": {"transform_1": (0, 113), "sustain_1": (0, 145)}}
    found = joint.grid(made)
    mean, variance = found.mean[0, 0, 0], found.covariance[0, 0, 0, 0]
    assert mean == pytest.approx(digamma(0.5) - digamma(258.5), abs=0.01)
    assert variance == pytest.approx(polygamma(1, 0.5) + polygamma(1, 258.5), rel=0.01)


def test_the_likelihood_is_that_of_plain_sums(
    counts: dict[str, Any], grids: dict[str, Any]
) -> None:
    """Control arms, whose counts are small: every integral as a sum over points, none folded."""
    at = np.arange(-22.0, 8.0, 0.1)
    both = list(counts["control"].values())

    def plain(spread: float, shared: float) -> float:
        own, of_trial = spread * np.sqrt(1 - shared), spread * np.sqrt(shared)
        kernel = np.exp(-0.5 * ((at[:, None] - at[None, :]) / own) ** 2) / own
        apart = np.arange(-40, 41) * 0.2
        total = np.exp(-0.25 * (apart / of_trial) ** 2) / of_trial
        for trials in both:
            folded = []
            for trial in joint.TRIALS:
                count, n = trials[trial]
                yes, no = count + 0.25, n - count + 0.25
                folded.append(kernel @ np.exp(yes * (log_expit(at) + 5) + no * log_expit(-at)))
            total = total * [
                float(np.interp(at + d / 2, at, folded[0]) @ np.interp(at - d / 2, at, folded[1]))
                for d in apart
            ]
        return float(np.log(total.sum()))

    cells = [(int(np.argmin(abs(s - joint.SPREADS))), k) for s, k in ((0.6, 2), (1, 5), (1.8, 3))]
    ours = [grids["control"].log_likelihood[cell] for cell in cells]
    theirs = [plain(joint.SPREADS[i], joint.SHARED[k]) for i, k in cells]
    assert np.diff(ours) == pytest.approx(np.diff(theirs), abs=0.02)


def test_the_drug_arms_are_those_of_normal_logits(counts: dict[str, Any]) -> None:
    """Another way to the same: its counts are large enough for it."""
    now = calibration("reactions").central()["between_drug"]
    assert moved.with_logits_normal(counts["drug"], 0.0) == pytest.approx(now, rel=0.08)


@pytest.mark.parametrize(("arm", "name"), [("drug", "nausea"), ("drug", "blurred_vision")])
def test_bands_are_those_of_the_grid(grids: dict[str, Any], arm: str, name: str) -> None:
    """With means normal at each spread, which those of the drug arms are: 5 % lie beyond."""
    grid = grids[arm]
    k = grid.names.index(name)
    weight = joint.weights(grid, joint.half_normal(script.SCALE)).ravel()
    sd = np.sqrt(grid.covariance[..., k, k] + joint.SPREADS[:, None] ** 2).ravel()
    ends = logit(np.quantile(trial_shares(calibration("reactions"), arm, f"{arm}_{name}"),
                             [0.05, 0.95]))  # fmt: skip
    below = [float(weight @ ndtr((end - grid.mean[..., k].ravel()) / sd)) for end in ends]
    assert below == pytest.approx([0.05, 0.95], abs=0.004)


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_nothing_or_all_in_common_is_that_of_normal_logits(
    counts: dict[str, Any], shared: float
) -> None:
    """Drug arms: differences of logits with their errors, the spread alone integrated over."""
    people = np.array([[t[j] for j in joint.TRIALS] for t in counts["drug"].values()], float)
    yes = people[..., 0] + 0.25
    no = people[..., 1] - people[..., 0] + 0.25
    apart = np.log(yes / no) @ np.array([1.0, -1.0])
    chance = (1 / yes + 1 / no).sum(axis=1)
    logs = []
    for spread in joint.SPREADS:
        covariance = np.diag(chance + 2 * spread**2 * (1 - shared)) + 2 * spread**2 * shared
        logs.append(multivariate_normal(np.zeros(apart.size), covariance).logpdf(apart))
    weight = np.exp(np.array(logs) - max(logs)) * joint.SPREADS
    weight *= joint.half_normal(script.SCALE)(joint.SPREADS)
    theirs = joint.ends((weight / weight.sum())[:, None])
    ours = joint.with_shared(counts["drug"], shared, joint.half_normal(script.SCALE))
    assert ours == pytest.approx(theirs, rel=0.2)


def test_one_person_of_many_leaves_what_counts_leave() -> None:
    """1 of 258 with blurred vision: wider than the binomial alone, and not without end."""
    shares = trial_shares(calibration("reactions"), "control", "control_blurred_vision")
    assert beta.ppf(0.95, 2, 257) < float(np.quantile(shares, 0.95)) < 0.08
    assert float(np.quantile(shares, 0.05)) < 1e-3


def test_the_limits_name_what_was_moved() -> None:
    said = " ".join(calibration("reactions").limits)
    told = script.yaml.safe_load(script.MOVED.read_text(encoding="utf-8"))
    for key in (
        "drug_half",
        "control_half",
        "control_two",
        "drug_all",
        "drug_most",
        "drug_overlap",
    ):
        assert str(told[key]) in said, key
    assert told["control"] == pytest.approx(calibration("reactions").central()["between_control"],
                                            rel=0.05)  # fmt: skip
