"""What a simulation is asked, checked and resolved before anything runs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

import numpy as np

from ketascope.draws import check_seed
from ketascope.engine.tolerances import ATOL, RTOL
from ketascope.errors import InputError
from ketascope.models.choose import Choice, choose, model_warnings, setting_notes
from ketascope.models.individuals import Layers
from ketascope.models.interactions import Effect, effects
from ketascope.patients import Patient, Population, sample_population, weight_notes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ketascope.dosing import Label, RegimenLike, Schedule
    from ketascope.dosing.schedule import Administration

    Values = NDArray[np.float64]

FEW = 20
"""Fewer people than this give quantiles that say little."""


class Asked(TypedDict, total=False):
    """What may be asked of :func:`prepare` by name, as :func:`ketascope.simulate` describes it."""

    n: int | None
    model: str | None
    times: ArrayLike | None
    seed: int
    typical: bool
    beside: Sequence[str]
    force: bool
    rtol: float
    atol: float


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a simulation was asked for, resolved."""

    regimen: RegimenLike
    schedule: Schedule
    choice: Choice
    people: Population
    layers: Layers
    times: Values
    seed: int
    warnings: tuple[str, ...]
    name: Label | None = None
    """The named regimen, where one was asked for by name."""
    rtol: float = RTOL
    atol: float = ATOL
    """Tolerances of the responses."""
    beside: tuple[Effect, ...] = ()
    """What medicines taken beside it do to individual parameters, or that it is not predicted."""


def prepare(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None = None,
    *,
    n: int | None = None,
    model: str | None = None,
    times: ArrayLike | None = None,
    seed: int = 0,
    typical: bool = False,
    uncertainty: bool = False,
    beside: Sequence[str] = (),
    force: bool = False,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Run:
    """Check and resolve everything a simulation needs, without running it."""
    from ketascope.dosing import RegimenLike, find_label, load_regimen, schedule
    from ketascope.dosing import check as check_bounds
    from ketascope.engine.grid import check_times, default_times

    seed = check_seed(seed)
    given = load_regimen(regimen) if isinstance(regimen, str) else regimen
    if not isinstance(given, RegimenLike):
        raise InputError(
            f"a regimen cannot be {type(given).__name__}", hint="give words, or a parsed regimen"
        )
    name = find_label(regimen) if isinstance(regimen, str) else None
    plan = schedule(given)
    drug = _one_drug(plan.administrations)
    population, random = who_is_simulated(people, n, seed, typical)
    routes = [dose.route for dose in plan.administrations]
    ages = (float(population.data["age"].min()), float(population.data["age"].max()))
    choice = choose(
        drug,
        routes,
        sorted({(d.route, d.form) for d in plan.administrations}, key=str),
        model,
        ages=ages,
    )
    layers = Layers(people=random, uncertainty=uncertainty)
    if population.data["weight"].isna().any():
        raise InputError("the weight of a person is unknown", hint="give it in kg")
    bounds = check_bounds(given, weight_kg=_weight_for_bounds(population), force=force)
    changed = effects(choice.model, beside, routes)
    told = model_warnings(choice.model, population.data, random=random)
    warnings = [effect.text for effect in changed]
    warnings += [*_wrong_ages(name, population), *bounds, *told, *choice.notes]
    if random and 1 < len(population) < FEW:
        warnings.append(f"Only {len(population)} people: figures over them say little of others.")
    for basis in sorted({d.amount.basis for d in plan.administrations}):
        warnings.extend(weight_notes(population, basis))
    setting = people.setting if isinstance(people, Patient) else None
    if not choice.model.people.ill:
        warnings.extend(setting_notes(setting, drug, routes, ages))
    grid = default_times(plan) if times is None else check_times(times)
    said = tuple(warnings)
    return Run(given, plan, choice, population, layers, grid, seed, said, name, rtol, atol, changed)


def _wrong_ages(label: Label | None, population: Population) -> list[str]:
    """Warn of a named regimen that is for people of another age."""
    if label is None:
        return []
    ages = population.data["age"]
    other = sum(not label.is_for(age) for age in ages)
    if not other:
        return []
    who = f"{other} of {len(ages)} people are" if ages.nunique() > 1 else f"Age {ages.iloc[0]:g} is"
    limits = [f"from {label.from_age:g}"] if label.from_age else []
    limits += [f"below {label.below_age:g}"] if label.below_age else []
    return [f"{who} not of the age that {label.name} is for, {' and '.join(limits)} years."]


def _weight_for_bounds(population: Population) -> float | None:
    """Return the lowest weight that was given; drawn weights must not decide on a refusal."""
    if "weight" not in population.fixed:
        return None
    return float(population.data["weight"].min())


def _one_drug(doses: Sequence[Administration]) -> str:
    drugs = {dose.drug for dose in doses}
    if len(drugs) > 1:
        raise InputError(
            f"the regimen mixes {' and '.join(sorted(drugs))}",
            hint="simulate one drug at a time: no model in the library holds both",
        )
    return drugs.pop()


def who_is_simulated(
    people: int | np.integer[Any] | Patient | Population | None = None,
    n: int | None = None,
    seed: int = 0,
    typical: bool = False,
) -> tuple[Population, bool]:
    """Return the people of a run and whether they differ by random effects."""
    if isinstance(people, Population):
        if n is not None:
            raise InputError("n was given beside a table of people", hint="leave n out")
        return people, not typical
    patient = people if isinstance(people, Patient) else None
    if isinstance(people, (int, np.integer)) and not isinstance(people, bool):
        if n is not None:
            raise InputError("the number of people was given twice", hint="leave n out")
        n = int(people)
    elif people is not None and patient is None:
        raise InputError(
            f"people cannot be {type(people).__name__}",
            hint="give a number, a Patient, a Population (Population.read reads a file) or nothing",
        )
    if n is None:
        return Population.typical(patient), False
    return sample_population(n, seed, patient=patient), not typical


F = TypeVar("F", bound=Callable[..., Any])


def spelled_out(function: F) -> F:
    """Let a function's help list what ``**asked`` takes, with the defaults of :func:`prepare`.

    A name that is not taken is refused in the name of that function.
    """
    signature = inspect.signature(function)
    known = inspect.signature(prepare).parameters
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    shown = [*own, *(known[name] for name in Asked.__annotations__)]
    taken = {p.name for p in shown}

    @functools.wraps(function)
    def checked(*given: Any, **named: Any) -> Any:
        for name in named.keys() - taken:
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument '{name}'")
        return function(*given, **named)

    checked.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return cast("F", checked)
