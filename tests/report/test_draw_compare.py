"""The figure of a comparison: its key shows each arm as it is drawn."""

from __future__ import annotations

import numpy as np

from ketascope.report.draw_compare import ARMS, DASHES, Panel, draw_compare


def test_the_key_has_the_colour_and_the_dashes_of_each_arm() -> None:
    times = np.linspace(0, 6, 7)
    curves = tuple((k, times, np.full((3, 7), 1.0 + k)) for k in range(4))
    figure = draw_compare([Panel("Plasma", "ng/mL", "hours", curves)], list("ABCD"), "wide")
    (ax,) = figure.axes
    drawn = [line for line in ax.lines if len(line.get_xdata()) == 7]
    key = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [line.get_color() for line in key] == list(ARMS[:4])
    assert len(key) == len(drawn) == len({str(d) for d in DASHES[:4]})
    for shown, curve in zip(key, drawn, strict=True):
        assert shown.get_color() == curve.get_color()
        assert shown.get_linestyle() == curve.get_linestyle()
        assert shown.get_linewidth() == curve.get_linewidth()
        assert shown._dash_pattern == curve._dash_pattern  # type: ignore[attr-defined]
