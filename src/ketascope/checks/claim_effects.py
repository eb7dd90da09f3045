"""What models of effects and tables of long use can say of a claim; see :mod:`.claim_numbers`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ketascope.checks.claim_numbers import Computed, computation
from ketascope.checks.claim_words import in_command as _command
from ketascope.checks.claim_words import in_sentence as _words
from ketascope.checks.claim_words import two_figures as _n

if TYPE_CHECKING:
    import xarray as xr

PEOPLE: Final = 200
"""Virtual adults, and the seed that they are drawn with."""
SEED: Final = 1
MINUTES_PER_HOUR: Final = 60.0


@computation
def back_after(effect: str, regimen: str) -> Computed:
    """Minutes after the end of the dose at which an effect is back at its resting level."""
    row, end = figures_of(effect, regimen)
    gone = row["gone"]
    # people who are back before the dose has ended count as back at its end
    minutes = {
        key: max(0.0, MINUTES_PER_HOUR * (gone[key] - end)) for key in ("q50", "q95", "low", "high")
    }
    text = (
        f"{row['display']}: half of {PEOPLE} virtual adults are back at rest {_n(minutes['q50'])} "
        f"min after the end of {_words(regimen)} (what the fit does not know: "
        f"{_n(minutes['low'])} to {_n(minutes['high'])} min), 95 % by {_n(minutes['q95'])} min."
    )
    values = {
        "median": minutes["q50"], "median_low": minutes["low"], "median_high": minutes["high"],
        "by_95_percent": minutes["q95"],
    }  # fmt: skip
    return Computed("back_after", text, values, "min", (ask(effect, regimen),), note_of(row))


@computation
def share_above(effect: str, regimen: str) -> Computed:
    """Share of people in whom an effect rises above each of its cuts."""
    row, _ = figures_of(effect, regimen)
    parts, values = [], {}
    for one in row["shares"]:
        values[one["cut"]] = 100 * one["share"]
        values[f"{one['cut']}, low"] = 100 * one["low"]
        values[f"{one['cut']}, high"] = 100 * one["high"]
        parts.append(
            f"{_n(100 * one['share'])} % {one['cut']} ({_n(100 * one['low'])} to "
            f"{_n(100 * one['high'])} %)"
        )
    text = (
        f"{row['display']} after {_words(regimen)}, in {PEOPLE} virtual adults: {', '.join(parts)}."
    )
    return Computed("share_above", text, values, "%", (ask(effect, regimen),), note_of(row))


@computation
def typical_peak(effect: str, regimen: str, told: dict[str, float] | None = None) -> Computed:
    """Strongest value of an effect in a typical adult, of whom something may be told."""
    import ketascope as ks
    from ketascope.effects.acute_tables import effect_table

    settings = told or {}
    result = ks.simulate(regimen, typical=True)
    (row, *_) = effect_table(result, names=[effect], settings=settings)
    peak = row["peak"]["q50"]
    text = f"{row['display']}: {_n(peak)} at the peak of {_words(regimen)} in a typical adult."
    more = [part for key, value in settings.items() for part in ("--told", f"{key}={value:g}")]
    command = _command("effects", regimen, "--typical", *more, "--only", effect)
    return Computed("typical_peak", text, {"peak": peak}, row["unit"], (command,), row["text"])


@computation
def beside_users(regimen: str) -> Computed:
    """Grams of a course, and how many times as much users outside treatment took."""
    from ketascope.effects.long_term import long_term

    found = long_term(regimen)
    total, month = (found["course"][key]["q50"] for key in ("total", "month"))
    low, high = found["gap"]["low"], found["gap"]["high"]
    text = (
        f"{regimen}: {_n(total)} g in all and at most {_n(month)} g in a month. Users outside "
        f"treatment whose grams were published took {_n(low)} to {_n(high)} times that in a month."
    )
    values = {"total": total, "month": month, "times_low": low, "times_high": high}
    note = (
        "Total and month in g. A ratio of amounts, not of risks; users took racemate, and grams of "
        "esketamine and of racemate are not the same."
    )
    return Computed("beside_users", text, values, "1", (_command("longterm", regimen),), note)


def figures_of(effect: str, regimen: str) -> tuple[dict[str, Any], float]:
    """Figures of an effect in virtual adults, and when the first session ends (h)."""
    from ketascope.effects.acute_tables import effect_table

    result = people_of(regimen)
    (row, *_) = effect_table(result, names=[effect])
    return row, float(json.loads(str(result.attrs["sessions"]))[0]["end"])


def people_of(regimen: str) -> xr.Dataset:
    """Simulate the virtual adults of every claim."""
    import ketascope as ks

    return ks.simulate(regimen, people=PEOPLE, seed=SEED)


def ask(effect: str, regimen: str) -> str:
    """Return the command that prints the figures of an effect in the same people."""
    many = ("-n", str(PEOPLE), "--seed", str(SEED))
    return _command("effects", regimen, *many, "--only", effect, "--format", "json")


def note_of(row: dict[str, Any]) -> str:
    """Say what figures of an effect rest on."""
    kind = (
        "A calibration of this project" if row["kind"] == "calibrated" else "A published relation"
    )
    return f"{kind}; the command prints hours from the start. {row['limits'][0]}"
