"""What is given, as values: a regimen of phases of components, how often and for how long.

All values are frozen and compare by value. ``str()`` prints the canonical words, which
:func:`ketascope.dosing.language.parse_regimen` reads back to an equal value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

from ketascope.dosing.numbers import check_number, number_words
from ketascope.dosing.rhythm import Extent, Frequency, check_extent
from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Schedule

Drug = Literal["ketamine", "esketamine", "arketamine"]
Route = Literal[
    "intravenous",
    "intranasal",
    "intramuscular",
    "subcutaneous",
    "oral",
    "sublingual",
    "buccal",
    "rectal",
    "inhaled",
]
Form = Literal[
    "oral solution",
    "solution",
    "film",
    "tablet",
    "extended-release tablet",
    "wafer",
    "lozenge",
]
Basis = Literal["actual", "ideal", "lean", "adjusted"]
AmountUnit = Literal["mg", "mg/kg"]
RateUnit = Literal[
    "mg/h", "mg/min", "ug/h", "ug/min", "mg/kg/h", "mg/kg/min", "ug/kg/h", "ug/kg/min"
]

DRUGS: tuple[Drug, ...] = get_args(Drug)
ROUTES: tuple[Route, ...] = get_args(Route)

#: How each route is printed.
ROUTE_WORDS: dict[Route, str] = {
    "intravenous": "iv",
    "intranasal": "intranasal",
    "intramuscular": "im",
    "subcutaneous": "sc",
    "oral": "oral",
    "sublingual": "sublingual",
    "buccal": "buccal",
    "rectal": "rectal",
    "inhaled": "inhaled",
}
#: Routes that can take time (an infusion, a nebuliser).
TIMED_ROUTES: frozenset[Route] = frozenset({"intravenous", "subcutaneous", "inhaled"})
#: Which routes a form can be given by.
FORM_ROUTES: dict[Form, frozenset[Route]] = {
    "oral solution": frozenset({"oral"}),
    "solution": frozenset({"intranasal", "sublingual", "buccal", "rectal", "inhaled"}),
    "film": frozenset({"sublingual", "buccal"}),
    "tablet": frozenset({"oral", "sublingual", "buccal"}),
    "extended-release tablet": frozenset({"oral"}),
    "wafer": frozenset({"sublingual", "buccal"}),
    "lozenge": frozenset({"oral", "sublingual", "buccal"}),
}


def duration_words(minutes: float) -> str:
    """Print a duration in minutes as ``40 min`` or, for whole hours from two up, ``2 h``."""
    if minutes >= 120 and minutes % 60 == 0:
        return f"{number_words(minutes / 60)} h"
    return f"{number_words(minutes)} min"


def _dose_words(value: float, unit: str, basis: Basis, cap_mg: float | None) -> str:
    text = f"{number_words(value)} {unit}"
    if basis != "actual":
        text += f" of {basis} weight"
    if cap_mg is not None:
        text += f" max {number_words(cap_mg)} mg"
    return text


def _check_weight_terms(unit: str, basis: Basis, cap_mg: float | None) -> None:
    per_kg = "/kg" in unit
    if basis not in get_args(Basis):
        raise InputError(
            f"'{basis}' is not a weight that a dose can be given by",
            hint="use actual, ideal, lean or adjusted",
        )
    if basis != "actual" and not per_kg:
        raise InputError(
            f"a dose in {unit} does not depend on {basis} weight",
            hint="give it per kg, such as 0.5 mg/kg of ideal weight",
        )
    if cap_mg is not None:
        if not per_kg:
            raise InputError(
                f"a dose in {unit} needs no maximum", hint="a maximum goes with a dose per kg"
            )
        check_number(cap_mg, "a maximum dose")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of drug, as base.

    Parameters
    ----------
    value : float
        In ``unit``; greater than zero.
    unit : {"mg", "mg/kg"}
    basis : {"actual", "ideal", "lean", "adjusted"}
        Which body weight a dose per kg goes by.
    cap_mg : float or None
        Most that is given however heavy the patient, mg.
    """

    value: float
    unit: AmountUnit
    basis: Basis = "actual"
    cap_mg: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in get_args(AmountUnit):
            raise InputError(f"'{self.unit}' is not a unit of amount", hint="use mg or mg/kg")
        check_number(self.value, "a dose")
        _check_weight_terms(self.unit, self.basis, self.cap_mg)

    def __str__(self) -> str:
        return _dose_words(self.value, self.unit, self.basis, self.cap_mg)

    def mg(self, weight_kg: float | None = None) -> float:
        """Amount in mg for a person whose weight *of this basis* is ``weight_kg`` (kg)."""
        if self.unit == "mg":
            return self.value
        if weight_kg is None:
            raise InputError(f"a dose of {self} needs a body weight", hint="give a weight in kg")
        dose = self.value * weight_kg
        return dose if self.cap_mg is None else min(dose, self.cap_mg)


@dataclass(frozen=True, slots=True)
class Rate:
    """A dose given as a rate of base; with a duration it makes an :class:`Amount`.

    ``cap_mg`` limits the whole amount given, in mg.
    """

    value: float
    unit: RateUnit
    basis: Basis = "actual"
    cap_mg: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in get_args(RateUnit):
            raise InputError(
                f"'{self.unit}' is not a unit of rate", hint="use one such as mg/h or ug/kg/min"
            )
        check_number(self.value, "a rate")
        _check_weight_terms(self.unit, self.basis, self.cap_mg)

    def __str__(self) -> str:
        return _dose_words(self.value, self.unit, self.basis, self.cap_mg)

    def amount(self, minutes: float) -> Amount:
        """Return what the rate gives over ``minutes``."""
        # Decimal arithmetic keeps 10 ug/kg/min over 2 h at 1.2 mg/kg exactly as written.
        total = Decimal(repr(self.value)) * Decimal(repr(float(minutes)))
        if self.unit.endswith("/h"):
            total /= 60
        if self.unit.startswith("ug"):
            total /= 1000
        unit: AmountUnit = "mg/kg" if "/kg" in self.unit else "mg"
        return Amount(float(total), unit, self.basis, self.cap_mg)


