"""What the readers of single resources share: the day, the patient, references, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ketascope.patients.codes import CodeBook, code_book
from ketascope.patients.facts import NotScreened

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ketascope.patients.fhir.load import Entry, Resource

_MAX_NOTES = 2_000
_BIG = 200


class Match(NamedTuple):
    """What a resource is about, found before it is checked.

    ``group`` is what makes resources alike: of many alike the newest are read.
    """

    found: Any
    label: str
    group: tuple[Any, ...]
    when: str
    keep: int


@dataclass
class Notes:
    """What no rule sees; the same said of many resources becomes one note."""

    said: dict[tuple[str, str], int] = field(default_factory=dict)
    left_out: int = 0

    def add(self, item: str, reason: str, count: int = 1) -> None:
        """Note an item with its reason."""
        key = (item[:_BIG], reason[:_BIG])
        if key not in self.said and len(self.said) >= _MAX_NOTES:
            self.left_out += count
            return
        self.said[key] = self.said.get(key, 0) + count

    def made(self) -> int:
        """Return how many notes were made so far."""
        return sum(self.said.values()) + self.left_out

    def all(self) -> tuple[NotScreened, ...]:
        """Return the notes, with how often each was made."""
        found = [
            NotScreened(item if count == 1 else f"{item}, {count} times", reason)
            for (item, reason), count in self.said.items()
        ]
        if self.left_out:
            found.append(NotScreened(f"{self.left_out} further items", "the list is too long"))
        return tuple(found)


@dataclass
class Context:
    """One reading of one patient's record."""

    today: date
    notes: Notes = field(default_factory=Notes)
    book: CodeBook = field(default_factory=code_book)
    born: date | None = None
    addresses: dict[str, Resource] = field(default_factory=dict)
    fetch: Callable[[str], Resource | None] | None = None
    # Terms that were looked up: records repeat the same few hundreds of times.
    looked_up: dict[Any, Any] = field(default_factory=dict)

    def known(self, entries: tuple[Entry, ...]) -> None:
        """Remember under which addresses resources are named."""
        for entry in entries:
            identity = entry.resource.get("id")
            if isinstance(identity, str):
                self.addresses[f"{entry.resource['resourceType']}/{identity}"] = entry.resource
            if entry.url:
                self.addresses[entry.url] = entry.resource

    def resolve(self, reference: Any, holder: Resource) -> Resource | None:
        """Return the resource that a Reference names; None if it is not there."""
        address = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(address, str):
            return None
        if address.startswith("#"):
            held = holder.get("contained")
            for one in held if isinstance(held, list) else ():
                if isinstance(one, dict) and one.get("id") == address[1:]:
                    return one if isinstance(one.get("resourceType"), str) else None
            return None
        found = self.addresses.get(address) or self.addresses.get(local(address))
        if found is None and self.fetch is not None:
            found = self.fetch(local(address))
        return found


def local(address: str) -> str:
    """Return the type and id of an address, without server and version."""
    parts = address.split("/_history/")[0].split("/")
    return "/".join(parts[-2:])


def place(resource: Resource) -> str:
    """Return how a resource is named in messages."""
    identity = resource.get("id")
    kind = str(resource["resourceType"])
    return f"{kind}/{identity[:64]}" if isinstance(identity, str) and identity else kind
