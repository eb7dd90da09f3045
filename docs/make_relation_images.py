"""Draw the pictures of effects by published relations that the documentation shows.

python docs/make_relation_images.py
"""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import ketascope as ks
from ketascope.effects.acute import acute_effects
from ketascope.effects.breathing import spread_of_quartiles
from ketascope.evidence.markers import marker
from ketascope.evidence.published import published
from ketascope.patients import Patient

BLUE, BROWN, GREEN, GREY, INK = "#0b5394", "#9c4a00", "#00664f", "#8a8a8a", "#1f1f1f"
FOLDER = Path(__file__).parent / "images"
PEOPLE = 400
LEVELS = (0.05, 0.5, 0.95)


def new(columns: int) -> tuple[Figure, Any]:
    """Return a figure with a row of panels."""
    mpl.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure = Figure(figsize=(3.45 * columns, 3.3), layout="constrained")
    return figure, figure.subplots(1, columns)


def save(figure: Figure, name: str) -> None:
    """Write docs/images/NAME.png."""
    figure.savefig(FOLDER / f"{name}.png", dpi=160, facecolor="white")


def label(axes: Axes, title: str, x: str, y: str) -> None:
    """Give a panel its words."""
    axes.set_title(title, loc="left", fontsize=9.5, color=INK)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#ececec", linewidth=0.8)
    axes.set_axisbelow(True)


