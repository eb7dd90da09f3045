"""The sources: one bibliography file, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError

if TYPE_CHECKING:
    from pybtex.database import Entry, Person

# What CSL calls the kinds of entry that the file uses.
_CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "dataset": "dataset",
    "inproceedings": "paper-conference",
    "manual": "document",
    "misc": "document",
    "online": "webpage",
    "phdthesis": "thesis",
    "software": "software",
    "techreport": "report",
    "unpublished": "manuscript",
}
_CONTAINERS = ("journal", "booktitle", "type")
_PUBLISHERS = ("publisher", "institution", "organization", "school", "howpublished")
_MOST_AUTHORS = 6
_OTHERS = "et al."


@dataclass(frozen=True, slots=True)
class Source:
    """One source: a paper, a label, a data set or a program.

    Parameters
    ----------
    key : str
        Key in ``sources.bib``.
    kind : str
        Kind of entry, as in BibTeX: ``article``, ``manual`` (a product label), ``software``, ...
    title : str
    authors : tuple of str
        ``"Family, Given"``; a body that is not a person has no comma; ``"et al."`` at the end
        where the rest are not known.
    year : int or None
    container : str
        Journal, proceedings or series.
    volume, issue, pages : str
    doi, pmid, url : str
        Empty where there is none or it is not known.
    publisher : str
    note : str
    checked : str
        How far the entry, and the numbers taken from it, were verified, and where.
    label : str
        Short name that replaces "Family year" where that would say little.
    """

    key: str
    kind: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    publisher: str = ""
    note: str = ""
    checked: str = ""
    label: str = ""

    @property
    def short(self) -> str:
        """Name for a table cell or a legend: ``"Perez-Ruixo 2021"``."""
        if self.label:
            return self.label
        families = [author.split(",")[0] for author in self.authors] or [self.key]
        two = len(families) == 2 and families[1] != _OTHERS
        name = " & ".join(families) if two else families[0]
        return f"{name} {self.year}" if self.year else name

    @property
    def citation(self) -> str:
        """One-line reference text in the order that medical journals use."""
        names = [_initials_style(author) for author in self.authors]
        if len(names) > _MOST_AUTHORS:
            names = [*names[:3], _OTHERS]
        parts = [", ".join(names), self.title, self._where()]
        if self.note:
            parts.append(self.note)
        if self.doi:
            parts.append(f"doi:{self.doi}")
        elif self.pmid:
            parts.append(f"PMID {self.pmid}")
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)

    def _where(self) -> str:
        """Container, year, volume, issue and pages, or publisher and year."""
        year = str(self.year) if self.year else ""
        if not self.container:
            return ", ".join(part for part in (self.publisher, year) if part)
        issue = f"({self.issue})" if self.issue else ""
        spot = f"{self.volume}{issue}"
        numbers = ":".join(part for part in (spot, self.pages) if part)
        dated = ";".join(part for part in (year, numbers) if part)
        text = f"{self.container} {dated}".strip()
        return f"{self.publisher}. {text}" if self.publisher else text

    def csl(self) -> dict[str, Any]:
        """Return the entry as a CSL-JSON object (empty members left out)."""
        series = self.kind == "techreport"
        item: dict[str, Any] = {
            "id": self.key,
            "type": _CSL_TYPES.get(self.kind, "document"),
            "title": self.title,
            "author": [_csl_name(author) for author in self.authors],
            "issued": {"date-parts": [[self.year]]} if self.year else None,
            "collection-title" if series else "container-title": self.container,
            "number" if series else "volume": self.volume,
            "issue": self.issue,
            "page": self.pages,
            "DOI": self.doi,
            "PMID": self.pmid,
            "URL": self.url,
            "publisher": self.publisher,
            "note": self.note,
            "annote": f"Checked: {self.checked}" if self.checked else "",
        }
        return {name: value for name, value in item.items() if value}


def sources() -> dict[str, Source]:
    """Return every source by key, in the order of the file."""
    return dict(_sources())


def source(key: str) -> Source:
    """Return one source.

    Raises
    ------
    InputError
        If there is no such key; the message names the nearest ones.
    """
    known = _sources()
    if key not in known:
        from difflib import get_close_matches

        near = get_close_matches(key, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}" if near else "see 'ketascope sources'"
        raise InputError(f"there is no source '{key}'", where="sources.bib", hint=hint)
    return known[key]


def bibtex(keys: tuple[str, ...] | list[str] | None = None) -> str:
    """Return the bibliography as BibTeX text: whole, or the entries asked for.

    Parameters
    ----------
    keys : sequence of str, optional
        Entries to give, in this order; all if left out.
    """
    text = _text()
    if keys is None:
        return text
    entries = {
        match["key"]: match[0]
        for match in re.finditer(r"^@\w+\{(?P<key>[^,]+),.*?^\}\n", text, re.DOTALL | re.MULTILINE)
    }
    return "\n".join(entries[source(key).key] for key in keys)


def _text() -> str:
    from importlib.resources import files

    return (files("ketascope.evidence") / "data" / "sources.bib").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _sources() -> dict[str, Source]:
    from pybtex.database import parse_string

    entries = parse_string(_text(), "bibtex").entries
    return {key: _from_entry(key, entry) for key, entry in entries.items()}


def _from_entry(key: str, entry: Entry) -> Source:
    field = {name.lower(): _plain(value) for name, value in entry.fields.items()}

    def first(names: tuple[str, ...]) -> str:
        return next((field[name] for name in names if name in field), "")

    is_report = entry.type == "techreport"
    return Source(
        key=key,
        kind=entry.type,
        title=field.get("title", ""),
        authors=tuple(_name(person) for person in entry.persons.get("author", [])),
        year=int(field["year"]) if "year" in field else None,
        container=first(_CONTAINERS),
        volume=field.get("number", "") if is_report else field.get("volume", ""),
        issue="" if is_report else field.get("number", ""),
        pages=field.get("pages", ""),
        doi=field.get("doi", ""),
        pmid=field.get("pmid", ""),
        url=field.get("url", ""),
        publisher=first(_PUBLISHERS),
        note=field.get("note", ""),
        checked=field.get("checked", ""),
        label=field.get("short", ""),
    )


def _plain(value: str) -> str:
    """Plain text of a BibTeX field: no braces, LaTeX quotes and dashes turned."""
    text = re.sub(r"[{}]", "", value)
    for latex, plain in (("``", "“"), ("''", "”"), ("--", "-"), (r"\&", "&"), (r"\%", "%")):
        text = text.replace(latex, plain)
    return " ".join(text.split())


def _name(person: Person) -> str:
    if str(person) == "others":
        return _OTHERS
    family = _plain(" ".join([*person.prelast_names, *person.last_names]))
    given = _plain(" ".join([*person.first_names, *person.middle_names]))
    return ", ".join(part for part in (family, given, *person.lineage_names) if part)


def _initials_style(author: str) -> str:
    """``"Zarate, C. A., Jr."`` as ``"Zarate CA Jr"``."""
    family, *rest = [part.strip() for part in author.split(",")]
    given = rest[0] if rest else ""
    initials = "".join(word[0] for word in re.split(r"[\s.]+", given) if word)
    return " ".join(part.rstrip(".") for part in (family, initials, *rest[1:]) if part)


def _csl_name(author: str) -> dict[str, str]:
    family, *rest = [part.strip() for part in author.split(",")]
    if not rest:
        return {"literal": family}
    name = {"family": family, "given": rest[0]}
    if len(rest) > 1:
        name["suffix"] = rest[1]
    return name
