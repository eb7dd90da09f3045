"""The report: figures, the one-file HTML page and the data behind it.

``make_report`` returns the page as text, ``report_data`` what it says as plain values, and
``plot`` has the figures on their own. All are imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ketascope.report.plot as plot
    from ketascope.report.data import report_data
    from ketascope.report.page import make_report

__all__ = ["make_report", "plot", "report_data"]

_HOMES = {"make_report": "page", "report_data": "data"}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "plot":
        return import_module(f"{__name__}.plot")
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
