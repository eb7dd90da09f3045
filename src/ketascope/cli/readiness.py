"""The command ``readiness``: when people are ready to leave after a dose."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ketascope.cli.asked import people_asked_for, simulated, told_settings
from ketascope.console import print_json, print_table, show_warnings
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


def readiness(
    regimen: RegimenArgument,
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="NAME", help="effects (default), label or strict."),
    ] = None,
    session: Annotated[int, typer.Option("--session", min=1, help="Which session, from 1.")] = 1,
    contrasts: Annotated[
        bool, typer.Option("--contrasts", help="Simulate again with age, dose and route changed.")
    ] = False,
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
    """Show when people are ready to leave: pressure, alertness and dissociation have come back."""
    from ketascope.effects.readiness_report import report_readiness
    from ketascope.effects.readiness_rules import ready_rule

    ready_rule(rule)
    known = told_settings(told)
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        regimen, options, seed=seed, model=model, force=force, workers=workers,
        with_drugs=with_drugs,
    )  # fmt: skip
    found = report_readiness(
        result, rule=rule, settings=known, session=session, contrasts=contrasts
    )
    show_warnings(result)
    for warning in found["warnings"]:
        typer.echo(f"Warning: {warning}", err=True)
    if output_format is Format.json:
        print_json("readiness", [found], regimen=str(result.attrs["regimen"]))
        return
    _text(found)


def _text(found: dict[str, Any]) -> None:
    time = found["time"]
    typer.echo(f"{found['title']} (session {found['session']}, day {found['day']})")
    typer.echo(
        f"Middle person: {_hours(time['q50'])} after the dose begins (5 to 95 % of people: "
        f"{_hours(time['q05'])} to {_hours(time['q95'])}; the fits allow {_hours(time['low'])} to "
        f"{_hours(time['high'])})"
    )
    if time["q50"] == 0:
        typer.echo(
            "0 min: what is predicted here never passes its limits in the middle person. That is "
            "no time to leave."
        )
    typer.echo("")
    print_table(
        ["ready by", "of people"],
        [[f"{one['hours']:g} h", _share(one)] for one in found["shares"]],
    )
    typer.echo("")
    print_table(
        ["comes last", "in"], [[one["display"], _share(one)] for one in found["last"]]
    )  # fmt: skip
    if found["contrasts"]:
        typer.echo("")
        _contrasts(found["contrasts"])
    typer.echo(
        "\nIn brackets: 5 to 95 % of what the fits do not know. A calibration of this project, of "
        "what the drug adds; it stands beside the label's rule, never instead of it. It is no "
        "leave to go: that is judged at the bedside, person by person."
    )
    for one in found["rule"]["criteria"]:
        if one["effect"] in found["of"]:
            typer.echo(f"{one['display']}: {one['says']}. {one['convention']}")
    for name, why in found["not_predicted"].items():
        typer.echo(f"not predicted, so not in it: {name.replace('_', ' ')}: {why}")


def _contrasts(rows: list[dict[str, Any]]) -> None:
    cells = []
    for row in rows:
        if row["not_known"] is not None:
            cells.append([row["what"], row["case"], "not predicted", "", ""])
            continue
        early, late = (next(s for s in row["share"] if s["hours"] == h) for h in (1.5, 2.0))
        cells.append([row["what"], row["case"], _hours(row["median_h"]), _share(early),
                      _share(late)])  # fmt: skip
    print_table(["changed", "to", "middle person", "ready by 1.5 h", "by 2 h"], cells)
    for row in rows:
        if row["not_known"] is not None:
            typer.echo(f"not predicted: {row['case']}: {row['not_known']}")
    base = rows[0]["over"]
    for row in rows[1:]:
        if row["over"] and row["over"] != base:
            typer.echo(f"{row['case']}: of {', '.join(row['over']).replace('_', ' ')} alone")


def _share(one: dict[str, Any]) -> str:
    text = f"{100 * one['share']:.0f} %"
    if one["low"] is not None:
        text += f" [{100 * one['low']:.0f}–{100 * one['high']:.0f}]"
    return text


def _hours(value: float | None) -> str:
    if value is None:
        return "later than 24 h"
    return f"{60 * value:.0f} min" if value < 2 else f"{value:.1f} h"
