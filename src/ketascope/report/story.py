"""What follows exposure in a report: effects, readiness, course, reactions, long term, others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ketascope.report.acute import acute_section
from ketascope.report.curves import few
from ketascope.report.long_term import long_term_section
from ketascope.report.mood import mood_section
from ketascope.report.reactions import reactions_section
from ketascope.report.readiness import readiness_section
from ketascope.report.section import Section, of_few
from ketascope.report.treatments import treatments_section

if TYPE_CHECKING:
    import xarray as xr


def story(
    result: xr.Dataset,
    settings: Mapping[str, float] | None = None,
    *,
    contrasts: bool = False,
) -> tuple[Section, ...]:
    """Return the sections that follow exposure, in the order of the page.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.
    settings : mapping, optional
        As in :func:`ketascope.acute_effects`.
    contrasts : bool
        Whether readiness is simulated again with age, dose and route changed.
    """
    told = dict(settings or {})
    mine = [
        acute_section(result, told),
        readiness_section(result, told, contrasts=contrasts),
    ]
    if few(result.sizes["subject"]):
        mine = [_of_few(section) for section in mine]
    return (
        *mine,
        mood_section(result, told),
        reactions_section(result, told),
        long_term_section(result, told),
        treatments_section(result, told),
    )


def _of_few(section: Section) -> Section:
    """The section without quantiles in its words."""
    picture = section.picture
    return replace(
        section,
        lead=tuple(map(of_few, section.lead)),
        picture=picture and replace(picture, caption=of_few(picture.caption)),
        tables=tuple(replace(t, caption=of_few(t.caption)) for t in section.tables),
        tiles=tuple(
            replace(t, lines=tuple((of_few(name), value) for name, value in t.lines))
            for t in section.tiles
        ),
    )
