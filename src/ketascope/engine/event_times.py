"""Times of events drawn from hazards: when it happens to whom, or that it has not happened yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ketascope.draws import check_seed, uniform
from ketascope.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Indices = NDArray[np.int64]

ROUNDING = 1e-7
"""By how much a cumulative hazard may seem to fall, of the largest, for numerical errors alone."""


def event_times(
    result: pd.DataFrame | xr.Dataset, name: str, *, seed: int | None = None
) -> pd.DataFrame:
    """Draw when an event happens to each simulated person.

    The event happens when survival falls to a number drawn between 0 and 1. Between two rows the
    cumulative hazard is taken to rise in a straight line, which is exact where the hazard is
    constant; elsewhere simulate rows as close as the times need to be right.

    Parameters
    ----------
    result : pandas.DataFrame or xarray.Dataset
        What :func:`ketascope.simulate_data` or :func:`ketascope.simulate` returns, with all rows.
    name : str
        A response that is a :class:`~ketascope.models.responses.Hazard`.
    seed : int, optional
        The seed of the simulation if left out. A person's number depends on the seed, the person's
        position, the replicate and the name alone.

    Returns
    -------
    pandas.DataFrame
        A row for each person (and replicate, with a column ``REPLICATE``): ``ID``, ``TIME`` (h) of
        the event, and ``EVENT`` 1; or ``EVENT`` 0 and the time of the last row, after which
        nothing is known (censored).

    Raises
    ------
    InputError
        If there is no such hazard, or one falls, as it does where a person is reset.

    Examples
    --------
    >>> import ketascope as ks, pandas as pd
    >>> hazard = pd.DataFrame({"ID": [1, 1, 2, 2], "TIME": [0, 10, 0, 10], "h": [0, 9.0, 0, 0.01]})
    >>> ks.event_times(hazard, "h", seed=1)["EVENT"].tolist()
    [1, 0]
    """
    import pandas as pd

    rows = (
        _of_frame(result, name) if isinstance(result, pd.DataFrame) else _of_dataset(result, name)
    )
    first = np.flatnonzero(np.diff(rows.person, prepend=-1))
    _check(rows, first, name)
    seed = check_seed(result.attrs.get("seed", 0) if seed is None else seed)
    limit = np.empty(len(first))
    for replicate in np.unique(rows.replicate[first]):
        now = rows.replicate[first] == replicate
        drawn = uniform(seed, rows.subject[first][now], f"event:{name}", int(replicate))
        limit[now] = -np.log(drawn)

    reached = np.flatnonzero(rows.hazard >= limit[rows.person])
    who, which = np.unique(rows.person[reached], return_index=True)
    row = reached[which]
    # before the first row there is time 0, without any hazard yet
    begins = row == first[who]
    before = np.where(begins, 0.0, rows.hazard[row - 1])
    start = np.where(begins, 0.0, rows.time[row - 1])
    share = (limit[who] - before) / (rows.hazard[row] - before)
    time = rows.time[np.append(first[1:], len(rows.time)) - 1].copy()
    time[who] = start + share * (rows.time[row] - start)
    happened = np.zeros(len(first), dtype=np.int64)
    happened[who] = 1
    columns: dict[str, Any] = {"ID": rows.ids[first], "TIME": time, "EVENT": happened}
    if rows.replicated:
        columns = {"REPLICATE": rows.replicate[first] + 1, **columns}
    return pd.DataFrame(columns)


class _Rows(NamedTuple):
    """Rows one person after another, each in order of time; N of them."""

    ids: NDArray[Any]
    person: Indices
    """Counts people, each anew in every replicate."""
    subject: Indices
    """Position among the people of a replicate."""
    replicate: Indices
    replicated: bool
    time: Values
    hazard: Values


def _of_frame(table: pd.DataFrame, name: str) -> _Rows:
    _known(name, list(table.columns), ("ID", "TIME"))
    ids = table["ID"].to_numpy()
    replicated = "REPLICATE" in table
    replicate = (
        table["REPLICATE"].to_numpy(dtype=np.int64) - 1
        if replicated
        else np.zeros(len(ids), dtype=np.int64)
    )
    new = (np.append(True, ids[1:] != ids[:-1]) | np.append(True, np.diff(replicate) != 0))[
        : len(ids)
    ]
    person = np.cumsum(new) - 1
    begins = np.append(True, np.diff(replicate) != 0)[: len(ids)]
    subject = person - np.maximum.accumulate(np.where(begins, person, 0))
    time = table["TIME"].to_numpy(dtype=np.float64)
    hazard = table[name].to_numpy(dtype=np.float64)
    return _Rows(ids, person, subject, replicate, replicated, time, hazard)


def _of_dataset(result: xr.Dataset, name: str) -> _Rows:
    _known(name, [str(variable) for variable in result.data_vars], ())
    values = result[name]
    replicated = "replicate" in values.dims
    if not replicated:
        values = values.expand_dims("replicate")
    values = values.transpose("replicate", "subject", "time")
    r, s, _ = np.indices(values.shape).reshape(3, -1)
    time = result["time"].broadcast_like(values).transpose(*values.dims).to_numpy().ravel()
    ids = result["subject"].to_numpy()[s]
    return _Rows(
        ids,
        r * values.shape[1] + s,
        s,
        r,
        replicated,
        time.astype(float),
        values.to_numpy().ravel(),
    )


def _known(name: str, columns: list[str], needed: tuple[str, ...]) -> None:
    for column in (*needed, name):
        if column not in columns:
            hazards = [c for c in columns if f"{c}_survival" in columns]
            raise InputError(
                f"there is no '{column}' in the result",
                hint=f"its hazards are {', '.join(hazards) or 'none'}",
            )


def _check(rows: _Rows, first: Indices, name: str) -> None:
    """Refuse what is no cumulative hazard."""
    same = np.diff(rows.person) == 0
    fall = np.append(False, same & (np.diff(rows.hazard) < -ROUNDING * rows.hazard[:-1]))
    fall |= np.append(False, same & (np.diff(rows.time) < 0))
    fall[first] |= rows.hazard[first] < 0
    fall |= ~np.isfinite(rows.hazard)
    if fall.any():
        row = int(np.argmax(fall))
        raise InputError(
            f"'{name}' of ID {rows.ids[row]} falls, or is no number, at {rows.time[row]:g} h",
            hint="take a cumulative hazard, of people who are not reset on the way",
        )
