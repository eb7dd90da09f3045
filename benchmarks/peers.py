"""Other programs beside ours on the same case."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import child
from benchmarks.people import PEOPLE
from benchmarks.rows import Row, Target


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program, and how it is run.

    Parameters
    ----------
    name, package : str
        What it is called, and what is imported.
    module : str
        The module of the benchmark that runs it.
    people : int
        How many it takes in a full run; its seconds are scaled up to all of them.
    tolerance : float or None
        Its own if None.
    targets : tuple of Target
    """

    name: str
    package: str
    module: str
    people: int
    tolerance: float | None = None
    targets: tuple[Target, ...] = ()

    def beside(self, ours: Row, people: int, runs: int) -> Row:
        """Run it for some people and set its seconds against ours."""
        if importlib.util.find_spec(self.package) is None:
            return Row(ours.case, self.name, note="not found: make bench installs it")
        asked = [] if self.tolerance is None else ["--tolerance", self.tolerance]
        found, peak = child.worker(self.module, "--people", people, "--runs", runs, *asked)
        seconds = tuple(s * PEOPLE / people for s in found["seconds"])
        assert ours.median is not None
        kept = "default tolerances" if self.tolerance is None else f"tolerances of {self._size}"
        return Row(
            ours.case,
            f"{self.name} {found['version']}" + (f", {self._size}" if self.tolerance else ""),
            seconds,
            found["cores"],
            peak,
            found["error"],
            ratio=median(seconds) / ours.median,
            note=f"{people:,} people, seconds times {PEOPLE / people:g}; {kept}",
            targets=self.targets,
            more={**extra(found), "people": people},
        )

    @property
    def _size(self) -> str:
        return f"{self.tolerance:.0e}"


def extra(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a run says beside the columns of a row."""
    names = ("first", "error_formula", "error_outside", "passes")
    return {key: found[key] for key in names if key in found}
