"""A number a model uses, with the place it was read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["published", "assumed", "calibrated"]
Kind = Literal["lognormal", "logit", "normal"]
Level = Literal["subject", "occasion"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: the source, the place in it, and how it was read.

    Parameters
    ----------
    source : str
        Key in ``sources.bib``.
    where : str
        Table, figure, section or page.
    how : str
        How this project read it: in the paper itself, or in a transcription that is named.
    """

    source: str
    where: str
    how: str


@dataclass(frozen=True, slots=True)
class Variability:
    """Spread of a parameter between people or between occasions.

    ``lognormal``: the individual value is ``value * exp(eta)``; ``logit``: eta is added on the
    logit scale; ``normal``: eta is added. ``sd`` is the standard deviation of eta.
    """

    kind: Kind
    sd: float
    level: Level = "subject"

    @classmethod
    def from_cv(cls, cv: float, level: Level = "subject") -> Variability:
        """Log-normal spread from a coefficient of variation (a fraction, not per cent)."""
        return cls("lognormal", math.sqrt(math.log1p(cv * cv)), level)

    @classmethod
    def from_variance(cls, variance: float, level: Level = "subject") -> Variability:
        """Log-normal spread from a printed omega squared (variance of eta)."""
        return cls("lognormal", math.sqrt(variance), level)

    @property
    def cv(self) -> float | None:
        """Coefficient of variation of a log-normal parameter; None for the other kinds."""
        if self.kind != "lognormal":
            return None
        return math.sqrt(math.expm1(self.sd * self.sd))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a model: value, unit, meaning, source and spread.

    Parameters
    ----------
    name : str
        Symbol used in the model, as the source prints it where that is a valid name.
    value : float
        Typical value in ``unit``.
    unit : str
        Unit that Pint reads; ``"1"`` for a fraction or a factor.
    meaning : str
        What it is, in words.
    place : Place
        Source, place in it, how it was read.
    variability : tuple of Variability
        Spread between people and between occasions; empty where the source prints none.
    se : float or None
        Standard error of the value in ``unit``, where printed.
    status : {"published", "assumed", "calibrated"}
        ``assumed``: the source needs it but does not print it; ``calibrated``: fitted by this
        project. Both are shown as such wherever the number is shown.
    note : str
        Doubts, readings, alternatives.
    """

    name: str
    value: float
    unit: str
    meaning: str
    place: Place
    variability: tuple[Variability, ...] = ()
    se: float | None = None
    status: Status = "published"
    note: str = ""
