"""A screening as one self-contained HTML file, in the look of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ketascope.evidence import source
from ketascope.report.references import link, reference
from ketascope.report.templating import environment, template_file
from ketascope.report.words import DISCLAIMER
from ketascope.safety.rules import SEVERITIES, place_words
from ketascope.safety.screen_text import SCOPE, matched, state_words

if TYPE_CHECKING:
    from ketascope.safety.screen import Screening


def screen_page(found: Screening, *, command: str | None = None) -> str:
    """Return the page as text.

    Parameters
    ----------
    found : Screening
        From :func:`ketascope.screen`.
    command : str, optional
        By which the page is made again.
    """
    data = found.data()
    keys = dict.fromkeys(one.rule.source for one in found.findings)
    items = [source(key) for key in keys]
    findings = [
        {"exposure": [], **row, "citation": source(row["source"]).short} for row in data["findings"]
    ]
    context = {
        **data,
        "findings": findings,
        "who": found.patient or "Patient without a name",
        "place": place_words(found.jurisdiction),
        "counts": [
            (name, sum(one.severity == name for one in found.findings)) for name in SEVERITIES
        ],
        "state": state_words(found),
        "matched": matched,
        "references": [(reference(item), link(item), item.checked) for item in items],
        "command": command,
        "disclaimer": DISCLAIMER,
        "scope": SCOPE,
        "css": Markup(template_file("report.css")),
    }
    return environment().get_template("screen.html").render(context)
