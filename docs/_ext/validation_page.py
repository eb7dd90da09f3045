"""Writes the page of published against simulated figures, with its picture, before a build.

`docs/validation.md` and `docs/images/validation.svg` are made by running every comparison, so they
show what this version gives; neither is kept in the repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from library_pages import cite, number, plain, table

from ketascope.checks import Row, counts, in_words, validate
from ketascope.checks.rules import RULES
from ketascope.report.draw_validate import draw_validate

if TYPE_CHECKING:
    from sphinx.application import Sphinx

INTRODUCTION = """# Published beside simulated

Every figure of the evidence base, of exposure, receptors, effects and the course, beside what
Ketascope gives under the study's own conditions: the same dose, people as far as the study
describes them, the same sampling. One row is one number of one arm. `ketascope validate` prints it;
this page is made by running it.

A figure counts as an **independent check** only where the model that predicts it was not made from
it, nor from the same people. A figure that a model's own publication, group or people gave is a
*reproduction*: it shows whether the model was rebuilt, not whether it predicts. A figure that a
calibration of this project used is a *fit*. Neither is ever counted as a check. The model of a row
is the one that a user gets by default for the drug, the route, the form and the age, unless it is
not independent of the figure, or another samples at the same site."""

PICTURE = """```{image} images/validation.svg
:alt: Published against simulated figures on logarithmic axes
:width: 100%
```

The grey band is two-fold. Bars across are the printed interval; bars upwards 5 to 95 % of the
simulated people, where the model's source prints a spread between people; of an effect, what its
calibration does not know and how far trials are apart. A band that holds far fewer than 90 % of the
checks is too narrow, and the table of counts says of which kind."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True}


def write_page(app: Sphinx) -> None:
    """Run the comparison and write the page and its picture."""
    docs = Path(app.srcdir)
    rows = validate()
    draw_validate(rows).savefig(docs / "images" / "validation.svg", facecolor="white")
    text = page(rows)
    target = docs / "validation.md"
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def page(rows: list[Row]) -> str:
    """Return the whole page."""
    checks = [row for row in rows if row.used_for == "check"]
    failed = [row for row in rows if row.passed is False]
    unknown = [row for row in rows if row.passed is None]
    own = [row for row in rows if row.used_for != "check" and row.passed is not None]
    predicted = [row for row in checks if row.passed is not None]
    rules = "\n".join(f"- **{rule.name}**: {plain(rule.text)}." for rule in RULES)
    parts = [
        INTRODUCTION,
        f"{plain(in_words(rows))} {len(unknown)} figures are not predicted, "
        f"{len(own)} are the models' own.",
        PICTURE,
        "## The rules",
        "Stated in advance, one for each kind of quantity.",
        rules,
        "## Counts",
        count_table(rows),
        "## What fails",
        row_table(failed) if failed else "Nothing.",
        "## Independent checks that pass",
        row_table([row for row in predicted if row.passed]),
        "## The models' own numbers that are met",
        row_table([row for row in own if row.passed]),
        "## Not predicted",
        "Figures that no model of the library answers. Unknown is not wrong, and not right.",
        unknown_table(unknown) if unknown else "None.",
    ]
    return "\n\n".join(parts) + "\n"


def count_table(rows: Iterable[Row]) -> str:
    """Return the table of counts and pass rates."""
    lines = [
        [
            str(c["used_for"]),
            str(c["kind"]),
            plain(str(c["quantity"]).replace("_", " ")),
            str(c["rows"]),
            str(c["predicted"]),
            f"{c['passed']} ({100 * c['passed'] / c['predicted']:.0f} %)" if c["predicted"] else "",
            f"{c['inside']} of {c['with_interval']}" if c["with_interval"] else "",
            f"{c['covered']} of {c['with_band']}" if c["with_band"] else "",
        ]
        for c in counts(rows)
    ]
    head = ["Used for", "Kind", "Quantity", "Rows", "Predicted", "Pass", "Inside printed interval",
            "In our 90 % band"]  # fmt: skip
    return table(head, lines)


def row_table(rows: Iterable[Row]) -> str:
    """Return one line a row: what was measured, what came out, and why."""
    lines = [
        [
            f"{plain(row.analyte or '')} {plain(row.quantity.replace('_', ' '))}".strip(),
            f"{plain(row.conditions)} ({cite(row.source)})",
            with_span(row.published, row.interval, row.unit),
            with_span(row.simulated or 0.0, row.simulated_interval, row.unit),
            f"{row.fold:.2f}" if row.fold is not None else "",
            f"`{row.model}`" if row.model else "",
            plain(row.explanation),
        ]
        for row in rows
    ]
    head = ["Figure", "Conditions", "Published", "Simulated", "Ratio", "Model", "Remarks"]
    return table(head, lines)


def unknown_table(rows: Iterable[Row]) -> str:
    """Return what is not predicted, with the reason."""
    lines = [
        [
            f"{plain(row.analyte or '')} {plain(row.quantity.replace('_', ' '))}".strip(),
            f"{plain(row.conditions)} ({cite(row.source)})",
            with_span(row.published, row.interval, row.unit),
            plain(row.explanation),
        ]
        for row in rows
    ]
    return table(["Figure", "Conditions", "Published", "Why not"], lines)


def with_span(value: float, span: tuple[float, float] | None, unit: str) -> str:
    """Return a number with its interval and unit."""
    unit = "" if unit == "1" else f" {plain(unit)}"
    spread = f" ({number(span[0])} to {number(span[1])})" if span else ""
    return f"{number(value)}{spread}{unit}"
