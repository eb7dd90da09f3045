"""The cases of four weeks: every state of everybody, and quantiles over people alone."""

from __future__ import annotations

from typing import Any

from benchmarks import child
from benchmarks.peers import Peer, extra
from benchmarks.people import PEOPLE
from benchmarks.rows import Row, Target

OURS = "ketascope"
PEERS = (
    Peer("libroadrunner", "roadrunner", "roadrunner28d", 500,
         targets=(Target("ratio", 110.0, at_least=True),)),
    Peer("libroadrunner", "roadrunner", "roadrunner28d", 200, 1e-8),
    Peer("SciPy LSODA", "scipy", "scipy28d", 50, 1e-6),
    Peer("Diffrax Tsit5", "diffrax", "diffrax28d", 1_000, 1e-6),
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
        more=extra(found),
    )
    others = [(peer, max(10, peer.people // 10) if quick else peer.people) for peer in PEERS]
    return [ours, *(peer.beside(ours, people, 1 if quick else 3) for peer, people in others)]


def _checked(found: dict[str, Any]) -> str:
    told = f"error of {found['checked']} people against SciPy at tolerances of 1e-12"
    return f"{told} and of the outside reference's" if "error_outside" in found else told


def quantiles28d(quick: bool) -> list[Row]:
    """Three quantiles over people of every state at every hour; nobody's values are stored."""
    return [_quantiles(people, quick) for people in (PEOPLE, 10 * PEOPLE)]


def _quantiles(people: int, quick: bool) -> Row:
    many = people > PEOPLE
    runs = 1 if quick or many else 5
    taken = people // 10 if quick and many else people
    who = "everybody" if taken == people else "a tenth of the people"
    found, peak = child.worker("quantiles28d", "--people", taken, "--runs", runs)
    return Row(
        f"quantiles28d, {people:,}",
        OURS,
        tuple(found["seconds"]),
        found["cores"],
        peak,
        found["error"],
        note=f"{who} simulated once in each of {found['passes']:g} passes; "
        "error against NumPy's quantiles at four times",
        targets=(Target("peak_mib", 1024.0), Target("error", 1e-6)),
        more=extra(found),
    )


def million28d(quick: bool) -> list[Row]:
    """A million people: a case for a GPU."""
    return [Row("million28d", OURS, note="needs a GPU: a million people of full28d, quantiles")]
