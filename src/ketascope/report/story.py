"""What follows exposure in a report: effects, readiness, course, reactions, long term, others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ketascope.report.acute import acute_section
from ketascope.report.long_term import long_term_section
from ketascope.report.reactions import reactions_section
from ketascope.report.section import Section
from ketascope.report.treatments import treatments_section

if TYPE_CHECKING:
    import xarray as xr

Builder = Callable[["xr.Dataset", Mapping[str, float]], Section]
BUILDERS: tuple[Builder, ...] = (
    acute_section,
    reactions_section,
    long_term_section,
    treatments_section,
)
"""In the order of the page; each takes the result and what else is known of the people."""


def story(result: xr.Dataset, settings: Mapping[str, float] | None = None) -> tuple[Section, ...]:
    """Return the sections that follow exposure, in the order of the page.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.
    settings : mapping, optional
        As in :func:`ketascope.acute_effects`.
    """
    return tuple(build(result, dict(settings or {})) for build in BUILDERS)
