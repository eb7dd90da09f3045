"""Which model answers for a drug, its routes and a person, and what to be warned of.

The order of preference stands in ``choice.yaml`` with its reasons. Nothing is stretched: a drug,
route or form that no model covers is refused, with what is covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ketascope.errors import Unsupported
from ketascope.evidence.substances import analyte
from ketascope.models import get
from ketascope.models.borrowed import Borrowed
from ketascope.models.structure import Model

if TYPE_CHECKING:
    import pandas as pd

ADULT = 18.0
ADULTS, CHILDREN = "adults", "children"
BY_NAME = {ADULTS: "critically ill adults", CHILDREN: "critically ill children"}
"""Whom a model of ``choice.yaml`` was made from: of the ill, it answers by name only."""
MEASURES = {
    "cmax": "Cmax",
    "tmax": "Tmax",
    "auc24": "AUC0-24",
    "half_life": "Half-life",
    "last": "Last concentration",
}
"""Names of the figures that a model may flag."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A model, why it was taken, which others could answer, and notes on the forms assumed."""

    model: Model
    why: str
    alternatives: tuple[Model, ...]
    notes: tuple[str, ...]


class Preference(NamedTuple):
    """An entry of ``choice.yaml``: which model answers for a drug, why, and for whom."""

    drug: str
    model: str
    why: str
    people: str = ADULTS
    first_for: Sequence[str] | None = None

    def rank(self, routes: Sequence[str]) -> int:
        """Return 0 where it comes before all others for these routes, 2 where after them, or 1."""
        if self.first_for is None:
            return 1
        return 0 if set(routes) <= set(self.first_for) else 2


@lru_cache(maxsize=1)
def preferences() -> tuple[Preference, ...]:
    """Return the entries of ``choice.yaml``, in order of preference."""
    import yaml

    text = files("ketascope.models").joinpath("choice.yaml").read_text(encoding="utf-8")
    return tuple(Preference(**entry) for entry in yaml.safe_load(text))


def people_of(ages: Sequence[float]) -> str:
    """Return for whom a model is chosen: ``children`` if everybody is under 18, else ``adults``."""
    return CHILDREN if len(ages) and max(ages) < ADULT else ADULTS


def choose(
    drug: str,
    routes: Sequence[str],
    forms: Iterable[tuple[str, str | None]] = (),
    name: str | None = None,
    ages: Sequence[float] = (),
) -> Choice:
    """Choose the model for a drug, its routes and the age of the people.

    Where everybody is under 18, only models of children are chosen from; otherwise only models of
    adults, and the children among them are warned of. Alternatives are for the same people.

    Parameters
    ----------
    drug : str
        ketamine, esketamine or arketamine.
    routes : sequence of str
        Every route of the regimen.
    forms : iterable of (route, form or None)
        Forms that the regimen names.
    name : str, optional
        A model by name instead of the default.
    ages : sequence of float, optional
        Years of the people, or of the youngest and the oldest; none means adults.

    Raises
    ------
    Unsupported
        If no model covers them, or the named one does not.
    InputError
        If there is no model of that name.
    """
    wanted = tuple(dict.fromkeys(routes))
    chosen = tuple(forms)
    people = people_of(ages)
    able = _covering(drug, wanted, chosen, people)
    if name is not None:
        model = by_name(name)
        _refuse_unless_covered(model, drug, wanted, chosen)
        known = _reasons().get(name)
        why = f"asked for by name; {known}" if known else "asked for by name"
        others = [m for m in able if m is not model]
        return Choice(model, why, tuple(others), _form_notes(model, chosen))
    if not able:
        raise _not_covered(drug, wanted, chosen, people)
    why = _reasons()[able[0].name]
    return Choice(able[0], why, tuple(able[1:]), _form_notes(able[0], chosen))


