"""The cases: what is run, beside what, and which targets the figures should keep."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import child
from benchmarks.cases28d import OURS, full28d, million28d, quantiles28d
from benchmarks.peers import Peer, extra
from benchmarks.people import PEOPLE
from benchmarks.rows import Row, Target
from benchmarks.simulate8w import REGIMEN

PEER = Peer("libroadrunner", "roadrunner", "roadrunner24h", 1_000,
            targets=(Target("ratio", 150.0, at_least=True),))  # fmt: skip


def linear24h(quick: bool) -> list[Row]:
    """10,000 people, six states every 5 minutes for a day after one infusion."""
    found, peak = child.worker("linear24h", "--people", PEOPLE, "--runs", 5 if quick else 15)
    ours = Row(
        "linear24h",
        OURS,
        tuple(found["seconds"]),
        found["cores"],
        peak,
        found["error"],
        note=f"{PEOPLE:,} people ({found['people']}); error of {found['checked']} people against "
        "SciPy's matrix exponential; copied into an array that is made once, before the calls",
        targets=(Target("error", 1e-9),),
        more=extra(found),
    )
    people = PEER.people // 5 if quick else PEER.people
    return [ours, PEER.beside(ours, people, 2 if quick else 5)]


def simulate8w(quick: bool) -> list[Row]:
    """``ketascope.simulate`` of an eight-week course, 1,000 people, warm."""
    found, peak = child.worker("simulate8w", "--people", 1000, "--runs", 3 if quick else 9)
    note = f"1,000 people, {found['times']:,} times, two analytes"
    return [Row("simulate8w", OURS, tuple(found["seconds"]), found["cores"], peak, note=note,
                more={"first": found["first"]})]  # fmt: skip


def report8w(quick: bool) -> list[Row]:
    """``ketascope report`` of the same course, the whole process, without and with a cache."""
    runs = 1 if quick else 3
    cold = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(_report(folder, folder))
    with tempfile.TemporaryDirectory() as folder:
        _report(folder, folder)
        warm = [_report(folder, folder) for _ in range(runs)]
    return [
        _command_row("report8w, cold", cold, "nothing compiled before", Target("seconds", 12.0),
                     Target("peak_mib", 1536.0)),
        _command_row("report8w, warm", warm, "compiled programs in the cache",
                     Target("seconds", 5.0), Target("peak_mib", 1536.0)),
    ]  # fmt: skip


def _report(cache: str, folder: str) -> child.Usage:
    argv = [child.script("ketascope"), "report", REGIMEN, "-n", "1000", "--seed", "1",
            "-o", str(Path(folder, "report.html"))]  # fmt: skip
    return child.run(argv, {"KETASCOPE_CACHE": cache})


def startup(quick: bool) -> list[Row]:
    """How soon the command and the package answer, the whole process."""
    runs = 3 if quick else 9
    commands = {
        "startup, ketascope --help": [child.script("ketascope"), "--help"],
        "startup, import ketascope": [sys.executable, "-c", "import ketascope"],
    }
    rows = []
    for case, argv in commands.items():
        child.run(argv)
        used = [child.run(argv) for _ in range(runs)]
        rows.append(_command_row(case, used, "the whole process", Target("seconds", 0.5)))
    return rows


def _command_row(case: str, used: list[child.Usage], note: str, *targets: Target) -> Row:
    return Row(
        case,
        OURS,
        tuple(one.seconds for one in used),
        child.cores(),
        max(one.peak_mib for one in used),
        note=note,
        targets=targets,
    )


CASES: dict[str, Callable[[bool], list[Row]]] = {
    "linear24h": linear24h,
    "full28d": full28d,
    "quantiles28d": quantiles28d,
    "million28d": million28d,
    "simulate8w": simulate8w,
    "report8w": report8w,
    "startup": startup,
}
