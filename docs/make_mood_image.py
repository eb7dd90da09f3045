"""Draw the pictures of the course of depression that the documentation shows.

python docs/make_mood_image.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

import ketascope as ks
from ketascope.checks.effects_course import predict
from ketascope.errors import InputError
from ketascope.evidence.published import published
from ketascope.report.draw_mood import draw_mood

FIT, CHECK = "#1f5f8b", "#b3413a"


def beside() -> plt.Figure:
    """Published beside predicted, fitted and kept as checks."""
    figure, axes = plt.subplots(1, 2, figsize=(8.2, 4.0))
    for value in published():
        if value.effect not in ("madrs", "response", "remission") or value.conditions.time == 0:
            continue
        try:
            said = predict(value)
        except InputError:
            continue
        share = value.quantity == "proportion"
        factor = 100 if share else 1
        own = value.used_for == "fit"
        axes[int(share)].errorbar(
            factor * value.value, factor * said.centre,
            yerr=[[factor * (said.centre - said.low)], [factor * (said.high - said.centre)]],
            fmt="o" if own else "D", ms=4, lw=0.6, alpha=0.8, color=FIT if own else CHECK,
        )  # fmt: skip
    # every bar lies inside
    held = axes[0].dataLim
    whole = (min(held.x0, held.y0) - 2, max(held.x1, held.y1) + 2)
    for ax, ends, name in ((axes[0], whole, "MADRS: change, difference or total, points"),
                           (axes[1], (0, 100), "Response and remission, %")):  # fmt: skip
        ax.plot(ends, ends, color="#6b7280", lw=0.8)
        ax.set(xlim=ends, ylim=ends, xlabel=f"{name}, published", ylabel="predicted")
    axes[0].plot([], [], "o", color=FIT, label="fitted")
    axes[0].plot([], [], "D", color=CHECK, label="kept as checks")
    axes[0].legend(frameon=False, fontsize=8)
    figure.tight_layout()
    return figure


def main() -> None:
    """Draw both."""
    folder = Path(__file__).parent / "images"
    beside().savefig(folder / "course-beside.png", dpi=130)
    found = ks.course("esketamine 84 mg intranasal twice weekly for 4 weeks", seed=1)
    draw_mood(found).savefig(folder / "course.png", dpi=130)


if __name__ == "__main__":
    main()
