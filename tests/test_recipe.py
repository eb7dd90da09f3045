"""The recipe of docs/adding-a-model.md, followed in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ketascope

PACKAGE = Path(ketascope.__file__).parent
PAGE = (Path(__file__).parents[1] / "docs" / "adding-a-model.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the page's one block of a language that is no program."""
    (found,) = re.findall(rf"```{{code-block}} {language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a package with one model more, made by steps 1 and 2 of the page."""
    folder = tmp_path_factory.mktemp("recipe")
    package = folder / "ketascope"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    append(package / "evidence/data/sources.bib", block("bibtex"))
    (name,) = re.findall(r"@article{(\w+),", block("bibtex"))
    model = (package / "models/pk/clements_1981.py").read_text(encoding="utf-8")
    (package / f"models/pk/{name}.py").write_text(
        model.replace("clements_1981", name), encoding="utf-8"
    )
    return folder


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    """Run Python with the package of ``folder``; return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "100"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SIMULATE = """
import sys, ketascope as ks
assert ks.__file__.startswith(sys.argv[1]), ks.__file__
text = "ketamine 0.5 mg/kg iv over 40 min once"
old, new = (ks.simulate(text, model=m, times=[0, 0.5, 1]) for m in ("clements_1981", sys.argv[2]))
assert (old["ketamine"].to_numpy() == new["ketamine"].to_numpy()).all()
print(new.attrs["model_why"], ks.simulate(text, times=[0, 1]).attrs["alternatives"])
"""


def test_a_model_file_and_its_source_are_enough_to_ask_for_it_by_name(copy: Path) -> None:
    printed = run(copy, "-c", SIMULATE, str(copy), "author_2024")
    assert "asked for by name" in printed
    assert '"author_2024"' not in printed
    assert "author_2024" in run(copy, "-m", "ketascope.cli", "models")


def test_with_its_line_of_preference_it_is_an_alternative(copy: Path) -> None:
    choice = copy / "ketascope/models/choice.yaml"
    before = choice.read_text(encoding="utf-8")
    append(choice, block("yaml"))
    try:
        printed = run(copy, "-c", SIMULATE, str(copy), "author_2024")
    finally:
        choice.write_text(before, encoding="utf-8")
    assert "haemodialysis" in printed
    assert '"author_2024"' in printed


def test_files_that_the_page_names_exist() -> None:
    root = Path(__file__).parents[1]
    named = re.findall(r"`((?:src|tests)/[\w/.]+)`", PAGE)
    assert "src/ketascope/models/choice.yaml" in named
    for path in named:
        assert "NAME" in path or (root / path).exists(), path
