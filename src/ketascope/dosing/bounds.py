"""Upper bounds on doses, each with its source.

A dose above what the labels and trials that were found have given is far more often a slip of the
keyboard than a plan, and no model here was made from such doses. It is refused unless forced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ketascope.dosing.numbers import number_words
from ketascope.dosing.schedule import Administration, RegimenLike, Schedule, Session
from ketascope.dosing.values import Drug, Route
from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.evidence.parameter import Place

#: Weight, kg, used to compare mg with mg/kg where the patient's is not known.
REFERENCE_WEIGHT_KG = 70.0
#: More sessions than this within 7 days is more often than the labels of nasal esketamine say.
_LABELLED_SESSIONS_A_WEEK = 2


@dataclass(frozen=True, slots=True)
class Bound:
    """The most of a drug by a route that a source gives.

    ``value`` is in ``unit`` (mg, mg/kg; mg/h, mg/kg/h for infusions longer than
    ``longer_than_min``); a bound on a dose covers infusions up to ``up_to_min``. ``labelled`` is
    the most that a label recommends, if that is less.
    """

    drug: Drug
    route: Route
    value: float
    unit: str
    place: Place
    longer_than_min: float = 0.0
    up_to_min: float | None = None
    labelled: float | None = None
    labelled_source: str = ""
    note: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether it bounds a rate."""
        return self.unit.endswith("/h")

    def covers(self, given: Administration) -> bool:
        """Whether it applies to an administration."""
        minutes = given.duration * 60
        return (
            (self.drug, self.route) == (given.drug, given.route)
            and minutes >= self.longer_than_min
            and (not self.is_rate or minutes > self.longer_than_min)
            and (self.up_to_min is None or minutes <= self.up_to_min)
        )

    def __str__(self) -> str:
        return f"{number_words(self.value)} {self.unit}"


@cache
def upper_bounds() -> tuple[Bound, ...]:
    """Return every bound, in file order."""
    from ketascope.dosing.schemas import BoundEntry, load
    from ketascope.evidence.parameter import Place

    return tuple(
        Bound(
            e.drug,
            e.route,
            e.value,
            e.unit,
            Place(e.source, e.where, e.how),
            e.longer_than_min,
            e.up_to_min,
            e.labelled,
            e.labelled_source,
            e.note,
        )
        for e in load("bounds.yaml", BoundEntry)
    )


def check(
    regimen: RegimenLike, *, weight_kg: float | None = None, force: bool = False
) -> list[str]:
    """Compare every session of a regimen, and all that is given within 24 h, with the bounds.

    Parameters
    ----------
    regimen : RegimenLike
    weight_kg : float, optional
        Body weight, to compare mg with mg/kg; 70 kg is taken where it is not known.
    force : bool
        Let doses above a bound through, with a warning.

    Returns
    -------
    list of str
        Warnings, each a sentence, each once.

    Raises
    ------
    InputError
        For the first dose above its bound, with the bound and its source, unless ``force``; for a
        course that is too long whatever ``force`` says.
    """
    schedule = regimen.schedule()
    weight = REFERENCE_WEIGHT_KG if weight_kg is None else weight_kg
    assumed = weight_kg is None
    warnings: dict[str, None] = {}
    grouped = list(_by_session(schedule))
    for session, mine in zip(schedule.sessions, grouped, strict=True):
        for warning in _session(session, mine, weight, assumed=assumed, force=force):
            warnings[warning] = None
    for session, day in _days(schedule, grouped):
        for warning in _session(
            session, day, weight, assumed=assumed, force=force, within_24_h=True
        ):
            warnings[warning] = None
    warnings.update(dict.fromkeys(_rhythm(schedule)))
    return list(warnings)


def _by_session(schedule: Schedule) -> Iterable[list[Administration]]:
    grouped: dict[int, list[Administration]] = defaultdict(list)
    for given in schedule.administrations:
        grouped[given.session].append(given)
    return (grouped[session.index] for session in schedule.sessions)


def _days(
    schedule: Schedule, grouped: list[list[Administration]]
) -> Iterable[tuple[Session, list[Administration]]]:
    """What is given within 24 h of the start of each session that another follows so soon.

    Days that are alike are looked at once, so that a long course takes no longer.
    """
    seen: set[tuple[object, ...]] = set()
    last = 0
    for i, session in enumerate(schedule.sessions):
        last = max(last, i)
        while (
            last + 1 < len(grouped) and schedule.sessions[last + 1].time < session.time + 24 - 1e-9
        ):
            last += 1
        day = [a for mine in grouped[i : last + 1] for a in mine]
        kind = tuple((a.drug, a.route, a.amount, a.duration) for a in day)
        if last > i and kind not in seen:
            seen.add(kind)
            yield session, day


