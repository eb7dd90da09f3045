"""When a simulated person counts as ready to leave, from ``evidence/data/readiness.yaml``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadyCriterion(_Strict):
    """A level of one effect that must be reached again and kept.

    Parameters
    ----------
    effect : str
        Name of an acute effect.
    at_most, at_least : float or None
        Bound in the unit of the effect; one of the two.
    within_start : float
        With ``at_most``: so near to the own level at the start of the session is enough as well.
    falling : bool
        Whether the effect must also be past its strongest.
    says : str
        The same in words.
    convention : str
        What of it no source gives.
    """

    effect: str
    at_most: float | None = None
    at_least: float | None = None
    within_start: float = Field(default=0.0, ge=0)
    falling: bool = False
    says: str = Field(min_length=1)
    convention: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a criterion has either at_most or at_least")
        return self


class ReadyRule(_Strict):
    """All that must hold for a simulated person to count as ready.

    Parameters
    ----------
    id, title : str
    observe_h : float
        Least hours after the end of the last dose of a session.
    drug, route : str or None
        The one that the source speaks of; None where the rule is a convention for all.
    criteria : tuple of ReadyCriterion
    source, where, how : str
        Key in ``sources.bib``, place, how it was read.
    """

    id: str
    title: str
    observe_h: float = Field(ge=0)
    drug: str | None = None
    route: str | None = None
    criteria: tuple[ReadyCriterion, ...] = Field(min_length=1)
    source: str
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)

    @property
    def effects(self) -> tuple[str, ...]:
        """Names of the effects that it looks at."""
        return tuple(c.effect for c in self.criteria)


@lru_cache(maxsize=1)
def ready_rules() -> dict[str, ReadyRule]:
    """Return every rule, by id; the first is used unless another is asked for.

    Raises
    ------
    InputError
        If the file breaks the schema.
    """
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "readiness.yaml"
    return read_rules(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_rules(data: dict[str, Any]) -> dict[str, ReadyRule]:
    """Return rules from what a file holds; ``same_as`` takes over the criteria of an earlier one.

    Raises
    ------
    InputError
        If it breaks the schema.
    """
    found: dict[str, ReadyRule] = {}
    for row in data["rules"]:
        fields = dict(row)
        like = fields.pop("same_as", None)
        if like is not None and like not in found:
            raise InputError(f"there is no rule '{like}' before it", where=str(row.get("id")))
        if like is not None:
            fields["criteria"] = found[like].criteria
        try:
            rule = ReadyRule(**fields)
        except ValidationError as error:
            first = error.errors()[0]
            spot = ".".join(str(part) for part in first["loc"])
            raise InputError(f"{spot}: {first['msg']}", where="readiness.yaml") from None
        found[rule.id] = rule
    return found


def ready_rule(name: str | None) -> ReadyRule:
    """Return the rule of that name, the first for None.

    Raises
    ------
    InputError
        If there is none.
    """
    rules = ready_rules()
    if name is None:
        return next(iter(rules.values()))
    if name not in rules:
        raise InputError(
            f"there is no rule of readiness '{name}'", hint=f"there are {', '.join(rules)}"
        )
    return rules[name]
