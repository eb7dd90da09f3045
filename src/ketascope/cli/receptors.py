"""The command ``receptors``: affinities with their sources, or the block that a regimen gives."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.asked import people_asked_for, simulated
from ketascope.console import print_json, print_table, say, show_warnings
from ketascope.errors import InputError
from ketascope.options import (
    CountOption,
    ForceOption,
    Format,
    FormatOption,
    ModelOption,
    PatientOption,
    PeopleOption,
    SeedOption,
    SetOption,
    TypicalOption,
    WorkersOption,
)

if TYPE_CHECKING:
    import xarray as xr


class Driven(StrEnum):
    """Which concentration drives the block."""

    unbound_plasma = "unbound plasma"
    cerebrospinal_fluid = "cerebrospinal fluid"
    total_plasma = "total plasma"
    total_brain = "total brain"


def receptors(
    regimen: Annotated[
        str | None,
        typer.Argument(metavar="[REGIMEN]", help="Without it, the published affinities."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The course: .parquet, .csv or .nc; - is CSV."
        ),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="NAME", help="Only this; repeatable.")
    ] = None,
    drive: Annotated[
        Driven, typer.Option("--drive", help="Which concentration drives the block.")
    ] = Driven.unbound_plasma,
    binding: Annotated[
        str | None,
        typer.Option("--binding", metavar="lowest|highest", help="Another fraction unbound."),
    ] = None,
    unchecked: Annotated[
        bool,
        typer.Option("--unchecked", help="Also values that were not checked at their source."),
    ] = False,
    derived: Annotated[
        bool,
        typer.Option("--derived", help="Work out an enantiomer from the racemate and back."),
    ] = False,
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelOption = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
    output_format: FormatOption = Format.text,
) -> None:
    """List receptor affinities, or show the block of receptors that a regimen gives."""
    if regimen is None:
        if output is not None:
            raise InputError("a course is of a regimen", where="-o", hint="give the regimen too")
        _list(target, output_format)
        return
    if binding not in (None, "lowest", "highest"):
        raise InputError(f"'{binding}' is no choice", where="--binding", hint="lowest or highest")
    from ketascope.effects import occupancy
    from ketascope.engine.export import check_writable, format_of

    if output is not None:
        format_of(output)
        check_writable(output)
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        regimen, options, seed=seed, model=model, force=force, workers=workers, with_drugs=None
    )
    found = occupancy(
        result,
        targets=target or None,
        drive=drive.value,
        binding=binding,
        unchecked=unchecked,
        derived=derived,
    )
    show_warnings(found)
    if output is not None:
        _write(found, output)
    if output != "-":
        _show(found, output_format, unchecked=unchecked)


def _list(names: list[str] | None, output_format: Format) -> None:
    from ketascope.effects import receptor_table
    from ketascope.evidence.receptors import target as known

    chosen = [known(name).name for name in names or []]
    rows = [row for row in receptor_table() if not chosen or row["target"] in chosen]
    if output_format is Format.json:
        print_json("receptors", rows)
        return
    columns = ["target", "ligand", "isomer", "kind", "umol/L", "interval", "species", "source", ""]
    print_table(columns, [_line(row) for row in rows])


def _line(row: dict[str, Any]) -> list[str]:
    sign = "" if row["relation"] == "=" else row["relation"]
    span = "–".join(f"{end:g}" for end in row["interval"]) if row["interval"] else ""
    return [
        row["target"],
        row["ligand"],
        row["enantiomer"],
        row["kind"],
        f"{sign}{row['value']:g}",
        span,
        row["species"],
        row["source"],
        "" if row["status"] == "checked" else row["status"],
    ]


def _write(found: xr.Dataset, output: str) -> None:
    from ketascope.effects.tables import occupancy_records
    from ketascope.engine import export

    if export.format_of(output) == "nc":
        export.write(found, output)
    else:
        export.write_table(export.table_of(occupancy_records(found), found), output)
    say(f"Wrote {output}.", quiet=output == "-")


def _show(found: xr.Dataset, output_format: Format, *, unchecked: bool) -> None:
    from ketascope.effects.tables import peak_block

    rows = peak_block(found, unchecked=unchecked)
    missing = json.loads(found.attrs["not_predicted"])
    if output_format is Format.json:
        kept = ("assumptions", "warnings", "left_out", "sources")
        more = {key: json.loads(found.attrs[key]) for key in kept}
        more |= {"regimen": found.attrs["regimen"], "drive": found.attrs["drive"]}
        print_json("receptor-block", rows, not_predicted=missing, **more)
        return
    typer.echo(
        f"Peak block, % of receptors, driven by {found.attrs['drive']}; memantine at steady state "
        "by unbound plasma"
    )
    columns = ["target", "block", "values allow", "90 % of people", "at h", "memantine 20 mg/day"]
    print_table(columns, [_peak(row) for row in rows])
    for name, why in missing.items():
        typer.echo(f"not predicted: {name}: {why}")
    for text in json.loads(found.attrs["assumptions"]):
        typer.echo(f"assumed: {text}")


def _peak(row: dict[str, Any]) -> list[str]:
    def share(value: float) -> str:
        return f"{100 * value:.2g}"

    single = max(row["values"].values()) == 1 and row["low"] == row["high"]
    alike = row["people"][0] == row["people"][1]
    beside = row["memantine"]
    return [
        row["target"],
        share(row["block"]),
        "one value" if single else f"{share(row['low'])}–{share(row['high'])}",
        "no spread" if alike else "–".join(share(value) for value in row["people"]),
        f"{row['time']:.2g}",
        f"{share(beside[0])} ({share(beside[1])}–{share(beside[2])})" if beside else "no value",
    ]
