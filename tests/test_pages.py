"""What the pages promise in tables and plain text, where no example runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketascope import simulate
from ketascope.dosing import parse_regimen

DOCS = Path(__file__).parents[1] / "docs"
REGIMENS = (DOCS / "regimens.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Text of one section of the page on regimens."""
    _, _, rest = REGIMENS.partition(f"\n## {title}\n")
    assert rest, title
    return rest.partition("\n## ")[0]


def first_column(title: str) -> list[str]:
    """Code in the first column of a section's tables."""
    rows = re.findall(r"^\|([^|]*)\|", section(title), re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`([^`]+)`", row)]


def examples() -> Iterator[str]:
    """Every way of writing that the page lists, made whole."""
    for block in re.findall(r"```text\n(.*?)```", REGIMENS, re.DOTALL):
        yield from block.splitlines()
    for drug in first_column("Drug"):
        yield f"{drug} 56 mg once" if drug == "Spravato" else f"{drug} 50 mg iv bolus once"
    for dose in first_column("Dose"):
        yield f"ketamine {dose} iv over 40 min once"
    for also in ("up to", "at most", "capped at", "not more than"):
        yield f"ketamine 0.5 mg/kg {also} 60 mg iv over 40 min once"
    for route in first_column("Route and form"):
        timed = " over 40 min" if route.lower().startswith(("iv", "intravenous")) else ""
        # a nasal solution, because the device of esketamine comes in multiples of 28 mg
        yield f"ketamine 50 mg {route}{timed} once"
    for duration in first_column("Duration"):
        yield f"ketamine 35 mg iv {duration} once"
    for often in first_column("How often and for how long"):
        if often.startswith(("for ", "x ")):
            yield f"esketamine 56 mg intranasal weekly {often}"
        elif often.startswith(("once", "single", "on days")):
            yield f"esketamine 56 mg intranasal {often}"
        else:
            yield f"esketamine 56 mg intranasal {often} for 8 weeks"


@pytest.mark.parametrize("text", list(dict.fromkeys(examples())))
def test_every_way_of_writing_on_the_regimen_page_is_read(text: str) -> None:
    regimen = parse_regimen(text)
    assert parse_regimen(str(regimen)) == regimen


def test_the_page_lists_enough_to_be_worth_testing() -> None:
    assert len(set(examples())) > 50


def test_every_page_is_in_the_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[a-z/-]+$", index, re.MULTILINE))
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert pages - listed == set()


def test_links_between_files_lead_somewhere() -> None:
    """The site checks its own links; these are the ones of the files outside it."""
    root = DOCS.parent
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", (root / name).read_text(encoding="utf-8")):
            assert link.startswith("https://") or (root / link).exists(), f"{name}: {link}"


def test_every_attribute_of_a_result_is_on_the_page_of_results() -> None:
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    _, _, table = page.partition("\n## What goes with it\n")
    listed = set(re.findall(r"`(\w+)`", table.partition("\n## ")[0]))
    attributes = simulate("ketamine 50 mg iv over 40 min once", times=[0, 1]).attrs
    assert set(attributes) - listed == set()
