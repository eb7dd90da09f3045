"""How cost grows with people, doses and times (``python -m benchmarks --growth``).

Run as a module it measures, and prints one JSON line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import child, ours
from benchmarks.people import drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/images/growth.png"
RESULT = Path(__file__).parent / "results/growth.json"
LAST = 672.0
"""Hours of the course, four weeks."""
BASE = {"people": 1_000, "doses": 8, "times": 673}
SWEEPS = {
    "people": (100, 300, 1_000, 3_000, 10_000, 30_000),
    "doses": (1, 2, 4, 8, 16, 32, 64),
    "times": (85, 169, 337, 673, 1_345, 2_689),
}
QUICK = {name: counts[:3] for name, counts in SWEEPS.items()}
PANELS = {
    "people": "people",
    "doses": "infusions in four weeks",
    "times": "times at which every state is given",
}


def seconds(people: int, doses: int, times: int, runs: int) -> float:
    """Median of warm runs of every state of some people; values are taken and let go."""
    clearance, volume, _ = drawn(people)
    starts = np.arange(doses) * (LAST / doses)
    call, _ = ours.runner(
        ours.benchmark_model(),
        ours.infusions([float(start) for start in starts]),
        np.linspace(0.0, LAST, times),
        clearance,
        volume,
    )
    taken = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        call(lambda first, values: None)
        taken.append(time.perf_counter() - begin)
    return median(taken[1:])


def main() -> None:
    """Measure each sweep from the same middle."""
    from benchmarks.timed import arguments, tell

    given = arguments()
    quick = given.people < BASE["people"]
    sweeps = QUICK if quick else SWEEPS
    base = {**BASE, "people": given.people}
    points = {
        name: [[count, seconds(**{**base, name: count}, runs=given.runs)] for count in counts]
        for name, counts in sweeps.items()
    }
    tell({"base": base, "cores": given.cores, "points": points})


def measure(quick: bool) -> dict[str, Any]:
    """Measure in a process of its own, draw, and keep both unless it was quick."""
    people = BASE["people"] // 10 if quick else BASE["people"]
    found, _ = child.worker("growth", "--people", people, "--runs", 1 if quick else 5)
    if not quick:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        draw(found, PICTURE)
    return found


def kept() -> dict[str, Any] | None:
    """The last measurement that was kept, if there is one and its picture."""
    if not RESULT.exists() or not PICTURE.exists():
        return None
    found: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return found


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw a panel for each sweep, both axes logarithmic, beside a line of proportional cost."""
    from ketascope.report import style

    height, left, wide, gap = 2.6, 0.5, 2.0, 0.42
    figure = style.canvas("wide", height)
    panels = []
    for k, (name, words) in enumerate(PANELS.items()):
        box = style.Box(left + k * (wide + gap), 0.5, wide, height - 0.95)
        panels.append(style.axes(figure, box, name))
        _panel(panels[-1], found["points"][name], words, found["base"][name])
    least = min(ax.get_ylim()[0] for ax in panels)
    most = max(ax.get_ylim()[1] for ax in panels)
    for ax in panels:
        ax.set_ylim(least, most)
    style.note(panels[0], "seconds", (0, 1), shift=(-4, 8), coords="axes fraction")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=160, facecolor="white")


def _panel(ax: Axes, points: Sequence[Sequence[float]], words: str, base: float) -> None:
    from ketascope.report import style

    count, taken = np.array(points).T
    colour = style.HUES["ketamine"]
    middle = taken[np.argmin(np.abs(count - base))]
    ax.plot(count, middle * count / base, color=style.RULE, lw=1.0)
    ax.plot(count, taken, color=colour, lw=1.4, marker="o", ms=3.5)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.minorticks_off()
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    style.note(ax, words, (0.5, 0), shift=(0, -26), ha="center", coords="axes fraction")


def described(found: Mapping[str, Any]) -> str:
    """What the picture shows, in one sentence."""
    base = found["base"]
    return (
        f"Seconds of a warm run of full28d's model on {found['cores']} cores, all eight states, as "
        f"one thing changes from {base['people']:,} people, {base['doses']} infusions in four weeks"
        f" and {base['times']} times; grey: in proportion."
    )


if __name__ == "__main__":
    main()
