"""Rows as a table on the screen, as JSON and as the page docs/speed.md."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks import child
from benchmarks.rows import Row

PAGE = Path(__file__).parents[1] / "docs/speed.md"
COLUMNS = ("Case", "Program", "Seconds", "Cores", "Peak memory", "Times ours", "Largest error",
           "Target")  # fmt: skip
PACKAGES = ("ketascope", "jax", "jaxlib", "numpy", "scipy", "xarray", "libroadrunner")


def cells(row: Row) -> tuple[str, ...]:
    """One row of the table, as text."""
    runs = "run" if len(row.seconds) == 1 else "runs"
    seconds = f"{row.median:.3g} ({len(row.seconds)} {runs})" if row.median else "not found"
    return (
        row.case,
        row.program,
        seconds,
        str(row.cores) if row.seconds else "",
        f"{row.peak_mib:,.0f} MiB" if row.peak_mib else "",
        f"{row.ratio:.0f}" if row.ratio else "",
        f"{row.error:.0e}" if row.error is not None else "",
        ", ".join(f"{target} {'met' if met else 'missed'}" for target, met in row.judged()),
    )


def print_table(rows: Sequence[Row]) -> None:
    """Print one table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*cells(row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"{row.case}, {row.program}: {row.note}", highlight=False)


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


def page(result: dict[str, Any], rows: Sequence[Row]) -> str:
    """Return the page for one result."""
    here, used = result["machine"], result["versions"]
    table = [
        "| " + " | ".join(COLUMNS) + " |",
        "| " + " | ".join("---" for _ in COLUMNS) + " |",
        *("| " + " | ".join(cells(row)) + " |" for row in rows),
    ]
    return "\n".join(
        [
            "# Speed",
            "",
            "`make bench` measures and writes this page. Seconds are medians; warm runs unless it "
            "says cold.",
            "",
            *table,
            "",
            *(f"- {row.case}, {row.program}: {row.note}." for row in rows if row.note),
            "",
            f"Measured on {result['date']}: {here['processor']}, {here['cores']} cores, "
            f"{here['memory_gib']} GiB, {here['system']}, Python {here['python']}; "
            + ", ".join(f"{name} {number}" for name, number in used.items())
            + ".",
            "",
        ]
    )
