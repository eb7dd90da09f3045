"""From a total plasma concentration to the concentration that a receptor sees.

Drug that crosses the blood-brain barrier by diffusion alone has, at equilibrium, the same unbound
concentration on both sides. That is the assumption of the driver ``unbound plasma``, and the one
that Shaffer 2014 made to carry occupancy from rats to people. The other drivers are alternatives
with their own sources; total brain concentration overstates what receptors see, since most of it
is bound to tissue, and serves for comparison with positron emission tomography.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from ketascope.errors import InputError
from ketascope.evidence.receptors import bindings, memantine, partitions
from ketascope.evidence.substances import analyte

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ketascope.evidence.receptors import Binding, Isomer, Ligand, Partition

T = TypeVar("T", "Binding", "Partition")
Drive = Literal["unbound plasma", "cerebrospinal fluid", "total plasma", "total brain"]
DRIVES: Final[dict[Drive, str]] = {
    "unbound plasma": "unbound plasma, taken to be that of the brain at once",
    "cerebrospinal fluid": "cerebrospinal fluid, by its ratio to total plasma",
    "total plasma": "total plasma, as if nothing were bound: an upper end",
    "total brain": "total brain, by its ratio to total plasma: most of it is bound to tissue",
}
"""Which concentration drives the block, and what that assumes."""
_HYDROXY: Final[dict[str, Isomer]] = {"S": "2S6S", "R": "2R6R"}


@dataclass(frozen=True, slots=True)
class Drug:
    """A ligand as a model reports it.

    Parameters
    ----------
    name : str
        Analyte, or ``"memantine"``.
    ligand : str
        Substance.
    enantiomer : str
    molar_mass : float
        g/mol of the base.
    note : str
        What was assumed to name it so.
    """

    name: str
    ligand: Ligand
    enantiomer: Isomer
    molar_mass: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Driver:
    """The factor from total plasma to the concentration that drives block.

    Parameters
    ----------
    low, central, high : float
    ids : tuple of str
        Rows of the evidence it comes from; empty for total plasma.
    sources : tuple of str
    note : str
        What was assumed.
    """

    low: float
    central: float
    high: float
    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""


def drug_of(name: str) -> Drug:
    """Return the ligand that an analyte is.

    Raises
    ------
    InputError
        If it is neither an analyte nor memantine.
    """
    if name == "memantine":
        return Drug(name, "memantine", "none", memantine().molar_mass)
    known = analyte(name)
    isomer: Isomer = known.enantiomer
    note = ""
    if known.substance.name == "hydroxynorketamine" and isomer in _HYDROXY:
        isomer = _HYDROXY[isomer]
        note = f"{known.display} is taken to be the ({isomer[:2]},{isomer[2:]}) isomer"
    ligand: Ligand = known.substance.name  # type: ignore[assignment]
    return Drug(name, ligand, isomer, known.molar_mass, note)


def molar(concentration: float, molar_mass: float) -> float:
    """Turn ng/mL into nmol/L.

    >>> round(molar(237.73, 237.73))
    1000
    """
    return 1000.0 * concentration / molar_mass


def to_driving(drug: Drug, drive: Drive = "unbound plasma", choice: str | None = None) -> Driver:
    """Return the factor by which total plasma is multiplied.

    Parameters
    ----------
    drug : Drug
    drive : {"unbound plasma", "cerebrospinal fluid", "total plasma", "total brain"}
    choice : str, optional
        Id of a row to take in place of the default; or ``"lowest"`` or ``"highest"`` of those
        measured in plasma of people and checked.

    Raises
    ------
    InputError
        For a driver or a choice that there is not, or where no value is known of this ligand; the
        message says so, and nothing is put in its place.
    """
    if drive not in DRIVES:
        raise InputError(f"'{drive}' drives no block", hint=f"known are {', '.join(DRIVES)}")
    if drive == "total plasma":
        return Driver(1.0, 1.0, 1.0, note="nothing is taken to be bound")
    if drive == "unbound plasma":
        return _unbound(drug, choice)
    quantity = {"total brain": "brain over plasma"}.get(drive, f"{drive} over plasma")
    rows = [r for r in partitions(drug.ligand) if r.quantity == quantity]
    rows = [r for r in rows if r.status == "checked"]
    found = _nearest(rows, drug)
    if choice is not None:
        found = [row for row in rows if row.id == choice]
    found = [r for r in found if r.species == "human"] or found
    if not found:
        raise _unknown(drug, quantity, rows)
    return _driver(found[0], drug)


def _unbound(drug: Drug, choice: str | None) -> Driver:
    rows = list(bindings(drug.ligand))
    fitting = _nearest(rows, drug)
    if choice in ("lowest", "highest"):
        human = [r for r in fitting if r.species == "human" and r.matrix == "plasma"]
        checked = sorted((r for r in human if r.status == "checked"), key=lambda r: r.value)
        found = checked[:1] if choice == "lowest" else checked[-1:]
    elif choice is not None:
        found = [r for r in fitting if r.id == choice]
    else:
        found = [r for r in fitting if r.default]
    if not found:
        raise _unknown(drug, "fraction unbound", rows)
    return _driver(found[0], drug)


def _nearest(rows: Sequence[T], drug: Drug) -> list[T]:
    """Rows of this enantiomer, or of the racemate where there are none."""
    own = [row for row in rows if row.enantiomer == drug.enantiomer]
    return own or [row for row in rows if row.enantiomer == "R+S"]


def _driver(row: Binding | Partition, drug: Drug) -> Driver:
    low, high = row.interval or (row.value, row.value)
    said = [row.note] if row.note else []
    if row.enantiomer not in (drug.enantiomer, "none"):
        said.append(f"The value of {row.ligand} ({row.enantiomer}) stands for {drug.name}.")
    if row.species != "human":
        said.append(f"Species: {row.species}.")
    return Driver(low, row.value, high, (row.id,), (row.source,), " ".join(said))


def _unknown(drug: Drug, what: str, rows: Iterable[Binding | Partition]) -> InputError:
    ids = ", ".join(row.id for row in rows)
    hint = f"there are {ids}" if ids else "give one of your own, or leave the ligand out"
    return InputError(f"no {what} of {drug.name} is known here", hint=hint)
