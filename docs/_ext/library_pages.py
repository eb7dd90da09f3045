"""Writes the pages of models, named regimens and sources before the site is built.

`docs/models/`, `docs/named-regimens.md` and `docs/sources.md` are made from the package itself, so
they cannot fall behind it; none of them is kept in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_equations import equations

from ketascope.dosing import Administration, Amount
from ketascope.dosing.labels import Label, labels
from ketascope.evidence import Parameter, Place, Source, source, sources
from ketascope.models import Model, library
from ketascope.models.describe import people_words, status_words
from ketascope.models.shape import reference_individual, shape_of
from ketascope.models.structure import OUT, Individual, Into
from ketascope.report.flow_diagram import flow_diagram

if TYPE_CHECKING:
    from sphinx.application import Sphinx


# Keeps a number and its unit on one line.
NBSP = "\N{NO-BREAK SPACE}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write every generated page; a page that is no longer made is removed."""
    docs = Path(app.srcdir)
    pages = {docs / "sources.md": sources_page(sources().values())}
    pages[docs / "named-regimens.md"] = labels_page(labels().values())
    models = library()
    pages[docs / "models/index.md"] = index_page(models.values())
    for name, model in models.items():
        pages[docs / f"models/{name}.md"] = model_page(model)
    (docs / "models").mkdir(exist_ok=True)
    for old in set((docs / "models").glob("*.md")) - set(pages):
        old.unlink()
    for path, text in pages.items():
        # An unchanged page is left alone, so that a second build is quick.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return re.sub(r"([\\`*_|<>\[\]{}#$])", r"\\\1", text)


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a Markdown list."""
    return "\n".join(f"- {plain(item)}" for item in items)


def cite(key: str) -> str:
    """Return a link to a source's entry."""
    return f"[{plain(source(key).short)}](#source-{key})"


def number(value: float) -> str:
    """Return a number with up to four figures, without an exponent."""
    text = f"{value:.4g}"
    return f"{value:.0f}" if "e+" in text else text


def sources_page(entries: Iterable[Source]) -> str:
    """Return the page of all sources."""
    parts = [
        "# Sources",
        "Everything that a number in Ketascope comes from, and how far each entry was checked. "
        "`ketascope sources --bib` prints the same list as BibTeX.",
    ]
    for entry in entries:
        link = f"https://doi.org/{entry.doi}" if entry.doi else entry.url
        parts.append(f"(source-{entry.key})=\n\n## {plain(entry.short)}")
        parts.append(plain(entry.citation))
        if link:
            parts.append(f"<{link}>")
        if entry.checked:
            parts.append(f"Checked: {plain(entry.checked)}")
        parts.append(f"Key: `{entry.key}`")
    return "\n\n".join(parts) + "\n"


def labels_page(entries: Iterable[Label]) -> str:
    """Return the page of regimens that have a name."""
    parts = [
        "# Named regimens",
        "Give the name wherever a regimen is asked for. What was read for each, and when, is part "
        "of the entry: a label may have changed since.",
    ]
    for entry in entries:
        parts += [f"## {plain(entry.title)}", f"`{entry.name}`", f"```text\n{entry.text}\n```"]
        parts += [plain(text) for text in (entry.indication, entry.choices, entry.notes) if text]
        parts.append(
            "\n".join(
                f"- {cite(reading.place.source)}, {plain(reading.place.where)}: "
                f"{plain(reading.place.how)}; version {plain(reading.version)}, "
                f"read {plain(reading.read)}."
                for reading in entry.sources
            )
        )
    return "\n\n".join(parts) + "\n"


