"""The command ``compare``: regimens, routes or patients side by side, as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope.cli.asked import told_settings
from ketascope.console import command_line, print_json, print_table, progress_bar, say
from ketascope.errors import InputError
from ketascope.options import (
    CountOption,
    ForceOption,
    Format,
    ModelOption,
    SeedOption,
    SetOption,
    ToldOption,
    WithOption,
    WorkersOption,
)

if TYPE_CHECKING:
    from ketascope.checks.compare import Comparison


def compare(
    regimens: Annotated[
        list[str],
        typer.Argument(metavar="REGIMEN...", help="Two or more; or one and --patient twice."),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="HTML file; - is standard output.")
    ] = "compare.html",
    patient: Annotated[
        list[str] | None,
        typer.Option("--patient", metavar="FILE", help="YAML or JSON; repeatable: an arm each."),
    ] = None,
    settings: SetOption = None,
    told: ToldOption = None,
    count: CountOption = None,
    seed: SeedOption = 0,
    model: ModelOption = None,
    with_drugs: WithOption = None,
    data: Annotated[
        str | None, typer.Option("--data", metavar="FILE", help="Also write the numbers as JSON.")
    ] = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="Also print the table of differences.")
    ] = None,
) -> None:
    """Put regimens or patients side by side in one HTML page."""
    from ketascope.checks.compare import compare as run
    from ketascope.engine.export import check_writable, to_json, write_text

    if output != "-" and not output.lower().endswith((".html", ".htm")):
        raise InputError(
            f"'{output}' is not the name of an HTML file", where="-o", hint="use .html"
        )
    if data == output:
        raise InputError(
            "the page and its numbers cannot go to one place", where="--data", hint="name two files"
        )
    for path in (output, data):
        if path is not None:
            check_writable(path)
    with progress_bar("Simulating the arms") as progress:
        found = run(
            regimens, _people(patient, settings), n=count, seed=seed, model=model,
            settings=told_settings(told), beside=tuple(with_drugs or ()), force=force,
            workers=workers, progress=progress,
        )  # fmt: skip
    from ketascope.report.compare_page import compare_data, compare_page

    command = command_line()
    write_text(compare_page(found, command=command), output)
    if data is not None:
        write_text(to_json(compare_data(found, command=command)), data)
    if output_format is Format.json and output != "-":
        print_json("compare", found.records())
    elif output_format is Format.text and output != "-":
        _print(found)
    say(f"Wrote {output}{f' and {data}' if data else ''}.", quiet="-" in (output, data))


def _people(patient: list[str] | None, settings: list[str] | None) -> Any:
    from ketascope.patients import Patient, parse_settings, read_patient

    fixed = parse_settings(settings) if settings else {}
    if patient is None:
        return Patient().updated(fixed) if fixed else None
    people = [read_patient(path).updated(fixed) for path in patient]
    return people if len(people) > 1 else people[0]


def _print(found: Comparison) -> None:
    from ketascope.checks.compare_lines import Ends

    def cell(value: Ends | None) -> str:
        if value is None:
            return "-"
        span = "" if value["q05"] is None else f" ({value['q05']:.3g} to {value['q95']:.3g})"
        return f"{value['q50']:.3g}{span}"

    letters = [arm.letter for arm in found.arms]
    heads = [
        "quantity",
        *letters,
        *(f"{one} against {letters[0]}" for one in letters[1:]),
        "interval",
    ]
    rows = [
        [f"{line.quantity} {line.unit}", *map(cell, line.values), *map(cell, line.differences),
         line.interval]
        for line in found.lines
    ]  # fmt: skip
    print_table(heads, rows)
