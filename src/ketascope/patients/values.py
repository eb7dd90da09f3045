"""What a covariate may be, and how a person may write it.

Numbers are in the unit of their key (years, kilograms, centimetres); text may carry a unit
("154 lb", "5 ft 7 in", "18 months") and is converted here, at the boundary.
"""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBERS = ("age", "weight", "height")
CATEGORIES = ("sex", "race")
COVARIATES = NUMBERS + CATEGORIES


class Limits(NamedTuple):
    """Hard limits of a number: outside them it is taken for a slip, not for a person."""

    low: float
    high: float
    unit: str
    example: str


LIMITS: Mapping[str, Limits] = {
    "age": Limits(0.0, 120.0, "y", "45 or '18 months'"),
    "weight": Limits(0.5, 400.0, "kg", "70 or '154 lb'"),
    "height": Limits(30.0, 250.0, "cm", "170 or '5 ft 7 in'"),
}
BMI_LIMITS = (8.0, 120.0)
ADULT_AGE = 18.0

_UNITS: Mapping[str, Mapping[str, str]] = {
    "age": {
        **dict.fromkeys(("y", "yr", "yrs", "year", "years", "years old", "year old"), "year"),
        **dict.fromkeys(("mo", "mos", "month", "months"), "month"),
        **dict.fromkeys(("wk", "wks", "week", "weeks"), "week"),
        **dict.fromkeys(("d", "day", "days"), "day"),
    },
    "weight": {
        **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), "kg"),
        **dict.fromkeys(("g", "gram", "grams"), "g"),
        **dict.fromkeys(("lb", "lbs", "pound", "pounds"), "pound"),
        **dict.fromkeys(("oz", "ounce", "ounces"), "ounce"),
        **dict.fromkeys(("st", "stone", "stones"), "stone"),
    },
    "height": {
        **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), "cm"),
        **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), "m"),
        **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), "mm"),
        **dict.fromkeys(("ft", "feet", "foot", "'", "\u2032"), "foot"),
        **dict.fromkeys(("in", "inch", "inches", '"', "''", "\u2033"), "inch"),
    },
}
_OWN_UNIT = {"age": "year", "weight": "kg", "height": "cm"}

_SEX: Mapping[str, str] = {
    **dict.fromkeys(("female", "f", "woman", "women", "girl"), "female"),
    **dict.fromkeys(("male", "m", "man", "men", "boy"), "male"),
}
_RACE: Mapping[str, str] = {
    **dict.fromkeys(("white", "caucasian", "european"), "white"),
    **dict.fromkeys(("black", "african american", "black or african american", "african"), "black"),
    **dict.fromkeys(
        ("asian", "non japanese asian", "asian non japanese", "chinese", "han chinese", "korean"),
        "asian",
    ),
    **dict.fromkeys(("japanese", "asian japanese"), "japanese"),
    **dict.fromkeys(
        (
            "other",
            "mixed",
            "multiple",
            "native hawaiian",
            "pacific islander",
            "native hawaiian or other pacific islander",
            "american indian",
            "alaska native",
            "american indian or alaska native",
        ),
        "other",
    ),
}
SEXES = ("female", "male")
RACES = ("white", "black", "asian", "japanese", "other")
UNKNOWN = frozenset({"", ".", "na", "n/a", "nan", "none", "null", "unknown", "?"})

_PAIR = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s.+-][^\d.+-]*)?")


def number(key: str, value: object, where: str | None = None) -> float:
    """Read a number in the unit of its key; text may carry a unit.

    Parameters
    ----------
    key : {"age", "weight", "height"}
    value : int, float or str
        For example ``70``, ``"70 kg"``, ``"154 lb"``, ``"5 ft 7 in"``.
    where : str, optional
        Place for the message.

    Returns
    -------
    float
        In years, kilograms or centimetres.

    Raises
    ------
    InputError
        If it is no number, has a unit of another kind, or is outside :data:`LIMITS`.
    """
    low, high, unit, example = LIMITS[key]
    hint = f"give a number in {unit} or with a unit, such as {example}"
    if isinstance(value, str):
        result = _text_number(key, value, where, hint)
    elif isinstance(value, bool) or not hasattr(value, "__float__"):
        raise InputError(f"{key} is {_shown(value)}, which is not a number", where=where, hint=hint)
    else:
        try:
            result = float(value)
        except (OverflowError, TypeError, ValueError):
            result = math.inf
    if not math.isfinite(result):
        raise InputError(f"{key} is not a finite number", where=where, hint=hint)
    if not low <= result <= high:
        raise InputError(
            f"{key} {_shown(value)} is outside {low:g} to {high:g} {unit}", where=where, hint=hint
        )
    return result


