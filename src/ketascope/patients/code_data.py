"""The schema of the files of codes, and their reading."""

from __future__ import annotations

from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

ConditionSystem = Literal["snomed", "icd10cm", "icd10"]
MedicineSystem = Literal["rxnorm", "unii", "ndc", "snomed"]
Names = tuple[str, ...]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Row):
    """Codes of one system with the place where they were read; or words, the last resort."""

    system: ConditionSystem | Literal[""] = ""
    read: str = ""
    codes: Names = ()
    past: str = ""
    words: Names = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.words) == bool(self.system and self.codes and self.read):
            raise ValueError("a group holds words, or codes with their system and place")
        return self


class Denial(_Row):
    """A code that says that nothing of a kind is known."""

    system: Literal["snomed", "loinc"]
    code: str
    denies: str
    read: str


class Result(_Row):
    """An answer that affirms or denies what the question asks."""

    system: Literal["snomed", "loinc"]
    code: str
    means: Literal["present", "denied"]
    read: str


class Measured(_Row):
    """A LOINC code; ``concept`` where the entry stands in a list and not under a concept."""

    code: str = Field(pattern=r"^\d{1,7}-\d$")
    read: str
    concept: str | None = None


class Questionnaire(_Row):
    """A form: the concept of its total, its LOINC panels, its items and their points."""

    name: str
    total: str
    panels: Names
    item_range: tuple[int, int]
    items: Names
    read: str


class CodeFile(_Row):
    """What ``codes.yaml`` holds."""

    places: dict[str, str]
    codes: dict[str, tuple[Group, ...]]
    general: dict[str, Names]
    denials: tuple[Denial, ...]
    measurements: dict[str, tuple[Measured, ...]]
    panels: tuple[Measured, ...]
    questions: tuple[Measured, ...]
    results: tuple[Result, ...]
    questionnaires: tuple[Questionnaire, ...]
    answers: dict[str, int]


class Substance(_Row):
    """A medicine: its classes, other names, and its RxNorm ingredient by place of reading."""

    classes: Names = Field(min_length=1)
    also: Names = ()
    rxnorm: dict[str, str] = {}
    form: str = ""
    own: bool = False


class MedicineCodes(_Row):
    """Further codes of one substance."""

    substance: str
    system: MedicineSystem
    codes: Names
    read: str


class MedicineFile(_Row):
    """What ``medicines.yaml`` holds."""

    places: dict[str, str]
    classes: dict[str, str]
    atc: dict[str, Names]
    codes: tuple[MedicineCodes, ...]
    substances: dict[str, Substance]


F = TypeVar("F", bound=BaseModel)


def code_file() -> CodeFile:
    """Return the codes of conditions and measurements."""
    return _checked(CodeFile, "codes.yaml")


def medicine_file() -> MedicineFile:
    """Return the medicines by class."""
    return _checked(MedicineFile, "medicines.yaml")


def product_file() -> dict[str, str]:
    """Return RxNorm product codes, parted by blanks, by substance."""
    content: dict[str, str] = _content("rxnorm_products.yaml")
    return content


def _checked(schema: type[F], name: str) -> F:
    try:
        return schema.model_validate(_content(name))
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{spot}: {message}", where=name) from None


def _content(name: str) -> Any:
    from importlib.resources import files

    import yaml

    path = files("ketascope.patients") / "data" / name
    text = path.read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
