"""The command ``treatments``: other treatments beside ketamine, from trials."""

from __future__ import annotations

from typing import Any

import typer

from ketascope.console import print_json, print_table
from ketascope.options import Format, FormatOption

HEADS = {
    "head-to-head": "Against ketamine or esketamine",
    "reference": "Esketamine against its control, for comparison",
    "indirect": "Against their own control",
}


def treatments(output_format: FormatOption = Format.text) -> None:
    """Show other treatments (ECT, stimulation, augmentation, psychotherapy) from trials."""
    from ketascope.effects.other_treatments import report_other_treatments

    found = report_other_treatments()
    if output_format is Format.json:
        print_json("treatments", found["trials"], text=found["text"])
        return
    for sentence in found["text"]:
        typer.echo(sentence)
    for kind, head in HEADS.items():
        typer.echo(f"\n{head.upper()}")
        for trial in found["trials"]:
            if trial["kind"] == kind:
                _show(trial)


def _show(trial: dict[str, Any]) -> None:
    typer.echo(f"\n{trial['title']} ({trial['source']})")
    typer.echo(f"people: {trial['people']}; masking: {trial['masking']}")
    for name, words in trial["arms"].items():
        typer.echo(f"{name}: {words}")
    rows = [_outcome(one) for one in trial["outcomes"]]
    if rows:
        print_table(["outcome", "week", "shares", "difference", "number needed", "read"], rows)
    for one in trial["pooled"]:
        nnt = f"; number needed to treat as printed: {one['nnt']:g}" if one["nnt"] else ""
        typer.echo(
            f"{one['what']}: {one['measure']} {one['value']:g} ({one['low']:g} to {one['high']:g})"
            f"{nnt}; {one['how']}"
        )
    for one in trial["scores"]:
        spread = f" (SE {one['se']:g})" if one["se"] is not None else ""
        if one["low"] is not None:
            spread = f" ({one['low']:g} to {one['high']:g})"
        typer.echo(f"{one['what']}: {one['value']:g}{spread}, week {one['week']:g}; {one['how']}")
    for text in trial["comparable"]:
        typer.echo(f"- {text}")


def _outcome(one: dict[str, Any]) -> list[str]:
    found = one["difference"]
    shown = "" if found is None else (
        f"{100 * found['value']:.1f} points ({100 * found['low']:.1f} to {100 * found['high']:.1f})"
    )  # fmt: skip
    return [
        f"{one['what']}: {one['definition']}",
        "" if one["week"] is None else f"{one['week']:g}",
        "; ".join(_share(arm) for arm in one["arms"]),
        shown,
        one["needed_to_treat"]["text"],
        _read(one),
    ]


def _read(one: dict[str, Any]) -> str:
    from ketascope.effects.other_treatments import FROM_MEMORY

    if one["checked"]:
        return str(one["how"])
    how = str(one["how"]).removeprefix("from memory").removeprefix("; ")
    return f"{FROM_MEMORY}; {how}" if how else FROM_MEMORY


def _share(arm: dict[str, Any]) -> str:
    text = f"{arm['arm']} {100 * arm['share']:.1f} %"
    if arm["count"] is None:
        return text
    return f"{text} ({100 * arm['low']:.0f} to {100 * arm['high']:.0f}), {arm['count']}/{arm['n']}"