def _text_number(key: str, text: str, where: str | None, hint: str) -> float:
    stripped = text.strip()
    bad = InputError(f"{key} {_shown(text)} is not understood", where=where, hint=hint)
    if len(stripped) > 40:
        raise bad
    total = 0.0
    position = 0
    pairs = list(_PAIR.finditer(stripped))
    for pair in pairs:
        if stripped[position : pair.start()].strip():
            raise bad
        position = pair.end()
        amount, word = float(pair[1]), (pair[2] or "").strip().casefold().rstrip(",;")
        name = _UNITS[key].get(word.strip()) if word else _OWN_UNIT[key]
        if name is None or (len(pairs) > 1 and (not word or amount < 0)):
            raise bad
        total += _in_own_unit(key, amount, name)
    if not pairs or stripped[position:].strip():
        raise bad
    return total


def _in_own_unit(key: str, amount: float, name: str) -> float:
    if name == _OWN_UNIT[key]:
        return amount
    from ketascope.units import convert

    return convert(amount, name, _OWN_UNIT[key])


def category(key: str, value: object, where: str | None = None) -> str:
    """Read a sex or a race in the project's words; synonyms are translated.

    Raises
    ------
    InputError
        If the word is not known; the message lists what is.
    """
    known, allowed = (_SEX, SEXES) if key == "sex" else (_RACE, RACES)
    if isinstance(value, str):
        word = " ".join(re.sub(r"[-_/(),]", " ", value.casefold()).split())
        if word in known:
            return known[word]
    choices = ", ".join(allowed[:-1]) + f" or {allowed[-1]}"
    raise InputError(
        f"{key} {_shown(value)} is not one that the published models know",
        where=where,
        hint=f"give {choices}, or leave it out",
    )


def is_unknown(value: object) -> bool:
    """True for None, an empty text, or a word that says that the value is not known."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in UNKNOWN)


def covariate(key: str, value: object, where: str | None = None) -> float | str | None:
    """Read one covariate; None if the value says that it is unknown."""
    if is_unknown(value):
        return None
    return number(key, value, where) if key in NUMBERS else category(key, value, where)


def check_size(
    age: float | None, weight: float | None, height: float | None, where: str | None = None
) -> None:
    """Refuse a weight and a height that no adult has together.

    Raises
    ------
    InputError
        If the body mass index of an adult (or of someone of unknown age) is outside 8 to 120.
    """
    if weight is None or height is None or (age is not None and age < ADULT_AGE):
        return
    bmi = weight / (height / 100.0) ** 2
    if not BMI_LIMITS[0] <= bmi <= BMI_LIMITS[1]:
        raise InputError(
            f"weight {weight:g} kg and height {height:g} cm give a body mass index of "
            f"{bmi:.3g} kg/m2, which is outside {BMI_LIMITS[0]:g} to {BMI_LIMITS[1]:g}",
            where=where,
            hint="check the units of both",
        )


_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("wt", "bw", "body weight", "bodyweight", "mass", "kg"), "weight"),
    **dict.fromkeys(("ht", "length", "stature", "cm", "body height"), "height"),
    **dict.fromkeys(("gender",), "sex"),
    **dict.fromkeys(("ethnicity", "ethnic group"), "race"),
    **dict.fromkeys(("years",), "age"),
    **dict.fromkeys(("note", "comment", "comments"), "notes"),
}


def nearest(word: str, allowed: tuple[str, ...]) -> str | None:
    """Return the allowed key that was most likely meant, or None."""
    plain = " ".join(re.sub(r"[-_]", " ", word.casefold()).split())
    for candidate in (plain, plain.split(" ")[0]):
        meant = candidate if candidate in allowed else _ALIASES.get(candidate)
        if meant in allowed:
            return meant
    close = difflib.get_close_matches(plain[:40], allowed, n=1, cutoff=0.6)
    return close[0] if close else None


def unknown_key(word: str, allowed: tuple[str, ...], where: str | None = None) -> InputError:
    """Build the error for a key that is not known, with the likely one as the hint."""
    meant = nearest(word, allowed)
    hint = f"perhaps '{meant}' is meant" if meant else f"the keys are {', '.join(allowed)}"
    return InputError(f"the key {_shown(word)} is not known", where=where, hint=hint)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer with more digits than Python prints
        text = "a number with too many digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
