"""The ground: pinned requirements, licence, citation, Makefile, scripts, no trace of a machine."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import ketascope

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LISTS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, str]:
    """Versions by package of one list."""
    found = PIN.findall((ROOT / f"requirements/{name}.txt").read_text())
    return {normal(package): version for package, version in found}


def needed(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\s<>=!\[;]", text)[0]) for text in requirements}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_by_version_and_hash(path: Path) -> None:
    entries = re.sub(r"\\\n", " ", path.read_text()).splitlines()
    entries = [line for line in entries if line and not line.lstrip().startswith("#")]
    assert entries
    for entry in entries:
        assert PIN.match(entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_core_list_holds_every_dependency() -> None:
    assert needed(PROJECT["dependencies"]) <= set(pins("core"))


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_each_extra_has_a_list_that_agrees_with_the_core(extra: str) -> None:
    listed, core = pins(extra), pins("core")
    assert needed(PROJECT["optional-dependencies"][extra]) <= set(listed)
    assert core.items() <= listed.items()


def test_the_licence_is_apache_2_unmodified() -> None:
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert PROJECT["license"] == "Apache-2.0"


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == ketascope.__version__
    assert citation["license"] == PROJECT["license"]
    assert {"message", "title", "authors", "type"} <= citation.keys()


def test_the_changelog_has_this_version() -> None:
    assert f"## [{ketascope.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    printed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert re.findall(r"^  make (\w+)", printed, re.MULTILINE) == targets.split()


@pytest.mark.parametrize(
    ("shell", "script"), [("bash", ".ci/run"), ("sh", "tools/setup"), ("sh", "tools/lock")]
)
def test_scripts_are_executable_and_parse(shell: str, script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    subprocess.run([shell, "-n", str(path)], check=True)


def tracked() -> list[Path]:
    """Files that a checkout holds; in an unpacked archive, every file outside hidden folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in ROOT.rglob("*") if not any(q[0] == "." for q in p.relative_to(ROOT).parts)]


def test_no_file_names_a_package_index_or_a_place_on_one_machine() -> None:
    hosts = "|".join(("pypi" + r"\.", "pythonhosted" + r"\.", "npmjs" + r"\.", r"deb\.debian"))
    pattern = re.compile(rf"https?://[^\s\")]*(?:{hosts})|(?<![\w.])/(?:work|root|home)/\w")
    named = []
    for path in tracked():
        if path.suffix in {".png", ".parquet", ".nc"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        named += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in pattern.finditer(text)]
    assert named == []
