"""Outcome scores of a person or a programme: change, response, remission, and who is missing.

>>> import pandas as pd
>>> table = outcomes(pd.DataFrame({"id": [1, 2], "pre": [20, 10], "post": [5, 10]}), scale="PHQ-9")
>>> float(table.set_index("measure").loc["percent reduction of the mean", "estimate"])
50.0
"""

from __future__ import annotations

import json
import math
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.effects import scores as s
from ketascope.effects.outcome_cells import read_cells
from ketascope.effects.outcome_rows import COLUMNS, Pairs, rows, threshold
from ketascope.effects.outcome_visits import Series, choose_visits, series
from ketascope.errors import InputError
from ketascope.evidence.scales import default

if TYPE_CHECKING:
    import pandas as pd

NO_CONTROL = (
    "There is no control arm here: a fall holds the natural course, regression to the mean, "
    "expectation and other treatment as well as any effect of the drug."
)


def outcomes(
    data: pd.DataFrame | str | PathLike[str],
    *,
    scale: str | None = None,
    baseline: str | float | None = None,
    at: str | float | None = None,
    level: float = 0.95,
    carry_forward: bool = False,
    bootstrap: int | None = None,
    by: str = "programme",
) -> pd.DataFrame:
    """Work out what the scores of rating scales say about change.

    Parameters
    ----------
    data : DataFrame or path
        Long: ``id``, ``visit``, ``score``, and ``scale`` if there are several. Wide: ``id``,
        ``pre``, ``post``. A path is of CSV or Parquet. Scores are totals, in points.
    scale : str, optional
        ``"PHQ-9"``, ``"MADRS"``, ``"GAD-7"`` or ``"PCL-5"``; only rows of it are used. Without it
        each scale in the column ``scale`` is worked out by itself.
    baseline, at : str or number, optional
        Visits to compare; the first and the last, where visits are numbers.
    level : float
        Confidence of the intervals.
    carry_forward : bool
        Fill a missing later score with the last one after the baseline. Said in the notes.
    bootstrap : int, optional
        Seed; the interval of the percent reduction of the mean is then a bootstrap's.
    by : {"programme", "person"}
        One row for each measure, or one for each person.

    Returns
    -------
    DataFrame
        Attributes ``schema``, ``version``, ``level``, and as JSON ``counts``, ``notes``,
        ``warnings`` and ``sources``.

    Raises
    ------
    InputError
        Naming file, line and column.
    """
    import pandas as pd

    from ketascope import __version__

    if not 0 < level < 1:
        raise InputError(f"level {level} is not between 0 and 1", hint="95 % is 0.95")
    if by not in ("programme", "person"):
        raise InputError(f"'{by}' is no choice", where="by", hint="programme or person")
    if bootstrap is not None and bootstrap < 0:
        raise InputError(f"the seed {bootstrap} is negative", where="bootstrap", hint="0 or more")
    found, notes = series(read_cells(data), scale)
    warnings = [NO_CONTROL]
    counts: list[dict[str, Any]] = []
    table: list[dict[str, Any]] = []
    used: list[str] = []
    for one in sorted(found, key=lambda each: each.scale.name):
        chosen = choose_visits(one, _text(baseline), _text(at))
        pairs, carried = _pairs(one, chosen, level, bootstrap, carry_forward)
        counts.append(_counts(pairs, carried))
        warnings += _warnings(pairs, counts[-1])
        notes += _notes(pairs, counts[-1], carry_forward)
        table += rows(pairs) if by == "programme" else _persons(pairs, one.people)
        used += one.scale.sources()
    frame = pd.DataFrame(table, columns=list(COLUMNS) if by == "programme" else None)
    keys = [*dict.fromkeys(used), "jacobson_truax_1991"]
    texts = {"counts": counts, "notes": notes, "warnings": warnings, "sources": keys}
    frame.attrs = {"schema": "ketascope/outcomes/1", "version": __version__, "level": level}
    frame.attrs |= {key: json.dumps(value, ensure_ascii=False) for key, value in texts.items()}
    return frame


