"""The figures: nothing clipped, nothing on top of another, nothing global changed."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, product
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import ketascope as ks
from ketascope.report import plot
from ketascope.report.curves import Curves, Peaks, course, session_curves, visible
from ketascope.report.style import INCHES, Width

WIDTHS: tuple[Width, Width] = ("wide", "narrow")
NAMES = ("course", "once", "infusions", "film", "year", "daily", "long")


def texts(figure: Figure) -> list[tuple[str, Any]]:
    """Visible texts with their boxes in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip():
            found.append((text.get_text(), text.get_window_extent(renderer)))
    return found


def ticks_out_of_sight(figure: Figure) -> set[int]:
    return {
        id(label)
        for ax in figure.axes
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim()))
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
        if not min(limits) - 1e-9 <= tick.get_loc() <= max(limits) + 1e-9
    }


def check(figure: Figure, words: str) -> None:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    hidden = ticks_out_of_sight(figure)
    renderer = canvas.get_renderer()
    shown = [
        (t.get_text(), t.get_window_extent(renderer))
        for t in figure.findobj(Text)
        if isinstance(t, Text) and t.get_visible() and t.get_text().strip() and id(t) not in hidden
    ]
    wide, high = figure.get_size_inches() * figure.dpi
    for text, box in shown:
        inside = box.x0 >= -0.5 and box.y0 >= -0.5 and box.x1 <= wide + 0.5 and box.y1 <= high + 0.5
        assert inside, f"{words}: '{text}' is clipped"
    for (one, a), (two, b) in combinations(shown, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(across, down) < 1.0, f"{words}: '{one}' and '{two}' overlap"


@pytest.mark.parametrize(("name", "width"), list(product(NAMES, WIDTHS)))
def test_texts_are_whole_and_apart(
    name: str, width: Width, results: dict[str, xr.Dataset], others: list[xr.Dataset]
) -> None:
    result = results[name]
    alternatives = others if name == "infusions" else None
    exposure = plot.exposure(result, width=width, alternatives=alternatives)
    check(exposure, f"exposure {name} {width}")
    check(plot.course(result, width=width), f"course {name} {width}")
    check(plot.calendar(result, width=width), f"calendar {name} {width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_has_its_width_a_panel_an_analyte_and_its_unit(
    width: Width, results: dict[str, xr.Dataset]
) -> None:
    figure = plot.exposure(results["film"], width=width)
    assert figure.get_size_inches()[0] == INCHES[width]
    assert [ax.get_label() for ax in figure.axes] == [
        "esketamine", "esnorketamine", "eshydroxynorketamine",
    ]  # fmt: skip
    words = [text for text, _ in texts(figure)]
    assert words.count("ng/mL in arterial plasma") == 3
    assert "hours after the dose" in words


def test_analytes_session_and_hours_can_be_chosen(results: dict[str, xr.Dataset]) -> None:
    figure = plot.exposure(results["course"], analytes=["esnorketamine"], session=-1, hours=3)
    (ax,) = figure.axes
    assert ax.get_xlim() == (0, 3)
    assert "3 devices" in [text for text, _ in texts(figure)]
    with pytest.raises(ks.InputError, match="no analyte 'morphine'"):
        plot.exposure(results["course"], analytes=["morphine"])
    with pytest.raises(ks.InputError, match="no session 99"):
        plot.exposure(results["course"], session=98)


def test_bands_are_the_quantiles_of_the_people(results: dict[str, xr.Dataset]) -> None:
    result = results["course"]
    data = session_curves(result, hours=4)
    at = int(np.searchsorted(result["time"], 1.0))
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    expected = np.quantile(result["esketamine"].to_numpy()[:, at], levels)
    here = int(np.searchsorted(data.times, 1.0))
    np.testing.assert_allclose(data.bands["esketamine"][:, here], expected, rtol=1e-12)
    assert data.spread


def test_one_person_and_people_who_do_not_differ_have_a_line_and_no_band(
    results: dict[str, xr.Dataset],
) -> None:
    assert not session_curves(results["once"]).spread
    same = ks.simulate(ks.parse_regimen("ketamine 0.5 mg/kg iv over 40 min once"), n=20, seed=1)
    data = session_curves(same)
    assert not data.spread
    (ax,) = plot.exposure(same).axes
    assert not ax.collections


def test_the_spread_between_models_is_shaded_where_people_do_not_differ(
    results: dict[str, xr.Dataset], others: list[xr.Dataset]
) -> None:
    figure = plot.exposure(results["infusions"], alternatives=others)
    words = [text for text, _ in texts(figure)]
    assert "spread between models" in words
    assert "Domino 1984" in words
    assert any(word.endswith("(this report)") for word in words)
    assert len(figure.axes[0].collections) == 1


def test_many_sessions_are_shown_by_their_peaks(results: dict[str, xr.Dataset]) -> None:
    data = course(results["year"])
    assert isinstance(data, Peaks)
    assert data.times.size == 56
    result = results["year"]
    first = result["time"].to_numpy() < 72
    expected = np.median(result["esketamine"].to_numpy()[:, first].max(axis=1))
    np.testing.assert_allclose(data.peaks["esketamine"][2, 0], expected, rtol=1e-12)


def test_what_is_drawn_of_a_course_keeps_its_peaks(results: dict[str, xr.Dataset]) -> None:
    result = results["course"]
    data = course(result)
    assert isinstance(data, Curves)
    assert data.times.size < result.sizes["time"]
    median = np.median(result["esketamine"].to_numpy(), axis=0)
    assert data.bands["esketamine"][2].max() == pytest.approx(median.max(), rel=1e-12)


def test_few_times_are_all_kept() -> None:
    times = np.linspace(0, 24, 100)
    assert visible(times, [np.sin(times)], [0.0]).size == 100


def test_a_course_is_linear_only_where_drug_is_left(results: dict[str, xr.Dataset]) -> None:
    assert plot.course(results["course"]).axes[0].get_yscale() == "log"
    assert plot.course(results["long"]).axes[0].get_yscale() == "linear"


def test_the_calendar_says_each_dose_on_its_day(results: dict[str, xr.Dataset]) -> None:
    words = [text for text, _ in texts(plot.calendar(results["course"]))]
    assert words.count("56") == 8
    assert words.count("84") == 4
    assert "8" in words
    assert "day of the week of treatment; doses in mg" in words


def test_alike_weeks_share_a_row_in_very_long_courses() -> None:
    regimen = ks.parse_regimen("esketamine 84 mg intranasal weekly for 100 weeks")
    result = ks.simulate(regimen, times=[0, 1, 2])
    words = [text for text, _ in texts(plot.calendar(result))]
    assert "1–100" in words
    assert words.count("84") == 1


def test_two_doses_a_day_share_a_cell() -> None:
    regimen = ks.parse_regimen("ketamine 10 mg iv bolus every 12 hours for 2 days")
    words = [text for text, _ in texts(plot.calendar(ks.simulate(regimen)))]
    assert words.count("2 × 10") == 2


def test_drawing_changes_no_setting_and_loads_no_pyplot() -> None:
    code = (
        "import sys, ketascope as ks\n"
        "import matplotlib as mpl\n"
        "before = dict(mpl.rcParams)\n"
        "r = ks.simulate(ks.parse_regimen('esketamine 84 mg intranasal once'))\n"
        "ks.make_report(r)\n"
        "assert dict(mpl.rcParams) == before\n"
        "loaded = [m for m in ('matplotlib.pyplot', 'seaborn') if m in sys.modules]\n"
        "print(loaded, end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]", done.stderr
    assert mpl.__version__
