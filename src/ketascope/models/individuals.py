"""Parameter values of the people of a run: typical values, spread, covariates.

Layers, each optional and each with its own random streams: uncertainty of the typical values
(one draw a replicate), spread between people (one draw a person), spread between occasions (one
draw a person and dosing session), and last the effects of covariates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketascope.draws import normal
from ketascope.errors import InputError
from ketascope.evidence.parameter import Parameter, Variability
from ketascope.models.structure import Covariates, Individual, Model, internal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


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


def typical_values(model: Model, seed: int = 0, replicate: int | None = None) -> dict[str, float]:
    """Return the typical values in internal units, redrawn for a replicate if one is given.

    A redrawn value is log-normal about the printed one with the printed relative standard error,
    so it stays positive.

    Raises
    ------
    InputError
        If a replicate is asked of a model whose source prints no standard error.
    """
    import math

    values = {p.name: internal(p) for p in model.parameters}
    if replicate is None:
        return values
    known = [p for p in model.parameters if p.se is not None]
    if not known:
        raise InputError(
            f"parameter uncertainty was asked for, but the source of {model.name} as read prints "
            "no standard errors",
            hint="leave uncertainty out, or choose another model",
        )
    for p in known:
        assert p.se is not None
        z = float(normal(seed, [replicate], f"theta:{p.name}")[0])
        sd = math.sqrt(math.log1p((p.se / p.value) ** 2))
        values[p.name] *= math.exp(sd * z)
    return values


def draw(
    model: Model,
    who: Covariates,
    subjects: NDArray[np.int64],
    *,
    seed: int,
    occasions: int = 1,
    layers: Layers,
    typical: Mapping[str, float] | None = None,
) -> Individual:
    """Return the individual parameters of some people.

    Parameters
    ----------
    model : Model
    who : Covariates
        Their covariates, each of shape (n,).
    subjects : ndarray of int, shape (n,)
        Zero-based indices: the random numbers depend on (seed, index) alone.
    seed : int
    occasions : int
        Number of dosing sessions.
    layers : Layers
    typical : mapping, optional
        Typical values to use instead of the printed ones, in internal units.

    Returns
    -------
    Individual
        Arrays of shape (n,), or (occasions, n) for parameters that vary by occasion.
    """
    values: dict[str, Values | float] = dict(typical or typical_values(model))
    if layers.people:
        effects = _effects(model, subjects, seed)
        for p in model.parameters:
            for spread in p.variability:
                eta = (
                    effects[p.name]
                    if spread.level == "subject"
                    else _by_occasion(p, spread, subjects, seed, occasions)
                )
                values[p.name] = _apply(values[p.name], eta, spread)
    return model.individual(Individual(values), who)


def _effects(model: Model, subjects: NDArray[np.int64], seed: int) -> dict[str, Values]:
    """Draw the random effects between people, correlated where the source prints covariances."""
    import numpy as np

    spread = {p.name: v.sd for p in model.parameters for v in p.variability if v.level == "subject"}
    names = list(spread)
    omega = np.diag([spread[name] ** 2 for name in names])
    for pair in model.covariances:
        i, j = names.index(pair.first), names.index(pair.second)
        omega[i, j] = omega[j, i] = pair.value
    z = [normal(seed, subjects, f"eta:{name}") for name in names]
    root = np.linalg.cholesky(omega) if names else omega
    effects: dict[str, Values] = {}
    for i, name in enumerate(names):
        # summed term by term, so that a person's number does not depend on who else is drawn
        effects[name] = sum(
            (root[i, j] * z[j] for j in range(i + 1) if root[i, j] != 0.0),
            start=np.zeros(len(subjects)),
        )
    return effects


def _by_occasion(
    p: Parameter, spread: Variability, subjects: NDArray[np.int64], seed: int, occasions: int
) -> Values:
    import numpy as np

    rows = [normal(seed, subjects, f"iov:{p.name}", k) for k in range(occasions)]
    return spread.sd * np.stack(rows)


def _apply(value: Values | float, eta: Values, spread: Variability) -> Values:
    import numpy as np

    if spread.kind == "lognormal":
        return np.asarray(value * np.exp(eta))
    if spread.kind == "logit":
        odds = value / (1.0 - value) * np.exp(eta)
        return np.asarray(odds / (1.0 + odds))
    return np.asarray(value + eta)