def _text(visit: str | float | None) -> str | None:
    return None if visit is None else str(visit)


def _pairs(
    one: Series, chosen: tuple[str, str], level: float, seed: int | None, carry: bool
) -> tuple[Pairs, int]:
    first, last = chosen
    post, carried = one.carried(first, last) if carry else (one.at(last), 0)
    pre = one.at(first)
    shown = (one.shown[first], one.shown[last])
    return Pairs(one.scale, pre, post, one.at(last), *shown, level=level, seed=seed), carried


def _counts(one: Pairs, carried: int) -> dict[str, Any]:
    no_pre, no_post = np.isnan(one.pre), np.isnan(one.post)
    return {
        "scale": one.scale.name,
        "baseline": one.first,
        "at": one.last,
        "people": len(one.pre),
        "with_both": int(one.complete.sum()),
        "without_later": int((no_post & ~no_pre).sum()),
        "without_baseline": int((no_pre & ~no_post).sum()),
        "without_either": int((no_pre & no_post).sum()),
        "carried_forward": carried,
    }


def _warnings(one: Pairs, counts: dict[str, Any]) -> list[str]:
    name, lost = one.scale.name, counts["people"] - counts["with_both"]
    found = []
    if lost:
        found.append(
            f"{name}: {lost} of {counts['people']} people lack a score; estimates are of the "
            f"{counts['with_both']} with both, and worst and best say what the others could change."
        )
    if counts["carried_forward"]:
        found.append(
            f"{name}: {counts['carried_forward']} later scores are the last observation carried "
            "forward, which assumes that nothing changed after it; intervals are too narrow, and "
            "worst and best take these scores as missing."
        )
    if one.scale.bands == ():
        found.append(f"{name}: no severity bands are shown, since none were derived for it.")
    if not one.scale.remission:
        found.append(f"{name}: remission is not worked out, since no published cut of it was read.")
    return found


def _notes(one: Pairs, counts: dict[str, Any], carry: bool) -> list[str]:
    name = one.scale.name
    found = []
    zero = int((one.completers[0] == 0).sum())
    if zero:
        found.append(f"{name}: {zero} with a baseline of 0 have no percentage and cannot respond.")
    if counts["with_both"] == 1:
        found.append(f"{name}: one person, so no interval of a mean.")
    if counts["without_baseline"] or counts["without_either"]:
        found.append(f"{name}: a baseline is missing, so persons' percentages have no bounds.")
    if carry and not counts["carried_forward"]:
        found.append(f"{name}: no score had to be carried forward.")
    if any(rule.status == "convention" for rule in (*one.scale.response, *one.scale.remission)):
        found.append(
            f"{name}: a cut of status 'convention' is not defined for it in a source read."
        )
    return found


def _persons(one: Pairs, people: list[str]) -> list[dict[str, Any]]:
    """One row a person; what cannot be known is missing, not false."""
    percent = s.percent_of_persons(one.pre, one.post)
    points, _ = threshold(one)
    rules = {"response": s.response(one.scale.response[0].percent)}
    cut = default(one.scale.remission)
    if cut is not None:
        rules["remission"] = s.at_most(cut.at_most)
    if points > 0:
        rules |= {
            "reliable_improvement": s.fell_by(points),
            "reliable_worsening": s.rose_by(points),
        }
    met = {name: rule(one.pre, one.post) for name, rule in rules.items()}
    found = []
    for row, person in enumerate(people):
        pre, post = float(one.pre[row]), float(one.post[row])
        both = not (math.isnan(pre) or math.isnan(post))
        columns = ("response", "remission", "reliable_improvement", "reliable_worsening")
        found.append(
            {
                "scale": one.scale.name, "id": person, "baseline": pre, "later": post,
                "change": post - pre, "percent_reduction": float(percent[row]),
                **{c: bool(met[c][row]) if both and c in met else None for c in columns},
                "severity_baseline": "" if math.isnan(pre) else one.scale.band(pre),
                "severity_later": "" if math.isnan(post) else one.scale.band(post),
            }
        )  # fmt: skip
    return found
