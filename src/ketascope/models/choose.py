"""Which model answers for a drug, its routes and a person, and what to be warned of.

The order of preference stands in ``choice.yaml`` with its reasons. Nothing is stretched: a drug,
route or form that no model covers is refused, with what is covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ketascope.errors import Unsupported
from ketascope.evidence.substances import analyte
from ketascope.models import get
from ketascope.models.structure import Model

if TYPE_CHECKING:
    import pandas as pd

ADULT = 18.0
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


@lru_cache(maxsize=1)
def preferences() -> tuple[tuple[str, str, str], ...]:
    """Return (drug, model name, why) in order of preference."""
    import yaml

    text = files("ketascope.models").joinpath("choice.yaml").read_text(encoding="utf-8")
    return tuple((e["drug"], e["model"], e["why"]) for e in yaml.safe_load(text))


def choose(
    drug: str,
    routes: Sequence[str],
    forms: Iterable[tuple[str, str | None]] = (),
    name: str | None = None,
) -> Choice:
    """Choose the model for a drug and its routes.

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

    Raises
    ------
    Unsupported
        If no model covers them, or the named one does not.
    InputError
        If there is no model of that name.
    """
    wanted = tuple(dict.fromkeys(routes))
    chosen = tuple(forms)
    if name is not None:
        model = by_name(name)
        _refuse_unless_covered(model, drug, wanted, chosen)
        known = _reasons().get(name)
        why = f"asked for by name; {known}" if known else "asked for by name"
        others = [m for m in _covering(drug, wanted, chosen) if m is not model]
        return Choice(model, why, tuple(others), _form_notes(model, chosen))
    able = _covering(drug, wanted, chosen)
    if not able:
        raise Unsupported(
            f"no published model in the library covers {drug} given {_and(wanted)}"
            f"{_named_forms(chosen)}",
            hint=f"covered are {covered()}",
        )
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


def _reasons() -> dict[str, str]:
    return {model: why for _, model, why in preferences()}


def _covering(
    drug: str, routes: tuple[str, ...], forms: tuple[tuple[str, str | None], ...]
) -> list[Model]:
    models = [get(model) for given, model, _ in preferences() if given == drug]
    return [m for m in models if set(routes) <= set(m.routes) and not _wrong_form(m, forms)]


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
    ages = model.people.age
    people = f"people of {ages[0]:g} to {ages[1]:g} years" if ages else "adults"
    return f"{model.drug} given {_and(routes)} in {people} ({model.name})"


def covered() -> str:
    """Say in words which drugs, routes and people the library covers."""
    return "; ".join(_coverage(get(name)) for _, name, _ in preferences())


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
    warnings = []
    minors = int((people["age"].to_numpy() < ADULT).sum())
    if minors:
        who = "The patient is" if len(people) == 1 or minors == len(people) else "Some people are"
        warnings.append(f"{who} under 18: {model.name} must not be used for children.")
    warnings.extend(_outside(model, people))
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


USUAL = {"age": (18.0, 65.0), "weight": (45.0, 110.0)}
"""Years and kg beyond which a result carries a warning where a source, as read, prints no range:
a convention of this project, meant to be on the safe side."""


def _outside(model: Model, people: pd.DataFrame) -> list[str]:
    """Say who is outside the people a model was made from: a sentence for each covariate."""
    warnings = []
    ranges = (("age", "years", model.people.age), ("weight", "kg", model.people.weight))
    for column, unit, printed in ranges:
        low, high = printed or USUAL[column]
        values = people[column].to_numpy()
        outside = (values < low) | (values > high)
        if not outside.any():
            continue
        if printed:
            told = f"the {low:g} to {high:g} {unit} of the people {model.name} was made from"
            so = "an extrapolation"
        else:
            told = f"{low:g} to {high:g} {unit}; the source of {model.name} as read prints no range"
            so = "possibly an extrapolation"
        if values.min() == values.max():
            who, this = f"{column.capitalize()} {values[0]:g} {unit} is", "the result is"
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
