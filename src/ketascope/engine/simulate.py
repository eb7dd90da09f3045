"""From a regimen and people to concentrations over time: ``ketascope.simulate``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.draws import check_seed
from ketascope.engine.dataset import COVARIATES, to_dataset
from ketascope.engine.tolerances import ATOL, RTOL
from ketascope.errors import InputError
from ketascope.models.choose import Choice, choose, model_warnings
from ketascope.models.individuals import Layers, draw, typical_values
from ketascope.models.structure import Covariates
from ketascope.patients import Patient, Population, sample_population, weight_for, weight_notes

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    from ketascope.dosing import Label, RegimenLike, Schedule
    from ketascope.dosing.schedule import Administration
    from ketascope.engine.solve import Block, Request

    Values = NDArray[np.float64]

MOST_NUMBERS = 500_000_000
"""Most concentrations that one run holds in memory (4 GB)."""
FEW = 20
"""Fewer people than this give quantiles that say little."""


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


def simulate(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None = None,
    *,
    n: int | None = None,
    model: str | None = None,
    times: ArrayLike | None = None,
    seed: int = 0,
    typical: bool = False,
    replicates: int | None = None,
    force: bool = False,
    rtol: float = RTOL,
    atol: float = ATOL,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Simulate plasma concentrations of a course in one person or many.

    Parameters
    ----------
    regimen : str or regimen
        In words, ``label:NAME``, a YAML file, or already parsed.
    people : int, Patient, Population or None
        A number of virtual adults; one patient; a table of people; or None for the default adult.
    n : int, optional
        With a patient: this many virtual people who share all that is known of the patient.
        Without it a patient is simulated at typical parameter values.
    model : str, optional
        Model by name instead of the default for the drug and its routes.
    times : array_like, optional
        Hours, from 0 (the first dose) up, increasing. Default: fine after each dose, coarse later
        (:mod:`ketascope.engine.grid`).
    seed : int
        The same seed gives the same numbers whatever ``n``, ``workers`` and ``block``.
    typical : bool
        Leave out all random effects: each person's covariates, typical parameters.
    replicates : int, optional
        Redraw the typical values this many times from their printed standard errors.
    force : bool
        Go on with a dose above its sourced bound.
    rtol, atol : float
        Tolerances of a model's responses: relative, and absolute in their unit. Concentrations
        are exact.
    workers, block : int, optional
        Threads, and people in a block; the numbers do not depend on them.
    progress : callable, optional
        Called with (people done, people in all).

    Returns
    -------
    xarray.Dataset
        One variable an analyte, in ng/mL, and one a response of the model, dims
        ``(subject, time)``, with ``replicate`` before them where there are any; covariates and
        individual parameters (``p_NAME``) as coordinates on ``subject``; model, sources, seed,
        warnings and version in ``attrs``.

    Raises
    ------
    InputError
        For anything that cannot be used, in one sentence.

    Examples
    --------
    >>> import ketascope as ks
    >>> result = ks.simulate("esketamine 84 mg intranasal once", times=[0, 0.5, 1, 2])
    >>> [round(float(c)) for c in result.esketamine.squeeze()]
    [0, 95, 97, 58]
    """
    run = prepare(
        regimen,
        people,
        n=n,
        model=model,
        times=times,
        seed=seed,
        typical=typical,
        uncertainty=replicates is not None,
        force=force,
        rtol=rtol,
        atol=atol,
    )
    if replicates is None:
        return solve(run, workers=workers, block=block, progress=progress)
    return over_replicates(
        run,
        replicates,
        lambda values: solve(run, typical=values, workers=workers, block=block, progress=progress),
    )


def over_replicates(
    run: Run, replicates: int, one: Callable[[Mapping[str, float]], xr.Dataset]
) -> xr.Dataset:
    """Join what one replicate after another gives, each from typical values drawn anew."""
    if not hasattr(replicates, "__index__") or isinstance(replicates, bool) or replicates < 1:
        raise InputError(f"{replicates} replicates were asked for", hint="give 1 or more")
    import xarray as xr

    model, seed = run.choice.model, run.seed
    results = [one(typical_values(model, seed, k)) for k in range(replicates)]
    joined: xr.Dataset = xr.concat(results, dim="replicate", combine_attrs="override")
    return joined


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
    choice = choose(
        drug,
        [dose.route for dose in plan.administrations],
        sorted({(d.route, d.form) for d in plan.administrations}, key=str),
        model,
    )
    population, random = who_is_simulated(people, n, seed, typical)
    layers = Layers(people=random, uncertainty=uncertainty)
    if population.data["weight"].isna().any():
        raise InputError("the weight of a person is unknown", hint="give it in kg")
    bounds = check_bounds(given, weight_kg=_weight_for_bounds(population), force=force)
    told = model_warnings(choice.model, population.data, random=random)
    warnings = [*_wrong_ages(name, population), *bounds, *told, *choice.notes]
    if random and 1 < len(population) < FEW:
        warnings.append(f"Only {len(population)} people: figures over them say little of others.")
    for basis in sorted({d.amount.basis for d in plan.administrations}):
        warnings.extend(weight_notes(population, basis))
    grid = default_times(plan) if times is None else check_times(times)
    said = tuple(warnings)
    return Run(given, plan, choice, population, layers, grid, seed, said, name, rtol, atol)


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


