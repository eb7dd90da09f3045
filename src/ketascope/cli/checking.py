"""The command that holds the simulation against published figures."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ketascope.console import print_json, print_table, progress_bar, say
from ketascope.options import Format, FormatOption

if TYPE_CHECKING:
    from ketascope.checks import Row


class FailOn(StrEnum):
    """What makes the command end with exit code 1."""

    check = "check"
    any = "any"
    never = "never"


def validate(
    only: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Rows whose id begins so; all by default.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Print every row, not only those that fail.")
    ] = False,
    picture: Annotated[
        str | None,
        typer.Option("--picture", metavar="FILE", help="Draw published against simulated."),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="When to end with exit code 1.")
    ] = FailOn.check,
    output_format: FormatOption = Format.text,
) -> None:
    """Compare every published figure with the simulation under the study's own conditions."""
    from ketascope.checks import validate as compare
    from ketascope.engine.export import check_writable

    if picture is not None:
        check_writable(picture)
    with progress_bar("Simulating the studies") as progress:
        rows = compare(only, progress=progress)
    if picture is not None:
        _draw(rows, picture)
        say(f"Wrote {picture}.")
    if output_format is Format.json:
        print_json("validate", [row.record() for row in rows])
    else:
        _print(rows, every)
    failed = [row for row in rows if row.passed is False]
    counted = [row for row in failed if fail_on is FailOn.any or row.used_for == "check"]
    if counted and fail_on is not FailOn.never:
        raise typer.Exit(1)


def _draw(rows: list[Row], path: str) -> None:
    from ketascope.errors import InputError
    from ketascope.report.draw_validate import draw_validate

    figure = draw_validate(rows)
    try:
        figure.savefig(path, dpi=160, facecolor="white")
    except ValueError as error:
        raise InputError(
            f"a picture cannot be written to '{path}' ({error})",
            where="--picture",
            hint="use .png, .svg or .pdf",
        ) from None


def _print(rows: list[Row], every: bool) -> None:
    from ketascope.checks import counts, in_words
    from ketascope.checks.rules import RULES

    shown = [
        [
            str(c["used_for"]),
            str(c["kind"]),
            str(c["quantity"]),
            str(c["rows"]),
            str(c["predicted"]),
            f"{c['passed']} of {c['predicted']}",
            f"{c['inside']} of {c['with_interval']}" if c["with_interval"] else "",
            f"{c['covered']} of {c['with_band']}" if c["with_band"] else "",
        ]
        for c in counts(rows)
    ]
    typer.echo(in_words(rows) + "\n")
    head = ["used for", "kind", "quantity", "rows", "predicted", "pass", "inside printed interval",
            "in our 90 % band"]  # fmt: skip
    print_table(head, shown)
    typer.echo("\nRules, stated in advance; a reproduction is never counted as a check:")
    for rule in RULES:
        typer.echo(f"  {rule.name}: {rule.text}.")
    for title, mine in (
        ("Failed", [r for r in rows if r.passed is False]),
        ("Not predicted", [r for r in rows if r.passed is None]),
        ("Passed", [r for r in rows if r.passed] if every else []),
    ):
        if mine:
            typer.echo(f"\n{title} ({len(mine)}):")
            print_table(["id", "model", "use", "published", "simulated", "of published", "why"],
                        [_cells(row) for row in mine])  # fmt: skip


def _cells(row: Row) -> list[str]:
    fold = row.fold
    return [
        row.id,
        row.model or "",
        row.used_for,
        f"{row.published:.4g} {row.unit}".removesuffix(" 1"),
        f"{row.simulated:.4g}" if row.simulated is not None else "",
        f"{fold:.2f}" if fold is not None else "",
        row.explanation,
    ]
