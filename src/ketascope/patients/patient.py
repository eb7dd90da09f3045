"""One person, as far as the models and the dose need to know them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients import values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEYS = (*values.COVARIATES, "setting", "name", "notes")
_MAX_TEXT = 200
_MAX_NOTES = 50


@dataclass(frozen=True, slots=True)
class Patient:
    """One person; whatever is None is unknown.

    Parameters
    ----------
    age : float or None
        Years, 0 to 120.
    weight : float or None
        Actual body weight in kg, 0.5 to 400.
    height : float or None
        Centimetres, 30 to 250.
    sex : {"female", "male"} or None
    race : {"white", "black", "asian", "japanese", "other"} or None
        As the esketamine models divide people; ``asian`` means Asian and not Japanese.
    setting : str or None
        Where treatment is given, in the clinician's words.
    name : str or None
        A label for the person (no identity is needed).
    notes : tuple of str
        Free remarks; they change no number.

    Raises
    ------
    InputError
        If a value is not of its kind, is outside its limits, or if weight and height of an adult
        give a body mass index outside 8 to 120 kg/m2.

    See Also
    --------
    Patient.of : the same with units and synonyms, such as ``weight="154 lb"`` or ``sex="F"``.
    """

    age: float | None = None
    weight: float | None = None
    height: float | None = None
    sex: str | None = None
    race: str | None = None
    setting: str | None = None
    name: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key in values.NUMBERS:
            value = getattr(self, key)
            if value is not None:
                if isinstance(value, str):
                    raise InputError(
                        f"{key} is the text {value!r}", hint="text with units goes to Patient.of"
                    )
                object.__setattr__(self, key, values.number(key, value))
        for key, allowed in (("sex", values.SEXES), ("race", values.RACES)):
            value = getattr(self, key)
            if value is not None and value not in allowed:
                values.category(key, value)  # raises with the list, unless it is a synonym
                raise InputError(
                    f"{key} is {value!r}",
                    hint=f"give one of {', '.join(allowed)}, or use Patient.of",
                )
        for key in ("setting", "name"):
            object.__setattr__(self, key, _label(key, getattr(self, key)))
        object.__setattr__(self, "notes", _notes(self.notes))
        values.check_size(self.age, self.weight, self.height)

    @classmethod
    def default(cls) -> Patient:
        """Return the adult who stands in for what is unknown in a typical run.

        45 years is the median age and white women the largest group of the 820 people in Table 2
        of Perez-Ruixo 2021; 70 kg is the weight to which pharmacometric models are usually
        scaled; 170 cm is this project's choice (with 70 kg: 24.2 kg/m2).
        """
        return cls(age=45.0, weight=70.0, height=170.0, sex="female", race="white")

    @classmethod
    def of(
        cls,
        given: Mapping[str, object] | None = None,
        /,
        *,
        where: Callable[[str], str | None] | None = None,
        **keys: object,
    ) -> Patient:
        """Read a person from values that may be texts with units or synonyms.

        Parameters
        ----------
        given : mapping, optional
            Keys as the fields of :class:`Patient`; None and "unknown" leave a field unknown.
        where : callable, optional
            Gives the place of a key, for the message.
        **keys
            The same as keywords.

        Raises
        ------
        InputError
            For an unknown key (the nearest one is named) or a value that cannot be used.
        """
        place = where or (lambda key: None)
        read: dict[str, Any] = {}
        for key, value in {**(given or {}), **keys}.items():
            if key not in KEYS:
                raise values.unknown_key(key, KEYS, place(key))
            if key in values.COVARIATES:
                read[key] = values.covariate(key, value, place(key))
            elif key == "notes":
                read[key] = _notes(value, place(key))
            else:
                read[key] = _label(key, value, place(key))
        values.check_size(read.get("age"), read.get("weight"), read.get("height"), place("weight"))
        return cls(**read)

    def covariates(self) -> dict[str, float | str]:
        """Return the covariates that are known: age, weight, height, sex and race."""
        known = {key: getattr(self, key) for key in values.COVARIATES}
        return {key: value for key, value in known.items() if value is not None}

    def updated(self, changes: Mapping[str, object]) -> Patient:
        """Return the person with some fields replaced; values as in :meth:`of`."""
        fresh = Patient.of(changes)
        return replace(self, **{key: getattr(fresh, key) for key in changes})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that are known, ready for YAML or JSON."""
        pairs = {item.name: getattr(self, item.name) for item in fields(self)}
        known = {key: value for key, value in pairs.items() if value not in (None, ())}
        return {**known, "notes": list(self.notes)} if self.notes else known

    @property
    def bmi(self) -> float | None:
        """Body mass index in kg/m2, or None if weight or height is unknown."""
        if self.weight is None or self.height is None:
            return None
        return self.weight / (self.height / 100.0) ** 2


def _label(key: str, value: object, where: str | None = None) -> str | None:
    if values.is_unknown(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and key == "name":
        value = str(value) if abs(value) < 10**18 else value
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.strip().isprintable():
        raise InputError(
            f"{key} is not a short text",
            where=where,
            hint=f"give one line of at most {_MAX_TEXT} characters",
        )
    return value.strip()


def _notes(value: object, where: str | None = None) -> tuple[str, ...]:
    if value is None:
        return ()
    lines = (value,) if isinstance(value, str) else value
    if (
        not isinstance(lines, (list, tuple))
        or len(lines) > _MAX_NOTES
        or not all(isinstance(line, str) for line in lines)
    ):
        raise InputError(
            "notes are not texts", where=where, hint=f"give a list of at most {_MAX_NOTES} lines"
        )
    return tuple(lines)