def course(axes: Axes, found: Any, name: str, colour: str, words: str) -> None:
    """Draw the middle and 5 to 95 % of people over hours."""
    values = found[name].transpose("subject", "time").to_numpy()
    low, middle, high = np.quantile(values, LEVELS, axis=0)
    hours = found["time"].to_numpy()
    axes.fill_between(hours, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(hours, middle, color=colour, label=words)


def perception_and_pain() -> None:
    """Multiples of half-effects, the pain model, and the lines of Bowdle 1998."""
    figure, (left, middle, right) = new(3)
    hours = np.arange(0.0, 6.01, 1 / 60)
    film = ks.simulate("esketamine 50 mg sublingual film once", PEOPLE, seed=1, times=hours)
    found = acute_effects(film, names=["drug_high", "antinociception"])
    course(left, found, "drug_high", BLUE, "drug high")
    course(left, found, "antinociception", GREEN, "relief of pain")
    left.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    left.legend(frameon=False)
    label(left, "Esketamine 50 mg, oral film", "h", "times the concentration of half the effect")

    drip = ks.simulate(
        "esketamine 20 mg iv over 60 min once", PEOPLE, seed=1, times=hours, model="simons_2022"
    )
    course(middle, acute_effects(drip, names=["pain_change"]), "pain_change", BLUE, "")
    middle.axhline(0.0, color=GREY, linewidth=0.8, linestyle=":")
    label(middle, "Esketamine 20 mg IV over 60 min", "h", "change of pain, cm of 10")

    level = np.asarray([0.0, 200.0])
    for name, words in (("strongest", "scale that changed most"), ("mildest", "least of ten")):
        size = marker(f"bowdle_{name}")
        right.plot(level, 100 * size.slope * level, color=BROWN)
        right.plot([200.0], [100 * size.number], "o", color=BROWN)
        right.annotate(words, (118, 100 * size.slope * 118), rotation=32 if name == "strongest" else
                       14, ha="center", va="bottom", color=BROWN, fontsize=8)  # fmt: skip
    right.plot([50, 100, 150, 200], [1.5] * 4, "|", color=INK, markersize=8)
    right.set_xlim(0, 215)
    right.set_ylim(0, 100)
    label(right, "Racemate, levels held", "venous ketamine, ng/mL", "% of the scale")
    save(figure, "perception-and-analgesia")


def consciousness() -> None:
    """Concentrations at recovery and anaesthesia, and sedation of children beside what lasted."""
    figure, (left, right) = new(2)
    rows = (
        ("recovery, quoted", 0.74, 0.24, BLUE),
        ("recovery, Idvall 1979", 2.7 * 0.23773, 0.9 * 0.23773, GREY),
        ("anaesthesia, quoted", 2.0, 0.5, BLUE),
        ("kept with N2O, Idvall 1979", 9.3 * 0.23773, 0.8 * 0.23773, GREY),
        ("S-ketamine kept, Långsjö 2005", 1.959, 0.442, GREEN),
    )
    for k, (words, mean, sd, colour) in enumerate(rows):
        left.errorbar([mean], [-k], xerr=[[sd], [sd]], fmt="o", color=colour, capsize=3)
        left.text(0.02, -k + 0.18, words, fontsize=8, color=colour)
    left.set_yticks([])
    left.set_xlim(0, 3)
    left.set_ylim(-4.5, 0.7)
    label(left, "Adults: mean and SD", "mg/L", "")

    hours = np.arange(0.0, 1.501, 1 / 120)
    child = Patient.of({"age": 10, "weight": 35})
    lasted = {
        value.conditions.regimen: value
        for value in published()
        if value.study == "kannikeswaran_2016"
    }
    for k, (dose, colour) in enumerate(((1, GREEN), (1.5, BLUE), (2, BROWN))):
        regimen = f"ketamine {dose:g} mg/kg iv bolus once"
        result = ks.simulate(regimen, child, n=PEOPLE, seed=1, times=hours, model="herd_2007")
        values = acute_effects(result, names=["child_sedation"])["child_sedation"]
        middle = np.median(values.transpose("subject", "time").to_numpy(), axis=0)
        right.plot(60 * hours, middle, color=colour, label=f"{dose:g} mg/kg")
        value = lasted[regimen]
        low, high = value.interval
        right.errorbar(
            [value.value], [4.25 + 0.2 * k], xerr=[[value.value - low], [high - value.value]],
            fmt="o", color=colour, capsize=3, markersize=4,
        )  # fmt: skip
    right.axhline(4.0, color=GREY, linewidth=0.8, linestyle=":")
    right.set_ylim(0, 5.1)
    right.legend(frameon=False, loc="lower right")
    label(
        right, "Child of 10 years, middle of 400", "min after the bolus", "5 awake, 0 unresponsive"
    )
    save(figure, "consciousness")


def breathing() -> None:
    """How far remifentanil is countered, and what breathing did without an opioid."""
    figure, (left, right) = new(2)
    known = marker("jonkman_opioid_c100")
    spread = spread_of_quartiles(*known.ends("ng/mL"))
    level = np.linspace(0.0, 250.0, 101)
    for z, alpha in ((1.6449, 0.15), (0.67449, 0.25)):
        ends = [1 + level / (known.number * np.exp(s * spread)) for s in (z, -z)]
        left.fill_between(level, *ends, color=BLUE, alpha=alpha, linewidth=0)
    left.plot(level, 1 + level / known.number, color=BLUE)
    left.plot([known.number], [2.0], "o", color=BLUE)
    left.set_ylim(1, 5)
    label(left, "With remifentanil", "S-ketamine, ng/mL", "remifentanil for the same loss, times")

    shown = {
        "esketamine to 1 mg/kg\nover 3 h (Jansen 2024)": (3.1, 0.7, 0.6, BLUE),
        "racemate 1.1 mg/kg in\nboluses (Bourke 1987)": (-4.9, 1.1, 1.1, BROWN),
    }
    for k, (words, (value, below, above, colour)) in enumerate(shown.items()):
        right.errorbar([k], [value], yerr=[[below], [above]], fmt="o", color=colour, capsize=3)
        # each in its own half, above and below nought, so that they do not meet
        right.text(k, 1.2 if value > 0 else -2.6, words, ha="center", fontsize=7.5, color=colour)
    right.axhline(0.0, color=GREY, linewidth=0.8, linestyle=":")
    right.set_xlim(-0.7, 1.7)
    right.set_ylim(-7.6, 4.5)
    right.set_xticks([])
    label(right, "Measured without an opioid", "", "change of ventilation, L/min")
    save(figure, "breathing")


if __name__ == "__main__":
    perception_and_pain()
    consciousness()
    breathing()
