"""Bulk exports: a folder of NDJSON files, one type a file, of very many patients.

The files are gone through once to note where each patient's lines begin; then the records are made
one after the other. Memory holds the places of the lines and one record, never the export.
"""

from __future__ import annotations

import json
import re
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ketascope.errors import InputError
from ketascope.patients.fhir.context import local
from ketascope.patients.fhir.load import MAX_LINE, Entry, Loaded, parse
from ketascope.patients.fhir.reading import READERS, assemble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from os import PathLike

    from ketascope.patients.facts import Record
    from ketascope.patients.fhir.load import Resource

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,60})"')
_OF = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}\[\]]*?"reference"\s*:\s*"([^"\\]{1,400})"')
_MAX_FILES = 10_000


class Export:
    """A bulk export, gone through once.

    Parameters
    ----------
    folder : path
        Holds ``.ndjson`` files; other files are left aside.
    on : date, optional
        The day of reading, as for :func:`~ketascope.patients.fhir.read_fhir`.
    progress : callable, optional
        Called with the bytes gone through so far and the bytes in all, while the files are
        gone through.

    Attributes
    ----------
    patients : tuple of str
        Ids of the patients, in the order of the export.
    not_screened : tuple of (str, str)
        What is of no patient: lines that cannot be read, and types that are not.

    Raises
    ------
    InputError
        If there is no such folder, or it holds no patient.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        on: date | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._on = on
        self._files = self._found()
        self._lines: dict[str, array[int]] = {}
        self._medications: dict[str, int] = {}
        self._problems: dict[tuple[str, str], int] = {}
        self._known: dict[str, None] = {}
        self._starts = _starts(self._files)
        self._index(progress)
        self.patients = tuple(self._known)
        if not self.patients:
            raise InputError("the export holds no Patient", where=str(self.folder))

    def __len__(self) -> int:
        return len(self.patients)

    @property
    def not_screened(self) -> tuple[tuple[str, str], ...]:
        """What is of no patient, with how often."""
        return tuple(
            (item if count == 1 else f"{item}, {count} times", reason)
            for (item, reason), count in self._problems.items()
        )

    def records(self) -> Iterator[Record | InputError]:
        """Give the records one by one; an error where one patient's cannot be read."""
        opened: dict[int, BinaryIO] = {}
        try:
            for patient in self.patients:
                try:
                    yield self._record(patient, opened)
                except InputError as error:
                    yield error
        finally:
            for file in opened.values():
                file.close()

    def record(self, patient: str) -> Record:
        """Return the record of one patient.

        Raises
        ------
        InputError
            If the export has no such patient.
        """
        bare = patient.removeprefix("Patient/")
        if bare not in self._known:
            shown = ", ".join(self.patients[:5])
            raise InputError(
                f"the export holds no patient '{bare[:64]}'",
                where=str(self.folder),
                hint=f"it holds {len(self)}, such as {shown}",
            )
        opened: dict[int, BinaryIO] = {}
        try:
            return self._record(bare, opened)
        finally:
            for file in opened.values():
                file.close()

    def _found(self) -> list[Path]:
        if not self.folder.is_dir():
            raise InputError("there is no such folder", where=str(self.folder))
        files = sorted(self.folder.rglob("*.ndjson"))[: _MAX_FILES + 1]
        if not files:
            raise InputError(
                "the folder holds no .ndjson file",
                where=str(self.folder),
                hint="give a bulk export, one .ndjson file for each type",
            )
        if len(files) > _MAX_FILES:
            raise InputError(f"the folder holds over {_MAX_FILES} files", where=str(self.folder))
        return files

    def _index(self, progress: Callable[[int, int], None] | None) -> None:
        whole = sum(path.stat().st_size for path in self._files)
        for path, start in zip(self._files, self._starts, strict=True):
            with path.open("rb") as file:
                for number, (offset, line) in enumerate(_limited(file), 1):
                    self._note(line, start + offset, f"{path.name}, line {number}")
                    if progress is not None and number % 10_000 == 0:
                        progress(start + offset, whole)
        if progress is not None:
            progress(whole, whole)

    def _note(self, line: bytes, where: int, item: str) -> None:
        """Keep the place of one line under its patient."""
        if not line.strip():
            return
        if len(line) > MAX_LINE:
            self._problem(item, f"is longer than {MAX_LINE // 1_000_000} MB")
            return
        kind = _first(_TYPE, line) or self._slowly(line, "resourceType", item)
        if kind is None:
            return
        if kind == "Patient":
            identity = self._slowly(line, "id", item)
            if identity is not None and identity not in self._known:
                self._lines.setdefault(identity, array("q")).insert(0, where)
                self._known[identity] = None
            elif identity is not None:
                self._problem(item, f"is the patient '{identity[:64]}' once more")
        elif kind == "Medication":
            identity = self._slowly(line, "id", item)
            if identity is not None:
                self._medications[identity] = where
        elif kind in READERS:
            self._of_patient(line, where, item)
        else:
            self._problem(kind, "resources of this kind are not read")

    def _of_patient(self, line: bytes, where: int, item: str) -> None:
        found = set(_OF.findall(line))
        if len(found) == 1:
            address: str | None = found.pop().decode("utf-8", "replace")
        else:
            address = self._slowly(line, "subject", item)
        if address is None:
            self._problem(item, "does not say whom it is about")
            return
        owner = local(address).removeprefix("Patient/")
        self._lines.setdefault(owner, array("q")).append(where)

    def _slowly(self, line: bytes, key: str, item: str) -> str | None:
        """Return an element of a line by reading all of it, or note why that cannot be done."""
        try:
            content = parse(line.decode("utf-8"), item)
        except (InputError, UnicodeDecodeError) as error:
            why = error.message if isinstance(error, InputError) else "is not UTF-8 text"
            self._problem(item, why)
            return None
        if not isinstance(content, dict):
            self._problem(item, "is no FHIR resource")
            return None
        value = content.get(key) or (content.get("patient") if key == "subject" else None)
        if key == "subject" and isinstance(value, dict):
            value = value.get("reference")
        if isinstance(value, str) and value:
            return value
        if key != "subject":
            self._problem(item, f"has no {key}")
        return None

    def _problem(self, item: str, reason: str) -> None:
        if len(self._problems) < 2_000 or (item, reason) in self._problems:
            key = (item, reason)
            self._problems[key] = self._problems.get(key, 0) + 1

    def _record(self, patient: str, opened: dict[int, BinaryIO]) -> Record:
        entries: list[Entry] = []
        problems: list[tuple[str, str]] = []
        for where in self._lines[patient]:
            item = f"a line of {patient}"
            try:
                resource = json.loads(self._line(where, opened))
            except (ValueError, RecursionError):
                problems.append((item, "is not valid JSON"))
                continue
            if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
                entries.append(Entry(resource))
            else:
                problems.append((item, "is no FHIR resource"))

        def fetch(address: str) -> Resource | None:
            place = self._medications.get(address.removeprefix("Medication/"))
            return None if place is None else _resource(self._line(place, opened))

        return assemble(
            Loaded(tuple(entries), tuple(problems)),
            f"{self.folder}, patient {patient}",
            patient=patient,
            on=self._on,
            fetch=fetch,
        )

    def _line(self, where: int, opened: dict[int, BinaryIO]) -> bytes:
        """Return the line that begins at a place, counted over all files."""
        from bisect import bisect_right

        number = bisect_right(self._starts, where) - 1
        if number not in opened:
            if len(opened) >= 64:
                opened.pop(next(iter(opened))).close()
            opened[number] = self._files[number].open("rb")
        file = opened[number]
        file.seek(where - self._starts[number])
        return file.readline(MAX_LINE + 1)


def _starts(files: list[Path]) -> list[int]:
    """Return where each file begins if all lie end to end."""
    starts, total = [], 0
    for path in files:
        starts.append(total)
        # One more than the size, so that an empty file has a place of its own.
        total += path.stat().st_size + 1
    return starts


def _limited(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give the lines of a file with where they begin; of one that is too long only a beginning."""
    where = 0
    while line := file.readline(MAX_LINE + 1):
        yield where, line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE + 1) or b"\n"
        where = file.tell()


def _first(pattern: re.Pattern[bytes], line: bytes) -> str | None:
    """Return what a pattern finds where it finds one thing only, else None."""
    found = set(pattern.findall(line))
    return found.pop().decode("ascii") if len(found) == 1 else None


def _resource(line: bytes) -> Resource | None:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(content, dict) and isinstance(content.get("resourceType"), str):
        return content
    return None
