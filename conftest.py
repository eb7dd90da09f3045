"""Runs the examples: Python and ``ketascope`` commands in the pages, ``>>>`` in docstrings.

In a page, a fenced ``python`` block is executed (the blocks of a page share their names); in a
``console`` block every line ``$ ketascope ...`` is run, and what is printed below it is compared,
with ``...`` for any text; a ``code-block`` or ``literalinclude`` with a caption is a file of that
name for the commands that follow. Each page has a folder of its own.
"""

from __future__ import annotations

import doctest
import os
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.myst.lexers import DirectiveLexer
from sybil.parsers.rest import DocTestParser

LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

os.environ.setdefault("MPLBACKEND", "Agg")
# The program that the pages speak of is the one of this environment, activated or not.
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]


def run_commands(example: Example) -> str | None:
    """Run the commands of a console block; a text is the complaint."""
    text = str(example.parsed).replace("\\\n", " ")
    for part in f"\n{text}".split("\n$ ")[1:]:
        command, _, expected = part.partition("\n")
        if command.startswith("ketascope "):
            complaint = run_command(command, expected.strip(), example.namespace["folder"].name)
            if complaint:
                return complaint
    return None


def run_command(command: str, expected: str, folder: str) -> str | None:
    """Run one command line in the page's folder."""
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = done.stdout + done.stderr
    if done.returncode != 0 and not expected:
        return f"{command}\nended with {done.returncode}:\n{printed}"
    if expected and not doctest.OutputChecker().check_output(
        expected + "\n", printed.strip() + "\n", LOOSE
    ):
        return f"{command}\nshould print:\n{expected}\nprinted:\n{printed}"
    return None


def captioned_files(document: Document) -> Iterable[Region]:
    """Blocks whose caption names a file."""
    for lexed in DirectiveLexer(directive="code-block", arguments="(?:yaml|json|csv|text)")(
        document
    ):
        if "caption" in lexed.lexemes["options"]:
            name = lexed.lexemes["options"]["caption"].strip("` ")
            yield Region(lexed.start, lexed.end, (name, lexed.lexemes["source"]), write_file)


def included_files(document: Document) -> Iterable[Region]:
    """Files of the repository that a page shows whole, under a caption that names them."""
    for lexed in DirectiveLexer(directive="literalinclude")(document):
        options = lexed.lexemes["options"]
        if "caption" in options:
            shown = Path(document.path).parent / lexed.lexemes["arguments"].strip()
            text = shown.read_text(encoding="utf-8")
            yield Region(lexed.start, lexed.end, (options["caption"].strip("` "), text), write_file)


def write_file(example: Example) -> None:
    """Put a captioned block into the page's folder."""
    name, text = example.parsed
    Path(example.namespace["folder"].name, name).write_text(str(text), encoding="utf-8")


def enter(namespace: dict[str, Any]) -> None:
    """Give a page a folder of its own."""
    namespace["back"] = os.getcwd()
    namespace["folder"] = tempfile.TemporaryDirectory(prefix="ketascope-page-")
    os.chdir(namespace["folder"].name)


def leave(namespace: dict[str, Any]) -> None:
    """Go back to where the tests run, and leave nothing behind."""
    os.chdir(namespace["back"])
    namespace["folder"].cleanup()


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=LOOSE),
        CodeBlockParser("console", run_commands),
        captioned_files,
        included_files,
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/effects/*.md"],
    excludes=["docs/named-regimens.md", "docs/sources.md"],
    setup=enter,
    teardown=leave,
)
docstrings = Sybil(parsers=[DocTestParser(LOOSE)], pattern="*.py", path="src/ketascope")

pytest_collect_file = (pages + docstrings).pytest()
