"""What a plan leaves open: steps that no source gives, or none that was read for this place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ketascope.safety.plan_data import Step, Way, What, plan_data
from ketascope.safety.session_rules import limit_before, readiness_rules

WHAT: Final[dict[What, str]] = {
    "preparation": "preparation",
    "reading": "readings",
    "staff": "people on site",
    "equipment": "equipment",
    "form": "forms",
    "check": "checks",
    "aftercare": "what to do afterwards",
}
EXPECTED: Final[tuple[What, ...]] = (
    "preparation", "reading", "staff", "equipment", "check", "aftercare",
)  # fmt: skip
"""What a plan is expected to hold for every way of giving; forms are of some places only."""


def open_points(ways: Sequence[Way], jurisdiction: str, country: str) -> tuple[str, ...]:
    """Return what no source answers, in sentences.

    Parameters
    ----------
    ways : sequence of Way
        In which the regimen gives drugs.
    jurisdiction, country : str
    """
    told: dict[str, None] = {}
    for way in ways:
        told |= dict.fromkeys(_of_way(way, jurisdiction))
    licensed = {Way(r.drug, r.route, r.form) for r in readiness_rules()}
    for item in plan_data().looked_for:
        if item.device or not licensed.issuperset(ways):
            told[f"{item.what[0].upper()}{item.what[1:]}: {item.found}."] = None
    lines = [line for line in plan_data().help_lines if line.country == country]
    if all(line.emergency for line in lines):
        told[f"A line for talking in {country.upper()}: none was read; give the local one."] = None
    return tuple(told)


def _of_way(way: Way, jurisdiction: str) -> list[str]:
    place = jurisdiction.upper()
    steps = [step for step in plan_data().steps if step.is_of(way)]
    here = [step for step in steps if step.applies(way, jurisdiction)]
    told = []
    missing = [what for what in EXPECTED if not any(step.what == what for step in here)]
    if missing:
        names = ", ".join(WHAT[what] for what in missing)
        told.append(f"{way.words[0].upper()}{way.words[1:]}, {names}: no source was read for "
                    f"{place}; the site decides.")  # fmt: skip
    told += _elsewhere(way, [step for step in steps if step not in here], place)
    if not limit_before(drug=way.drug, jurisdiction=jurisdiction):
        told.append(f"A limit of pressure before {way.drug}: none was read for {place}.")
    return told


def _elsewhere(way: Way, others: Sequence[Step], place: str) -> list[str]:
    """What is asked for in other places, and was not read for this one."""
    by_place: dict[str, list[str]] = {}
    for step in others:
        name = WHAT.get(step.what, step.what)
        if step.reads:
            name += f" of {' and '.join(step.reads)}"
        by_place.setdefault(", ".join(step.jurisdictions).upper(), []).append(name)
    return [
        f"{way.words[0].upper()}{way.words[1:]}: asked for in {elsewhere} and not read for "
        f"{place}: {', '.join(dict.fromkeys(names))}."
        for elsewhere, names in by_place.items()
    ]
