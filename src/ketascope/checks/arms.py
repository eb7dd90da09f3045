"""From the conditions of a published value to a simulation under the same conditions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ketascope.dosing import load_regimen, schedule
from ketascope.errors import InputError, Unsupported
from ketascope.evidence.published import Dose

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.dosing import RegimenLike
    from ketascope.evidence.published import Conditions, PublishedValue
    from ketascope.models.structure import Model

PEOPLE = 200
"""People simulated for an arm; their number does not change what is typical of them."""
TAIL_HOURS = 96.0
"""Hours followed after the last dose, so that an area can be drawn on to infinity."""


def regimen_of(conditions: Conditions) -> RegimenLike:
    """Return what was given, from the listed doses where there are any, else from the words.

    Raises
    ------
    InputError
        If the words are not in the regimen language.
    """
    from ketascope.dosing.language import parse_dose
    from ketascope.dosing.regimen_file import Listed, ListedRegimen
    from ketascope.dosing.values import Component
    from ketascope.dosing.vocabulary import FORM_NAMES, ROUTE_NAMES

    if not conditions.doses:
        return load_regimen(conditions.regimen)
    listed = []
    for dose in conditions.doses:
        amount = parse_dose(f"{dose.amount:g} {dose.unit}")
        form = FORM_NAMES[dose.form] if dose.form else None
        component = Component(
            dose.drug, amount, ROUTE_NAMES[dose.route], form, minutes=60 * dose.duration
        )
        listed.append(Listed(dose.time, int(dose.time // 24) + 1, component))
    return ListedRegimen(conditions.regimen, tuple(listed))


def key_of(conditions: Conditions) -> str:
    """Return text that is equal for conditions that are simulated alike."""
    doses = [dose.model_dump() for dose in conditions.doses]
    return json.dumps([conditions.regimen, doses, dict(sorted(conditions.patient.items()))])


def candidates(value: PublishedValue) -> list[Model]:
    """Return the models that may answer for a value, the one to be used first.

    The model that a user gets by default for the drug, the routes, the forms and the age comes
    first, then its alternatives in their order of preference; of these, those that give the
    analyte. A model that is not independent of the value goes behind those that are, and behind
    the models of the same sampling site those of another.

    Raises
    ------
    Unsupported
        If no model covers the conditions.
    """
    from ketascope.models import get

    if value.used_for != "check" and value.model is not None:
        return [get(value.model)]
    models = [m for m in _covering(conditions_for(value)) if value.analyte in m.analytes]
    if not models:
        raise Unsupported(f"no model that covers these conditions gives {value.analyte}")
    models = _with_beside(value, models)
    related = {*value.not_independent_of, *([value.model] if value.model else [])}
    site = value.conditions.sampling

    def rank(model: Model) -> tuple[bool, bool]:
        other_site = "not stated" not in (site, model.sampling) and site != model.sampling
        return model.name in related, other_site

    return sorted(models, key=rank)


def _with_beside(value: PublishedValue, models: list[Model]) -> list[Model]:
    """Keep the models that say what the medicine taken beside it does; all if there is none."""
    from ketascope.models.interactions import effect

    beside = value.conditions.beside
    if beside is None:
        return models
    doses = schedule(regimen_of(conditions_for(value))).administrations
    routes = [dose.route for dose in doses]
    found = [model for model in models if effect(model, beside, routes).predicted]
    if not found:
        raise Unsupported(f"no model says what {beside} does under these conditions")
    return found


def conditions_for(value: PublishedValue) -> Conditions:
    """Return the conditions to simulate: of an enantiomer after the racemate, half of each dose.

    Each enantiomer is given alone then, as if the other were not there; the row says so. The one
    library model that gives the enantiomers of a racemic dose apart does the same, with half of
    the dose each, on the disposition of ``otto_2021``.
    """
    conditions = value.conditions
    drug = given_alone(value)
    if drug is None:
        return conditions
    doses = [
        Dose(
            time=dose.time, drug=drug, amount=dose.amount.value / 2, unit=dose.amount.unit,
            route=dose.route, duration=dose.duration, form=dose.form,
        )
        for dose in schedule(regimen_of(conditions)).administrations
    ]  # fmt: skip
    return conditions.model_copy(update={"doses": tuple(doses)})


def given_alone(value: PublishedValue) -> Literal["esketamine", "arketamine"] | None:
    """Return the enantiomer that an analyte comes from where the racemate was given."""
    from ketascope.evidence.substances import analytes

    known = analytes().get(value.analyte or "")
    if known is None or known.enantiomer == "R+S" or not _racemic(value.conditions):
        return None
    return "esketamine" if known.enantiomer == "S" else "arketamine"


def _racemic(conditions: Conditions) -> bool:
    return {d.drug for d in schedule(regimen_of(conditions)).administrations} == {"ketamine"}


def _covering(conditions: Conditions) -> list[Model]:
    from ketascope.models.choose import choose

    doses = schedule(regimen_of(conditions)).administrations
    drugs = {dose.drug for dose in doses}
    if len(drugs) > 1:
        raise Unsupported("the arm mixes drugs")
    forms = sorted({(d.route, d.form) for d in doses}, key=str)
    choice = choose(drugs.pop(), [d.route for d in doses], forms, ages=_ages(conditions))
    return [choice.model, *choice.alternatives]


def _ages(conditions: Conditions) -> tuple[float, ...]:
    age = conditions.patient.get("age")
    return () if age is None else (float(age),)


def times_of(values: list[PublishedValue]) -> NDArray[np.float64]:
    """Return the hours at which an arm is simulated: fine after each dose, and those asked for."""
    from ketascope.engine.grid import default_times

    plan = schedule(regimen_of(values[0].conditions))
    asked = [hour for value in values for hour in hours_of(value, plan.sessions[-1].end)]
    grid = np.union1d(default_times(plan, TAIL_HOURS), np.asarray(asked, dtype=float))
    # hours that differ by rounding alone are one
    keep = np.append(True, np.diff(grid) > 1e-9)
    return np.asarray(grid[keep])


def hours_of(value: PublishedValue, end: float) -> list[float]:
    """Return the hours since the first dose that a value names; ``end`` is that of the input."""
    shift = 0.0 if value.conditions.clock == "first dose" else end
    window = value.conditions.window or ()
    time = value.conditions.time
    return [shift + hour for hour in (*window, *([time] if time is not None else []))]


def simulated(
    values: list[PublishedValue], model: str, *, seed: int, beside: tuple[str, ...] = ()
) -> xr.Dataset:
    """Simulate one arm: the people of the study as far as they were described.

    Parameters
    ----------
    values : list of PublishedValue
        Of one arm, so of equal conditions but for the hours.
    model : str
    seed : int
    beside : tuple of str
        Medicines taken beside it.

    Returns
    -------
    xarray.Dataset
        As :func:`ketascope.simulate` returns it.
    """
    from ketascope.engine.simulate import simulate
    from ketascope.patients import Patient

    conditions = values[0].conditions
    more: dict[str, Any] = {"beside": beside} if beside else {}
    return simulate(
        regimen_of(conditions),
        Patient.of(dict(conditions.patient)),
        n=PEOPLE,
        model=model,
        times=times_of(values),
        seed=seed,
        force=True,
        workers=1,
        **more,
    )


def why_not(error: InputError) -> str:
    """Return an error as a reason, without where it was found and what to do."""
    return error.message
