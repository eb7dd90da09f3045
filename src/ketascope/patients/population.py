"""Many people: sampled, read from a table, or one typical person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients import values
from ketascope.patients.patient import Patient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    import pandas as pd
    from numpy.typing import NDArray

    from ketascope.patients.table import Table

COLUMNS = ("id", *values.COVARIATES)
MAX_PEOPLE = 10_000_000
_SIZE_SOURCES = ("fryar_2025", "nhanes_2015_2016")
_PEOPLE_SOURCE = "perez_ruixo_2021"
_WORDS = {"age": "y", "weight": "kg", "height": "cm"}


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """A table of people, one row each.

    Parameters
    ----------
    data : DataFrame
        Columns id (int), age (y), weight (kg), height (cm), sex ("female", "male") and race
        ("white", "black", "asian", "japanese", "other"). Only a child's height can be NaN.
    fixed : frozenset of str
        Covariates that were given, for at least one person, rather than drawn or assumed.
    notes : tuple of str
        Sentences: what was drawn or assumed, and from what.
    sources : tuple of str
        Keys of the sources that the drawn and assumed values rest on.

    See Also
    --------
    sample_population, Population.read, Population.from_frame, Population.typical
    """

    data: pd.DataFrame
    fixed: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a table that the methods of this class would not have made (InputError)."""
        missing = [column for column in COLUMNS if column not in self.data]
        if missing:
            raise InputError(
                f"the table of people has no column {_and(missing)}",
                hint="use Population.from_frame, which reads other spellings and draws the rest",
            )
        allowed = {"sex": values.SEXES, "race": values.RACES}
        for column, words in allowed.items():
            wrong = ~self.data[column].isin(words)
            if wrong.any():
                raise InputError(
                    f"the {column} '{self.data[column][wrong].iloc[0]}' of a person is not one of "
                    f"{', '.join(words)}",
                    hint="use Population.from_frame, which reads other spellings",
                )
        for column, (low, high, _, _) in values.LIMITS.items():
            number = self.data[column]
            wrong = (number < low) | (number > high)
            if wrong.any():
                raise InputError(
                    f"the {column} {number[wrong].iloc[0]:g} of a person is not from {low:g} to "
                    f"{high:g} {_WORDS[column]}"
                )

    def __len__(self) -> int:
        return len(self.data)

    @classmethod
    def typical(cls, patient: Patient | None = None) -> Population:
        """One person; what the patient leaves unknown comes from :meth:`Patient.default`.

        Raises
        ------
        InputError
            For a child (under 18 years) of unknown weight; a child's height stays unknown.
        """
        given = (patient or Patient()).covariates()
        usual = Patient.default().covariates()
        years = _float(given.get("age"))
        if years is not None and years < values.ADULT_AGE:
            if "weight" not in given:
                raise InputError(
                    f"the patient is {years:g} years old and the weight of people under 18 is not "
                    "assumed",
                    hint="give the weight",
                )
            del usual["height"]
        assumed = {key: value for key, value in usual.items() if key not in given}
        person = {**assumed, **given}
        age, weight, height = (_float(person.get(key)) for key in values.NUMBERS)
        values.check_size(age, weight, height, "typical adult")
        columns = {key: [person.get(key)] for key in values.COVARIATES}
        notes = (f"Not given and therefore assumed: {_list(assumed)}.",) if assumed else ()
        sources = (_PEOPLE_SOURCE,) if assumed else ()
        return cls(_frame([1], columns), frozenset(given), notes, sources)

    @classmethod
    def read(cls, path: str | PathLike[str], *, seed: int = 0) -> Population:
        """Read people from a CSV or Parquet file; unknown covariates are drawn.

        Column names may be in any case and have the usual short forms (wt, ht, bw, gender).
        Numbers are in years, kg and cm; empty cells, "." and "NA" are unknown.

        Parameters
        ----------
        path : path
        seed : int
            For the covariates that are drawn.

        Raises
        ------
        InputError
            Naming the file, the line and the column.
        """
        from ketascope.patients.table import read_table

        return _from_table(read_table(path), seed)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, seed: int = 0, label: str = "table") -> Population:
        """Take people from a data frame; columns, errors and draws as in :meth:`read`."""
        from ketascope.patients.table import from_frame, parse

        return _from_table(parse(from_frame(frame, label)), seed)


