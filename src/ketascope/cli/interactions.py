"""The command ``interactions``: medicines that change exposure, with study and what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.console import print_json, print_table, words
from ketascope.options import Format, FormatOption

if TYPE_CHECKING:
    from ketascope.models.medicines import Medicine


def interactions(
    drug: Annotated[
        str | None, typer.Argument(metavar="[DRUG]", help="One medicine, by any of its names.")
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """List medicines whose effect on exposure was studied, or what is known of one."""
    from ketascope.models.medicines import find, medicines, unknown

    chosen = list(medicines().values())
    if drug is not None:
        one = find(drug)
        if one is None:
            raise unknown(drug)
        chosen = [one]
    items = [item(medicine) for medicine in chosen]
    if output_format is Format.json:
        print_json("interactions", items)
        return
    columns = ["medicine", "with", "change", "study", "predicted by"]
    print_table(columns, [*(row for one in items for row in _rows(one)), *_findings(items)])
    if drug is not None:
        _print_one(items[0])


def item(medicine: Medicine) -> dict[str, Any]:
    """Return what is known of a medicine as plain values."""
    from ketascope.models.interactions import BASES
    from ketascope.models.medicines import entries, ratio_record, used_by

    mine = [e for e in entries() if e["medicine"] == medicine.name]
    return {
        "medicine": medicine.name,
        "other_names": list(medicine.also),
        "ratios": [{**ratio_record(v), "models": used_by(v)} for v in medicine.values()],
        "known": [{"text": f.text, "source": f.source} for f in medicine.known],
        "effects": [
            {
                "model": e.get("model"),
                "drug": e.get("drug"),
                "routes": e["routes"],
                "not_measured_on": e.get("mechanistic", []),
                "basis": BASES[e["basis"]],
                "multiply": e.get("multiply", {}),
                "gives": e["gives"],
            }
            for e in mine
        ],
    }


def _rows(one: dict[str, Any]) -> list[list[str]]:
    """One line for each drug, route and study."""
    from ketascope.models.medicines import RATIOS

    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for ratio in one["ratios"]:
        key = (ratio["drug"], ratio["route"], ratio["study"], ratio["regimen"])
        groups.setdefault(key, []).append(ratio)
    rows = []
    for (drug, route, study, _), ratios in groups.items():
        changes = [
            f"{RATIOS[r['quantity']]}{'' if r['analyte'] == drug else ' of ' + r['analyte']} "
            f"x {r['ratio']:g}{'' if r['checked'] else ' (not checked)'}"
            for r in ratios
        ]
        models = dict.fromkeys(model for r in ratios for model in r["models"])
        rows.append(
            [one["medicine"], f"{drug} {route}", "; ".join(changes), study, words(list(models))]
        )
    return rows


def _findings(items: list[dict[str, Any]]) -> list[list[str]]:
    """One line for each finding that no ratio can be made of, with all medicines that it names."""
    from ketascope.evidence import source

    names: dict[tuple[str, str], list[str]] = {}
    for one in items:
        for finding in one["known"]:
            names.setdefault((finding["text"], finding["source"]), []).append(one["medicine"])
    return [[words(n), "", text, source(key).short, ""] for (text, key), n in names.items()]


def _print_one(one: dict[str, Any]) -> None:
    """Print names, conditions of the studies, and what is multiplied."""
    if one["other_names"]:
        typer.echo(f"\nalso: {', '.join(one['other_names'])}")
    taken = dict.fromkeys(
        f"{r['study']}: {r['medicine_dose']}; {r['people']}"
        f"{', ' + str(r['n']) + ' people' if r['n'] else ''}"
        for r in one["ratios"]
    )
    for line in taken:
        typer.echo(f"- {line}")
    for effect in one["effects"]:
        changed = ", ".join(f"{name} x {factor:.3g}" for name, factor in effect["multiply"].items())
        where = effect["model"] or f"every model of {effect['drug']}"
        unmeasured = effect["not_measured_on"]
        doubt = f"; {words(unmeasured)}: mechanistic, not measured" if unmeasured else ""
        typer.echo(
            f"\n{where}, {' and '.join(effect['routes'])}: {changed or 'nothing is changed'} "
            f"({effect['basis']}{doubt})"
        )
    if not one["effects"]:
        typer.echo("\nIts effect on exposure is not predicted in any model.")
