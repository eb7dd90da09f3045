"""The figure of receptor block: everything in sight, nothing on top of another, gaps named."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import ketascope as ks
from ketascope.effects import memantine_reference, occupancy
from ketascope.errors import InputError
from ketascope.report.draw_receptors import SITES, SUBTYPES, draw_receptors

NAMES = [*SUBTYPES, *SITES]
REGIMENS = {
    "Esketamine 84 mg, nasal": "esketamine 84 mg intranasal once",
    "Ketamine 0.5 mg/kg, 40 min IV": "ketamine 0.5 mg/kg iv over 40 min once",
}


@pytest.fixture(scope="module")
def results() -> dict[str, xr.Dataset]:
    return {name: ks.simulate(words, people=20, seed=1) for name, words in REGIMENS.items()}


def drawn(results: dict[str, xr.Dataset], **arguments: Any) -> Figure:
    courses = {
        name: occupancy(result, targets=NAMES, **arguments) for name, result in results.items()
    }
    return draw_receptors(courses, memantine_reference(targets=NAMES))


def texts(figure: Figure) -> dict[str, Any]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    return {
        f"{k} {text.get_text()}": text.get_window_extent(canvas.get_renderer())
        for k, text in enumerate(found)
        if text.get_visible() and text.get_text().strip()
    }


def test_all_words_are_in_sight_and_apart(results: dict[str, xr.Dataset]) -> None:
    figure = drawn(results, unchecked=SUBTYPES, derived=True)
    boxes = texts(figure)
    wide, high = figure.get_size_inches() * figure.dpi
    for words, box in boxes.items():
        assert box.x0 >= 0, words
        assert box.x1 <= wide, words
        assert box.y0 >= 0, words
        assert box.y1 <= high, words
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        assert not a.overlaps(b), (one, other)


def test_the_foot_says_what_the_lines_rest_on(results: dict[str, xr.Dataset]) -> None:
    asked = " ".join(texts(drawn(results, unchecked=SUBTYPES, derived=True)))
    foot = " ".join(asked.split())
    assert "not checked against the paper" in foot
    assert "esketamine worked out from the racemate" in foot
    assert "Ketamine: its model knows no spread between people" in foot


def test_gaps_are_named_and_not_drawn(results: dict[str, xr.Dataset]) -> None:
    figure = drawn(results)
    words = " ".join(texts(figure))
    assert "not predicted: GluN2C, GluN2D, GluN2B, GluN2A" in words
    assert "not checked against the paper" not in words
    lines = [len(ax.lines) for ax in figure.axes]
    # esketamine, ketamine and memantine; subtypes above, the channel site below
    assert lines == [0, 0, 4, 1, 2, 1]


def test_values_that_were_not_checked_are_dashed(results: dict[str, xr.Dataset]) -> None:
    figure = drawn(results, unchecked=SUBTYPES, derived=True)
    styles = [[line.get_linestyle() for line in ax.lines] for ax in figure.axes]
    assert styles[0] == styles[1] == ["--"] * 4
    assert styles[3] == ["-", "--"]  # the second worked out for esketamine
    assert styles[4] == ["-", "-"]


def test_no_course_or_too_many_are_refused(results: dict[str, xr.Dataset]) -> None:
    with pytest.raises(InputError, match="0 courses"):
        draw_receptors({}, memantine_reference())
