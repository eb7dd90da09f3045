"""Rules of safe use, read from ``data/rules``; the documents that they rest on from ``documents``.

A rule names the document that it was read in and the section; drug, formulations and places are
those of the document unless the rule says otherwise. No rule is without a source.

>>> rule = rules()["spravato_us_aneurysm"]
>>> rule.severity, rule.source, rule.section
('contraindicated', 'spravato_us_label', '4')
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError
from ketascope.safety.conditions import Condition
from ketascope.safety.regimen_rules import Formulation

if TYPE_CHECKING:
    from ketascope.safety.regimen_rules import Use

Severity = Literal["contraindicated", "avoid", "caution", "monitor", "inform"]
Jurisdiction = Literal["us", "eu", "uk", "ch", "no", "ca", "au", "nz", "jp"]
Kind = Literal[
    "contraindication",
    "warning",
    "interaction",
    "population",
    "preparation",
    "setting",
    "indication",
    "cotreatment",
    "dose",
    "review",
]
DocumentKind = Literal["label", "programme", "agency", "guideline", "study", "reference"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the gravest down."""
JURISDICTIONS: tuple[Jurisdiction, ...] = get_args(Jurisdiction)
PLACES: dict[str, str] = {
    "us": "United States",
    "eu": "European Union",
    "uk": "United Kingdom",
    "ch": "Switzerland",
    "no": "Norway",
    "ca": "Canada",
    "au": "Australia",
    "nz": "New Zealand",
    "jp": "Japan",
}


def place_words(place: str) -> str:
    """Return the name of a place as it stands in a sentence: the United States, Switzerland."""
    name = PLACES[place]
    return f"the {name}" if name.startswith(("United", "European")) else name


ADVICE: frozenset[Kind] = frozenset({"cotreatment", "dose", "review"})
"""Kinds of rule by which a label says how to use the medicine; they end where its licence ends."""

