"""Draw the picture of dissociation and alertness that the documentation shows.

python docs/make_dissociation_image.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

import ketascope as ks
from ketascope.checks.effects import exposure_of
from ketascope.effects.calibrated import calibration
from ketascope.evidence.published import published

BLUE, GREY, RED = "#1f5f8b", "#6b7280", "#b3413a"
POST = "dissociation.goldway_2025_ketamine_post.cadss_total.score.0.333333h"
RATINGS = {
    "dissociation.goldway_2025_ketamine_pre.cadss_total.score.0h": 0.0,
    POST: 1 / 3,
    "dissociation.goldway_2025_ketamine_end.cadss_total.score": 191 / 60,
}
PEOPLE = 400


def rows() -> dict[str, Any]:
    """Return the published values by id."""
    return {v.id: v for v in published()}


def volunteers(axes: Any) -> None:
    """Mean and spread of the volunteers whose scores were fitted, over their infusion."""
    known = rows()
    result = exposure_of(known[POST].conditions)
    hours = result["time"].to_numpy()
    kept = hours <= 6
    central = ks.acute_effects(
        result, names=["cadss"], settings={"healthy": 1.0}, uncertainty="central"
    )["cadss"].transpose("subject", "time").to_numpy()[:, kept]  # fmt: skip
    low, high = np.quantile(central, (0.05, 0.95), axis=0)
    axes.fill_between(hours[kept], low, high, color=BLUE, alpha=0.15, lw=0, label="5 to 95 %")
    axes.plot(hours[kept], central.mean(axis=0), color=BLUE, label="mean, fitted")
    for name, hour in RATINGS.items():
        one = known[name]
        wide = 0.25 if hour > 1 else 0.0
        axes.errorbar(
            hour, one.value, yerr=one.sd, xerr=wide, fmt="o", color=RED, capsize=3,
            label="measured, mean and SD" if name == POST else None,
        )  # fmt: skip
    axes.axvspan(0, 176 / 60, ymax=0.02, color=GREY)
    axes.set(xlabel="Hours after the start", ylabel="CADSS total", xlim=(-0.1, 6), ylim=(0, 60))
    axes.set_title("Volunteers, 0.4 mg/kg, then 0.4 mg/kg/h", fontsize=10)
    axes.legend(frameon=False, fontsize=8)


def patients(axes: Any) -> None:
    """Mean totals of patients after three doses, with what the fit does not know of one."""
    doses = {
        "esketamine 56 mg, nasal": ("esketamine 56 mg intranasal once", GREY),
        "esketamine 84 mg, nasal": ("esketamine 84 mg intranasal once", BLUE),
        "racemate 0.5 mg/kg, 40 min": ("ketamine 0.5 mg/kg iv over 40 min once", RED),
    }
    for label, (words, colour) in doses.items():
        result = ks.simulate(words, people=PEOPLE, seed=1)
        hours = result["time"].to_numpy()
        means = [
            ks.acute_effects(result, names=["cadss"], draw=k)["cadss"].mean("subject").to_numpy()
            for k in range(40)
        ]
        middle = ks.acute_effects(result, names=["cadss"], uncertainty="central")["cadss"]
        axes.plot(hours, middle.mean("subject"), color=colour, label=label)
        low, high = np.quantile(means, (0.05, 0.95), axis=0)
        axes.fill_between(hours, low, high, color=colour, alpha=0.12, lw=0)
    axes.set(xlabel="Hours after the start", xlim=(0, 4), ylim=(0, 20))
    axes.set_title("Patients, mean; 5 to 95 % of the fit", fontsize=10)
    axes.legend(frameon=False, fontsize=8)


def shares(axes: Any) -> None:
    """Shares of people: published beside fitted."""
    points = [
        p for name in ("dissociation", "sedation") for p in calibration(name).points
        if p.id.endswith("proportion") and p.published > 0.01
    ]  # fmt: skip
    known = rows()
    for k, point in enumerate(points):
        axes.errorbar(point.published, k, xerr=point.error, fmt="o", color=RED, capsize=3)
        axes.plot(point.fitted, k, "D", color=BLUE)
    words = []
    for point in points:
        arm = known[point.id]
        who = (
            arm.id.split(".")[1]
            .replace("transform_1_", "")
            .replace("goldway_2025_ketamine_end", "volunteers")
        )
        scale = "MOAA/S < 5" if arm.effect == "moaas" else "CADSS > 4"
        words.append(f"{scale}, {who.replace('esk', 'spray ').replace('_', ' ')}")
    axes.set_yticks(range(len(words)), words, fontsize=8)
    axes.set(xlabel="Share of people", xlim=(0, 1))
    axes.set_title("Measured (red), fitted (blue)", fontsize=10)


def main() -> None:
    """Write docs/images/dissociation.png."""
    figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for draw, one in zip((volunteers, patients, shares), axes, strict=True):
        draw(one)
        one.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).parent / "images/dissociation.png", dpi=130, facecolor="white")


if __name__ == "__main__":
    main()