def solve(
    run: Run,
    *,
    typical: Mapping[str, float] | None = None,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Run what was prepared and return the dataset."""
    from ketascope.engine.solve import run as run_blocks

    people = len(run.people)
    request, make = blocks_of(run, typical)
    names = value_names(request, make)
    _check_size(len(names), people, len(run.times))
    values = np.empty((len(names), people, len(run.times)))
    parameters: dict[int, Block] = {}

    def keep(part: Block, found: Values) -> None:
        values[:, part.first : part.first + part.count] = found.transpose(1, 2, 0)
        parameters[part.first] = part

    advance = counted(progress, people)
    run_blocks(request, make, people, keep, block=block, workers=workers, advance=advance)
    return to_dataset(run, names, values, [parameters[k] for k in sorted(parameters)])


def value_names(request: Request, make: Callable[[int, int], Block]) -> tuple[str, ...]:
    """Return the names of what the engine gives: analytes, then responses."""
    from ketascope.engine.problem import at_occasion
    from ketascope.engine.response import find_program

    program = find_program(request.model, at_occasion(make(0, 1).individual, 0))
    return (*request.model.analytes, *(program.names if program else ()))


def blocks_of(
    run: Run, typical: Mapping[str, float] | None = None
) -> tuple[Request, Callable[[int, int], Block]]:
    """Return what the engine is asked, and how it gets the people of each block."""
    from ketascope.engine.solve import Block, Request

    chosen, doses = run.choice.model, run.schedule.administrations
    by_occasion = run.layers.people and chosen.varies_by_occasion
    starts = [session.time for session in run.schedule.sessions] if by_occasion else []
    amounts = dose_amounts(doses, run.people)
    covariates = covariates_of(run.people)

    def make(first: int, stop: int) -> Block:
        part: dict[str, Any] = {c: getattr(covariates, c)[first:stop] for c in COVARIATES}
        who = Covariates(**part)
        individual = draw(
            chosen,
            who,
            np.arange(first, stop),
            seed=run.seed,
            occasions=len(run.schedule.sessions) if by_occasion else 1,
            layers=run.layers,
            typical=typical,
        )
        mg = [a if np.ndim(a) == 0 else a[first:stop] for a in amounts]
        return Block(first, stop - first, individual, mg)

    return Request(chosen, doses, run.times, starts, rtol=run.rtol, atol=run.atol), make


def counted(
    progress: Callable[[int, int], None] | None, people: int
) -> Callable[[int], None] | None:
    """Return a function that adds up the people who are done and shows them."""
    if progress is None:
        return None
    done, lock = [0], threading.Lock()

    def advance(count: int) -> None:
        with lock:
            done[0] += count
            progress(done[0], people)

    return advance


def _check_size(analytes: int, people: int, times: int) -> None:
    """Refuse a run whose result would not fit into memory, before it starts."""
    if analytes * people * times > MOST_NUMBERS:
        raise InputError(
            f"{people:,} people at {times:,} times are {analytes * people * times:,} "
            f"values, more than the {MOST_NUMBERS:,} that one run may hold",
            hint="take fewer people, fewer times with --times, or --summary quantiles",
        )


def dose_amounts(doses: Sequence[Administration], people: Population) -> list[Any]:
    """Return the mg of base of each dose: a number, or one a person for doses per kg."""
    amounts: list[Any] = []
    weights: dict[str, Values] = {}
    for dose in doses:
        amount = dose.amount
        if amount.unit == "mg":
            amounts.append(amount.value)
            continue
        if amount.basis not in weights:
            weights[amount.basis] = weight_for(people, amount.basis)
        mg = amount.value * weights[amount.basis]
        amounts.append(mg if amount.cap_mg is None else np.minimum(mg, amount.cap_mg))
    return amounts


def covariates_of(people: Population) -> Covariates:
    """Return the covariates of a population as arrays of shape (people,)."""
    columns: dict[str, Any] = {name: people.data[name].to_numpy() for name in COVARIATES}
    return Covariates(**columns)


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
