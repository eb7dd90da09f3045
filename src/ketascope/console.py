"""What the command line prints: tables, JSON, progress, sentences and the report of a defect."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from ketascope import __version__
from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.models.shape import Shape
    from ketascope.models.structure import Structure


def command_line() -> str:
    """Return the command as it was typed."""
    import shlex

    return shlex.join(["ketascope", *sys.argv[1:]])


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on a terminal, nothing in a pipe; what a user's model prints goes beside it.

    Standard output is for the table, which a line of the model's would spoil.
    """
    if not sys.stderr.isatty():
        with contextlib.redirect_stdout(sys.stderr):
            yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with contextlib.redirect_stdout(sys.stderr), Progress(console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say(text: str, *, quiet: bool = False) -> None:
    """Say something that is not a result, on standard error."""
    if not quiet:
        typer.echo(text, err=True)


def show_warnings(result: xr.Dataset) -> None:
    """Say the warnings of a simulation on standard error."""
    import json

    for warning in json.loads(result.attrs["warnings"]):
        typer.echo(f"Warning: {warning}", err=True)


def print_json(name: str, items: list[Any], **more: Any) -> None:
    """Print a listing with its schema, version and date."""
    typer.echo(json_text(name, items, **more).rstrip())


def json_text(name: str, items: list[Any], **more: Any) -> str:
    """Return a listing as JSON, with its schema, version and date."""
    import datetime

    from ketascope.engine.export import to_json

    head = {
        "schema": f"ketascope/{name}/1",
        "version": __version__,
        "as_of": datetime.date.today().isoformat(),
    }
    return to_json({**head, **more, "items": items})


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Print a plain table; wide where the output is not a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # what a reader may type again is never broken
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for row in rows:
        # as text, or square brackets in a title would be read as markup
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def clock(hours: float) -> str:
    """Return the time of a dose as hours and minutes after the start of its day."""
    minutes = round((hours % 24) * 60 * 60) / 60
    return f"{int(minutes // 60) % 24:02d}:{minutes % 60:05.2f}".removesuffix(".00")


def words(value: Any) -> str:
    """Return a value, or a list of values, as text."""
    return ", ".join(value) if isinstance(value, list) else str(value)


def print_model(model: dict[str, Any], drawing: str) -> None:
    """Print everything about a model, with a drawing of it in characters."""
    typer.echo(f"{model['title']}  [{model['name']}]")
    for key in ("drugs", "routes", "analytes", "covariates"):
        if model[key] or model["source"]:
            typer.echo(f"{key}: {', '.join(model[key]) or 'none'}")
    for key in ("population", "sampling", "matrix", "variability", "status", "solution"):
        if model["source"] or key in ("variability", "solution"):
            typer.echo(f"{key}: {model[key]}")
    if model["source"]:
        typer.echo(f"source: {model['source']['citation']}")
    if model["responses"]:
        typer.echo(f"responses: {', '.join(model['responses'])}")
    for name, error in model["residual_error"].items():
        kinds = [f"{kind} ({sd})" for kind, sd in error.items() if sd is not None]
        typer.echo(f"residual error of {name}: {' and '.join(kinds)}")
    person = ", ".join(f"{key} {value}" for key, value in model["reference_person"].items())
    who = f"a person of {person}" if person else "a typical person"
    typer.echo(f"\ncompartments and flows, 1/h for {who}; ● is measured:\n{drawing}\n")
    sources = [", ".join(filter(None, (p["source"], p["where"]))) for p in model["parameters"]]
    rows = [
        [
            p["name"],
            f"{p['value']:g}",
            p["unit"],
            p["meaning"],
            "; ".join(p["variability"]),
            *([place] if any(sources) else []),
        ]
        for p, place in zip(model["parameters"], sources, strict=True)
    ]
    columns = ["parameter", "value", "unit", "meaning", "variability"]
    print_table([*columns, *(["source"] if any(sources) else [])], rows)
    _print_covariances(model)
    for key in ("readings", "leaves_out", "not_for", "defects"):
        if model[key]:
            typer.echo(f"\n{key.replace('_', ' ')}:")
            for line in model[key]:
                typer.echo(f"- {line}")


def _print_covariances(model: dict[str, Any]) -> None:
    if model["covariances"]:
        typer.echo("\ncovariances of random effects:")
        for c in model["covariances"]:
            typer.echo(f"- {c['first']}, {c['second']}: {c['value']:g} (by {c['level']})")
    if model["joint_uncertainty"]:
        joint = model["joint_uncertainty"]
        scale = "of the logarithms" if joint["scale"] == "log" else "in printed units"
        typer.echo(f"\ncovariance matrix of the estimates of {', '.join(joint['names'])}, {scale}")


def one_model(name: str | None) -> Structure:
    """Return the model that is named: one of the library, or a file of a user's own."""
    from ketascope.models import get
    from ketascope.models.load import is_file, load_model

    if name is None:
        raise InputError("a picture is of one model", where="-o", hint="name the model as well")
    return load_model(name) if is_file(name) else get(name)


def draw_model(shape: Shape, title: str, output: str) -> None:
    """Write the picture of a model."""
    from ketascope.engine.export import check_writable, write_text
    from ketascope.report.flow_diagram import picture

    if output != "-" and not output.lower().endswith(".svg"):
        raise InputError(
            f"'{output}' is not the name of an SVG file", where="-o", hint="use .svg, or -"
        )
    check_writable(output)
    write_text(picture(shape, title), output)
    say(f"Wrote {output}.", quiet=output == "-")


def refuse(sentence: str) -> int:
    """Say why not, and return the exit code of bad input."""
    typer.echo(f"ketascope: {sentence}", err=True)
    return 2


def usage(error: Any) -> str:
    """Return an error of usage as one sentence."""
    message = str(error.format_message()).rstrip(".")
    if "unexpected extra argument" in message:
        message += "; put the regimen in quotes"
    context = getattr(error, "ctx", None)
    return f"{message}; see '{context.command_path} --help'." if context else f"{message}."


def internal_error() -> None:
    """Keep the traceback in a file and say where."""
    import platform
    import tempfile
    import traceback

    text = (
        f"ketascope {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{command_line()}\n\n{traceback.format_exc()}"
    )
    with tempfile.NamedTemporaryFile(
        "w", prefix="ketascope-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    typer.echo(
        f"ketascope: something went wrong inside the program; the details are in {file.name}. "
        "Please send that file with your report to the project's issue tracker.",
        err=True,
    )
