"""What the simulation can say of a claim: computations by name, each really run.

A computation takes the arguments that stand with a claim, runs the package's own functions for a
typical adult, and returns numbers with a sentence and the commands that print the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import numpy as np

from ketascope.checks.claim_words import in_command as _command
from ketascope.checks.claim_words import in_sentence as _words
from ketascope.checks.claim_words import listed as _listed
from ketascope.checks.claim_words import two_figures as _n
from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.evidence.claims import Simulation

P = ParamSpec("P")

SUBTYPES: Final = ("glun2a", "glun2b", "glun2c", "glun2d")
CHANNELS: Final = ("nmda", "glun", "hcn", "alpha")
MINUTES_PER_HOUR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Computed:
    """What a computation gave.

    Parameters
    ----------
    computation : str
        Its name in :data:`COMPUTATIONS`.
    text : str
        A sentence for the reader.
    values : dict of str to float
        Numbers by name, all in ``unit``.
    unit : str
        ``"1"`` for shares and ratios.
    commands : tuple of str
        Shell commands that print the same numbers.
    note : str
        What they rest on that a reader must know.
    """

    computation: str
    text: str
    values: dict[str, float]
    unit: str
    commands: tuple[str, ...]
    note: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "commands": list(self.commands)}


COMPUTATIONS: Final[dict[str, Callable[..., Computed]]] = {}
"""Every computation by the name that claims use."""


def computation(function: Callable[P, Computed]) -> Callable[P, Computed]:
    """Register a computation under the name of its function."""
    COMPUTATIONS[function.__name__] = function
    return function


def run(simulation: Simulation) -> Computed:
    """Run the computation that a claim names.

    Raises
    ------
    InputError
        If there is no such computation, or it does not take these arguments.
    """
    import ketascope.checks.claim_course
    import ketascope.checks.claim_effects  # noqa: F401 (both register their computations)

    function = COMPUTATIONS.get(simulation.computation)
    if function is None:
        raise InputError(
            f"there is no computation '{simulation.computation}'",
            hint=f"there are {', '.join(COMPUTATIONS)}",
        )
    try:
        return function(**simulation.arguments)
    except TypeError as error:
        raise InputError(f"{simulation.computation}: {error}") from None


@computation
def receptor_block(target: str, regimen: str, unchecked: bool = False) -> Computed:
    """Peak block of a receptor, with what the published values allow."""
    from ketascope.effects.receptors import occupancy
    from ketascope.effects.tables import peak_block

    found = occupancy(_typical(regimen), targets=[target], unchecked=unchecked)
    (row,) = peak_block(found, unchecked=unchecked)
    low, middle, high = (100 * row[key] for key in ("low", "block", "high"))
    spread = f" (published values allow {_n(low)} to {_n(high)} %)" if high > low else ""
    how = "blocked" if target.startswith(CHANNELS) else "occupied"
    text = f"{row['display']}: {_n(middle)} % {how} at the peak of {_words(regimen)}{spread}."
    note = "Driven by the unbound concentration in plasma, taken to be that of the brain."
    if unchecked:
        note += f" The potency was not checked at its source ({', '.join(row['sources'])})."
    flags = ["--target", target, *(["--unchecked"] if unchecked else [])]
    values = {"block": middle, "low": low, "high": high}
    command = _command("receptors", regimen, "--typical", *flags)
    return Computed("receptor_block", text, values, "%", (command,), note)


@computation
def subtypes(regimen: str) -> Computed:
    """Peak block of the four NMDA receptor subtypes, without and with magnesium."""
    from ketascope.effects.receptors import occupancy
    from ketascope.effects.tables import peak_block

    targets = [f"{name}{ending}" for ending in ("", "_mg") for name in SUBTYPES]
    found = occupancy(_typical(regimen), targets=targets, unchecked=True)
    rows = {row["target"]: row for row in peak_block(found, unchecked=True)}
    values = {name: 100 * rows[name]["block"] for name in targets}

    def shares(ending: str) -> str:
        return ", ".join(f"{_subtype(name)} {_n(values[name + ending])} %" for name in SUBTYPES)

    text = (
        f"At the peak of {_words(regimen)}: without magnesium {shares('')}; "
        f"with 1 mmol/L magnesium {shares('_mg')}."
    )
    weak = sorted({key for row in rows.values() for key in row["sources"]})
    note = (
        "Rests on potencies that were not checked at their source; driven by the unbound "
        f"concentration in plasma. Sources: {', '.join(weak)}."
    )
    flags = [part for name in targets for part in ("--target", name)]
    command = _command("receptors", regimen, "--typical", "--unchecked", *flags)
    return Computed("subtypes", text, values, "%", (command,), note)


@computation
def driving_concentration(regimen: str) -> Computed:
    """Highest concentration: in plasma, its unbound part, and in brain by the ratio of rats."""
    from ketascope.effects.receptors import occupancy
    from ketascope.models.receptor.brain import Drive

    drives: tuple[Drive, ...] = ("unbound plasma", "total plasma", "total brain")
    values: dict[str, float] = {}
    for drive in drives:
        found = occupancy(_typical(regimen), targets=["nmda"], drive=drive)
        values[drive] = float(found["concentration"].max()) / 1000.0
    text = (
        f"At the peak of {_words(regimen)}: {_n(values['total plasma'])} umol/L in plasma, "
        f"{_n(values['unbound plasma'])} of it unbound, and {_n(values['total brain'])} in brain "
        "tissue if it holds as much more than plasma as that of rats."
    )
    commands = tuple(
        _command("receptors", regimen, "--typical", "--target", "nmda", "--drive", drive, "-o", "-")
        for drive in drives
    )
    note = "The commands print the course in nmol/L, column driving_ketamine."
    return Computed("driving_concentration", text, values, "umol/L", commands, note)


@computation
def memantine_beside(target: str, regimen: str) -> Computed:
    """Peak block by a regimen beside that of memantine at steady state."""
    from ketascope.effects.receptors import occupancy
    from ketascope.effects.tables import peak_block

    (row,) = peak_block(occupancy(_typical(regimen), targets=[target]))
    if row["memantine"] is None:
        raise InputError(f"no value of memantine at {target}")
    middle, low, high = (100 * share for share in row["memantine"])
    values = {
        "block": 100 * row["block"], "low": 100 * row["low"], "high": 100 * row["high"],
        "memantine": middle, "memantine_low": low, "memantine_high": high,
    }  # fmt: skip
    text = (
        f"{row['display']}: {_n(values['block'])} % blocked ({_n(values['low'])} to "
        f"{_n(values['high'])} %) at the peak of {_words(regimen)}; {_n(middle)} % ({_n(low)} to "
        f"{_n(high)} %) with memantine 20 mg a day."
    )
    command = _command("receptors", regimen, "--typical", "--target", target)
    note = "In brackets what the published values allow; memantine at the levels of its label."
    return Computed("memantine_beside", text, values, "%", (command,), note)


@computation
def peak_beside(regimen: str, beside: str) -> Computed:
    """Highest concentration of a regimen beside that of another."""
    first, second = _peak(regimen), _peak(beside)
    text = (
        f"Peak {_n(first)} ng/mL after {_words(regimen)} and {_n(second)} ng/mL after "
        f"{_words(beside)}, {_n(first / second)} times as high."
    )
    values = {"peak": first, "beside": second}
    commands = (_nca(regimen), _nca(beside))
    note = "Typical adult; the first minutes after a rapid injection are poorly known."
    return Computed("peak_beside", text, values, "ng/mL", commands, note)


@computation
def route(regimen: str, beside: str) -> Computed:
    """Share of the area and of the peak that a dose gives beside the same dose into a vein."""
    area = _exposure(regimen, "auc24") / _exposure(beside, "auc24")
    peak = _peak(regimen) / _peak(beside)
    text = (
        f"{_words(regimen).capitalize()}: {_n(100 * area)} % of the area and {_n(100 * peak)} % "
        f"of the peak of {_words(beside)}."
    )
    models = " and ".join(dict.fromkeys(str(_typical(r).attrs["model"]) for r in (regimen, beside)))
    values = {"area": 100 * area, "peak": 100 * peak}
    note = f"Typical adult, by {models}; area over 24 h."
    return Computed("route", text, values, "%", (_nca(regimen), _nca(beside)), note)


@computation
def with_medicine(regimen: str, medicine: str) -> Computed:
    """Factor on the area and on the peak when another medicine is taken."""
    import ketascope as ks

    alone = _typical(regimen)
    both = ks.simulate(regimen, typical=True, beside=[medicine])
    area, peak = (_measure(both, key) / _measure(alone, key) for key in ("auc24", "cmax"))
    text = (
        f"With {medicine} the area after {_words(regimen)} is {_n(area)} times and the peak "
        f"{_n(peak)} times as high."
    )
    commands = (_nca(regimen, "--with", medicine), _nca(regimen))
    note = " ".join(json.loads(both.attrs["warnings"])[:1])
    return Computed("with_medicine", text, {"area": area, "peak": peak}, "1", commands, note)


@computation
def unknown_medicines(medicines: list[str]) -> Computed:
    """Of how many medicines the effect on exposure is known."""
    from ketascope.models.medicines import find

    known = [name for name in medicines if find(name) is not None]
    unknown = [name for name in medicines if name not in known]
    text = f"Not predicted: what {_listed(unknown)} would do to exposure; no study of it is held."
    if known:
        text = f"Studied: {_listed(known)}. {text}" if unknown else f"Studied: {_listed(known)}."
    values = {"known": float(len(known)), "asked": float(len(medicines))}
    commands = tuple(_command("interactions", name) for name in medicines)
    note = "Exposure only. What is not predicted is not thereby harmless."
    return Computed("unknown_medicines", text, values, "1", commands, note)


@computation
def visits(regimen: str) -> Computed:
    """Sessions in weeks 1 to 4, 5 to 8 and later, and devices a session."""
    starts, devices = _sessions(regimen)
    week = starts // (7 * 24)
    counts = [int(((week >= low) & (week < high)).sum()) for low, high in ((0, 4), (4, 8))]
    later = len(starts) - sum(counts)
    text = (
        f"{len(starts)} sessions: {counts[0]} in weeks 1 to 4, {counts[1]} in weeks 5 to 8, "
        f"{later} later in the regimen as it is entered; "
        f"{' to '.join(f'{n}' for n in sorted({min(devices), max(devices)}))} devices a session."
    )
    values = {
        "sessions": float(len(starts)), "weeks_1_to_4": float(counts[0]),
        "weeks_5_to_8": float(counts[1]), "later": float(later),
        "devices_most": float(max(devices)),
    }  # fmt: skip
    return Computed("visits", text, values, "1", (_command("regimen", regimen),))


@computation
def left_after(regimen: str, hours: float) -> Computed:
    """Share of the peak concentration that is left some hours after the start."""
    share = 100 * float(_curve(_typical(regimen, (0.0, hours)))[-1]) / _peak(regimen)
    text = (
        f"{hours:g} h after the start of {_words(regimen)} {_n(share)} % of the peak "
        "concentration is left."
    )
    at_the_time = _command("simulate", regimen, "--typical", "--times", f"0,{hours:g}")
    note = "Typical adult; ketamine or esketamine itself, not its metabolites."
    return Computed("left_after", text, {"share": share}, "%", (_nca(regimen), at_the_time), note)


@computation
def after_infusion(regimen: str, minutes: list[float]) -> Computed:
    """Shares of the concentration at the end of an infusion that are left some minutes later."""
    end = float(json.loads(_typical(regimen).attrs["sessions"])[0]["end"])
    times = (end, *(end + m / MINUTES_PER_HOUR for m in minutes))
    values = _curve(_typical(regimen, times))
    left = 100 * values[1:] / values[0]
    shares = {f"{m:g} min": float(share) for m, share in zip(minutes, left, strict=True)}
    told = _listed([f"{_n(share)} % after {when}" for when, share in shares.items()])
    text = f"Of the concentration at the end of {_words(regimen)} there is left: {told}."
    listed = ",".join(f"{time:.6g}" for time in times)
    command = _command("simulate", regimen, "--typical", "--times", listed)
    note = "Typical adult. It is exposure, not the state that is felt."
    return Computed("after_infusion", text, shares, "%", (command,), note)


@lru_cache(maxsize=32)
def _typical(regimen: str, times: tuple[float, ...] | None = None) -> xr.Dataset:
    """Simulate a typical adult, once for all who ask."""
    import ketascope as ks

    return ks.simulate(regimen, typical=True, times=None if times is None else list(times))


def _curve(result: xr.Dataset) -> Any:
    """Concentration (ng/mL) of the parent drug over time."""
    from ketascope.engine.summary import analytes_of

    return result[analytes_of(result)[0]].to_numpy().reshape(-1)


def _measure(result: xr.Dataset, name: str) -> float:
    """One exposure measure of the parent drug in the first session."""
    from ketascope.engine.summary import exposure

    return float(exposure(result)[name].iloc[0])


def _exposure(regimen: str, name: str) -> float:
    return _measure(_typical(regimen), name)


def _peak(regimen: str) -> float:
    return _exposure(regimen, "cmax")


def _sessions(regimen: str) -> tuple[Any, list[int]]:
    """Start of each session (h), and how many devices or injections it has."""
    from ketascope.dosing import load_regimen, schedule

    found: dict[int, list[float]] = {}
    for one in schedule(load_regimen(regimen)).administrations:
        found.setdefault(one.session, []).append(one.time)
    return np.array([min(times) for times in found.values()]), [len(t) for t in found.values()]


def _nca(regimen: str, *more: str) -> str:
    return _command("simulate", regimen, "--typical", *more, "--summary", "nca")


def _subtype(name: str) -> str:
    return f"GluN2{name[-1].upper()}"
