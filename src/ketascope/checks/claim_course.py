"""What course, readiness and trials of other treatments say of a claim; see :mod:`.claim_numbers`.

The course of depression and readiness are calibrations of this project; trials are as published.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ketascope.checks.claim_effects import PEOPLE, SEED, ask, figures_of, note_of, people_of
from ketascope.checks.claim_numbers import Computed, computation
from ketascope.checks.claim_words import in_command as _command
from ketascope.checks.claim_words import in_sentence as _words
from ketascope.checks.claim_words import listed as _listed
from ketascope.checks.claim_words import two_figures as _n
from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

LEAVING: Final = (1.5, 2.0)
"""Hours after the start at which it is told how many are ready to leave."""
WEEK: Final = 168.0
_CALIBRATED: Final = "A calibration of this project, driven by doses."
_TRIAL_SPREAD: Final = "Brackets: 5 to 95 % for a new trial, how far trials are apart included."


@computation
def madrs_difference(regimen: str) -> Computed:
    """Difference of the MADRS from the control at 2 h, 24 h and day 8, between trials."""
    found = _course(regimen)
    rows = [row for row in _rows(found) if row["time"] in (2.0, 24.0, WEEK)]
    values: dict[str, float] = {}
    told = []
    for row in rows:
        gap = row["change"]["difference"]
        values |= {row["label"]: gap["q50"], f"{row['label']}, low": gap["q05"],
                   f"{row['label']}, high": gap["q95"]}  # fmt: skip
        told.append(f"{_points(gap)} at {row['label']}")
    text = (
        f"MADRS of the arm with {_words(regimen)} less that of the control "
        f"({found.attrs['comparator']}), in points: {_listed(told)}."
    )
    note = f"{_CALIBRATED} {_TRIAL_SPREAD}"
    return Computed("madrs_difference", text, values, "points", _course_command(regimen), note)


@computation
def left_after_last_dose(regimen: str) -> Computed:
    """Difference of the MADRS from the control a week after the last dose, beside a day after."""
    found = _course(regimen)
    rows = {row["time"]: row["change"]["difference"] for row in _rows(found)}
    last = max(rows)
    hours = last - _last_dose(found)
    if abs(hours - WEEK) > 1e-6:
        raise InputError(
            f"the course of {regimen} is not followed to a week after its last dose",
            hint="totals are predicted for four weeks after the first",
        )
    day, week = rows[24.0], rows[last]
    text = (
        f"{_words(regimen).capitalize()}, MADRS less that of the control "
        f"({found.attrs['comparator']}): "
        f"{_points(day)} points a day after the first dose, {_points(week)} a week after the last. "
        "Later than four weeks after the first dose nothing is predicted."
    )
    values = {
        "day": day["q50"], "week": week["q50"], "week, low": week["q05"], "week, high": week["q95"],
    }  # fmt: skip
    note = f"{_CALIBRATED} {_TRIAL_SPREAD}"
    return Computed("left_after_last_dose", text, values, "points", _course_command(regimen), note)


@computation
def relapse_after_stopping(regimen: str) -> Computed:
    """Share of stable remitters who relapse, going on with the spray and having stopped it."""
    from ketascope.effects.mood_table import relapse_table

    parts: list[str] = []
    values: dict[str, float] = {}
    for row in relapse_table():
        weeks, stopped, going_on = row["weeks"], row["stopped"], row["going_on"]
        values |= {f"stopped, {weeks} weeks": 100 * stopped["q50"],
                   f"going on, {weeks} weeks": 100 * going_on["q50"]}  # fmt: skip
        parts.append(
            f"{_percent(stopped)} of those who stopped and {_percent(going_on)} of those who went "
            f"on by week {weeks}"
        )
    text = f"Relapse of people in stable remission after 16 weeks of the spray: {'; '.join(parts)}."
    note = (
        "A calibration of this project to one trial (SUSTAIN-1); both went on with an oral "
        "antidepressant. How far trials are apart is not known, so brackets are too narrow."
    )
    return Computed("relapse_after_stopping", text, values, "%", _course_command(regimen), note)


@computation
def ready_to_leave(regimen: str) -> Computed:
    """Share of people in whom the effects that keep them have come back at 1.5 and 2 h."""
    from ketascope.effects.readiness import part_display, readiness

    found = readiness(people_of(regimen))
    values: dict[str, float] = {}
    told = []
    for hour in LEAVING:
        one = {key: 100 * float(value or 0.0) for key, value in found.share(hour).items()}
        values |= {f"{hour:g} h": one["share"], f"{hour:g} h, low": one["low"],
                   f"{hour:g} h, high": one["high"]}  # fmt: skip
        told.append(f"{_n(one['share'])} % at {hour:g} h ({_n(one['low'])} to {_n(one['high'])} %)")
    of = [part_display(name) for name in found.ready.parts]
    text = (
        f"Ready to leave after {_words(regimen)}, of {PEOPLE} virtual adults: {_listed(told)}. "
        f"What has come back by then: {'; '.join(of)}."
    )
    if found.not_predicted:
        missing = [part_display(name) for name in found.not_predicted]
        text += f" Not predicted, so not in it: {'; '.join(missing)}."
    many = ("-n", str(PEOPLE), "--seed", str(SEED))
    command = _command("readiness", regimen, *many, "--format", "json")
    note = "Calibrations of this project; brackets: what these leave open. A label asks for more."
    return Computed("ready_to_leave", text, values, "%", (command,), note)


@computation
def peak_in_people(effect: str, regimen: str) -> Computed:
    """Strongest value of an effect over people, with what the fit leaves open."""
    row, _ = figures_of(effect, regimen)
    peak, when = row["peak"], row["time"]
    text = (
        f"{row['display']} after {_words(regimen)}: {_n(peak['q50'])} {row['unit']} at most in the "
        f"middle of {PEOPLE} virtual adults (the fit leaves open {_n(peak['low'])} to "
        f"{_n(peak['high'])}), {_n(peak['q05'])} to {_n(peak['q95'])} in 90 % of them, "
        f"{_n(60 * when['q50'])} min after the start."
    )
    values = {key: peak[key] for key in ("q05", "q50", "q95", "low", "high")}
    return Computed("peak_in_people", text, values, row["unit"], (ask(effect, regimen),),
                    note_of(row))  # fmt: skip


@computation
def benefit_and_dissociation(regimen: str) -> Computed:
    """That the course is not routed through dissociation, and what studies found on either side."""
    from ketascope.evidence.benefit import dissociation_and_benefit

    rows = dissociation_and_benefit()
    counts = Counter(row.link for row in rows)
    named = {
        link: _listed([row.study for row in rows if row.link == link]) for link in sorted(counts)
    }
    text = (
        "The model of the course is driven by doses and does not route response through "
        f"dissociation. Of {len(rows)} entries held, {counts['yes']} found a link "
        f"({named.get('yes', 'none')}), {counts['no']} found none ({named.get('no', 'none')}) and "
        f"{counts['mixed']} found both ({named.get('mixed', 'none')})."
    )
    values = {"entries": float(len(rows)), "link": float(counts["yes"]),
              "no_link": float(counts["no"]), "mixed": float(counts["mixed"])}  # fmt: skip
    command = _command("course", regimen, "--format", "json")
    note = "Entries, not weights: a review stands as one, and studies differ in size."
    return Computed("benefit_and_dissociation", text, values, "1", (command,), note)


@computation
def trial_outcome(trial: str, outcome: str) -> Computed:
    """Shares, difference and number needed to treat of one outcome of one trial, as published."""
    one, row = _outcome(trial, outcome)
    shares = {arm["arm"]: 100 * arm["share"] for arm in row["arms"]}
    told = [f"{_n(share)} % ({one['arms'][arm]})" for arm, share in shares.items()]
    week = "" if row["week"] is None else f" at week {row['week']:g}"
    text = f"{one['title']}, {row['what']}{week}: {_listed(told)}."
    values = dict(shares)
    gap = row["difference"]
    if gap is None:
        text += f" No interval of the difference: {row['needed_to_treat']['text']}."
    else:
        low, middle, high = (100 * gap[key] for key in ("low", "value", "high"))
        values |= {"difference": middle, "low": low, "high": high}
        text += (
            f" First less second: {_n(middle)} points ({_n(low)} to {_n(high)}); number needed: "
            f"{row['needed_to_treat']['text']}."
        )
    note = f"Not simulated: {one['source']}, {row['where']}, {row['how']}."
    if not row["checked"]:
        note += " Not checked at its source."
    command = _command("treatments", "--format", "json")
    return Computed("trial_outcome", text, values, "%", (command,), note)


@computation
def trials_together(words: list[str]) -> Computed:
    """How many trials of the table give ketamine together with a treatment, by its words.

    Parameters
    ----------
    words : list of str
        A trial is of the treatment if one of them stands in what it gives.
    """
    from ketascope.effects.other_treatments import other_treatments

    trials = other_treatments()
    given = [" ".join([one["treatment"], *one["arms"].values()]).lower() for one in trials]
    of_it = [text for text in given if any(word in text for word in words)]
    both = [text for text in of_it if "ketamine" in text]
    text = (
        f"Of {len(trials)} trials in the table of other treatments {len(of_it)} gave {words[0]}, "
        f"{len(both)} of them together with ketamine."
    )
    if not both:
        text += " So what the two do together cannot be worked out from the table."
    values = {"trials": float(len(trials)), "of_it": float(len(of_it)),
              "together": float(len(both))}  # fmt: skip
    command = _command("treatments", "--format", "json")
    note = "The table holds trials that were read, not all that there are."
    return Computed("trials_together", text, values, "1", (command,), note)


@lru_cache(maxsize=16)
def _course(regimen: str) -> xr.Dataset:
    """The course as the command predicts it, once for all who ask."""
    from ketascope.effects.mood import course

    return course(regimen)


def _rows(found: xr.Dataset) -> list[dict[str, Any]]:
    from ketascope.effects.mood_table import course_table

    return course_table(found)


def _last_dose(found: xr.Dataset) -> float:
    """When the last dose is given (h after the first)."""
    import json

    return float(max(json.loads(found.attrs["plan"])["hours"]))


def _course_command(regimen: str) -> tuple[str, ...]:
    return (_command("course", regimen, "--format", "json"),)


def _points(gap: dict[str, Any]) -> str:
    return f"{gap['q50']:.1f} ({gap['q05']:.1f} to {gap['q95']:.1f})"


def _percent(share: dict[str, float]) -> str:
    low, middle, high = (100 * share[key] for key in ("q05", "q50", "q95"))
    return f"{_n(middle)} % ({_n(low)} to {_n(high)} %)"


def _outcome(trial: str, outcome: str) -> tuple[dict[str, Any], dict[str, Any]]:
    from ketascope.effects.other_treatments import other_treatments

    for one in other_treatments():
        if one["id"] == trial:
            for row in one["outcomes"]:
                if row["what"] == outcome:
                    return one, row
            raise InputError(f"the trial '{trial}' has no outcome '{outcome}'")
    raise InputError(f"there is no trial '{trial}'", hint="see `ketascope treatments`")
