"""What one measurement says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Target:
    """A limit that a figure of a row should keep."""

    figure: Literal["seconds", "peak_mib", "error", "ratio"]
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether a value keeps it."""
        return value >= self.limit if self.at_least else value < self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "<"
        unit = {"seconds": " s", "peak_mib": " MiB", "error": "", "ratio": "×"}[self.figure]
        return f"{sign} {self.limit:g}{unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One program on one case.

    Parameters
    ----------
    case, program : str
    seconds : tuple of float
        Each run; empty where there was none: the note then begins with a word why, and a colon.
    cores : int
    peak_mib : float or None
    error : float or None
        Largest error of any state, relative to the state's maximum.
    ratio : float or None
        Seconds of this program over those of Ketascope.
    note : str
    targets : tuple of Target
    """

    case: str
    program: str
    seconds: tuple[float, ...] = ()
    cores: int = 1
    peak_mib: float | None = None
    error: float | None = None
    ratio: float | None = None
    note: str = ""
    targets: tuple[Target, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float | None:
        """Median of the runs, s."""
        return median(self.seconds) if self.seconds else None

    def figure(self, name: str) -> float | None:
        """Return one figure by the name that targets use."""
        found: float | None = self.median if name == "seconds" else getattr(self, name)
        return found

    def judged(self) -> list[tuple[Target, bool]]:
        """Each target whose figure is there, and whether it was met."""
        found = [(target, self.figure(target.figure)) for target in self.targets]
        return [(target, target.met(value)) for target, value in found if value is not None]

    def as_dict(self) -> dict[str, Any]:
        """Return numbers and text for JSON."""
        plain = asdict(self)
        plain["median"] = self.median
        plain["targets"] = [
            {"figure": t.figure, "limit": str(t), "met": met} for t, met in self.judged()
        ]
        return plain
