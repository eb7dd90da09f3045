"""What is given, as numbers that rules can ask about: dose, step, interval, maximum, length.

A regimen is taken apart into uses: one drug by one route in one form. Features of a use that depend
on a weight that is not known are unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration, RegimenLike, Schedule
    from ketascope.patients.patient import Patient

Formulation = Literal[
    "nasal_esketamine",
    "nasal",
    "iv",
    "im",
    "sc",
    "oral",
    "sublingual",
    "rectal",
    "inhaled",
    "compounded",
]
FORMULATIONS: tuple[Formulation, ...] = get_args(Formulation)
_BY_ROUTE: dict[str, Formulation] = {
    "intravenous": "iv",
    "intranasal": "nasal",
    "intramuscular": "im",
    "subcutaneous": "sc",
    "oral": "oral",
    "sublingual": "sublingual",
    "buccal": "sublingual",
    "rectal": "rectal",
    "inhaled": "inhaled",
}
# Forms of which no medicine is licensed in any of the places that are screened for.
_UNLICENSED: frozenset[Formulation] = frozenset(
    {"nasal", "oral", "sublingual", "rectal", "inhaled"}
)
WORDS: dict[Formulation, str] = {
    "nasal_esketamine": "nasal spray (licensed device)",
    "nasal": "nasal drops or spray, not the licensed device",
    "iv": "intravenous",
    "im": "intramuscular",
    "sc": "subcutaneous",
    "oral": "oral",
    "sublingual": "sublingual or buccal",
    "rectal": "rectal",
    "inhaled": "inhaled",
    "compounded": "of a pharmacy, not a licensed medicine",
}


class Feature(NamedTuple):
    """A number of a use: what it is called, its unit, and what it needs to be known."""

    name: str
    unit: str
    needs: str = "regimen"


FEATURES: dict[str, Feature] = {
    "first_dose": Feature("first dose", "mg", "weight"),
    "smallest_dose": Feature("smallest dose", "mg", "weight"),
    "largest_dose": Feature("largest dose", "mg", "weight"),
    "largest_dose_per_kg": Feature("largest dose", "mg/kg", "weight"),
    "largest_step": Feature("largest rise from one dose to the next", "mg", "weight"),
    "smallest_gap": Feature("shortest time from one dose to the next", "days"),
    "most_in_a_week": Feature("most doses in any 7 days", ""),
    "most_in_a_week_from_week_5": Feature("most doses in any 7 days from week 5 on", ""),
    "most_in_a_week_from_week_9": Feature("most doses in any 7 days from week 9 on", ""),
    "last_day": Feature("day of the last dose", ""),
    "doses": Feature("doses in all", ""),
    "total": Feature("total of the course", "mg", "weight"),
    "shortest_infusion": Feature("shortest infusion", "min"),
}
"""Features by name; of a use without any infusion the shortest one is 0 min."""


@dataclass(frozen=True)
class Use:
    """One drug by one route in one form.

    Parameters
    ----------
    drug, route : str
    form : str or None
    formulations : frozenset of str
        Which formulations of rules it is; one that no licence covers is also ``compounded``.
    features : dict
        By name, as :data:`FEATURES` lists them; None is unknown.
    """

    drug: str
    route: str
    form: str | None
    formulations: frozenset[Formulation]
    features: dict[str, float | None]

    @property
    def words(self) -> str:
        """The use in words, such as ``ketamine, intravenous``."""
        main = next(iter(self.formulations - {"compounded"}))
        return f"{self.drug}, {WORDS[main]}"


def formulations(drug: str, route: str, form: str | None) -> frozenset[Formulation]:
    """Return the formulations of rules that a drug by a route is.

    >>> sorted(formulations("ketamine", "oral", None))
    ['compounded', 'oral']
    """
    if drug == "esketamine" and route == "intranasal" and form is None:
        return frozenset({"nasal_esketamine"})
    one = _BY_ROUTE[route]
    return frozenset({one, "compounded"} if one in _UNLICENSED else {one})


def uses(regimen: RegimenLike, patient: Patient | None) -> tuple[Use, ...]:
    """Take a regimen apart.

    Parameters
    ----------
    regimen : regimen
        As :func:`ketascope.load_regimen` returns it.
    patient : Patient or None
        Whose weight doses per kg go by.

    Returns
    -------
    tuple of Use
        In order of first use.
    """
    schedule = regimen.schedule()
    keys = dict.fromkeys((one.drug, one.route, one.form) for one in schedule.administrations)
    found = []
    for drug, route, form in keys:
        mine = [
            one
            for one in schedule.administrations
            if (one.drug, one.route, one.form) == (drug, route, form)
        ]
        known = _features(mine, schedule, patient)
        found.append(Use(drug, route, form, formulations(drug, route, form), known))
    return tuple(found)


def _features(
    given: Sequence[Administration], schedule: Schedule, patient: Patient | None
) -> dict[str, float | None]:
    indices = sorted({one.session for one in given})
    times = [schedule.sessions[index].time for index in indices]
    by_session = [[one for one in given if one.session == index] for index in indices]
    doses = _sums(by_session, patient)
    steps = [b - a for a, b in pairwise(doses)] if doses else []
    gaps = [(b - a) / 24 for a, b in pairwise(times)]
    return {
        "first_dose": doses[0] if doses else None,
        "smallest_dose": min(doses, default=None),
        "largest_dose": max(doses, default=None),
        "largest_dose_per_kg": _per_kg(by_session, doses, patient),
        "largest_step": max(steps, default=0.0) if doses else None,
        "smallest_gap": min(gaps, default=float("inf")),
        "most_in_a_week": _busiest(times),
        "most_in_a_week_from_week_5": _busiest([time for time in times if time >= 28 * 24]),
        "most_in_a_week_from_week_9": _busiest([time for time in times if time >= 56 * 24]),
        "last_day": float(max(schedule.sessions[index].day for index in indices)),
        "doses": float(len(indices)),
        "total": sum(doses) if doses else None,
        "shortest_infusion": min(one.duration * 60 for one in given),
    }


def _sums(by_session: Sequence[Sequence[Administration]], patient: Patient | None) -> list[float]:
    """Dose of each session in mg; nothing where a weight is not known."""
    found = []
    for session in by_session:
        amounts = [_mg(one, patient) for one in session]
        if any(amount is None for amount in amounts):
            return []
        found.append(sum(amount for amount in amounts if amount is not None))
    return found


def _mg(one: Administration, patient: Patient | None) -> float | None:
    if one.amount.unit == "mg":
        return one.amount.value
    weight = _weight(patient, one.amount.basis)
    return None if weight is None else one.amount.mg(weight)


def _weight(patient: Patient | None, basis: str) -> float | None:
    """Weight by a basis, kg; None where what it needs is not known."""
    if patient is None:
        return None
    if basis == "actual":
        return patient.weight
    import pandas as pd

    from ketascope.patients.weights import weight_for

    row = {"weight": patient.weight, "height": patient.height, "sex": patient.sex}
    try:
        return float(weight_for(pd.DataFrame([row]), basis)[0])
    except InputError:
        return None


def _per_kg(
    by_session: Sequence[Sequence[Administration]],
    doses: Sequence[float],
    patient: Patient | None,
) -> float | None:
    """Largest dose for each kg of actual weight, mg/kg."""
    amounts = [one.amount for session in by_session for one in session]
    written = [a for a in amounts if a.unit == "mg/kg" and a.basis == "actual" and a.cap_mg is None]
    if len(written) == len(amounts):
        return max(sum(one.amount.value for one in session) for session in by_session)
    if not doses or patient is None or patient.weight is None:
        return None
    return max(doses) / patient.weight


def _busiest(times: Sequence[float]) -> float:
    """Most doses in any stretch of less than 7 days; times in hours."""
    return float(
        max(
            (sum(start <= time < start + 168 - 1e-6 for time in times) for start in times),
            default=0,
        )
    )
