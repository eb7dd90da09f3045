"""Regimens: words or files in, every administration in time out.

``parse_regimen`` reads the regimen language, ``load_regimen`` also label names and YAML files;
``schedule`` lays a regimen out in time; ``check`` refuses doses beyond sourced upper bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketascope.dosing.labels import Label, labels
from ketascope.dosing.language import RegimenError, parse_dose, parse_minutes, parse_regimen
from ketascope.dosing.rhythm import Extent, Frequency
from ketascope.dosing.schedule import (
    Administration,
    RegimenLike,
    Schedule,
    Session,
    schedule,
)
from ketascope.dosing.values import (
    DRUGS,
    ROUTES,
    Amount,
    Component,
    Drug,
    Form,
    Phase,
    Rate,
    Regimen,
    Route,
)

if TYPE_CHECKING:
    from ketascope.dosing.bounds import Bound, check, upper_bounds
    from ketascope.dosing.load import find_label, load_regimen
    from ketascope.dosing.regimen_file import ListedRegimen, read_regimen_file

__all__ = [
    "DRUGS",
    "ROUTES",
    "Administration",
    "Amount",
    "Bound",
    "Component",
    "Drug",
    "Extent",
    "Form",
    "Frequency",
    "Label",
    "ListedRegimen",
    "Phase",
    "Rate",
    "Regimen",
    "RegimenError",
    "RegimenLike",
    "Route",
    "Schedule",
    "Session",
    "check",
    "find_label",
    "labels",
    "load_regimen",
    "parse_dose",
    "parse_minutes",
    "parse_regimen",
    "read_regimen_file",
    "schedule",
    "upper_bounds",
]

# The rest is imported at first use. None of these names may be a module's, or the module would
# hide it; `labels` and `schedule` are both, and are safe because they are imported above.
_LATER = {
    "Bound": "bounds",
    "upper_bounds": "bounds",
    "check": "bounds",
    "load_regimen": "load",
    "find_label": "load",
    "ListedRegimen": "regimen_file",
    "read_regimen_file": "regimen_file",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value
