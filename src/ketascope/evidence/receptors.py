"""Affinities for receptors, binding in plasma, partition into the brain and rates of block.

They lie in ``data/receptors.yaml`` (targets and affinities) and ``data/receptor_exposure.yaml``
(the rest). One row is one value measured in one preparation; what is said once for a group holds
for its values unless a value says it again.

>>> from ketascope.evidence.receptors import affinities
>>> [(row.id, row.value) for row in affinities(target="nmda", ligand="ketamine", enantiomer="S")]
[('ebert_1997.ketamine.S.nmda', 0.3)]
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.evidence.parameter import Place

Ligand = Literal["ketamine", "norketamine", "hydroxynorketamine", "dehydronorketamine", "memantine"]
Isomer = Literal["R+S", "S", "R", "2S6S", "2R6R", "none"]
Status = Literal["checked", "not checked"]
Span = tuple[float, float]
R = TypeVar("R", bound=BaseModel)


class _Row(BaseModel):
    """What every row says: its id, its place, how far it was checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)
    status: Status = "checked"
    note: str = ""

    @property
    def place(self) -> Place:
        """Where the number stands."""
        return Place(self.source, self.where, self.how)


class Target(BaseModel):
    """A receptor, channel or site, under the conditions in which it was studied.

    Parameters
    ----------
    name : str
    display : str
        Name for figures and tables.
    what : str
        What is measured.
    magnesium : float or None
        Extracellular magnesium, mmol/L, where that matters.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    display: str
    what: str
    magnesium: float | None = None


class Affinity(_Row):
    """One affinity or potency, measured in one preparation.

    Parameters
    ----------
    ligand : str
        Substance, or ``"memantine"``.
    enantiomer : {"R+S", "S", "R", "2S6S", "2R6R", "none"}
    target : str
        Name of a :class:`Target`.
    kind : {"IC50", "Ki", "Kd", "EC50"}
    relation : {"=", ">", "<"}
        ``">"``: no half-maximal effect up to this concentration; ``"<"``: below it.
    value : float
        In ``unit``.
    interval : (float, float) or None
    sd, se : float or None
        As printed, in ``unit``.
    hill : float or None
        Hill coefficient, where printed.
    voltage : float or None
        Holding potential, mV.
    species, preparation, method : str
    """

    ligand: Ligand
    enantiomer: Isomer
    target: str
    kind: Literal["IC50", "Ki", "Kd", "EC50"]
    relation: Literal["=", ">", "<"] = "="
    value: float = Field(gt=0)
    unit: Literal["umol/L"] = "umol/L"
    interval: Span | None = None
    interval_kind: str = ""
    sd: float | None = Field(default=None, ge=0)
    se: float | None = Field(default=None, ge=0)
    hill: float | None = Field(default=None, gt=0)
    voltage: float | None = None
    species: str
    preparation: str
    method: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.interval is not None:
            low, high = self.interval
            if not low <= self.value <= high:
                raise ValueError(f"{self.value} lies outside its interval {low} to {high}")
            if not self.interval_kind:
                raise ValueError("an interval needs interval_kind")
        return self


class Binding(_Row):
    """A fraction unbound in plasma (or in a solution of albumin), of 1."""

    ligand: Ligand
    enantiomer: Isomer
    value: float = Field(gt=0, le=1)
    interval: Span | None = None
    interval_kind: str = ""
    species: str
    matrix: Literal["plasma", "albumin"]
    default: bool = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.default and self.status != "checked":
            raise ValueError("a value that was not checked cannot be the default")
        return self


class Partition(_Row):
    """A total concentration in brain or cerebrospinal fluid over that in plasma."""

    ligand: Ligand
    enantiomer: Isomer
    quantity: Literal["brain over plasma", "cerebrospinal fluid over plasma"]
    value: float = Field(gt=0)
    interval: Span | None = None
    interval_kind: str = ""
    species: str


class Kinetics(_Row):
    """Rates of open-channel block, per channel that agonist holds active.

    Parameters
    ----------
    kon, koff : float
        In L/umol/s and 1/s; ``kon_sd`` and ``koff_sd`` as printed after ±.
    ic50 : float
        umol/L, from the equilibrium curve of the same paper.
    trapped : float
        Share of the blocker that stays when agonist goes.
    release_tau : float or None
        Time constant (s) with which the rest leaves.
    release_source : str
        Key of its source.
    """

    ligand: Ligand
    enantiomer: Isomer
    kon: float = Field(gt=0)
    kon_sd: float = Field(ge=0)
    koff: float = Field(gt=0)
    koff_sd: float = Field(ge=0)
    ic50: float = Field(gt=0)
    trapped: float = Field(ge=0, le=1)
    release_tau: float | None = Field(default=None, gt=0)
    release_source: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.trapped < 1 and self.release_tau is None:
            raise ValueError("partial trapping needs release_tau")
        return self


class Memantine(BaseModel):
    """The clinical exposure of memantine, as its label prints it.

    Parameters
    ----------
    formula : str
    molar_mass, molar_mass_hydrochloride : float
        g/mol.
    dose : float
        mg of the hydrochloride a day.
    concentration_mass, concentration_molar : (float, float)
        Range at steady state, in ng/mL and in umol/L; the label prints both.
    half_life : (float, float)
        Hours.
    clearance : float
        mL/min per 1.73 m² of body surface.
    volume : float
        L/kg.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    formula: str
    molar_mass: float
    molar_mass_hydrochloride: float
    dose: float
    source: str
    where: str
    how: str
    concentration_mass: Span
    concentration_molar: Span
    half_life: Span
    clearance: float
    volume: float

    @property
    def place(self) -> Place:
        """Where the numbers stand."""
        return Place(self.source, self.where, self.how)


