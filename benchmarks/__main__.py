"""``python -m benchmarks``: measure, print one table, keep the result."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import growth, show
from benchmarks.cases import CASES

RESULTS = Path(__file__).with_name("results")


def main() -> int:
    """Run the cases asked for; a full run of all of them is kept and becomes docs/speed.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; repeatable")
    parser.add_argument("--growth", action="store_true", help="only how cost grows, as a picture")
    parser.add_argument("--quick", action="store_true", help="fewer runs and people; not kept")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    given = parser.parse_args()
    if given.growth:
        found = growth.measure(given.quick)
        print(json.dumps(found, indent=1))
        kept = sorted(RESULTS.glob("????-??-??.json"))
        if kept and not given.quick:
            write_page(json.loads(kept[-1].read_text(encoding="utf-8")))
        return 0
    rows = []
    for name in given.case or CASES:
        print(f"{name} ...", file=sys.stderr)
        rows.extend(CASES[name](given.quick))
    result = show.document(rows)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    if given.format == "json":
        print(text, end="")
    else:
        show.print_table(result)
    if not given.quick and not given.case:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{result['date']}.json").write_text(text, encoding="utf-8")
        print("growth ...", file=sys.stderr)
        growth.measure(quick=False)
        write_page(result)
    return 0


def write_page(result: Mapping[str, Any]) -> None:
    """Write docs/speed.md from a result, and say so."""
    show.PAGE.write_text(show.page(result, growth.kept()), encoding="utf-8")
    print(show.PAGE.relative_to(Path.cwd()) if show.PAGE.is_relative_to(Path.cwd())
          else show.PAGE, file=sys.stderr)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
