"""Medicines that something is known of when they are taken beside ketamine, and published ratios.

>>> find("Sporanox").name, find("aspirin") is None
('itraconazole', True)
>>> near("clarithromicin")
['clarithromycin']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue

RATIOS = {"auc_ratio": "AUC", "cmax_ratio": "Cmax", "half_life_ratio": "half-life"}
"""Quantities of published values that are exposure with a medicine over that without it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something known of a medicine that no ratio can be made of."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine that something is known of.

    Parameters
    ----------
    name : str
    also : tuple of str
        Other names.
    known : tuple of Finding
    """

    name: str
    also: tuple[str, ...] = ()
    known: tuple[Finding, ...] = ()

    def values(self) -> list[PublishedValue]:
        """Return the published ratios of exposure with it over that without it."""
        return [v for v in ratios() if key_of(str(v.conditions.beside)) == key_of(self.name)]


def medicines() -> dict[str, Medicine]:
    """Return every medicine that something is known of, by name."""
    return {m.name: m for m in _data()[0]}


def entries() -> tuple[Mapping[str, Any], ...]:
    """Return the entries of ``effects`` in ``interactions.yaml``."""
    return _data()[1]


def find(name: str) -> Medicine | None:
    """Return a medicine by any of its names, or None where nothing is known of it."""
    key = key_of(name)
    for medicine in _data()[0]:
        if key in map(key_of, (medicine.name, *medicine.also)):
            return medicine
    return None


def near(name: str) -> list[str]:
    """Return names of medicines that are spelled much like this."""
    from difflib import get_close_matches

    names = {key_of(n): (m.name, n) for m in _data()[0] for n in (m.name, *m.also)}
    first: dict[str, str] = {}
    for key in get_close_matches(key_of(name), names, n=4, cutoff=0.75):
        medicine, spelled = names[key]
        first.setdefault(medicine, spelled)
    return list(first.values())[:2]


def unknown(name: str) -> InputError:
    """Return the error for a medicine of which nothing is known."""
    close = near(name)
    listed = "'ketascope interactions' lists those that are known"
    return InputError(
        f"no data on '{name}': its effect on exposure is not predicted",
        hint=f"did you mean {' or '.join(close)}" if close else listed,
    )


def ratio_record(value: PublishedValue) -> dict[str, Any]:
    """Return one published ratio with its study, as listings and reports show it."""
    from ketascope.evidence.sources import source

    c = value.conditions
    return {
        "id": value.id,
        "medicine": c.beside,
        "medicine_dose": c.beside_dose,
        "drug": drug_of(value),
        "route": route_of(value),
        "regimen": c.regimen,
        "analyte": value.analyte,
        "quantity": value.quantity,
        "ratio": value.value,
        "interval": list(value.interval) if value.interval else None,
        "interval_kind": value.interval_kind,
        "people": c.people,
        "n": c.n,
        "study": source(value.source).short,
        "source": value.source,
        "where": value.where,
        "how": value.how,
        "checked": not from_memory(value),
        "note": value.note,
    }


def used_by(value: PublishedValue) -> list[str]:
    """Return the models in which an effect stands on a published ratio."""
    mine = [e for e in entries() if value.id in e["gives"]]
    return [str(e.get("model", "every model of the drug")) for e in mine]


def ratios() -> tuple[PublishedValue, ...]:
    """Return every published ratio of exposure with a medicine over that without it."""
    return _ratios()


def drug_of(value: PublishedValue) -> str:
    """Return the drug that was dosed."""
    return _doses()[value.id][0]


def route_of(value: PublishedValue) -> str:
    """Return the route by which it was dosed."""
    return _doses()[value.id][1]


def from_memory(value: PublishedValue) -> bool:
    """Whether a number was not checked against its source."""
    return "from memory" in value.how


def key_of(name: str) -> str:
    """Return a name without what people spell differently."""
    return " ".join(name.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


@lru_cache(maxsize=1)
def _ratios() -> tuple[PublishedValue, ...]:
    from ketascope.evidence.published import published

    return tuple(v for v in published() if v.quantity in RATIOS and v.conditions.beside)


@lru_cache(maxsize=1)
def _doses() -> dict[str, tuple[str, str]]:
    """Drug and route of the first dose behind each published ratio."""
    from ketascope.dosing import parse_regimen, schedule

    found = {}
    for v in _ratios():
        doses = v.conditions.doses or schedule(parse_regimen(v.conditions.regimen)).administrations
        found[v.id] = (str(doses[0].drug), str(doses[0].route))
    return found


@lru_cache(maxsize=1)
def _data() -> tuple[tuple[Medicine, ...], tuple[Mapping[str, Any], ...]]:
    from importlib.resources import files

    import yaml

    text = files("ketascope.models").joinpath("interactions.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    known = tuple(
        Medicine(
            row["name"],
            tuple(row.get("also", ())),
            tuple(Finding(f["text"], f["source"]) for f in row.get("known", ())),
        )
        for row in data["medicines"]
    )
    return known, tuple(data["effects"])
