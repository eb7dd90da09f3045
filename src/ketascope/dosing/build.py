"""The meaning of the parts of a parsed regimen: quantities, components, frequency, extent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, NoReturn, TypeVar

from ketascope.dosing import devices
from ketascope.dosing.language import RegimenError
from ketascope.dosing.numbers import LARGEST, MOST
from ketascope.dosing.rhythm import Extent, Frequency, FrequencyKind
from ketascope.dosing.values import (
    TIMED_ROUTES,
    Amount,
    Basis,
    Component,
    Drug,
    Form,
    Rate,
    Route,
    check_form,
    check_minutes,
)
from ketascope.dosing.vocabulary import (
    BASIS_NAMES,
    NUMBER_NAMES,
    drug_of,
    form_of,
    route_of,
)
from ketascope.errors import InputError

if TYPE_CHECKING:
    from lark import Token, Tree

    Node = Tree[Token]

Span = tuple[int, int]
Made = TypeVar("Made")
_MG = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}


@dataclass(slots=True)
class Draft:
    """A component while it is read: what was named, and where."""

    start: int
    drug: Drug | None = None
    salt: bool | None = None
    value: Decimal | None = None
    unit: str = "mg"
    basis: Basis = "actual"
    cap: Decimal | None = None
    route: Route | None = None
    form: Form | None = None
    minutes: float | None = None
    at: dict[str, Span] = field(default_factory=dict)


class Reader:
    """Turns the tree of one text into values; every refusal points into the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Refuse what stands at ``span``."""
        raise RegimenError(message, self.text, *span, hint=hint)

    def checked(self, span: Span, make: Callable[..., Made], *args: object) -> Made:
        """Call ``make``; what it refuses is refused at ``span``."""
        try:
            return make(*args)
        except RegimenError:
            raise
        except InputError as refusal:
            raise RegimenError(refusal.message, self.text, *span, hint=refusal.hint) from None

    # Numbers and quantities

    def number(self, node: Node) -> Decimal:
        """Read a number greater than zero."""
        token = node.children[0]
        word = str(token).lower().rstrip("-")
        if word in NUMBER_NAMES:
            return Decimal(NUMBER_NAMES[word])
        digits = word.replace(",", "").replace("\u2212", "-").replace("\u2013", "-")
        value = Decimal(digits)
        if value <= 0:
            self.fail(
                f"{token} is not greater than zero",
                span_of(node),
                "give a number greater than zero",
            )
        if value > Decimal(LARGEST):
            self.fail(
                f"{_short(str(token))} is too large a number to be meant",
                span_of(node),
                f"give one up to {LARGEST:,.0f}",
            )
        return value

    def count(self, node: Node, what: str) -> int:
        """Read a whole number; ``what`` says of what."""
        value = self.number(node)
        if value != value.to_integral_value() or value > MOST:
            self.fail(
                f"{what} must be a whole number up to {MOST:,}, not {node.children[0]}",
                span_of(node),
            )
        return int(value)

    def minutes(self, node: Node) -> float:
        """Read a duration, in minutes."""
        tokens = {t.type for t in _tokens(node)}
        factor = 1 if "MINUTE" in tokens else 60 if "HOUR" in tokens else 1440
        return float(self.number(_child(node, "number")) * factor)

    # Parts of a component

    def part(self, draft: Draft, node: Node) -> None:
        """Add one part to the component being read."""
        kind, span = node.data, span_of(node)
        slot = "duration" if kind == "bolus" else kind
        if slot in draft.at:
            first = self.text[slice(*draft.at[slot])]
            self.fail(
                f"'{self.text[slice(*span)]}' comes after '{first}', but a dose has one {slot}",
                span,
                "leave one out, or join two doses with 'and'",
            )
        draft.at[slot] = span
        getattr(self, f"_{kind}")(draft, node)

    def _drug(self, draft: Draft, node: Node) -> None:
        word = str(node.children[0])
        draft.drug = drug_of(word)
        if word.lower() == "spravato":
            self._implied_route(draft, "intranasal", "drug")

    def _salt(self, draft: Draft, node: Node) -> None:
        draft.salt = str(node.children[0]).lower() in ("hydrochloride", "hcl")

    def _dose(self, draft: Draft, node: Node) -> None:
        value = self.number(_child(node, "number"))
        draft.value, draft.unit = self._in_mg(value, str(node.children[1]))

    def _in_mg(self, value: Decimal, unit: str) -> tuple[Decimal, str]:
        mass, *per = unit.lower().replace("per", "/").split("/")
        mass = mass.strip()
        mass = "mg" if mass.startswith(("mg", "milli")) else "g" if mass in _GRAM else "ug"
        per = ["kg" if p.strip() == "kg" else p.strip()[0] for p in per]
        per = ["min" if p == "m" else p for p in per]
        is_rate = bool(per) and per[-1] != "kg"
        if is_rate and mass == "ug":
            return value, "/".join(["ug", *per])
        return value * _MG[mass], "/".join(["mg", *per])

    def _basis(self, draft: Draft, node: Node) -> None:
        word = next(str(t).lower() for t in _tokens(node) if t.type == "BASIS")
        draft.basis = BASIS_NAMES[word]

    def _cap(self, draft: Draft, node: Node) -> None:
        value = self.number(_child(node, "number"))
        amount, unit = self._in_mg(value, str(node.children[-1]))
        if unit != "mg":
            self.fail(f"a maximum in {unit} limits nothing", span_of(node), "give it in mg")
        draft.cap = amount

    def _route(self, draft: Draft, node: Node) -> None:
        route = route_of(str(node.children[0]))
        self._implied_route(draft, route, "route")

    def _form(self, draft: Draft, node: Node) -> None:
        draft.form = form_of(str(node.children[0]))
        if draft.form == "oral solution":
            self._implied_route(draft, "oral", "form")

    def _implied_route(self, draft: Draft, route: Route, by: str) -> None:
        if draft.route not in (None, route):
            self.fail(
                f"'{self.text[slice(*draft.at[by])]}' is {route}, but the dose is also given"
                f" as {draft.route}",
                draft.at[by],
                "leave one out",
            )
        draft.route = route

    def _duration(self, draft: Draft, node: Node) -> None:
        draft.minutes = self.minutes(node)

    def _bolus(self, draft: Draft, node: Node) -> None:
        draft.minutes = 0.0

    # Frequency and extent

    def frequency(self, node: Node) -> Frequency:
        """Read how often."""
        return self.checked(span_of(node), self._frequency, node)

    def _frequency(self, node: Node) -> Frequency:
        kind = str(node.data)
        if kind == "once":
            return Frequency("once")
        if kind == "daily" or kind == "weekly":
            return Frequency("daily" if kind == "daily" else "weekly", self._times(node))
        if kind == "fortnightly":
            return Frequency("weeks", 2)
        if kind == "monthly":
            return Frequency("weeks", 4)
        if kind == "on_days":
            of_course = any(t.type == "OF_COURSE" for t in _tokens(node))
            kind_of_days: FrequencyKind = "course days" if of_course else "on days"
            return Frequency(kind_of_days, days=self._days(_child(node, "days")))
        return self._every(node)

    def _times(self, node: Node) -> int:
        for child in trees(node):
            if child.data == "times":
                words = {t.type for t in _tokens(child)}
                if words & {"TWICE", "THRICE"}:
                    return 2 if "TWICE" in words else 3
                return self.count(_child(child, "number"), "the number of times")
        return 1

    def _every(self, node: Node) -> Frequency:
        words = {t.type for t in _tokens(node)}
        if "MONTH" in words:
            self.fail("a month is not a fixed number of days", span_of(node), "say 'every 4 weeks'")
        numbers = [c for c in trees(node) if c.data == "number"]
        if "HOUR" in words:
            hours = self.number(numbers[0]) if numbers else Decimal(2 if "OTHER" in words else 1)
            return Frequency.every(float(hours), "hours")
        n = self.count(numbers[0], "an interval") if numbers else 2 if "OTHER" in words else 1
        return Frequency.every(n, "days" if "DAY" in words else "weeks")

    def _days(self, node: Node) -> tuple[int, ...]:
        days: list[int] = []
        for child in trees(node):
            token = child.children[0]
            # "1,100" in a list of days is day 1 and day 100, not day 1100.
            for word in str(token).split(","):
                if not word.isdecimal():
                    self.fail(
                        f"'{word}' is not a day", span_of(child), "list the days, such as 1, 4, 8"
                    )
                days.append(min(int(word[:9]), MOST + 1))
        return tuple(days)

    def extent(self, node: Node) -> Extent:
        """Read for how long."""
        words = {t.type for t in _tokens(node)}
        if "MONTH" in words:
            self.fail("a month or year is not a fixed number of days", span_of(node), "say weeks")
        n = self.count(_child(node, "number"), "a number of days, weeks or doses")
        kind = "days" if "DAY" in words else "weeks" if "WEEK" in words else "doses"
        return self.checked(span_of(node), Extent, n, kind)


_GRAM = ("g", "gram", "grams")


def build_dose(tree: Node, text: str) -> Amount | Rate:
    """Give a tree of the ``amount`` rule its meaning."""
    reader, draft = Reader(text), Draft(0)
    for child in trees(tree):
        reader.part(draft, child)
    return dose_of(reader, draft)


def build_minutes(tree: Node, text: str) -> float:
    """Give a tree of the ``length`` rule its meaning, in minutes."""
    return Reader(text).minutes(tree)


@cache
def _base_in_hydrochloride() -> Decimal:
    """Base in a unit of hydrochloride, by molar mass (pubchem_ketamine, pubchem_ketamine_hcl)."""
    from ketascope.evidence import molar_mass

    return Decimal(str(molar_mass("ketamine"))) / Decimal(str(molar_mass("ketamine_hydrochloride")))


def dose_of(reader: Reader, draft: Draft) -> Amount | Rate:
    """Return the dose of a draft as base, with its weight and maximum."""
    assert draft.value is not None
    value, cap = draft.value, draft.cap
    if draft.salt:
        # Six digits are more than any label's; more would only look exact.
        base = _base_in_hydrochloride()
        value = Decimal(f"{value * base:.6g}")
        cap = None if cap is None else Decimal(f"{cap * base:.6g}")
        value = Decimal(repr(devices.nearest(draft.drug, draft.route, draft.form, float(value))))
    span = draft.at["dose"]
    if draft.basis != "actual" and "/kg" not in draft.unit:
        span = draft.at["basis"]
    elif cap is not None and "/kg" not in draft.unit:
        span = draft.at["cap"]
    most = None if cap is None else float(cap)
    if draft.unit.endswith(("/h", "/min")):
        return reader.checked(span, Rate, float(value), draft.unit, draft.basis, most)
    return reader.checked(span, Amount, float(value), draft.unit, draft.basis, most)


def component_of(reader: Reader, draft: Draft) -> Component:
    """Check a draft that has all its parts and make the component."""
    span = draft.at["dose"]
    drug, route = draft.drug, draft.route
    assert drug is not None
    assert route is not None
    if draft.form == "solution" and route == "oral":
        draft.form = "oral solution"
    dose = dose_of(reader, draft)
    if draft.form is not None:
        reader.checked(draft.at.get("form", span), check_form, draft.form, route)
    _check_duration(reader, draft, dose, route)
    minutes = draft.minutes or 0.0
    component = reader.checked(span, Component, drug, dose, route, draft.form, minutes)
    reader.checked(
        span, devices.split, component.drug, component.route, component.form, component.amount
    )
    return component


def _check_duration(reader: Reader, draft: Draft, dose: Amount | Rate, route: Route) -> None:
    span = draft.at["dose"]
    if draft.minutes is not None and "duration" in draft.at:
        where = draft.at["duration"]
        reader.checked(where, check_minutes, draft.minutes, route)
        if draft.minutes == 0 and route not in (*TIMED_ROUTES, "intramuscular"):
            reader.fail(f"a bolus is injected, but the route is {route}", where, "leave it out")
    if isinstance(dose, Rate) and not draft.minutes:
        if draft.minutes == 0 and "duration" in draft.at:
            reader.fail(
                f"a bolus has no rate, but the dose is {dose}",
                draft.at["duration"],
                "give the bolus in mg or mg/kg",
            )
        reader.fail(
            f"the rate {dose} does not say how much is given", span, "add a duration: 'over 2 h'"
        )
    if route == "intravenous" and draft.minutes is None:
        reader.fail(
            f"the intravenous dose of {dose} does not say how fast it is given",
            span,
            "add a duration such as 'over 40 min', or 'bolus'",
        )


def _tokens(node: Node) -> list[Token]:
    from lark import Token

    return list(node.scan_values(lambda value: isinstance(value, Token)))


def trees(node: Node) -> list[Node]:
    """Return the children of a node that are nodes, not words."""
    from lark import Tree

    return [child for child in node.children if isinstance(child, Tree)]


def _child(node: Node, rule: str) -> Node:
    return next(child for child in trees(node) if child.data == rule)


def span_of(node: Node) -> Span:
    """Return where the words of a node begin and end."""
    tokens = _tokens(node)
    return tokens[0].start_pos or 0, tokens[-1].end_pos or 0


def _short(word: str) -> str:
    return word if len(word) <= 30 else f"{word[:27]}..."
