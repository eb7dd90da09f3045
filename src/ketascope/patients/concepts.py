"""The concepts that facts speak of: what they are, what to ask, and which implies which.

They lie in ``data/concepts.yaml``; the codes by which records name them lie beside it.

>>> concept("schizophrenia").parents, "schizophrenia" in below("psychosis")
(('psychosis',), True)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Kind = Literal[
    "condition", "medicine", "observation", "allergy", "procedure", "setting", "questionnaire"
]


class Sign(BaseModel):
    """A measurement that makes a concept worth asking about, and does not make it present.

    Parameters
    ----------
    concept : str
    at_least : float
        In the unit of that concept.
    within_days : int
        Older values are no sign.
    source : str
        Key in ``sources.bib``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    concept: str
    at_least: float
    within_days: int = Field(gt=0)
    source: str


class Concept(BaseModel):
    """One thing that can be present, denied or unknown.

    Parameters
    ----------
    id, name : str
    kind : str
    question : str
        What to ask, in plain words, where the record does not say.
    parents : tuple of str
        What it implies.
    unit : str
        Of a measurement; ``""`` for what has none.
    limits : (float, float) or None
        Values of a measurement outside these are taken for errors of writing.
    sign : Sign or None
        What in a record makes it worth asking about.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=3)
    kind: Kind
    question: str = Field(min_length=8, pattern=r"\?$")
    parents: tuple[str, ...] = ()
    unit: str = ""
    limits: tuple[float, float] | None = None
    sign: Sign | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.kind in ("observation", "questionnaire")) != (self.limits is not None):
            raise ValueError("a measurement has limits, and nothing else has")
        return self


def concepts() -> dict[str, Concept]:
    """Return every concept by its id, in the order of the file."""
    return dict(_load())


def concept(name: str, where: str | None = None) -> Concept:
    """Return one concept.

    Raises
    ------
    InputError
        If there is none of that name; the nearest ones are named.
    """
    found = _load().get(name)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(name, _load(), n=3)
        raise InputError(
            f"'{name[:60]}' is not a concept that is known here",
            where=where,
            hint=f"did you mean {' or '.join(near)}" if near else "the documentation lists them",
        )
    return found


@lru_cache(maxsize=1024)
def above(name: str) -> frozenset[str]:
    """Return every concept that a concept implies, itself not among them."""
    parents = concept(name).parents
    return frozenset(parents).union(*(above(parent) for parent in parents))


@lru_cache(maxsize=1024)
def below(name: str) -> frozenset[str]:
    """Return every concept that implies a concept, itself not among them."""
    concept(name)
    return frozenset(one for one in _load() if name in above(one))


@lru_cache(maxsize=1)
def _load() -> dict[str, Concept]:
    from importlib.resources import files

    import yaml

    path = files("ketascope.patients") / "data" / "concepts.yaml"
    content = yaml.load(
        path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    found: dict[str, Concept] = {}
    for name, row in content.items():
        try:
            found[name] = Concept(id=name, **row)
        except ValidationError as error:
            first = error.errors()[0]
            spot = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{spot}: {message} (in {name})", where=path.name) from None
    return found
