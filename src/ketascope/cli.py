"""The command line: thin, one function a command.

Exit codes: 0 ran; 2 bad input; 3 internal error. No exit code means "safe".
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketascope import __version__
from ketascope.console import (
    clock,
    command_line,
    draw_model,
    internal_error,
    one_model,
    print_json,
    print_model,
    print_table,
    refuse,
    say,
    show_warnings,
    usage,
    words,
)
from ketascope.errors import InputError, KetascopeError
from ketascope.options import (
    AtolOption,
    CarryOption,
    CountOption,
    DataOption,
    ForceOption,
    Format,
    FormatOption,
    ModelOption,
    PatientOption,
    PeopleOption,
    RegimenArgument,
    RegimenOrData,
    ResidualOption,
    RtolOption,
    SeedOption,
    SetOption,
    Summary,
    TypicalOption,
    WithOption,
    WorkersOption,
    data_simulated,
    date_of,
    other_models,
    people_asked_for,
    regimen_without_data,
    simulated,
)

if TYPE_CHECKING:
    pass


app = typer.Typer(
    name="ketascope",
    help="What a course of ketamine or esketamine does in a patient, each number with its source. "
    "Research, teaching and decision support; not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"ketascope {__version__}")
        raise typer.Exit


@app.command()
def report(
    regimen: RegimenArgument,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="HTML file; - is standard output.")
    ] = "report.html",
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelOption = None,
    with_drugs: WithOption = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Date of day 1, as 2027-01-31.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", metavar="FILE", help="Also write the numbers as JSON.")
    ] = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
) -> None:
    """Write one self-contained HTML report of a course."""
    from ketascope.engine.export import check_writable, to_json, write_text

    if output != "-" and not output.lower().endswith((".html", ".htm")):
        raise InputError(
            f"'{output}' is not the name of an HTML file",
            where="-o",
            hint="use .html; a browser prints it to PDF",
        )
    for path in (output, data):
        if path is not None:
            check_writable(path)
    if data is not None and (output == data or Path(output).resolve() == Path(data).resolve()):
        raise InputError(
            f"the report and its data both go to '{output}'",
            where="--data",
            hint="give them different files",
        )
    day = date_of(start)
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        regimen,
        options,
        seed=seed,
        model=model,
        force=force,
        workers=workers,
        with_drugs=with_drugs,
    )
    show_warnings(result)
    from ketascope.report import make_report, report_data

    others = other_models(regimen, options, result, seed=seed, force=force)
    command = command_line()
    if day is not None:
        result.attrs["start"] = day.isoformat()
    write_text(make_report(result, alternatives=others, command=command), output)
    if data is not None:
        write_text(to_json(report_data(result, alternatives=others, command=command)), data)
    say(f"Wrote {output}{f' and {data}' if data else ''}.", quiet="-" in (output, data))


@app.command()
def simulate(
    regimen: RegimenOrData = None,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=".parquet, .csv or .nc; - is CSV on standard output.",
        ),
    ] = "-",
    patient: PatientOption = None,
    settings: SetOption = None,
    people: PeopleOption = None,
    count: CountOption = None,
    typical: TypicalOption = False,
    seed: SeedOption = 0,
    model: ModelOption = None,
    with_drugs: WithOption = None,
    times: Annotated[
        str | None,
        typer.Option("--times", metavar="A:B:STEP", help="Hours, B included; or a list 0,0.5,1."),
    ] = None,
    summary: Annotated[
        Summary | None,
        typer.Option("--summary", help="Exposure of each person, or quantiles over people."),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            metavar="R",
            help="Redraw typical values from their standard errors R times.",
        ),
    ] = None,
    data: DataOption = None,
    carry: CarryOption = None,
    residual: ResidualOption = False,
    rtol: RtolOption = None,
    atol: AtolOption = None,
    force: ForceOption = False,
    workers: WorkersOption = None,
) -> None:
    """Write concentrations over time: columns id, time (h), then each analyte in ng/mL.

    With --data: columns ID, TIME (h), then each output, a row for each record of the data set.
    """
    from ketascope.engine import export
    from ketascope.engine import summary as summaries
    from ketascope.engine.grid import parse_times

    kind = export.format_of(output)
    if output == "-" and sys.stdout.isatty():
        raise InputError(
            "the table would fill the terminal",
            where="-o",
            hint="name a file, or send standard output elsewhere with | or >",
        )
    if summary is Summary.nca and times is not None:
        raise InputError(
            "exposure is worked out on the default times, which are fine around the peak",
            where="--times",
            hint="leave --times out",
        )
    if kind == "nc" and summary is Summary.nca:
        raise InputError(
            "a table of exposure is not NetCDF", where="-o", hint="use .csv or .parquet"
        )
    if summary is Summary.nca and replicates is not None:
        raise InputError(
            "exposure is of one set of typical values",
            where="--replicates",
            hint="leave it out, or take --summary quantiles",
        )
    export.check_writable(output)
    if data is not None:
        table = data_simulated(
            data,
            model,
            {
                "a REGIMEN": regimen,
                "--patient": patient,
                "--set": settings,
                "--people": people,
                "-n": count,
                "--with": with_drugs,
                "--times": times,
                "--summary": summary,
                "--force": force,
            },
            carry,
            output,
            residual=residual,
            replicates=replicates,
            rtol=rtol,
            atol=atol,
            seed=seed,
            typical=typical,
            workers=workers,
        )
        export.write_table(table, output)
        say(f"Wrote {output}.", quiet=output == "-")
        return
    words_of_regimen = regimen_without_data(
        regimen, covariates=carry, residual=residual, rtol=rtol, atol=atol
    )
    grid = parse_times(times) if times is not None else None
    options = people_asked_for(patient, settings, people, count, typical)
    result = simulated(
        words_of_regimen,
        options,
        seed=seed,
        model=model,
        force=force,
        workers=workers,
        with_drugs=with_drugs,
        times=grid,
        replicates=replicates,
        quantiles=summaries.QUANTILES if summary is Summary.quantiles else None,
    )
    show_warnings(result)
    if summary is Summary.nca:
        export.write_table(export.table_of(summaries.all_exposure(result), result), output)
    else:
        export.write(result, output)
    say(f"Wrote {output}.", quiet=output == "-")


@app.command()
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
        columns = ["name", "drugs", "routes", "analytes", "sampling", "variability", "status"]
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


@app.command()
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


@app.command()
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


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        return int(app(args=arguments, standalone_mode=False) or 0)
    except KetascopeError as error:
        return refuse(str(error))
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except (BrokenPipeError, SystemExit):
        # the reader went away, which Click answers by leaving; nothing more can be said to it
        sys.stderr.close()
        return 0
    except Exception as error:
        # errors of usage come from the library that Typer is built on, whichever that is
        if hasattr(error, "format_message"):
            return refuse(usage(error))
        internal_error()
        return 3


if __name__ == "__main__":
    sys.exit(main())
