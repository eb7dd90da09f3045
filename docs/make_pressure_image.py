"""Draw the pictures of blood pressure and of readiness that the documentation shows.

python docs/make_pressure_image.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

import ketascope as ks
from ketascope.effects.calibrated import calibration
from ketascope.report.draw_readiness import draw_readiness

BLUE, GREY, RED = "#1f5f8b", "#6b7280", "#b3413a"
IMAGES = Path(__file__).parent / "images"
SERIES = {"yale_bp_2024": 0.667, "zhou_2021": 0.72, "riva_posse_2018": 0.5}
"""Series of infusions and the hour at which they are drawn, two of them 3 min apart."""
NAMES = dict(zip(SERIES, ("Yale 2024", "Zhou 2021", "Riva-Posse 2018"), strict=True))
SHARES = {
    "rise of 40, systolic": "{}_sbp40", "180 or more, systolic": "{}_sbp180",
    "rise of 25, diastolic": "{}_dbp25", "110 or more, diastolic": "{}_dbp110",
}  # fmt: skip


def points() -> dict[str, Any]:
    """Return the fitted points by id."""
    return {p.id.removeprefix("blood_pressure."): p for p in calibration("pressure").points}


def course(axes: Any, regimen: str, title: str) -> None:
    """Mean rise and spread of people over time, with what was fitted to."""
    result = ks.simulate(regimen, ks.Patient.of({"age": 46, "weight": 80}), n=300, seed=1)
    kept = result["time"].to_numpy() <= 6
    hours = result["time"].to_numpy()[kept]
    found = ks.acute_effects(result, uncertainty="central")
    for kind, colour in (("systolic", BLUE), ("diastolic", GREY)):
        curves = found[f"{kind}_change"].transpose("subject", "time").to_numpy()[:, kept]
        low, high = np.quantile(curves, (0.05, 0.95), axis=0)
        axes.fill_between(hours, low, high, color=colour, alpha=0.15, lw=0)
        axes.plot(hours, curves.mean(axis=0), color=colour, label=f"{kind}, mean")
    axes.set(xlabel="Hours after the start", ylabel="Rise, mmHg", xlim=(0, 6), ylim=(0, 42))
    axes.set_title(f"{title}; band: 90 % of people", fontsize=9)


def shares(axes: Any) -> None:
    """Shares of people after any of eight sessions: published, with its error, and fitted."""
    known = points()
    labels = []
    for row, (words, name) in enumerate(SHARES.items()):
        for who, colour in (("esk", BLUE), ("pbo", GREY)):
            arm = name.format(who)
            one = known[f"transform_1_2_{arm}.blood_pressure_event.proportion"]
            at = row + (0.15 if who == "esk" else -0.15)
            middle = np.arcsin(np.sqrt(one.published))
            ends = np.sin(np.maximum(middle + np.array([-1, 1]) * one.error, 0)) ** 2
            away = 100 * np.abs(ends - one.published)[:, None]
            axes.errorbar(100 * one.published, at, xerr=away, fmt="o", color=RED)
            axes.plot(100 * one.fitted, at, "D", color=colour, ms=5)
        labels.append(words)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set(xlabel="% of people", xlim=(-1, 20))
    axes.set_title("Spray (blue), placebo (grey)", fontsize=10)


def main() -> None:
    """Draw and save."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.5, 3.4))
    course(left, "esketamine 84 mg intranasal once", "Spray, 84 mg")
    known = points()
    course(middle, "ketamine 0.5 mg/kg iv over 40 min once", "Infusion, 0.5 mg/kg over 40 min")
    for (name, hour), marker in zip(SERIES.items(), "osv", strict=True):
        for kind, face in (("systolic", RED), ("diastolic", "white")):
            one = next(p for n, p in known.items() if n.startswith(f"{name}_infusions.{kind}"))
            middle.errorbar(hour, one.published, yerr=one.error, fmt=marker, color=RED, mfc=face,
                            ms=5, label=NAMES[name] if kind == "systolic" else None)  # fmt: skip
    middle.legend(frameon=False, fontsize=8)
    shares(right)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(IMAGES / "pressure.png", dpi=130)
    result = ks.simulate("esketamine 84 mg intranasal once", n=1000, seed=1)
    picture = draw_readiness(ks.report_readiness(result), "wide")
    picture.savefig(IMAGES / "readiness.png", dpi=130)


if __name__ == "__main__":
    main()