def sample_population(
    n: int,
    seed: int = 0,
    *,
    patient: Patient | None = None,
    fixed: Mapping[str, object] | None = None,
) -> Population:
    """Draw virtual adults; what is given is the same for all of them.

    Parameters
    ----------
    n : int
        How many, 1 to 10 million.
    seed : int
        Person *i* depends on the seed and *i* alone, not on ``n``.
    patient : Patient, optional
        Fixes all that is known of the patient.
    fixed : mapping, optional
        Fixes single covariates, over those of the patient; values as in :meth:`Patient.of`.

    Returns
    -------
    Population
        With ids 1 to n.

    Raises
    ------
    InputError
        For a count or seed that cannot be used, a covariate that cannot be used, or someone under
        18 of unknown weight.

    Notes
    -----
    Age, sex and race follow the 820 people of perez_ruixo_2021; height and body mass index follow
    adults of the United States by sex (fryar_2025; Asian and Japanese people: nhanes_2015_2016) and
    do not depend on age. See
    :mod:`ketascope.patients.sampling` for the rule when some covariates are fixed.
    """
    import numpy as np

    from ketascope.draws import check_seed
    from ketascope.patients.sampling import complete

    whole: object = n
    if not isinstance(whole, (int, np.integer)) or whole is True or not 1 <= whole <= MAX_PEOPLE:
        raise InputError(
            f"the number of people is {n!r}", hint=f"give a whole number from 1 to {MAX_PEOPLE}"
        )
    seed = check_seed(seed)
    person = (patient or Patient()).updated(fixed or {})
    given = person.covariates()
    columns: dict[str, NDArray[Any]] = {}
    for key in values.NUMBERS:
        columns[key] = np.full(n, given.get(key, np.nan), dtype=np.float64)
    for key in values.CATEGORIES:
        columns[key] = np.full(n, given.get(key), dtype=object)
    filled, drawn = complete(columns, seed, lambda row: "the patient")
    notes = []
    if given:
        notes.append(f"Given, and the same for everyone: {_list(given)}.")
    if drawn:
        people = "1 virtual person" if n == 1 else f"{n} virtual people"
        notes.append(f"Drawn for {people} with seed {seed}: {_and(drawn)}.")
    notes.extend(_law_notes(drawn) + _child_notes(filled, drawn))
    frame = _frame(np.arange(1, n + 1), filled)
    return Population(frame, frozenset(given), tuple(notes), _sources(drawn))


def _from_table(table: Table, seed: int) -> Population:
    from ketascope.draws import check_seed
    from ketascope.patients.sampling import complete

    seed = check_seed(seed)
    n = len(table.ids)
    filled, drawn = complete(
        table.columns, seed, lambda row: f"person {table.ids[row]} of {table.label}"
    )
    notes = []
    for key, count in drawn.items():
        share = "not given" if count == n else f"unknown for {count} of {n} people"
        notes.append(f"In {table.label} the {key} is {share} and was drawn with seed {seed}.")
    if table.unused:
        names = _and([f"'{name}'" for name in table.unused[:10]])
        notes.append(f"Columns of {table.label} that are not used here: {names}.")
    notes.extend(_law_notes(drawn) + _child_notes(filled, drawn))
    return Population(_frame(table.ids, filled), table.given, tuple(notes), _sources(drawn))


def _frame(ids: Any, columns: Mapping[str, Any]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    content: dict[str, Any] = {"id": np.asarray(ids, dtype=np.int64)}
    for key in values.COVARIATES:
        dtype: Any = np.float64 if key in values.NUMBERS else object
        content[key] = np.asarray(columns[key], dtype=dtype)
    return pd.DataFrame(content, columns=list(COLUMNS))


def _law_notes(drawn: Mapping[str, int]) -> list[str]:
    notes = []
    people = [key for key in ("age", "sex", "race") if key in drawn]
    if people:
        verb = "follows" if len(people) == 1 else "follow"
        notes.append(
            f"Drawn {_and(people)} {verb} the 820 people of the esketamine data of "
            "Perez-Ruixo 2021."
        )
    if "weight" in drawn or "height" in drawn:
        notes.append(
            "Drawn body size follows adults of the United States by sex (Fryar 2025; Asian and "
            "Japanese people: Asian adults in NHANES 2015-2016), within 39 to 170 kg, and does not "
            "depend on age; they are heavier than people in the esketamine data (median 74 kg)."
        )
    return notes


def _child_notes(columns: Mapping[str, Any], drawn: Mapping[str, int]) -> list[str]:
    """Say what is done about people under 18, of whom no distribution is held."""
    import numpy as np

    child = columns["age"] < values.ADULT_AGE
    notes = []
    if np.isnan(columns["height"])[child].any():
        notes.append("The height of people under 18 is not drawn: it stays unknown.")
    if child.any() and {"sex", "race"} & set(drawn):
        notes.append(
            "Sex and race of people under 18 are drawn like those of the adults; no model of "
            "children here uses them."
        )
    return notes


def _sources(drawn: Mapping[str, int]) -> tuple[str, ...]:
    people = (_PEOPLE_SOURCE,) if {"age", "sex", "race", "weight"} & set(drawn) else ()
    size = _SIZE_SOURCES if {"weight", "height"} & set(drawn) else ()
    return people + size


def _list(covariates: Mapping[str, float | str]) -> str:
    return _and(
        f"{key} {value:g} {_WORDS[key]}" if isinstance(value, float) else f"{key} {value}"
        for key, value in covariates.items()
    )


def _and(words: Any) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else str(last)


def _float(value: float | str | None) -> float | None:
    return value if isinstance(value, float) else None
