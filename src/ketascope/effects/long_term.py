"""Grams that a course comes to, beside groups of people whose grams are known, and what was found.

No risk of one person is worked out: no study gives one. What is compared is amounts, and for each
group stands what was found in it.

>>> from ketascope.effects.long_term import long_term
>>> found = long_term("esketamine 84 mg intranasal twice weekly for 4 weeks")
>>> [found["course"][key]["q50"] for key in ("total", "month", "year")]
[0.672, 0.672, 0.672]
>>> [round(found["gap"][key]) for key in ("low", "high")]
[68, 204]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ketascope.effects.known import known
from ketascope.errors import InputError
from ketascope.evidence.long_use import MONTH, Group, long_use

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.dosing.schedule import RegimenLike
    from ketascope.patients import Patient

    Values = NDArray[np.float64]

YEAR: Final = 365.25
"""Days of a year."""
PEOPLE: Final = 1000
"""Virtual adults whose weights stand for a dose per kg, where no people were given."""
TOPICS: Final = ("bladder", "long_cognition", "dependence", "tolerance", "abstinence")
"""Topics of findings that belong to long use."""
NOT_PREDICTED: Final = (
    "The risk of harm for one person, or for this course, is not predicted: no study gives harm by "
    "grams and years, nobody knows a safe amount, and users differ from patients in much besides "
    "grams (other drugs, purity, daily use)."
)
_LEVELS: Final = (0.05, 0.5, 0.95)


class _Dose(NamedTuple):
    """What is given at a time: h, and the amount with what it goes by."""

    time: float
    drug: str
    amount: float
    unit: str
    basis: str
    cap_mg: float | None

    @property
    def kind(self) -> tuple[float, str, str, float | None]:
        """Doses that come to the same mg in a person."""
        return (self.amount, self.unit, self.basis, self.cap_mg)


def long_term(
    what: xr.Dataset | RegimenLike | str,
    *,
    n: int = PEOPLE,
    seed: int = 0,
    patient: Patient | None = None,
    racemate_factor: float | None = None,
) -> dict[str, Any]:
    """Return the grams of a course beside published groups, and what was found in those.

    Parameters
    ----------
    what : Dataset, regimen or str
        A result of :func:`ketascope.simulate`, or a regimen.
    n, seed : int
        Virtual adults whose weights a dose per kg goes by, for a regimen.
    patient : Patient, optional
        What is known of the one who is treated, for a regimen.
    racemate_factor : float, optional
        mg of racemic ketamine that you let 1 mg of esketamine stand for. There is no agreed
        value, so without it grams are only of what is given.

    Returns
    -------
    dict
        ``regimen``; ``course``: ``drugs``, ``sessions``, ``days``, ``by_weight``, and ``total``,
        ``month`` and ``year`` (most in any month and year), each with ``q05``, ``q50``, ``q95`` in
        g; ``as_racemate``: None, or the same with ``factor``; ``groups``: ``id``, ``title``,
        ``pattern``, ``misuse``, ``drug``, ``low``, ``high`` (g a month), ``years``, ``total``
        (g over the years, or None), ``ratio`` (``low``, ``high``: group over course), ``people``,
        ``given``, ``basis``, ``note``, ``source``, ``where``, ``how``, ``harm`` (texts);
        ``gap``: ``low``, ``high``, ``text``, ``groups``; ``findings`` by topic, as
        :func:`ketascope.effects.known.known`; ``text``; ``not_predicted``; ``sources``.

    Raises
    ------
    InputError
        For a regimen that cannot be read, or a factor that is not above 0.
    """
    if racemate_factor is not None and not racemate_factor > 0:
        raise InputError(f"{racemate_factor:g} is not a factor", hint="give more than 0")
    regimen, doses, sessions, frame = _read(what, n=n, seed=seed, patient=patient)
    course = _course(doses, sessions, frame)
    groups = [_group(one, course) for one in long_use()]
    gap = _gap(groups)
    facts = {topic: known(topic) for topic in TOPICS}
    sources = [g["source"] for g in groups]
    sources += [row["source"] for rows in facts.values() for row in rows if row["source"]]
    return {
        "regimen": regimen,
        "course": course,
        "as_racemate": _as_racemate(course, doses, frame, racemate_factor),
        "groups": groups,
        "gap": gap,
        "findings": facts,
        "text": _sentences(course, gap),
        "not_predicted": NOT_PREDICTED,
        "sources": list(dict.fromkeys(sources)),
    }


def report_long_term(result: xr.Dataset) -> dict[str, Any]:
    """Return what :func:`long_term` says of a simulation; keys as there, plain values throughout.

    Raises
    ------
    InputError
        For a result that holds no doses.
    """
    return long_term(result)


def _read(
    what: xr.Dataset | RegimenLike | str, *, n: int, seed: int, patient: Patient | None
) -> tuple[str, list[_Dose], int, pd.DataFrame]:
    """Words, doses, number of sessions, and one row a person with what weights need."""
    from ketascope.dosing import load_regimen, schedule

    if hasattr(what, "attrs"):
        return _of_result(what)
    from ketascope.patients import sample_population

    regimen: Any = load_regimen(what) if isinstance(what, str) else what
    plan = schedule(regimen)
    doses = [
        _Dose(a.time, a.drug, a.amount.value, a.amount.unit, a.amount.basis, a.amount.cap_mg)
        for a in plan.administrations
    ]
    needs = any(d.unit == "mg/kg" for d in doses)
    people = sample_population(n if needs else 1, seed, patient=patient)
    return regimen.text, doses, len(plan.sessions), people.data


def _of_result(result: Any) -> tuple[str, list[_Dose], int, pd.DataFrame]:
    if "doses" not in result.attrs:
        raise InputError("this result holds no doses", hint="simulate a regimen")
    rows = json.loads(str(result.attrs["doses"]))
    fields = ("time", "drug", "amount", "unit", "basis", "cap_mg")
    doses = [_Dose(**{f: row[f] for f in fields}) for row in rows]
    frame = result[["weight", "height", "sex"]].to_dataframe()
    sessions = len(json.loads(str(result.attrs["sessions"])))
    return str(result.attrs["regimen"]), doses, sessions, frame


def _course(doses: Sequence[_Dose], sessions: int, frame: pd.DataFrame) -> dict[str, Any]:
    times = np.array([d.time for d in doses]) / 24
    mg = _mg_by_kind(doses, frame)
    found = {
        "total": _most(times, doses, mg, np.inf),
        "month": _most(times, doses, mg, MONTH),
        "year": _most(times, doses, mg, YEAR),
    }
    return {
        "drugs": list(dict.fromkeys(d.drug for d in doses)),
        "sessions": sessions,
        "days": float(times[-1] - times[0]),
        "by_weight": any(d.unit == "mg/kg" for d in doses),
        **{key: _spread(value) for key, value in found.items()},
    }


def _mg_by_kind(doses: Sequence[_Dose], frame: pd.DataFrame) -> dict[Any, Values]:
    """Mg of each kind of dose in each person, shape (people,)."""
    from ketascope.patients import weight_for

    found: dict[Any, Values] = {}
    for kind in dict.fromkeys(d.kind for d in doses):
        amount, unit, basis, cap = kind
        if unit == "mg":
            found[kind] = np.full(len(frame), amount)
        else:
            weighed = amount * weight_for(frame, basis)
            found[kind] = weighed if cap is None else np.minimum(weighed, cap)
    return found


def _most(times: Values, doses: Sequence[_Dose], mg: dict[Any, Values], days: float) -> Values:
    """Most that each person gets within so many days, g, shape (people,)."""
    kinds = list(mg)
    given = np.zeros((len(doses) + 1, len(kinds)))
    for row, dose in enumerate(doses):
        given[row + 1, kinds.index(dose.kind)] = 1
    upto = np.cumsum(given, axis=0)
    # a window begins with a dose, and what is given just as it ends belongs to the next one
    last = np.searchsorted(times, times + days - 1e-9, side="left")
    windows = np.unique(upto[last] - upto[: len(doses)], axis=0)
    amounts = np.stack([mg[kind] for kind in kinds])
    return np.asarray((windows @ amounts).max(axis=0) / 1000)


def _spread(grams: Values) -> dict[str, float]:
    low, middle, high = (float(q) for q in np.quantile(grams, _LEVELS))
    return {"q05": low, "q50": middle, "q95": high}


def _as_racemate(
    course: dict[str, Any], doses: Sequence[_Dose], frame: pd.DataFrame, factor: float | None
) -> dict[str, Any] | None:
    if factor is None or "esketamine" not in course["drugs"]:
        return None
    times = np.array([d.time for d in doses]) / 24
    scaled = [
        d._replace(amount=d.amount * factor, cap_mg=None if d.cap_mg is None else d.cap_mg * factor)
        if d.drug == "esketamine"
        else d
        for d in doses
    ]
    mg = _mg_by_kind(scaled, frame)
    spans = {"total": np.inf, "month": MONTH, "year": YEAR}
    found = {key: _spread(_most(times, scaled, mg, days)) for key, days in spans.items()}
    return {"factor": factor, **found}


def _group(group: Group, course: dict[str, Any]) -> dict[str, Any]:
    low, high = group.monthly
    month = course["month"]
    texts = {f"{row['topic']}.{row['id']}": row for row in known()}
    total = None
    if group.given == "printed":
        total = [12 * low * group.years[0], 12 * high * group.years[1]]
    return {
        "id": group.id,
        "title": group.title,
        "pattern": group.pattern,
        "misuse": group.misuse,
        "drug": group.drug,
        "low": low,
        "high": high,
        "years": list(group.years),
        "total": total,
        "ratio": {"low": low / month["q95"], "high": high / month["q05"]},
        "people": group.people,
        "given": group.given,
        "basis": group.basis,
        "note": group.note,
        "source": group.source,
        "where": group.where,
        "how": group.how,
        "harm": [texts[name]["what"] for name in group.harm],
    }


def _gap(groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many times more the groups of misuse took than the most of this course in a month."""
    misuse = [g for g in groups if g["misuse"]]
    low = min(g["ratio"]["low"] for g in misuse)
    high = max(g["ratio"]["high"] for g in misuse)
    return {
        "low": low,
        "high": high,
        "groups": [g["id"] for g in misuse],
        "text": (
            "Users outside treatment whose grams were published took "
            f"{_round(low)} to {_round(high)} times what this course gives in its busiest month, "
            "in grams of whatever was taken. "
            "That is a ratio of amounts, not of risks."
        ),
    }


def _sentences(course: dict[str, Any], gap: dict[str, Any]) -> list[str]:
    month, total = course["month"], course["total"]
    spread = ""
    if course["by_weight"]:
        spread = f" (90 % of people {_round(month['q05'])} to {_round(month['q95'])} g)"
    found = [
        f"{course['sessions']} sessions in {course['days']:.0f} days: {_round(total['q50'])} g of "
        f"{' and '.join(course['drugs'])} in all, at most {_round(month['q50'])} g in a "
        f"month{spread} and {_round(course['year']['q50'])} g in a year.",
        gap["text"],
    ]
    if "esketamine" in course["drugs"]:
        found.append(
            "Users took racemic ketamine; 1 g of esketamine is not 1 g of it, and there is no "
            "agreed factor between them."
        )
    if course["days"] < MONTH:
        found.append("The course ends within a month; more of it would add to the year.")
    return found


def _round(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}"
