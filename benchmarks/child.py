"""Run a command in a process of its own and see how long it took and how much memory it held.

Nothing heavy is imported here: a child's peak memory counts from what its parent held.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Usage:
    """Wall-clock seconds from start to end, peak resident memory in MiB, standard output."""

    seconds: float
    peak_mib: float
    output: str


def cores() -> int:
    """Return the number of cores a process may use here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        If it fails, with what it printed.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        # wait4 tells the peak memory of this child alone
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(argv)} failed:\n{errors.read().decode()[-2000:]}")
        output.seek(0)
        # Linux counts in KiB, macOS in bytes
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Usage(seconds, used.ru_maxrss / unit, output.read().decode())


def worker(
    module: str, *arguments: object, environment: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], float]:
    """Run a module of this package that prints one JSON object; return it and its peak MiB."""
    argv = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    used = run(argv, environment)
    result: dict[str, Any] = json.loads(used.output.splitlines()[-1])
    return result, used.peak_mib


def script(name: str) -> str:
    """Return the path of an installed command, the one beside this interpreter first."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return str(beside)
    import shutil

    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"the command {name} is not installed")
    return found
