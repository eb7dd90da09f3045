"""From a regimen to what the course of depression is worked out from, or why it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.mood_model import Plan
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Schedule

COMPARATORS: Final = {
    "oral antidepressant with placebo spray": True,
    "placebo": False,
}
"""Control arms, and whether both arms begin a new oral antidepressant with the first session."""
LAST: Final = 672.0
"""h after the first dose up to which totals are predicted: four weeks, as the trials went."""
NASAL_MG: Final = (28.0, 84.0)
VEIN_MG_PER_KG: Final = (0.1, 1.0)
VEIN_MINUTES: Final = (20.0, 60.0)
OLD: Final = 65.0
"""y from which people were not in the fitted trials."""
OLD_REASON: Final = (
    "people of 65 and more have one trial, in which half as many or fewer responded as among "
    "younger people, in both arms (TRANSFORM-3, day 28: 27 % with the spray, 13 % with placebo, "
    "each with a new antidepressant)"
)
"""Why there is no curve from that age."""
ROUTES: Final = {
    "oral": "no trial with totals over time by dose by mouth is in the evidence; for what trials "
    "found see `ketascope treatments`",
    "subcutaneous": "one trial under the skin (KADS, Loo 2023) compares remission with midazolam: "
    "too little for a curve",
    "sublingual": "practice series of tablets at home have no control arm (Hull 2022)",
    "buccal": "no controlled trial",
    "intramuscular": "no controlled trial with totals over time",
    "rectal": "no trial",
}
"""Why a route has no curve."""


def plan_of(regimen: Any, comparator: str | None, age: float | None) -> tuple[Plan, str, str]:
    """Return the plan, the comparator and the words of a regimen or a simulated result.

    Parameters
    ----------
    regimen : str, RegimenLike or Dataset
    comparator : str or None
        A key of :data:`COMPARATORS`; by default with a new oral antidepressant for the nasal
        spray, and placebo for an infusion.
    age : float or None
        y.

    Raises
    ------
    InputError
        For a comparator that there is not.
    Unsupported
        Where no data support a curve, with the reason.
    """
    course, words, ages = _schedule(regimen)
    youngest, middle = (age, age) if age is not None else ages
    reason = why_not(course, youngest if youngest is not None and youngest < 18 else middle)
    if reason is not None:
        raise Unsupported(f"the course of depression is not predicted: {reason}")
    by_vein = course.routes == ("intravenous",)
    if comparator is None:
        comparator = "placebo" if by_vein else "oral antidepressant with placebo spray"
    if comparator not in COMPARATORS:
        raise InputError(
            f"there is no comparator '{comparator}'", hint=f"there are {', '.join(COMPARATORS)}"
        )
    amounts = tuple(
        sum(dose.amount.value for dose in course.of_session(s.index)) for s in course.sessions
    )
    plan = Plan(tuple(s.time for s in course.sessions), amounts, by_vein, COMPARATORS[comparator])
    return plan, comparator, words


def _schedule(regimen: Any) -> tuple[Schedule, str, tuple[float | None, float | None]]:
    """The schedule, its words, and the youngest and the median age of a result."""
    from ketascope.dosing import load_regimen, schedule
    from ketascope.dosing.given import schedule_given

    if hasattr(regimen, "attrs"):
        ages: tuple[float | None, float | None] = (None, None)
        if "age" in regimen.coords:
            ages = float(regimen["age"].min()), float(regimen["age"].median())
        # as given, not as worded: the words of a list of doses are its author's
        return schedule_given(regimen.attrs), str(regimen.attrs["regimen"]), ages
    read = load_regimen(regimen)
    return schedule(read), read.text, (None, None)


def share_older(regimen: Any) -> float:
    """Share of the people of a result who are of an age without a curve; 0 without people."""
    if not hasattr(regimen, "attrs") or "age" not in regimen.coords:
        return 0.0
    return float((regimen["age"] >= OLD).mean())


def why_not(course: Schedule, age: float | None = None) -> str | None:
    """Return why the course of depression is not predicted, or None where it is."""
    if age is not None and age < 18:
        return (
            "people under 18 have no fitted trial; one crossover trial of 17 adolescents found "
            "lower totals 24 h after an infusion than after midazolam (Dwyer 2021)"
        )
    if age is not None and age >= OLD:
        return OLD_REASON
    routes, drugs = course.routes, course.drugs
    if len(routes) > 1 or len(drugs) > 1:
        return "no trial mixed drugs or routes"
    route, drug = routes[0], drugs[0]
    if drug == "arketamine":
        return "arketamine has no positive controlled trial with a course of totals"
    if route in ROUTES:
        return ROUTES[route]
    if (drug, route) == ("esketamine", "intranasal"):
        return _outside(course, NASAL_MG, "mg")
    if (drug, route) == ("ketamine", "intravenous"):
        times = {round(60 * dose.duration, 6) for dose in course.administrations}
        if not all(VEIN_MINUTES[0] <= minutes <= VEIN_MINUTES[1] for minutes in times):
            return "infusions of 40 min were fitted; others than 20 to 60 min are too far from them"
        return _outside(course, VEIN_MG_PER_KG, "mg/kg")
    return f"no fitted trial gave {drug} {route}"


def _outside(course: Schedule, ends: tuple[float, float], unit: str) -> str | None:
    for session in course.sessions:
        doses = course.of_session(session.index)
        if any(dose.amount.unit != unit for dose in doses):
            return f"doses were fitted in {unit}"
        amount = sum(dose.amount.value for dose in doses)
        if not ends[0] - 1e-9 <= amount <= ends[1] + 1e-9:
            return f"{amount:g} {unit} lies outside the {ends[0]:g} to {ends[1]:g} {unit} known"
    return None


def plan_record(plan: Plan) -> str:
    """Return a plan as JSON, for the attributes of a result."""
    return json.dumps(
        {
            "hours": plan.hours, "amounts": plan.amounts, "by_vein": plan.by_vein,
            "new_antidepressant": plan.new_antidepressant,
        }
    )  # fmt: skip
