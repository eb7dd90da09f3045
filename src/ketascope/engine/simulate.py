"""From a regimen and people to concentrations over time: ``ketascope.simulate``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ketascope.engine.counts import check_count
from ketascope.engine.dataset import COVARIATES, to_dataset
from ketascope.engine.prepare import Asked, Run, prepare, spelled_out
from ketascope.errors import InputError
from ketascope.models.individuals import draw, typical_values
from ketascope.models.interactions import multiplied
from ketascope.models.structure import Covariates
from ketascope.patients import Patient, Population, weight_for

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.dosing import RegimenLike
    from ketascope.dosing.schedule import Administration
    from ketascope.engine.solve import Block, Request

    Values = NDArray[np.float64]

MOST_NUMBERS = 500_000_000
"""Most concentrations that one run holds in memory (4 GB)."""


@spelled_out
def simulate(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None = None,
    *,
    replicates: int | None = None,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    **asked: Unpack[Asked],
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
    beside : sequence of str
        Other medicines that are taken, by name. Where their effect on exposure is known for the
        model and all the routes, individual parameters are multiplied by it; where it is not, a
        warning says so and the concentrations are those without it. ``attrs["beside"]`` holds what
        was done for each, with its study.
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
    run = prepare(regimen, people, uncertainty=replicates is not None, **asked)
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
    import xarray as xr

    model, seed = run.choice.model, run.seed
    count = check_count("replicates", replicates)
    results = [one(typical_values(model, seed, k)) for k in range(count)]
    joined: xr.Dataset = xr.concat(results, dim="replicate", combine_attrs="override")
    return joined


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

    p = at_occasion(make(0, 1).individual, 0)
    program = find_program(request.model, p, rtol=request.rtol, atol=request.atol)
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
        individual = multiplied(individual, run.beside)
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
