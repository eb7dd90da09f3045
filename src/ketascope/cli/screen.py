"""The command ``screen``: what stands against a regimen in a patient, what to watch and to ask."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ketascope.console import command_line, progress_bar, say
from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ketascope.safety.rules import Severity

# Most lines that are said of what belongs to no patient of an export.
_MOST_SAID = 20


class ScreenFormat(StrEnum):
    """How a screening is written."""

    text = "text"
    json = "json"
    html = "html"


def screen(
    patient: Annotated[
        str,
        typer.Argument(
            metavar="PATIENT",
            help="FHIR R4, YAML or JSON; - is standard input; a folder is a bulk export.",
        ),
    ],
    regimen: Annotated[
        str, typer.Option("--for", metavar="REGIMEN", help="In words, label:NAME or a YAML file.")
    ],
    place: Annotated[
        str,
        typer.Option(
            "--jurisdiction", metavar="PLACE", help="us, eu, uk, ch, no, ca, au, nz or jp."
        ),
    ],
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="Dated answers to the questions."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the screen (default today).")
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 where something this grave is found: contraindicated, avoid, "
            "caution, monitor or inform.",
        ),
    ] = "contraindicated",
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Simulate what medicines do to exposure.")
    ] = False,
    patient_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Of several patients, this one.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=".txt, .html or .json, of an export .jsonl; - is the default.",
        ),
    ] = None,
    output_format: Annotated[
        ScreenFormat | None, typer.Option("--format", help="Default: by the name of the file.")
    ] = None,
) -> None:
    """Screen a patient's record: findings by severity, open questions, what is not screened."""
    from ketascope.engine.export import check_writable
    from ketascope.safety.rules import jurisdiction, severity

    grave = severity(fail_on, "--fail-on")
    jurisdiction(place, "--jurisdiction")
    day = _day(on)
    target = output or "-"
    if target != "-":
        check_writable(target)
    asked = {"regimen": regimen, "jurisdiction": place, "answers": answers, "on": day}
    if patient != "-" and Path(patient).is_dir() and patient_id is None:
        if answers is not None:
            raise InputError("answers are one patient's", where="--answers", hint="give --id too")
        failed = _export(patient, asked, grave, target, simulate)
    else:
        failed = _one(patient, patient_id, asked, grave, target, output_format, simulate)
    if failed:
        raise typer.Exit(1)


def _one(
    patient: str,
    patient_id: str | None,
    asked: dict[str, Any],
    grave: Severity,
    target: str,
    output_format: ScreenFormat | None,
    simulate: bool,
) -> bool:
    """Screen one patient; return whether something grave was found."""
    from ketascope.engine.export import to_json, write_text
    from ketascope.patients.record import read_record
    from ketascope.safety.screen import screen as run

    kind = output_format or _by_name(target)
    record = read_record(patient, patient=patient_id, on=asked["on"])
    found = run(record, **asked, simulate=simulate)
    if kind is ScreenFormat.json:
        text = to_json(found.data())
    elif kind is ScreenFormat.html:
        from ketascope.report.screen_page import screen_page

        text = screen_page(found, command=command_line())
    else:
        from ketascope.safety.screen_text import screen_text

        text = screen_text(found)
    write_text(text, target)
    say(f"Wrote {target}.", quiet=target == "-")
    return bool(found.at_or_above(grave))


def _export(
    folder: str, asked: dict[str, Any], grave: Severity, target: str, simulate: bool
) -> bool:
    """Screen everybody of a bulk export, one line of JSON each; memory holds one record."""
    from ketascope.dosing import load_regimen
    from ketascope.engine.export import text_ending
    from ketascope.patients.fhir import Export
    from ketascope.safety.screen import screen as run

    text_ending(target, ("jsonl", "ndjson", "json"))
    asked = {**asked, "regimen": load_regimen(asked["regimen"])}
    failed = unread = 0
    with progress_bar("Reading the export") as progress:
        export = Export(folder, on=asked["on"], progress=progress)
    with _lines(target) as sink, progress_bar("Screening") as progress:
        for number, record in enumerate(export.records(), 1):
            if isinstance(record, InputError):
                unread += 1
                row = {"patient": export.patients[number - 1], "error": str(record)}
            else:
                found = run(record, **asked, simulate=simulate)
                failed += bool(found.at_or_above(grave))
                row = found.data()
            sink.write(json.dumps(row, ensure_ascii=False) + "\n")
            if progress is not None:
                progress(number, len(export))
    left_out = export.not_screened
    for item, reason in left_out[:_MOST_SAID]:
        say(f"Not screened: {item}: {reason}")
    if len(left_out) > _MOST_SAID:
        say(f"Not screened: {len(left_out) - _MOST_SAID} more of no patient, or told twice")
    left = f", {unread} could not be read" if unread else ""
    say(
        f"Screened {len(export) - unread} patients{left}; {failed} with {grave} findings or graver."
    )
    return failed > 0


@contextmanager
def _lines(target: str) -> Iterator[TextIO]:
    from ketascope.engine.export import whole_file

    if target == "-":
        yield sys.stdout
        return
    with whole_file(target) as temporary, temporary.open("w", encoding="utf-8") as sink:
        yield sink


def _by_name(target: str) -> ScreenFormat:
    from ketascope.engine.export import text_ending

    ending = text_ending(target, ("txt", "html", "htm", "json"))
    if ending in ("html", "htm"):
        return ScreenFormat.html
    return ScreenFormat.json if ending == "json" else ScreenFormat.text


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text[:40]}' is not a day", where="--on", hint="write 2026-11-20"
        ) from None
