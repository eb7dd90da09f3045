"""The command ``effects``: dissociation, sedation, pressure and others after a dose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.asked import people_asked_for, simulated, told_settings
from ketascope.console import print_json, print_table, say, show_warnings
from ketascope.options import (
    CountOption,
    ForceOption,
    Format,
    FormatOption,
    ModelOption,
    PatientOption,
    PeopleOption,
    RegimenArgument,
    SeedOption,
    SetOption,
    ToldOption,
    TypicalOption,
    WithOption,
    WorkersOption,
)

if TYPE_CHECKING:
    import xarray as xr


def effects(
    regimen: RegimenArgument,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The course: .parquet, .csv or .nc; - is CSV."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only this; repeatable.")
    ] = None,
    told: ToldOption = None,
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelOption = None,
    with_drugs: WithOption = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
    output_format: FormatOption = Format.text,
) -> None:
    """Show acute effects of a regimen: how strong, when, in how many, how soon over."""
    from ketascope.effects.acute import acute_effects
    from ketascope.engine.export import check_writable, format_of

    if output is not None:
        format_of(output)
        check_writable(output)
    known = told_settings(told)
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        regimen, options, seed=seed, model=model, force=force, workers=workers,
        with_drugs=with_drugs,
    )  # fmt: skip
    found = acute_effects(result, names=only or None, settings=known)
    show_warnings(found)
    if output is not None:
        _write(found, output)
    if output != "-":
        _show(result, found, known, output_format)


def _write(found: xr.Dataset, output: str) -> None:
    from ketascope.effects.acute_tables import effect_records
    from ketascope.engine import export

    if export.format_of(output) == "nc":
        export.write(found, output)
    else:
        export.write_table(export.table_of(effect_records(found), found), output)
    say(f"Wrote {output}.", quiet=output == "-")


def _show(
    result: xr.Dataset, found: xr.Dataset, settings: dict[str, float], output_format: Format
) -> None:
    from ketascope.effects.acute_tables import effect_table

    rows = effect_table(result, names=[str(n) for n in found.data_vars], settings=settings)
    missing = json.loads(found.attrs["not_predicted"])
    if output_format is Format.json:
        print_json("effects", rows, not_predicted=missing, regimen=found.attrs["regimen"],
                   settings=settings, warnings=json.loads(found.attrs["warnings"]))  # fmt: skip
        return
    columns = ["effect", "session", "peak", "at h", "how many", "back at h", "back by 2 h", "basis"]
    print_table(columns, [line(row) for row in rows])
    typer.echo(
        "\nMedian, 5 to 95 % of people; in brackets 5 to 95 % of what the fit does not know."
    )
    for row in {row["effect"]: row for row in rows}.values():
        typer.echo(f"{row['display']}: {row['text']}")
    for name, why in missing.items():
        typer.echo(f"not predicted: {name.replace('_', ' ')}: {why}")


def line(row: dict[str, Any]) -> list[str]:
    """Return one line of the table, as text."""
    gone = row["gone"]
    by = next((one for one in gone["by"] if one["hours"] == 2.0), None) if gone else None
    return [
        f"{row['display']}{', ' + row['unit'] if row['unit'] not in ('', '1') else ''}",
        str(row["session"]),
        _spread(row["peak"]),
        _spread(row["time"]),
        "; ".join(f"{one['cut']} {_share(one)}" for one in row["shares"]),
        _spread(gone) if gone else "no level set",
        _share(by) if by else "",
        "calibration" if row["kind"] == "calibrated" else "published",
    ]


def _spread(found: dict[str, Any]) -> str:
    middle, low, high = (_number(found[key]) for key in ("q50", "q05", "q95"))
    text = middle if low == high else f"{middle} ({low}–{high})"
    if found["low"] is not None and found["low"] != found["high"]:
        text += f" [{_number(found['low'])}–{_number(found['high'])}]"
    return text


def _share(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} %"
    if one["low"] is not None:
        text += f" [{100 * one['low']:.0f}–{100 * one['high']:.0f}]"
    return text


def _number(value: float | None) -> str:
    return "not in window" if value is None else f"{value:.3g}"
