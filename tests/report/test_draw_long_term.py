"""The strip of grams: all words in sight and apart, bars where the numbers say."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from ketascope.effects.long_term import long_term
from ketascope.report.draw_long_term import draw_long_term
from ketascope.report.style import Width

REGIMENS = (
    "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks",
    "esketamine 84 mg intranasal once",
    "ketamine 400 mg oral daily for 52 weeks",
)


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("words", REGIMENS)
def test_all_words_are_in_sight_and_apart(words: str, width: Width) -> None:
    figure = draw_long_term(long_term(words, n=50), width)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    wide, high = figure.get_size_inches() * figure.dpi
    boxes = []
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip():
            boxes.append((text.get_text(), text.get_window_extent(canvas.get_renderer())))
    for said, box in boxes:
        assert box.x0 >= 0, said
        assert box.x1 <= wide, said
        assert box.y0 >= 0, said
        assert box.y1 <= high, said
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not a.overlaps(b), (one, other)


def test_bars_lie_where_the_numbers_say() -> None:
    found = long_term(REGIMENS[0], n=50)
    ax = draw_long_term(found).axes[0]
    ends = [tuple(float(x) for x in line.get_xdata()) for line in ax.lines]
    month = found["course"]["month"]
    assert ends[0] == (month["q05"], month["q95"])
    groups = sorted(found["groups"], key=lambda g: (g["misuse"], g["low"]))
    for end, group in zip(ends[1:], groups, strict=True):
        assert end[0] == group["low"]
        assert end[-1] == group["high"]
    assert ax.get_xscale() == "log"
