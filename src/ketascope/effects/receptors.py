"""Receptor occupancy over time, from simulated plasma concentrations: ``ketascope.occupancy``."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.potencies import find
from ketascope.engine.summary import analytes_of
from ketascope.errors import InputError, Unsupported
from ketascope.evidence.receptors import affinities, target, targets
from ketascope.models.receptor import DRIVES, Driver, block, drug_of, molar, to_driving
from ketascope.models.receptor.brain import Drug

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.models.receptor.brain import Drive
    from ketascope.models.receptor.equilibrium import Potency

BOUNDS: Final = ("central", "low", "high")
"""Central estimate, and the least and the most that the published values allow."""
Binding = str | Mapping[str, str | float] | None


@dataclass
class Account:
    """What was used and what was left out, for the attributes of a result."""

    sources: dict[str, None] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    not_predicted: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    potencies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def attrs(self) -> dict[str, str]:
        """Return all of it as JSON texts."""
        return {
            "sources": json.dumps(list(self.sources)),
            "assumptions": json.dumps(list(self.assumptions), ensure_ascii=False),
            "warnings": json.dumps(list(self.warnings), ensure_ascii=False),
            "not_predicted": json.dumps(self.not_predicted, ensure_ascii=False),
            "left_out": json.dumps(self.left_out, ensure_ascii=False),
            "potencies": json.dumps(self.potencies, ensure_ascii=False),
        }


def occupancy(
    result: xr.Dataset,
    *,
    targets: Iterable[str] | None = None,
    ligands: Iterable[str] | None = None,
    drive: Drive = "unbound plasma",
    binding: Binding = None,
    unchecked: bool | Collection[str] = False,
    derived: bool = False,
) -> xr.Dataset:
    """Work out the block of receptors over time, with the spread of published values.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`: analytes in ng/mL of total plasma.
    targets : iterable of str, optional
        By default every target for which the drug has a value.
    ligands : iterable of str, optional
        Analytes that take part; by default all. A sum of enantiomers is left out where both
        enantiomers are there.
    drive : {"unbound plasma", "cerebrospinal fluid", "total plasma", "total brain"}
        Which concentration drives the block.
    binding : str or mapping, optional
        ``"lowest"`` or ``"highest"`` of the fractions unbound, or for each analyte the id of a
        row or a fraction of your own.
    unchecked : bool or collection of str
        Use values that were not checked against their source, too: at every target, or at those
        named. A warning names each value.
    derived : bool
        Work out the potency of an enantiomer from that of the racemate, and the other way round,
        where it was not measured.

    Returns
    -------
    xarray.Dataset
        ``concentration`` (nmol/L; dims ``ligand``, then those of the result) and ``block`` (share
        of 1; dims ``target``, ``bound``, then those of the result). ``bound`` is central, low,
        high. Attributes, as JSON: ``sources``, ``assumptions``, ``warnings``, ``potencies``,
        ``left_out`` (ligands without a value), ``not_predicted`` (targets, each with the reason).

    Raises
    ------
    InputError
        For a target, a ligand or a driver that there is not.
    Unsupported
        If nothing can be predicted; the message says why.

    Examples
    --------
    >>> import ketascope as ks
    >>> result = ks.simulate("esketamine 84 mg intranasal once", times=[0, 0.5, 1, 2])
    >>> found = ks.occupancy(result, targets=["nmda"])
    >>> [round(float(share), 2) for share in found.block.sel(target="nmda", bound="central")[0]]
    [0.0, 0.44, 0.48, 0.41]
    """
    import xarray as xr

    account = Account(warnings=dict.fromkeys(json.loads(result.attrs.get("warnings", "[]"))))
    drugs = drugs_of(result, ligands, account)
    wanted = [target(name).name for name in targets] if targets is not None else None
    driving = driving_of(result, drugs, drive, binding, account)
    account.assumptions[f"Block is driven by {DRIVES[drive]}."] = None
    if "quantile" in result.dims and len(driving) > 1:
        account.warnings[
            "Quantiles of each analyte are put together as if one person had them all; "
            "for quantiles of block simulate people."
        ] = None
    found = {}
    for name in wanted or _all_targets():
        asked = unchecked if isinstance(unchecked, bool) else name in unchecked
        shares = _shares(name, drugs, driving, account, unchecked=asked, derived=derived)
        if shares is not None:
            found[name] = shares
    if not found:
        raise Unsupported(
            "no receptor can be predicted from this result",
            hint="; ".join(f"{name}: {why}" for name, why in account.not_predicted.items())[:600],
        )
    names = list(found)
    values = xr.concat(list(found.values()), dim="target").assign_coords(target=names)
    values.attrs = {"units": "1", "long_name": "share of receptors blocked or occupied"}
    concentration = xr.concat(
        [driving[drug][0].drop_vars("bound", errors="ignore") for drug in driving], dim="ligand"
    ).assign_coords(ligand=list(driving))
    concentration.attrs = {"units": "nmol/L", "long_name": f"concentration, {drive}"}
    known = {name: target(name) for name in names}
    coordinates = {
        "display": ("target", [known[name].display for name in names]),
        "magnesium": ("target", [_number(known[name].magnesium) for name in names]),
    }
    data = xr.Dataset({"concentration": concentration, "block": values}, coordinates)
    kept = ("regimen", "model", "seed", "version", "disclaimer", "sessions")
    attrs = {key: result.attrs[key] for key in kept if key in result.attrs}
    data.attrs = {"title": "Ketascope receptor occupancy", **attrs, "drive": drive}
    data.attrs |= account.attrs()
    return data


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _all_targets() -> list[str]:
    return list(targets())


def drugs_of(
    result: xr.Dataset, ligands: Iterable[str] | None, account: Account
) -> dict[str, Drug]:
    """Ligands of a result; never a sum beside its parts."""
    there = analytes_of(result)
    names = list(ligands) if ligands is not None else there
    missing = [name for name in names if name not in there]
    if missing:
        raise InputError(
            f"the result has no '{missing[0]}'", hint=f"it has {', '.join(there) or 'no analyte'}"
        )
    drugs = {name: drug_of(name) for name in names}
    for name, drug in list(drugs.items()):
        parts = [d for d in drugs.values() if d.ligand == drug.ligand and d.enantiomer != "R+S"]
        if drug.enantiomer != "R+S" or not parts:
            continue
        if len(parts) < 2:
            raise InputError(
                f"the result has {name} and one of its enantiomers",
                hint="name the ligands that take part",
            )
        del drugs[name]
        account.assumptions[f"{name} is left out: its enantiomers are counted one by one."] = None
    for drug in drugs.values():
        if drug.enantiomer == "R+S":
            text = (
                f"{drug.name} (R + S) is taken to be an equal mixture, with the racemate's values"
            )
            account.assumptions[f"{text}."] = None
        if drug.note:
            account.assumptions[f"{drug.note}."] = None
    return drugs


def driving_of(
    result: xr.Dataset, drugs: dict[str, Drug], drive: Drive, binding: Binding, account: Account
) -> dict[str, tuple[Any, Any, Any]]:
    """Driving concentrations (nmol/L) of each ligand: central, low, high."""
    found = {}
    for name, drug in drugs.items():
        try:
            driver = _driver(drug, drive, binding)
        except InputError as error:
            if binding is not None and not isinstance(binding, str) and name in binding:
                raise
            account.left_out[name] = error.message
            continue
        account.sources |= dict.fromkeys(driver.sources)
        used = ", ".join(driver.ids) or "as given"
        text = f"{name}: {driver.central:g} of total plasma ({used}). {driver.note}"
        account.assumptions[text.strip()] = None
        total = molar(result[name], drug.molar_mass)  # type: ignore[arg-type]
        found[name] = (total * driver.central, total * driver.low, total * driver.high)
    if not found:
        whys = "; ".join(account.left_out.values())
        raise Unsupported(f"no concentration can be worked out ({whys})")
    return found


def _driver(drug: Drug, drive: Drive, binding: Binding) -> Driver:
    choice = binding if isinstance(binding, str) or binding is None else binding.get(drug.name)
    if isinstance(choice, int | float):
        if not 0 < choice <= 1:
            raise InputError(f"a fraction unbound of {choice:g} of {drug.name} is not in 0 to 1")
        return Driver(float(choice), float(choice), float(choice))
    return to_driving(drug, drive, choice)


def _shares(
    name: str,
    drugs: dict[str, Drug],
    driving: dict[str, tuple[Any, Any, Any]],
    account: Account,
    *,
    unchecked: bool,
    derived: bool,
) -> Any | None:
    """Block of one target, dims (bound, ...); None where the drug itself has no value."""
    import xarray as xr

    potencies: dict[str, Potency] = {}
    for key, drug in drugs.items():
        found = find(name, drug, unchecked=unchecked, derived=derived)
        if found.potency is not None and key in driving:
            potencies[key] = found.potency
        elif found.potency is not None or found.inactive or drug.ligand != "ketamine":
            account.left_out[f"{key} at {name}"] = found.reason or account.left_out[key]
        else:
            account.not_predicted[name] = found.reason
            return None
    if not potencies:
        whys = [account.left_out.pop(f"{key} at {name}", "") for key in drugs]
        account.not_predicted[name] = "; ".join(filter(None, whys))
        return None
    for potency in potencies.values():
        _note(name, potency, account)
    account.potencies[name] = {key: _as_text(p) for key, p in potencies.items()}
    hill = _hill(potencies)
    sums = [
        sum(driving[key][k] / (1000.0 * getattr(p, bound)) for key, p in potencies.items())
        for k, bound in enumerate(("central", "high", "low"))
    ]
    parts = xr.concat([block(x, hill) for x in sums], dim="bound")
    return parts.assign_coords(bound=list(BOUNDS))


def _hill(potencies: dict[str, Potency]) -> float:
    """The printed Hill coefficient where one ligand acts alone; else one site."""
    if len(potencies) == 1:
        return next(iter(potencies.values())).hill or 1.0
    return 1.0


def _note(name: str, potency: Potency, account: Account) -> None:
    account.sources |= dict.fromkeys(potency.sources)
    if potency.note:
        account.assumptions[f"{name}: {potency.note}"] = None
    kept = {row.id: row for row in affinities(unchecked=True)}
    for key in potency.ids:
        if kept[key].status != "checked":
            group = key.partition(".")[0]
            text = f"{group}: potencies not checked against their source ({kept[key].how})."
            account.warnings[text] = None


def _as_text(potency: Potency) -> dict[str, Any]:
    return {
        "central": potency.central,
        "low": potency.low,
        "high": potency.high,
        "unit": "umol/L",
        "values": potency.count,
        "spread": potency.spread or "none: one value",
        "hill": potency.hill,
        "rows": list(potency.ids),
        "sources": list(potency.sources),
    }


def receptor_table(
    *, target: str | None = None, ligand: str | None = None, unchecked: bool = True
) -> list[dict[str, Any]]:
    """List published affinities, one row a value.

    Parameters
    ----------
    target, ligand : str, optional
        Only of these.
    unchecked : bool
        Also rows that were not checked; their ``status`` says so.

    Returns
    -------
    list of dict
        As in ``ketascope receptors --format json``.

    >>> [row["value"] for row in receptor_table(target="hcn1")]
    [5.66, 67.0]
    """
    rows = affinities(target=target, ligand=ligand, unchecked=unchecked)
    return [row.model_dump(mode="json") for row in rows]
