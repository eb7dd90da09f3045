"""Write docs/conflicts.md from the data, so that no number in it is typed twice.

python docs/make_conflicts.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import ketascope as ks
from ketascope.effects.receptor_checks import compute
from ketascope.evidence import source
from ketascope.evidence.conflicts import Conflict, ConflictRow, conflicts
from ketascope.evidence.published import published
from ketascope.evidence.receptor_values import receptor_values
from ketascope.evidence.receptors import affinities, bindings, partitions

PAGE = Path(__file__).parent / "conflicts.md"
HEAD = """# Where sources conflict

Published numbers do not always agree. This page sets those that matter side by side, with where
each was read, and says what Ketascope does. Numbers marked *not checked* are from memory and are
not used unless they are asked for. The page is written by `docs/make_conflicts.py` from the data
files that the program itself reads.
"""


def known_rows() -> dict[str, Any]:
    """Every row of the data by its id."""
    rows: list[Any] = [
        *affinities(unchecked=True),
        *bindings(),
        *partitions(),
        *published(),
        *receptor_values(),
    ]
    return {row.id: row for row in rows}


def page() -> str:
    """Return the text of the page."""
    rows = known_rows()
    return HEAD + "".join(section(conflict, rows) for conflict in conflicts())


def section(conflict: Conflict, rows: dict[str, Any]) -> str:
    """Return one question with its table."""
    lines = [line(row, rows) for row in conflict.rows]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return (
        f"\n(conflict-{conflict.id})=\n\n## {conflict.title}\n\n{conflict.question}\n\n"
        f"| Value ({conflict.unit}) | Of | Source | Read |\n| --- | --- | --- | --- |\n{table}\n\n"
        f"**What Ketascope does.** {conflict.here}\n"
    )


def line(row: ConflictRow, rows: dict[str, Any]) -> list[str]:
    """Return the cells of one number."""
    if row.simulate is not None:
        return [f"{simulated(**row.simulate):.2g}", row.conditions, "this package", "simulated"]
    if row.compute is not None:
        known = rows[row.compute]
        number = compute(known)[0]
        return [f"{number:.3g}", row.conditions, "this package", f"from {cite(known.source)}"]
    if row.value is not None:
        text = f"{row.value:g} {row.unit}"
        return [text, row.conditions, cite(row.source), f"{row.where}; {row.how}"]
    known = rows[row.row or ""]
    text = f"{known.value:g}{spread(known)}{unit(known)}"
    if getattr(known, "status", "checked") != "checked":
        text += " *(not checked)*"
    return [text, row.conditions, cite(known.source), f"{known.where}; {known.how}"]


def spread(row: Any) -> str:
    """Interval or standard deviation in brackets."""
    if row.interval is not None:
        return f" ({row.interval[0]:g} to {row.interval[1]:g})"
    sd = getattr(row, "sd", None)
    return f" (SD {sd:g})" if sd is not None else ""


def unit(row: Any) -> str:
    """Unit of a published value, where the table's own does not say it."""
    text = getattr(row, "unit", "1")
    return "" if text in ("1", "umol/L") else f" {text}"


def cite(key: str) -> str:
    """Short name of a source, with a link to its entry."""
    return f"[{source(key).short}](#source-{key})"


def simulated(regimen: str, model: str, hours: float) -> float:
    """Area of S-hydroxynorketamine over that of esketamine."""
    times = np.linspace(0, hours, int(60 * hours) + 1)
    result = ks.simulate(regimen, model=model, times=times)
    areas = [
        float(np.trapezoid(result[name][0], times))
        for name in ("eshydroxynorketamine", "esketamine")
    ]
    return areas[0] / areas[1]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