def by_name(name: str) -> Model:
    """Return a model of the library, or the one of a file that says how doses enter by route.

    Raises
    ------
    InputError
        If there is none of that name, or the file's model is for data sets only.
    """
    from ketascope.models.load import is_file, load_model

    if not is_file(name):
        return get(name)
    model = load_model(name)
    if isinstance(model, Model):
        return model
    raise Unsupported(
        f"the model {model.name} does not say where a dose goes by its route",
        where=name,
        hint="give its doses as a data set with --data, or make it a Model with routes and inputs",
    )


def _not_covered(
    drug: str, routes: tuple[str, ...], forms: tuple[tuple[str, str | None], ...], people: str
) -> Unsupported:
    """Say that no model answers, and which could be asked for by name."""
    what = f"{drug} given {_and(routes)}{_named_forms(forms)}"
    who = " in people under 18" if people == CHILDREN else ""
    hints = [
        f"{m.name}, made from {m.people.ill}, answers when it is named with --model"
        for m in _covering(drug, routes, forms, BY_NAME[people])
    ]
    adult = [m.name for m in _covering(drug, routes, forms, ADULTS)] if people == CHILDREN else []
    if adult:
        hints.append(
            "models of adults must not be used for children; to draw on one all the same, name it "
            f"with --model: {', '.join(adult)}"
        )
    return Unsupported(
        f"no published model in the library covers {what}{who}",
        hint="; ".join(hints) or f"covered are {covered()}",
    )


def setting_notes(
    setting: str | None, drug: str, routes: Sequence[str], ages: Sequence[float] = ()
) -> list[str]:
    """Say which model was made from people in intensive care, where the setting is one.

    The words of a setting are free, so they choose no model; they are answered with its name.
    """
    if not setting or not re.search(r"\b(p?icu|nicu|itu|intensive|critical)", setting.casefold()):
        return []
    return [
        f"The setting is '{setting}': {m.name} was made from {m.people.ill} and answers only when "
        "it is asked for by name."
        for m in _covering(drug, tuple(routes), (), BY_NAME[people_of(ages)])
    ]


def _reasons() -> dict[str, str]:
    return {entry.model: entry.why for entry in preferences()}


def _covering(
    drug: str, routes: tuple[str, ...], forms: tuple[tuple[str, str | None], ...], people: str
) -> list[Model]:
    mine = [e for e in preferences() if (e.drug, e.people) == (drug, people)]
    models = [get(e.model) for e in sorted(mine, key=lambda e: e.rank(routes))]
    able = [m for m in models if set(routes) <= set(m.routes) and not _wrong_form(m, forms)]
    # a borrowed disposition has nothing to add where its lender covers the routes itself
    return [m for m in able if not (isinstance(m, Borrowed) and m.disposition in able)]


def _wrong_form(model: Model, forms: tuple[tuple[str, str | None], ...]) -> tuple[str, str] | None:
    """Return the first (route, form) that the model was not made from."""
    for route, form in forms:
        if form is not None and model.forms.get(route, form) != form:
            return route, form
    return None


def _refuse_unless_covered(
    model: Model,
    drug: str,
    routes: tuple[str, ...],
    forms: tuple[tuple[str, str | None], ...],
) -> None:
    missing = [route for route in routes if route not in model.routes]
    wrong = _wrong_form(model, forms)
    if drug == model.drug and not missing and wrong is None:
        return
    asked = f"{wrong[0]} {wrong[1]}" if wrong and not missing else _and(missing or list(routes))
    raise Unsupported(
        f"the model {model.name} does not cover {drug} given {asked}",
        hint=f"it covers {_coverage(model)}",
    )


def _form_notes(model: Model, forms: tuple[tuple[str, str | None], ...]) -> tuple[str, ...]:
    # a nasal dose of esketamine is the device already by the regimen language
    silent = {r for r, form in forms if form is None and r in model.forms and r != "intranasal"}
    return tuple(
        f"The {route} dose is taken to be the {model.forms[route]} that the model was made from."
        for route in sorted(silent)
    )


