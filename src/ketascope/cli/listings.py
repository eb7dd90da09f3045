"""The commands that look things up: models, sources and regimens."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ketascope.console import (
    clock,
    draw_model,
    one_model,
    print_json,
    print_model,
    print_table,
    words,
)
from ketascope.options import Format, FormatOption


def models(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|FILE.py[:NAME]]", help="One model in full."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Draw the model: an .svg picture."),
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """List the library of published models, or show one, or a file of your own, with a drawing."""
    from ketascope.models import library
    from ketascope.models.describe import details, summary

    if name is None and output is None:
        items = [summary(model) for model in library().values()]
        if output_format is Format.json:
            print_json("models", items)
            return
        columns = ["name", "drugs", "routes", "analytes", "people", "variability", "status"]
        print_table(columns, [[words(item[column]) for column in columns] for item in items])
        return
    model = one_model(name)
    from ketascope.models.shape import shape_of

    shape = shape_of(model)
    if output is not None:
        draw_model(shape, model.title, output)
    elif output_format is Format.json:
        print_json("models", [details(model, shape)])
    else:
        from ketascope.report.flow_text import text_diagram

        print_model(details(model, shape), text_diagram(shape))


def sources(
    bib: Annotated[bool, typer.Option("--bib", help="Print the BibTeX file.")] = False,
    output_format: FormatOption = Format.text,
) -> None:
    """List every source that a number comes from."""
    from ketascope.evidence import bibtex
    from ketascope.evidence import sources as all_sources

    if bib:
        typer.echo(bibtex().rstrip())
    elif output_format is Format.json:
        print_json("sources", [source.csl() for source in all_sources().values()])
    else:
        print_table(["key", "reference"], [[s.key, s.citation] for s in all_sources().values()])


def regimen(
    text: Annotated[
        str | None, typer.Argument(metavar="[REGIMEN]", help="A regimen to read back.")
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """Read a regimen back with its doses in time, or list the named regimens."""
    from ketascope.dosing import labels, load_regimen, schedule

    if text is None:
        known = list(labels().values())
        if output_format is Format.json:
            print_json("regimens", [_label_item(label) for label in known])
        else:
            print_table(["name", "regimen"], [[label.name, label.text] for label in known])
        return
    given = load_regimen(text)
    plan = schedule(given)
    doses = [
        {
            "time": d.time,
            "day": int((d.time + 1e-9) // 24) + 1,
            "drug": d.drug,
            "route": d.route,
            "amount": str(d.amount),
            "duration": d.duration,
            "session": d.session + 1,
        }
        for d in plan.administrations
    ]
    if output_format is Format.json:
        print_json("regimen", doses, regimen=str(given), horizon=plan.horizon)
        return
    typer.echo(str(given))
    rows = [
        [
            str(d["day"]),
            clock(float(d["time"])),
            str(d["amount"]),
            str(d["route"]),
            f"{60 * float(d['duration']):.4g}",
        ]
        for d in doses
    ]
    print_table(["day", "time", "amount", "route", "duration (min)"], rows)


def _label_item(label: Any) -> dict[str, Any]:
    import dataclasses

    return {key: value for key, value in dataclasses.asdict(label).items() if key != "parsed"}
