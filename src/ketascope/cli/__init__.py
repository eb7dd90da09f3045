"""The command line: thin, one function a command, in a module for each group of commands.

Exit codes: 0 ran; 1 ran, and something that was asked for by ``--fail-on`` was found; 2 bad input;
3 internal error. No exit code means "safe".
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ketascope import __version__
from ketascope.cli import (
    checking,
    claims,
    compare,
    course,
    effects,
    interactions,
    listings,
    longterm,
    outcomes,
    plan,
    reactions,
    readiness,
    receptors,
    report,
    screen,
    simulate,
    treatments,
)
from ketascope.console import internal_error, refuse, usage
from ketascope.errors import KetascopeError

app = typer.Typer(
    name="ketascope",
    help="What a course of ketamine or esketamine does in a patient, each number with its source. "
    "Research, teaching and decision support; not a medical device.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# in the order in which --help lists them
for command in (
    report.report,
    simulate.simulate,
    listings.models,
    listings.sources,
    listings.regimen,
    interactions.interactions,
    receptors.receptors,
    effects.effects,
    readiness.readiness,
    course.course,
    reactions.reactions,
    longterm.longterm,
    longterm.findings,
    treatments.treatments,
    compare.compare,
    outcomes.outcomes,
    screen.screen,
    plan.plan,
    checking.validate,
    claims.claims,
):
    app.command()(command)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"ketascope {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        return int(app(args=arguments, standalone_mode=False) or 0)
    except KetascopeError as error:
        return refuse(str(error))
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except (Exception, SystemExit) as error:
        # the reader went away, which Click answers by leaving; nothing more can be said to it
        if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
            sys.stderr.close()
            return 0
        # errors of usage come from the library that Typer is built on, whichever that is
        if hasattr(error, "format_message"):
            return refuse(usage(error))
        internal_error()
        return 3