M = TypeVar("M", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(_Strict):
    """What rules were read in.

    Parameters
    ----------
    id, title : str
    kind : {"label", "programme", "agency", "guideline", "study", "reference"}
    source : str
        Key in ``sources.bib``.
    drugs, formulations : tuple of str
        That it is about.
    jurisdictions : tuple of str
        Where it holds; ``any`` is everywhere.
    version, read_on : str
        Which version was read, and when.
    current : bool
        Whether the whole text in force (of a paper, the whole paper) was read.
    how : str
        How it was read.
    not_read : tuple of str
        Sections that nobody read; a screen tells them as not screened.
    """

    id: str
    title: str = Field(min_length=5)
    kind: DocumentKind
    source: str
    drugs: tuple[Literal["ketamine", "esketamine", "arketamine"], ...] = Field(min_length=1)
    formulations: tuple[Formulation, ...] = Field(min_length=1)
    jurisdictions: tuple[Jurisdiction | Literal["any"], ...] = Field(min_length=1)
    version: str = Field(min_length=3)
    read_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    current: bool = False
    how: str = Field(min_length=5)
    not_read: tuple[str, ...] = ()

    @property
    def reading(self) -> str:
        """How far it was read, in words; says so where the current label was not read."""
        missing = "current label" if self.kind == "label" else "full text"
        what = "" if self.current else f"{missing} not read; "
        return f"{what}{self.version}, {self.how} ({self.read_on})"


class Rule(_Strict):
    """One rule, whole: with what it takes from its document.

    Parameters
    ----------
    id, title : str
    document : str
        Where it was read; see :class:`Document`.
    section : str
        Place in the document.
    kind : str
    severity : {"contraindicated", "avoid", "caution", "monitor", "inform"}
    drugs, formulations, jurisdictions : tuple of str
    condition : Condition
        What must be so for the rule to apply to a patient.
    message, action : str
        What is the matter, and what to do.
    off_label : bool
        Whether it says that the use is outside the licence.
    exposure : bool
        Whether it is about a change in exposure, which is then looked up or simulated.
    label_read : bool
        Whether the current text of its document was read.
    source, reading : str
        Key in ``sources.bib``, and how it was read.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=3)
    document: str
    section: str = Field(min_length=1)
    kind: Kind
    severity: Severity
    drugs: tuple[str, ...] = Field(min_length=1)
    formulations: tuple[Formulation, ...] = Field(min_length=1)
    jurisdictions: tuple[Jurisdiction | Literal["any"], ...] = Field(min_length=1)
    condition: Condition
    message: str = Field(min_length=10)
    action: str = Field(min_length=10)
    off_label: bool = False
    exposure: bool = False
    label_read: bool
    source: str = Field(min_length=3)
    reading: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.off_label and self.kind != "indication":
            raise ValueError("only a rule on the indication can say that a use is off label")
        return self

    def holds_in(self, jurisdiction: str) -> bool:
        """Whether it is a rule of a place."""
        return "any" in self.jurisdictions or jurisdiction in self.jurisdictions

    def covers(self, use: Use) -> bool:
        """Whether it is about a drug by a route."""
        return use.drug in self.drugs and bool(use.formulations & set(self.formulations))

    @property
    def rank(self) -> int:
        """0 for the gravest severity."""
        return SEVERITIES.index(self.severity)


class LookedFor(_Strict):
    """Something that a rule was looked for, and no source was found.

    ``concepts`` are those that a patient's record may hold; they are then told as not screened.
    """

    item: str = Field(min_length=3)
    looked_in: str = Field(min_length=10)
    found: str = Field(min_length=10)
    concepts: tuple[str, ...] = ()


def rules() -> dict[str, Rule]:
    """Return every rule by id, in the order of the files."""
    return dict(_rules())


def documents() -> dict[str, Document]:
    """Return every document that rules rest on, by id."""
    return dict(_documents())


def looked_for() -> tuple[LookedFor, ...]:
    """Return what was looked for without finding a source."""
    return _looked_for()


def jurisdiction(name: str, where: str | None = None) -> Jurisdiction:
    """Return the place of a name, in any case.

    Raises
    ------
    InputError
        If it is not known; the message lists those that are.
    """
    found = next((one for one in JURISDICTIONS if one == name.strip().casefold()), None)
    if found is None:
        raise InputError(
            f"'{name[:40]}' is not a jurisdiction that is known here",
            where=where,
            hint=f"known are {', '.join(JURISDICTIONS)}",
        )
    return found


def severity(name: str, where: str | None = None) -> Severity:
    """Return the severity of a name, in any case (InputError if there is none)."""
    found = next((one for one in SEVERITIES if one == name.strip().casefold()), None)
    if found is None:
        raise InputError(
            f"'{name[:40]}' is not a severity",
            where=where,
            hint=f"known are {', '.join(SEVERITIES)}",
        )
    return found


@lru_cache(maxsize=1)
def _documents() -> dict[str, Document]:
    content = read_yaml("documents.yaml")
    return {name: made(Document, "documents.yaml", name, {"id": name, **row})
            for name, row in content.items()}  # fmt: skip


@lru_cache(maxsize=1)
def _rules() -> dict[str, Rule]:
    from importlib.resources import files

    folder = files("ketascope.safety") / "data" / "rules"
    found: dict[str, Rule] = {}
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if not path.name.endswith(".yaml"):
            continue
        for name, row in read_yaml(f"rules/{path.name}").items():
            for rule in _made(path.name, name, row):
                if rule.id in found:
                    raise InputError(f"the rule '{rule.id}' is there twice", where=path.name)
                found[rule.id] = rule
    return found


def _made(file: str, name: str, row: dict[str, Any]) -> list[Rule]:
    """One rule, and one more for each document that says the same (``also``)."""
    others = row.pop("also", [])
    main = row.get("document", "")
    if not name.startswith(f"{main}_"):
        raise InputError(f"the id '{name}' does not begin with its document", where=file)
    found = [_rule(file, name, row)]
    for other in others:
        told = other if isinstance(other, dict) else {"document": other}
        same = name.replace(main, told["document"], 1)
        found.append(_rule(file, same, {**row, **told}))
    return found


def _rule(file: str, name: str, row: dict[str, Any]) -> Rule:
    document = _documents().get(row.get("document", ""))
    if document is None:
        raise InputError(f"'{row.get('document')}' is no document (in {name})", where=file)
    taken = {
        "drugs": document.drugs,
        "formulations": document.formulations,
        "jurisdictions": document.jurisdictions,
        "source": document.source,
        "label_read": document.current,
        "reading": document.reading,
    }
    return made(Rule, file, name, {"id": name, **taken, **row})


@lru_cache(maxsize=1)
def _looked_for() -> tuple[LookedFor, ...]:
    rows = read_yaml("looked_for.yaml")
    return tuple(made(LookedFor, "looked_for.yaml", row.get("item", "?"), row) for row in rows)


def read_yaml(name: str) -> Any:
    """Return the content of a data file of this package."""
    from importlib.resources import files

    import yaml

    path = files("ketascope.safety") / "data" / name
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def made(kind: type[M], file: str, name: str, row: dict[str, Any]) -> M:
    """Return one entry of a data file, or say in which entry something is wrong."""
    try:
        return kind(**row)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{spot or name}: {message} (in {name})", where=file) from None
