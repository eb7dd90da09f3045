"""The templates of the pages: escaped, strict about what is missing, nothing from outside."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ketascope.report.style import Width, display

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTHS: tuple[Width, Width] = ("wide", "narrow")
TEMPLATES = ("report.html", "compare.html", "plan.html", "plan_body.html", "screen.html")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates, which escape whatever they are given."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({name: template_file(name) for name in TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["analyte"] = display
    environment.filters["together"] = _together
    return environment


def _together(text: str) -> str:
    """Keep numbers and their units on one line."""
    return re.sub(r"(?<=\d) (?=(?:mg|ug|kg|g|min|h|ng|%|weeks|days|doses|times)\b)", "\u00a0", text)


@lru_cache(maxsize=8)
def template_file(name: str) -> str:
    """Return the text of a file of the templates' folder."""
    return files("ketascope.report").joinpath("templates", name).read_text(encoding="utf-8")
