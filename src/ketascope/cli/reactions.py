"""The command ``reactions``: common reactions against control, as published."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ketascope.console import print_json, print_table
from ketascope.errors import InputError
from ketascope.options import Format, FormatOption


def reactions(
    regimen: Annotated[
        str | None,
        typer.Argument(metavar="[REGIMEN]", help="In words, label:NAME or a YAML file."),
    ] = None,
    drug: Annotated[
        str | None, typer.Option("--drug", metavar="NAME", help="Instead of a regimen.")
    ] = None,
    route: Annotated[
        str | None, typer.Option("--route", metavar="NAME", help="With --drug.")
    ] = None,
    dose: Annotated[
        float | None, typer.Option("--dose", metavar="X", help="With --drug; without it, all.")
    ] = None,
    unit: Annotated[str, typer.Option("--unit", metavar="mg|mg/kg", help="Unit of --dose.")] = "mg",
    output_format: FormatOption = Format.text,
) -> None:
    """Show how many people had each common reaction, with the drug and with control."""
    from ketascope.dosing import load_regimen
    from ketascope.effects.reactions import reactions as look_up
    from ketascope.effects.reactions import reactions_of

    if (regimen is None) == (drug is None and route is None):
        raise InputError("give a regimen, or --drug and --route", hint="one of the two")
    if regimen is not None:
        found = reactions_of(load_regimen(regimen))["doses"]
    else:
        if drug is None or route is None:
            raise InputError("--drug and --route go together", hint="give both")
        found = [look_up(drug, route, dose, unit)]
    if output_format is Format.json:
        print_json("reactions", found)
        return
    for one in found:
        _show(one)
    typer.echo("Shares of people, 95 % interval; difference is drug less control (Newcombe).")
    typer.echo("Needed to harm: people treated for one more with the reaction than with control.")


def _show(found: dict[str, Any]) -> None:
    dose = "" if found["dose"] is None else f" {found['dose']:g} {found['unit']}"
    head = f"{found['drug']}{dose} {found['route']}"
    if found["not_predicted"]:
        typer.echo(f"{head}: not predicted: {found['not_predicted']}.\n")
        return
    typer.echo(head)
    if found["note"]:
        typer.echo(f"Note: {found['note']}")
    for table in found["tables"]:
        typer.echo(f"\n{table['title']} ({', '.join(table['sources'])})")
        typer.echo(f"people: {table['people']}; control: {table['control']}")
        typer.echo(f"counted: {table['window']}")
        print_table(
            ["reaction", "drug", "control", "difference", "needed to harm"],
            [_line(row) for row in table["rows"]],
        )
        for limit in table["limits"]:
            typer.echo(f"Note: {limit}")
    typer.echo()


def _line(row: dict[str, Any]) -> list[str]:
    return [
        row["display"],
        _share(row["drug"]),
        _share(row["control"]),
        _spread(row["difference"], "points"),
        row["needed_to_harm"]["text"],
    ]


def _share(share: dict[str, Any] | None) -> str:
    if share is None:
        return ""
    text = _spread({**share, "value": share["share"]}, "%")
    return text if share["count"] is None else f"{text}, {share['count']}/{share['n']}"


def _spread(found: dict[str, Any] | None, unit: str) -> str:
    if found is None:
        return ""
    text = f"{100 * found['value']:.1f} {unit}"
    if found["low"] is None:
        return text
    return f"{text} ({100 * found['low']:.1f} to {100 * found['high']:.1f})"
