"""Figures of a simulation, ready for a page or a paper.

Each function returns a :class:`matplotlib.figure.Figure` made without pyplot and without changing
any global setting; ``figure.savefig("exposure.svg")`` writes it.

>>> import ketascope as ks
>>> result = ks.simulate("esketamine 84 mg intranasal once", people=20, seed=1)
>>> figure = ks.plot.exposure(result, width="narrow")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ketascope.report import curves
from ketascope.report.course import sessions_of, start_of
from ketascope.report.draw_calendar import draw_calendar
from ketascope.report.draw_course import draw_course
from ketascope.report.draw_exposure import draw_exposure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from ketascope.report.style import Width

__all__ = ["calendar", "course", "exposure"]


def exposure(
    result: xr.Dataset,
    *,
    analytes: Iterable[str] | None = None,
    session: int = 0,
    hours: float | None = None,
    width: Width = "wide",
    alternatives: Sequence[xr.Dataset] | None = None,
) -> Figure:
    """Draw plasma concentrations of one session: median, 50 % and 90 % of people.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.
    analytes : iterable of str, optional
        All of the result's by default; one panel each.
    session : int
        Zero-based; -1 is the last.
    hours : float, optional
        How long after the start of the session; by default until the median of the first analyte
        has fallen to a tenth of its peak and that of the others to half, at most 24 h.
    width : {"wide", "narrow"}
        7.5 or 3.55 inches across.
    alternatives : sequence of Dataset, optional
        Runs of other models for the same regimen, drawn as thin lines. Where the result has no
        spread between people, the band between the lowest and the highest model is shaded.

    Raises
    ------
    InputError
        For an analyte or a session that the result does not have.
    """
    data = curves.session_curves(result, session, hours, analytes, alternatives)
    return draw_exposure(data, width)


def course(
    result: xr.Dataset, *, analytes: Iterable[str] | None = None, width: Width = "wide"
) -> Figure:
    """Draw the whole course: curves, or for many sessions the highest concentration of each.

    The axis of curves is logarithmic, from the highest concentration down to a thousandth of it,
    unless the drug builds up or is infused for days; parameters as in :func:`exposure`.
    """
    return draw_course(curves.course(result, analytes), sessions_of(result), width)


def calendar(result: xr.Dataset, *, width: Width = "wide") -> Figure:
    """Draw the days of a course: a row a week, a column a day, the dose in each marked cell.

    In courses of more than 60 weeks, weeks that are alike share a row.
    """
    return draw_calendar(sessions_of(result), width, start_of(result))
