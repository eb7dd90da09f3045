"""The command ``course``: depression scores over four weeks, beside a control arm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.console import print_json, print_table, show_warnings
from ketascope.options import Format, FormatOption, RegimenArgument, SeedOption

if TYPE_CHECKING:
    import xarray as xr


def course(
    regimen: RegimenArgument,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="ARM",
            help="Control arm: 'placebo' or 'oral antidepressant with placebo spray'.",
        ),
    ] = None,
    age: Annotated[
        float | None, typer.Option("--age", metavar="YEARS", min=0, max=120, help="Age.")
    ] = None,
    count: Annotated[int, typer.Option("-n", metavar="N", help="People in each arm.")] = 1000,
    seed: SeedOption = 0,
    output_format: FormatOption = Format.text,
) -> None:
    """Show the course of depression (MADRS): change, response, remission, relapse."""
    from ketascope.effects.mood import course as predicted
    from ketascope.effects.mood_table import course_table, relapse_table
    from ketascope.evidence.benefit import dissociation_and_benefit

    found = predicted(regimen, against, n=count, seed=seed, age=age)
    rows = course_table(found)
    nasal = not json.loads(found.attrs["plan"])["by_vein"]
    back = relapse_table(seed=seed) if nasal else []
    if output_format is Format.json:
        print_json("course", rows, regimen=found.attrs["regimen"], how=found.attrs["how"],
                   comparator=found.attrs["comparator"], relapse=back,
                   dissociation=[row.model_dump() for row in dissociation_and_benefit()],
                   limits=json.loads(found.attrs["limits"]),
                   sources=json.loads(found.attrs["sources"]),
                   warnings=json.loads(found.attrs["warnings"]))  # fmt: skip
        return
    show_warnings(found)
    _show(found, rows, back)


def _show(found: xr.Dataset, rows: list[dict[str, Any]], back: list[dict[str, Any]]) -> None:
    typer.echo(f"{found.attrs['regimen']}, against {found.attrs['comparator']}\n")
    columns = ["at", "MADRS change", "control", "difference", "response", "control", "NNT",
               "remission", "control", "NNT"]  # fmt: skip
    print_table(columns, [line(row) for row in rows])
    typer.echo(
        "\nMiddle and 5 to 95 % for the mean of a new trial of outpatients; in brackets what the "
        "fit alone leaves open.\nNNT: people for one more; its upper end is open where the "
        "interval holds none."
    )
    typer.echo(elsewhere(rows[-1]))
    if back:
        typer.echo(
            "Relapse is of one trial (SUSTAIN-1), from stable remission after 16 weeks on: how "
            "far trials are apart is not in its bands."
        )
    for row in back:
        typer.echo(
            f"Relapse of stable remitters in {row['weeks']} weeks: {_percent(row['going_on'])} who "
            f"go on, {_percent(row['stopped'])} who stop the spray and keep the antidepressant."
        )
    typer.echo(found.attrs["how"])


def elsewhere(row: dict[str, Any]) -> str:
    """Return what a row comes to in another setting, in a sentence."""

    def ends(name: str, arm: str, factor: float) -> str:
        low, high = (factor * x for x in row[name][arm]["elsewhere"])
        return f"{low:.0f} to {high:.0f}"

    change = ", ".join(
        f"{words} {ends('change', arm, 1)}"
        for words, arm in (("change", "drug"), ("control", "control"), ("difference", "difference"))
    )
    return (
        f"In another setting (inpatients, surgery, another region, practice), {row['label']}: "
        f"{change}; response {ends('response', 'drug', 100)} %, control "
        f"{ends('response', 'control', 100)} %. That the difference is alike there is assumed."
    )


def line(row: dict[str, Any]) -> list[str]:
    """Return one line of the table, as text."""
    change = row["change"]
    cells = [row["label"]]
    cells += [_points(change[name]) for name in ("drug", "control", "difference")]
    for name in ("response", "remission"):
        one = row[name]
        cells += [_percent(one["drug"]), _percent(one["control"]), _needed(one["nnt"])]
    return cells


def _points(one: dict[str, Any]) -> str:
    low, high = one["within"]
    ends = f"{one['q05']:.0f} to {one['q95']:.0f}"
    return f"{one['q50']:.1f} ({ends}) [{low:.0f} to {high:.0f}]"


def _percent(one: dict[str, Any]) -> str:
    return f"{100 * one['q50']:.0f} % ({100 * one['q05']:.0f}–{100 * one['q95']:.0f})"


def _needed(one: dict[str, float | None]) -> str:
    if one["value"] is None:
        return "none"
    high = "open" if one["high"] is None else f"{one['high']:.0f}"
    low = one["low"]
    return f"{one['value']:.0f} ({'' if low is None else f'{low:.0f}'}–{high})"