def index_page(models: Iterable[Model]) -> str:
    """Return the page that lists the models."""
    listed = list(models)
    rows = [
        [
            f"[{model.name}]({model.name}.md)",
            model.drug,
            ", ".join(model.routes),
            ", ".join(model.analytes),
            plain(people_words(model.people)),
            status_words(model),
            cite(model.source),
        ]
        for model in listed
    ]
    head = ["Model", "Drug", "Routes", "Analytes", "People", "Kind", "Source"]
    names = "\n".join(model.name for model in listed)
    return (
        "# The model library\n\n"
        "One file, one publication. A model is here as its source prints it: a defect is "
        "described on its page, not tuned away. Where no publication has a model of a route, some "
        "were made here, by a calibration of this project on a borrowed disposition; their kind "
        "says so. `ketascope models` prints this table and `ketascope models NAME` one model.\n\n"
        f"{table(head, rows)}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    )


def model_page(model: Model) -> str:
    """Return the page of one model."""
    places = list(dict.fromkeys(parameter.place for parameter in model.parameters))
    parts = [f"# {plain(model.title)}", facts(model), "## Compartments and flows", diagram(model)]
    parts += [
        "A box with a strong border is where a concentration is measured; a short arrow down "
        "leaves the body. Rates are those of the reference person: "
        "45 years, 70 kg, 170 cm, white, female.",
        flow_table(model),
        "### Where a dose goes",
        input_table(model),
        equations(model),
        "## Parameters",
        parameter_table(model.parameters, places),
    ]
    if model.covariances:
        rows = [[f"`{c.first}`, `{c.second}`", number(c.value)] for c in model.covariances]
        parts += ["### Covariances of random effects", table(["Pair", "Covariance"], rows)]
    parts += [
        "### How the numbers were read",
        "\n".join(
            f"{i}. {cite(place.source)}, {plain(place.where)}: {plain(place.how)}."
            for i, place in enumerate(places, 1)
        ),
    ]
    sections = {
        "What had to be read into the source": model.readings,
        "What it leaves out": model.leaves_out,
        "What it must not be used for": model.not_for,
        "Known defects": model.defects,
    }
    for heading, items in sections.items():
        if items:
            parts += [f"## {heading}", bullets(items)]
    parts += ["## Source", plain(source(model.source).citation)]
    return "\n\n".join(parts) + "\n"


def facts(model: Model) -> str:
    """Return the table at the head of a model's page."""
    people = model.people
    ranges = [
        f"{what} {number(low)} to {number(high)} {unit}"
        for what, span, unit in (("age", people.age, "years"), ("weight", people.weight, "kg"))
        if span is not None
        for low, high in [span]
    ]
    rows = [
        ["Name", f"`{model.name}`"],
        ["Source", cite(model.source)],
        ["Drug", model.drug],
        ["Routes", ", ".join(model.routes)],
        *([["Forms", ", ".join(f"{r}: {f}" for r, f in model.forms.items())]] * bool(model.forms)),
        ["Analytes", ", ".join(model.analytes)],
        ["Sampling", model.sampling],
        ["Measured in", model.matrix],
        ["Doses of the source weighed as", model.doses_as],
        ["Kind", status_words(model)],
        ["Made from", plain(people.text)],
        ["Ranges", ", ".join(ranges) or "not printed"],
        ["Covariates", ", ".join(model.covariates) or "none"],
        ["Amounts", "mg of base" if model.amounts == "mg" else "µmol"],
    ]
    return table(["", ""], rows)


def reference(model: Model) -> Individual:
    """Parameters of the reference person, in internal units."""
    return reference_individual(model)[0]


def dose(model: Model, route: str) -> Administration:
    """Return one dose of 1 mg by a route, as the first device where there are several."""
    return Administration(
        time=0.0, drug=model.drug, route=route, amount=Amount(1.0, "mg"), duration=0.0,
        session=0, device=0, form=None,
    )  # fmt: skip


def diagram(model: Model) -> str:
    """Return the picture of the compartments."""
    return f'<div class="flow-diagram">{flow_diagram(shape_of(model))}</div>'


def flow_table(model: Model) -> str:
    """Return the table of rate constants."""
    names = {**{n: plain(m) for n, m in model.compartments.items()}, OUT: "leaves the body"}
    rows = [
        [names[start], names[end], number(float(rate))]
        for (start, end), rate in model.flows(reference(model)).items()
    ]
    return table(["From", "To", "Rate, 1/h"], rows)


def input_table(model: Model) -> str:
    """Return where a dose by each route goes."""
    p = reference(model)
    rows = [
        [
            route,
            plain(model.compartments[into.compartment]),
            number(float(into.fraction)),
            duration(into),
            f"{number(float(into.lag) * 60)} min" if float(into.lag) else "none",
        ]
        for route in model.routes
        for into in model.inputs(p, dose(model, route))
    ]
    return table(["Route", "Compartment", "Fraction", "Enters over", "Lag"], rows)


def duration(into: Into) -> str:
    """Return how long an input lasts, in words."""
    if into.duration is None:
        return "the duration of the dose"
    return f"{number(float(into.duration) * 60)} min"


def parameter_table(parameters: Iterable[Parameter], places: list[Place]) -> str:
    """Return the table of parameters, each with its place."""
    rows = []
    for p in parameters:
        notes = [plain(p.meaning)]
        if p.status != "published":
            notes.append(f"**{p.status}**")
        if p.note:
            notes.append(plain(p.note))
        error = f" (SE{NBSP}{number(p.se)})" if p.se is not None else ""
        unit = "" if p.unit == "1" else f"{NBSP}{p.unit}"
        rows.append(
            [
                f"`{p.name}`",
                "; ".join(notes),
                f"{number(p.value)}{unit}{error}",
                spread(p, "subject"),
                spread(p, "occasion"),
                f"{plain(p.place.where)} ({places.index(p.place) + 1})",
            ]
        )
    head = ["Parameter", "Meaning", "Value", "Between people", "Between occasions", "Place"]
    return table(head, rows)


def spread(parameter: Parameter, level: str) -> str:
    """Return the variability of one level, in words."""
    words = []
    for v in parameter.variability:
        if v.level != level:
            continue
        if v.cv is not None:
            words.append(f"CV{NBSP}{100 * v.cv:.3g}{NBSP}%")
        else:
            scale = "on the logit scale" if v.kind == "logit" else parameter.unit
            words.append(f"SD{NBSP}{number(v.sd)} {scale}")
    return ", ".join(words)
