"""Quantiles over people without anybody's curve: ``ketascope.simulate_quantiles``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

from ketascope.engine.dataset import TIME, attributes, described
from ketascope.engine.prepare import Asked, Run, prepare, spelled_out
from ketascope.engine.simulate import blocks_of, counted, over_replicates, value_names
from ketascope.engine.stream import check_levels, streamed_quantiles

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.dosing import RegimenLike
    from ketascope.patients import Patient, Population

    Values = NDArray[np.float64]


@spelled_out
def simulate_quantiles(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None = None,
    *,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    replicates: int | None = None,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    **asked: Unpack[Asked],
) -> xr.Dataset:
    """Simulate a course in many people and return quantiles over them at every time.

    The numbers are those of :func:`ketascope.quantiles` of :func:`ketascope.simulate`. No curve is
    stored: memory grows with the number of times, and with the people only by the table of their
    covariates. More people than fit into memory are simulated two or three times over.

    Parameters
    ----------
    quantiles : sequence of float
        From 0 to 1.
    regimen, people and all others
        As for :func:`ketascope.simulate`. ``progress`` counts anew each time people go by.

    Returns
    -------
    xarray.Dataset
        One variable an analyte, dims ``(quantile, time)`` (``(quantile, replicate, time)`` with
        replicates), in ng/mL; ``attrs`` as of a simulation.

    Raises
    ------
    InputError
        For anything that cannot be used, in one sentence.

    Examples
    --------
    >>> import ketascope as ks
    >>> band = ks.simulate_quantiles("esketamine 84 mg intranasal once", 50, times=[0, 1, 2])
    >>> dict(band.sizes)
    {'quantile': 3, 'time': 3}
    """
    check_levels(quantiles)
    run = prepare(regimen, people, uncertainty=replicates is not None, **asked)

    def one(values: Mapping[str, float] | None) -> xr.Dataset:
        return _solve(run, quantiles, values, workers=workers, block=block, progress=progress)

    if replicates is None:
        return one(None)
    return over_replicates(run, replicates, one).transpose("quantile", "replicate", "time")


def _solve(
    run: Run,
    quantiles: Sequence[float],
    typical: Mapping[str, float] | None,
    *,
    workers: int | None,
    block: int | None,
    progress: Callable[[int, int], None] | None,
) -> xr.Dataset:
    import xarray as xr

    from ketascope.engine.solve import run as run_blocks

    model, people = run.choice.model, len(run.people)
    request, make = blocks_of(run, typical)

    def produce(consume: Callable[[int, Values], None]) -> None:
        run_blocks(
            request,
            make,
            people,
            lambda part, values: consume(part.first, values),
            block=block,
            workers=workers,
            advance=counted(progress, people),
        )

    names = value_names(request, make)
    shape = (len(names), len(run.times))
    found = streamed_quantiles(produce, shape, people, quantiles)
    variables = {
        name: (("quantile", "time"), found[:, k], described(model, name))
        for k, name in enumerate(names)
    }
    coordinates = {"time": ("time", run.times, TIME), "quantile": list(quantiles)}
    return xr.Dataset(variables, coordinates, attributes(run))
