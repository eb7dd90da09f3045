"""From a model and a data set of events to values at its records: ``ketascope.simulate_data``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ketascope import __version__
from ketascope.dosing.records import read_records
from ketascope.draws import check_seed
from ketascope.engine.counts import check_count
from ketascope.engine.data_blocks import Task, blocks, solve_people
from ketascope.engine.ode_numerics import Numerics
from ketascope.engine.parameter_sets import Drawing, find_columns
from ketascope.engine.solve import cores
from ketascope.errors import InputError
from ketascope.models import get
from ketascope.models.individuals import typical_values
from ketascope.models.load import is_file, load_model
from ketascope.models.structure import Structure

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Carry = Literal["backward", "forward", "linear"]

SCHEMA = "ketascope/data/1"


def simulate_data(
    model: Structure | str | Path,
    data: str | Path | pd.DataFrame | pa.Table | Mapping[str, Any],
    *,
    seed: int = 0,
    typical: bool = False,
    covariates: Carry = "backward",
    residual: bool = False,
    replicates: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Simulate the people of a data set with NONMEM's events, record by record.

    Parameters
    ----------
    model : Structure, str or Path
        A model, the name of one of the library, or a file with one (``FILE.py`` or
        ``FILE.py:NAME``).
    data : path, data frame, Arrow table or mapping of columns
        See :func:`ketascope.dosing.records.read_records`.
    seed : int
        The same seed gives the same numbers. A person's random effects depend on the seed and the
        person's position in the data set.
    typical : bool
        Leave out random effects, which are drawn otherwise if the model has any.
    covariates : {"backward", "forward", "linear"}
        Between two records those of the later one hold, or those of the earlier one, or they
        change in a straight line.
    residual : bool
        Add a column ``NAME_observed`` for each output with residual error.
    replicates : int, optional
        Redraw the typical values this many times from their standard errors; the result begins
        with a column ``REPLICATE``, from 1. Random effects and residual errors are those of the
        seed in every replicate, so that what differs comes from the typical values alone.
    rtol, atol : float, optional
        Error allowed in a step of the solver, relative to each state and absolute in its unit
        (1e-8 and 1e-10), for differential equations and for responses with a memory. What is
        solved exactly needs none.
    workers, block : int, optional
        Threads, and people in a block; the numbers do not depend on them.
    progress : callable, optional
        Called with (people done, people in all).

    Returns
    -------
    pandas.DataFrame
        ``ID``, ``TIME`` (h) and the outputs of the model (ng/mL for concentrations), a row for
        each record in the order of the data set; what was run in ``attrs``.

    Raises
    ------
    InputError
        For anything that cannot be used, in one sentence.

    Examples
    --------
    >>> import ketascope as ks
    >>> doses = {"ID": [1, 1], "TIME": [0, 1], "AMT": [35, 0], "WEIGHT": [70, 70]}
    >>> table = ks.simulate_data("domino_1984", doses)
    >>> table["ketamine"].round(1).tolist()
    [7936.5, 45.6]
    """
    import pandas as pd

    if covariates not in get_args(Carry):
        raise InputError(
            f"covariates cannot be carried '{covariates}'", hint="say backward, forward or linear"
        )
    chosen = model if isinstance(model, Structure) else _find_model(model)
    if residual and not chosen.residuals:
        raise InputError(f"the model {chosen.name} has no residual error", hint="leave it out")
    numerics = Numerics.within(rtol, atol)
    records = read_records(data, compartments=tuple(chosen.compartments))
    drawing = Drawing(
        model=chosen,
        records=records,
        columns=find_columns(chosen, records),
        seed=check_seed(seed),
        random=chosen.has_variability and not typical,
    )
    rounds = [None] if replicates is None else list(range(check_count("replicates", replicates)))
    tables, steady_errors = [], list[float]()
    for k in rounds:
        drawn = (
            drawing
            if k is None
            else replace(drawing, typical=typical_values(chosen, drawing.seed, k))
        )
        columns: dict[str, Any] = {} if k is None else {"REPLICATE": np.full(len(records), k + 1)}
        columns |= {"ID": records.ids[records.subject], "TIME": records.time}
        task = Task(drawn, covariates, residual, numerics, steady_errors)
        tables.append(pd.DataFrame(columns | _solve(task, workers, block, progress)))
    result = tables[0] if replicates is None else pd.concat(tables, ignore_index=True)
    result.attrs = {
        "schema": SCHEMA,
        "version": __version__,
        "model": chosen.name,
        "source": records.source,
        "seed": drawing.seed,
        "typical": not drawing.random,
        "covariates": covariates,
    }
    if steady_errors:
        result.attrs["steady_state_error"] = max(steady_errors)
    return result


def _find_model(name: str | Path) -> Structure:
    """Return a model of the library, or one from a file."""
    if isinstance(name, str) and not is_file(name):
        return get(name)
    return load_model(name)


def _solve(
    task: Task,
    workers: int | None,
    block: int | None,
    progress: Callable[[int, int], None] | None,
) -> dict[str, Values]:
    """Solve all people and return the outputs in the order of the records."""
    threads = cores() if workers is None else check_count("workers", workers)
    people, done = len(task.records.ids), 0
    parts = list(blocks(task, threads, None if block is None else check_count("block", block)))
    columns: dict[str, Values] = {}
    with ThreadPoolExecutor(min(threads, len(parts)), thread_name_prefix="ketascope") as pool:
        for part, (index, found) in zip(
            parts, pool.map(partial(solve_people, task), parts), strict=True
        ):
            for name, values in found.items():
                whole = columns.setdefault(name, np.empty(len(task.records)))
                whole[index] = values
            done += len(part)
            if progress is not None:
                progress(done, people)
    return columns