def _coverage(model: Model) -> str:
    routes = [
        f"{route} ({model.forms[route]})" if route in model.forms else route
        for route in model.routes
    ]
    group = "children" if model.people.children else "adults"
    ages = model.people.age
    if ages:
        group = "children" if model.people.children else "people"
        group = f"{group} of {ages[0]:g} to {ages[1]:g} years"
    elif model.people.ill:
        group = model.people.ill
    return f"{model.drug} given {_and(routes)} in {group} ({model.name})"


def covered() -> str:
    """Say in words which drugs, routes and people the library covers."""
    return "; ".join(_coverage(get(entry.model)) for entry in preferences())


def model_warnings(model: Model, people: pd.DataFrame, *, random: bool) -> list[str]:
    """Say what a reader of the numbers must know of the model and of whom it is used for.

    Parameters
    ----------
    model : Model
    people : DataFrame
        With columns age (y) and weight (kg).
    random : bool
        Whether people are meant to differ by more than their covariates.

    Returns
    -------
    list of str
        Sentences, gravest first.
    """
    warnings = _wrong_people(model, people)
    if model.made_here:
        warnings.append(f"{model.name}: {model.made_here[0].lower()}{model.made_here[1:]}")
    warnings.extend(_outside(model, people))
    if model.people.ill:
        warnings.append(
            f"{model.name} was made from {model.people.ill}; exposure in other people may differ."
        )
    warnings.extend(
        f"{MEASURES[measure]} of {analyte(name).display}: {sentence}"
        for (name, measure), sentence in model.flags.items()
    )
    if random and not model.has_variability:
        warnings.append(
            f"The source of {model.name} prints no spread between people: the curves differ by "
            "covariates only, and the true spread is unknown, not zero."
        )
    return warnings


def _wrong_people(model: Model, people: pd.DataFrame) -> list[str]:
    """Warn of adults under a model of children, and of children under any other."""
    minors = people["age"].to_numpy() < ADULT
    wrong, age = (minors, "under 18")
    if model.people.children:
        wrong, age = ~minors, "18 or older"
    if not wrong.any():
        return []
    kind = "adults" if model.people.children else "children"
    who = "Some people are"
    if wrong.all():
        who = "The patient is" if people["age"].nunique() == 1 else "The people are"
    return [f"{who} {age}: {model.name} must not be used for {kind}."]


USUAL = {"age": (18.0, 65.0), "weight": (45.0, 110.0)}
"""Years and kg beyond which a result carries a warning where a source, as read, prints no range:
a convention of this project, meant to be on the safe side."""
USUAL_CHILDREN = {"age": (1.0, 18.0), "weight": (8.0, 80.0)}
"""The same for models of children."""


def _outside(model: Model, people: pd.DataFrame) -> list[str]:
    """Say who is outside the people a model was made from: a sentence for each covariate."""
    warnings = []
    ranges = (("age", "years", model.people.age), ("weight", "kg", model.people.weight))
    for column, unit, printed in ranges:
        usual = USUAL_CHILDREN if model.people.children else USUAL
        low, high = printed or usual[column]
        values = people[column].to_numpy()
        # sources count completed years: 65.6 is not above 65
        highest = np.floor(values) if column == "age" else values
        outside = (values < low) | (highest > high)
        if not outside.any():
            continue
        if printed:
            told = f"the {low:g} to {high:g} {unit} of the people {model.name} was made from"
            so = "an extrapolation"
        else:
            told = f"{low:g} to {high:g} {unit}; the source of {model.name} as read prints no range"
            so = "possibly an extrapolation"
        if values.min() == values.max():
            who, this = f"{column.capitalize()} {values[0]:.4g} {unit} is", "the result is"
        else:
            who = f"{int(outside.sum())} of {len(values)} people are by {column}"
            this = "for them the result is"
        warnings.append(f"{who} outside {told}: {this} {so}.")
    return warnings


def _named_forms(forms: tuple[tuple[str, str | None], ...]) -> str:
    named = sorted({form for _, form in forms if form})
    return f" as {_and(named)}" if named else ""


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
