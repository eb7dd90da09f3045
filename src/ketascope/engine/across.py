"""The same people under every model that may answer: how far models and people are apart.

Three kinds of spread are kept apart. Between models: what the choice of a publication does to a
figure. Between people: what a publication says of its own people, pooled over those that print it.
The mixture holds both: each model with the same weight, which claims no more than that none of
them is known to be the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.prepare import Run, prepare, who_is_simulated
from ketascope.engine.simulate import simulate
from ketascope.engine.summary import AUC_HOURS, MEASURES, exposure
from ketascope.errors import InputError
from ketascope.models.compare import comparability
from ketascope.models.interactions import as_far

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ketascope.dosing import RegimenLike
    from ketascope.models.structure import Model
    from ketascope.patients import Patient, Population

    Values = NDArray[np.float64]

FIGURES = ("cmax", "tmax", "auc24", "half_life")
LEVELS = (0.05, 0.5, 0.95)
MODEL, MODELS, PEOPLE, MIXTURE = "model", "between models", "between people", "mixture"
COLUMNS = (
    "analyte", "measure", "unit", "kind", "model", "n", "q05", "q50", "q95", "gsd", "fold",
)  # fmt: skip


def across_models(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None = None,
    *,
    n: int | None = None,
    seed: int = 0,
    typical: bool = False,
    models: Iterable[str] | None = None,
    session: int = 0,
    beside: Sequence[str] = (),
    force: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return exposure of the same people under every model that may answer, and its spread.

    Parameters
    ----------
    regimen, people, n, seed, typical, force, workers
        As for :func:`ketascope.simulate`.
    models : iterable of str, optional
        Names of models; without it the default model and its alternatives for these people.
    session : int
        Zero-based dosing session; -1 is the last.
    beside : sequence of str
        Other medicines that are taken. Models that do not predict what they do to exposure, where
        the first model does, are left out.
    progress : callable, optional
        Called with (models done, models in all).

    Returns
    -------
    pandas.DataFrame
        For each analyte and measure (Cmax and AUC0-24 in ng/mL and ng h/mL, Tmax and half-life in
        h) a row of kind ``model`` for each model that has it, then ``between models``, ``between
        people`` and ``mixture``. Columns analyte, measure, unit, kind, model, n, q05, q50, q95, gsd
        (geometric standard deviation) and fold (how many times one end is the other):

        ``model``
            Quantiles over n people; fold is q95 over q05. gsd and fold are missing without a
            published spread between people.
        ``between models``
            Of the medians of n models: gsd, and the largest over the smallest.
        ``between people``
            Within the n models that print a spread, pooled with equal weights: gsd, and the ratio
            of the 95 % to the 5 % quantile.
        ``mixture``
            Of n models with equal weights: quantiles, gsd and q95 over q05.

        What cannot be had is NaN. ``attrs`` has the lists ``models``, ``without_spread`` (models
        whose source prints no spread between people: in the mixture they count with the spread by
        covariates alone, so it is too narrow) and ``comparability`` (remarks of
        :func:`ketascope.models.compare.comparability`).

    Raises
    ------
    InputError
        As :func:`ketascope.simulate`, or if a model is named twice.

    Examples
    --------
    >>> import ketascope as ks
    >>> table = ks.across_models("ketamine 0.5 mg/kg iv over 40 min once", typical=True)
    >>> peaks = table[(table.measure == "cmax") & (table.kind == "model")]
    >>> list(peaks.model[:3])
    ['clements_1981', 'domino_1984', 'kamp_2020']
    """
    import pandas as pd

    names = None if models is None else _checked(models)
    run = _resolved(regimen, people, n, seed, typical, names, force)
    routes = [dose.route for dose in run.schedule.administrations]
    chosen = [m for m in _models(run, names) if as_far(run.choice.model, m, beside, routes)]
    times = _times(run, session)
    frames = []
    for done, model in enumerate(chosen):
        result = simulate(
            run.regimen,
            run.people,
            model=model.name,
            times=times,
            seed=run.seed,
            typical=not run.layers.people,
            beside=beside,
            force=force,
            workers=workers,
        )
        found = exposure(result, session)[["analyte", *FIGURES]]
        frames.append(found.assign(model=model.name))
        if progress is not None:
            progress(done + 1, len(chosen))
    varying = [m.name for m in chosen if run.layers.people and m.has_variability]
    table = combine(pd.concat(frames, ignore_index=True), varying)
    table.attrs = {
        "regimen": str(run.regimen),
        "seed": run.seed,
        "people": len(run.people),
        "models": [m.name for m in chosen],
        "without_spread": [m.name for m in chosen if not m.has_variability],
        "comparability": comparability(chosen),
    }
    return table


def _checked(models: Iterable[str]) -> list[str]:
    names = list(models)
    if not names or len(set(names)) < len(names):
        what = "a model is named twice" if names else "no model is named"
        raise InputError(what, where="models", hint="name each model once, or leave models out")
    return names


def _resolved(
    regimen: str | RegimenLike,
    people: int | Patient | Population | None,
    n: int | None,
    seed: int,
    typical: bool,
    names: list[str] | None,
    force: bool,
) -> Run:
    """Resolve regimen, people and models once, so that every model gets the same people."""
    population, random = who_is_simulated(people, n, seed, typical)
    first = names[0] if names else None
    return prepare(regimen, population, model=first, seed=seed, typical=not random, force=force)


def _models(run: Run, names: list[str] | None) -> list[Model]:
    """Return the models asked for, else the default and its alternatives."""
    from ketascope.models.choose import by_name

    if names is None:
        return [run.choice.model, *run.choice.alternatives]
    return [by_name(name) for name in names]


