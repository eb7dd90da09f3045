"""The sessions of a simulation as a report shows them: what was given, when, with what device."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from ketascope.dosing import Amount, Component, parse_regimen
from ketascope.dosing.devices import device_for, split
from ketascope.errors import InputError
from ketascope.report.numbers import duration, join, plain

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Given:
    """One dosing session.

    ``time`` and ``end`` are in h after the first dose, ``day`` counts from 1; ``components`` is
    empty where the words of the session could not be read back.
    """

    index: int
    time: float
    end: float
    day: int
    words: str
    components: tuple[Component, ...]

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """Amounts given, in order."""
        return tuple(c.amount for c in self.components)

    @property
    def dose(self) -> str:
        """The dose in short: ``56 mg``, ``0.5 mg/kg``, ``10 mg + 0.5 mg/kg``."""
        if not self.components:
            return "dose"
        units = {(a.unit, a.basis, a.cap_mg) for a in self.amounts}
        if len(units) == 1:
            return f"{plain(sum(a.value for a in self.amounts))} {self.amounts[0].unit}"
        return " + ".join(f"{plain(a.value)} {a.unit}" for a in self.amounts)

    @property
    def devices(self) -> tuple[float, ...]:
        """Hours after the start at which each nasal device is used; empty without devices."""
        times: list[float] = []
        for c in self.components:
            device = device_for(c.drug, c.route, c.form)
            if device is None:
                continue
            parts = split(c.drug, c.route, c.form, c.amount)
            # a listed regimen may space its devices otherwise than the label
            gap = (self.end - self.time) / (len(parts) - 1) if len(parts) > 1 else 0.0
            times.extend(i * gap for i in range(len(parts)))
        return tuple(times)

    @property
    def infusion(self) -> float:
        """Hours that the longest component takes; 0 for what is given at once."""
        return max((c.minutes / 60 for c in self.components), default=0.0)

    @property
    def begins(self) -> str:
        """What time 0 of the session is."""
        if self.devices:
            return "the first spray"
        if self.infusion:
            return "the start of the infusion"
        return "the dose"


def start_of(result: xr.Dataset) -> date | None:
    """Return the date of day 1, where the result carries one."""
    text = str(result.attrs.get("start", ""))
    return date.fromisoformat(text) if text else None


def sessions_of(result: xr.Dataset) -> tuple[Given, ...]:
    """Return the sessions of a simulation."""
    found = []
    for s in json.loads(result.attrs["sessions"]):
        words = s["label"].partition(": ")[2] or s["label"]
        found.append(Given(s["index"], s["time"], s["end"], s["day"], words, _components(words)))
    return tuple(found)


@lru_cache(maxsize=256)
def _components(words: str) -> tuple[Component, ...]:
    try:
        return parse_regimen(f"{words} once").phases[0].components
    except InputError:
        return ()


def kinds(sessions: tuple[Given, ...]) -> dict[str, list[Given]]:
    """Group sessions by what is given, in order of first use."""
    groups: dict[str, list[Given]] = {}
    for session in sessions:
        groups.setdefault(session.words, []).append(session)
    return groups


def device_sentence(session: Given) -> str | None:
    """Say how a nasal dose is made up: ``84 mg is 3 devices of 28 mg, 5 min apart``."""
    for c in session.components:
        device = device_for(c.drug, c.route, c.form)
        if device is None:
            continue
        parts = [amount.value for _, amount in split(c.drug, c.route, c.form, c.amount)]
        dose = f"{plain(c.amount.value)} mg"
        if len(parts) == 1:
            whole = "1 device" if parts[0] == device.device_mg else "one spray of a device"
            return f"{dose} is {whole} ({device.name})."
        gap = duration((session.end - session.time) / (len(parts) - 1))
        if len(set(parts)) == 1:
            made = f"{len(parts)} devices of {plain(parts[0])} mg"
        else:
            made = f"{len(parts)} devices ({join([f'{plain(p)} mg' for p in parts])})"
        return f"{dose} is {made}, {gap} apart ({device.name})."
    return None


def total_mg(sessions: tuple[Given, ...]) -> float | None:
    """Mg of base given over the course; None where a dose goes by weight or was not read."""
    amounts = [a for s in sessions for a in s.amounts]
    if any(a.unit != "mg" for a in amounts) or any(not s.components for s in sessions):
        return None
    return sum(a.value for a in amounts)
