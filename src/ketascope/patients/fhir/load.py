"""From bytes to FHIR resources, as plain dictionaries: the JSON, the bundle, and what is wrong."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Resource = dict[str, Any]
MAX_BYTES = 64_000_000
MAX_LINE = 4_000_000
BUNDLES = ("collection", "transaction", "searchset", "batch", "document")
_HINT = "give one FHIR R4 resource, a bundle, or a bulk export"


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource and the address under which others may name it."""

    resource: Resource
    url: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds, and what of it could not be read: (item, reason)."""

    entries: tuple[Entry, ...]
    problems: tuple[tuple[str, str], ...] = ()


def load(content: bytes, label: str) -> Loaded:
    """Read the bytes of a file.

    Raises
    ------
    InputError
        If it is too large, is no UTF-8 text, no JSON, or no FHIR resource.
    """
    if len(content) > MAX_BYTES:
        raise InputError(
            f"the file is larger than {MAX_BYTES // 1_000_000} MB",
            where=label,
            hint="a bulk export (a folder of .ndjson files, one per type) may be larger",
        )
    text = decode(content, label)
    if not text.strip():
        raise InputError("the file is empty", where=label, hint=_HINT)
    if _is_lines(text):
        return _lines(text, label)
    return _whole(parse(text, label), label)


def decode(content: bytes, label: str) -> str:
    """Return the text of bytes, or say in which line it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            "the file is not UTF-8 text", where=f"{label}, line {line}", hint="save it as UTF-8"
        ) from None


def parse(text: str, label: str) -> Any:
    """Return the content of JSON; refuses what is not JSON, such as NaN."""
    # Nothing that is made here can be garbage yet; looking for it would double the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise InputError(
            f"this is not valid JSON ({error.msg})", where=f"{label}, line {error.lineno}"
        ) from None
    except RecursionError:
        raise InputError("the JSON is nested too deeply", where=label) from None
    except ValueError as error:
        raise InputError(f"this is not valid JSON ({error})", where=label) from None
    finally:
        if collects:
            gc.enable()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _is_lines(text: str) -> bool:
    """Whether each of the first two lines with text is a JSON object of its own."""
    first, _, rest = text.lstrip().partition("\n")
    following = rest.lstrip()
    if not (first.rstrip().endswith("}") and following.startswith("{")):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _lines(text: str, label: str) -> Loaded:
    entries: list[Entry] = []
    problems: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        item = f"{label}, line {number}"
        try:
            resource = parse(line, item)
        except InputError as error:
            problems.append((item, error.message))
            continue
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            entries.append(Entry(resource))
        else:
            problems.append((item, "is no FHIR resource"))
    return Loaded(tuple(entries), tuple(problems))


def _whole(content: Any, label: str) -> Loaded:
    if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
        raise InputError("this is no FHIR resource", where=label, hint=_HINT)
    if content["resourceType"] != "Bundle":
        return Loaded((Entry(content),))
    kind = content.get("type")
    if kind not in BUNDLES:
        raise InputError(
            f"a bundle of the type {str(kind)[:40]!r} is not read",
            where=label,
            hint=f"the types {', '.join(BUNDLES)} are",
        )
    listed = content.get("entry", [])
    if not isinstance(listed, list):
        raise InputError("the entries of the bundle are no list", where=label, hint=_HINT)
    problems = list(_links(content))
    entries = []
    for number, entry in enumerate(listed, 1):
        problem = _entry_problem(entry)
        if problem:
            problems.append((f"entry {number} of the bundle", problem))
        else:
            url = entry.get("fullUrl")
            entries.append(Entry(entry["resource"], url if isinstance(url, str) else ""))
    return Loaded(tuple(entries), tuple(problems))


def _links(bundle: Resource) -> Iterator[tuple[str, str]]:
    """Say that a search has more pages than the file holds."""
    links = bundle.get("link")
    if isinstance(links, list) and any(
        isinstance(link, dict) and link.get("relation") == "next" for link in links
    ):
        yield ("the bundle", "is one page of a search; the further pages are not in the file")


def _entry_problem(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "is no entry"
    request = entry.get("request")
    if isinstance(request, dict) and request.get("method") == "DELETE":
        return "asks to delete something"
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        return "holds no resource"
    if not isinstance(resource.get("resourceType"), str):
        return "holds a resource that does not say its type"
    return ""
