"""Rows as a table on the screen, as JSON and as the page docs/speed.md."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import child, growth
from benchmarks.rows import Row

PAGE = Path(__file__).parents[1] / "docs/speed.md"
COLUMNS = ("Case", "Program", "Seconds", "Cores", "Peak memory", "Times ours", "Largest error",
           "Target")  # fmt: skip
PACKAGES = ("ketascope", "jax", "jaxlib", "numpy", "scipy", "xarray", "libroadrunner", "diffrax")


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One row of the table, as text, from a row of a result; without seconds, the note says why."""
    seconds = row["seconds"]
    return (
        row["case"],
        row["program"],
        timing(seconds) if seconds else row["note"].partition(":")[0],
        str(row["cores"]) if seconds else "",
        f"{row['peak_mib']:,.0f} MiB" if row["peak_mib"] else "",
        f"{row['ratio']:.0f}" if row["ratio"] else "",
        f"{row['error']:.0e}" if row["error"] is not None else "",
        ", ".join(f"{t['limit']} {'met' if t['met'] else 'missed'}" for t in row["targets"]),
    )


def timing(seconds: Sequence[float]) -> str:
    """Median, range and number of runs."""
    if len(seconds) == 1:
        return f"{_figure(seconds[0])} (1 run)"
    middle, least, most = (_figure(of(seconds)) for of in (median, min, max))
    return f"{middle} ({least} to {most}, {len(seconds)} runs)"


def _figure(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 100 else f"{seconds:,.0f}"


def print_table(result: Mapping[str, Any]) -> None:
    """Print one table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS)
    for row in result["rows"]:
        table.add_row(*cells(row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    console.print(table)
    for note in notes(result):
        console.print(note, highlight=False)


def notes(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each row that has something to say."""
    return [f"{r['case']}, {r['program']}: {r['note']}." for r in result["rows"] if r["note"]]


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows with machine, versions and date, for JSON."""
    return {
        "schema": "ketascope/benchmark/1",
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions(),
        "rows": [row.as_dict() for row in rows],
    }


def machine() -> dict[str, Any]:
    """Describe the machine: processor, cores of this process, memory, system, Python."""
    memory = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return {
        "processor": processor(),
        "cores": child.cores(),
        "memory_gib": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def versions() -> dict[str, str]:
    """Versions of what took part, as far as it is installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def page(result: Mapping[str, Any], grown: Mapping[str, Any] | None = None) -> str:
    """Return the page for one result, and the picture of how cost grows where there is one."""
    here, used = result["machine"], result["versions"]
    table = [
        "| " + " | ".join(COLUMNS) + " |",
        "| " + " | ".join("---" for _ in COLUMNS) + " |",
        *("| " + " | ".join(cells(row)) + " |" for row in result["rows"]),
    ]
    return "\n".join(
        [
            "# Speed",
            "",
            "`make bench` measures and writes this page. Seconds are medians, with the range of "
            "the runs; warm unless it says cold.",
            "",
            *table,
            "",
            *(f"- {note}" for note in notes(result)),
            "",
            *(picture(grown) if grown else ()),
            f"Measured on {result['date']}: {here['processor']}, {here['cores']} cores, "
            f"{here['memory_gib']} GiB, {here['system']}, Python {here['python']}; "
            + ", ".join(f"{name} {number}" for name, number in used.items())
            + ".",
            "",
        ]
    )


def picture(grown: Mapping[str, Any]) -> list[str]:
    """Lines of the page that show how cost grows."""
    name = growth.PICTURE.relative_to(PAGE.parent)
    return [
        "## How cost grows",
        "",
        f"![Seconds against people, infusions and times]({name})",
        "",
        growth.described(grown),
        "",
    ]
