"""What a comparison gives: rows, and how many of them pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One published number of one arm beside its simulation.

    Parameters
    ----------
    id, quantity, unit : str
    analyte : str or None
        Name of the analyte; of the effect, of a row that is of one.
    model : str or None
        The model that was run; None where none could be.
    conditions : str
        Dose, people and sampling, in words.
    published : float
    interval : (float, float) or None
        As printed; ``interval_kind`` says what it is.
    simulated : float or None
        None where it is not predicted.
    simulated_interval : (float, float) or None
        5 to 95 % of the simulated people; None where the source of the model prints no spread.
    used_for : {"fit", "reproduce", "check"}
        ``check``: the number is independent of the model.
    rule : str
        Name of the rule of its kind of quantity.
    passed : bool or None
        None where it is not predicted.
    inside : bool or None
        Whether the simulated number lies in the printed interval; None without one.
    covered : bool or None
        Of an effect: whether the published number lies in the interval of its prediction, which
        holds what a calibration does not know and how far trials are apart; else None.
    explanation : str
        Why it fails or is not predicted, or what to know of it.
    source : str
        Key in sources.bib.
    kind : {"exposure", "interaction", "effect", "receptor"}
    factor, internal_unit : float, str
        What ``published`` times ``factor`` is, in the unit that all rows of a quantity share.
    """

    id: str
    quantity: str
    analyte: str | None
    unit: str
    model: str | None
    conditions: str
    published: float
    interval: Span | None
    interval_kind: str
    simulated: float | None
    simulated_interval: Span | None
    used_for: str
    rule: str
    passed: bool | None
    inside: bool | None
    covered: bool | None
    explanation: str
    source: str
    kind: str
    factor: float = 1.0
    internal_unit: str = ""

    @property
    def fold(self) -> float | None:
        """Simulated over published."""
        if self.simulated is None or self.published == 0:
            return None
        return self.simulated / self.published

    def record(self) -> dict[str, Any]:
        """Return the row as ``ketascope validate --format json`` gives it."""
        names = ("id", "kind", "quantity", "analyte", "unit", "model", "conditions", "published",
                 "interval", "interval_kind", "simulated", "simulated_interval", "used_for",
                 "rule", "explanation", "source")  # fmt: skip
        found = {name: getattr(self, name) for name in names}
        return {
            **found,
            "pass": self.passed,
            "inside_interval": self.inside,
            "covered": self.covered,
            "fold": self.fold,
        }


def counts(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return how many rows there are and pass, by use, kind and quantity.

    Returns
    -------
    list of dict
        Keys used_for, kind, quantity, rows, predicted, passed, with_interval, inside, with_band,
        covered; checks first.
        A reproduction never counts as a check.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.used_for, row.kind, row.quantity), []).append(row)
    order = {"check": 0, "reproduce": 1, "fit": 2}
    found = []
    for (use, kind, quantity), mine in sorted(groups.items(), key=lambda g: (order[g[0][0]], g[0])):
        predicted = [row for row in mine if row.passed is not None]
        banded = [row for row in predicted if row.covered is not None]
        ranged = [row for row in predicted if row.inside is not None]
        found.append({
            "used_for": use, "kind": kind, "quantity": quantity, "rows": len(mine),
            "predicted": len(predicted), "passed": sum(bool(row.passed) for row in predicted),
            "with_interval": len(ranged), "inside": sum(bool(row.inside) for row in ranged),
            "with_band": len(banded), "covered": sum(bool(row.covered) for row in banded),
        })  # fmt: skip
    return found


def in_words(rows: Iterable[Row]) -> str:
    """Say in a sentence or two how many independent checks pass, and of how many publications.

    Points of one curve come from the same samples, so the publication with most rows is named and
    the count given without it too.
    """
    checks = [row for row in rows if row.used_for == "check" and row.passed is not None]
    if not checks:
        return "No independent check is among these rows."
    sources = Counter(row.source for row in checks)
    most, most_rows = sources.most_common(1)[0]
    rest = [row for row in checks if row.source != most]
    told = (
        f"{sum(bool(r.passed) for r in checks)} of {len(checks)} independent checks pass, from "
        f"{len(sources)} publication{'s' * (len(sources) > 1)}."
    )
    if rest:
        told += (
            f" {most_rows} of them are of one ({most}), whose rows are not independent of each "
            f"other; without it {sum(bool(r.passed) for r in rest)} of {len(rest)} pass."
        )
    return told
