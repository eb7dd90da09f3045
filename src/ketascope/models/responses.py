"""Responses: what follows from concentrations, at once or with a memory.

A model's ``responses(p)`` returns them by name, in order; each reads what stands before it through
``s``: outputs by analyte (``s.ketamine``, ng/mL), amounts by compartment (``s.CENT``), earlier
responses by name, and ``s.time`` (h). The functions are called with arrays over people and must be
made of arithmetic and of the functions of ``jax.numpy``.

>>> from ketascope.models.responses import Direct, emax
>>> block = Direct(lambda s: emax(s.ketamine, maximum=100.0, half=500.0, hill=2.0))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Array: TypeAlias = Any
Signals: TypeAlias = Any
"""Values at one moment, by name, as attributes."""
Function: TypeAlias = Callable[[Signals], Array]


@dataclass(frozen=True, slots=True)
class Direct:
    """A response without memory: a function of what there is at the moment."""

    value: Function


@dataclass(frozen=True, slots=True)
class Turnover:
    """A response with memory: ``dR/dt = production - loss * R``.

    Production and loss may depend on everything before the response, not on the response itself.

    Parameters
    ----------
    production : callable
        Unit of R per h.
    loss : callable
        1/h, not negative.
    initial : Array
        R at time 0 and after a reset.
    """

    production: Function
    loss: Function
    initial: Array


@dataclass(frozen=True, slots=True)
class Hazard:
    """An event that may happen once, by its hazard in 1/h.

    The response is the cumulative hazard; ``NAME_survival`` beside it is the probability that the
    event has not happened yet.
    """

    rate: Function


Response: TypeAlias = Direct | Turnover | Hazard


def functions_of(response: Response) -> dict[str, Function]:
    """Return the functions of a response by what they give."""
    if isinstance(response, Direct):
        return {"value": response.value}
    if isinstance(response, Hazard):
        return {"hazard": response.rate}
    return {"production": response.production, "loss": response.loss}


def emax(
    concentration: Array, *, maximum: Array = 1.0, half: Array = 1.0, hill: Array = 1.0
) -> Array:
    """Return ``maximum * C^hill / (half^hill + C^hill)``; 0 where C is 0 or below.

    Parameters
    ----------
    concentration, half : Array
        In the same unit.
    """
    import jax.numpy as jnp

    c = jnp.maximum(concentration, 0.0)
    if isinstance(hill, (int, float)) and hill == 1:
        return maximum * c / (half + c)
    # a ratio first, so that neither power can overflow; 0 to a power has no finite slope
    ratio = jnp.where(c > 0, c / half, 1.0) ** hill
    return jnp.where(c > 0, maximum * ratio / (1.0 + ratio), 0.0)


def logistic(logit: Array) -> Array:
    """Return the probability that belongs to a logit (logarithm of the odds)."""
    import jax

    return jax.nn.sigmoid(logit)


def indirect_response(
    kind: Literal[1, 2, 3, 4],
    *,
    kin: Array,
    kout: Array,
    effect: Function,
) -> Turnover:
    """Return one of the four indirect-response models (Dayneka, Garg & Jusko 1993).

    Parameters
    ----------
    kind : {1, 2, 3, 4}
        1 inhibits production, 2 inhibits loss, 3 stimulates production, 4 stimulates loss.
    kin : Array
        Production without drug, unit of the response per h.
    kout : Array
        Loss without drug, 1/h; the baseline is kin / kout.
    effect : callable
        Fraction by which production or loss changes, not negative (at most 1 for 1 and 2).
    """
    sign = -1.0 if kind in (1, 2) else 1.0
    if kind in (1, 3):
        return Turnover(lambda s: kin * (1.0 + sign * effect(s)), lambda s: kout, kin / kout)
    return Turnover(lambda s: kin, lambda s: kout * (1.0 + sign * effect(s)), kin / kout)
