"""The command ``outcomes``: what the scores of rating scales say, or what the scales are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.console import print_json, print_table, say
from ketascope.errors import InputError
from ketascope.options import Format, FormatOption

if TYPE_CHECKING:
    import pandas as pd


def outcomes(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="Scores, CSV or Parquet. Without it, the scales that are known."
        ),
    ] = None,
    scale: Annotated[
        str | None, typer.Option("--scale", metavar="NAME", help="Only this, such as PHQ-9.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="VISIT", help="The visit before.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="VISIT", help="The visit after.")
    ] = None,
    by_person: Annotated[
        bool, typer.Option("--by-person", help="One row for each person, not for each measure.")
    ] = False,
    carry_forward: Annotated[
        bool, typer.Option("--carry-forward", help="Fill a missing later score with the last one.")
    ] = False,
    bootstrap: Annotated[
        int | None, typer.Option("--bootstrap", metavar="SEED", help="Interval by bootstrap.")
    ] = None,
    level: Annotated[
        float, typer.Option("--level", metavar="X", help="Confidence of the intervals.")
    ] = 0.95,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="The table: .csv, .parquet; - is CSV."),
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """Change, response and remission from PHQ-9, MADRS, GAD-7 or PCL-5 scores."""
    if file is None:
        if output is not None:
            raise InputError("a table is of scores", where="-o", hint="give a file of them too")
        _list(scale, output_format)
        return
    from ketascope.effects.outcome_table import outcomes as work_out
    from ketascope.engine.export import check_writable, format_of, table_of, write_table

    if output is not None:
        if format_of(output) == "nc":
            raise InputError("scores make a table", where="-o", hint="use .csv or .parquet")
        check_writable(output)
    table = work_out(
        file,
        scale=scale,
        baseline=baseline,
        at=at,
        level=level,
        carry_forward=carry_forward,
        bootstrap=bootstrap,
        by="person" if by_person else "programme",
    )
    if output is not None:
        write_table(table_of(table, table), output)
        say(f"Wrote {output}.", quiet=output == "-")
    if output != "-":
        _show(table, by_person, output_format)


def _show(table: pd.DataFrame, by_person: bool, output_format: Format) -> None:
    from ketascope.effects.outcome_text import HEAD, cells, heading

    said = {key: json.loads(table.attrs[key]) for key in ("counts", "warnings", "notes", "sources")}
    items: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in table.to_dict("records")
    ]
    if output_format is Format.json:
        print_json("outcomes", items, level=table.attrs["level"], **said)
        return
    for counts in said["counts"]:
        mine = [row for row in items if row["scale"] == counts["scale"]]
        typer.echo(heading(counts))
        if by_person:
            print_table(list(mine[0]), [[_cell(value) for value in row.values()] for row in mine])
        else:
            head = [part.format(f"{100 * table.attrs['level']:g} %") for part in HEAD]
            print_table(head, [cells(row) for row in mine])
        typer.echo()
    for text in said["warnings"]:
        typer.echo(f"Warning: {text}")
    for text in said["notes"]:
        typer.echo(f"Note: {text}")


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _list(name: str | None, output_format: Format) -> None:
    from ketascope.evidence.scales import scale, scales

    chosen = [scale(name, "--scale")] if name is not None else list(scales().values())
    items = [one.model_dump() for one in chosen]
    if output_format is Format.json:
        print_json("scales", items)
        return
    columns = ["name", "measures", "points", "what", "value", "status", "source"]
    print_table(columns, [row for one in items for row in _lines(one)])


def _lines(one: dict[str, Any]) -> list[list[str]]:
    """One line for each cut of a scale."""
    low, high = one["range"]
    head = [one["name"], one["measures"], f"{low} to {high}"]
    bands = ", ".join(f"{band['name']} from {band['start']}" for band in one["bands"])
    found = [[*head, "severity", bands or "no bands", "", one["bands_place"]["source"]]]
    kinds = (
        ("response", "fell by {percent:g} %"),
        ("remission", "at most {at_most}"),
        ("important_difference", "{points:g} points: {basis}"),
        ("reliability", "{value:g}: {kind}"),
        ("reliable_change", "{points:g} points: {basis}"),
        ("significant_change", "reliable, and at most {at_most}"),
    )
    for kind, text in kinds:
        for row in one[kind]:
            cells = [kind.replace("_", " "), text.format(**row), row["status"], row["source"]]
            found.append([*head, *cells])
    return found