def targets() -> dict[str, Target]:
    """Return every target by name, in the order of the file."""
    return dict(_receptors()[0])


def target(name: str) -> Target:
    """Return one target; an InputError names those that there are."""
    known = _receptors()[0]
    if name not in known:
        raise InputError(f"'{name}' is not a target", hint=f"known are {', '.join(known)}")
    return known[name]


def affinities(
    *,
    target: str | None = None,
    ligand: str | None = None,
    enantiomer: str | None = None,
    unchecked: bool = False,
) -> tuple[Affinity, ...]:
    """Return affinities, all of them or those of a target, a ligand, an enantiomer.

    Parameters
    ----------
    target, ligand, enantiomer : str, optional
    unchecked : bool
        Also rows that were not checked against their source.
    """
    return tuple(
        row
        for row in _receptors()[1]
        if (target is None or row.target == target)
        and (ligand is None or row.ligand == ligand)
        and (enantiomer is None or row.enantiomer == enantiomer)
        and (unchecked or row.status == "checked")
    )


def bindings(ligand: str | None = None) -> tuple[Binding, ...]:
    """Return fractions unbound, of one ligand or of all."""
    rows: tuple[Binding, ...] = _exposure()["binding"]
    return tuple(row for row in rows if ligand is None or row.ligand == ligand)


def partitions(ligand: str | None = None) -> tuple[Partition, ...]:
    """Return partition ratios, of one ligand or of all."""
    rows: tuple[Partition, ...] = _exposure()["partition"]
    return tuple(row for row in rows if ligand is None or row.ligand == ligand)


def kinetics(ligand: str) -> Kinetics:
    """Return the rates of block of a ligand.

    Raises
    ------
    InputError
        If no rates of it are known.
    """
    rows: tuple[Kinetics, ...] = _exposure()["kinetics"]
    for row in rows:
        if row.ligand == ligand:
            return row
    known = ", ".join(row.ligand for row in rows)
    raise InputError(f"no rates of block are known of '{ligand}'", hint=f"known are {known}")


def memantine() -> Memantine:
    """Return the clinical exposure of memantine."""
    found: Memantine = _exposure()["memantine"]
    return found


def _text(name: str) -> dict[str, Any]:
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / name
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _receptors() -> tuple[dict[str, Target], tuple[Affinity, ...]]:
    data = _text("receptors.yaml")
    known = {name: Target(name=name, **row) for name, row in data["targets"].items()}
    return known, read_affinities(data["affinities"], known)


@lru_cache(maxsize=1)
def _exposure() -> dict[str, Any]:
    data, name = _text("receptor_exposure.yaml"), "receptor_exposure.yaml"
    return {
        "binding": tuple(_read(Binding, row, name) for row in data["binding"]),
        "partition": tuple(_read(Partition, row, name) for row in data["partition"]),
        "kinetics": tuple(_read(Kinetics, row, name) for row in data["kinetics"]),
        "memantine": Memantine(**data["memantine"]),
    }


def read_affinities(groups: list[dict[str, Any]], known: dict[str, Target]) -> tuple[Affinity, ...]:
    """Read groups of affinities, inner words before outer ones.

    Raises
    ------
    InputError
        If a row breaks the schema, names no known target, or stands twice.
    """
    rows: dict[str, Affinity] = {}
    for group in groups:
        shared = {key: value for key, value in group.items() if key != "values"}
        for value in group["values"]:
            merged = shared | value
            names = [group["id"], merged["ligand"], merged["enantiomer"], merged["target"]]
            merged["id"] = ".".join(str(name) for name in names)
            row = _read(Affinity, merged, "receptors.yaml")
            if row.target not in known:
                raise InputError(f"'{row.target}' is not a target", where=row.id)
            if row.id in rows:
                raise InputError(f"the affinity '{row.id}' stands twice")
            if row.interval is None and row.interval_kind:
                row = row.model_copy(update={"interval_kind": ""})
            rows[row.id] = row
    return tuple(rows.values())


def _read(kind: type[R], row: dict[str, Any], name: str) -> R:
    try:
        return kind(**row)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        detail = f"{spot}: {message}" if spot else message
        raise InputError(f"{detail} (in {row.get('id')})", where=name) from None
