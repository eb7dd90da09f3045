"""Write docs/evidence-split.md from the published effects and effects_split.yaml.

Run ``python docs/make_evidence_split.py``; with ``--print`` the page goes to standard output.
"""

from __future__ import annotations

import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import yaml

from ketascope.evidence.published import published

HEAD = """# What may be fitted, what is kept back

A model that is fitted to a number and then compared with the same number proves nothing. So the
published numbers of effects and their course were divided before any model of effects was
calibrated. A study is wholly on one side, and studies that share people are on the same side. For
each effect the study with a course or doses against control, with spread and with the most people,
may be fitted to. Everything else is kept as a check: negative trials, other ages, routes and
settings before all. Six studies have been moved to the fit since, five of them after their
numbers had been seen; each says so and why. Until there is a model of an effect, `ketascope
validate` lists its rows as not predicted.
"""


def page() -> str:
    """Return the page as text."""
    path = files("ketascope.evidence") / "data" / "effects_split.yaml"
    studies = yaml.safe_load(path.read_text(encoding="utf-8"))["studies"]
    effects = [value for value in published() if value.effect is not None]
    sides = Counter(value.used_for for value in effects)
    rows = Counter(str(value.study) for value in effects)
    parts = [
        HEAD,
        f"{sides['fit']} numbers may be fitted to; {sides['check']} are kept as checks.\n",
    ]
    parts.append("| Effect | to fit | kept as check |\n| --- | ---: | ---: |")
    by_effect = Counter((str(value.effect), value.used_for) for value in effects)
    for name in sorted({name for name, _ in by_effect}):
        parts.append(f"| {name} | {by_effect[name, 'fit']} | {by_effect[name, 'check']} |")
    for side, title in (("fit", "Studies to fit"), ("check", "Studies kept as checks")):
        parts.append(f"\n## {title}\n\n| Study | numbers | Reason |\n| --- | ---: | --- |")
        parts += [
            f"| {name} | {rows[name]} | {study['reason']} |"
            for name, study in studies.items()
            if study["side"] == side
        ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--print" in sys.argv:
        sys.stdout.write(page())
    else:
        Path(__file__).with_name("evidence-split.md").write_text(page(), encoding="utf-8")
