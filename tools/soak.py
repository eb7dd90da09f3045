"""Run the long tests and keep their last result in docs/soak.md (``make soak``)."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import ketascope

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/soak.md"
NO_TESTS = 5


def main() -> int:
    """Run pytest on the soak tests; returns its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "result.xml")
        command = [sys.executable, "-m", "pytest", "-m", "soak", f"--junit-xml={report}"]
        code = subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=False).returncode
        if code == NO_TESTS:
            print("No long test was found; docs/soak.md is as it was.", file=sys.stderr)
            return code
        PAGE.write_text(page(ET.parse(report)), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
    return code


def page(report: ET.ElementTree[ET.Element]) -> str:
    """Return the page for one result."""
    cases = list(report.iter("testcase"))
    rows = [
        f"| {case.get('name', '').replace('|', '/')} | {outcome(case)} "
        f"| {float(case.get('time', 0)):.0f} s |"
        for case in cases
    ]
    passed = sum(outcome(case) == "passed" for case in cases)
    return "\n".join(
        [
            "# Long tests",
            "",
            "Tests that run for too long to be part of `make test`. `make soak` runs them and "
            "writes this page.",
            "",
            f"Last run: {time.strftime('%Y-%m-%d')}, Ketascope {ketascope.__version__}, "
            f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores. "
            f"{passed} of {len(cases)} passed.",
            "",
            "| Test | Result | Time |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def outcome(case: ET.Element) -> str:
    """Return how one test ended."""
    for tag, word in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return word
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
