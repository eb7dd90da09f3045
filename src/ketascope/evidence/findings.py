"""What studies found where no curve is worked out.

Cognition, driving, heart rate, tolerance and abstinence, harm of long use. They lie in
``data/findings.yaml``. Measurements, rules of labels and what is not known are kept apart by
``kind``.

>>> from ketascope.evidence.findings import findings
>>> sorted({one.kind for one in findings("driving")})
['measured', 'rule', 'unknown']
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Kind = Literal["measured", "rule", "unknown"]
Pattern = Literal[
    "single dose", "clinic", "extension", "case", "recreational", "infrequent", "frequent"
]
TOPICS: Final = (
    "cognition",
    "driving",
    "heart_rate",
    "tolerance",
    "abstinence",
    "bladder",
    "long_cognition",
    "dependence",
)
"""Topics, in the order of a report."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Number(_Strict):
    """One number of a finding: a printed value, or a count of people, which becomes a share.

    Parameters
    ----------
    what : str
    value : float or None
        As printed, in ``unit``; None where ``count`` is given.
    unit : str
    interval : (float, float) or None
        As printed, of the kind that ``interval_kind`` says.
    sd : float or None
    count, n : int or None
        People with it, and in all.
    """

    what: str = Field(min_length=1)
    value: float | None = None
    unit: str = ""
    interval: tuple[float, float] | None = None
    interval_kind: str = ""
    sd: float | None = Field(default=None, ge=0)
    count: int | None = Field(default=None, ge=0)
    n: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.value is None) == (self.count is None):
            raise ValueError(f"{self.what}: give a value or a count")
        if self.count is not None and (self.n is None or self.count > self.n):
            raise ValueError(f"{self.what}: a count needs n, and is not above it")
        if self.value is not None and not self.unit:
            raise ValueError(f"{self.what}: a value needs its unit")
        if self.interval is not None and not (
            self.value is not None and self.interval[0] <= self.value <= self.interval[1]
        ):
            raise ValueError(f"{self.what}: the value lies outside its interval")
        return self


class Finding(_Strict):
    """One finding, rule or gap.

    Parameters
    ----------
    id, topic : str
    kind : {"measured", "rule", "unknown"}
    what : str
        In a sentence or two.
    pattern : str or None
        How the people took it.
    people : str
    n : int or None
    dose : str
    values : tuple of Number
    source, where, how : str
        Key in ``sources.bib``, place, how it was read; empty only of what is not known.
    note : str
        What weakens it.
    """

    id: str
    topic: str
    kind: Kind
    what: str = Field(min_length=20)
    pattern: Pattern | None = None
    people: str = ""
    n: int | None = Field(default=None, gt=0)
    dose: str = ""
    values: tuple[Number, ...] = ()
    source: str = ""
    where: str = ""
    how: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.kind != "unknown" and not (self.source and self.where and self.how):
            raise ValueError("a finding needs its source, its place and how it was read")
        if self.kind == "measured" and not (self.pattern and self.people and self.dose):
            raise ValueError("a measurement needs its people, their pattern of use and the dose")
        if self.kind == "unknown" and self.values:
            raise ValueError("what is not known has no numbers")
        return self


def findings(topic: str | None = None) -> tuple[Finding, ...]:
    """Return findings of one topic, or all in the order of :data:`TOPICS`.

    Raises
    ------
    InputError
        For a topic that there is not.
    """
    found = _load()
    if topic is None:
        return tuple(one for name in TOPICS for one in found[name])
    if topic not in found:
        raise InputError(f"'{topic[:40]}' is not a topic", hint=f"there are {', '.join(TOPICS)}")
    return found[topic]


@lru_cache(maxsize=1)
def _load() -> dict[str, tuple[Finding, ...]]:
    from importlib.resources import files

    import yaml

    path = files("ketascope.evidence") / "data" / "findings.yaml"
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if set(data) != set(TOPICS):
        raise InputError(f"topics are {', '.join(TOPICS)}", where=path.name)
    return {topic: tuple(_finding(topic, row) for row in rows) for topic, rows in data.items()}


def _finding(topic: str, row: dict[str, Any]) -> Finding:
    try:
        return Finding(topic=topic, **row)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        where = f"findings.yaml, {topic}, {row.get('id')}"
        raise InputError(f"{spot}: {message}" if spot else message, where=where) from None
