"""The commands ``longterm`` and ``findings``: a course in grams, and what others met with."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ketascope.console import print_json, print_table
from ketascope.options import (
    Format,
    FormatOption,
    PatientOption,
    RegimenArgument,
    SeedOption,
    SetOption,
)


def longterm(
    regimen: RegimenArgument,
    patient: PatientOption = None,
    settings: SetOption = None,
    factor: Annotated[
        float | None,
        typer.Option(
            "--racemate-factor", metavar="X", help="mg of ketamine that 1 mg of esketamine is."
        ),
    ] = None,
    seed: SeedOption = 0,
    output_format: FormatOption = Format.text,
) -> None:
    """Show a course in grams beside what users took, and what long use did to them."""
    from ketascope.effects.long_term import long_term
    from ketascope.patients import Patient, parse_settings, read_patient

    who = read_patient(patient) if patient else Patient()
    if settings:
        who = who.updated(parse_settings(settings))
    found = long_term(regimen, patient=who, seed=seed, racemate_factor=factor)
    if output_format is Format.json:
        print_json("longterm", [found])
        return
    typer.echo(f"{found['regimen']}\n")
    for sentence in found["text"]:
        typer.echo(sentence)
    if found["as_racemate"]:
        month = found["as_racemate"]["month"]["q50"]
        typer.echo(f"Counted as racemate, times {factor:g} as you say: {month:.2g} g in a month.")
    typer.echo()
    columns = ["group", "pattern", "g a month", "times this course", "years", "people", "source"]
    print_table(columns, [_group(one) for one in found["groups"]])
    for one in found["groups"]:
        note = f" {one['note']}" if one["note"] else ""
        typer.echo(f"{one['title']}: {one['given']}: {one['basis']}.{note}")
    for rows in found["findings"].values():
        _facts(rows)
    typer.echo(f"\nNot predicted: {found['not_predicted']}")


def findings(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]",
            help="cognition, driving, heart_rate, tolerance, abstinence, bladder, "
            "long_cognition or dependence.",
        ),
    ] = None,
    output_format: FormatOption = Format.text,
) -> None:
    """Show what studies measured of driving, memory, heart rate, bladder and dependence."""
    from ketascope.effects.known import known
    from ketascope.evidence.findings import TOPICS

    rows = known(topic)
    if output_format is Format.json:
        print_json("findings", rows)
        return
    for name in TOPICS:
        _facts([row for row in rows if row["topic"] == name])


def _group(one: dict[str, Any]) -> list[str]:
    first, last = one["years"]
    return [
        one["title"],
        one["pattern"],
        f"{_span(one['low'], one['high'])} {one['drug']}",
        _span(one["ratio"]["low"], one["ratio"]["high"]),
        f"{first:g}" if first == last else f"{first:g} to {last:g}",
        str(one["people"]),
        one["source"],
    ]


def _span(low: float, high: float) -> str:
    ends = [f"{float(f'{x:.2g}'):g}" for x in (low, high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _facts(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    typer.echo(f"\n{rows[0]['heading']}")
    for row in rows:
        who = "; ".join(part for part in (row["people"], row["dose"]) if part)
        head = {"measured": who, "rule": f"rule; {row['dose']}", "unknown": "not known"}[
            row["kind"]
        ]
        typer.echo(f"- [{head}] {row['what']}")
        for number in row["numbers"]:
            typer.echo(f"    {number['text']}")
        if row["note"]:
            typer.echo(f"    note: {row['note']}")
        if row["source"]:
            typer.echo(f"    {row['source']}, {row['where']}, {row['how']}")
