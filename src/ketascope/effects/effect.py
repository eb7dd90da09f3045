"""What an acute effect is: a name, what drives it, and how it follows from the concentrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from ketascope import draws
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Kind = Literal["published", "calibrated"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One dosing session: times in h after the first dose, ``day`` from 1."""

    index: int
    time: float
    end: float
    day: int


@dataclass(frozen=True, slots=True)
class Given:
    """One dose as given: ``time`` in h, ``amount`` in ``unit`` (mg or mg/kg of base)."""

    session: int
    time: float
    drug: str
    route: str
    form: str | None
    amount: float
    unit: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Driving:
    """What an effect is worked out from.

    Parameters
    ----------
    times : ndarray, shape (times,)
        h after the first dose.
    drug : str
        The drug as given: ketamine, esketamine or arketamine.
    doses : tuple of Given
        Every dose; the devices of one session count as one.
    concentrations : mapping of str to ndarray, shape (people, times)
        ng/mL by analyte.
    sampling : str
        Where the model's samples were taken: venous, arterial or not stated.
    sessions : tuple of Occasion
    covariates : mapping of str to ndarray, shape (people,)
        ``age`` (y), ``weight`` (kg), ``height`` (cm), ``sex``, ``race``.
    index : ndarray of int, shape (people,)
        Zero-based indices to which random numbers belong.
    seed : int
    settings : mapping of str to float
        What else is known of everybody, such as ``hypertension`` (0 or 1).
    random : bool
        Whether people differ; if not, every person is the middle one.
    """

    times: Values
    drug: str
    doses: tuple[Given, ...]
    concentrations: Mapping[str, Values]
    sampling: str
    sessions: tuple[Occasion, ...]
    covariates: Mapping[str, NDArray[np.generic]]
    index: NDArray[np.int64]
    seed: int
    settings: Mapping[str, float] = field(default_factory=dict)
    random: bool = True

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.index.size)

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes used, in order of first use."""
        return tuple(dict.fromkeys(dose.route for dose in self.doses))

    @property
    def session_at(self) -> NDArray[np.int64]:
        """Index of the last session that began at or before each time, shape (times,)."""
        import numpy as np

        starts = np.asarray([s.time for s in self.sessions])
        return np.clip(np.searchsorted(starts, self.times + 1e-9, side="right") - 1, 0, None)

    def given_in(self, session: int) -> set[tuple[str, str]]:
        """Return drugs and routes of a session, by its place among the sessions."""
        index = self.sessions[session].index
        return {(dose.drug, dose.route) for dose in self.doses if dose.session == index}

    def normal(self, stream: str, occasion: int = 0) -> Values:
        """Return a standard normal number for each person; nought where people do not differ.

        Parameters
        ----------
        stream : str
            Name of the quantity, such as ``"cadss:sensitivity"``.
        occasion : int
            Session, for what is drawn anew in each.
        """
        import numpy as np

        if not self.random:
            return np.zeros(self.people)
        return draws.normal(self.seed, self.index, f"effect:{stream}", occasion)


FASTEST: Final = 5.0
"""Shortest dose of racemate into a vein for which calibrated effects are predicted, min; fitted
were 10 and 40."""

Theta = Mapping[str, "Values"]
"""Parameters of a calibration: each of shape (people,), or one number for all."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An acute effect that is worked out as a curve.

    Parameters
    ----------
    name : str
        Variable of the result, such as ``cadss``.
    display, unit : str
    kind : {"published", "calibrated"}
        A published relation used as printed, with what it was estimated with; anything else is a
        calibration of this project.
    text : str
        How it is worked out and what from, in a sentence or two; a calibration says so.
    sources : tuple of str
        Keys in ``sources.bib``.
    curve : callable
        (driving, theta) to an array of shape (people, times).
    why_not : callable
        (driving) to the reason for which it is not predicted, or None.
    calibration : str or None
        Name of the calibration from which theta comes.
    cuts : tuple of (str, float)
        Named levels by which people are counted, such as ``("above 4", 4.0)``.
    resolved : float or None
        Level at or below which it counts as gone; None where no source sets one.
    within_start : float
        It counts as gone as well so near to the own level at the start of the session.
    extreme : {"highest", "lowest"}
        Which end is the strongest effect: of a level of alertness the lowest.
    fitted_with : tuple of (str, str)
        Drugs and routes that a calibration was fitted with; others are told to be extrapolated.
    healthy_with : tuple of (str, str)
        The same with ``healthy=1``, where that is another.
    limits : tuple of str
        What is not in it.
    """

    name: str
    display: str
    unit: str
    kind: Kind
    text: str
    sources: tuple[str, ...]
    curve: Callable[[Driving, Theta], Values]
    why_not: Callable[[Driving], str | None]
    calibration: str | None = None
    cuts: tuple[tuple[str, float], ...] = ()
    resolved: float | None = None
    within_start: float = 0.0
    extreme: Literal["highest", "lowest"] = "highest"
    fitted_with: tuple[tuple[str, str], ...] = ()
    healthy_with: tuple[tuple[str, str], ...] = ()
    limits: tuple[str, ...] = ()

    def extrapolated(self, driving: Driving) -> str | None:
        """Return what of the doses it was not fitted with, in a sentence, or None."""
        healthy = driving.settings.get("healthy") == 1
        known = self.healthy_with if healthy and self.healthy_with else self.fitted_with
        given = dict.fromkeys((dose.drug, dose.route) for dose in driving.doses)
        others = [f"{drug} {route}" for drug, route in given if (drug, route) not in known]
        if not known or not others:
            return None
        who = "in volunteers " if known is not self.fitted_with else ""
        return (
            f"{self.display}: extrapolated. Nothing measured {who}after {' or '.join(others)} doses"
            " was fitted; concentration carries it over, and may be several times too low or high."
        )


def too_fast(driving: Driving) -> str | None:
    """Return why a push of racemate into a vein has no calibrated effect, or None."""
    pushed = any(d.route == "intravenous" and d.minutes < FASTEST for d in driving.doses)
    if driving.drug != "ketamine" or not pushed:
        return None
    return (
        "a push into a vein is stronger than the model of racemate, which has no fast fall, can"
        f" say; from {FASTEST:.0f} min on it is predicted"
    )


def never_worked_out(
    name: str,
    display: str,
    unit: str,
    sources: tuple[str, ...],
    why: Callable[[Driving], str],
) -> Effect:
    """Return an effect that has no curve for anybody, so that its reason stands in every result.

    Parameters
    ----------
    name, display, unit, sources
        As of :class:`Effect`; the sources are those that the reason names.
    why : callable
        (driving) to the reason.
    """

    def refuse(driving: Driving, theta: Theta) -> Values:
        raise Unsupported(f"{display.lower()} is not predicted", hint=why(driving))

    return Effect(
        name=name,
        display=display,
        unit=unit,
        kind="published",
        text="Not predicted: no published relation with dose or concentration was found.",
        sources=sources,
        curve=refuse,
        why_not=why,
    )
