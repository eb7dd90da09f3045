"""Claims judged, with what the simulation gives: ``ketascope.claims``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    from ketascope.checks.claim_numbers import Computed
    from ketascope.evidence.claims import Claim, Simulation


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its judgement and, where the simulation can speak, what it gives.

    Parameters
    ----------
    claim : Claim
    simulated : tuple of Computed
        Empty where the simulation has nothing to say, or was not asked.
    """

    claim: Claim
    simulated: tuple[Computed, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it as plain values, as ``ketascope claims --format json`` prints it."""
        said = self.claim.model_dump(mode="json", exclude={"simulation"})
        return {**said, "simulated": [one.record() for one in self.simulated]}


def claims(
    *only: str,
    topic: str | None = None,
    verdict: str | None = None,
    simulation: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[Judged]:
    """Judge what is commonly said of ketamine.

    Parameters
    ----------
    *only : str
        Ids of claims: ``"7b"``, or ``"7"`` for every part of claim 7. All by default.
    topic : str, optional
        One of mechanism, dose, effects, risk, outcome, networks.
    verdict : str, optional
        One of supported, qualified, contested, unsupported, not assessable.
    simulation : bool
        Also run the computations; without them it is quick.
    progress : callable, optional
        Called with how many claims are done, and of how many.

    Returns
    -------
    list of Judged
        ``claim`` (text, verdict, why, evidence on both sides) and ``simulated``.

    Raises
    ------
    InputError
        For a claim, a topic or a verdict that there is not.

    Examples
    --------
    >>> import ketascope as ks
    >>> [(one.claim.id, one.claim.verdict) for one in ks.claims("8", simulation=False)]
    [('8a', 'qualified'), ('8b', 'contested')]
    """
    from ketascope.evidence.claims import Topic, Verdict

    chosen = list(_named(only))
    if topic is not None:
        topic = _one_of(topic, get_args(Topic), "topic")
        chosen = [one for one in chosen if one.topic == topic]
    if verdict is not None:
        verdict = _one_of(verdict, get_args(Verdict), "verdict")
        chosen = [one for one in chosen if one.verdict == verdict]
    found = []
    for index, one in enumerate(chosen):
        computed = tuple(_run(part) for part in one.simulation) if simulation else ()
        found.append(Judged(one, computed))
        if progress is not None:
            progress(index + 1, len(chosen))
    return found


def _named(only: Iterable[str]) -> Iterable[Claim]:
    """The claims asked for, each once, in the order asked; all if none was."""
    from ketascope.evidence.claims import claims_named, known_claims

    names = list(only)
    if not names:
        return known_claims().values()
    parts = {one.id: one for name in names for one in claims_named(name)}
    return parts.values()


def _one_of(value: str, known: tuple[str, ...], where: str) -> str:
    plain = value.strip().lower().replace("-", " ").replace("_", " ")
    if plain not in known:
        raise InputError(f"'{value}' is no {where}", where=where, hint=f"use {', '.join(known)}")
    return plain


def _run(part: Simulation) -> Computed:
    """Run one computation; what the library does not cover is said, not left out."""
    from ketascope.checks.claim_numbers import Computed, run

    try:
        return run(part)
    except Unsupported as error:
        return Computed(part.computation, f"Not predicted: {error}", {}, "1", ())
