"""The cases of four weeks: every state of everybody, and quantiles over people alone."""

from __future__ import annotations

import importlib.util
from statistics import median
from typing import Any

from benchmarks import child
from benchmarks.people import PEOPLE
from benchmarks.rows import Row, Target

OURS = "ketascope"
PEERS = (
    # program, package, module, people in a full run, tolerance, target
    ("libroadrunner", "roadrunner", "roadrunner28d", 500, None,
     (Target("ratio", 110.0, at_least=True),)),
    ("libroadrunner", "roadrunner", "roadrunner28d", 200, 1e-8, ()),
    ("SciPy LSODA", "scipy", "scipy28d", 50, 1e-6, ()),
    ("Diffrax Tsit5", "diffrax", "diffrax28d", 1_000, 1e-6, ()),
)  # fmt: skip


def full28d(quick: bool) -> list[Row]:
    """10,000 people, eight states every hour for four weeks of infusions."""
    found, peak = child.worker("full28d", "--people", PEOPLE, "--runs", 3 if quick else 15)
    ours = Row(
        "full28d",
        OURS,
        tuple(found["seconds"]),
        found["cores"],
        peak,
        found["error"],
        note=f"{PEOPLE:,} people ({found['people']}), 8 infusions, {found['numbers']:,} numbers; "
        f"{_checked(found)}; copied into an array that is made once, before the calls",
        targets=(Target("error", 1e-6),),
        more=_more(found),
    )
    return [ours, *(_peer(ours, quick, *peer) for peer in PEERS)]


def _checked(found: dict[str, Any]) -> str:
    told = f"error of {found['checked']} people against SciPy at tolerances of 1e-12"
    return f"{told} and of the outside reference's" if "error_outside" in found else told


def _more(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("first", "error_outside", "passes") if key in found}


def _peer(
    ours: Row,
    quick: bool,
    name: str,
    package: str,
    module: str,
    people: int,
    tolerance: float | None,
    targets: tuple[Target, ...],
) -> Row:
    if importlib.util.find_spec(package) is None:
        return Row("full28d", name, note="not found: make bench installs it")
    count = max(10, people // 10) if quick else people
    asked = [] if tolerance is None else ["--tolerance", tolerance]
    found, peak = child.worker(module, "--people", count, "--runs", 1 if quick else 3, *asked)
    seconds = tuple(s * PEOPLE / count for s in found["seconds"])
    assert ours.median is not None
    kept = "default tolerances" if tolerance is None else f"tolerances of {tolerance:.0e}"
    return Row(
        "full28d",
        f"{name} {found['version']}" + (f", {tolerance:.0e}" if tolerance else ""),
        seconds,
        found["cores"],
        peak,
        found["error"],
        ratio=median(seconds) / ours.median,
        note=f"{count:,} people, seconds times {PEOPLE // count}; {kept}",
        targets=targets,
        more={**_more(found), "people": count},
    )


def quantiles28d(quick: bool) -> list[Row]:
    """Three quantiles over people of every state at every hour; nobody's values are stored."""
    return [_quantiles(people, quick) for people in (PEOPLE, 10 * PEOPLE)]


def _quantiles(people: int, quick: bool) -> Row:
    many = people > PEOPLE
    runs = 1 if quick or many else 5
    found, peak = child.worker(
        "quantiles28d", "--people", people // 10 if quick and many else people, "--runs", runs
    )
    note = f"people in {found['passes']:g} passes; error against NumPy's quantiles at four times"
    if quick and many:
        note = f"a tenth of the {note}"
    return Row(
        f"quantiles28d, {people:,}",
        OURS,
        tuple(found["seconds"]),
        found["cores"],
        peak,
        found["error"],
        note=note,
        targets=(Target("peak_mib", 1024.0), Target("error", 1e-6)),
        more=_more(found),
    )


def million28d(quick: bool) -> list[Row]:
    """A million people: a case for a GPU."""
    return [Row("million28d", OURS, note="needs a GPU: a million people of full28d, quantiles")]
