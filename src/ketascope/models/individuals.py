"""Parameter values of the people of a run: typical values, spread, covariates, measurement.

Layers, each optional and each with its own random streams: uncertainty of the typical values
(one draw a replicate), spread between people (one draw a person), spread between occasions (one
draw a person and occasion), and last the effects of covariates. Residual error is drawn for each
record of a data set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketascope.draws import normal, normal_at
from ketascope.errors import InputError
from ketascope.evidence.parameter import Level, Variability
from ketascope.models.structure import (
    Array,
    Covariates,
    Individual,
    Joint,
    Model,
    Structure,
    internal,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

STREAMS: Mapping[Level, str] = {"subject": "eta", "occasion": "iov"}
_ROUNDING = 1e-10
"""How far below 0 an eigenvalue may lie, relative to the largest, for rounding alone."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Which kinds of spread a run draws.

    Parameters
    ----------
    people : bool
        Spread between people and between occasions, as the model's source prints it.
    uncertainty : bool
        Uncertainty of the typical values, from their printed standard errors.
    """

    people: bool = True
    uncertainty: bool = False


def typical_values(
    model: Structure, seed: int = 0, replicate: int | None = None
) -> dict[str, float]:
    """Return the typical values in internal units, redrawn for a replicate if one is given.

    Parameters named by the model's ``joint`` are redrawn together from that covariance matrix.
    Any other with a standard error is redrawn by itself, log-normal about the printed value with
    the printed relative standard error, so that it stays positive.

    Raises
    ------
    InputError
        If a replicate is asked of a model whose source prints no standard error, or a value
        redrawn on the natural scale turns negative.
    """
    values = {p.name: internal(p) for p in model.parameters}
    if replicate is None:
        return values
    together = model.joint.names if model.joint is not None else ()
    alone = [p for p in model.parameters if p.se is not None and p.name not in together]
    if not alone and not together:
        published = isinstance(model, Model)
        source = f"the source of {model.name} as read prints" if published else model.name + " has"
        raise InputError(
            f"parameter uncertainty was asked for, but {source} no standard errors",
            hint="leave uncertainty out, or choose another model"
            if published
            else "leave it out, or give its parameters se=, or the model a joint covariance",
        )
    for p in alone:
        assert p.se is not None
        z = float(normal(seed, [replicate], f"theta:{p.name}")[0])
        sd = math.sqrt(math.log1p((p.se / p.value) ** 2))
        values[p.name] *= math.exp(sd * z)
    if model.joint is not None:
        _redraw(model, model.joint, values, seed, replicate)
    return values


def _redraw(
    model: Structure, joint: Joint, values: dict[str, float], seed: int, replicate: int
) -> None:
    """Redraw the typical values of a joint covariance matrix, in place."""
    import numpy as np

    matrix = np.asarray(joint.matrix, dtype=float)
    root = square_root(matrix, where=f"model {model.name}, joint")
    z = [float(normal(seed, [replicate], f"theta:{name}")[0]) for name in joint.names]
    for i, name in enumerate(joint.names):
        change = sum(float(root[i, j]) * z[j] for j in range(i + 1))
        if joint.scale == "log":
            values[name] *= math.exp(change)
            continue
        printed = model.parameter(name)
        redrawn = printed.value + change
        # a factor or a slope may be of either sign; a volume, a clearance or a time may not
        if (
            printed.unit != "1"
            and not printed.unit.endswith("/year")
            and redrawn <= 0 < printed.value
        ):
            raise InputError(
                f"replicate {replicate + 1} redraws {name} as {redrawn:.3g} {printed.unit}",
                where=f"model {model.name}, joint",
                hint='give the covariance matrix of the logarithms, with scale="log"',
            )
        values[name] *= redrawn / printed.value


def draw(
    model: Structure,
    who: Covariates,
    subjects: NDArray[np.int64],
    *,
    seed: int,
    occasions: int | NDArray[np.int64] = 1,
    layers: Layers,
    typical: Mapping[str, float] | None = None,
) -> Individual:
    """Return the individual parameters of some people.

    Parameters
    ----------
    model : Structure
    who : Covariates
        Their covariates, each of shape (n,).
    subjects : ndarray of int, shape (n,)
        Zero-based indices: the random numbers depend on (seed, index) alone.
    seed : int
    occasions : int, or ndarray of int of shape (n,)
        Number of dosing sessions; or the zero-based occasion of each entry of ``subjects``, which
        may then hold a person several times.
    layers : Layers
    typical : mapping, optional
        Typical values to use instead of the printed ones, in internal units.

    Returns
    -------
    Individual
        Arrays of shape (n,); with a number of occasions, (occasions, n) for parameters that vary
        by occasion.
    """
    values: dict[str, Values | float] = dict(typical or typical_values(model))
    if layers.people:
        by_level = {level: _effects(model, level, subjects, seed, occasions) for level in STREAMS}
        for p in model.parameters:
            for spread in p.variability:
                values[p.name] = _apply(values[p.name], by_level[spread.level][p.name], spread)
    return model.individual(Individual(values), who)


def random_effects(model: Structure, level: Level) -> tuple[list[str], Values]:
    """Return the parameters that vary at a level, and the covariance matrix of their etas.

    Raises
    ------
    InputError
        If a covariance names a parameter that does not vary at that level.
    """
    import numpy as np

    spread = {p.name: v.sd for p in model.parameters for v in p.variability if v.level == level}
    names = list(spread)
    omega = np.diag([spread[name] * spread[name] for name in names])
    for pair in model.covariances:
        if pair.level != level:
            continue
        for name in (pair.first, pair.second):
            if name not in spread:
                raise InputError(
                    f"the covariance of {pair.first} and {pair.second} is between {level}s, but "
                    f"{name} does not vary between {level}s",
                    where=f"model {model.name}, covariances",
                    hint=f"these do: {', '.join(names) or 'none'}",
                )
        i, j = names.index(pair.first), names.index(pair.second)
        omega[i, j] = omega[j, i] = pair.value
    return names, omega


def square_root(matrix: Values, *, where: str) -> Values:
    """Return the lower triangular L with L L^T = matrix, for a positive semi-definite matrix.

    Raises
    ------
    InputError
        If the matrix is not symmetric or not positive semi-definite.
    """
    import numpy as np

    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0.0):
        raise InputError("the covariance matrix is not symmetric", where=where)
    if matrix.size == 0:
        return matrix
    # on the scale of correlations, so that a parameter of small spread counts as much as the rest
    scale = np.sqrt(np.where(np.diag(matrix) > 0, np.diag(matrix), 1.0))
    correlation = matrix / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < -_ROUNDING * max(values[-1], 1.0) or (np.diag(matrix) < 0).any():
        raise InputError(
            "the covariance matrix is not positive semi-definite: as correlations, its smallest "
            f"eigenvalue is {values[0]:.2g}",
            where=where,
            hint="a covariance can be no larger than the product of the two standard deviations; "
            "check the rounding of the printed values",
        )
    try:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        # a singular matrix has no Cholesky factor that can be found step by step, but it has one
        half = vectors * np.sqrt(np.maximum(values, 0.0))
        # what does not vary must not vary by rounding
        size = np.where(np.diag(matrix) > 0, scale, 0.0)
        root: Values = size[:, None] * np.asarray(np.linalg.qr(half.T, mode="r")).T
        return root * np.where(np.diag(root) < 0, -1.0, 1.0)


def _effects(
    model: Structure,
    level: Level,
    subjects: NDArray[np.int64],
    seed: int,
    occasions: int | NDArray[np.int64],
) -> dict[str, Values]:
    """Draw the random effects of a level, correlated where the source prints covariances."""
    import numpy as np

    names, omega = random_effects(model, level)
    root = square_root(omega, where=f"model {model.name}, covariances")
    z = [_standard(f"{STREAMS[level]}:{name}", level, subjects, seed, occasions) for name in names]
    effects: dict[str, Values] = {}
    for i, name in enumerate(names):
        # summed term by term, so that a person's number does not depend on who else is drawn
        effects[name] = sum(
            (root[i, j] * z[j] for j in range(i + 1) if root[i, j] != 0.0),
            start=np.zeros_like(z[i]),
        )
    return effects


def _standard(
    stream: str,
    level: Level,
    subjects: NDArray[np.int64],
    seed: int,
    occasions: int | NDArray[np.int64],
) -> Values:
    import numpy as np

    if level == "subject":
        return normal(seed, subjects, stream)
    if np.ndim(occasions):
        return normal_at(seed, subjects, stream, occasions)
    return np.stack([normal(seed, subjects, stream, k) for k in range(int(occasions))])


def _apply(value: Values | float, eta: Values, spread: Variability) -> Values:
    import numpy as np

    if spread.kind == "lognormal":
        return np.asarray(value * np.exp(eta))
    if spread.kind == "logit":
        odds = value / (1.0 - value) * np.exp(eta)
        return np.asarray(odds / (1.0 + odds))
    return np.asarray(value + eta)


def residual(
    model: Structure,
    name: str,
    values: ArrayLike,
    p: Individual | Mapping[str, Array],
    seed: int,
    subjects: ArrayLike,
    records: ArrayLike,
) -> Values:
    """Return an output with residual error, as it would be measured.

    Parameters
    ----------
    model : Structure
    name : str
        Output or response.
    values : array_like, shape (n,)
        Values without error; ug/L for an output.
    p : Individual or mapping
        Parameters, for the standard deviations: numbers, or arrays of shape (n,).
    seed : int
    subjects : array_like of int, shape (n,)
        Zero-based subject index of each value.
    records : array_like of int, shape (n,)
        Zero-based index of each value's record among the records of its subject.

    Returns
    -------
    ndarray, shape (n,)
        The values themselves for an output without residual error. An additive error can make a
        low value negative, as an assay may; nothing is cut off.

    Notes
    -----
    Additive and proportional together have the standard deviation
    ``sqrt(additive^2 + (proportional * value)^2)``. A record's error depends on the seed, the
    subject, the name and the index of the record alone.
    """
    import numpy as np

    value = np.asarray(values, dtype=float)
    error = model.residuals.get(name)
    if error is None:
        return value
    z = normal_at(seed, subjects, f"eps:{name}", records)
    if error.log is not None:
        return np.asarray(value * np.exp(np.asarray(p[error.log]) * z))
    additive = p[error.additive] if error.additive is not None else 0.0
    proportional = p[error.proportional] if error.proportional is not None else 0.0
    return np.asarray(value + np.hypot(additive, np.asarray(proportional) * value) * z)
