"""Phases of a parsed regimen: what each takes over, and how often and how long it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ketascope.dosing.build import Draft, Reader, Span, component_of, span_of, trees
from ketascope.dosing.rhythm import Extent, Frequency, check_extent
from ketascope.dosing.values import FORM_ROUTES, ROUTE_WORDS, ROUTES, Form, Phase, Regimen

if TYPE_CHECKING:
    from ketascope.dosing.build import Node

_COMPONENT = frozenset(
    {"drug", "salt", "dose", "basis", "cap", "route", "form", "duration", "bolus"}
)


@dataclass(slots=True)
class Named:
    """What the words of one phase name."""

    span: Span
    drafts: list[Draft]
    frequency: Frequency | None = None
    extent: Extent | None = None
    at: dict[str, Span] = field(default_factory=dict)


def build_regimen(tree: Node, text: str) -> Regimen:
    """Give a tree of the ``regimen`` rule its meaning."""
    reader = Reader(text)
    nodes = trees(tree)
    phases: list[Phase] = []
    previous: list[Draft] = []
    first_days: Span = (0, len(text))
    for node in nodes:
        named = _named(reader, node)
        if not phases and "frequency" in named.at:
            first_days = named.at["frequency"]
        previous = _completed(reader, named, previous)
        frequency, extent = _rhythm(reader, named, alone=len(nodes) == 1)
        if not phases and frequency.kind == "course days":
            frequency = replace(frequency, kind="on days")
        components = tuple(component_of(reader, draft) for draft in previous)
        phases.append(Phase(components, frequency, extent))
    return reader.checked(first_days, Regimen, tuple(phases))


def _named(reader: Reader, node: Node) -> Named:
    named = Named(span_of(node), [Draft(span_of(node)[0])])
    for part in trees(node):
        span = span_of(part)
        if part.data in _COMPONENT:
            reader.part(named.drafts[-1], part)
        elif part.data == "join":
            if not named.drafts[-1].at:
                reader.fail("no dose stands before this word", span, "leave it out")
            named.drafts.append(Draft(span[0]))
        else:
            kind = "extent" if part.data == "extent" else "frequency"
            if kind in named.at:
                first = reader.text[slice(*named.at[kind])]
                reader.fail(
                    f"'{reader.text[slice(*span)]}' comes after '{first}', but a phase has one"
                    f" {kind}",
                    span,
                    "leave one out, or begin a further phase with 'then'",
                )
            named.at[kind] = span
            if kind == "extent":
                named.extent = reader.extent(part)
            else:
                named.frequency = reader.frequency(part)
    if len(named.drafts) > 1 and not named.drafts[-1].at:
        start = named.drafts[-1].start
        reader.fail("no dose follows this word", (start, start + 3), "add one or leave it out")
    return named


def _completed(reader: Reader, named: Named, previous: list[Draft]) -> list[Draft]:
    """Fill in what the phase takes over from the one before and from its own earlier doses."""
    drafts = named.drafts
    if previous and len(drafts) == 1 and not drafts[0].at:
        return [replace(old, at={"dose": named.span}) for old in previous]
    match = len(previous) == len(drafts)
    for k, draft in enumerate(drafts):
        beside = drafts[k - 1] if k else previous[0] if previous else None
        before = previous[k] if match else None
        _take_over(draft, beside, before, named.span)
        _require(reader, draft, named.span)
    return drafts


def _take_over(draft: Draft, beside: Draft | None, before: Draft | None, span: Span) -> None:
    route_named = draft.route is not None
    if beside is not None:
        if draft.drug is None:
            draft.drug = beside.drug
            draft.salt = beside.salt if draft.salt is None else draft.salt
        if draft.route is None:
            draft.route = beside.route
            draft.form = draft.form or beside.form
    if before is None:
        return
    same_way = not route_named or draft.route == before.route == "intravenous"
    if draft.minutes is None and same_way:
        draft.minutes = before.minutes
    if draft.value is None and "basis" not in draft.at and "cap" not in draft.at:
        draft.value, draft.unit = before.value, before.unit
        draft.basis, draft.cap = before.basis, before.cap
        if draft.value is not None:
            draft.at["dose"] = span


def _require(reader: Reader, draft: Draft, span: Span) -> None:
    if draft.value is None:
        start = min((at[0] for at in draft.at.values()), default=span[0])
        reader.fail(
            "no dose is given here",
            (start, span[1]),
            "add one such as '56 mg' or '0.5 mg/kg'; 'ketascope regimen' lists those with a name",
        )
    dose = draft.at["dose"]
    shown = reader.text[slice(*dose)]
    if draft.drug is None:
        reader.fail(
            f"'{shown}' names no drug", dose, "add ketamine, esketamine or arketamine before it"
        )
    if draft.route is None:
        reader.fail(
            f"'{shown}' names no route",
            dose,
            _routes_hint(draft.form),
        )


def _routes_hint(form: Form | None) -> str:
    if form is None:
        return "add one such as iv, intranasal, im, sc, oral or sublingual"
    fitting = [ROUTE_WORDS[route] for route in ROUTES if route in FORM_ROUTES[form]]
    return (
        f"add {', '.join(fitting[:-1])}{' or ' if fitting[1:] else ''}{fitting[-1]} beside '{form}'"
    )


def _rhythm(reader: Reader, named: Named, *, alone: bool) -> tuple[Frequency, Extent | None]:
    """Return how often and how long; one dose alone needs no words for it."""
    frequency, extent = named.frequency, named.extent
    one_dose = extent is not None and (extent.kind, extent.n) == ("doses", 1)
    if one_dose and (frequency is None or frequency.kind == "once"):
        return Frequency("once"), None
    if frequency is None and extent is None and alone:
        return Frequency("once"), None
    if frequency is None:
        reader.fail(
            f"'{reader.text[slice(*named.span)].strip()}' does not say how often it is given",
            named.span,
            "add a frequency such as 'twice weekly', 'daily' or 'once'",
        )
    where = named.at["extent"] if extent else named.at["frequency"]
    reader.checked(where, check_extent, frequency, extent)
    return frequency, extent
