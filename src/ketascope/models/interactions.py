"""What other medicines do to exposure: multipliers on named parameters, or why it is not predicted.

An effect is used on the routes, with the drug and in the model that it was measured or published
for, and nowhere else: what is not known is said to be not predicted, never taken to be nothing.

>>> from ketascope.models import get
>>> told = effect(get("ashraf_2018"), "Biaxin", ["oral"])
>>> told.medicine, told.basis, dict(told.multiply)["CLint_H"]
('clarithromycin', 'calibrated', 0.5692)
>>> effect(get("clements_1981"), "clarithromycin", ["intravenous"]).predicted
False
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ketascope.errors import InputError
from ketascope.models import interaction_words as words
from ketascope.models.medicines import (
    Medicine,
    entries,
    find,
    key_of,
    medicines,
    ratio_record,
    ratios,
)

if TYPE_CHECKING:
    from ketascope.models.structure import Individual, Model

__all__ = [
    "BASES",
    "Effect",
    "Medicine",
    "as_far",
    "effect",
    "effects",
    "find",
    "medicines",
    "multiplied",
    "multipliers",
]

Basis = Literal["calibrated", "published model", "no change", "not predicted"]
BASES: dict[Basis, str] = {
    "calibrated": "calibration of this project",
    "published model": "as the published model has it",
    "no change": "no change found",
    "not predicted": "not predicted",
}
"""What each basis is called where it is shown."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a medicine does to the parameters of a model, or that it is not predicted.

    Parameters
    ----------
    medicine : str
        Its name; as it was given where nothing is known of it.
    basis : str
        One of :data:`BASES`.
    text : str
        Sentences for the reader of a result.
    multiply : mapping
        Factor on each parameter that changes; empty where none does.
    ratios : tuple of str
        Ids of the published values that it rests on or, where not predicted, that are known.
    gives : mapping
        Of these, what the model gives.
    sources : tuple of str
        Keys in sources.bib.
    """

    medicine: str
    basis: Basis
    text: str
    multiply: Mapping[str, float] = field(default_factory=dict)
    ratios: tuple[str, ...] = ()
    gives: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    @property
    def predicted(self) -> bool:
        """Whether exposure with the medicine is predicted."""
        return self.basis != "not predicted"

    def record(self) -> dict[str, Any]:
        """Return it as results and reports carry it, published ratios with it."""
        known = {v.id: v for v in ratios()}
        return {
            "medicine": self.medicine,
            "predicted": self.predicted,
            "basis": BASES[self.basis],
            "multiply": dict(self.multiply),
            "text": self.text,
            "ratios": [
                {**ratio_record(known[name]), "model_gives": self.gives.get(name)}
                for name in self.ratios
            ],
            "sources": list(self.sources),
        }


def effect(model: Model, name: str, routes: Sequence[str]) -> Effect:
    """Return what a medicine does to a model's parameters on some routes.

    Parameters
    ----------
    model : Model
    name : str
        Medicine, by any of its names.
    routes : sequence of str
        Every route of the regimen.

    Returns
    -------
    Effect
        With multipliers; or "no change"; or "not predicted", with the reason and what is known.

    Raises
    ------
    InputError
        If the name is empty.
    """
    if not key_of(name):
        raise InputError("a medicine without a name was given", hint="name it, or leave it out")
    medicine = find(name)
    if medicine is None:
        return Effect(name, "not predicted", words.no_data(name))
    for entry in entries():
        if entry["medicine"] == medicine.name and _holds(entry, model, routes):
            return _applied(entry, model, routes)
    values = medicine.values()
    cited = (*(v.source for v in values), *(f.source for f in medicine.known))
    return Effect(
        medicine.name,
        "not predicted",
        words.not_predicted(medicine, model, routes),
        ratios=tuple(v.id for v in values),
        sources=tuple(dict.fromkeys(cited)),
    )


def effects(model: Model, names: Iterable[str], routes: Sequence[str]) -> tuple[Effect, ...]:
    """Return what several medicines do together.

    A medicine that is named twice counts once. Where more than one of them changes exposure, none
    of these is predicted: no combination was studied.

    Raises
    ------
    InputError
        If one text is given instead of a list of names, or a name is empty.
    """
    if isinstance(names, str):
        raise InputError(
            "medicines taken beside it are a list of names", hint=f"write beside=({names!r},)"
        )
    found: dict[str, Effect] = {}
    for name in names:
        told = effect(model, name, routes)
        found.setdefault(key_of(told.medicine), told)
    active = [told.medicine for told in found.values() if told.multiply]
    if len(active) < 2:
        return tuple(found.values())
    return tuple(_beside(told, active) if told.multiply else told for told in found.values())


def multipliers(told: Iterable[Effect]) -> dict[str, float]:
    """Return the factor on each parameter of a model, from effects that go together."""
    found: dict[str, float] = {}
    for each in told:
        for name, factor in each.multiply.items():
            found[name] = found.get(name, 1.0) * factor
    return found


def multiplied(p: Individual, told: Iterable[Effect]) -> Individual:
    """Return individual parameters as they are with the medicines."""
    changed = {name: p[name] * factor for name, factor in multipliers(told).items()}
    return p.replace(**changed) if changed else p


def as_far(model: Model, other: Model, names: Sequence[str], routes: Sequence[str]) -> bool:
    """Whether another model predicts every effect on exposure that a model predicts.

    Curves of two models with a medicine can be held against each other only where both have it.
    """
    mine = {told.medicine for told in effects(model, names, routes) if told.multiply}
    theirs = {told.medicine for told in effects(other, names, routes) if told.multiply}
    return mine <= theirs


def _holds(entry: Mapping[str, Any], model: Model, routes: Sequence[str]) -> bool:
    if not set(routes) <= set(entry["routes"]):
        return False
    if "model" in entry:
        return bool(entry["model"] == model.name)
    return bool(entry["drug"] == model.drug)


def _applied(entry: Mapping[str, Any], model: Model, routes: Sequence[str]) -> Effect:
    basis: Basis = entry["basis"]
    values = [v for v in ratios() if v.id in entry["gives"]]
    return Effect(
        entry["medicine"],
        basis,
        words.applied(entry, BASES[basis], values, model, routes),
        entry.get("multiply", {}),
        tuple(v.id for v in values),
        entry["gives"],
        tuple(dict.fromkeys(v.source for v in values)),
    )


def _beside(told: Effect, active: Sequence[str]) -> Effect:
    """Take back an effect beside others that change exposure too."""
    others = [name for name in active if name != told.medicine]
    text = words.together(told.medicine, others)
    return Effect(told.medicine, "not predicted", text, ratios=told.ratios, sources=told.sources)
