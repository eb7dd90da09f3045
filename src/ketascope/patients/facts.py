"""What a patient's record says, as facts that rules can ask about.

A concept is *present*, *denied*, or - where no fact speaks of it - *unknown*. No record of a thing
is never its absence. Which concepts there are, and which implies which, lies in
:mod:`ketascope.patients.concepts`.

>>> from datetime import date
>>> record = Record((Fact("schizophrenia", "present", on=date(2019, 5, 2)),))
>>> record.state("schizophrenia"), record.state("psychosis"), record.state("epilepsy")
('present', 'present', 'unknown')
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ketascope.patients.patient import Patient

State = Literal["present", "denied"]
Answer = Literal["present", "denied", "unknown"]
Course = Literal["active", "past", "unknown"]
When = Literal["now", "ever"]

_LONG_AGO = date.min


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the record says of one concept.

    Parameters
    ----------
    concept : str
        A key of :func:`ketascope.patients.concepts.concepts`.
    state : {"present", "denied"}
        Denied: refuted, "no known ...", a negative result, or a dated answer.
    value : float or None
        Of a measurement, in ``unit``.
    unit : str
        The unit that the concept names, such as ``mmHg``; ``""`` for a score.
    on : date or None
        When it began or was measured; None is not known.
    until : date or None
        When it ended.
    detail : str
        Such as the medicine's name, or ``in remission``.
    course : {"active", "past", "unknown"}
        Past: it ended, or it is history.
    because : str
        Where in the record it stands and by which code it was matched.
    code : str
        ``system|code`` of the match; ``text`` where only words matched.
    said : date or None
        When the record said so, where that differs from ``on``.
    """

    concept: str
    state: State
    value: float | None = None
    unit: str = ""
    on: date | None = None
    until: date | None = None
    detail: str = ""
    course: Course = "active"
    because: str = ""
    code: str = ""
    said: date | None = None

    def dated(self) -> date | None:
        """The day from which the answer speaks: when it was said, else when it began."""
        days = [day for day in (self.said, self.on) if day is not None]
        return max(days) if days else None

    def current(self, on: date | None = None) -> bool:
        """Whether the fact holds on a day (None: at the end of the record)."""
        if on is None:
            return self.course != "past"
        if self.on is not None and self.on > on:
            return False
        if self.until is not None:
            return self.until > on
        return self.course != "past"


@dataclass(frozen=True, slots=True)
class NotScreened:
    """A part of the record that no rule sees: what it is, and why."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A patient's record, read.

    Parameters
    ----------
    facts : tuple of Fact
    not_screened : tuple of NotScreened
    covariates : Patient or None
        Age, weight, height, sex and race, as far as they are known.
    id, name : str
    born : date or None
    sex : {"female", "male"} or None
    """

    facts: tuple[Fact, ...] = ()
    not_screened: tuple[NotScreened, ...] = ()
    covariates: Patient | None = None
    id: str = ""
    name: str = ""
    born: date | None = None
    sex: str | None = None

    def of(self, concept: str) -> tuple[Fact, ...]:
        """Return the facts that speak of a concept.

        They are its own, the present ones of every concept that implies it, and the denials of
        every concept that it implies (without psychosis there is no schizophrenia).

        Raises
        ------
        InputError
            If there is no such concept.
        """
        from ketascope.patients.concepts import above, below

        narrower, wider = below(concept), above(concept)
        return tuple(
            fact
            for fact in self.facts
            if fact.concept == concept
            or (fact.state == "present" and fact.concept in narrower)
            or (fact.state == "denied" and fact.concept in wider)
        )

    def state(self, concept: str, on: date | None = None, when: When = "now") -> Answer:
        """Return whether a concept is present, denied or unknown.

        Parameters
        ----------
        concept : str
        on : date, optional
            The day that is asked about; what was said later does not count.
        when : {"now", "ever"}
            Now: what ended, or is history, leaves the concept unknown, not denied. Ever: it
            counts as present.

        Notes
        -----
        A later dated answer wins over an earlier one, a dated one over one without a date, and of
        two of the same day the present one. For ``ever`` no denial undoes what was once there.
        """
        heard = [fact for fact in self.of(concept) if _heard(fact, on)]
        found = [fact for fact in heard if fact.state == "present"]
        denied = [fact for fact in heard if fact.state == "denied"]
        if when == "ever":
            return "present" if found else "denied" if denied else "unknown"
        found = [fact for fact in found if fact.current(on)]
        if found and denied:
            return "present" if _newest(found) >= _newest(denied) else "denied"
        return "present" if found else "denied" if denied else "unknown"

    def latest(
        self, concept: str, on: date | None = None, within_days: int | None = None
    ) -> Fact | None:
        """Return the newest fact with a value of a concept; None where there is none.

        Parameters
        ----------
        concept : str
        on : date, optional
            Later values do not count.
        within_days : int, optional
            Older values, counted from ``on``, and values without a date do not count.
        """
        known = [fact for fact in self.of(concept) if fact.value is not None and _heard(fact, on)]
        if within_days is not None and on is not None:
            known = [
                fact for fact in known if fact.on is not None and (on - fact.on).days <= within_days
            ]
        return max(known, key=lambda fact: fact.on or _LONG_AGO, default=None)

    def sign_of(self, concept: str, on: date | None = None) -> Fact | None:
        """Return the newest measurement that makes a concept worth asking about, or None.

        It does not make the concept present: an answer in a form is no diagnosis. A dated denial
        of the same day or later has answered it.

        Parameters
        ----------
        concept : str
        on : date, optional
            Later values do not count; today without it.
        """
        from ketascope.patients.concepts import concept as known

        sign = known(concept).sign
        if sign is None:
            return None
        day = on or date.today()
        found = self.latest(sign.concept, day, sign.within_days)
        if found is None or found.on is None or (found.value or 0.0) < sign.at_least:
            return None
        denied = [
            fact.dated() or _LONG_AGO
            for fact in self.of(concept)
            if fact.state == "denied" and _heard(fact, day)
        ]
        return None if any(when >= found.on for when in denied) else found

    def age(self, on: date) -> float | None:
        """Return the age in years on a day; from the covariates where no birth date is known."""
        if self.born is None:
            return None if self.covariates is None else self.covariates.age
        return (on - self.born).days / 365.2425

    def told(self, facts: Iterable[Fact]) -> Record:
        """Return the record with further facts, such as answers to questions."""
        return replace(self, facts=(*self.facts, *facts))


def _heard(fact: Fact, on: date | None) -> bool:
    """Whether the fact was known on a day; one without a date always was."""
    return on is None or fact.on is None or fact.on <= on


def _newest(facts: Iterable[Fact]) -> date:
    return max(fact.dated() or _LONG_AGO for fact in facts)
