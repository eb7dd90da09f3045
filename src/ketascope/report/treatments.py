"""The section of other treatments: what trials found, with numbers needed and how they compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ketascope.effects.other_treatments import report_other_treatments
from ketascope.evidence import source
from ketascope.report.section import Section, Table

if TYPE_CHECKING:
    import xarray as xr


def treatments_section(result: xr.Dataset, settings: Mapping[str, float]) -> Section:
    """Return the section; it is the same for every course."""
    del result, settings
    found = report_other_treatments()
    kinds = dict.fromkeys(trial["kind"] for trial in found["trials"])
    return Section(
        "other_treatments",
        found["title"],
        lead=tuple(found["text"]),
        tables=tuple(
            _table(kind, [trial for trial in found["trials"] if trial["kind"] == kind])
            for kind in kinds
        ),
        more=(
            ("How far they can be compared", tuple(
                f"{trial['title']}: {' '.join(trial['comparable'])}" for trial in found["trials"]
            )),
        ),
        sources=tuple(found["sources"]),
        data=found,
    )  # fmt: skip


def _table(kind: str, trials: list[dict[str, Any]]) -> Table:
    rows = [row for trial in trials for row in _rows(trial)]
    return Table(
        f"{kind[0].upper()}{kind[1:]} trials",
        ("Trial", "Outcome", "First", "Other", "Difference", "Needed to treat"),
        tuple(rows),
        notes=("A share marked * was not checked at its source.",) if any(
            "*" in cell for row in rows for cell in row
        ) else (),
    )  # fmt: skip


def _rows(trial: dict[str, Any]) -> list[tuple[str, ...]]:
    """A row an outcome; the trial and its arms stand in the first."""
    rows: list[tuple[str, ...]] = []
    for outcome in trial["outcomes"]:
        shares = [_share(arm, checked=outcome["checked"]) for arm in outcome["arms"][:2]]
        shares += ["–"] * (2 - len(shares))
        week = "" if outcome["week"] is None else f", week {outcome['week']:g}"
        rows.append(
            (
                _name(trial) if not rows else "",
                f"{outcome['what']}{week}",
                *shares,
                _difference(outcome["difference"]),
                outcome["needed_to_treat"]["text"] if outcome["needed_to_treat"] else "–",
            )
        )
    for one in trial["pooled"]:
        nnt = "–" if one["nnt"] is None else f"{one['nnt']:g}, as printed"
        name = _name(trial) if not rows else ""
        rows.append((name, one["what"], _pooled(one), "–", "–", nnt))
    return rows


def _name(trial: dict[str, Any]) -> str:
    arms = " against ".join(trial["arms"].values()) if trial["arms"] else trial["treatment"]
    return f"{trial['title']}: {arms}; {trial['masking']} ({source(trial['source']).short})"


def _share(arm: dict[str, Any], *, checked: bool) -> str:
    mark = "" if checked else "*"
    if arm["share"] is None:
        return "–"
    text = f"{100 * arm['share']:.0f} %{mark}"
    if arm["count"] is not None:
        text += f" ({arm['count']}/{arm['n']})"
    return text


def _difference(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    text = f"{100 * found['value']:+.0f} points"
    if found["low"] is not None:
        text += f" ({100 * found['low']:+.0f} to {100 * found['high']:+.0f})"
    return text.replace("-", "\u2212")


def _pooled(one: dict[str, Any]) -> str:
    text = f"{one['measure']} {one['value']:g}"
    if one.get("low") is not None:
        text += f" ({one['low']:g} to {one['high']:g})"
    return text if one.get("checked", True) else f"{text}*"
