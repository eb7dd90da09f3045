"""What to know before numbers of different models are held against each other.

Each sentence of :func:`comparability` names a declared attribute in which the models differ, or
which none of them states: what is not known is not taken to be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ketascope.evidence import sources
from ketascope.evidence.substances import analyte
from ketascope.models.structure import Model

UNKNOWN: Final = "not stated"

SITES = "Arterial and venous concentrations differ most in the first minutes after a dose"
MATRICES = "Concentrations in whole blood may differ from those in plasma"
SALT = (
    "A weight of hydrochloride holds 87 % of it as base, so where a source meant the salt its "
    "volumes and clearances are up to 15 % too high for base"
)


def comparability(models: Sequence[Model], name: Callable[[Model], str] | None = None) -> list[str]:
    """Say why the numbers of some models are not alike in kind.

    Parameters
    ----------
    models : sequence of Model
    name : callable, optional
        Returns what a model is called in the sentences; its ``name`` without it.

    Returns
    -------
    list of str
        A remark for each of: drug dosed, what of it is measured, site of sampling, matrix, base
        or hydrochloride, illness and age of the people, and numbers from the same source. None for
        fewer than two models, and none for an attribute that all of them state alike.
    """
    if len(models) < 2:
        return []
    called = name or (lambda model: model.name)

    def by(attribute: Callable[[Model], str]) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for model in models:
            groups.setdefault(attribute(model), []).append(called(model))
        return groups

    told = (
        _differ("The drug given differs", by(lambda m: m.drug)),
        _differ("The first analyte differs", by(_parent), "They are not the same quantity"),
        _stated("Sampling", by(lambda m: m.sampling), SITES),
        _stated("What was sampled", by(lambda m: m.matrix), MATRICES),
        _stated("As what doses were weighed", by(lambda m: m.doses_as), SALT),
        _differ("The people differ", by(_people)),
        *_shared(models, called),
    )
    return [sentence for sentence in told if sentence]


def _shared(models: Sequence[Model], called: Callable[[Model], str]) -> list[str]:
    """Say which models take numbers from the same publication: they do not confirm each other."""
    users: dict[str, list[str]] = {}
    for model in models:
        for key in dict.fromkeys(p.place.source for p in model.parameters):
            known = sources().get(key)
            # a program transcribes what others found
            if known is None or known.kind != "software":
                users.setdefault(key, []).append(called(model))
    groups = dict.fromkeys(tuple(names) for names in users.values() if len(names) > 1)
    return [f"{_and(names)} share numbers and are not independent." for names in groups]


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _parent(model: Model) -> str:
    return analyte(model.analytes[0]).display


def _people(model: Model) -> str:
    group = "children" if model.people.children else "adults"
    return model.people.ill or f"{group} not described as severely ill"


def _differ(what: str, groups: Mapping[str, Sequence[str]], so: str = "") -> str:
    """Say who has which, if they differ."""
    if len(groups) < 2:
        return ""
    return f"{what}: {_listed(groups)}{f'. {so}' if so else ''}."


def _stated(what: str, groups: Mapping[str, Sequence[str]], so: str) -> str:
    """Say who states what, if they differ or none does."""
    if list(groups) == [UNKNOWN]:
        return f"{what} is not stated in the source of any of these models, as read. {so}."
    if len(groups) < 2:
        return ""
    known = {value: names for value, names in groups.items() if value != UNKNOWN}
    last = {UNKNOWN: groups[UNKNOWN]} if UNKNOWN in groups else {}
    return f"{what} differs or is not known: {_listed({**known, **last})}. {so}."


def _listed(groups: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{value} ({', '.join(names)})" for value, names in groups.items())
