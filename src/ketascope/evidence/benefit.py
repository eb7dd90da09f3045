"""Whether dissociation goes with benefit: what studies found, on both sides.

>>> from ketascope.evidence.benefit import dissociation_and_benefit
>>> sorted({row.link for row in dissociation_and_benefit()})
['mixed', 'no', 'yes']
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ketascope.errors import InputError

FILE = "dissociation_and_benefit.yaml"


class Benefit(BaseModel):
    """One study: whether it found a link, in whom, and the numbers.

    Parameters
    ----------
    study, source : str
        Name, and key in ``sources.bib``.
    link : {"yes", "no", "mixed"}
    drug, route, people, found, where, how : str
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: str = Field(min_length=1)
    source: str = Field(min_length=1)
    link: Literal["yes", "no", "mixed"]
    drug: str
    route: str
    people: str
    found: str = Field(min_length=1)
    where: str = Field(min_length=1)
    how: str = Field(min_length=1)


@lru_cache(maxsize=1)
def dissociation_and_benefit() -> tuple[Benefit, ...]:
    """Return the findings in the order of the file.

    Raises
    ------
    InputError
        If the file breaks the schema.
    """
    from importlib.resources import files

    import yaml

    text = (files("ketascope.evidence") / "data" / FILE).read_text(encoding="utf-8")
    try:
        return tuple(Benefit(**row) for row in yaml.safe_load(text))
    except ValidationError as error:
        raise InputError(str(error.errors()[0]["msg"]), where=FILE) from None