def _session(
    session: Session,
    mine: list[Administration],
    weight: float,
    *,
    assumed: bool,
    force: bool,
    within_24_h: bool = False,
) -> Iterable[str]:
    ways = dict.fromkeys((a.drug, a.route) for a in mine)
    for drug, route in ways:
        given = [a for a in mine if (a.drug, a.route) == (drug, route)]
        known = [b for b in upper_bounds() if (b.drug, b.route) == (drug, route)]
        if within_24_h:
            known = [b for b in known if not b.is_rate]
        elif not known:
            yield (
                f"no upper bound was found for {route} {drug}, so the dose is compared with the"
                " highest bound of the drug's other routes"
            )
            known = [_highest(drug, route, weight)]
        for bound in known:
            covered = [a for a in given if bound.covers(a)]
            doses = [[a] for a in covered] if bound.is_rate else [covered]
            for dose in doses:
                if dose:
                    span = " within 24 h" if within_24_h else ""
                    yield from _compare(
                        session, dose, bound, weight, assumed=assumed, force=force, span=span
                    )


def _highest(drug: Drug, route: Route, weight: float) -> Bound:
    """The most of a drug that any other route's bound allows, as a bound for this route."""
    doses = [b for b in upper_bounds() if b.drug == drug and not b.is_rate]
    top = max(doses, key=lambda b: b.value * (weight if "/kg" in b.unit else 1.0))
    return Bound(drug, route, top.value, top.unit, top.place)


def _compare(
    session: Session,
    dose: list[Administration],
    bound: Bound,
    weight: float,
    *,
    assumed: bool,
    force: bool,
    span: str,
) -> Iterable[str]:
    per_kg = "/kg" in bound.unit
    value = sum(_in_unit(a, weight, per_kg=per_kg) for a in dose)
    if bound.is_rate:
        value /= dose[0].duration
    needs_weight = any((a.amount.unit == "mg/kg") != per_kg for a in dose)
    reckoned = f" (reckoned at {weight:g} kg)" if needs_weight and assumed else ""
    what = f"{dose[0].route} {dose[0].drug} of {_round(value)} {bound.unit}{span}{reckoned}"
    # A little room, so that a bound that is met exactly is not exceeded by rounding.
    if value > bound.value * (1 + 1e-9):
        message = f"{what} is above the upper bound of {bound}"
        source = f"the most in {_cited(bound.place.source)}, {bound.place.where}"
        if not force:
            raise InputError(
                f"{message}, {source}",
                where=session.label.split(":")[0],
                hint="lower the dose, or let it through with --force",
            )
        yield f"{message}, {source}; it was let through because it was forced"
    elif bound.labelled is not None and value > bound.labelled * (1 + 1e-9):
        yield (
            f"{what} is above the {number_words(bound.labelled)} {bound.unit} that"
            f" {_cited(bound.labelled_source)} recommends at most"
        )


def _in_unit(given: Administration, weight: float, *, per_kg: bool) -> float:
    """Amount in mg/kg or mg. Other body weights than the actual are taken as the actual one."""
    amount = given.amount
    if not per_kg:
        return amount.mg(weight)
    if amount.unit == "mg/kg" and amount.cap_mg is None:
        return amount.value
    return amount.mg(weight) / weight


def _rhythm(schedule: Schedule) -> Iterable[str]:
    """Warn of nasal esketamine more often than labels say, and of infusions that overlap."""
    nasal = {
        a.session
        for a in schedule.administrations
        if (a.drug, a.route) == ("esketamine", "intranasal")
    }
    days = sorted(s.day for s in schedule.sessions if s.index in nasal)
    most = _LABELLED_SESSIONS_A_WEEK
    if any(later - first < 7 for first, later in zip(days, days[most:], strict=False)):
        yield (
            f"esketamine nasal spray is given more than {most} times within 7 days, more often"
            f" than its labels say ({_cited('spravato_us_label')})"
        )
    ordered = sorted(schedule.sessions, key=lambda s: s.time)
    for first, later in pairwise(ordered):
        if later.time < first.end:
            yield f"the session of day {later.day} starts before the one before it has ended"
            return


def _cited(key: str) -> str:
    from ketascope.evidence import sources

    known = sources().get(key)
    return known.short if known else key


def _round(value: float) -> str:
    return number_words(float(f"{value:.4g}"))