@dataclass(frozen=True, slots=True)
class Component:
    """One drug given by one route at each dosing time.

    Parameters
    ----------
    drug, route, form
        Canonical words; ``form`` is None where it does not matter or is not known.
    dose : Amount or Rate
    minutes : float
        Duration, min; 0 for a bolus and for routes that are given at once.
    """

    drug: Drug
    dose: Amount | Rate
    route: Route
    form: Form | None = None
    minutes: float = 0.0

    def __post_init__(self) -> None:
        if self.drug not in DRUGS:
            raise InputError(f"'{self.drug}' is not a drug known here", hint=f"use {_or(DRUGS)}")
        if self.route not in ROUTES:
            raise InputError(f"'{self.route}' is not a route", hint=f"use {_or(ROUTES)}")
        if self.form is not None:
            check_form(self.form, self.route)
        check_minutes(self.minutes, self.route)
        if isinstance(self.dose, Rate):
            if self.minutes == 0:
                raise InputError(
                    f"a dose given as a rate, {self.dose}, needs a duration",
                    hint="add one such as 'over 2 h'",
                )
            self.dose.amount(self.minutes)

    @property
    def amount(self) -> Amount:
        """What is given each time."""
        return self.dose if isinstance(self.dose, Amount) else self.dose.amount(self.minutes)

    def words(self, *, drug: bool = True) -> str:
        """Print the component, with or without the name of its drug."""
        parts: list[str] = [self.drug] if drug else []
        parts.append(str(self.dose))
        if self.form == "oral solution":
            parts.append(self.form)
        else:
            parts.append(ROUTE_WORDS[self.route])
            if self.form:
                parts.append(self.form)
        if self.minutes:
            parts.append(f"over {duration_words(self.minutes)}")
        elif self.route == "intravenous":
            parts.append("bolus")
        return " ".join(parts)

    def __str__(self) -> str:
        return self.words()


def check_form(form: Form, route: Route) -> None:
    """Refuse a form that does not go with the route (InputError)."""
    if form not in FORM_ROUTES:
        raise InputError(f"'{form}' is not a form known here", hint=f"use {_or(FORM_ROUTES)}")
    if route not in FORM_ROUTES[form]:
        fitting = _or(ROUTE_WORDS[r] for r in ROUTES if r in FORM_ROUTES[form])
        raise InputError(
            f"'{form}' does not go with the {route} route",
            hint=f"leave it out or give it {fitting}",
        )


def check_minutes(minutes: float, route: Route) -> None:
    """Refuse a duration that is not one, or a route that is given at once (InputError)."""
    if minutes == 0:
        return
    check_number(minutes, "a duration")
    if route not in TIMED_ROUTES:
        raise InputError(
            f"the {route} route is given at once, so it has no duration",
            hint=f"leave out 'over {duration_words(minutes)}', or name a route such as iv",
        )


@dataclass(frozen=True, slots=True)
class Phase:
    """One or more components given together, how often and for how long.

    ``extent`` is None with ``once``, with days of the course and, if the days say it all, with
    ``on days``.
    """

    components: tuple[Component, ...]
    frequency: Frequency
    extent: Extent | None = None

    def __post_init__(self) -> None:
        if not self.components:
            raise InputError("a phase gives at least one dose")
        check_extent(self.frequency, self.extent)

    def words(self, before: Phase | None = None) -> str:
        """Print the phase; after a phase that differs in dose alone, only the dose is named."""
        if before is not None and self._differs_in_dose_alone(before):
            parts = [str(self.components[0].dose)]
        else:
            shown = [
                c.words(drug=i == 0 or c.drug != self.components[i - 1].drug)
                for i, c in enumerate(self.components)
            ]
            parts = [" and ".join(shown)]
        parts.append(str(self.frequency))
        if self.extent:
            parts.append(str(self.extent))
        return " ".join(parts)

    def _differs_in_dose_alone(self, before: Phase) -> bool:
        if len(self.components) != 1 or len(before.components) != 1:
            return False
        now, then = self.components[0], before.components[0]
        return (now.drug, now.route, now.form, now.minutes) == (
            then.drug,
            then.route,
            then.form,
            then.minutes,
        )

    def __str__(self) -> str:
        return self.words()


@dataclass(frozen=True, slots=True)
class Regimen:
    """What is given: phases that follow each other. Day 1 is the first dose."""

    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        if not self.phases:
            raise InputError("a regimen has at least one phase")
        first = self.phases[0].frequency
        if first.kind == "course days":
            raise InputError(
                "the first phase starts with the course, so its days are counted as in any phase",
                hint="use 'on days'",
            )
        days = first.days
        if days and days[0] != 1:
            raise InputError(
                f"the first dose falls on day {days[0]}, but day 1 is the day of the first dose",
                hint="count the days from the first dose",
            )

    def __str__(self) -> str:
        pairs = zip((None, *self.phases), self.phases, strict=False)
        return " then ".join(phase.words(before) for before, phase in pairs)

    @property
    def text(self) -> str:
        """The canonical words."""
        return str(self)

    def schedule(self) -> Schedule:
        """Every administration in time; see :func:`ketascope.dosing.schedule.schedule`."""
        from ketascope.dosing.schedule import schedule

        return schedule(self)


def _or(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
