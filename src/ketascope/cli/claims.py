"""The command ``claims``: what is commonly said of ketamine, judged."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ketascope.console import json_text, print_table, progress_bar, say
from ketascope.options import Format, FormatOption

if TYPE_CHECKING:
    from ketascope.checks.claims import Judged


def claims(
    only: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...", help="Such as 7b, or 7 for all its parts; these are shown whole."
        ),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option(
            "--topic", metavar="T", help="mechanism, dose, effects, risk, outcome or networks."
        ),
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option(
            "--verdict",
            metavar="V",
            help="supported, qualified, contested, unsupported or not-assessable.",
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Evidence and reasons of each claim, not a list.")
    ] = False,
    no_simulation: Annotated[
        bool, typer.Option("--no-simulation", help="Leave out what the simulation gives.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Into a file: .txt or .json."),
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """Judge what is commonly said of ketamine: verdict, evidence on both sides, simulation."""
    from ketascope.checks.claims import claims as judge
    from ketascope.engine.export import check_writable, text_ending, write_text

    if output is not None:
        check_writable(output)
        if output_format is Format.text:
            text_ending(output, ("txt", "json"))
    as_json = output_format is Format.json or (output or "").lower().endswith(".json")
    whole = whole or bool(only) or (output is not None and output != "-") or as_json
    with progress_bar("Running the computations") as progress:
        found = judge(
            *(only or []),
            topic=topic,
            verdict=verdict,
            simulation=whole and not no_simulation,
            progress=progress,
        )
    if not whole:
        _list(found)
        return
    write_text(_json(found) if as_json else _text(found, output), output or "-")
    say(f"Wrote {output}.", quiet=output in (None, "-"))


def _json(found: list[Judged]) -> str:
    return json_text("claims", [one.record() for one in found])


def _text(found: list[Judged], output: str | None) -> str:
    import shutil

    from ketascope.checks.claim_text import claim_text, verdict_counts

    shown = output in (None, "-") and sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, 110) if shown else 96
    return f"{verdict_counts(found)}\n\n{claim_text(found, width)}"


def _list(found: list[Judged]) -> None:
    from ketascope.checks.claim_text import verdict_counts

    typer.echo(verdict_counts(found))
    rows = [[one.claim.id, one.claim.topic, one.claim.verdict, one.claim.claim] for one in found]
    print_table(["id", "topic", "verdict", "claim"], rows)
    say("Give an id, or --whole, for reasons and evidence.")
