"""The shape of a YAML regimen, and the lines its keys stand on."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ketascope.dosing.schedule import MAX_ADMINISTRATIONS, MAX_DAYS
from ketascope.errors import InputError

Made = TypeVar("Made")
Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Common(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    drug: Text | None = None
    route: Text | None = None
    form: Text | None = None
    time: Text | None = None
    amount: Text | None = None
    duration: Text | None = None
    spacing: Text | None = None

    @field_validator("time", mode="before")
    @classmethod
    def _clock(cls, value: object) -> object:
        # YAML 1.1 reads an unquoted 10:30 as the number of minutes 630.
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
            return f"{value // 60:02d}:{value % 60:02d}"
        return value

    @field_validator("spacing", mode="before")
    @classmethod
    def _minutes(cls, value: object) -> object:
        """Take a bare number for minutes."""
        bare = isinstance(value, (int, float)) and not isinstance(value, bool)
        return f"{value} min" if bare else value


class Given(_Common):
    """One administration."""

    day: Annotated[int, Field(ge=1, le=MAX_DAYS, strict=True)] | None = None
    date: datetime.date | None = None


class RegimenFile(_Common):
    """The whole file."""

    name: Annotated[str, Field(max_length=200)] = ""
    start: datetime.date | None = None
    administrations: Annotated[list[Given], Field(min_length=1, max_length=MAX_ADMINISTRATIONS)]


class Located:
    """Finds the line of a key, so that messages can name it."""

    def __init__(self, name: str, root: yaml.Node | None) -> None:
        self.name = name
        self.root = root

    def line(self, *keys: str | int) -> int:
        """Return the line, from 1, of the deepest of ``keys`` that the file has."""
        node, line = self.root, 1
        for key in keys:
            found: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                for name, value in node.value:
                    if name.value == key:
                        line, found = name.start_mark.line + 1, value
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                found = node.value[key] if key < len(node.value) else None
                line = found.start_mark.line + 1 if found else line
            if found is None:
                return line
            node = found
        return line

    def where(self, *keys: str | int) -> str:
        """Name the file, the line and the key."""
        shown = ".".join(f"{key + 1}" if isinstance(key, int) else key for key in keys)
        return f"{self.name}, line {self.line(*keys)}, {shown}"

    def reading(self, *args: Any) -> Any:
        """Call the last argument; what it refuses is refused at the keys before it."""
        *keys, make = args
        return self._call(make, keys)

    def _call(self, make: Callable[[], Made], keys: list[str | int]) -> Made:
        try:
            return make()
        except InputError as refusal:
            raise InputError(refusal.message, where=self.where(*keys), hint=refusal.hint) from None


class _Loader(yaml.SafeLoader):
    """Safe loader without aliases, which no regimen needs and which can blow up a small file."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(
                None, None, "aliases are not used in regimens", event.start_mark
            )
        return super().compose_node(parent, index)


def read_file(text: str, name: str) -> tuple[RegimenFile, Located]:
    """Read and check the text of a YAML regimen (InputError names file, line and key)."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        data = loader.construct_document(root) if root is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as failure:
        mark = getattr(failure, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(failure, "problem", None) or str(failure).splitlines()[0]
        raise InputError(
            f"the file is not YAML that can be read ({problem})", where=f"{name}{line}"
        ) from None
    located = Located(name, root)
    if not isinstance(data, dict):
        raise InputError(
            "the file does not hold a regimen",
            where=name,
            hint="begin with 'administrations:' and list them below",
        )
    try:
        return RegimenFile.model_validate(data), located
    except ValidationError as failure:
        raise _refusal(failure, located) from None


def _refusal(failure: ValidationError, located: Located) -> InputError:
    error = failure.errors()[0]
    keys = list(error["loc"])
    last = str(keys[-1]) if keys else "file"
    if error["type"] == "extra_forbidden":
        known = sorted((Given if len(keys) > 1 else RegimenFile).model_fields)
        return InputError(
            f"'{last}' is not a key that is known here",
            where=located.where(*keys),
            hint=f"the keys are {', '.join(known)}",
        )
    if error["type"] == "missing":
        return InputError(
            f"'{last}' is missing", where=located.where(*keys), hint="list at least one"
        )
    return InputError(
        f"the value cannot be used ({error['msg'][0].lower()}{error['msg'][1:]})",
        where=located.where(*keys),
    )