def _times(run: Run, session: int) -> Values:
    """Return the default times of one session, to 24 h after its end or to the next."""
    from ketascope.engine.grid import default_times

    sessions = run.schedule.sessions
    if not -len(sessions) <= session < len(sessions):
        raise InputError(
            f"there is no session {session + 1}", hint=f"the course has {len(sessions)}"
        )
    mine = sessions[session]
    times = default_times(run.schedule)
    # the moment at which the next session starts is left to exposure()
    inside = (times >= mine.time - 1e-9) & (times <= mine.end + AUC_HOURS + 1e-9)
    return np.asarray(times[inside])


def combine(people: pd.DataFrame, varying: Iterable[str]) -> pd.DataFrame:
    """Return the table of :func:`across_models` from figures of people under several models.

    Parameters
    ----------
    people : DataFrame
        A row a model, analyte and person, with columns model, analyte, cmax, tmax, auc24 and
        half_life; NaN where there is no figure.
    varying : iterable of str
        Models whose spread between people is published and was drawn.
    """
    import pandas as pd

    random = set(varying)
    rows = []
    for analyte in people["analyte"].unique():
        mine = people[people["analyte"] == analyte]
        for measure in FIGURES:
            values = {
                str(name): _finite(mine.loc[mine["model"] == name, measure].to_numpy(dtype=float))
                for name in mine["model"].unique()
            }
            head = {"analyte": analyte, "measure": measure, "unit": MEASURES[measure][1]}
            rows += [head | row for row in _rows(values, random)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _finite(values: Values) -> Values:
    found: Values = values[np.isfinite(values)]
    return found


def _rows(values: dict[str, Values], random: set[str]) -> Iterator[dict[str, Any]]:
    """The rows of one figure: each model, between models, between people, mixture."""
    for name, mine in values.items():
        own = _within({name: mine}) if name in random and mine.size > 1 else {}
        alike = np.ones(mine.size)
        yield {"kind": MODEL, "model": name, "n": mine.size} | _quantiles(mine, alike) | own
    known = {name: mine for name, mine in values.items() if mine.size}
    yield {"kind": MODELS, "model": ""} | _between(known)
    pooled = {name: mine for name, mine in known.items() if name in random and mine.size > 1}
    yield {"kind": PEOPLE, "model": "", "n": len(pooled)} | _within(pooled)
    joined, weights = _joined(known)
    row = {"kind": MIXTURE, "model": "", "n": len(known)}
    yield row | _quantiles(joined, weights) | _spread(joined, weights)


def _between(known: dict[str, Values]) -> dict[str, float]:
    """Spread of the medians of models: geometric SD, and the largest over the smallest."""
    medians = np.array([float(np.median(mine)) for mine in known.values()])
    row: dict[str, float] = {"n": medians.size}
    if medians.size < 2 or medians.min() <= 0:
        return row
    gsd = np.exp(np.log(medians).std(ddof=1))
    return row | {"gsd": float(gsd), "fold": float(medians.max() / medians.min())}


def _within(pooled: dict[str, Values]) -> dict[str, float]:
    """Spread within models, each about its own geometric mean, pooled with equal weights."""
    if not pooled or any(mine.min() <= 0 for mine in pooled.values()):
        return {}
    logs = {name: np.log(mine) for name, mine in pooled.items()}
    variance = np.mean([mine.var(ddof=1) for mine in logs.values()])
    around, weights = _joined({name: mine - mine.mean() for name, mine in logs.items()})
    low, _, high = weighted_quantiles(around, weights, LEVELS)
    return {"gsd": float(np.exp(np.sqrt(variance))), "fold": float(np.exp(high - low))}


def _joined(values: dict[str, Values]) -> tuple[Values, Values]:
    """Put values of models together, with weights that give each model the same share."""
    if not values:
        return np.empty(0), np.empty(0)
    weights = [np.full(mine.size, 1.0 / (len(values) * mine.size)) for mine in values.values()]
    return np.concatenate(list(values.values())), np.concatenate(weights)


def _quantiles(values: Values, weights: Values) -> dict[str, float]:
    """Quantiles by the names of their columns."""
    if not values.size:
        return {}
    found = weighted_quantiles(values, weights, LEVELS)
    return {f"q{100 * level:02.0f}": float(v) for level, v in zip(LEVELS, found, strict=True)}


def _spread(values: Values, weights: Values) -> dict[str, float]:
    """Geometric SD and the ratio of the outer quantiles; nothing if a value is not above 0."""
    if values.size < 2 or values.min() <= 0:
        return {}
    logs = np.log(values)
    share = weights / weights.sum()
    mean = float(share @ logs)
    gsd = float(np.exp(np.sqrt(share @ (logs - mean) ** 2)))
    low, _, high = weighted_quantiles(values, weights, LEVELS)
    return {"gsd": gsd, "fold": float(high / low)}


def weighted_quantiles(values: Values, weights: Values, levels: Sequence[float]) -> Values:
    """Return quantiles of weighted values.

    Each value stands at the middle of its share, the lowest at 0 and the highest at 1, and between
    them the quantile is interpolated; with equal weights this is what NumPy does.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        The weights are above 0.
    levels : sequence of float
        From 0 to 1.
    """
    order = np.argsort(values, kind="stable")
    ordered, share = values[order], weights[order]
    middle = np.cumsum(share) - 0.5 * share
    span = middle[-1] - middle[0]
    if span <= 0:
        return np.full(len(levels), ordered[0])
    found: Values = np.interp(levels, (middle - middle[0]) / span, ordered)
    return found
