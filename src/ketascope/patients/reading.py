"""Read a patient from YAML or JSON, and covariates from ``key=value`` settings."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from ketascope.errors import InputError
from ketascope.patients import values
from ketascope.patients.patient import KEYS, Patient

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import yaml

Pairs = list[tuple[str, object, int | None]]
MAX_BYTES = 1_000_000
_MAX_EVENTS = 2_000
_MANY_EVENTS = 60_000
_MAX_DEPTH = 8
_MAX_PAIRS = 100
_HINT = "write one value a line, for example 'age: 45'"
_SETTING_KEYS = (*values.COVARIATES, "setting")


def read_patient(path: str | PathLike[str]) -> Patient:
    """Read a patient from a YAML or JSON file, or from a FHIR R4 bundle.

    The content decides, not the name of the file. Keys are the fields of
    :class:`~ketascope.patients.patient.Patient` in any case; ``id`` is read as ``name``. Of FHIR
    the age of today, sex and race are read, and the newest weight and height. Of a record in YAML
    or JSON (with ``born``, ``conditions``, ``medicines``, ...) the same are read.

    Parameters
    ----------
    path : path or "-"
        A file of at most 1 MB (FHIR: 64 MB), or standard input.

    Raises
    ------
    InputError
        Naming the file, the line where there is one, and what would be right.
    """
    from ketascope.patients.record import read_bytes

    label = "standard input" if str(path) == "-" else str(path)
    return parse_patient(read_bytes(path, label), label)


def parse_patient(content: bytes, label: str = "patient") -> Patient:
    """Read a patient from the bytes of a file; ``label`` names it in messages."""
    from ketascope.patients.record import PLAIN_KEYS, is_fhir, parse_record

    if is_fhir(content):
        from ketascope.patients.fhir import read_fhir

        return read_fhir(content, label).covariates or Patient()
    given: dict[str, object] = {}
    lines: dict[str, int | None] = {}
    for written, value, line in key_pairs(content, label):
        key = written.strip().casefold()
        key = "name" if key == "id" else key
        if key in given:
            raise InputError(
                f"the key '{key}' is given twice", where=_at(label, line), hint="keep one of them"
            )
        if key in PLAIN_KEYS and key not in KEYS:
            # a whole record: what is known of size and age is in it
            return parse_record(content, label).covariates or Patient()
        if key not in KEYS:
            raise values.unknown_key(written, KEYS, _at(label, line))
        given[key], lines[key] = value, line
    if not given:
        raise InputError("the file holds no values", where=label, hint=_HINT)
    return Patient.of(given, where=lambda key: _at(label, lines.get(key)))


def key_pairs(content: bytes, label: str, *, large: bool = False) -> Pairs:
    """Return the keys of a YAML or JSON file with their values and lines.

    Parameters
    ----------
    content : bytes
    label : str
        Names the file in messages.
    large : bool
        Whether it may hold as much as a record, not only what one patient needs.

    Raises
    ------
    InputError
        If it is no file of keys with values.
    """
    if len(content) > MAX_BYTES:
        raise InputError("the file is larger than 1 MB", where=label, hint=_HINT)
    text = _decode(content, label)
    if not text.strip():
        raise InputError("the file is empty", where=label, hint=_HINT)
    pairs = _json_pairs(text, label) if text.lstrip()[0] in "{[" else None
    return (
        _yaml_pairs(text, label, _MANY_EVENTS if large else _MAX_EVENTS) if pairs is None else pairs
    )


def parse_settings(settings: Iterable[str]) -> dict[str, float | str]:
    """Read ``--set`` options such as ``"age=45"`` or ``"weight=154 lb"``.

    Returns
    -------
    dict
        Covariates in years, kilograms and centimetres, sex and race in the project's words;
        also ``setting``.

    Raises
    ------
    InputError
        Naming the option.
    """
    result: dict[str, float | str] = {}
    for option in settings:
        where = f"--set {option[:60]}"
        written, equals, value = option.partition("=")
        key = written.strip().casefold()
        if not equals or not key or not value.strip():
            raise InputError(
                "the option is not of the form key=value", where=where, hint="write --set age=45"
            )
        if key not in _SETTING_KEYS:
            raise values.unknown_key(written.strip(), _SETTING_KEYS, where)
        if key in result:
            raise InputError(f"'{key}' is set twice", where=where, hint="keep one of them")
        read = Patient.of({key: value}, where=lambda key, where=where: where)  # type: ignore[misc]
        known = getattr(read, key)
        if known is None:
            raise InputError(f"'{key}' is set to nothing", where=where, hint="leave the option out")
        result[key] = known
    age, weight, height = (cast("float | None", result.get(key)) for key in values.NUMBERS)
    values.check_size(age, weight, height, "--set")
    return result


def _at(label: str, line: int | None) -> str:
    return label if line is None else f"{label}, line {line}"


def _decode(content: bytes, label: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            "the file is not UTF-8 text", where=_at(label, line), hint="save it as plain UTF-8 text"
        ) from None
    odd = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise InputError(
            f"the file holds the control character {ord(odd[0]):#04x}",
            where=_at(label, line),
            hint="save it as plain UTF-8 text",
        )
    return text


def _json_pairs(text: str, label: str) -> Pairs | None:
    """Read text as JSON; None if it is not JSON but may be YAML with braces."""
    try:
        content = json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        if re.match(r'\s*[{\[]\s*(?:"[^"\n]*"\s*:|[{\[]\s*")', text):
            raise InputError(
                f"this is not valid JSON ({error.msg})", where=_at(label, error.lineno), hint=_HINT
            ) from None
        return None
    except (RecursionError, ValueError):
        raise InputError("the JSON cannot be read", where=label, hint=_HINT) from None
    if text.lstrip()[0] == "[":
        raise InputError("the file holds a list, not one patient", where=label, hint=_HINT)
    if len(content) > _MAX_PAIRS:
        raise InputError("the file holds more than one patient needs", where=label, hint=_HINT)
    used: dict[str, int] = {}
    result: Pairs = []
    for key, value in content:
        line = _json_line(text, key, used)
        result.append((key, _plain(value), line))
    return result


class _Object(list):  # type: ignore[type-arg]
    """The pairs of a JSON object, so that a key that is given twice can be seen."""


def _plain(value: object) -> object:
    """Return a value of JSON with its inner objects as dictionaries."""
    if isinstance(value, _Object):
        return {key: _plain(inner) for key, inner in value}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _json_line(text: str, key: str, used: dict[str, int]) -> int | None:
    """Line of the next place where the key stands, after those already used."""
    start = used.get(key, 0)
    found = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:").search(text, start)
    if not found:
        return None
    used[key] = found.end()
    return text.count("\n", 0, found.start()) + 1


def _yaml_pairs(text: str, label: str, most: int) -> Pairs:
    import yaml

    try:
        _check_events(text, label, most)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = error.problem or error.context or "a mistake in the layout"
        if "single document" in str(error.context):
            problem = "it holds more than one document"
        raise InputError(
            f"this is not valid YAML ({problem})", where=_at(label, line), hint=_HINT
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise InputError("this is not valid YAML", where=label, hint=_HINT) from None
    if root is None:
        raise InputError("the file is empty", where=label, hint=_HINT)
    if not isinstance(root, yaml.MappingNode):
        what = "a list" if isinstance(root, yaml.SequenceNode) else "one value"
        raise InputError(f"the file holds {what}, not keys with values", where=label, hint=_HINT)
    constructor = yaml.SafeLoader("")
    result: Pairs = []
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError("a key is not a word", where=_at(label, line), hint=_HINT)
        _keys_as_words(value_node)
        try:
            value = constructor.construct_object(value_node, deep=True)
        except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError):
            raise InputError(
                f"the value of '{key_node.value[:40]}' cannot be read",
                where=_at(label, line),
                hint="give a plain number or word",
            ) from None
        result.append((str(key_node.value), value, line))
    return result


def _keys_as_words(node: yaml.Node) -> None:
    """Make the inner keys texts as they are written: YAML would take ``on`` for true."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                key_node.tag = "tag:yaml.org,2002:str"
            _keys_as_words(value_node)
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            _keys_as_words(inner)


def _check_events(text: str, label: str, most: int) -> None:
    """Refuse aliases, tags, deep nesting and very many values before anything is built."""
    import yaml

    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        where = _at(label, event.start_mark.line + 1 if event.start_mark else None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise InputError("anchors and aliases (& and *) are not accepted", where=where)
        if getattr(event, "tag", None) is not None:
            raise InputError("tags (words that begin with !) are not accepted", where=where)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or count > most:
            raise InputError("the file holds more than one patient needs", where=where, hint=_HINT)
